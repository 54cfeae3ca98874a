"""`use_cassette` in a run of pytest: a block has a tape of its own, in its test or fixture.

Its seed and clock are those of the test around it. Its recording is kept if the test passed, so it
is saved when the test has ended.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from ..errors import ConfigurationError
from .pytest_internals import crash_message
from .scope import OpenTape, Scope
from .scope_end import ScopeEnd, ScopeError, first_line, raise_misses
from .scope_stack import ScopeStack
from .selection import IS_ACTIVE

if TYPE_CHECKING:
    from ..tape.tape import Tape
    from .recording_hooks import RecordingHooks


class BlockScope(Scope):
    """The blocks of one test, or of one wider fixture, that use the same cassette."""

    is_block = True

    def __init__(
        self, name: str, open_tape: OpenTape, test: Scope | None, is_in_test: bool
    ) -> None:
        super().__init__(name, open_tape)
        self._test = test
        self.is_in_other_test = is_in_test and test is None
        """Whether its test is not recorded, and no wider fixture has begun the block."""
        self._begin = open_tape
        self.running = 0
        """How many blocks have begun and not ended."""
        self._passed_tests = 0
        self._failed_tests = 0

    @property
    def is_running_block(self) -> bool:
        return self.running > 0

    def open(self) -> None:
        """Open the tape. Random values and the clock stay those of the test."""
        self.settings, self.tape = self._begin()
        self.tape.owner = self.name
        self.tape.pace = self.settings.pace
        if self._test and self._test.clock and self.tape.replays_from:
            started, clock = self.tape.replays_from.timestamp(), self._test.clock
            self.tape.advance_clock = lambda seconds: clock.advance_to(started + seconds)

    def note(self, report: pytest.TestReport) -> None:
        """Note a report of a test that ran since the first block began."""
        self._failed_tests += report.failed
        if report.failed and not self.problem:
            self.problem = first_line(crash_message(report))
        self._passed_tests += report.passed and report.when == "call"

    @property
    def has_passed(self) -> bool:
        """Whether no test has failed; for the block of a wider fixture, whether one has passed."""
        return self._passed_tests > 0 or not self._failed_tests


class _Block:
    """One block of a BlockScope."""

    def __init__(self, scope: BlockScope, scopes: ScopeStack) -> None:
        self._scope = scope
        self._scopes = scopes
        self._leave = scopes.begin_block(scope)
        scope.running += 1

    @property
    def tape(self) -> Tape | None:
        return self._scope.tape

    def is_current(self) -> bool:
        return self._scopes.is_in_block(self._scope)

    def end(self, error: BaseException | None) -> None:
        __tracebackhide__ = True
        self._leave()
        self._scope.running -= 1
        if error is None:
            raise_misses(self._scope)


class _InactiveBlock:
    """A block under `--disable-recording`: its requests go to the real server."""

    tape = None

    def is_current(self) -> bool:
        return False

    def end(self, error: BaseException | None) -> None:
        """Do nothing."""


class Blocks:
    """The blocks of a run, until they are saved. A plugin from the first block on.

    `make_scope` returns the scope of a block, not yet open.
    """

    def __init__(
        self,
        scopes: ScopeStack,
        end: ScopeEnd,
        make_scope: Callable[[Path, Mapping[str, object]], BlockScope],
    ) -> None:
        self._stack = scopes
        self._end = end
        self._make_scope = make_scope
        self._scopes: list[BlockScope] = []

    def begin(self, path: Path, options: Mapping[str, object]) -> _Block:
        """Begin a block. A second one with the same cassette in the same test continues it."""
        made = self._make_scope(path, options)
        made.open()
        scope = next((s for s in self._scopes if _have_same_use(s, made)), made)
        if scope is made:
            self._scopes.append(made)
        elif scope.settings != made.settings:
            raise ConfigurationError(_OTHER_OPTIONS.format(path))
        return _Block(scope, self._stack)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_makereport(self) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        report = yield
        for scope in self._scopes:
            scope.note(report)
        return report

    def take_ended(self) -> EndedBlocks:
        """Return those that have ended since the last call. That of a wider fixture may go on."""
        ended = [scope for scope in self._scopes if not scope.running]
        self._scopes = [scope for scope in self._scopes if scope.running]
        return EndedBlocks(ended, self._end)


class EndedBlocks:
    """Blocks that have ended, when their test ends."""

    def __init__(self, scopes: Sequence[BlockScope], end: ScopeEnd) -> None:
        self.scopes = scopes
        self._end = end

    def problems(self) -> list[ScopeError]:
        """What the test fails with because of them, if it has passed so far."""
        found = [(scope, self._end.check(scope)) for scope in self.scopes if scope.has_passed]
        return [(scope.tape.use, error) for scope, error in found if scope.tape and error]

    def close(self, failed: bool) -> list[ScopeError]:
        """Save what they recorded, unless the test `failed`. Returns errors of saving."""
        of_test = next((scope for scope in self.scopes if scope.is_in_other_test), None)
        errors: list[ScopeError] = []
        for scope in self.scopes:
            keep_old = failed or not scope.has_passed
            error = self._end.close_block(scope, keep_old, is_test=scope is of_test)
            if scope.tape and error:
                errors.append((scope.tape.use, error))
        return errors

    @property
    def were_written(self) -> bool:
        """Whether one of their cassettes is new, or has a new content."""
        return any(scope.tape and scope.tape.was_written for scope in self.scopes)


def _have_same_use(one: Scope, other: Scope) -> bool:
    return bool(one.tape and other.tape and one.tape.use == other.tape.use)


class BlocksOfSession:
    """Begins blocks in a session of pytest. `start` returns what records, also in a session that
    has no recorded tests."""

    def __init__(
        self, config: pytest.Config, start: Callable[[pytest.Session], RecordingHooks]
    ) -> None:
        self._config = config
        self._start = start

    def begin(self, path: Path, options: Mapping[str, object]) -> _Block | _InactiveBlock:
        """Begin a block. Raises ConfigurationError where no test is running yet."""
        if not self._config.stash[IS_ACTIVE]:
            return _InactiveBlock()
        session = self._config.pluginmanager.get_plugin("session")
        if session is None or not session.items:
            raise ConfigurationError(_TOO_EARLY.format(path))
        return self._start(session).blocks.begin(path, options)


_TOO_EARLY = """\
use_cassette("{}") was used before the first test.

Use it in a test or in a fixture. What modules do when they are imported is not recorded."""

_OTHER_OPTIONS = """\
use_cassette("{}") is used twice in one test, with different options.

Use the same options, or another cassette."""
