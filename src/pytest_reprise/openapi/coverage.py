"""How much of an OpenAPI document recordings cover.

The percentage counts answers: each documented status of each operation, where a range (`4XX`) and
`default` are one each. An answer is covered if a recording has it. Parameters, enum values and
fields of answers are counted apart.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from ..cassette.model import Cassette
from ..drift.body_values import Json
from ..exchange import Interaction, Request, Response, media_type
from .bodies import NoJsonError, UncheckedBodyError, documented_media, value_of
from .check import Specification
from .fields import FieldTree, Seen
from .node import Node
from .operations import Answer, Media, Operation
from .parameters import given, readings_of
from .routes import Route


class AnswerCoverage(NamedTuple):
    """A documented answer, and the cassettes that have it."""

    status: str
    cassettes: tuple[str, ...]
    recordings: int


class Missing(NamedTuple):
    """What is documented, and in no recording: where, a JSON path, and an enum value."""

    subject: str
    path: str = ""
    value: str = ""

    @property
    def text(self) -> str:
        """The path and the value, without the subject."""
        path = "" if self.path == "$" else self.path  # a parameter has no other
        return f"{path}: {self.value}".removeprefix(": ") if self.value else path


class Count(NamedTuple):
    """How many of the documented things are in recordings."""

    seen: int
    total: int

    @property
    def percent(self) -> float:
        """100 for a document without any."""
        return 100 * self.seen / self.total if self.total else 100.0

    def __add__(self, other: object) -> Count:
        assert isinstance(other, Count)
        return Count(self.seen + other.seen, self.total + other.total)


@dataclass(frozen=True, slots=True)
class OperationCoverage:
    """One operation: its answers, and what no recording has."""

    name: str
    answers: tuple[AnswerCoverage, ...]
    counts: dict[str, Count]
    """By kind: `answers`, `parameters`, `enum values` and `fields`."""
    parameters: tuple[Missing, ...]
    enum_values: tuple[Missing, ...]
    fields: tuple[Missing, ...]


@dataclass(frozen=True, slots=True)
class Coverage:
    """How much of a document recordings cover."""

    name: str
    operations: tuple[OperationCoverage, ...]
    cassettes: int = 0
    interactions: int = 0

    @property
    def counts(self) -> dict[str, Count]:
        """The numbers by kind; `operations` are those with any recorded answer."""
        total: dict[str, Count] = {}
        called = sum(any(a.recordings for a in each.answers) for each in self.operations)
        for kind in KINDS:
            counts = [each.counts[kind] for each in self.operations]
            total[kind] = Count(sum(c.seen for c in counts), sum(c.total for c in counts))
        return {**total, "operations": Count(called, len(self.operations))}

    @property
    def percent(self) -> float:
        """The percentage of the documented answers that are recorded."""
        return self.counts["answers"].percent


KINDS = ("answers", "parameters", "enum values", "fields")


@dataclass(slots=True)
class _Observed:
    """What recordings of one operation have."""

    cassettes: defaultdict[str, dict[str, None]] = field(default_factory=lambda: defaultdict(dict))
    """By documented status."""
    recordings: defaultdict[str, int] = field(default_factory=lambda: defaultdict(int))
    seen: defaultdict[str, Seen] = field(default_factory=lambda: defaultdict(Seen))
    """By subject, such as `answer 200` and `query parameter page`."""


class CoverageMeter:
    """Gathers what cassettes cover, one after the other."""

    def __init__(self, specification: Specification) -> None:
        self._specification = specification
        self._observed: defaultdict[str, _Observed] = defaultdict(_Observed)
        self._trees: dict[int, FieldTree] = {}
        self._cassettes = self._interactions = 0

    def add(self, name: str, cassette: Cassette) -> None:
        """Note what a cassette covers."""
        self._cassettes += 1
        base_url = cassette.header.base_url if cassette.header else ""
        for interaction in cassette.interactions:
            self._interactions += 1
            route = self._specification.routes.find(interaction.request, base_url)
            if route.operation and isinstance(interaction.outcome, Response):
                observed = self._observed[route.operation.name]
                self._add(observed, name, route.operation, route, interaction)

    def result(self) -> Coverage:
        """Return what is covered so far."""
        operations = map(self._covered, self._specification.operations)
        document = self._specification.document
        return Coverage(document.name, tuple(operations), self._cassettes, self._interactions)

    # --- recordings ---------------------------------------------------------------------------

    def _add(
        self,
        observed: _Observed,
        name: str,
        operation: Operation,
        route: Route,
        interaction: Interaction,
    ) -> None:
        request, response = interaction.request, interaction.outcome
        assert isinstance(response, Response)
        sent = given(request, route.path)
        for parameter in operation.parameters:
            readings = readings_of(self._specification.document, operation, parameter, sent)
            for reading in readings or ():
                self._observe(observed, parameter.title, parameter.schema, reading)
        self._add_body(observed, _REQUEST, operation.body, request)
        answer = operation.answer(response.status)
        if answer:
            observed.cassettes[answer.status][name] = None
            observed.recordings[answer.status] += 1
            self._add_body(observed, _subject(answer), answer.media, response)

    def _add_body(
        self,
        observed: _Observed,
        subject: str,
        documented: Iterable[Media],
        message: Request | Response,
    ) -> None:
        media = documented_media(documented, media_type(message.headers))
        if media is None or not message.body:
            return
        try:
            value = value_of(self._specification.document, media.schema, message)
        except (NoJsonError, UncheckedBodyError):
            return
        self._observe(observed, subject, media.schema, value)

    def _observe(self, observed: _Observed, subject: str, schema: Node | None, value: Json) -> None:
        self._tree(schema).observe(value, observed.seen[subject])

    def _tree(self, schema: Node | None) -> FieldTree:
        key = id(schema.value) if schema else 0
        if key not in self._trees:
            self._trees[key] = FieldTree(self._specification.document, schema)
        return self._trees[key]

    # --- the result ---------------------------------------------------------------------------

    def _covered(self, operation: Operation) -> OperationCoverage:
        observed = self._observed[operation.name]
        answers = tuple(
            AnswerCoverage(
                each.status,
                tuple(observed.cassettes[each.status]),
                observed.recordings[each.status],
            )
            for each in operation.answers
        )
        parameters = {Missing(p.title): p.title in observed.seen for p in operation.parameters}
        values: dict[Missing, bool] = {}
        fields: dict[Missing, bool] = {}
        for subject, schema in _schemas(operation):
            tree, seen = self._tree(schema), observed.seen[subject]
            for path, value in tree.values:
                values[Missing(subject, path, value)] = (path, value) in seen.values
            for path in tree.paths if subject.startswith(_ANSWER) else ():
                fields[Missing(subject, path)] = path in seen.paths
        found = (parameters, values, fields)
        counts = [Count(sum(each.values()), len(each)) for each in found]
        covered = Count(sum(a.recordings > 0 for a in answers), len(answers))
        never = (tuple(key for key, is_seen in each.items() if not is_seen) for each in found)
        return OperationCoverage(
            operation.name, answers, dict(zip(KINDS, [covered, *counts], strict=True)), *never
        )


_REQUEST, _ANSWER = "request body", "answer "


def _subject(answer: Answer) -> str:
    return f"{_ANSWER}{answer.status}"


def _schemas(operation: Operation) -> Iterable[tuple[str, Node]]:
    """Yield what is compared, in words, with its schema."""
    for parameter in operation.parameters:
        if parameter.schema:
            yield parameter.title, parameter.schema
    bodies = [(_REQUEST, media) for media in operation.body]
    bodies += [(_subject(answer), media) for answer in operation.answers for media in answer.media]
    for subject, media in bodies:
        if media.schema:
            yield subject, media.schema
