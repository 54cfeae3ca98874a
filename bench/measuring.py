"""Run all peers in alternation, and compare each with the reference of the same round."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from .peers import BEFORE, FLOOR, REPRISE
from .processes import Failed

Run = Callable[[], float]
"""One measurement, in seconds or MB."""
Values = dict[str, list[float]]
"""One value per round, by peer."""

_ALWAYS = (FLOOR.name, REPRISE.name, BEFORE)
"""Peers that take part in each round, however long they take."""
SLOW = 6.0
"""A peer that takes more seconds runs only `SLOW_ROUNDS` rounds, including its warm-up."""
SLOW_ROUNDS = 2
VERY_SLOW = 30.0
"""A peer that takes more seconds runs only the warm-up: compiling modules takes little of it."""


@dataclass(frozen=True)
class Figure:
    """The result for one peer: median, lowest and highest of the compared values."""

    value: float
    low: float
    high: float
    seconds: float
    """The median of the measured values in seconds, or in MB for memory."""
    rounds: tuple[float, ...]
    """The measured values."""


def alternate(runs: Mapping[str, Run], rounds: int, title: str) -> tuple[Values, dict[str, str]]:
    """Run each peer once to compile its modules, then all in turn, in rotated order.

    Returns also the failed peers with the reason. Raises Failed if the floor fails, because all
    others are compared with it.
    """
    values: Values = {}
    took, failed = {}, {}
    for name, run in runs.items():
        start = _of_children()
        try:
            first = run()
        except Failed as error:
            if name == FLOOR.name:
                raise
            print(f"{title}: {name} failed:\n{error}", file=sys.stderr)
            failed[name] = f"failed: {error.reason}"
            continue
        took[name] = _of_children() - start
        if name in _ALWAYS:
            took[name] = 0.0
        values[name] = [first] if took[name] >= SLOW else []
    names = [name for name in values if took[name] < VERY_SLOW]
    for turn in range(rounds):
        _show_progress(f"{title}: round {turn + 1} of {rounds}")
        shift = turn % max(1, len(names))
        for name in names[shift:] + names[:shift]:
            if took[name] < SLOW or len(values[name]) < SLOW_ROUNDS:
                values[name].append(runs[name]())
    _show_progress("")
    return values, failed


def _of_children() -> float:
    """Return the CPU seconds of all ended child processes."""
    times = os.times()
    return times.children_user + times.children_system


def _show_progress(text: str) -> None:
    if sys.stderr.isatty():
        print(f"\r\033[K{text}", end="", file=sys.stderr, flush=True)


Compare = Callable[[float, float], float]


def ratio(value: float, reference: float) -> float:
    return value / max(reference, 1e-9)


def extra_ms(value: float, reference: float) -> float:
    return (value - reference) * 1000


def absolute(value: float, _reference: float) -> float:
    return value


def figures(values: Values, compare: Compare, reference: str = FLOOR.name) -> dict[str, Figure]:
    """Return the figure of each peer, relative to the reference of the same round."""
    return {
        name: _figure(found, values[reference], compare) for name, found in values.items() if found
    }


def _figure(found: Sequence[float], references: Sequence[float], compare: Compare) -> Figure:
    compared = [compare(*pair) for pair in zip(found, references, strict=False)]
    return Figure(median(compared), min(compared), max(compared), median(found), tuple(found))
