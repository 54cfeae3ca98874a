"""Record and replay the requests of httpx and httpx2, sync and async.

The classes of transports are patched once in a session. So every client in the process is served,
also one that was made earlier or inside an SDK. The tape is looked up for each request.
"""

from __future__ import annotations

import functools
import importlib
import importlib.util
import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack
from types import ModuleType
from typing import TYPE_CHECKING, Any, TypeAlias

from ..determinism.base_url import NO_BASE_URL
from ..errors import RepriseError
from ..exchange import CANCELLED, Failure, Headers, Request, Response
from ..tape.pending import PendingInteraction
from ..tape.player import Played
from ..tape.tape import Tape
from . import respx_mocks
from .httpx_streams import (
    ReplayedConnection,
    as_error,
    cancelled_class,
    failure_of,
    stream_classes,
    wait_for,
    wait_for_headers,
)
from .lazy_transport import LazyTransports
from .respx_mocks import Ask, LateQuestion
from .start import start

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
    """Patch the transports. Each request goes to the tape that `current_tape` returns; where that
    is None, the request is sent as usual.

    `in_process` also patches the transports that use no network (ASGI, WSGI, mock). Returns a
    function that undoes all of it.
    """
    undo = ExitStack()  # runs every step, also after one of them has failed
    for module in _installed_modules():
        names = (*_OVER_THE_NETWORK, *(_IN_PROCESS if in_process else ()))
        patcher = HttpxPatcher(module, current_tape)
        for name in names:
            for restore in patcher.patch(getattr(module, name)):
                undo.callback(restore)
        undo.callback(patcher.lazy.set_up_all)
    return undo.close


def recorded_with() -> str:
    """The installed clients and their versions, as "httpx 0.28.1"."""
    return ", ".join(f"{m.__name__} {m.__version__}" for m in _installed_modules())


def _installed_modules() -> list[ModuleType]:
    modules = [importlib.import_module(n) for n in _MODULES if importlib.util.find_spec(n)]
    # httpx2 can be imported under the name httpx, too. Then both names are the same module.
    return list({id(module): module for module in modules}.values())


def _replace(transport: type, name: str, replacement: object) -> Callable[[], None]:
    original = transport.__dict__.get(name)
    setattr(transport, name, replacement)
    if original is None:
        return functools.partial(delattr, transport, name)
    return functools.partial(setattr, transport, name, original)


