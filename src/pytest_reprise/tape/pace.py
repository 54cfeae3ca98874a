"""Pace: how long a replay waits for a recorded answer, as a share of its latency."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from functools import partial

from ..exchange import Latency
from .player import Played

PACES = "recorded, full, or a factor from 0, such as 0.5"
_NAMED = {"full": 0.0, "recorded": 1.0}


def parse_pace(value: object) -> float:
    """Return the factor by which a latency is multiplied. Raises ValueError."""
    if isinstance(value, str) and value in _NAMED:
        return _NAMED[value]
    if not isinstance(value, str | int | float) or isinstance(value, bool):
        raise ValueError(value)
    factor = float(value)
    if not 0 <= factor < math.inf:
        raise ValueError(value)
    return factor


def with_pace(
    played: Played, factor: float, advance_clock: Callable[[float], None] | None
) -> Played:
    """Return an answer with its waits. The clock is advanced to its time when its headers are due.

    An answer without a recorded latency does not wait.
    """
    arrive = partial(advance_clock, played.at) if advance_clock else None
    return played._replace(pace=Pace(played.latency or Latency(0.0), factor, arrive))


class Pace:
    """The waits for one answer that is replayed now. `arrive` is called when its headers are due.

    All times are in seconds. A wait may pass at once, by `skip_sleep`: it counts as waited then.
    """

    def __init__(
        self, latency: Latency, factor: float, arrive: Callable[[], None] | None = None
    ) -> None:
        self._arrive = arrive
        self._headers = latency.headers * factor
        self._total = latency.total * factor
        self._started = time.monotonic()
        self._waited = 0.0

    def arrive(self) -> None:
        """Note that the headers are due now."""
        if self._arrive:
            self._arrive()

    def until_headers(self) -> float:
        """How long to wait still for the headers."""
        return self._left(self._headers)

    def until_piece(self, number: int, count: int) -> float:
        """How long to wait still for piece `number`, from 1, of `count`.

        Only the time of the last one is recorded. The others are spread evenly before it.
        """
        return self._left(self._headers + (self._total - self._headers) * number / count)

    def until_end(self) -> float:
        """How long to wait still for the whole answer."""
        return self._left(self._total)

    def _left(self, due: float) -> float:
        passed = max(time.monotonic() - self._started, self._waited)
        self._waited = max(self._waited, due)
        return max(0.0, due - passed)
