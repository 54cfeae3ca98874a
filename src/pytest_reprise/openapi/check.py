"""Compare recorded interactions with an OpenAPI document, request and answer.

A request is compared only if the API accepted it: an answer 4xx to a wrong request is what the
document says. For the same reason, a path that the document does not have may answer 404, and a
method 405.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from urllib.parse import urlsplit

from ..cassette.model import Cassette
from ..drift.operations import Names
from ..exchange import Interaction, Request, Response, header
from . import document as documents
from .comparison import Comparison
from .findings import Conformance, Disagreement, Finding, Kind, Place, Recording
from .operations import REFUSALS, read_operations
from .routes import Route, Routes
from .schema_walk import Schemas
from .schemas import SchemaValidator


class Specification:
    """A document that was read and checked, ready to compare recordings with."""

    def __init__(self, given: str, directory: Path) -> None:
        self.document = documents.read(given, directory)
        self.operations = tuple(read_operations(self.document))
        self.schemas = Schemas(self.document, self.operations)
        self.validator = SchemaValidator(self.document, self.schemas)
        self.routes = Routes(self.document, self.operations)


@dataclass(slots=True)
class _Evidence:
    """A recording of a subject, and the places that its value has."""

    recording: Recording
    places: frozenset[str]


@dataclass(slots=True)
class Checker:
    """Compares cassettes with a document, one after the other, and gathers what disagrees."""

    specification: Specification
    _findings: list[Finding] = field(default_factory=list)
    _evidence: defaultdict[tuple[str, str], list[_Evidence]] = field(
        default_factory=lambda: defaultdict(list)
    )
    _hosts: Counter[str] = field(default_factory=Counter)
    _interactions: int = 0
    _cassettes: int = 0
    _refused: int = 0
    _failures: int = 0
    _known_places: dict[frozenset[str], frozenset[str]] = field(default_factory=dict)

    def add(self, name: str, cassette: Cassette) -> None:
        """Compare all interactions of a cassette. Raises SpecificationError."""
        self._cassettes += 1
        for number, interaction in enumerate(cassette.interactions, 1):
            self._interactions += 1
            at = recorded_at(cassette, interaction)
            self._add(cassette, interaction, Recording(name, number, at))

    def result(self) -> Conformance:
        """Return what was found so far."""
        return Conformance(
            self.specification.document.name,
            tuple(self._disagreements()),
            self._interactions,
            self._cassettes,
            self._refused,
            self._failures,
            tuple(sorted(self._hosts.items())),
        )

    def _add(self, cassette: Cassette, interaction: Interaction, recording: Recording) -> None:
        base_url = cassette.header.base_url if cassette.header else ""
        route = self.specification.routes.find(interaction.request, base_url)
        outcome = interaction.outcome
        if not isinstance(outcome, Response):
            self._failures += 1
        elif route.is_other_host:
            self._hosts[urlsplit(interaction.request.url).netloc] += 1
        elif route.operation is None:
            self._add_unknown(interaction.request, outcome, route, recording)
        else:
            document, validator = self.specification.document, self.specification.validator
            comparison = Comparison(document, validator, route, recording, cassette.is_legacy)
            comparison.compare(interaction.request, outcome)
            self._findings += comparison.findings
            for subject, places in comparison.subjects.items():
                shared = self._known_places.setdefault(places, places)
                key = route.operation.name, subject
                self._evidence[key].append(_Evidence(recording, shared))

    def _add_unknown(
        self, request: Request, response: Response, route: Route, recording: Recording
    ) -> None:
        if response.status in REFUSALS:
            self._refused += 1
            return
        operation = Names().operation(request)  # ids are masked: one disagreement for all of them
        kind: Kind = "unknown method" if route.methods else "unknown path"
        expected = f"one of {', '.join(route.methods)}" if route.methods else "a documented path"
        place = Place(kind, operation, "", "", expected, "")
        path = urlsplit(request.url).path or "/"
        seen = f"{request.method} {path}, answered {response.status}"
        self._findings.append(Finding(place, recording, seen, side="request"))

    def _disagreements(self) -> Iterator[Disagreement]:
        grouped: dict[Place, list[Finding]] = {}
        for finding in self._findings:
            grouped.setdefault(finding.place, []).append(finding)
        for place, found in grouped.items():
            wrong = {finding.recording for finding in found}
            evidence = self._evidence[place.operation, place.subject]
            needed = _needed(place)
            agreeing = [
                each.recording
                for each in evidence
                if each.recording not in wrong and (not needed or needed in each.places)
            ]
            yield Disagreement(place, tuple(found), tuple(agreeing))


def _needed(place: Place) -> str:
    """Return the place that a value needs to show something: for a missing field the one above."""
    if not place.path or place.expected != "a value (required)":
        return place.path
    return _above(place.path)


def _above(path: str) -> str:
    return path[: path.rindex("[")] if path.endswith("]") else path.rpartition(".")[0]


def recorded_at(cassette: Cassette, interaction: Interaction) -> datetime | None:
    """Return when an interaction was recorded or confirmed, of vcrpy's by the header Date."""
    if cassette.header:
        return cassette.header.confirmed_at or cassette.header.recorded_at
    outcome = interaction.outcome
    text = header(outcome.headers, "date") if isinstance(outcome, Response) else None
    try:
        found = parsedate_to_datetime(text) if text else None
    except ValueError:
        return None
    return found if found and found.tzinfo else None
