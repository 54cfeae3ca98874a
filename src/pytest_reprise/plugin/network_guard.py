"""When HTTP clients may connect: what the second guard against live requests asks."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from ..adapters.connection_guard import Connection, ConnectionGuard
from ..errors import RequestNotRecorded
from ..messages import display_path

if TYPE_CHECKING:
    from .scope_stack import ScopeStack


class Refusal(NamedTuple):
    """Why no connection may be made now: `when` completes "while …", `advice` says what to do."""

    when: str
    advice: str


_AT_IMPORT = Refusal(
    "test modules were imported", "Make the request in a fixture, so that it can be recorded."
)
_BETWEEN_TESTS = Refusal(
    "no recorded test was running",
    "A thread or task may have outlived the test that started it: end it in that test or fixture.",
)
_IN_REPLAY = Refusal(
    "a recorded test was replayed",
    "The plugin did not see this request. A transport of your own has to call the original one.",
)


class NetworkGuard:
    """Decides when HTTP clients may connect.

    With `--record-mode=none` on the command line, they may not from the first import to the end of
    the session; in other sessions, not while a recorded test is replayed.
    """

    def __init__(self, is_absolute: bool) -> None:
        self._is_absolute = is_absolute
        self._scopes: ScopeStack | None = None
        self._guard = ConnectionGuard(lambda: self._refusal() is not None, self._check)

    def install(self) -> None:
        self._guard.install()

    def uninstall(self) -> None:
        self._guard.uninstall()

    def watch(self, scopes: ScopeStack) -> None:
        """Collection is over, and has found recorded tests."""
        self._scopes = scopes

    def _refusal(self) -> Refusal | None:
        scopes = self._scopes
        if scopes is None:
            return _AT_IMPORT
        if scopes.is_empty:
            return _BETWEEN_TESTS if self._is_absolute else None
        tape = scopes.current_tape()
        if tape is None or tape.may_send or tape.excludes_requests:
            return None
        return _IN_REPLAY

    def _check(self, connection: Connection) -> None:
        __tracebackhide__ = True
        if refusal := self._refusal():
            raise RequestNotRecorded(
                f"A request of {connection.client} to {connection.address} was refused: in a "
                f"replay nothing is sent.\n\n"
                f"  from      {_origin(connection)}\n"
                f"  while     {refusal.when}\n\n"
                f"{refusal.advice}"
            )


def _origin(connection: Connection) -> str:
    if connection.path is None:
        return "a thread or task of a library"
    return f"{display_path(connection.path)}:{connection.line}, in {connection.function}"
