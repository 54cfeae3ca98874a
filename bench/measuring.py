"""Run all in alternation, and compare each with the reference of the same round."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from .peers import FLOOR, REPRISE
from .processes import Failed

Run = Callable[[], float]
"""One measurement, in seconds or MB."""
Values = dict[str, list[float]]
"""By peer, one value for each round in which it took part."""

_ALWAYS = (FLOOR.name, REPRISE.name)
"""Those who take part in each round, however long they take."""
SLOW = 6.0
"""Seconds from which a peer takes part in few rounds, its warm-up being the first of them."""
SLOW_ROUNDS = 2
VERY_SLOW = 30.0
"""Seconds from which the warm-up has to do: to compile its modules is nothing beside that."""


@dataclass(frozen=True)
class Figure:
    """What came out for one peer."""

    value: float
    low: float
    high: float
    seconds: float
    """The median of what was measured itself (MB, where memory was)."""


def alternate(runs: Mapping[str, Run], rounds: int, title: str) -> tuple[Values, dict[str, str]]:
    """Each once to warm up, so that its modules are compiled; then in turns, in rotated order.

    Gives also who failed, and how. Raises Failed for the floor: there is nothing to compare with.
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
        _say(f"{title}: round {turn + 1} of {rounds}")
        shift = turn % max(1, len(names))
        for name in names[shift:] + names[:shift]:
            if took[name] < SLOW or len(values[name]) < SLOW_ROUNDS:
                values[name].append(runs[name]())
    _say("")
    return values, failed


def _of_children() -> float:
    """CPU seconds of all processes that have ended."""
    times = os.times()
    return times.children_user + times.children_system


def _say(text: str) -> None:
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
    """The medians, over the rounds, of each compared with the reference of the same round."""
    return {
        name: _figure(found, values[reference], compare) for name, found in values.items() if found
    }


def _figure(found: Sequence[float], references: Sequence[float], compare: Compare) -> Figure:
    compared = [compare(*pair) for pair in zip(found, references, strict=False)]
    return Figure(median(compared), min(compared), max(compared), median(found))