class HttpxPatcher:
    """Patches one of the two modules, which is `self.httpx` here."""

    def __init__(self, module: ModuleType, current_tape: CurrentTape) -> None:
        self.httpx = module
        self.current_tape = current_tape
        self.recorded_stream, self.replayed_stream = stream_classes(module)
        self.lazy = LazyTransports()
        self.headers = functools.lru_cache(maxsize=1024)(self.make_headers)

    def patch(self, transport: type) -> Iterator[Callable[[], None]]:
        for name, patched in (
            ("handle_request", self.patched),
            ("handle_async_request", self.patched_async),
        ):
            original = transport.__dict__.get(name)
            if original:
                yield _replace(transport, name, patched(original))
        if transport.__name__ in _OVER_THE_NETWORK:
            for name, method in self.lazy.methods(transport):
                yield _replace(transport, name, method)
            yield _replace(transport, "__init__", self.lazy_init(transport.__dict__["__init__"]))

    def lazy_init(self, original: _Init) -> _Init:
        """A transport that only replays need not be able to connect. One with its own `verify` or
        `cert` is set up at once, so that a wrong file is an error at once."""

        @functools.wraps(original)
        def init(transport: Any, verify: Any = True, *args: Any, **named: Any) -> None:
            def set_up(transport: Any) -> None:
                original(transport, verify, *args, **named)

            tape = self.current_tape()
            is_default = verify is True and not args and not named.get("cert")
            if tape and not tape.may_send and is_default:
                self.lazy.defer(transport, set_up)
            else:
                set_up(transport)

        return init

    def tape(self, transport: object) -> Tape | None:
        """The tape for a request; None while a cassette of vcrpy's own is in use.

        Most releases of vcrpy replace the transport, so we do not see such a request. vcrpy 7
        replaces a method above it. None also for the transport that respx puts into each client.
        """
        if respx_mocks.active_transports and isinstance(transport, self.httpx.MockTransport):
            return None
        if "vcr" in sys.modules:
            send = getattr(self.httpx.Client, "_send_single_request", None)
            if getattr(send, "__globals__", {}).get("__name__", "").startswith("vcr."):
                return None
        return self.current_tape()

    def patched(self, original: _Handle) -> _Handle:
        @functools.wraps(original)
        def handle_request(transport: Any, request: httpx.Request) -> httpx.Response:
            __tracebackhide__ = True
            tape = self.tape(transport)
            if tape is None:
                return original(transport, request)
            stream: Any = request.stream
            body = getattr(request, "_content", None)  # None: only the stream has it
            body = b"".join(stream) if body is None else body
            if respx_mocks.active_routers:
                request.stream = self.httpx.ByteStream(body)
                return self.below_mocks(original, transport, request, _asking(tape, request, body))
            started = _start(tape, request, body)
            if isinstance(started, Played):
                if started.pace:
                    wait_for_headers(started.pace)
                return self.replay(request, started)
            request.stream = self.httpx.ByteStream(body)
            if started is None:  # excluded by the suite's configuration
                return original(transport, request)
            try:
                with _Sending(self.httpx, started):
                    return self.record(original(transport, request), started)
            finally:
                request.stream = stream  # a generator stays consumed, as it would be live

        return handle_request

    def patched_async(self, original: _AsyncHandle) -> _AsyncHandle:
        @functools.wraps(original)
        async def handle_async_request(transport: Any, request: httpx.Request) -> httpx.Response:
            __tracebackhide__ = True
            tape = self.tape(transport)
            if tape is None:
                return await original(transport, request)
            stream: Any = request.stream
            body = getattr(request, "_content", None)  # None: only the stream has it
            body = b"".join([part async for part in stream]) if body is None else body
            if respx_mocks.active_routers:
                request.stream = self.httpx.ByteStream(body)
                ask = _asking(tape, request, body)
                return await self.below_mocks_async(original, transport, request, ask)
            started = _start(tape, request, body)
            if isinstance(started, Played):
                await wait_for(started)
                return self.replay(request, started)
            request.stream = self.httpx.ByteStream(body)
            if started is None:  # excluded by the suite's configuration
                return await original(transport, request)
            try:
                with _Sending(self.httpx, started, cancelled_class):
                    return self.record(await original(transport, request), started)
            finally:
                request.stream = stream

        return handle_async_request

    def below_mocks(
        self, original: _Handle, transport: object, request: httpx.Request, ask: Ask
    ) -> httpx.Response:
        __tracebackhide__ = True
        with respx_mocks.asking_later(ask) as question:
            try:
                with _Sending(self.httpx, question):
                    response = original(transport, request)
            except respx_mocks.Answered:
                if question.answer.pace:
                    wait_for_headers(question.answer.pace)
                return self.replay(request, question.answer)
        return self.record(response, question.pending) if question.pending else response

    async def below_mocks_async(
        self, original: _AsyncHandle, transport: object, request: httpx.Request, ask: Ask
    ) -> httpx.Response:
        __tracebackhide__ = True
        with respx_mocks.asking_later(ask) as question:
            try:
                with _Sending(self.httpx, question, cancelled_class):
                    response = await original(transport, request)
            except respx_mocks.Answered:
                await wait_for(question.answer)
                return self.replay(request, question.answer)
        return self.record(response, question.pending) if question.pending else response

    def replay(self, request: httpx.Request, played: Played) -> httpx.Response:
        outcome = played.outcome
        if isinstance(outcome, Failure):
            raise as_error(self.httpx, outcome, request)
        if not request.url.scheme:  # its client has no base URL; httpx needs one to read cookies
            request.url = type(request.url)(NO_BASE_URL).join(request.url)
        stream = self.replayed_stream(outcome, request, played)
        response: httpx.Response = self.httpx.Response(
            outcome.status,
            headers=self.headers(outcome.headers),
            stream=stream,
            extensions={
                "http_version": outcome.http_version.encode("ascii"),
                "reason_phrase": outcome.reason.encode("ascii", "ignore"),
                "network_stream": ReplayedConnection(request),
            },
        )
        stream.timed = response if played.latency else None
        return response

    def make_headers(self, headers: Headers) -> httpx.Headers:
        """Return recorded headers as headers of httpx.

        This cache and that of `_decode` together save 1.6 % of a replay of 1000 tests: most
        requests and answers of a suite have the same headers.
        """
        made: httpx.Headers = self.httpx.Headers(_wire_headers(headers))
        return made

    def record(self, response: httpx.Response, pending: PendingInteraction) -> httpx.Response:
        head = Response(
            response.status_code,
            response.reason_phrase,
            _headers(response.headers),
            http_version=response.http_version,
        )
        pending.answered(head)
        if response.is_stream_consumed:  # as that of a mock transport is
            pending.received(response.content)
            pending.completed()
        else:
            response.stream = self.recorded_stream(response.stream, pending)
        return response


def _start(tape: Tape, request: httpx.Request, body: bytes) -> Played | PendingInteraction | None:
    """Ask the tape. Its errors are raised without its frames, whose arguments are not scrubbed."""
    __tracebackhide__ = True
    try:
        return start(tape, _request(request, body))
    except RepriseError as error:
        raise error.with_traceback(None) from None


class _Sending:
    """Notes how a request that is sent in its block failed.

    `cancelled` returns the error of a cancelled task; it is for async clients.
    """

    def __init__(
        self,
        module: Any,
        pending: PendingInteraction | LateQuestion,
        cancelled: Callable[[], type[BaseException]] | None = None,
    ) -> None:
        self._module = module
        self._pending = pending
        self._cancelled = cancelled

    def __enter__(self) -> None:
        pass

    def __exit__(self, _kind: object, error: BaseException | None, _traceback: object) -> None:
        if error is None:
            return
        if isinstance(error, self._module.TransportError):
            self._pending.failed(failure_of(error))
        elif self._cancelled and isinstance(error, self._cancelled()):
            self._pending.failed(Failure(CANCELLED, ""))
        else:  # whatever it is: the request is not in flight any more
            self._pending.completed()


def _asking(tape: Tape, request: httpx.Request, body: bytes) -> Ask:
    return functools.partial(_start, tape, request, body)


def _request(request: httpx.Request, body: bytes) -> Request:
    url = request.url
    if url.userinfo:  # httpx sends it as a header, not as part of the URL
        url = url.copy_with(username=None, password=None)
    return Request(request.method, str(url), _headers(request.headers), body)


def _headers(headers: httpx.Headers) -> Headers:
    return _decode(tuple(headers.raw))


@functools.lru_cache(maxsize=1024)
def _decode(headers: tuple[tuple[bytes, bytes], ...]) -> Headers:
    return tuple([(n.decode("latin-1"), v.decode("latin-1")) for n, v in headers])


def _wire_headers(headers: Headers) -> list[tuple[bytes, bytes]]:
    """Headers are recorded as latin-1. A cassette that was edited by hand may hold more."""
    try:
        return [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers]
    except UnicodeEncodeError:
        return [(name.encode(), value.encode()) for name, value in headers]
