"""The road of an exchange through httpx and httpx2, sync and async; no other file knows them.

The transports are patched once per session, at the class, so that every client in the process is
served, also one that was built before or inside an SDK. The tape is found per call.
"""

from __future__ import annotations

import functools
import importlib
import importlib.util
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from types import ModuleType
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

from ..errors import RepriseError
from ..exchange import CANCELLED, Failure, Headers, Outcome, Request, Response
from ..tape.pending import Take
from ..tape.tape import Tape
from .lazy_transport import IdleTransports

if TYPE_CHECKING:
    import httpx

_MODULES = ("httpx", "httpx2")
_OVER_THE_NETWORK = ("HTTPTransport", "AsyncHTTPTransport")
_IN_PROCESS = ("ASGITransport", "WSGITransport", "MockTransport")

CurrentTape: TypeAlias = Callable[[], "Tape | None"]
_Handle: TypeAlias = "Callable[[Any, httpx.Request], httpx.Response]"
_Init: TypeAlias = Callable[..., None]
_AsyncHandle: TypeAlias = "Callable[[Any, httpx.Request], Awaitable[httpx.Response]]"


def serve(current_tape: CurrentTape, in_process: bool) -> Callable[[], None]:
    """Serve every client from the tape that `current_tape` gives; where it is None, let it pass.

    `in_process` serves the transports too that use no network (ASGI, WSGI, mock). Returns the undo.
    """
    undo: list[Callable[[], None]] = []
    for module in _installed_modules():
        names = (*_OVER_THE_NETWORK, *(_IN_PROCESS if in_process else ()))
        road = _Road(module, current_tape)
        undo.append(road.idle.stop)
        for name in names:
            undo += road.patch(getattr(module, name))

    def stop() -> None:
        for restore in undo:
            restore()

    return stop


def recorded_with() -> str:
    """The client and its version, as "httpx 0.28.1"."""
    return ", ".join(f"{m.__name__} {m.__version__}" for m in _installed_modules())


def _installed_modules() -> list[ModuleType]:
    modules = [importlib.import_module(n) for n in _MODULES if importlib.util.find_spec(n)]
    # httpx2 can take the name of httpx; then there is one module under two names.
    return list({id(module): module for module in modules}.values())


def _replace(transport: type, name: str, replacement: object) -> Callable[[], None]:
    original = transport.__dict__.get(name)
    setattr(transport, name, replacement)
    if original is None:
        return functools.partial(delattr, transport, name)
    return functools.partial(setattr, transport, name, original)


