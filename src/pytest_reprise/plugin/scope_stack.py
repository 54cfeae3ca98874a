"""Which scope is active, and which scope the running code belongs to.

The active scope is the running test, or a wider fixture that is set up or torn down for it. The
test's own thread belongs to the active scope, whichever scope made the client that it uses. A
thread, a job of a pool and a task belong to the scope in which they were started, also while
another scope is active.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
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


def _running_block(owner: Scope | _Special | None) -> Scope | None:
    return owner if isinstance(owner, Scope) and owner.is_running_block else None


class ScopeStack:
    """The active scope is on top. None stands for a test or fixture that is not recorded.

    The stack is one for the process.
    """

    def __init__(self, background: Background = "fixture") -> None:
        self._stack: list[Scope | None] = []
        self._owners_below: list[Scope | _Special | None] = []
        """Which scope the code belonged to that each scope of the stack interrupts."""
        self._background = background
        self.active: Scope | None = None
        """The active scope; None where there is none, or it is not recorded."""
        self.fixtures: dict[pytest.FixtureDef[Any], Scope] = {}
        """The scope of each wider fixture that was set up. Several may have the same name."""
        self._fixture_count = 0
        self.inheritance: Inheritance[Scope | _Special | None] = Inheritance(_owner, None)

    @property
    def test(self) -> Scope | None:
        """The scope of the running test, under those of its fixtures."""
        return self._stack[0] if self._stack else None

    @property
    def is_test_active(self) -> bool:
        """Whether a test is running, recorded or not, and no wider fixture is set up for it."""
        return len(self._stack) == 1

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
        if found is not None and (found.has_ended or found.is_block):
            return found
        return self.active if self._gets_background(self.active) else found

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

    def has_threads(self) -> bool:
        """Whether a thread still runs that a recorded test or fixture has started."""
        return any(isinstance(value, Scope) for value in self.inheritance.running_threads())

    def open_tapes(self) -> Iterator[Tape]:
        """The tapes of all active scopes and of all wider fixtures, each once."""
        scopes = dict.fromkeys((*self._stack, *self.fixtures.values()))
        yield from (scope.tape for scope in scopes if scope and scope.tape)

    def add_fixture(self, fixture: pytest.FixtureDef[Any], scope: Scope) -> None:
        """Note the scope of a wider fixture that is set up now."""
        self._fixture_count += 1
        scope.number = self._fixture_count
        self.fixtures[fixture] = scope

    def push(self, scope: Scope | None) -> None:
        """Make a scope the active one."""
        if outer := self.active:
            outer.leave()
        owner = _owner.get(None)
        self._stack.append(scope)
        self._owners_below.append(owner)
        self._activate(scope, scope or _running_block(owner))

    def pop(self, ended: Scope | None = None) -> None:
        """Remove the active scope. The one below becomes active. `ended` is never entered again."""
        if scope := self._stack.pop():
            scope.leave(for_good=scope is ended)
        below = self._stack[-1] if self._stack else None
        block = _running_block(self._owners_below.pop())
        if not (below or block):  # one that a wider fixture has begun goes on after its set-up
            block = _running_block(_owner.get(None))
        self._activate(below, block or below)

    def _activate(self, scope: Scope | None, owner: Scope | _Special | None) -> None:
        self.active = scope
        _owner.set(owner)
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

    def begin_block(self, scope: Scope) -> Callable[[], None]:
        """Let the running code belong to a block. Returns a function that undoes it."""
        outer = _owner.get(None)
        _owner.set(scope)

        def end() -> None:
            if _owner.get(None) is scope:  # not in another context, as that of a fixture's end
                _owner.set(outer)

        return end

    def is_in_block(self, scope: Scope) -> bool:
        """Whether the running code belongs to this block, and to none inside it."""
        return _owner.get(None) is scope

    @contextmanager
    def not_recorded(self) -> Iterator[None]:
        """Requests that are made in the block belong to no scope."""
        with self.inheritance.having(_Special.NOT_RECORDED):
            yield
