"""One who may talk: a test, or a fixture of a wider scope, with its tape, its chance, its clock."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from ..determinism.clock import Clock
from ..determinism.seed import SeededRandomness
from ..errors import RepriseError
from ..tape.tape import Tape
from .settings import Settings

SCOPE: pytest.StashKey[Scope] = pytest.StashKey()
"""The scope of a recorded test."""


class Scope:
    """Begun once its settings can be known, which for a test is after its wider fixtures."""

    def __init__(self, name: str, open_tape: Callable[[], tuple[Settings, Tape]]) -> None:
        self.name = name
        self.failed = False
        self.skipped = False
        self.passed_before = 0
        """How many tests had passed when it began."""
        self.settings = Settings()
        self.tape: Tape | None = None
        """None until the scope has begun; then its settings are known too."""
        self._open_tape: Callable[[], tuple[Settings, Tape]] | None = open_tape
        self._entropy: SeededRandomness | None = None
        self._clock: Clock | None = None
        self._told = 0

    @property
    def is_beginning(self) -> bool:
        return self._open_tape is None and self.tape is None

    @property
    def drew(self) -> bool:
        """Whether made-up data was drawn in this scope."""
        return self._entropy is not None and self._entropy.was_used

    def begin(self) -> None:
        """Open the tape, and set chance and clock to where the recording had them."""
        if self._open_tape is None:
            return
        # Settings come from fixtures, whose own set-up must not begin this scope again.
        open_tape, self._open_tape = self._open_tape, None
        self.settings, tape = open_tape()
        self.tape = tape
        if tape.replays_from and self._is_on_recorded_clock:
            tape.clock = self._clock = Clock(tape.replays_from.timestamp())
        if tape.seed is not None:
            self._entropy = SeededRandomness(tape.seed, tape.started_at.timestamp(), tape.may_send)
        self.enter()

    def follow(self, moment: float) -> None:
        """What its fixtures brought must not be in the future of a test: its clock goes on to the
        time that they had reached, and starts there where the test has no time of its own."""
        if self._clock:
            self._clock.advance_to(moment)
        elif self.tape and not self.tape.may_send and self._is_on_recorded_clock:
            self._clock = Clock(moment)

    @property
    def reached(self) -> float | None:
        """How far its recording had come, in seconds since 1970, where it replays one."""
        return self._clock.latest_answer if self._clock else None

    @property
    def _is_on_recorded_clock(self) -> bool:
        return self.settings.clock == "recorded"

    def enter(self) -> None:
        """This scope talks, for the first time or again."""
        if self._clock:
            self._clock.enter()
        if self._entropy:
            self._entropy.enter()

    def leave(self, for_good: bool = False) -> None:
        """Another scope talks, or pytest itself."""
        if self._entropy:
            self._entropy.leave(for_good)
        if self._clock:
            self._clock.leave()

    def pause(self) -> None:
        """Between the phases of a test pytest works by the real clock."""
        if self._clock:
            self._clock.leave()

    def resume(self) -> None:
        """The next phase begins."""
        if self._clock:
            self._clock.enter()

    def new_misses(self) -> list[RepriseError]:
        """The misses since this was asked last."""
        missed = self.tape.missed[self._told :] if self.tape else []
        self._told += len(missed)
        return missed


def forget(item: pytest.Item) -> None:
    """Let go of what a test has read and recorded."""
    if SCOPE in item.stash:
        del item.stash[SCOPE]
