"""Serve requests, aiohttp and the like from the moment on that a recorded test could use them.

vcrpy, whose patches serve them, takes half a second to import. So it waits until one of the clients
is imported, or somebody makes a connection of http.client, which is always there.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ..tape.tape import Tape
from . import http_client
from .httpx_transport import serve
from .import_hook import LateImports

if TYPE_CHECKING:
    from .vcrpy.patches import OtherClients

_MODULES = ("requests", "urllib3", "aiohttp", "httplib2", "tornado.httpclient", "botocore")


class Clients:
    """All HTTP clients of the process: httpx always, others while recorded tests run."""

    def __init__(self, current_tape: Callable[[], Tape | None], in_process: bool) -> None:
        self._current_tape = current_tape
        self._in_process = in_process
        self._others: OtherClients | None = None
        self._undo_connections = http_client.serve(self._connection)
        self._late = LateImports((*_MODULES, "vcr"), lambda: self._undo(), self._imported)
        self._serve_httpx()

    def _serve_httpx(self) -> None:
        self._undo = serve(self._current_tape, self._in_process)

    def enter(self) -> None:
        """A recorded test begins."""
        if self._others is None and not sys.modules.keys().isdisjoint(_MODULES):
            self._import_others()
        if self._others:
            self._others.enter()
        else:
            self._late.enter()

    def _imported(self) -> None:
        """A recorded test has imported another client, or vcrpy itself."""
        self._serve_httpx()
        self.enter()

    def _connection(self, kind: type, *args: Any, **kwargs: Any) -> object:
        """A connection of http.client; None is for a real one."""
        if self._current_tape() is None:
            return None
        return self._import_others().connection(kind, *args, **kwargs)

    def _import_others(self) -> OtherClients:
        """vcrpy notes what httpx does as it is imported, which must not be what we make of it."""
        if self._others is None:
            self._late.leave()
            self._undo()
            from .vcrpy.patches import OtherClients

            self._serve_httpx()
            self._others = OtherClients(self._current_tape)
            self._others.enter()
        return self._others

    def leave(self) -> None:
        """A test comes that is not recorded: its requests are none of ours."""
        self._late.leave()
        if self._others:
            self._others.leave()

    def stop(self) -> None:
        self.leave()
        self._undo_connections()
        self._undo()