class _Road:
    """The way of an exchange, for one of the two modules."""

    def __init__(self, module: ModuleType, current_tape: CurrentTape) -> None:
        self.httpx = module
        self.current_tape = current_tape
        self.recorded_stream, self.replayed_stream = _stream_classes(module)
        self.idle = IdleTransports()
        self.headers = functools.lru_cache(maxsize=1024)(self.made_headers)

    def patch(self, transport: type) -> Iterator[Callable[[], None]]:
        for name, served in (
            ("handle_request", self.served),
            ("handle_async_request", self.served_async),
        ):
            original = transport.__dict__.get(name)
            if original:
                yield _replace(transport, name, served(original))
        if transport.__name__ in _OVER_THE_NETWORK:
            for name, method in self.idle.methods(transport):
                yield _replace(transport, name, method)
            yield _replace(transport, "__init__", self.made(transport.__dict__["__init__"]))

    def made(self, original: _Init) -> _Init:
        """A transport that will only replay need not be able to connect. One of a `verify` or
        `cert` of its own is set up at once: these may be wrong."""

        @functools.wraps(original)
        def init(transport: Any, verify: Any = True, *args: Any, **named: Any) -> None:
            def set_up(transport: Any) -> None:
                original(transport, verify, *args, **named)

            tape = self.current_tape()
            is_default = verify is True and not args and not named.get("cert")
            if tape and not tape.may_send and is_default:
                self.idle.defer(transport, set_up)
            else:
                set_up(transport)

        return init

    def tape(self) -> Tape | None:
        """Whose exchange it is; that of a cassette of vcrpy's own is none of ours. Mostly vcrpy
        stands in the place of the transport, but vcrpy 7 stands above it."""
        if "vcr" in sys.modules:
            send = getattr(self.httpx.Client, "_send_single_request", None)
            if getattr(send, "__globals__", {}).get("__name__", "").startswith("vcr."):
                return None
        return self.current_tape()

    def served(self, original: _Handle) -> _Handle:
        @functools.wraps(original)
        def handle_request(transport: Any, request: httpx.Request) -> httpx.Response:
            __tracebackhide__ = True
            tape = self.tape()
            if tape is None:
                return original(transport, request)
            stream: Any = request.stream
            body = _known_body(request)
            body = b"".join(stream) if body is None else body
            started = _start(tape, request, body)
            if isinstance(started, (Response, Failure)):
                return self.replay(request, started)
            request.stream = self.httpx.ByteStream(body)
            if started is None:  # none of ours, as the suite's configuration says
                return original(transport, request)
            try:
                return self.record(original(transport, request), started)
            except self.httpx.TransportError as error:
                started.failed(_failure(error))
                raise
            finally:
                request.stream = stream  # a generator stays consumed, as it would be live

        return handle_request

    def served_async(self, original: _AsyncHandle) -> _AsyncHandle:
        @functools.wraps(original)
        async def handle_async_request(transport: Any, request: httpx.Request) -> httpx.Response:
            __tracebackhide__ = True
            tape = self.tape()
            if tape is None:
                return await original(transport, request)
            stream: Any = request.stream
            body = _known_body(request)
            body = b"".join([part async for part in stream]) if body is None else body
            started = _start(tape, request, body)
            if isinstance(started, (Response, Failure)):
                await _wait_for(started)
                return self.replay(request, started)
            request.stream = self.httpx.ByteStream(body)
            if started is None:  # none of ours, as the suite's configuration says
                return await original(transport, request)
            try:
                return self.record(await original(transport, request), started)
            except self.httpx.TransportError as error:
                started.failed(_failure(error))
                raise
            except _cancelled_class():
                started.failed(Failure(CANCELLED, ""))
                raise
            finally:
                request.stream = stream

        return handle_async_request

    def replay(self, request: httpx.Request, outcome: Outcome) -> httpx.Response:
        if isinstance(outcome, Failure):
            raise _as_error(self.httpx, outcome, request)
        response: httpx.Response = self.httpx.Response(
            outcome.status,
            headers=self.headers(outcome.headers),
            stream=self.replayed_stream(outcome, request),
            extensions={
                "http_version": outcome.http_version.encode("ascii"),
                "reason_phrase": outcome.reason.encode("ascii", "ignore"),
            },
        )
        return response

    def made_headers(self, headers: Headers) -> httpx.Headers:
        """They come again and again, and httpx copies them from these in a tenth of the time."""
        made: httpx.Headers = self.httpx.Headers(_wire_headers(headers))
        return made

    def record(self, response: httpx.Response, take: Take) -> httpx.Response:
        head = Response(
            response.status_code,
            response.reason_phrase,
            _headers(response.headers),
            http_version=response.http_version,
        )
        take.answered(head)
        if response.is_stream_consumed:  # as that of a mock transport is
            take.received(response.content)
        else:
            response.stream = self.recorded_stream(response.stream, take)
        return response


class _RecordedStream(Protocol):
    def __call__(self, stream: Any, take: Take) -> httpx.SyncByteStream: ...


class _ReplayedStream(Protocol):
    def __call__(self, response: Response, request: httpx.Request) -> httpx.SyncByteStream: ...


