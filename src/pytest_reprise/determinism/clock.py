"""The clock of a replay: it starts at the time of the recording, and runs on from there.

Only this module sets the time, by time-machine.
"""

from __future__ import annotations

import datetime
import sys
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from time_machine import Traveller, travel


class Clock:
    """A clock that starts at `started`, in seconds since 1970.

    While it is entered it is the clock of the whole process. It also runs while it is not.
    """

    def __init__(self, started: float) -> None:
        self._base = started - time.monotonic()
        self._started = started
        self.latest_answer = started
        """When, in the recording, the latest replayed response began: seconds since 1970."""
        self._travel: travel | None = None
        self._traveller: Traveller | None = None

    def now(self) -> float:
        """Return the time of this clock, in seconds since 1970."""
        return self._base + time.monotonic()

    def enter(self) -> None:
        """Set the clock of the process, unless the test itself has set it by freezegun."""
        import time_machine

        if self._travel is None and not _is_frozen_by_freezegun():
            self._travel = time_machine.travel(self.now(), tick=True)
            self._traveller = self._travel.start()
            time.time()  # time-machine starts to run at the first call

    def leave(self) -> None:
        """Put the real clock back, unless the test itself has started time-machine in between."""
        import time_machine

        if self._travel and time_machine.traveller_stack[-1] is self._traveller:
            self._travel.stop()
            self._travel = None

    def advance_to_offset(self, seconds: float) -> None:
        """Advance to `seconds` after the start of the recording; never go back.

        The time that the real server took to answer has then passed for the test too. A time in
        its response is not in the future.
        """
        self.advance_to(self._started + seconds)

    def advance_to(self, moment: float) -> None:
        """Advance to a time in seconds since 1970; never go back."""
        if moment > self.latest_answer:
            self.latest_answer = moment
        ahead = moment - self.now()
        if ahead > 0:
            self._base += ahead
            if self._travel and self._traveller:
                self._traveller.shift(ahead)


def _is_frozen_by_freezegun() -> bool:
    return "freezegun" in sys.modules and datetime.datetime.__name__ == "FakeDatetime"
