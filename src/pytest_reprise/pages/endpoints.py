"""The endpoints that a suite calls: method and path template, with what was seen of each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from math import ceil
from typing import NamedTuple

from ..drift.operations import Names
from ..exchange import Interaction, Request
from .views import latency_of, size_of, status_of


@dataclass(frozen=True, slots=True)
class Endpoint:
    """What was seen of one endpoint. Latencies are in seconds; None where no cassette has one."""

    name: str
    """As `GET /customers/{id}`."""
    count: int
    tests: tuple[str, ...]
    statuses: tuple[tuple[str, int], ...]
    """Each status, or kind of failure, with how often it was seen."""
    p50: float | None
    p95: float | None
    size: int
    """Bytes of all response bodies."""


class _Call(NamedTuple):
    request: Request
    base_url: str
    test: str
    status: str
    latency: float | None
    size: int


@dataclass(slots=True)
class Endpoints:
    """Collects interactions, and groups them when all are known: an id in a path may show itself
    in a later answer. Bodies are not kept."""

    _names: Names = field(default_factory=Names)
    _calls: list[_Call] = field(default_factory=list)

    def add(self, interactions: Iterable[Interaction], base_url: str, test: str) -> None:
        """Add the interactions of a test, wider fixture or cassette."""
        for one in interactions:
            self._names.learn(one)
            request = Request(one.request.method, one.request.url)
            status = status_of(one)[0]
            call = _Call(request, base_url, test, status, latency_of(one), size_of(one))
            self._calls.append(call)

    def names(self) -> Iterator[str]:
        """Yield the endpoint of each interaction, in the order in which they were added."""
        return (self._names.operation(call.request, call.base_url) for call in self._calls)

    def table(self) -> tuple[Endpoint, ...]:
        """Return the endpoints, sorted by path and method."""
        groups: dict[str, list[_Call]] = {}
        for name, call in zip(self.names(), self._calls, strict=True):
            groups.setdefault(name, []).append(call)
        by_path = sorted(groups, key=lambda name: (name.partition(" ")[2], name))
        return tuple(_endpoint(name, groups[name]) for name in by_path)


def _endpoint(name: str, calls: Sequence[_Call]) -> Endpoint:
    latencies = sorted(call.latency for call in calls if call.latency is not None)
    return Endpoint(
        name,
        len(calls),
        tuple(dict.fromkeys(call.test for call in calls)),
        tuple(sorted(Counter(call.status for call in calls).items())),
        percentile(latencies, 50),
        percentile(latencies, 95),
        sum(call.size for call in calls),
    )


def percentile(ordered: Sequence[float], percent: int) -> float | None:
    """Return the smallest value that `percent` of the ordered values do not exceed; None without
    values."""
    if not ordered:
        return None
    return ordered[max(ceil(len(ordered) * percent / 100) - 1, 0)]
