"""What happened in a run, for reports: how each test and each scope ended.

Workers of pytest-xdist send theirs to the controller as plain values.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal, TypeAlias

from ..exchange import Request
from ..tape.closing import Action
from ..tape.miss import Missed

Kind: TypeAlias = Literal["test", "fixture", "block"]
Result: TypeAlias = Literal["passed", "failed", "skipped"]


@dataclass(frozen=True, slots=True)
class EndedScope:
    """A recorded test, wider fixture or block, and what it did with its cassette."""

    test: str
    """The node id of the test with which the scope ended."""
    name: str
    kind: Kind
    path: Path
    scope: str
    """The name of the scope in a cassette that several scopes share; else ""."""
    action: Action
    mode: str
    played: tuple[int, ...] = ()
    """Positions among the scope's own interactions, of those that were played."""
    live: int = 0
    """How many requests were sent to the real server."""
    problem: str = ""
    """Why its recording was dropped; "" if it was not."""
    missed: tuple[Missed, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return it as plain values."""
        missed = [_missed_to_json(one) for one in self.missed]
        return asdict(self) | {"path": str(self.path), "missed": missed}

    @classmethod
    def from_json(cls, sent: Mapping[str, Any]) -> EndedScope:
        """Return what `to_json` was made of."""
        missed = tuple(map(_missed_from_json, sent["missed"]))
        played = tuple(sent["played"])
        return cls(**{**sent, "path": Path(sent["path"]), "played": played, "missed": missed})


@dataclass(slots=True)
class TestResult:
    """The result of a test: of its phases, the worst one. `text` says why it failed."""

    __test__ = False
    result: Result = "passed"
    seconds: float = 0.0
    text: str = ""


@dataclass(slots=True)
class RunLog:
    """The scopes that ended, and the results of all tests, recorded or not."""

    scopes: dict[tuple[str, str, str], EndedScope] = field(default_factory=dict)
    """By name, cassette and scope: a test that ran again replaces its first run."""
    results: dict[str, TestResult] = field(default_factory=dict)
    """By the node id."""

    def add(self, ended: EndedScope) -> None:
        """Note how a scope ended."""
        self.scopes[ended.name, str(ended.path), ended.scope] = ended

    def add_phase(self, test: str, result: Result, seconds: float, text: str) -> None:
        """Note how a phase of a test ended."""
        found = self.results.setdefault(test, TestResult())
        found.seconds += seconds
        if result == "failed" or (result == "skipped" and found.result == "passed"):
            found.result = result
        if text:
            found.text = f"{found.text}\n\n{text}".strip()

    def to_json(self) -> list[dict[str, Any]]:
        """Return the scopes as plain values; the controller has the results itself."""
        return [ended.to_json() for ended in self.scopes.values()]

    def merge(self, sent: list[dict[str, Any]]) -> None:
        """Add what `to_json` returned on a worker."""
        for ended in sent:
            self.add(EndedScope.from_json(ended))


def _missed_to_json(missed: Missed) -> dict[str, Any]:
    closest = missed.closest and _request_to_json(missed.closest)
    request = _request_to_json(missed.request)
    return missed._asdict() | {"request": request, "closest": closest}


def _request_to_json(request: Request) -> list[Any]:
    return [request.method, request.url, request.headers, b64encode(request.body).decode()]


def _missed_from_json(sent: Mapping[str, Any]) -> Missed:
    closest = sent["closest"] and _request_from_json(sent["closest"])
    differences = tuple(map(tuple, sent["differences"]))
    return Missed(sent["headline"], _request_from_json(sent["request"]), closest, differences)


def _request_from_json(sent: list[Any]) -> Request:
    method, url, headers, body = sent
    return Request(method, url, tuple((name, text) for name, text in headers), b64decode(body))
