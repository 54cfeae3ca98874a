"""The end of a scope: what its test fails with, and whether its recording is written."""

from __future__ import annotations

import traceback
import warnings
from collections.abc import Callable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, NoReturn, Protocol, TypeAlias

import pytest

from ..cassette.model import CassetteUse
from ..determinism.base_url import NO_BASE_URL
from ..errors import RepriseError, RepriseWarning, RequestNotRecorded
from ..report.tally import Tally
from ..tape.closing import Closing, Usage
from ..tape.run import Run
from ..tape.settings import Severity
from .recorded_tests import Ended
from .scope import Scope
from .unsaved import refusal, why_not_written

if TYPE_CHECKING:
    from .expiry import Expiry

_MOST_SECTIONS = 3
"""Misses to show in full. A library that tries other inputs after a failure misses each of them."""
_MOST_SHOWN = 150
"""Characters of an error in the summary."""

ScopeError: TypeAlias = tuple[CassetteUse, BaseException]
"""The error of a test or wider fixture, with the use of its cassette."""


class Recording(Protocol):
    """Gets to know how each scope ended."""

    def note(self, ended: Ended, scope: Scope, /) -> None:
        """Note how a scope ended, and what it wrote."""


class ScopeEnd:
    """Closes tapes and counts them. Methods return the error for pytest to raise, or None."""

    def __init__(
        self,
        run: Run,
        tally: Tally,
        recording: Recording,
        make_expiry: Callable[[], Expiry],
        log: Callable[[Scope, Closing, Ended, str], None] | None = None,
    ) -> None:
        self._log = log
        """Notes for the report how each scope ended; None where no report is written."""
        self._run = run
        self._tally = tally
        self._make_expiry = make_expiry
        self._recording = recording
        self.passed = 0
        """How many recorded tests have passed so far."""

    def complete_tally(self) -> None:
        """Take the numbers that the run itself has counted."""
        self._tally.late = self._run.late
        self._tally.secrets = self._run.secret_count
        self._tally.unexamined = self._run.unexamined
        rebase = self._run.bases.in_use
        if rebase and rebase.current != NO_BASE_URL:
            self._tally.rebased = f"recorded as {rebase.recorded}, replayed as {rebase.current}"

    def check_test(self, scope: Scope, failed: bool) -> BaseException | None:
        """End the requests of a test whose teardown `failed` or not. Returns what it fails with
        if nothing else has failed."""
        assert scope.tape
        scope.tape.end()
        if scope.failed or failed:
            return None
        error = self.check(scope)
        scope.problem = first_line(error) if error else scope.problem
        return error

    def close_test(self, scope: Scope, failed: bool, used: Sequence[Scope]) -> BaseException | None:
        """Close the tape of a test. Its recording is kept unless the test has `failed`.

        `used` are its wider fixtures and its blocks.
        """
        assert scope.tape
        tape = scope.tape
        passed = not (scope.failed or failed)
        self.passed += passed
        only_skipped = scope.skipped and not tape.sent
        uses_recorded = passed and tape.may_send and any(s.uses_recording for s in used)
        return self._close(scope, not passed or only_skipped, uses_recorded, is_test=True)

    def check(self, scope: Scope) -> BaseException | None:
        """Return what a test or block fails with that has passed so far."""
        assert scope.tape
        tape = scope.tape
        error = _failure_of_misses(scope)
        if not error and not scope.skipped:
            not_made = tape.not_made()
            error = failure([not_made] if not_made else [], scope.settings.unplayed)
        if not error and tape.faults and (unused := tape.faults.unused()):
            error = _failed(unused)
        if not error and (refused := tape.still_open() or tape.not_recordable()):
            error = pytest.fail.Exception(str(refused), pytrace=False)
        return error

    def close_block(self, scope: Scope, keep_old: bool, is_test: bool) -> BaseException | None:
        """Close the tape of a block whose test has ended. `is_test` is whether it counts as a
        recorded test."""
        scope.has_ended = True
        return self._close(scope, keep_old, uses_recorded=False, is_test=is_test)

    def end_fixture(self, scope: Scope, failed: bool) -> BaseException | None:
        """End a wider fixture. Its recording is kept if it and one of its tests passed.

        Misses in its teardown whose errors its code caught are errors of the last test.
        """
        assert scope.tape
        scope.tape.end()
        passed = not (scope.failed or failed or scope.tape.missed)
        has_use = self.passed > scope.passed_before or scope.skipped
        if passed and not has_use:
            scope.problem = "no test passed that used this fixture"
        elif scope.tape.missed:
            scope.problem = scope.problem or first_line(scope.tape.missed[0])
        if passed and (still_open := scope.tape.still_open()):
            warnings.warn(RepriseWarning(str(still_open)), stacklevel=2)
        # After a failed set-up or teardown the misses were reported there. Others come from its
        # threads, or its code caught them.
        was_reported = scope.failed or scope.skipped or failed
        error = None if was_reported else _failure_of_misses(scope)
        if passed and not error and (refused := scope.tape.not_recordable()):
            error, passed = pytest.fail.Exception(str(refused), pytrace=False), False
        refusal = self._close(scope, not (passed and has_use), uses_recorded=False, is_test=False)
        return error or refusal

    def _close(
        self, scope: Scope, keep_old: bool, uses_recorded: bool, is_test: bool
    ) -> BaseException | None:
        assert scope.tape
        tape, error = scope.tape, None
        usage = Usage(tape.may_send and scope.used_randomness, uses_recorded)
        try:
            closing = tape.close(keep_old, usage)
        except Exception as raised:
            error = refusal(self._run, tape.use, raised)
            closing = tape.close(keep_old=True)
            scope.problem = scope.problem or why_not_written(raised)
        self._note(scope, closing, is_test, is_refused=error is not None)
        return error

    def _note(self, scope: Scope, closing: Closing, is_test: bool, is_refused: bool) -> None:
        assert scope.tape
        problem = scope.problem or "a teardown failed"
        if closing.action in ("kept", "dropped"):
            scope.tape.learn()
            problem = self._run.get_scrubber().scrub_report_text(problem)
        # Shortened only now: a part of a secret is not recognised.
        self._tally.add(closing, scope.name, is_test, _shortened(problem))
        ended = _ended(scope, closing, is_test, is_refused)
        if scope.settings.max_age:
            ended = ended._replace(confirmed_at=self._expiry.note(scope, closing))
        self._recording.note(ended, scope)
        if self._log:
            self._log(scope, closing, ended, self._tally.dropped.get(scope.name, ""))

    @cached_property
    def _expiry(self) -> Expiry:
        """Notes how old what a scope played was. Few suites have a limit."""
        return self._make_expiry()


