"""Let another function make the connections of `http.client`.

The classes are not replaced, so all names under which they were imported stay valid. Only what
`HTTPConnection(...)` and `HTTPSConnection(...)` return changes.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPSConnection
from typing import Any, TypeAlias

Make: TypeAlias = Callable[..., object]
"""Called with the class and its arguments. It returns None for a real connection."""

_thread = threading.local()
_makers: list[Make] = []


def serve(make: Make) -> Callable[[], None]:
    """Call `make` for each new connection, except those of derived classes.

    Returns a function that undoes it.
    """
    if HTTPConnection.__new__ is object.__new__:
        # It is never removed: once `__new__` was set, Python refuses arguments without it.
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
    """Make real connections inside the block, in this thread."""
    _thread.depth = getattr(_thread, "depth", 0) + 1
    try:
        yield
    finally:
        _thread.depth -= 1
