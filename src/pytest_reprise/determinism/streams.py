"""Random bytes from a seed: a tree of streams, with one stream for each thread, job and task.

Every stream starts from the seed of its parent and a number of its own. What one thread draws does
not depend on how far another thread has come.
"""

from __future__ import annotations

import contextvars
import functools
import random
import sys
import uuid
import weakref
from collections import Counter
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    import asyncio

T = TypeVar("T")

_UUID_EPOCH = 0x01B21DD213814000
"""From 1582-10-15 to 1970-01-01, in units of 100 ns (RFC 9562, section 5.1)."""


class Stream:
    """Random bytes for one thread, job or task of a scope."""

    def __init__(self, owner: ScopeStreams, seed: str) -> None:
        self.owner = owner
        self._seed = seed
        self._random = random.Random(seed)
        self._children: Counter[str] = Counter()
        self._purposes: dict[str, Stream] = {}
        self._tasks: weakref.WeakKeyDictionary[object, Stream] = weakref.WeakKeyDictionary()

    def bytes(self, size: int) -> bytes:
        return self._random.randbytes(size)

    def child(self, kind: str) -> Stream:
        """Return a new stream for a thread, job or task that was started from here.

        Each kind has its own numbers: how many threads a pool starts for its jobs depends on the
        machine, and must not change the numbers of the jobs.
        """
        self._children[kind] += 1
        return Stream(self.owner, f"{self._seed}/{kind}{self._children[kind]}")

    def of_purpose(self, purpose: str) -> Stream:
        """Return the stream for one purpose, always the same for the same purpose."""
        if purpose not in self._purposes:
            self._purposes[purpose] = Stream(self.owner, f"{self._seed}/{purpose}")
        return self._purposes[purpose]

    def anew(self, name: str) -> Stream:
        """Return a new stream at its begin, always the same for the same name."""
        return Stream(self.owner, f"{self._seed}/{name}")

    def of_task(self, task: object) -> Stream:
        """Return the stream of an asyncio task, always the same for the same task."""
        if task not in self._tasks:
            self._tasks[task] = self.child("task")
        return self._tasks[task]


_own_stream: contextvars.ContextVar[Stream | None] = contextvars.ContextVar(
    "own_stream", default=None
)
"""The stream of the running thread or job; None in the thread that entered the scope."""


def own_stream() -> Stream | None:
    """Return the stream of the running thread or job; None in the thread that entered the scope."""
    return _own_stream.get()


def run_with(stream: Stream, function: Callable[..., T], /, *args: object, **kwargs: object) -> T:
    """Call a function so that all it draws comes from this stream."""
    token = _own_stream.set(stream)
    try:
        return function(*args, **kwargs)
    finally:
        _own_stream.reset(token)


class ScopeStreams:
    """All streams of one scope. `started` is the time of its UUIDs, in seconds since 1970."""

    def __init__(self, seed: int, started: float) -> None:
        self.seed = seed
        self.draws = 0
        """How often random bytes were drawn."""
        self._uuid_time = int(started * 10_000_000) + _UUID_EPOCH

    @functools.cached_property
    def _main_stream(self) -> Stream:
        # Created at the first use, since most tests draw nothing: this saves 1.1 % of a replay.
        return Stream(self, str(self.seed))

    def draw(self, size: int) -> bytes:
        """Return random bytes from the stream of the running thread, job or task."""
        self.draws += 1
        stream, task = self._current_stream(), running_task()
        return (stream.of_task(task) if task else stream).bytes(size)

    def draw_for(self, purpose: str, size: int) -> bytes:
        """Return random bytes for what any scope may do first. Other values do not move."""
        self.draws += 1
        return self._current_stream().of_purpose(purpose).bytes(size)

    def child(self, kind: str) -> Stream:
        """Return a new stream for a thread or job, by the order in which they are started."""
        return self._current_stream().child(kind)

    def anew(self, name: str) -> Stream:
        """Return a new stream at its begin, always the same for the same name."""
        return self._current_stream().anew(name)

    def _current_stream(self) -> Stream:
        stream = _own_stream.get()
        # A thread of an outer scope may still run. In this scope it has no stream.
        return stream if stream and stream.owner is self else self._main_stream

    def uuid1(self, node: int | None, clock_seq: int | None) -> uuid.UUID:
        """Return a UUID of version 1 with the time of the scope, and a random node and clock."""
        drawn = int.from_bytes(self.draw(8), "big")
        self._uuid_time += 1 + drawn % 1000
        clock = drawn >> 48 if clock_seq is None else clock_seq
        node = drawn & 0xFFFFFFFFFFFF | 0x010000000000 if node is None else node
        low, middle, high = (
            self._uuid_time & 0xFFFFFFFF,
            self._uuid_time >> 32 & 0xFFFF,
            self._uuid_time >> 48 & 0x0FFF,
        )
        fields = (low, middle, high, clock >> 8 & 0x3F, clock & 0xFF, node)
        return uuid.UUID(fields=fields, version=1)


def running_task() -> asyncio.Task[object] | None:
    """Return the asyncio task that runs now, or None."""
    imported = sys.modules.get("asyncio")
    if imported is None:
        return None
    try:
        task: asyncio.Task[object] | None = imported.current_task()
    except RuntimeError:  # no event loop is running
        return None
    return task
