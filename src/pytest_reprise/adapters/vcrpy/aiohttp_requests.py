"""Record aiohttp's requests as they are sent.

vcrpy records the arguments of the caller: a URL without the base URL of the session, and values in
the place of the encoded body.
"""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Awaitable, Callable
from typing import Any, TypeAlias

from aiohttp import ClientSession, FormData, StreamReader, hdrs
from aiohttp.base_protocol import BaseProtocol
from aiohttp.payload import JsonPayload, Payload
from multidict import CIMultiDict
from vcr.patch import _AiohttpClientSessionRequest
from vcr.stubs.aiohttp_stubs import vcr_request

from ...exchange import CANCELLED, Failure
from ...tape.pending import PendingInteraction
from ...tape.player import Played
from ...tape.tape import Tape
from ..pacing import wait_for_end_async
from .failures import WasCancelled, failure_of, last_started

_Send: TypeAlias = Callable[..., Awaitable[Any]]


def patched_request(cassette: object, current_tape: Callable[[], Tape | None]) -> _Send:
    """Return the replacement for `ClientSession._request`.

    Where a tape is active, it calls vcrpy's stub with the URL and body that are sent. A legacy
    cassette has the arguments of the caller, so there the stub gets those.
    """
    stub: _Send = vcr_request(cassette, _really_send)

    @functools.wraps(_AiohttpClientSessionRequest)
    async def request(session: ClientSession, method: str, url: Any, **how: Any) -> Any:
        tape = current_tape()
        if tape is None:
            return await _AiohttpClientSessionRequest(session, method, url, **how)
        if not tape.is_legacy:
            url = session._build_url(url)
            how = await _with_body(session, how)
        check = how.pop("raise_for_status", None)
        answer = await _noting_failures(stub(session, method, url, raise_for_status=False, **how))
        if answer.content.at_eof() and answer._body:  # some releases of vcrpy have read it already
            answer.content = _unread(answer._body)
        await _raise_for_status(answer, session.raise_for_status if check is None else check)
        return answer

    return request


async def _noting_failures(answer: Awaitable[Any]) -> Any:
    """Note a failure of the request: vcrpy records answers only."""
    last_started.set(None)
    try:
        return await answer
    except WasCancelled:
        await asyncio.get_running_loop().create_future()  # so that it is cancelled again
    except asyncio.CancelledError:
        _note(Failure(CANCELLED, ""))
        raise
    except Exception as error:
        _note(failure_of(error))
        raise
    finally:
        played = last_started.get()
        if isinstance(played, Played) and played.pace:
            await wait_for_end_async(played.pace)


def _note(failure: Failure | None) -> None:
    pending = last_started.get()
    if failure and isinstance(pending, PendingInteraction):
        pending.failed(failure)


def _unread(body: bytes) -> StreamReader:
    loop = asyncio.get_running_loop()
    stream = StreamReader(BaseProtocol(loop), max(len(body), 2**16), loop=loop)
    stream.feed_data(body)
    stream.feed_eof()
    return stream


async def _raise_for_status(answer: Any, check: bool | Callable[[Any], Awaitable[None]]) -> None:
    """Check the status afterwards, as aiohttp does; some releases of vcrpy do not."""
    if callable(check):
        await check(answer)
    elif check:
        answer.raise_for_status()


@functools.wraps(_AiohttpClientSessionRequest)
async def _really_send(session: ClientSession, method: str, url: Any, **how: Any) -> Any:
    base = session._base_url
    if base is not None and getattr(url, "absolute", False):
        # Some releases of aiohttp refuse an absolute URL where the session has a base URL.
        url = url.relative() if base.join(url.relative()) == url else url
    return await _AiohttpClientSessionRequest(session, method, url, **how)


async def _with_body(session: ClientSession, how: dict[str, Any]) -> dict[str, Any]:
    """The arguments with the encoded body and its content type in the place of values."""
    payload = _payload(session, how)
    if payload is None:
        return how
    headers = CIMultiDict(how.get("headers") or ())
    if hdrs.CONTENT_TYPE not in session._prepare_headers(headers):
        headers[hdrs.CONTENT_TYPE] = payload.headers[hdrs.CONTENT_TYPE]
    return {**how, "json": None, "data": await _written(payload), "headers": headers}


async def _written(payload: Payload) -> bytes:
    """The bytes that a payload writes when it is sent. Not every release of aiohttp has a method
    for it."""
    pieces: list[bytes] = []

    class Writer:
        async def write(self, piece: bytes) -> None:
            pieces.append(bytes(piece))

    writer: Any = Writer()
    await payload.write(writer)
    return b"".join(pieces)


def _payload(session: ClientSession, how: dict[str, Any]) -> Payload | None:
    """The payload that aiohttp makes from values; None where the body is encoded already."""
    data, value = how.get("data"), how.get("json")
    if data is None and value is not None:
        return JsonPayload(value, dumps=session._json_serialize)
    if isinstance(data, (dict, list, tuple)):
        return FormData(data)()
    return data() if isinstance(data, FormData) else None
