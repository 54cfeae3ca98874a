"""Blocks outside pytest: in scripts, notebooks and other runners.

Each block writes its cassette when it ends. There is no seed and no recorded clock: these belong to
tests.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from contextvars import ContextVar
from pathlib import Path

from .. import __version__
from ..adapters.clients import Clients
from ..adapters.httpx_transport import recorded_with
from ..adapters.inheritance import Inheritance
from ..cassette.model import CassetteUse
from ..determinism.base_url import BaseUrls
from ..tape.modes import MODES
from ..tape.permission import refuse_placeholders
from ..tape.project_scrubber import scrubber_of
from ..tape.run import Run
from ..tape.settings import Settings, resolve
from ..tape.store import CassetteStore
from ..tape.tape import Tape
from .laws import check_end
from .paths import overrides_of, path_of

_MODE = "once"
"""The record mode where none is given, as in vcrpy: there is no command line to ask for another."""

_current: ContextVar[_Block | None] = ContextVar("reprise_block", default=None)


class _Block:
    """A block, its tape, and the block around it."""

    def __init__(self, host: Standalone, tape: Tape, settings: Settings) -> None:
        self._host = host
        self._settings = settings
        self._outer = _current.get()
        self.tape = tape
        _current.set(self)

    def is_current(self) -> bool:
        return _current.get() is self

    def end(self, error: BaseException | None) -> None:
        _current.set(self._outer)
        try:
            if error is None:
                check_end(self.tape, self._settings)
            self.tape.close(keep_old=error is not None)
        finally:
            self.tape.end()
            self._host.leave()


class Standalone:
    """Patches the clients while at least one block is open, in any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._open = 0
        self._clients: Clients | None = None
        self._inheritance = Inheritance(_current, None)

    def begin(self, path: Path, options: Mapping[str, object]) -> _Block:
        """Begin a block; relative paths are relative to the working directory."""
        settings = resolve({}, options, {}, {"record_mode": _MODE}, code_name="use_cassette")
        root = Path.cwd()
        place = path_of(path, settings, root)
        run = Run(
            CassetteStore(),
            scrubber_of(root),
            BaseUrls(lambda: None, hides=False),
            f"pytest-reprise {__version__}, {recorded_with()}",
            refuse_placeholders,
        )
        use = CassetteUse("", place, settings.record_mode, "", is_of_block=True)
        overrides = overrides_of(settings, place.parent).with_settings(settings)
        tape = Tape(use, MODES[settings.record_mode], run, overrides)
        tape.owner = f"use_cassette({str(path)!r})"
        tape.pace = settings.pace
        self._enter()
        return _Block(self, tape, settings)

    def _enter(self) -> None:
        with self._lock:
            self._open += 1
            if self._clients is None:
                self._clients = Clients(_current_tape, in_process=False)
                self._inheritance.install()
            self._clients.enter()
            self._inheritance.patch_imported()

    def leave(self) -> None:
        """A block has ended."""
        with self._lock:
            self._open -= 1
            if self._clients and not self._open:
                self._clients.stop()
                self._inheritance.uninstall()
                self._clients = None


def _current_tape() -> Tape | None:
    block = _current.get()
    return block.tape if block else None


HOST = Standalone()
"""The one of the process."""
