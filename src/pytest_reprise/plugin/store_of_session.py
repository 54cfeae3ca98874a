"""The store of a session: where its cassettes are staged, and how legacy ones are read."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ..tape.store import CassetteStore
from .options import session_mode
from .pytest_internals import is_worker
from .selection import STAGED
from .strict import as_migrated

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..cassette.staging import Staging
    from ..scrub.scrubber import Scrubber
    from ..tape.scratch import Scratch
    from .worker_task import Task


def task_of_worker(config: pytest.Config) -> Task | None:
    """Return what a worker of pytest-xdist needs in order to record; None if it may not, and in any
    other process. A replay imports nothing of this."""
    if not is_worker(config):
        return None
    from .worker_task import Task

    return Task.of(config)


def sharing(make: Callable[[], Scrubber], task: Task | None) -> Callable[[], Scrubber]:
    """Return a function that makes the scrubber, with the placeholders of all workers that record
    together."""
    return task.sharing(make) if task else make


def make_store(config: pytest.Config, task: Task | None = None) -> CassetteStore:
    """Return the store that the options ask for; `task` is that of a worker that may record."""
    is_dry, is_pending = map(config.getoption, ("--reprise-drift", "--reprise-pending"))

    def make_staging() -> Staging | Scratch:
        if task:
            return task.make_staging()
        if is_dry:
            from ..tape.scratch import Scratch

            return Scratch()
        from ..cassette.staging import Staging

        command = f"pytest --record-mode={session_mode(config)}"
        return Staging(config.rootpath, command, is_pending)

    return CassetteStore(
        None if is_worker(config) and not task else make_staging,
        as_migrated if config.getoption("--reprise-strict") else None,
        config.stash.get(STAGED, ""),
        is_dry,
        is_pending,
        task.make_aside if task else None,
    )
