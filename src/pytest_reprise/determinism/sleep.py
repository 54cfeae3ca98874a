"""Sleep that passes at once in a replay, while the recorded clock goes on.

`time.sleep`, `asyncio.sleep` and `trio.sleep` are replaced. `anyio.sleep` and tenacity call them.
Timers of event loops, as those of `asyncio.wait_for`, stay as they are.
"""

from __future__ import annotations

import asyncio
import functools
import sys
import threading
import time
from collections.abc import Awaitable, Callable
from typing import Any

from .rebinding import Undo, rebind


class SkippedSleep:
    """Replaces sleep from `enter` to `leave`. `advance` moves the clock, by a number of seconds.

    Threads that were running before sleep as usual: they may belong to a server in this process.
    """

    def __init__(self, advance: Callable[[float], None]) -> None:
        self._advance = advance
        self._others: set[int | None] = set()
        self._undo: Undo = []

    def enter(self) -> None:
        """Replace sleep, also where a module has imported it by name."""
        self._others = {t.ident for t in threading.enumerate()} - {threading.get_ident()}
        replacements: dict[Callable[..., Any], object] = {
            time.sleep: self._skipping(time.sleep),
            asyncio.sleep: self._skipping_async(asyncio.sleep),
        }
        if trio := sys.modules.get("trio"):
            replacements[trio.sleep] = self._skipping_in_trio(trio.sleep)
        self._undo += rebind(replacements, __name__)

    def leave(self) -> None:
        """Put the originals back."""
        while self._undo:
            self._undo.pop()()

    def _left(self, seconds: float) -> float:
        """How long to sleep still: values that the original refuses stay."""
        if threading.get_ident() in self._others or not seconds > 0:
            return seconds
        self._advance(seconds)
        return 0

    def _skipping(self, original: Callable[[float], None]) -> Callable[[float], None]:
        @functools.wraps(original)
        def sleep(seconds: float, /) -> None:
            original(self._left(seconds))

        return sleep

    def _skipping_async(self, original: Callable[..., Awaitable[Any]]) -> Callable[..., Any]:
        @functools.wraps(original)
        async def sleep(delay: float, result: Any = None) -> Any:
            return await original(self._left(delay), result)

        return sleep

    def _skipping_in_trio(self, original: Callable[..., Awaitable[Any]]) -> Callable[..., Any]:
        @functools.wraps(original)
        async def sleep(seconds: float) -> None:
            await original(self._left(seconds))

        return sleep
