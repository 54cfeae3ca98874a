"""Bodies of httpx that are recorded or replayed, and failures as httpx's errors and back."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from types import ModuleType
from typing import TYPE_CHECKING, Any, NoReturn, Protocol

from ..errors import RequestNotRecorded
from ..exchange import CANCELLED, Failure, Response
from ..tape.pending import PendingInteraction
from ..tape.player import Played

if TYPE_CHECKING:
    import httpx

    from ..tape.pace import Pace


class ReplayedConnection:
    """The `network_stream` extension of a replayed response: there is no connection behind it."""

    __slots__ = ("_request",)

    def __init__(self, request: httpx.Request) -> None:
        self._request = request

    def get_extra_info(self, info: str) -> object:
        """The address of the server by its name in the URL; None for all that is not known."""
        url = self._request.url
        port = url.port or (443 if url.scheme == "https" else 80)
        return (url.host, port) if info == "server_addr" else None

    def _refuse(self, *_: object, **__: object) -> NoReturn:
        raise RequestNotRecorded(
            "This response is replayed: nothing can be read from its connection or written to it."
        )

    read = write = start_tls = _refuse

    def close(self) -> None:
        """Do nothing."""

    async def aclose(self) -> None:
        """Do nothing."""


class _RecordedStream(Protocol):
    def __call__(self, stream: Any, pending: PendingInteraction) -> httpx.SyncByteStream: ...


class _ReplayedStream(Protocol):
    def __call__(self, response: Response, request: httpx.Request, played: Played) -> Any: ...


def stream_classes(httpx: ModuleType) -> tuple[_RecordedStream, _ReplayedStream]:
    """Return the two stream classes, for sync and async clients, based on the module's classes."""

    class RecordedStream(httpx.SyncByteStream, httpx.AsyncByteStream):  # type: ignore[name-defined, misc]
        """Passes the pieces of the body on as they arrive, and notes those that were read."""

        def __init__(self, stream: Any, pending: PendingInteraction) -> None:
            self._stream = stream
            self._pending = pending

        def __iter__(self) -> Iterator[bytes]:
            try:
                for piece in self._stream:
                    self._pending.received(piece)
                    yield piece
                self._pending.completed()
            except httpx.TransportError as error:
                self._pending.failed(failure_of(error))
                raise

        async def __aiter__(self) -> AsyncIterator[bytes]:
            try:
                async for piece in self._stream:
                    self._pending.received(piece)
                    yield piece
                self._pending.completed()
            except httpx.TransportError as error:
                self._pending.failed(failure_of(error))
                raise
            except cancelled_class():
                self._pending.failed(Failure(CANCELLED, ""))
                raise

        def close(self) -> None:
            self._pending.completed()
            self._stream.close()

        async def aclose(self) -> None:
            self._pending.completed()
            await self._stream.aclose()

    class ReplayedStream(httpx.SyncByteStream, httpx.AsyncByteStream):  # type: ignore[name-defined, misc]
        """Returns the recorded pieces, and raises the recorded failure at their end."""

        def __init__(self, response: Response, request: Any, played: Played) -> None:
            self._response = response
            self._request = request
            self._latency = played.latency
            self._pace = played.pace
            self.timed: Any = None
            """The response of httpx that gets the recorded time; None: it keeps its own."""

        def __iter__(self) -> Iterator[bytes]:
            pieces: Iterator[bytes] = filter(None, self._response.pieces())
            if self._pace:
                from .pacing import paced

                pieces = paced(pieces, self._pace)
            failure = self._response.broken_by
            return self._ending_with(failure, pieces) if failure else pieces

        def _ending_with(self, failure: Failure, pieces: Iterator[bytes]) -> Iterator[bytes]:
            yield from pieces
            raise as_error(httpx, failure, self._request)

        async def __aiter__(self) -> AsyncIterator[bytes]:
            pieces = filter(None, self._response.pieces())
            if self._pace:
                from .pacing import paced_async

                async for piece in paced_async(pieces, self._pace):
                    yield piece
            else:
                for piece in pieces:
                    yield piece
            if self._response.broken_by:
                await wait_for(Played(self._response.broken_by))
                raise as_error(httpx, self._response.broken_by, self._request)

        def close(self) -> None:
            """Set the recorded time. The client has just set the one that it measured."""
            if self.timed and self._latency:
                until_headers, until_end = self._latency  # a property would be one more call
                seconds = until_headers if until_end is None else until_end
                self.timed.elapsed = timedelta(seconds=seconds)
                self.timed = None  # it refers to this stream

        async def aclose(self) -> None:
            self.close()

    return RecordedStream, ReplayedStream


def failure_of(error: httpx.TransportError) -> Failure:
    return Failure(type(error).__name__, str(error))


def as_error(httpx: ModuleType, failure: Failure, request: object) -> Exception:
    """Return the recorded failure as the same httpx class with the same message."""
    found = getattr(httpx, failure.error, None)
    if not (isinstance(found, type) and issubclass(found, httpx.TransportError)):
        found = httpx.TransportError  # recorded with a release of httpx that has more classes
    error: Exception = found(failure.message, request=request)
    return error


def wait_for_headers(pace: Pace) -> None:
    """Wait until the headers of an answer are due."""
    from . import pacing  # most replays run at full speed

    pacing.wait_for_headers(pace)


async def wait_for(played: Played) -> None:
    """Let other tasks run, as a call over the network does. A request that its task cancelled gets
    no answer now either, so that it is cancelled again."""
    import anyio

    if played.pace:
        from .pacing import wait_for_headers_async

        await wait_for_headers_async(played.pace)
    outcome = played.outcome
    if isinstance(outcome, Failure) and outcome.error == CANCELLED:
        await anyio.sleep_forever()
    await anyio.lowlevel.checkpoint()


def cancelled_class() -> type[BaseException]:
    import anyio

    return anyio.get_cancelled_exc_class()
