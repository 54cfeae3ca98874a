"""When HTTP clients may connect: what the second guard against live requests asks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..adapters.connection_guard import ConnectionGuard, Refusal

if TYPE_CHECKING:
    from .scope_stack import ScopeStack

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
    """With `--record-mode=none` on the command line it guards from the first import to the end of
    the session, in other sessions while a recorded test is replayed."""

    def __init__(self, is_absolute: bool) -> None:
        self._is_absolute = is_absolute
        self._scopes: ScopeStack | None = None
        self._guard = ConnectionGuard(self._refusal)

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
