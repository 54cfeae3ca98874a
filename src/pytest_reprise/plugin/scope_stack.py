"""Which scope is active: the running test, or a wider fixture that is set up or torn down for it.

A request belongs to the scope that is active when it is made, whichever scope made the client. The
stack is one for the process, since all threads and event loops of a test have to see it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from ..tape.tape import Tape
from .scope import Scope


class ScopeStack:
    """The active scope is on top. None stands for a test or fixture that is not recorded."""

    def __init__(self) -> None:
        self._stack: list[Scope | None] = []
        self.fixtures: dict[str, Scope] = {}
        """The scope of each wider fixture that was set up, by the name of the fixture."""

    @property
    def active(self) -> Scope | None:
        """The active scope; None where there is none, or it is not recorded."""
        return self._stack[-1] if self._stack else None

    @property
    def test(self) -> Scope | None:
        """The scope of the running test, under those of its fixtures."""
        return self._stack[0] if self._stack else None

    @property
    def is_empty(self) -> bool:
        """Whether no test or fixture is running, recorded or not."""
        return not self._stack

    def current_tape(self) -> Tape | None:
        """The tape of the active scope."""
        scope = self.active
        return scope.tape if scope else None

    def open_tapes(self) -> Iterator[Tape]:
        """The tapes of all active scopes and of all wider fixtures, each once."""
        scopes = dict.fromkeys((*self._stack, *self.fixtures.values()))
        yield from (scope.tape for scope in scopes if scope and scope.tape)

    def push(self, scope: Scope | None) -> None:
        """Make a scope the active one."""
        if outer := self.active:
            outer.leave()
        self._stack.append(scope)
        if scope:
            scope.enter()

    def pop(self, ended: Scope | None = None) -> None:
        """Remove the active scope. The one below becomes active. `ended` is never entered again."""
        if scope := self._stack.pop():
            scope.leave(for_good=scope is ended)
        if outer := self.active:
            outer.enter()

    def remove(self, scope: Scope | None) -> None:
        """Pop a scope if it is the active one."""
        if self._stack and self._stack[-1] is scope:
            self.pop()

    def clear(self, ended: Scope | None) -> None:
        """Pop all scopes."""
        while self._stack:
            self.pop(ended=ended)

    @contextmanager
    def not_recorded(self) -> Iterator[None]:
        """Requests that are made in the block belong to no scope."""
        self._stack.append(None)
        try:
            yield
        finally:
            self._stack.pop()
