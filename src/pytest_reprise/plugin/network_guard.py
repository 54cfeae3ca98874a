"""When HTTP clients may connect: what the second guard against live requests asks."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from ..adapters.connection_guard import Connection, ConnectionGuard, FindConnection
from ..errors import RequestNotRecorded
from ..messages import display_path

if TYPE_CHECKING:
    from ..tape.tape import Tape
    from .scope import Scope
    from .scope_stack import ScopeStack


class Refusal(NamedTuple):
    """Why no connection may be made now: `when` completes "while …", `advice` says what to do."""

    when: str
    advice: str
    reason: str = "in a replay nothing is sent"


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
_FOR_SETTINGS = Refusal(
    "the fixtures that give the settings of a recorded test were set up",
    "Make the request in another fixture: the cassette of this test is not known yet.",
    "it could not be recorded",
)
_OF_NO_SCOPE = Refusal(
    "a recorded test was replayed",
    "No recorded test or fixture started its thread or task. Start it in one; or, where it\n"
    "works for the running test as a server does, set reprise_background = test.",
)


class NetworkGuard:
    """Decides when HTTP clients may connect.

    With `--record-mode=none` on the command line, they may not from the first import to the end of
    the session; in other sessions, not while a recorded test is replayed. Threads of recorded tests
    may not after the session either: the patches of the clients are gone then.
    """

    def __init__(self, is_absolute: bool) -> None:
        self._is_absolute = is_absolute
        self._scopes: ScopeStack | None = None
        self._is_over = False
        self._guard = ConnectionGuard(self._check)

    def install(self) -> None:
        self._guard.install()

    def uninstall(self) -> None:
        """End the guard; for threads of recorded tests that still run, only with the process."""
        if self._scopes and self._scopes.has_threads():
            self._is_over = True
        else:
            self._guard.uninstall()

    def watch(self, scopes: ScopeStack) -> None:
        """Collection is over, and has found recorded tests."""
        self._scopes = scopes

    def _refusal(self) -> Refusal | None:
        scopes = self._scopes
        if scopes is None:
            return _AT_IMPORT
        if owner := scopes.owner:
            return _outlived(owner) if self._is_over else _refusal_of(owner)
        if self._is_over:
            return None
        if scopes.is_empty:
            return _BETWEEN_TESTS if self._is_absolute else None
        if scopes.test and scopes.test.tape is None:
            return _FOR_SETTINGS
        return _OF_NO_SCOPE if scopes.active and _replays(scopes.active.tape) else None

    def _check(self, find: FindConnection) -> None:
        __tracebackhide__ = True
        refusal = self._refusal()
        if refusal and (connection := find()):
            raise RequestNotRecorded(
                f"A request of {connection.client} to {connection.address} was refused: "
                f"{refusal.reason}.\n\n"
                f"  from      {_origin(connection)}\n"
                f"  while     {refusal.when}\n\n"
                f"{refusal.advice}"
            )


def _refusal_of(owner: Scope) -> Refusal | None:
    """Why the code of this scope may not connect."""
    if owner.tape is None and not owner.has_ended:
        return _FOR_SETTINGS
    if owner.has_ended:
        return _outlived(owner)
    return _IN_REPLAY if _replays(owner.tape) else None


def _outlived(owner: Scope) -> Refusal:
    """Why a thread or task may not connect after the end of what started it."""
    from ..tape.late import HOW_TO_END

    when = "its thread or task outlived what had started it"
    advice = f"It was started by {owner.name}.\n{HOW_TO_END}"
    return Refusal(when, advice, "what started its thread or task has ended")


def _replays(tape: Tape | None) -> bool:
    return tape is not None and not (tape.may_send or tape.excludes_requests)


def _origin(connection: Connection) -> str:
    if connection.path is None:
        return "a thread or task of a library"
    return f"{display_path(connection.path)}:{connection.line}, in {connection.function}"
