"""How recordings fit an OpenAPI document, and what they cover of it, as sections of a page."""

from __future__ import annotations

from ..openapi.coverage import Coverage, OperationCoverage
from ..openapi.findings import Conformance, Disagreement
from .sections import Cell, Section, Table, Tone, code, number, rows

_TONES: dict[str, Tone] = {"recordings": "warn", "unclear": "warn"}


def openapi_sections(found: Conformance, covered: Coverage) -> tuple[Section, ...]:
    """Return what disagrees with the document, and the coverage of its answers."""
    return _conformance(found), _coverage(covered)


def _conformance(found: Conformance) -> Section:
    columns = "Operation", "Where", "Expected", "Seen", "Recordings", "Likely"
    table = Table(columns, rows(map(_disagreement, found.disagreements)))
    count = len(found.disagreements)
    empty = f"All recordings fit {found.name}."
    return Section(
        "openapi",
        "Disagreements with the specification",
        count,
        "bad" if count else "good",
        (table,) if count else (),
        empty=empty,
    )


def _disagreement(one: Disagreement) -> list[Cell]:
    place = one.place
    first = one.findings[0]
    left = len(one.findings) - 1
    where = f"{first.recording.cassette}:{first.line}" + (f" and {left} more" if left else "")
    return [
        code(place.operation),
        code(f"{place.subject} {place.path}".strip() or place.kind),
        code(place.expected),
        code(first.seen),
        code(where),
        Cell(one.reason, _TONES.get(one.verdict, "bad")),
    ]


def _coverage(covered: Coverage) -> Section:
    numbers = Table(
        ("Documented", "Recorded", "All", "%"),
        rows(
            [Cell(kind), number(count.seen), number(count.total), number(f"{count.percent:.1f}")]
            for kind, count in covered.counts.items()
        ),
    )
    answers = Table(
        ("Operation", "Status", "Cassettes", "First cassette"),
        rows(row for each in covered.operations for row in _answers(each)),
    )
    return Section("coverage", "Coverage of the API", tables=(numbers, answers))


def _answers(each: OperationCoverage) -> list[list[Cell]]:
    return [
        [
            code(each.name),
            code(answer.status, "" if answer.cassettes else "warn"),
            number(len(answer.cassettes)),
            code(answer.cassettes[0] if answer.cassettes else ""),
        ]
        for answer in each.answers
    ]
