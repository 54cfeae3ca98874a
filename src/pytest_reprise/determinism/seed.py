"""Chance, from a seed: the only place that patches what draws random values.

Within a scope all draws start from the scope's seed: `random`, `os.urandom` (and so `uuid4`,
`secrets`, multipart boundaries), `uuid1`, Faker, factory_boy and NumPy where they are imported.
Outside of one, and in TLS, which draws in C, chance is what it was.

Not reached: C libraries with generators of their own, and the time in `uuid7`.
"""

from __future__ import annotations

import contextvars
import functools
import importlib
import os
import random
import sys
import threading
import uuid
import weakref
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import EntryPoint, distributions
from types import FrameType
from typing import Any, TypeAlias, TypeVar

T = TypeVar("T")

SEED_BITS = 32
"""NumPy takes no more."""

_GENERATORS = (
    ("random", "_inst"),
    ("faker.generator", "random"),
    ("factory.random", "randgen"),
    ("model_bakery.random_gen", "baker_random"),
    ("polyfactory.constants", "DEFAULT_RANDOM"),
)
"""The shared `random.Random` of each library, touched only where the library is imported."""

_SEEDERS = "pytest_randomly.random_seeder"
"""The entry-point group that pytest-randomly defines: functions that take a seed."""

_UUID_EPOCH = 0x01B21DD213814000
"""From 1582-10-15 to 1970-01-01 in units of 100 ns (RFC 9562, 5.1)."""

_States: TypeAlias = dict[tuple[str, str], Any]
"""The state of each generator, by module and name."""

_real_urandom = os.urandom
_current: SeededRandomness | None = None
_branch: contextvars.ContextVar[_Branch | None] = contextvars.ContextVar("branch", default=None)


