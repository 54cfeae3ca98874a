"""The connections of http.client, made by somebody else while they are served.

The classes stay what they are, under all names by which they were imported, so that other threads
see nothing of it; what is asked for a connection is only what `HTTPConnection(...)` makes.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPSConnection
from typing import Any, TypeAlias

Make: TypeAlias = Callable[..., object]
"""Called with the class and its arguments; None is for a real connection."""

_thread = threading.local()
_makers: list[Make] = []


def serve(make: Make) -> Callable[[], None]:
    """Have `make` asked for each connection that is not of a derived class. Returns the undo."""
    if HTTPConnection.__new__ is object.__new__:
        # It stays: Python does not forget a `__new__` that was set, and later refuses arguments.
        HTTPConnection.__new__ = _new  # type: ignore[method-assign]
    _makers.append(make)
    return lambda: _makers.remove(make)


def _new(cls: type, *args: Any, **kwargs: Any) -> Any:
    if _makers and cls in (HTTPConnection, HTTPSConnection) and not _makes_real():
        made = _makers[-1](cls, *args, **kwargs)
        if made is not None:
            return made
    return object.__new__(cls)


def _makes_real() -> bool:
    return getattr(_thread, "depth", 0) > 0


@contextmanager
def real() -> Iterator[None]:
    """In this thread the connections are real."""
    _thread.depth = getattr(_thread, "depth", 0) + 1
    try:
        yield
    finally:
        _thread.depth -= 1
