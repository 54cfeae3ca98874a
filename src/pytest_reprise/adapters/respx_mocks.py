"""respx answers first: what it mocks is neither recorded nor replayed.

respx replaces the pools of httpcore, below the transports of httpx where the tape is asked. So
while respx mocks, the tape is asked later: when respx passes a request through to httpcore.
"""

from __future__ import annotations

import functools
import sys
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TypeAlias

from ..exchange import Failure
from ..tape.pending import PendingInteraction
from ..tape.player import Played

Ask: TypeAlias = "Callable[[], Played | PendingInteraction | None]"
"""Asks the tape about a request."""


class Answered(BaseException):
    """Raised through httpcore and httpx, since the tape has the answer."""


class LateQuestion:
    """A request about which the tape is asked only if respx passes it through."""

    def __init__(self, ask: Ask) -> None:
        self._ask = ask
        self._played: Played | None = None
        self.pending: PendingInteraction | None = None
        """The interaction to fill, if the tape was asked and the request is sent."""

    def ask(self) -> None:
        """Ask the tape. Raises Answered if it has the answer."""
        __tracebackhide__ = True
        started = self._ask()
        if started is None or isinstance(started, PendingInteraction):
            self.pending = started
        else:
            self._played = started
            raise Answered

    @property
    def answer(self) -> Played:
        """The recorded answer, after the tape had it."""
        assert self._played
        return self._played

    def failed(self, failure: Failure) -> None:
        """Take the failure of a request; one that a mock raised is not recorded."""
        if self.pending:
            self.pending.failed(failure)

    def completed(self) -> None:
        """Note that the request is not in flight any more."""
        if self.pending:
            self.pending.completed()


active_routers: Sequence[object] = ()
"""The routers of respx that mock httpcore now. It is respx's own list once respx is imported."""
active_transports: Sequence[object] = ()
"""The same for those that put a MockTransport into each client of httpx."""
_question: ContextVar[LateQuestion | None] = ContextVar("reprise_question", default=None)


@contextmanager
def asking_later(ask: Ask) -> Iterator[LateQuestion]:
    """Send a request in the block; the tape is asked if no mock answers it."""
    question = LateQuestion(ask)
    token = _question.set(question)
    try:
        yield question
    finally:
        _question.reset(token)


def is_imported() -> bool:
    return "respx.mocks" in sys.modules


def serve() -> Callable[[], None]:
    """Patch httpcore below respx, which has to be imported. Returns a function that undoes it."""
    global active_routers, active_transports
    import httpcore
    from respx import mocks

    active_routers = mocks.HTTPCoreMocker.routers
    active_transports = mocks.HTTPXMocker.routers
    undo = [
        _replace(httpcore.ConnectionPool, "handle_request", _patched),
        _replace(httpcore.AsyncConnectionPool, "handle_async_request", _patched_async),
    ]

    def stop() -> None:
        global active_routers, active_transports
        active_routers, active_transports = (), ()
        for restore in undo:
            restore()

    return stop


def _replace(pool: type, name: str, patched: Callable[[Any], Any]) -> Callable[[], None]:
    original = getattr(pool, name)
    setattr(pool, name, functools.wraps(original)(patched(original)))
    return lambda: setattr(pool, name, original)


# respx reads the names of the arguments, so the patches have those of httpcore.


def _patched(original: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    def handle_request(self: Any, request: Any) -> Any:
        __tracebackhide__ = True
        if question := _question.get():
            question.ask()
        return original(self, request)

    return handle_request


def _patched_async(original: Callable[[Any, Any], Awaitable[Any]]) -> Callable[[Any, Any], Any]:
    async def handle_async_request(self: Any, request: Any) -> Any:
        __tracebackhide__ = True
        if question := _question.get():
            question.ask()
        return await original(self, request)

    return handle_async_request
