"""Patches of Python's random functions: within a recorded scope they draw from its seed.

This is the only module that patches them. `install` replaces, for the session:

- `os.urandom`, and so `uuid4`, `secrets` and the boundaries of multipart bodies
- `uuid.uuid1`
- the seed of a `random.Random` that is made or seeded without one
- the start of threads and of jobs in a ThreadPoolExecutor, each of which gets a stream of its own

Outside of recorded scopes they do what they did before. Not affected are TLS and C libraries with
generators of their own, which get their random bytes in C, and the time in `uuid7`.
"""

from __future__ import annotations

import functools
import os
import random
import sys
import threading
import uuid
from collections.abc import Callable, Sized
from concurrent.futures import ThreadPoolExecutor
from types import FrameType
from typing import Any, TypeVar

from .rebinding import rebind, replace
from .streams import ScopeStreams, own_stream, run_with

T = TypeVar("T")

_real_urandom = os.urandom
_entered: list[ScopeStreams] = []
"""The streams of the scopes that are entered, the innermost last. The patches are global to the
process, so this is too; only `activate` and `deactivate` change it."""


def activate(streams: ScopeStreams) -> None:
    """Let the patched functions draw from these streams, until they are deactivated."""
    _entered.append(streams)


def deactivate(streams: ScopeStreams) -> None:
    """Let the patched functions draw from what was active before."""
    if streams in _entered:
        _entered.remove(streams)


def _active() -> ScopeStreams | None:
    """The streams that the running code draws from: those of the scope that started its thread,
    also while another scope is entered; else those of the innermost scope."""
    if not _entered:
        return None
    own = own_stream()
    return own.owner if own else _entered[-1]


def call_anew(name: str, function: Callable[..., T], /, *args: object, **named: object) -> T:
    """Call a function so that what it draws depends on this name, and not on earlier draws."""
    streams = _active()
    return (
        run_with(streams.anew(name), function, *args, **named)
        if streams
        else function(*args, **named)
    )


def system_bytes(size: int) -> bytes:
    """Return random bytes of the system, whatever scope is active."""
    return _real_urandom(size)


def install() -> Callable[[], None]:
    """Patch the functions, also where a module has imported one by name; return the undo."""
    undo = [
        *rebind({os.urandom: _urandom, uuid.uuid1: _uuid1(uuid.uuid1)}, __name__),
        *replace(random.Random, "seed", _seed(random.Random.seed)),
        *replace(random, "seed", functools.partial(_module_seed, random.seed)),
        *replace(ThreadPoolExecutor, "submit", _submit(ThreadPoolExecutor.submit)),
        *replace(threading.Thread, "start", _start(threading.Thread.start)),
    ]

    def uninstall() -> None:
        for restore in undo:
            restore()

    return uninstall


# --- the functions ----------------------------------------------------------------------------


def _urandom(size: int, /) -> bytes:
    """Return random bytes, from the seed of the recorded scope where one is active."""
    streams = _active()
    if streams is None:
        return _real_urandom(size)
    # Which scope imports a module first depends on the order of tests, so what the module draws
    # during its import must not move the values of this scope.
    if _is_importing():
        return streams.draw_for("import", size)
    if module := _module_that_draws_once():
        return streams.draw_for(f"once in {module}", size)
    return streams.draw(size)


def _uuid1(original: Callable[..., uuid.UUID]) -> Callable[..., uuid.UUID]:
    @functools.wraps(original)
    def uuid1(node: int | None = None, clock_seq: int | None = None) -> uuid.UUID:
        streams = _active()
        return original(node, clock_seq) if streams is None else streams.uuid1(node, clock_seq)

    return uuid1


def _seed(original: Callable[..., None]) -> Callable[..., None]:
    @functools.wraps(original)
    def seed(self: random.Random, a: Any = None, version: int = 2) -> None:
        original(self, _given_or_drawn(a), version)

    return seed


def _module_seed(original: Callable[..., None], a: Any = None, version: int = 2) -> None:
    original(_given_or_drawn(a), version)


def _given_or_drawn(a: Any) -> Any:
    """Return the given seed, or one of the scope. Without one, C code would ask the system."""
    if a is not None:
        return a
    streams = _active()
    if streams is None:
        return None
    if _is_importing():
        return streams.seed
    # A library makes a generator when it is first used, as tempfile does; which scope uses it first
    # depends on the order of tests.
    library = _calling_library()
    return streams.draw_for(f"generator of {library}", 32) if library else _urandom(32)


def _calling_library() -> str | None:
    """The module that makes a generator; None where that is not a library but the suite."""
    frame: FrameType | None = sys._getframe(1)
    while frame and frame.f_globals.get("__name__") in (__name__, "random"):
        frame = frame.f_back
    file = frame.f_code.co_filename if frame else ""
    is_library = "site-packages" in file or file.startswith(sys.base_prefix)
    return str(frame.f_globals.get("__name__")) if frame and is_library else None


_modules_in_import: Sized | None = getattr(sys.modules["_frozen_importlib"], "_module_locks", None)
"""Python's locks of the modules that are being imported. Without one, the stack need not be read:
that takes 6 µs."""


def _is_importing() -> bool:
    if _modules_in_import is not None and not len(_modules_in_import):
        return False
    frame: FrameType | None = sys._getframe()
    while frame is not None and not frame.f_code.co_filename.startswith("<frozen importlib"):
        frame = frame.f_back
    return frame is not None


_DRAWING_ONCE = ("stripe._telemetry_id",)
"""Modules of libraries that draw once in a process, or once on a machine and keep the value in a
file: whether they draw in a test depends on what ran before it. (Seen in stripe 16.1.)"""


def _module_that_draws_once() -> str | None:
    """The module of `_DRAWING_ONCE` that is drawing; None for any other."""
    for name in _DRAWING_ONCE:
        frame = sys._getframe(2) if name in sys.modules else None
        while frame:
            if frame.f_globals.get("__name__") == name:
                return name
            frame = frame.f_back
    return None


_LOOK_UPS = frozenset(("getaddrinfo", "getnameinfo"))


def _submit(original: Callable[..., T]) -> Callable[..., T]:
    """A job runs in whichever thread is free, so its stream comes from the order of submission."""

    @functools.wraps(original)
    def submit(
        self: ThreadPoolExecutor, fn: Callable[..., object], /, *args: Any, **kwargs: Any
    ) -> T:
        streams = _active()
        # Event loops look names up in jobs, and only while recording.
        if streams is not None and getattr(fn, "__name__", "") not in _LOOK_UPS:
            fn = functools.partial(run_with, streams.child("job"), fn)
        return original(self, fn, *args, **kwargs)

    return submit


def _start(original: Callable[[threading.Thread], None]) -> Callable[[threading.Thread], None]:
    @functools.wraps(original)
    def start(self: threading.Thread) -> None:
        streams = _active()
        if streams is not None:
            run = functools.partial(run_with, streams.child("thread"), self.run)
            self.run = run  # type: ignore[method-assign]
        original(self)

    return start