def new_seed() -> int:
    """A seed from the system, whatever scope is running."""
    return int.from_bytes(_real_urandom(SEED_BITS // 8), "big")


class _Branch:
    """A stream of bytes, and the streams that branch off it: for threads, jobs and tasks.

    Each starts from its parent's seed and its own number, so that what one draws does not depend
    on how far another one has come.
    """

    def __init__(self, owner: SeededRandomness, seed: str) -> None:
        self.owner = owner
        self._seed = seed
        self._random = random.Random(seed)
        self._children: Counter[str] = Counter()
        self._tasks: weakref.WeakKeyDictionary[object, _Branch] = weakref.WeakKeyDictionary()

    def bytes(self, size: int) -> bytes:
        return self._random.randbytes(size)

    def child(self, kind: str) -> _Branch:
        """Numbered by kind, since how many threads a pool starts for its jobs is luck."""
        self._children[kind] += 1
        return _Branch(self.owner, f"{self._seed}/{kind}{self._children[kind]}")

    def of_task(self, task: object) -> _Branch:
        if task not in self._tasks:
            self._tasks[task] = self.child("task")
        return self._tasks[task]


class SeededRandomness:
    """All draws of one scope. `started` is the time in seconds that its `uuid1` values carry;
    without `watches` it does not notice whether it was used."""

    def __init__(self, seed: int, started: float, watches: bool = True) -> None:
        self.seed = seed
        self._watches = watches
        self._first_states: _States = {}
        self._uuid_time = int(started * 10_000_000) + _UUID_EPOCH
        self._states: _States | None = None
        self._outer_states: _States = {}
        self._outer: SeededRandomness | None = None
        self._draws = 0

    @functools.cached_property
    def _trunk(self) -> _Branch:
        """Made for the first draw: most tests make none."""
        return _Branch(self, str(self.seed))

    def enter(self) -> None:
        """From here on, draws come from this scope; an outer one waits."""
        global _current
        self._outer_states = _states()
        if self._states is None:
            _seed_all(self.seed)
            self._first_states = _states() if self._watches else {}
        else:
            _restore(self._states)
            _call_seeders(self.seed)  # what they seed has no state to put back
        self._outer, _current = _current, self

    def leave(self, for_good: bool = False) -> None:
        """Put back what `enter` found; a later `enter` goes on from here, unless it is left for
        good: then nothing is noted that nobody asks for."""
        global _current
        if self._watches or not for_good:
            self._states = _states()
        _restore(self._outer_states)
        _current = self._outer

    @property
    def was_used(self) -> bool:
        """Whether anything was drawn until the last `leave`."""
        now = {place: (self._states or {}).get(place) for place in self._first_states}
        return self._draws > 0 or not _are_equal(now, self._first_states)

    def draw(self, size: int) -> bytes:
        self._draws += 1
        branch = _branch.get()
        if branch is None or branch.owner is not self:
            branch = self._trunk
        task = _running_task()
        return (branch.of_task(task) if task else branch).bytes(size)

    def child(self, kind: str) -> _Branch:
        """A stream for a thread or a job, by the order in which they are started."""
        branch = _branch.get()
        return (branch if branch and branch.owner is self else self._trunk).child(kind)

    def uuid1(self, node: int | None, clock_seq: int | None) -> uuid.UUID:
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


def install() -> Callable[[], None]:
    """Lead the functions that draw through here, for the session; returns the undo.

    Names bound before (`from os import urandom`) are led here too.
    """
    undo = [
        *_rebind((os.urandom, _urandom), (uuid.uuid1, _uuid1(uuid.uuid1))),
        *_replace(random.Random, "seed", _seed(random.Random.seed)),
        *_replace(random, "seed", functools.partial(_module_seed, random.seed)),
        *_replace(ThreadPoolExecutor, "submit", _submit(ThreadPoolExecutor.submit)),
        *_replace(threading.Thread, "start", _start(threading.Thread.start)),
    ]

    def uninstall() -> None:
        for restore in undo:
            restore()

    return uninstall


def _urandom(size: int, /) -> bytes:
    """The same as os.urandom; within a recorded scope its bytes come from the scope's seed."""
    entropy = _current
    return _real_urandom(size) if entropy is None else entropy.draw(size)


def _uuid1(original: Callable[..., uuid.UUID]) -> Callable[..., uuid.UUID]:
    @functools.wraps(original)
    def uuid1(node: int | None = None, clock_seq: int | None = None) -> uuid.UUID:
        entropy = _current
        return original(node, clock_seq) if entropy is None else entropy.uuid1(node, clock_seq)

    return uuid1


def _seed(original: Callable[..., None]) -> Callable[..., None]:
    @functools.wraps(original)
    def seed(self: random.Random, a: Any = None, version: int = 2) -> None:
        original(self, _seed_or_drawn(a), version)

    return seed


def _module_seed(original: Callable[..., None], a: Any = None, version: int = 2) -> None:
    original(_seed_or_drawn(a), version)


def _seed_or_drawn(a: Any) -> Any:
    """`Random()` and `seed()` without a seed ask the system, in C; here they draw."""
    if a is not None or _current is None:
        return a
    # A generator that a module makes while it is imported is not made for this scope.
    return _current.seed if _is_importing() else _urandom(32)


def _is_importing() -> bool:
    frame: FrameType | None = sys._getframe()
    while frame is not None and not frame.f_code.co_filename.startswith("<frozen importlib"):
        frame = frame.f_back
    return frame is not None


def _submit(original: Callable[..., T]) -> Callable[..., T]:
    """Jobs of a pool run in whichever thread is free, and draw by the order of submission."""

    @functools.wraps(original)
    def submit(
        self: ThreadPoolExecutor, fn: Callable[..., object], /, *args: Any, **kwargs: Any
    ) -> T:
        entropy = _current
        if entropy is not None:
            fn = functools.partial(_run_on_branch, entropy.child("job"), fn)
        return original(self, fn, *args, **kwargs)

    return submit


def _run_on_branch(branch: _Branch, fn: Callable[..., T], *args: Any, **kwargs: Any) -> T:
    token = _branch.set(branch)
    try:
        return fn(*args, **kwargs)
    finally:
        _branch.reset(token)


def _start(original: Callable[[threading.Thread], None]) -> Callable[[threading.Thread], None]:
    @functools.wraps(original)
    def start(self: threading.Thread) -> None:
        entropy = _current
        if entropy is not None:
            run = functools.partial(_run_on_branch, entropy.child("thread"), self.run)
            self.run = run  # type: ignore[method-assign]
        original(self)

    return start


def _rebind(one: tuple[Any, Any], other: tuple[Any, Any]) -> list[Callable[[], None]]:
    """Of two pairs, put the second of each wherever a module has the first under a name. One pass
    for both: it takes 2 ms."""
    first, second = one[0], other[0]
    return [
        restore
        for module in list(sys.modules.values())
        if isinstance(getattr(module, "__dict__", None), dict)
        for name, value in list(module.__dict__.items())
        if (value is first or value is second) and module.__name__ != __name__
        for restore in _replace(module, name, (one if value is first else other)[1])
    ]


def _replace(place: Any, name: str, replacement: Any) -> list[Callable[[], None]]:
    original = place.__dict__[name]
    setattr(place, name, replacement)
    return [functools.partial(setattr, place, name, original)]


def _running_task() -> object | None:
    asyncio = sys.modules.get("asyncio")
    if asyncio is None:
        return None
    try:
        task: object | None = asyncio.current_task()
    except RuntimeError:  # no event loop is running
        return None
    return task


def _imported_generators() -> list[tuple[tuple[str, str], random.Random]]:
    modules = sys.modules
    return [
        (place, generator)
        for place in _GENERATORS
        if (module := modules.get(place[0]))
        and isinstance(generator := getattr(module, place[1], None), random.Random)
    ]


def _seed_all(seed: int) -> None:
    for _, generator in _imported_generators():
        generator.seed(seed)
    if numpy_random := _numpy_random():
        numpy_random.seed(seed)
    _call_seeders(seed)


def _numpy_random() -> Any:
    """NumPy loads this part of itself at its first use, which must not come amid a scope."""
    return importlib.import_module("numpy.random") if "numpy" in sys.modules else None


def _call_seeders(seed: int) -> None:
    for entry_point in _seeder_entry_points():
        if entry_point.module in sys.modules:
            entry_point.load()(seed)


@functools.cache
def _seeder_entry_points() -> tuple[EntryPoint, ...]:
    """`entry_points` would take those of all packages apart, 5 ms."""
    return tuple(
        entry_point
        for package in distributions()
        if _SEEDERS in (package.read_text("entry_points.txt") or "")
        for entry_point in package.entry_points
        if entry_point.group == _SEEDERS
    )


def _states() -> _States:
    states: _States = {place: generator.getstate() for place, generator in _imported_generators()}
    if numpy_random := _numpy_random():
        states["numpy.random", ""] = numpy_random.get_state(legacy=False)
    return states


def _restore(states: _States) -> None:
    for place, generator in _imported_generators():
        if place in states:
            generator.setstate(states[place])
    numpy_random = _numpy_random()
    if numpy_random and ("numpy.random", "") in states:
        numpy_random.set_state(states["numpy.random", ""])


def _are_equal(left: object, right: object) -> bool:
    """NumPy's states hold arrays, which have no plain equality."""
    try:
        return bool(left == right)
    except ValueError:
        return repr(left) == repr(right)
