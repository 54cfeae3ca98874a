"""The random generators that libraries share: seed all, get their states, restore these.

Only libraries that are imported already are touched: Python's `random`, Faker, factory_boy, Model
Bakery, Polyfactory, NumPy, and those that register a seeder for pytest-randomly.
"""

from __future__ import annotations

import functools
import importlib
import importlib.metadata
import random
import sys
from typing import Any, TypeAlias

States: TypeAlias = dict[tuple[str, str], Any]
"""The state of each generator, by module and name."""

_GENERATORS = (
    ("random", "_inst"),
    ("faker.generator", "random"),
    ("factory.random", "randgen"),
    ("model_bakery.random_gen", "baker_random"),
    ("polyfactory.constants", "DEFAULT_RANDOM"),
)
"""The `random.Random` that each library shares: module and name."""

_NUMPY = ("numpy.random", "")
_SEEDERS = "pytest_randomly.random_seeder"
"""The entry-point group that pytest-randomly defines for functions that take a seed."""


def seed_all(seed: int) -> States:
    """Seed all shared generators, of libraries that are imported. Return their states before."""
    before: States = {}
    for place, generator in _imported_generators():
        before[place] = generator.getstate()
        generator.seed(seed)
    if numpy_random := _numpy_random():
        before[_NUMPY] = numpy_random.get_state(legacy=False)
        numpy_random.seed(seed)
    call_seeders(seed)
    return before


def call_seeders(seed: int) -> None:
    """Call the seeders for pytest-randomly. What they seed has no state that can be restored."""
    for entry_point in _seeder_entry_points():
        if entry_point.module in sys.modules:
            entry_point.load()(seed)


def states() -> States:
    """Return the states of all shared generators."""
    found: States = {place: generator.getstate() for place, generator in _imported_generators()}
    if numpy_random := _numpy_random():
        found[_NUMPY] = numpy_random.get_state(legacy=False)
    return found


def restore(saved: States) -> None:
    """Set the generators to saved states. Those without one stay as they are."""
    for place, generator in _imported_generators():
        if place in saved:
            generator.setstate(saved[place])
    numpy_random = _numpy_random()
    if numpy_random and _NUMPY in saved:
        numpy_random.set_state(saved[_NUMPY])


def are_equal(left: States, right: States) -> bool:
    """Whether two states are equal. NumPy's contain arrays, which cannot be compared as a whole."""
    try:
        return bool(left == right)
    except ValueError:
        return repr(left) == repr(right)


def _imported_generators() -> list[tuple[tuple[str, str], random.Random]]:
    modules = sys.modules
    return [
        (place, generator)
        for place in _GENERATORS
        if (module := modules.get(place[0]))
        and isinstance(generator := getattr(module, place[1], None), random.Random)
    ]


def _numpy_random() -> Any:
    """Return `numpy.random` if NumPy is imported.

    NumPy imports it at its first use, and seeds it then. Within a scope that would be too late.
    """
    return importlib.import_module("numpy.random") if "numpy" in sys.modules else None


@functools.cache
def _seeder_entry_points() -> tuple[importlib.metadata.EntryPoint, ...]:
    # Cached because it reads the metadata of all installed packages. `entry_points` would also
    # parse that of all packages: 1 % of a run of one test.
    return tuple(
        entry_point
        for package in importlib.metadata.distributions()
        if _SEEDERS in (package.read_text("entry_points.txt") or "")
        for entry_point in package.entry_points.select(group=_SEEDERS)
    )
