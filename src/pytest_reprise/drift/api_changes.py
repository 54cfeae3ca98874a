"""Changes of an API, as values: what a refresh tells, and what reports are made of."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from .severity import SEVERITIES, Severity, severity

_MOST_SHOWN = 60
"""Characters of a value in a report."""


@dataclass(frozen=True, slots=True)
class ApiChange:
    """One change. The same change in many answers, and in several operations, is one.

    `place` is a JSON path in the answer's schema such as `$.items[].price`, a header as
    `header:Sunset`, or "" for the operation itself. `sources` are the recordings that show it.
    """

    kind: str
    operations: tuple[str, ...]
    place: str
    text: str
    old: str = ""
    new: str = ""
    sources: frozenset[str] = frozenset()

    @property
    def severity(self) -> Severity:
        """How grave it is, by the table of `severity`."""
        return severity(self.kind)

    @property
    def operation(self) -> str:
        """The operation for a line: the first one, and how many more there are."""
        more = len(self.operations) - 1
        return f"{self.operations[0]} + {more} more" if more else self.operations[0]


@dataclass(frozen=True, slots=True)
class Finding:
    """A change as it was found in one operation. `entity` is what its object is, as `customer`:
    the same change of the same entity in several operations is one."""

    change: ApiChange
    entity: str


def merged(findings: Iterable[Finding]) -> list[ApiChange]:
    """Return the changes, those of the same entity together, the gravest first."""
    together: dict[tuple[str, ...], ApiChange] = {}
    for change, entity in ((finding.change, finding.entity) for finding in findings):
        name = change.place.rpartition(".")[2].removesuffix("[]")
        same = change.kind, entity, name, change.old, change.new, change.text.rpartition(".")[2]
        known = together.get(same)
        if known is None:
            together[same] = change
        else:
            operations = tuple(dict.fromkeys((*known.operations, *change.operations)))
            sources = known.sources | change.sources
            together[same] = replace(known, operations=operations, sources=sources)
    return sorted(together.values(), key=_rank)


def _rank(change: ApiChange) -> tuple[object, ...]:
    path = change.operations[0].partition(" ")[2]
    return SEVERITIES.index(change.severity), path, change.operations[0], change.place, change.text


def counts(changes: Iterable[ApiChange]) -> dict[Severity, int]:
    """Return how many changes there are of each severity, also of those that have none."""
    found = dict.fromkeys(SEVERITIES, 0)
    for change in changes:
        found[change.severity] += 1
    return found


def shortened(text: str) -> str:
    """Return a value for a report: at most 60 characters of it."""
    return text if len(text) <= _MOST_SHOWN else f"{text[: _MOST_SHOWN - 1]}…"
