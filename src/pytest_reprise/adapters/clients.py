"""All HTTP clients of the process: httpx always, others from when a recorded test can use them.

Other clients are served through vcrpy's patches, and vcrpy takes half a second to import. So its
import waits until one of the clients is imported, or until the first connection of `http.client`,
which is always available.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

from ..tape.tape import Tape
from . import http_client, respx_mocks
from .httpx_transport import serve
from .import_hook import ImportHook
from .supported import SUPPORTED_CLIENTS

if TYPE_CHECKING:
    from .vcrpy.patches import OtherClients


_WATCHED = tuple(client.watched for client in SUPPORTED_CLIENTS)


class Clients:
    """Patches clients while recorded tests run.

    `current_tape` returns the tape of the active scope. `in_process` also serves the transports of
    httpx that use no network.
    """

    def __init__(self, current_tape: Callable[[], Tape | None], in_process: bool) -> None:
        self._current_tape = current_tape
        self._in_process = in_process
        self._others: OtherClients | None = None
        self._undo_connections = http_client.serve(self._make_connection)
        self._imports = ImportHook((*_WATCHED, "vcr"), lambda: self._undo_httpx(), self._imported)
        self._undo_respx: Callable[[], None] | None = None
        self._patch_httpx()
        self._serve_respx()

    def _serve_respx(self) -> None:
        """Before respx starts to mock, which it does in a fixture or in a test."""
        if self._undo_respx is None and respx_mocks.is_imported():
            self._undo_respx = respx_mocks.serve()

    def _patch_httpx(self) -> None:
        self._undo_httpx = serve(self._current_tape, self._in_process)

    def enter(self) -> None:
        """A recorded test begins."""
        self._serve_respx()
        if self._others is None and not sys.modules.keys().isdisjoint(_WATCHED):
            self._import_others()
        if self._others:
            self._others.enter()
        else:
            self._imports.enter()

    def _imported(self) -> None:
        """A recorded test has imported another client, or vcrpy itself."""
        self._patch_httpx()
        self.enter()

    def _make_connection(self, kind: type, *args: Any, **kwargs: Any) -> object:
        """Make a connection of `http.client`; None for a real one."""
        if self._current_tape() is None:
            return None
        return self._import_others().connection(kind, *args, **kwargs)

    def _import_others(self) -> OtherClients:
        """Import vcrpy and its patches while httpx has its original methods, which vcrpy keeps."""
        if self._others is None:
            self._imports.leave()
            self._undo_httpx()
            try:
                from .vcrpy.patches import OtherClients
            finally:  # an error must not leave httpx unpatched: its requests would go out
                self._patch_httpx()
            self._others = OtherClients(self._current_tape)
            self._others.enter()
        return self._others

    def leave(self) -> None:
        """A test begins that is not recorded: remove the patches of other clients."""
        self._imports.leave()
        if self._others:
            self._others.leave()

    def stop(self) -> None:
        """Remove all patches. Every step runs, also after one of them has failed."""
        with ExitStack() as undo:
            undo.callback(self._undo_httpx)
            undo.callback(self._undo_connections)
            if self._undo_respx:
                undo.callback(self._undo_respx)
            undo.callback(self.leave)
