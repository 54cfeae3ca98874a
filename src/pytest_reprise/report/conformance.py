"""How recordings fit an OpenAPI document, in each format."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from ..messages import counted, printable, printable_json
from ..openapi.findings import Conformance, Disagreement, Finding
from .markdown import code

Renderer: TypeAlias = Callable[[Conformance], str]
_MOST_SHOWN = 5
"""Recordings of one disagreement to list; JSON has all."""


def render_text(found: Conformance) -> str:
    """Return the lines of the terminal."""
    lines = [line for one in found.disagreements for line in _lines(one)]
    return "\n".join(map(printable, [*lines, *summary_lines(found)])) + "\n"


def summary_lines(found: Conformance) -> list[str]:
    """Return the result with all numbers, and what was not compared."""
    number = len(found.disagreements)
    result = f"{counted(number, 'disagreement')} with {found.name}"
    others = [f"{counted(n, 'request')} to {host}" for host, n in found.other_hosts]
    left_out = [
        f"{counted(found.failures, 'interaction')} without an answer" * bool(found.failures),
        *(f"{other}, which is another API" for other in others),
    ]
    refused = (
        f"{counted(found.refused, 'request')} to what the specification does not have, which the "
        "API refused, too"
    )
    return [
        *(f"not compared: {text}" for text in left_out if text),
        *([refused] if found.refused else []),
        f"{counted(found.interactions, 'interaction')} in {counted(found.cassettes, 'cassette')}: "
        f"{result if number else f'all fit {found.name}'}",
    ]


def headline(one: Disagreement) -> str:
    """Return what disagrees: the operation, where, and what was expected and seen."""
    place = one.place
    where = " ".join(filter(None, [place.operation, place.subject, place.path]))
    seen = list(dict.fromkeys(found.seen for found in one.findings))
    more = f" and {len(seen) - 1} other values" if len(seen) > 2 else ""
    values = " and ".join(seen[:2]) if not more else f"{seen[0]}{more}"
    kind = f"{place.kind}: " if place.kind.startswith("un") else ""  # others are in the subject
    return f"{where}: {kind}expected {place.expected}, seen {values}"


def _lines(one: Disagreement) -> list[str]:
    left = len(one.findings) - _MOST_SHOWN
    places = [*map(_where, one.findings[:_MOST_SHOWN])]
    if left > 0:
        places.append(f"… and {left} more")
    at = [f"  specification: {one.place.at}"] if one.place.at else []
    return [headline(one), *(f"  {place}" for place in places), *at, f"  {one.reason}"]


def _where(found: Finding) -> str:
    cassette, number, _ = found.recording
    return f"{cassette}:{found.line or 1}: interaction {number}"


def to_json(found: Conformance) -> dict[str, object]:
    """Return the result as plain values."""
    return {
        "specification": found.name,
        "interactions": found.interactions,
        "cassettes": found.cassettes,
        "disagreements": [_to_json(one) for one in found.disagreements],
        "not_compared": {
            "without_answer": found.failures,
            "other_hosts": dict(found.other_hosts),
        },
        "refused": found.refused,
    }


def _to_json(one: Disagreement) -> dict[str, object]:
    place = one.place
    return {
        "kind": place.kind,
        "operation": place.operation,
        "subject": place.subject,
        "path": place.path,
        "expected": place.expected,
        "specification": place.at,
        "likely_wrong": one.verdict,
        "reason": one.reason,
        "agreeing": len(one.agreeing),
        "recordings": [*map(_finding_to_json, one.findings)],
    }


def _finding_to_json(found: Finding) -> dict[str, object]:
    cassette, number, at = found.recording
    return {
        "cassette": cassette,
        "line": found.line,
        "interaction": number,
        "recorded_at": at.isoformat() if at else None,
        "seen": found.seen,
    }


def render_json(found: Conformance) -> str:
    """Return the result as a JSON document."""
    return printable_json(to_json(found)) + "\n"


def render_markdown(found: Conformance) -> str:
    """Return the result for a pull request."""
    lines = ["# Recordings and the specification", ""]
    lines += [*map(_escaped, summary_lines(found)), ""]
    for one in found.disagreements:
        lines += [f"- {code(headline(one))}", f"  - {_escaped(one.reason)}"]
        lines += [f"  - {code(_where(each))}" for each in one.findings[:_MOST_SHOWN]]
    return "\n".join(lines).rstrip() + "\n"


def _escaped(text: str) -> str:
    """Return a line in which names, such as that of the document, are no Markdown."""
    return "".join(f"\\{c}" if c in "\\`*_<>[]&" else c for c in printable(text))


FORMATS: dict[str, Renderer] = {
    "text": render_text,
    "json": render_json,
    "md": render_markdown,
}
