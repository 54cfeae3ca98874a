"""Waits for replayed answers, for sync and async clients."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Iterable, Iterator

import anyio

from ..tape.pace import Pace


def wait_for_headers(pace: Pace) -> None:
    """Wait until the headers of an answer are due."""
    time.sleep(pace.until_headers())
    pace.arrive()


async def wait_for_headers_async(pace: Pace) -> None:
    """Do what `wait_for_headers` does, while other tasks run."""
    await anyio.sleep(pace.until_headers())
    pace.arrive()


def wait_for_end(pace: Pace) -> None:
    """Wait until a whole answer is due."""
    wait_for_headers(pace)
    time.sleep(pace.until_end())


async def wait_for_end_async(pace: Pace) -> None:
    """Do what `wait_for_end` does, while other tasks run."""
    await wait_for_headers_async(pace)
    await anyio.sleep(pace.until_end())


def paced(pieces: Iterable[bytes], pace: Pace) -> Iterator[bytes]:
    """Yield each piece of a body when it is due."""
    found = [*pieces]
    for number, piece in enumerate(found, 1):
        time.sleep(pace.until_piece(number, len(found)))
        yield piece


async def paced_async(pieces: Iterable[bytes], pace: Pace) -> AsyncIterator[bytes]:
    """Do what `paced` does, while other tasks run."""
    found = [*pieces]
    for number, piece in enumerate(found, 1):
        await anyio.sleep(pace.until_piece(number, len(found)))
        yield piece