def _ended(scope: Scope, closing: Closing, is_test: bool, is_refused: bool) -> Ended:
    assert scope.tape
    mode = scope.tape.mode
    return Ended(
        scope.name,
        scope.tape.use,
        closing.action,
        is_test,
        scope.fixture,
        scope.fixture.argname if scope.fixture else "",
        is_unwritten=is_refused and closing.action == "kept" and not mode.replays,
        is_compared=mode.reports_changes and scope.tape.sent > 0,
        can_be_refreshed=scope.tape.can_be_refreshed,
        replaces=not (mode.replays or mode.is_live_fixture),
    )


def raise_combined(errors: list[BaseException]) -> NoReturn:
    """Raise one error for all of them.

    pytest shows this frame as little as any other, since the errors have no traceback. If all
    frames were hidden, it would advise to show them.
    """
    raise errors[0] if len(errors) == 1 else _failed("\n\n".join(map(str, errors)))


def _failed(text: str) -> BaseException:
    return pytest.fail.Exception(text, pytrace=False)


def problem_of(error: BaseException) -> str:
    """What an error says, in one line, for the summary: with its module, as pytest shows it."""
    return first_line("".join(traceback.format_exception_only(error)))


def first_line(message: object) -> str:
    """The first line of a message, for the summary."""
    text = str(message).strip().partition("\n")[0]
    if text.startswith("AssertionError: assert "):
        text = text.removeprefix("AssertionError: ")  # as pytest shows most of them
    return text


def _shortened(text: str) -> str:
    return text if len(text) <= _MOST_SHOWN else text[:_MOST_SHOWN] + "…"


def failure(errors: list[RepriseError], severity: Severity) -> BaseException | None:
    """Return what a test fails with because of these errors; a warning is issued here."""
    if not errors or severity == "ignore":
        return None
    text = "\n\n".join(dict.fromkeys(map(str, errors)))  # without retries of the same request
    if severity == "warn":
        warnings.warn(RepriseWarning(text), stacklevel=2)
        return None
    return _failed(text)


def raise_misses(scope: Scope) -> None:
    """Fail a test or fixture whose code caught the error of a miss."""
    if error := _failure_of_misses(scope):
        raise error


def _failure_of_misses(scope: Scope) -> BaseException | None:
    missed = scope.new_misses()
    if not missed:
        return None
    severity = scope.settings.missed or "fail"
    # What was refused while recording is an error under vcrpy's rules, too.
    is_lenient = scope.settings.missed is None and all(map(_is_miss, missed))
    if is_lenient and scope.tape and scope.tape.is_in_legacy_suite:
        _warn_of_legacy_misses(missed)
        return None
    return failure(missed, severity)


def _is_miss(error: RepriseError) -> bool:
    return isinstance(error, RequestNotRecorded)


_LEGACY_HINT = """\
The code under test caught this error, and vcrpy does not notice that. So the test does not fail.
With `reprise_missed = fail` in the ini file it would. See "How strict a replay is" in the
documentation."""


def _warn_of_legacy_misses(missed: list[RepriseError]) -> None:
    """Warn, also where the suite turns warnings into errors: its outcomes stay those of vcrpy."""
    warn_even_if_error("\n\n".join((*dict.fromkeys(map(str, missed)), _LEGACY_HINT)), 4)


def warn_even_if_error(text: str, stacklevel: int) -> None:
    """Warn, also where the suite turns warnings into errors."""
    warning = RepriseWarning(text)
    try:
        warnings.warn(warning, stacklevel=stacklevel)
    except RepriseWarning:
        with warnings.catch_warnings():
            warnings.simplefilter("always", RepriseWarning)
            warnings.warn(warning, stacklevel=stacklevel)


def add_misses_to_report(item: pytest.Item, scope: Scope, error: BaseException) -> None:
    """Add misses to the report of a test that failed with another error: they may be its cause."""
    from .tracebacks import with_causes

    shown = {str(one) for one in with_causes(error) if isinstance(one, RepriseError)}
    # A library that tries again misses the same request again.
    further = [text for text in dict.fromkeys(map(str, scope.new_misses())) if text not in shown]
    for text in further[:_MOST_SECTIONS]:
        item.add_report_section("call", "reprise", text)
    if (left := len(further) - _MOST_SECTIONS) > 0:
        item.add_report_section("call", "reprise", f"… and {left} more misses")
