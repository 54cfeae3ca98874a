"""One recorded interaction against its operation: what disagrees, and what was looked at."""

from __future__ import annotations

from ..drift.body_values import Json
from ..exchange import Request, Response, media_type
from ..scrub.content.compression import decompress_or_keep
from .bodies import (
    NoJsonError,
    UncheckedBodyError,
    documented_media,
    has_whole_body,
    value_of,
)
from .document import Document
from .findings import Finding, Kind, Part, Place, Recording, Side, general
from .operations import Answer, Media, Operation, Parameter
from .parameters import Given, given, header_text, readings_of, simple
from .routes import Route
from .schemas import Direction, Problem, SchemaValidator, shown
from .written import shape_of

_MOST_PLACES = 2000
"""Places of one value to remember, as evidence that it had them."""


class Comparison:
    """Compares one interaction. `findings` is what disagrees; `subjects` is what was compared, as
    `answer 200`, with the places that the value had."""

    def __init__(
        self,
        document: Document,
        validator: SchemaValidator,
        route: Route,
        recording: Recording,
        is_legacy: bool,
    ) -> None:
        assert route.operation
        self._document = document
        self._validator = validator
        self._operation: Operation = route.operation
        self._path = route.path
        self._recording = recording
        self._is_legacy = is_legacy
        self.findings: list[Finding] = []
        self.subjects: dict[str, frozenset[str]] = {}

    def compare(self, request: Request, response: Response) -> None:
        """Compare both. Raises SpecificationError for a document that cannot be used."""
        if response.status < 400:
            self._compare_request(request)
        answer = self._operation.answer(response.status)
        subject = f"status {response.status}"
        self.subjects[subject] = frozenset()
        if answer is None:
            documented = ", ".join(each.status for each in self._operation.answers) or "none"
            self._add("undocumented status", subject, documented, str(response.status))
            return
        for each in answer.headers:
            self._compare_header(each, response, f"answer {response.status}")
        if has_whole_body(request, response):
            self._compare_answer(answer, response)

    # --- requests -----------------------------------------------------------------------------

    def _compare_request(self, request: Request) -> None:
        sent = given(request, self._path)
        for parameter in self._operation.parameters:
            self._compare_parameter(parameter, sent)
        if not request.body:
            if self._operation.is_body_required:
                self._add("request body", "request body", "a body (required)", "nothing", "request")
        elif self._operation.body:
            media = documented_media(self._operation.body, media_type(request.headers))
            subject = f"request body {media_type(request.headers)}".rstrip()
            self._compare_body(media, self._operation.body, request, subject, "request body")

    def _compare_parameter(self, parameter: Parameter, sent: Given) -> None:
        readings = readings_of(self._document, self._operation, parameter, sent)
        if readings is None:
            if parameter.is_required:
                self._add("parameter", parameter.title, "a value (required)", "nothing", "request")
            return
        self._compare_readings(parameter, readings, "parameter", parameter.title, "request")

    def _compare_readings(
        self, parameter: Parameter, readings: list[Json], kind: Kind, subject: str, side: Direction
    ) -> None:
        """Compare a text with its schema: it fits if one of its readings fits."""
        schema = parameter.content.schema if parameter.content else parameter.schema
        if schema is None:
            return
        found = [self._validator.problems(schema, r, side, self._is_legacy) for r in readings]
        self.subjects[subject] = frozenset()
        if all(found):
            for problem in found[0]:
                self._add_problem(kind, subject, problem, side, "")

    # --- answers ------------------------------------------------------------------------------

    def _compare_header(self, found: Parameter, response: Response, subject: str) -> None:
        text = header_text(response.headers, found.name)
        subject = f"{subject} header {found.name}"
        if text is None:
            if found.is_required:
                self._add("answer header", subject, "a value (required)", "nothing")
            return
        shape = shape_of(self._document, found.schema)
        readings = simple(self._document, found, shape, text)
        self._compare_readings(found, readings, "answer header", subject, "response")

    def _compare_answer(self, answer: Answer, response: Response) -> None:
        """Compare the body. Nothing is said about it by an answer without `content`."""
        if not answer.media:
            return
        subject = f"answer {response.status}"
        if not response.body:
            if any(each.schema and each.schema.value for each in answer.media):
                self._add("answer", subject, "a body", "nothing")
            return
        media = documented_media(answer.media, media_type(response.headers))
        self._compare_body(media, answer.media, response, subject, "answer")

    def _compare_body(
        self,
        media: Media | None,
        documented: tuple[Media, ...],
        message: Request | Response,
        subject: str,
        kind: Kind,
    ) -> None:
        side: Direction = "request" if isinstance(message, Request) else "response"
        if media is None:
            names = ", ".join(each.name for each in documented)
            seen = media_type(message.headers) or "none"
            self._add("undocumented media type", subject, names, seen, side)
            return
        if media.schema is None:
            return
        try:
            value = value_of(self._document, media.schema, message)
        except UncheckedBodyError:
            return
        except NoJsonError:
            seen = decompress_or_keep(message.body, message.headers)[:40].decode("utf-8", "replace")
            self._add(kind, subject, "JSON", shown(seen), side, "body")
            return
        self.subjects[subject] = _places(value)
        for problem in self._validator.problems(media.schema, value, side, self._is_legacy):
            self._add_problem(kind, subject, problem, side, "body")

    # --- findings -----------------------------------------------------------------------------

    def _add(
        self,
        kind: Kind,
        subject: str,
        expected: str,
        seen: str,
        side: Side = "response",
        part: Part = "",
    ) -> None:
        place = Place(kind, self._operation.name, subject, "", expected, "")
        self.findings.append(Finding(place, self._recording, seen, (), side, part))

    def _add_problem(
        self, kind: Kind, subject: str, problem: Problem, side: Side, part: Part
    ) -> None:
        path = general(problem.path) if part or problem.path else ""
        place = Place(kind, self._operation.name, subject, path, problem.expected, problem.at)
        self.findings.append(
            Finding(place, self._recording, problem.seen, problem.path, side, part)
        )


def _places(value: Json) -> frozenset[str]:
    """Return the JSON paths in a value, with `[]` for any item."""
    found: set[str] = set()
    left: list[tuple[Json, tuple[str | int, ...]]] = [(value, ())]
    while left and len(found) < _MOST_PLACES:
        one, steps = left.pop()
        found.add(general(steps))
        if isinstance(one, dict):
            left += [(child, (*steps, key)) for key, child in one.items()]
        elif isinstance(one, list):
            left += [(child, (*steps, "[]")) for child in one[:_MOST_PLACES]]
    return frozenset(found)
