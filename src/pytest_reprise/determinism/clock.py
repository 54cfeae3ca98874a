"""The clock of a replay: it starts at the time of the recording, and runs on from there.

Only this module sets the time, by time-machine. What it remembers of the clocks of this process
tells `long_sleep` which sleep was computed from two of them.
"""

from __future__ import annotations

import datetime
import sys
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from time_machine import Traveller, travel

_IMPORTED_AT = time.time()
_entered: list[Clock] = []
"""The clocks that are set, the innermost last: a proof has one for the whole run."""
_shown: dict[float, float] = {}
"""The last time that each clock of this process showed, by the time at which it started."""


def entered_clock() -> Clock | None:
    """The recorded clock that is set now."""
    return _entered[-1] if _entered else None


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
            _entered.append(self)

    def leave(self) -> None:
        """Put the real clock back, unless the test itself has started time-machine in between."""
        import time_machine

        if self._travel and time_machine.traveller_stack[-1] is self._traveller:
            self._travel.stop()
            self._travel = None
            _shown[self._started] = self.now()
            _entered.remove(self)

    def is_ahead_elsewhere(self, moment: float, tolerance: float) -> bool:
        """Whether another clock of this process, or the real one, has shown a later time than this
        one shows now, and about this moment."""
        now, real = self.now(), _real_time()
        others = _shown | {clock._started: clock.now() for clock in _entered}
        others.pop(self._started, None)
        spans = ((_IMPORTED_AT, real), *others.items())
        return any(
            start - tolerance <= moment <= end + tolerance and now < end for start, end in spans
        )

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


def _real_time() -> float:
    import time_machine

    return time_machine.escape_hatch.time.time()


def _is_frozen_by_freezegun() -> bool:
    return "freezegun" in sys.modules and datetime.datetime.__name__ == "FakeDatetime"
