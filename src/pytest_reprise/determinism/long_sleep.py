"""Sleep that would last until a time that another clock has shown: it passes at once.

A rate limiter notes when it was called, and sleeps for a second after that. In a replay it may
have noted the real time, when it was imported, or the time of a test that was recorded a year
later. Then `noted + 1 - time.time()` is a year. It was a second in the recording, so it can pass at
once.
"""

from __future__ import annotations

import functools
import sys
import threading
import time
from collections.abc import Awaitable, Callable
from typing import Any

from .clock import entered_clock
from .rebinding import rebind

SHORTEST = 60.0
"""Seconds. Shorter ones are slept: hardly any recording lasts longer."""
SHORTEST_IN_BACKGROUND = 3600.0
"""Seconds, for other threads and for tasks. One that sends something every minute must not do so
at once."""
_TOLERANCE = 60.0
"""Seconds that a limiter may add to the noted time."""

Tell = Callable[[float, str, int], None]
"""Called with the seconds that passed at once, and with file and line of the code that sleeps."""


def install(tell: Tell) -> Callable[[], None]:
    """Patch `time.sleep` and `asyncio.sleep`, also where a module has imported one by name.

    Returns the undo.
    """
    replacements: dict[Callable[..., Any], object] = {time.sleep: _sleep(time.sleep, tell)}
    if asyncio := sys.modules.get("asyncio"):
        replacements[asyncio.sleep] = _async_sleep(asyncio.sleep, tell)
    undo = rebind(replacements, __name__)

    def uninstall() -> None:
        for restore in undo:
            restore()

    return uninstall


def _sleep(original: Callable[[float], None], tell: Tell) -> Callable[[float], None]:
    @functools.wraps(original)
    def sleep(seconds: float, /) -> None:
        is_long = isinstance(seconds, (int, float)) and seconds >= SHORTEST
        original(_left(seconds, tell) if is_long else seconds)

    return sleep


def _async_sleep(original: Callable[..., Awaitable[Any]], tell: Tell) -> Callable[..., Any]:
    @functools.wraps(original)
    async def sleep(delay: float, result: Any = None) -> Any:
        is_long = isinstance(delay, (int, float)) and delay >= SHORTEST_IN_BACKGROUND
        return await original(_left(delay, tell) if is_long else delay, result)

    return sleep


def _left(seconds: float, tell: Tell) -> float:
    """How long to sleep still."""
    clock = entered_clock()
    is_test = threading.current_thread() is threading.main_thread()
    if clock is None or seconds < (SHORTEST if is_test else SHORTEST_IN_BACKGROUND):
        return seconds
    until = clock.now() + seconds
    if not clock.is_ahead_elsewhere(until, _TOLERANCE):
        return seconds
    if seconds >= SHORTEST_IN_BACKGROUND:
        frame = sys._getframe(2)
        tell(seconds, frame.f_code.co_filename, frame.f_lineno)
    else:
        clock.advance_to(until)  # the test may mean it, and then expects that the time has passed
    return 0
