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
        self._dead: list[str] = []
        self._is_saved = False

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:
        """Let a worker record, if it is a process on this machine."""
        if node.gateway.spec.popen:
            node.workerinput[KEY] = (str(self._task.directory), self._task.key.hex())

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """Keep what a worker has sent, or note that it died."""
        name = str(node.gateway.id)
        if sent := getattr(node, "workeroutput", {}).pop(KEY, None):
            self._sent[name] = json.loads(sent)
        elif not hasattr(node, "workeroutput"):
            self._dead.append(name)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtestloop(self) -> Generator[None, object, object]:
        result = yield
        self._save(stopped_early=bool(self._dead))
        return result

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_sessionfinish(self) -> Generator[None, None, None]:
        try:
            yield
        finally:
            self._save(stopped_early=True)

    def _save(self, stopped_early: bool) -> None:
        """Save what the workers recorded, at the first call."""
        if self._is_saved:
            return
        self._is_saved = True
        if self._dead:
            mode = session_mode(self._config)
            add_notice(self._config, _DIED.format(", ".join(sorted(self._dead)), mode))
        if any(sent["has_recorded"] for sent in self._sent.values()):
            from .parallel_end import ParallelEnd

            workers = [self._sent[name] for name in sorted(self._sent, key=_position)]
            ParallelEnd(self._config, self._task, workers).save(stopped_early)


def _position(name: str) -> tuple[int, str]:
    """The position of a worker: gw2 is before gw10."""
    return len(name), name


_DIED = (
    "worker {} ended before its tests did: what it recorded was not saved. Record again: "
    "pytest --record-mode={}"
)
