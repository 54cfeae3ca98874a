"""Serve requests, aiohttp and the like from the first recorded test on that could use them."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

from ..tape import Tape
from ..transport import serve

if TYPE_CHECKING:
    from ..vcrpy_bridge.clients import OtherClients

_MODULES = ("requests", "urllib3", "aiohttp", "httplib2", "tornado.httpclient", "botocore")
"""vcrpy, whose patches serve them, is imported where one of these is."""


class Clients:
    """All HTTP clients of the process: httpx always, others while recorded tests run."""

    def __init__(self, current_tape: Callable[[], Tape | None], in_process: bool) -> None:
        self._current_tape = current_tape
        self._in_process = in_process
        self._undo = serve(current_tape, in_process)
        self._others: OtherClients | None = None

    def enter(self) -> None:
        """A recorded test begins."""
        if self._others is None and any(name in sys.modules for name in _MODULES):
            self._others = self._import_others()
        if self._others:
            self._others.enter()

    def _import_others(self) -> OtherClients:
        """vcrpy notes what httpx does as it is imported, which must not be what we make of it."""
        self._undo()
        from ..vcrpy_bridge.clients import OtherClients

        self._undo = serve(self._current_tape, self._in_process)
        return OtherClients(self._current_tape)

    def leave(self) -> None:
        """A test comes that is not recorded: its requests are none of ours."""
        if self._others:
            self._others.leave()

    def stop(self) -> None:
        self.leave()
        self._undo()