def _stream_classes(httpx: ModuleType) -> tuple[_RecordedStream, _ReplayedStream]:
    """The two streams, as the module's own classes want them: for sync and async clients alike."""

    class RecordedStream(httpx.SyncByteStream, httpx.AsyncByteStream):  # type: ignore[name-defined, misc]
        """Hands the server's pieces on as they come, and to the take what the consumer read."""

        def __init__(self, stream: Any, take: Take) -> None:
            self._stream = stream
            self._take = take

        def __iter__(self) -> Iterator[bytes]:
            try:
                for piece in self._stream:
                    self._take.received(piece)
                    yield piece
            except httpx.TransportError as error:
                self._take.failed(_failure(error))
                raise

        async def __aiter__(self) -> AsyncIterator[bytes]:
            try:
                async for piece in self._stream:
                    self._take.received(piece)
                    yield piece
            except httpx.TransportError as error:
                self._take.failed(_failure(error))
                raise
            except _cancelled_class():
                self._take.failed(Failure(CANCELLED, ""))
                raise

        def close(self) -> None:
            self._stream.close()

        async def aclose(self) -> None:
            await self._stream.aclose()

    class ReplayedStream(httpx.SyncByteStream, httpx.AsyncByteStream):  # type: ignore[name-defined, misc]
        """Gives the recorded pieces, and the recorded failure at their end."""

        def __init__(self, response: Response, request: Any) -> None:
            self._response = response
            self._request = request

        def __iter__(self) -> Iterator[bytes]:
            return iter((self._response.body,)) if _is_whole(self._response) else self._pieces()

        def _pieces(self) -> Iterator[bytes]:
            yield from filter(None, self._response.pieces())
            if self._response.broken_by:
                raise _as_error(httpx, self._response.broken_by, self._request)

        async def __aiter__(self) -> AsyncIterator[bytes]:
            for piece in filter(None, self._response.pieces()):
                yield piece
            if self._response.broken_by:
                await _wait_for(self._response.broken_by)
                raise _as_error(httpx, self._response.broken_by, self._request)

    return RecordedStream, ReplayedStream


def _is_whole(response: Response) -> bool:
    """Whether its body came in one piece."""
    return bool(response.body) and not response.chunks and not response.broken_by


def _known_body(request: httpx.Request) -> bytes | None:
    """The body, where it does not have to be read from a stream."""
    return getattr(request, "_content", None)


def _start(tape: Tape, request: httpx.Request, body: bytes) -> Outcome | Take | None:
    """Ask the tape. Its errors come without its frames, since their arguments are not scrubbed."""
    __tracebackhide__ = True
    try:
        return tape.start(_request(request, body))
    except RepriseError as error:
        raise error.with_traceback(None) from None


def _request(request: httpx.Request, body: bytes) -> Request:
    url = request.url
    if url.userinfo:  # it goes out as a header, and never as part of the URL
        url = url.copy_with(username=None, password=None)
    return Request(request.method, str(url), _headers(request.headers), body)


def _headers(headers: httpx.Headers) -> Headers:
    return _decoded(tuple(headers.raw))


@functools.lru_cache(maxsize=1024)
def _decoded(headers: tuple[tuple[bytes, bytes], ...]) -> Headers:
    """A client sends the same ones again and again."""
    return tuple([(n.decode("latin-1"), v.decode("latin-1")) for n, v in headers])


def _wire_headers(headers: Headers) -> list[tuple[bytes, bytes]]:
    """Latin-1, as they were recorded; a cassette written by hand may hold more."""
    try:
        return [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers]
    except UnicodeEncodeError:
        return [(name.encode(), value.encode()) for name, value in headers]


def _failure(error: httpx.TransportError) -> Failure:
    return Failure(type(error).__name__, str(error))


def _as_error(httpx: ModuleType, failure: Failure, request: object) -> Exception:
    """The recorded failure as the same httpx class with the same message."""
    found = getattr(httpx, failure.error, None)
    if not (isinstance(found, type) and issubclass(found, httpx.TransportError)):
        found = httpx.TransportError  # the class of another release of httpx
    error: Exception = found(failure.message, request=request)
    return error


async def _wait_for(outcome: Outcome) -> None:
    """Let other tasks run, as a call over the network does. A call that its task gave up gets no
    answer now either, so that it is given up again."""
    import anyio

    if isinstance(outcome, Failure) and outcome.error == CANCELLED:
        await anyio.sleep_forever()
    await anyio.lowlevel.checkpoint()


def _cancelled_class() -> type[BaseException]:
    import anyio

    return anyio.get_cancelled_exc_class()
