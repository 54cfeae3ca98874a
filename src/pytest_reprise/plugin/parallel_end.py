"""The end of a recording on several workers: one recording is made of what they sent."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from ..cassette.file import load
from ..cassette.model import CassetteUse
from ..determinism.base_url import BaseUrls
from ..report.tally import Tally
from ..tape.project_scrubber import scrubber_of
from ..tape.run import Run
from ..tape.uniting import UNPAIRED, Fixture, Owner, Recorded, Uncorrelated, Version, Worker, loaded
from .options import session_mode
from .pytest_internals import report_teardown
from .recorded_tests import Ended, RecordedTest
from .recording_end import RecordingEnd, doubtful_values
from .store_of_session import make_store
from .summary import TALLY, add_notice
from .worker_task import Task

Sent = Mapping[str, Any]
"""What a worker has sent, as `WorkerRecording` describes it."""


class ParallelEnd:
    """Puts the recordings of all workers together, and saves them."""

    def __init__(self, config: pytest.Config, task: Task, workers: Sequence[Sent]) -> None:
        self._config = config
        self._workers = workers
        self._tally = config.stash.setdefault(TALLY, Tally())
        origin = next((sent["origin"] for sent in workers if sent["origin"]), None)
        self._run = Run(
            make_store(config),
            task.sharing(scrubber_of(config.rootpath)),
            BaseUrls(lambda: None, hides=False, first_origin=origin),
            "",
            lambda _: None,
        )
        self._end = RecordingEnd(config, self._run, self._tally, self._tests)
        self._fixtures: dict[Owner, Fixture] = {}
        self._written: set[Owner] = set()
        self._refused: dict[str, list[Ended]] = {}
        """Tests that could not be written in the values of the first worker, by the reason."""

    @property
    def _mode(self) -> str:
        return session_mode(self._config)

    def save(self, stopped_early: bool) -> None:
        """Save what was recorded. Each cassette that cannot be saved fails its test."""
        self._learn_secrets()
        united = [self._add_fixtures(sent["ended"]) for sent in self._workers]
        for worker, sent in zip(united, self._workers, strict=True):
            self._add_tests(worker, sent["ended"])
            self._set_aside(worker, sent["ended"])
        self._write_fixtures()
        self._note_all()
        self._tell_failed_fixtures()
        remedy = f"Record it in one process: pytest -n 0 --record-mode={self._mode}"
        doubtful = {name: place for worker in united for name, place in worker.doubtful.items()}
        if doubtful:
            add_notice(self._config, doubtful_values(self._run, doubtful, remedy))
        for sent in self._workers:
            for nodeid, text in sent["late"]:
                self._end.report(CassetteUse("", Path(), self._mode, nodeid), Exception(text))
            for path, scope, moment in sent["confirmed"]:
                self._run.store.confirm(Path(path), scope, datetime.fromisoformat(moment))
            if sent["notice"]:
                add_notice(self._config, sent["notice"])
        self._report_refused()
        self._end.save(stopped_early)

    def _learn_secrets(self) -> None:
        """Learn what any worker knows as a secret: it is removed from the cassettes of all."""
        found = [(kind, value) for sent in self._workers for kind, value in sent["secrets"]]
        if found:
            vault = self._run.get_scrubber().vault
            for kind, value in found:
                vault.learn(kind, value)

    # --- fixtures ---------------------------------------------------------------------------

    def _add_fixtures(self, ended: Sequence[Sent]) -> Worker:
        worker = Worker(self._fixtures)
        fixtures = [sent for sent in ended if sent["fixture"] is not None]
        for sent in sorted(fixtures, key=lambda sent: sent["number"]):
            use = _use(sent)
            if sent["action"] in ("kept", "dropped"):
                worker.failed(sent["number"], (use.path, use.scope), _name(sent))
            elif recorded := self._recorded(sent):
                worker.add(recorded)
        return worker

    def _recorded(self, sent: Sent) -> Recorded | None:
        """What a scope has recorded; None if it recorded nothing."""
        use = _use(sent)
        if sent["action"] not in ("written", "unchanged"):
            return None
        if sent["staged"]:
            self._written.add((use.path, use.scope))
        return self._version(sent)

    def _version(self, sent: Sent) -> Recorded | None:
        """What a scope has recorded, in the cassette that it has staged if there is one."""
        use = _use(sent)
        staged = sent["staged"]
        cassette = load(Path(staged)) if staged else self._run.store.load(use.path)
        if cassette is None or cassette.header is None:
            return None
        header, interactions = loaded(cassette, use.scope)
        return Recorded(
            (use.path, use.scope),
            _name(sent),
            header,
            interactions,
            sent["number"],
            sent["uses"],
            frozenset(sent["setup"]),
            sent["adds"],
        )

    def _write_fixtures(self) -> None:
        for (path, _), fixture in self._fixtures.items():
            before = self._run.store.load(path)
            if before is None or before.interactions != fixture.interactions:
                header = fixture.header
                self._run.store.write(path, header, fixture.interactions, even_if_equal=True)

    def _tell_failed_fixtures(self) -> None:
        """Tell which fixtures may fail because another worker has set them up, too."""
        failed = {
            _name(sent)
            for worker in self._workers
            for sent in worker["ended"]
            if sent["failed"] and (_use(sent).path, _use(sent).scope) in self._fixtures
        }
        for name in sorted(failed):
            add_notice(self._config, _FAILED.format(name, self._mode))

    # --- tests ------------------------------------------------------------------------------

    def _add_tests(self, worker: Worker, ended: Sequence[Sent]) -> None:
        """Write what the tests of a worker recorded, in the values of the first worker."""
        tests: list[tuple[Recorded, Version]] = []
        for sent in ended:
            recorded = self._recorded(sent) if sent["fixture"] is None else None
            if recorded is None or sent["action"] != "written":
                continue
            try:
                tests.append((recorded, worker.translated(recorded)))
            except Uncorrelated as error:
                self._refuse(str(error), sent)
        unfit = worker.that_do_not_fit(tests)
        by_place = {(_use(sent).path, _use(sent).scope): sent for sent in ended}
        for recorded, (header, interactions) in tests:
            if recorded.owner in unfit:
                self._refuse(UNPAIRED, by_place[recorded.owner])
            else:
                path = recorded.owner[0]
                self._run.store.write(path, header, interactions, even_if_equal=True)
                self._run.store.note_periods(path, by_place[recorded.owner]["periods"])

    def _set_aside(self, worker: Worker, ended: Sequence[Sent]) -> None:
        """Keep what failed tests and fixtures recorded, to be compared."""
        for sent in ended:
            if sent["action"] != "kept" or not sent["staged"]:
                continue
            failed = self._version(sent)
            if failed is None or failed.owner in self._fixtures:
                continue
            with suppress(Uncorrelated):  # it is not compared then
                self._run.store.set_aside(failed.owner[0], *worker.translated(failed))
                self._run.store.note_periods(failed.owner[0], sent["periods"])

    def _refuse(self, reason: str, sent: Sent) -> None:
        self._refused.setdefault(reason, []).append(_ended(sent))

    def _report_refused(self) -> None:
        """Fail once for all tests that cannot be recorded on several workers for one reason."""
        for reason, tests in self._refused.items():
            names = "\n".join(f"  {ended.name}" for ended in tests)
            error = _REFUSED.format(reason, names, self._mode)
            self._end.report(tests[0].use, Exception(error))
            for ended in tests:
                self._tally.was_not_saved(ended.use.path, ended.name, reason, self._is_new(ended))

    def _is_new(self, ended: Ended) -> bool:
        return self._run.store.load(ended.use.path) is None

    # --- what ended -------------------------------------------------------------------------

    def _note_all(self) -> None:
        refused = {ended.use for tests in self._refused.values() for ended in tests}
        noted: set[Owner] = set()
        for sent in _best_first(s for worker in self._workers for s in worker["ended"]):
            ended = _ended(sent)
            place = ended.use.path, ended.use.scope
            if place in noted:
                continue
            noted.add(place)
            if ended.use in refused:
                ended = ended._replace(action="dropped" if self._is_new(ended) else "kept")
            elif ended.action == "written" and not self._run.store.has_staged(ended.use.path):
                ended = ended._replace(action="unchanged")
            self._end.note(ended)

    def _tests(self) -> list[RecordedTest]:
        return [
            RecordedTest(
                test["id"],
                test["nodeid"],
                frozenset(test["fixtures"]),
                functools.partial(bool, test["has_cassette"]),
                functools.partial(self._report, test["nodeid"], test["location"]),
            )
            for test in self._workers[0]["tests"]
        ]

    def _report(self, nodeid: str, location: Sequence[Any], text: str) -> None:
        file, line, domain = location
        report_teardown(self._config.hook, nodeid, (file, line, domain), (), text)


def _best_first(ended: Iterable[Sent]) -> Iterator[Sent]:
    """Yield first what was recorded: a fixture may fail on one worker and pass on another."""
    found = list(ended)
    order = ("written", "unchanged", "replayed")
    yield from sorted(found, key=lambda s: order.index(s["action"]) if s["action"] in order else 3)


def _use(sent: Sent) -> CassetteUse:
    scope, path, *others = sent["use"]
    return CassetteUse(scope, Path(path), *others)


def _ended(sent: Sent) -> Ended:
    fixture = sent["fixture"]
    values = {name: sent[name] for name in Ended._fields}
    known = tuple(fixture) if isinstance(fixture, list) else fixture
    return Ended(**values | {"use": _use(sent), "fixture": known})


def _name(sent: Sent) -> str:
    return f"the fixture {sent['fixture_name']}" if sent["fixture_name"] else str(sent["name"])


_FAILED = (
    "{} failed on one worker and passed on another. If only one process at a time may set it up, "
    "record in one process: pytest -n 0 --record-mode={}"
)
_REFUSED = """\
This cannot be recorded on several workers: {}.

The cassettes of these tests stay as they were:
{}

Record them in one process:
  pytest -n 0 --record-mode={}"""
