"""What a worker of pytest-xdist records: the controller gets it at the end of the worker.

Cassettes are in a temporary directory of the controller until then. What else the controller has to
know goes through memory, since it holds the secrets that the worker has learned.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Hashable, Iterable, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest

from ..cassette.model import CassetteUse
from ..tape.run import Run
from ..tape.uniting import endpoint_of
from .prediction import Prediction, fixtures_of, has_cassette
from .pytest_internals import worker_output
from .recorded_tests import Ended
from .recording_end import doubtful_values
from .resolution import command_id
from .scope import Scope
from .worker_task import KEY


class WorkerRecording:
    """Takes the place of `RecordingEnd` on a worker: gives all to the controller."""

    def __init__(
        self,
        config: pytest.Config,
        run: Run,
        prediction: Prediction,
        fixtures: Mapping[pytest.FixtureDef[Any], Scope],
    ) -> None:
        self._config = config
        self._run = run
        self._prediction = prediction
        self._fixtures = fixtures
        """The wider fixtures that were set up."""
        self._ended: list[dict[str, object]] = []
        self._late: list[tuple[str, str]] = []

    def note(self, ended: Ended, scope: Scope) -> None:
        """Note how a scope ended, and where its recording is."""
        staged = self._staged(ended)
        self._ended.append(
            ended._asdict()
            | {
                "use": _use_to_json(ended.use),
                "fixture": self._number_of(ended),
                "staged": str(staged) if staged else None,
                "periods": self._run.store.periods.get(ended.use.path, ()),
                "failed": scope.failed,
                "number": scope.number,
                "uses": sorted(self._used_by(scope, ended.use.nodeid)),
                "setup": _setup(scope),
                "adds": bool(scope.tape and scope.tape.mode.is_live_fixture),
            }
        )

    def _staged(self, ended: Ended) -> Path | None:
        """Where the recording is that a scope has made, also if it failed."""
        store, path = self._run.store, ended.use.path
        if ended.action == "kept" and store.failed:
            return store.failed.place_of(path)
        return store.staged(path) if ended.action == "written" else None

    def _used_by(self, scope: Scope, nodeid: str) -> Iterable[int]:
        """Yield the numbers of the wider fixtures whose values a test or a fixture may have.

        A test may also use those that no test names among its arguments.
        """
        names = self._tests_by_id.get(nodeid, ()) if scope.fixture is None else ()
        for fixture, used in self._fixtures.items():
            is_active = used.tape is not None and not used.has_ended
            is_used = fixture in names or fixture not in self._numbers
            if is_active and (is_used if scope.fixture is None else used.number < scope.number):
                yield used.number

    @cached_property
    def _tests_by_id(self) -> Mapping[str, Collection[Hashable]]:
        return {command_id(item): fixtures_of(item) for item in self._prediction.recorded}

    def report(self, use: CassetteUse, error: BaseException) -> None:
        """Note an error of a test that has ended, for the controller to report."""
        self._late.append((use.nodeid, str(error) or type(error).__name__))

    def save(self, _stopped_early: bool, /) -> None:
        """Give everything to the controller, which decides what is saved after an early stop."""
        output = worker_output(self._config)
        assert output is not None
        secrets = self._run.get_scrubber().vault.known if self._run.store.has_written else []
        live = self._run.live
        actions = {ended["action"] for ended in self._ended}
        described = {
            "has_recorded": bool(actions - {"replayed", "untouched"} or self._late),
            "ended": self._ended,
            "late": self._late,
            "notice": doubtful_values(self._run, live.doubtful) if live and live.doubtful else "",
            "confirmed": [
                (str(path), scope, moment.isoformat())
                for path, moments in self._run.store.confirmed.items()
                for scope, moment in moments.items()
            ],
            "tests": list(self._tests()),
            "secrets": secrets,
            "origin": self._run.bases.first_origin,
        }
        output[KEY] = json.dumps(described)  # also what execnet could not send, as surrogates

    # --- names that mean the same on each worker ---------------------------------------------

    def _number_of(self, ended: Ended) -> object:
        """The number of a fixture among all that the tests use; its cassette if a test requests it
        while it runs."""
        if ended.fixture is None:
            return None
        return self._numbers.get(ended.fixture, [str(ended.use.path)])

    @cached_property
    def _numbers(self) -> Mapping[Hashable, int]:
        found = (f for item in self._prediction.recorded for f in fixtures_of(item))
        return {fixture: number for number, fixture in enumerate(dict.fromkeys(found))}

    def _tests(self) -> Iterable[dict[str, object]]:
        numbers = self._numbers
        for item in self._prediction.recorded:
            yield {
                "id": command_id(item),
                "nodeid": item.nodeid,
                "fixtures": [numbers[fixture] for fixture in fixtures_of(item)],
                "has_cassette": has_cassette(item),
                "location": item.location,
            }


def _setup(scope: Scope) -> list[str]:
    """The endpoints to which a wider fixture sent requests in its set-up."""
    sent = scope.tape.requests_sent() if scope.tape and scope.sent_in_setup else []
    return [*map(endpoint_of, sent[: scope.sent_in_setup])]


def _use_to_json(use: CassetteUse) -> list[object]:
    return [use.scope, str(use.path), *use[2:]]
