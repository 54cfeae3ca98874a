"""Streamed bodies: server-sent events, and one that is cut off."""

import asyncio
import itertools
import json
from collections.abc import AsyncIterator, Iterable
from typing import Annotated

from fastapi import APIRouter, Query, Response
from fastapi.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from examples.staging_api.server.declared import raw

router = APIRouter(tags=["streams"])

SECONDS_BETWEEN_EVENTS = 0.01


class BrokenResponse(Response):
    """Announces 1000 bytes, sends a few and closes the connection."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002
        headers = [(b"content-type", b"text/plain"), (b"content-length", b"1000")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        # The server closes the connection because more bytes are announced than sent.
        await send({"type": "http.response.body", "body": b"Once upon", "more_body": True})


@router.get("/events", response_class=Response, responses=raw("text/event-stream"))
def events(count: Annotated[int, Query(ge=0, le=100)] = 5) -> Response:
    return _event_stream(range(1, count + 1))


@router.get("/events/endless", response_class=Response, responses=raw("text/event-stream"))
def endless_events() -> Response:
    return _event_stream(itertools.count(1))


@router.get("/broken", response_class=Response, responses=raw("text/plain"))
def broken() -> Response:
    return BrokenResponse()


def _event_stream(numbers: Iterable[int]) -> Response:
    return StreamingResponse(_events(numbers), media_type="text/event-stream")


async def _events(numbers: Iterable[int]) -> AsyncIterator[str]:
    for number in numbers:
        yield f"id: {number}\nevent: tick\ndata: {json.dumps({'number': number})}\n\n"
        await asyncio.sleep(SECONDS_BETWEEN_EVENTS)
