"""A recorded test or wider fixture, with its tape, seed and clock."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from ..determinism.clock import Clock
from ..determinism.seed import SeededRandomness
from ..errors import RepriseError
from ..tape.settings import Settings
from ..tape.tape import Tape

if TYPE_CHECKING:
    from ..determinism.sleep import SkippedSleep

SCOPE: pytest.StashKey[Scope] = pytest.StashKey()
"""The scope of a recorded test."""

OpenTape = Callable[[], tuple[Settings, Tape]]
"""Reads the settings of a scope and opens its tape. Raises ConfigurationError or CassetteError."""


class Scope:
    """A scope is opened once its settings can be known.

    For a test that is after its wider fixtures, and after the fixtures that give its settings.
    """

    is_block = False
    """Whether this is a block of code with a cassette of its own."""

    def __init__(
        self, name: str, open_tape: OpenTape, fixture: pytest.FixtureDef[Any] | None = None
    ) -> None:
        self.name = name
        """The test or fixture, as messages name it."""
        self.fixture = fixture
        """The wider fixture; None for a test. Others may have the same name."""
        self.failed = False
        self.skipped = False
        self.has_ended = False
        """Whether its test or fixture has ended. After an interruption it has not."""
        self.problem = ""
        """What failed first in this scope, in one line."""
        self.passed_before = 0
        """How many tests had passed when the scope was made."""
        self.number = 0
        """The position of a wider fixture among all that were set up, from 1."""
        self.sent_in_setup = 0
        """How many requests a wider fixture sent in its set-up."""
        self.settings = Settings()
        self.tape: Tape | None = None
        """None until the scope is open. Then its settings are known, too."""
        self._open_tape: OpenTape | None = open_tape
        self._randomness: SeededRandomness | None = None
        self._clock: Clock | None = None
        self._skipped_sleep: SkippedSleep | None = None
        self._misses_seen = 0

    @property
    def is_running_block(self) -> bool:
        """Whether this is a block that has not ended."""
        return False

    @property
    def is_opening(self) -> bool:
        """Whether the scope is being opened right now: its settings come from fixtures."""
        return self._open_tape is None and self.tape is None

    @property
    def used_randomness(self) -> bool:
        """Whether random values were drawn in this scope."""
        return self._randomness is not None and self._randomness.was_used

    @property
    def uses_recording(self) -> bool:
        """Whether what this scope made depends on its recording: on an answer or on its seed."""
        return self.tape is not None and (self.tape.has_recording or self.used_randomness)

    @property
    def clock(self) -> Clock | None:
        """The clock of the replay; None without one."""
        return self._clock

    @property
    def clock_reached(self) -> float | None:
        """The latest time on the clock of the replay, in seconds since 1970."""
        return self._clock.latest_answer if self._clock else None

    def open(self) -> None:
        """Open the tape, and set random values as they were when it was recorded.

        The clock waits for `resume`: it has to run only where code of the suite does.
        """
        if self._open_tape is None:
            return
        # The settings come from fixtures. Their own set-up must not open this scope again.
        open_tape, self._open_tape = self._open_tape, None
        self.settings, tape = open_tape()
        tape.owner = self.name
        tape.pace = self.settings.pace
        self.tape = tape
        if tape.replays_from and self._has_recorded_clock:
            self._clock = Clock(tape.replays_from.timestamp())
            tape.advance_clock = self._clock.advance_to_offset
        if tape.seed is not None:
            self._randomness = SeededRandomness(
                tape.seed, tape.started_at.timestamp(), tape.may_send
            )
        if self.settings.skip_sleep and not tape.may_send:
            from ..determinism.sleep import SkippedSleep

            self._skipped_sleep = SkippedSleep(self._pass_time)
        self._enter_values()

    def _pass_time(self, seconds: float) -> None:
        if self._clock:
            self._clock.advance_to(self._clock.now() + seconds)

    def advance_clock(self, moment: float) -> None:
        """Move the clock forward to a time, in seconds since 1970.

        A value that a wider fixture made must not come from the future of the test that uses it. A
        test without a recording of its own starts its clock there.
        """
        if self._clock:
            self._clock.advance_to(moment)
        elif self.tape and not self.tape.may_send and self._has_recorded_clock:
            self._clock = Clock(moment)

    @property
    def _has_recorded_clock(self) -> bool:
        return self.settings.clock == "recorded"

    def enter(self) -> None:
        """Make this the active scope, for the first time or again."""
        self.resume()
        self._enter_values()

    def _enter_values(self) -> None:
        if self._randomness:
            self._randomness.enter()
        if self._skipped_sleep:
            self._skipped_sleep.enter()

    def leave(self, for_good: bool = False) -> None:
        """Stop being the active scope. With `for_good`, it will not be entered again."""
        if self._skipped_sleep:
            self._skipped_sleep.leave()
        if self._randomness:
            self._randomness.leave(for_good)
        if self._clock:
            self._clock.leave()

    def pause(self) -> None:
        """Put the real clock back: pytest measures durations between the phases of a test."""
        if self._clock:
            self._clock.leave()

    def resume(self) -> None:
        """Put the recorded clock in place for the next phase of the test."""
        if self._clock:
            self._clock.enter()

    def new_misses(self) -> list[RepriseError]:
        """The misses since the last call."""
        missed = self.tape.missed[self._misses_seen :] if self.tape else []
        self._misses_seen += len(missed)
        return missed
