"""The clock of a replay: it starts at the time of recording, and ticks."""

from __future__ import annotations

import datetime
import sys
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from time_machine import Traveller, travel


class Clock:
    """`started` is where it begins, in seconds since 1970.

    It stands under the whole process while it is entered, and goes on while it is not.
    """

    def __init__(self, started: float) -> None:
        self._base = started - time.monotonic()
        self._started = started
        self.latest_answer = started
        """How far the recording had come at the last answer, in seconds since 1970."""
        self._travel: travel | None = None
        self._traveller: Traveller | None = None

    def now(self) -> float:
        return self._base + time.monotonic()

    def enter(self) -> None:
        """Set the process's clock, unless the test has set it by itself meanwhile."""
        import time_machine

        if self._travel is None and not _is_frozen_by_freezegun():
            self._travel = time_machine.travel(self.now(), tick=True)
            self._traveller = self._travel.start()
            time.time()  # time-machine ticks from the first time that it is asked

    def leave(self) -> None:
        """Put the process's clock back, unless a traveller of the test's own still runs on ours."""
        import time_machine

        if self._travel and time_machine.traveller_stack[-1] is self._traveller:
            self._travel.stop()
            self._travel = None

    def advance_to_offset(self, seconds: float) -> None:
        """Go forward to where the recording was so many seconds after its start.

        What the real server took to answer has passed for the test, so that an answer does not
        come from the future.
        """
        self.advance_to(self._started + seconds)

    def advance_to(self, moment: float) -> None:
        """The same, by the time in seconds since 1970."""
        self.latest_answer = max(self.latest_answer, moment)
        ahead = moment - self.now()
        if ahead > 0:
            self._base += ahead
            if self._travel and self._traveller:
                self._traveller.shift(ahead)


def _is_frozen_by_freezegun() -> bool:
    return "freezegun" in sys.modules and datetime.datetime.__name__ == "FakeDatetime"
