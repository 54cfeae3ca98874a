"""aiohttp's requests as they are sent. vcrpy takes them as they were asked for: a URL without its
base, and values in the place of a body."""

from __future__ import annotations

import functools
from collections.abc import Awaitable, Callable
from typing import Any, TypeAlias

from aiohttp import ClientSession, FormData, hdrs
from aiohttp.payload import JsonPayload, Payload
from multidict import CIMultiDict
from vcr.patch import _AiohttpClientSessionRequest

from ..tape import Tape

_Send: TypeAlias = Callable[..., Awaitable[Any]]


def as_sent(stub: _Send, current_tape: Callable[[], Tape | None]) -> _Send:
    """vcrpy's stub, given what is sent, and nothing where nobody is recorded.

    Of a cassette that vcrpy wrote, the requests stand there as they were asked for.
    """

    @functools.wraps(stub)
    async def request(session: ClientSession, method: str, url: Any, **how: Any) -> Any:
        tape = current_tape()
        if tape is None:
            return await _AiohttpClientSessionRequest(session, method, url, **how)
        if not tape.plays_legacy:
            url = session._build_url(url)
            how = await _with_body(session, how)
        return await stub(session, method, url, **how)

    return request


async def _with_body(session: ClientSession, how: dict[str, Any]) -> dict[str, Any]:
    """The arguments, with the body and its type as they would be made of them."""
    payload = _payload(session, how)
    if payload is None:
        return how
    headers = CIMultiDict(how.get("headers") or ())
    if hdrs.CONTENT_TYPE not in session._prepare_headers(headers):
        headers[hdrs.CONTENT_TYPE] = payload.headers[hdrs.CONTENT_TYPE]
    data = await payload.as_bytes()
    return {**how, "json": None, "data": data, "headers": headers}


def _payload(session: ClientSession, how: dict[str, Any]) -> Payload | None:
    """What is made of values; None where the body is one already."""
    data, value = how.get("data"), how.get("json")
    if data is None and value is not None:
        return JsonPayload(value, dumps=session._json_serialize)
    if isinstance(data, (dict, list, tuple)):
        return FormData(data)()
    return data() if isinstance(data, FormData) else None
