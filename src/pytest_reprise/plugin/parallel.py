"""Recording on several workers of pytest-xdist: what the controller does.

Each worker sets up its own wider fixtures and keeps what it records in a directory of the
controller. When all workers have ended, the controller makes one recording of it, and saves it as a
run in one process does.
"""

from __future__ import annotations

import json
import secrets
import shutil
import tempfile
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

from .options import session_mode
from .summary import add_notice
from .worker_task import KEY, Task


class ParallelRecording:
    """Registered in the controller of a run that may record."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._task = Task(Path(tempfile.mkdtemp(prefix="reprise-")), secrets.token_bytes(32), "")
        config.add_cleanup(lambda: shutil.rmtree(self._task.directory, ignore_errors=True))
        self._sent: dict[str, dict[str, Any]] = {}
        """What each worker has sent at its end."""
        self._running: set[str] = set()
        """The workers that may record and have not ended in order."""
        self._is_saved = False

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:
        """Let a worker record, if it is a process on this machine."""
        if node.gateway.spec.popen:
            self._running.add(str(node.gateway.id))
            node.workerinput[KEY] = (str(self._task.directory), self._task.key.hex())

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """Keep what a worker has sent. One that died has sent nothing."""
        output = getattr(node, "workeroutput", None)
        if output is None:
            return
        name = str(node.gateway.id)
        self._running.discard(name)
        if sent := output.pop(KEY, None):
            self._sent[name] = json.loads(sent)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtestloop(self) -> Generator[None, object, object]:
        result = yield
        self._save(stopped_early=bool(self._running))
        return result

    @pytest.hookimpl(wrapper=True, trylast=True)
    def pytest_sessionfinish(self) -> Generator[None, None, None]:
        """After an interruption; before the summary is printed."""
        try:
            yield
        finally:
            self._save(stopped_early=True)

    def _save(self, stopped_early: bool) -> None:
        """Save what the workers recorded, at the first call."""
        if self._is_saved:
            return
        self._is_saved = True
        if self._running:
            names = ", ".join(sorted(self._running, key=_position))
            add_notice(self._config, _LOST.format(names, session_mode(self._config)))
        if any(sent["has_recorded"] for sent in self._sent.values()):
            from .parallel_end import ParallelEnd

            workers = [self._sent[name] for name in sorted(self._sent, key=_position)]
            ParallelEnd(self._config, self._task, workers).save(stopped_early)


def _position(name: str) -> tuple[int, str]:
    """The position of a worker: gw2 is before gw10."""
    return len(name), name


_LOST = (
    "recordings of {} were not saved, since these workers were stopped or died. Record again: "
    "pytest --record-mode={}"
)
