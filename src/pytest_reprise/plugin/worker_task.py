"""What a worker of pytest-xdist gets from the controller in order to record."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest

from ..tape.modes import MODES
from .options import session_mode
from .pytest_internals import worker_input

if TYPE_CHECKING:
    from ..scrub.scrubber import Scrubber
    from ..tape.run import Run
    from ..tape.scratch import WorkerScratch
    from .prediction import Prediction
    from .scope_stack import ScopeStack
    from .worker_recording import WorkerRecording

KEY = "reprise_recording"
"""The name under which controller and worker send each other what belongs to a recording."""


class Task(NamedTuple):
    """What the controller gives to a worker that may record."""

    directory: Path
    """The directory that all workers share."""
    key: bytes
    """The key of their placeholders."""
    worker: str
    """The name of the worker."""

    @classmethod
    def of(cls, config: pytest.Config) -> Task | None:
        """Return the task of this process; None if it is no worker that may record."""
        found = worker_input(config)
        if KEY not in found or not MODES[session_mode(config)].may_record:
            return None
        directory, key = found[KEY]
        return cls(Path(directory), bytes.fromhex(key), found["workerid"])

    def make_staging(self) -> WorkerScratch:
        """Return where this worker keeps its cassettes."""
        from ..tape.scratch import WorkerScratch

        return WorkerScratch(self.directory / self.worker)

    def make_aside(self) -> WorkerScratch:
        """Return where this worker keeps what failed tests recorded."""
        from ..tape.scratch import WorkerScratch

        return WorkerScratch(self.directory / f"{self.worker}-failed")

    def make_end(
        self, config: pytest.Config, run: Run, prediction: Prediction, scopes: ScopeStack
    ) -> WorkerRecording:
        """Return what gives the recordings of this worker to the controller."""
        from .worker_recording import WorkerRecording

        return WorkerRecording(config, run, prediction, scopes.fixtures)

    def sharing(self, make: Callable[[], Scrubber]) -> Callable[[], Scrubber]:
        """Return a function that makes a scrubber with the placeholders of all workers."""

        def make_sharing() -> Scrubber:
            from .shared_placeholders import SharedPlaceholders

            scrubber = make()
            scrubber.vault.agree = SharedPlaceholders(self.directory, self.key).agree
            return scrubber

        return make_sharing
