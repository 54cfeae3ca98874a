"""Which scope is active, and which scope the running code belongs to.

The active scope is the running test, or a wider fixture that is set up or torn down for it. The
test's own thread belongs to the active scope, whichever scope made the client that it uses. A
thread, a job of a pool and a task belong to the scope in which they were started, also while
another scope is active.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from enum import Enum
from typing import Any, Final, Literal, TypeAlias

import pytest

from ..adapters.inheritance import Inheritance
from ..tape.tape import Tape
from .scope import Scope

Background: TypeAlias = Literal["fixture", "test"]
"""Which scope the threads and tasks of a wider fixture belong to while a test runs."""


class _Special(Enum):
    UNKNOWN = 0
    """A thread that `threading.Thread` did not start."""
    NOT_RECORDED = 1


_UNKNOWN: Final = _Special.UNKNOWN
_owner: ContextVar[Scope | _Special | None] = ContextVar("reprise_scope")
"""The scope that the running code belongs to; None for a test, a fixture or code of pytest that is
not recorded."""


class ScopeStack:
    """The active scope is on top. None stands for a test or fixture that is not recorded.

    The stack is one for the process.
    """

    def __init__(self, background: Background = "fixture") -> None:
        self._stack: list[Scope | None] = []
        self._background = background
        self.active: Scope | None = None
        """The active scope; None where there is none, or it is not recorded."""
        self.fixtures: dict[pytest.FixtureDef[Any], Scope] = {}
        """The scope of each wider fixture that was set up. Several may have the same name."""
        self.inheritance: Inheritance[Scope | _Special | None] = Inheritance(_owner, None)

    @property
    def test(self) -> Scope | None:
        """The scope of the running test, under those of its fixtures."""
        return self._stack[0] if self._stack else None

    @property
    def is_empty(self) -> bool:
        """Whether no test or fixture is running, recorded or not."""
        return not self._stack

    @property
    def owner(self) -> Scope | None:
        """The scope that the running code belongs to; None for code that is not recorded."""
        active, found = self.active, _owner.get(_UNKNOWN)
        return active if found is active else self._owner_in_background(found)

    def _owner_in_background(self, found: Scope | _Special | None) -> Scope | None:
        """The owner of code that does not run for the active scope."""
        if found is _Special.NOT_RECORDED:
            return None
        if found is _UNKNOWN:
            found = self.inheritance.of_thread(found)
        if isinstance(found, _Special):
            return self.active
        is_late = found is not None and found.has_ended
        return found if is_late or not self._gets_background(self.active) else self.active

    def _gets_background(self, active: Scope | None) -> bool:
        """Whether the work of other threads belongs to the active scope. vcrpy serves all threads
        from the cassette in use, so a cassette that it recorded holds their requests."""
        if active is None or active.tape is None:
            return False
        return self._background == "test" or active.tape.is_legacy

    def current_tape(self) -> Tape | None:
        """The tape of the scope that the running code belongs to."""
        active, found = self.active, _owner.get(_UNKNOWN)
        scope = active if found is active else self._owner_in_background(found)
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
        self._activate(scope)

    def pop(self, ended: Scope | None = None) -> None:
        """Remove the active scope. The one below becomes active. `ended` is never entered again."""
        if scope := self._stack.pop():
            scope.leave(for_good=scope is ended)
        self._activate(self._stack[-1] if self._stack else None)

    def _activate(self, scope: Scope | None) -> None:
        self.active = scope
        _owner.set(scope)
        if scope:
            scope.enter()

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
        with self.inheritance.having(_Special.NOT_RECORDED):
            yield
