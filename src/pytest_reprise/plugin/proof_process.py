"""The process of a proof: it replays some tests from staged cassettes, and notes what they did."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Generator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from ..determinism.clock import Clock
from .pytest_internals import crash_message
from .selection import PROOF_TASK, STAGED
from .summary import TALLY

_STARTS = frozenset(("subprocess.Popen", "os.posix_spawn", "os.exec", "os.system"))
"""Events of Python's audit hooks when a process is started."""


class Result(NamedTuple):
    """What one test did."""

    failed: bool
    error: str = ""
    """The first line of its failure."""
    phase: str = ""
    """That of its failure: setup, call or teardown."""
    text: str = ""
    """The whole failure."""
    read: Sequence[str] = ()
    """The watched environment variables that it asked for, and that are not set."""
    processes: Sequence[str] = ()
    """The programs that it started."""


def start(config: pytest.Config) -> None:
    """Begin the proof, before any module of the suite is imported."""
    task = json.loads(Path(os.environ.pop(PROOF_TASK)).read_text(encoding="utf-8"))
    config.stash[STAGED] = task["staged"]
    proof = _Proof(task)
    config.pluginmanager.register(proof, "reprise-proof")
    if task["ahead"]:
        clock = Clock(time.time() + task["ahead"])
        clock.enter()
        config.add_cleanup(clock.leave)


class _Proof:
    def __init__(self, task: dict[str, Any]) -> None:
        self._tests = frozenset(task["tests"])
        self._results_path = Path(task["results"])
        self._results: dict[str, Result] = {}
        self._read: list[str] = []
        self._processes: list[str] = []
        self._watched = frozenset(task["watched"])
        self._watch()

    def _watch(self) -> None:
        read, watched = self._read, self._watched

        class Environment(type(os.environ)):  # type: ignore[misc]
            def __getitem__(self, name: str) -> str:
                if name in watched and name not in read:
                    read.append(name)
                return str(super().__getitem__(name))

        os.environ.__class__ = Environment
        sys.addaudithook(self._note_process)

    def _note_process(self, event: str, arguments: tuple[object, ...]) -> None:
        if event in _STARTS:
            self._processes.append(Path(str(arguments[0])).name)

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(
        self, config: pytest.Config, items: list[pytest.Item]
    ) -> None:
        left_out = [item for item in items if item.nodeid not in self._tests]
        items[:] = [item for item in items if item.nodeid in self._tests]
        config.hook.pytest_deselected(items=left_out)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, object, object]:
        self._processes.clear()
        self._results[item.nodeid] = Result(failed=False)
        try:
            return (yield)
        finally:
            found = self._results[item.nodeid]
            self._results[item.nodeid] = found._replace(
                read=list(self._read), processes=list(self._processes)
            )
            self._write([])

    @pytest.hookimpl(trylast=True)  # when the fixtures have ended
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        tally = session.config.stash.get(TALLY, None)
        self._write(tally.missed if tally else [])

    def _write(self, missed: Sequence[str]) -> None:
        found = {"results": self._results, "missed": missed}
        self._results_path.write_text(json.dumps(found), encoding="utf-8")

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        found = self._results.get(report.nodeid)
        if report.failed and found and not found.failed:
            error = crash_message(report).strip().partition("\n")[0]
            self._results[report.nodeid] = Result(True, error, report.when, report.longreprtext)
