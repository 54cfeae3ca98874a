"""How much of an OpenAPI document recordings cover, in each format."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeAlias

from ..messages import counted, printable, printable_json
from .markdown import code

if TYPE_CHECKING:  # the command line knows the formats also where jsonschema is not installed
    from ..openapi.coverage import AnswerCoverage, Coverage, Missing, OperationCoverage

Renderer: TypeAlias = "Callable[[Coverage], str]"
_WORDS = {
    "answers": "answers (operation × status)",
    "operations": "operations",
    "parameters": "parameters",
    "enum values": "enum values",
    "fields": "fields of answers",
}


def render_text(found: Coverage) -> str:
    """Return a table of the answers, with what is in no recording below each operation."""
    rows = [row for each in found.operations for row in _rows(each)]
    widths = [max(map(len, column), default=0) for column in zip(*rows, strict=True)]
    lines = []
    for each in found.operations:
        lines += ["  ".join(map(str.ljust, row, widths)).rstrip() for row in _rows(each)]
        lines += [f"    {line}" for line in _never(each)]
    return "\n".join(map(printable, [*lines, "", *summary_lines(found)])) + "\n"


def _rows(each: OperationCoverage) -> list[tuple[str, str, str]]:
    names = [each.name, *[""] * len(each.answers)]
    rows = [(n, a.status, _cassettes(a)) for n, a in zip(names, each.answers, strict=False)]
    return rows or [(each.name, "-", "no answer is documented")]


def _cassettes(answer: AnswerCoverage) -> str:
    if not answer.cassettes:
        return "never seen"
    left = len(answer.cassettes) - 1
    return answer.cassettes[0] + (f" and {left} more" if left else "")


def _never(each: OperationCoverage) -> list[str]:
    """Return what is in no recording. Of an answer that is not recorded this is everything."""
    recorded = {f"answer {a.status}" for a in each.answers if a.recordings}
    if not recorded:
        return []
    parts = (
        ("never sent", each.parameters),
        ("values never seen", each.enum_values),
        ("fields never seen", each.fields),
    )
    found = []
    for words, missing in parts:
        by_subject: dict[str, list[str]] = {}
        for one in missing:
            if one.subject in recorded or not one.subject.startswith("answer "):
                by_subject.setdefault(one.subject, []).append(one.text)
        shown = [f"{subject} {', '.join(texts)}".strip() for subject, texts in by_subject.items()]
        found += [f"{words}: {'; '.join(shown)}"] if shown else []
    return found


def summary_lines(found: Coverage) -> list[str]:
    """Return the numbers."""
    width = max(map(len, _WORDS.values()))
    lines = [
        f"{_WORDS[kind]:{width}}  {count.seen} of {count.total}, {count.percent:.1f} %"
        for kind, count in found.counts.items()
    ]
    recordings = counted(found.interactions, "interaction")
    return [*lines, f"{recordings} in {counted(found.cassettes, 'cassette')} against {found.name}"]


def to_json(found: Coverage) -> dict[str, object]:
    """Return the coverage as plain values."""
    return {
        "specification": found.name,
        "percent": round(found.percent, 2),
        "counts": {
            kind: {"seen": count.seen, "total": count.total} for kind, count in found.counts.items()
        },
        "interactions": found.interactions,
        "cassettes": found.cassettes,
        "operations": [*map(_to_json, found.operations)],
    }


def _to_json(each: OperationCoverage) -> dict[str, object]:
    return {
        "operation": each.name,
        "answers": [
            {"status": a.status, "recordings": a.recordings, "cassettes": [*a.cassettes]}
            for a in each.answers
        ],
        "parameters_never_sent": [missing.subject for missing in each.parameters],
        "enum_values_never_seen": [*map(_place, each.enum_values)],
        "fields_never_seen": [*map(_place, each.fields)],
    }


def _place(missing: Missing) -> dict[str, str]:
    found = {"subject": missing.subject, "path": missing.path}
    return {**found, "value": missing.value} if missing.value else found


def render_json(found: Coverage) -> str:
    """Return the coverage as a JSON document."""
    return printable_json(to_json(found)) + "\n"


def render_markdown(found: Coverage) -> str:
    """Return the coverage for a pull request."""
    lines = ["# Coverage of the API", "", "| | recorded | documented | |", "|---|---|---|---|"]
    lines += [
        f"| {_WORDS[kind]} | {count.seen} | {count.total} | {count.percent:.1f} % |"
        for kind, count in found.counts.items()
    ]
    lines += ["", "| operation | status | cassettes | |", "|---|---|---|---|"]
    for each in found.operations:
        lines += [
            f"| {_cell(each.name)} | {_cell(a.status)} | {len(a.cassettes) or 'never seen'} | "
            f"{_cell(a.cassettes[0]) if a.cassettes else ''} |"
            for a in each.answers
        ]
    never = [
        f"- {code(each.name)}: {code(line)}" for each in found.operations for line in _never(each)
    ]
    return "\n".join([*lines, "", *never]).rstrip() + "\n"


def _cell(text: str) -> str:
    """Return text as code in a cell of a table, where a bar has to be escaped."""
    return code(text).replace("|", "\\|")


FORMATS: dict[str, Renderer] = {
    "text": render_text,
    "json": render_json,
    "md": render_markdown,
}
