"""The report of a run as Markdown, for a pull request or the summary of a GitHub job."""

from __future__ import annotations

from collections.abc import Iterable

from ..messages import counted, printable
from ..report.drift_formats import render_markdown
from ..report.markdown import code
from .endpoints import Endpoint
from .run_report import RunReport
from .run_sections import facts
from .units import seconds_text, size_text

_MOST_LISTED = 50
"""Rows of a list. GitHub refuses a summary of more than 1 MiB."""
_MOST_DIFFERENCES = 5
_LONGEST = 200
"""Characters of a text from a cassette."""


def render_run_markdown(report: RunReport) -> str:
    """Return the report: summary, misses, unplayed calls, changes of the API, endpoints."""
    lines = ["# Recorded requests", "", "| | |", "|---|---|"]
    lines += [f"| {name} | {_cell(value)} |" for name, value, _ in facts(report)]
    lines += _missed(report)
    lines += _unplayed(report)
    for section in report.further:
        lines += ["", f"## {section.title}"]
        for table in section.tables:
            texts = ([cell.text for cell in row] for row in table.rows)
            lines += ["", *_table(table.columns, texts, len(table.rows))]
    lines += _endpoints(report.endpoints)
    if report.drift:
        lines += ["", render_markdown(report.drift)]
    return "\n".join(lines).rstrip("\n") + "\n"


def _missed(report: RunReport) -> list[str]:
    if not report.missed:
        return []
    lines = ["", f"## {counted(len(report.missed), 'missed request')}", ""]
    for one in report.missed[:_MOST_LISTED]:
        lines.append(f"- {_code(one.scope)}: {_code(one.missed.headline)}")
        for where, recorded, sent in one.missed.differences[:_MOST_DIFFERENCES]:
            lines.append(f"  - {_code(where)}: recorded {_code(recorded)}, sent {_code(sent)}")
    return lines + _more(len(report.missed))


def _unplayed(report: RunReport) -> list[str]:
    if not report.unplayed:
        return []
    number = counted(len(report.unplayed), "recorded call")
    shown = report.unplayed[:_MOST_LISTED]
    lines = ["", f"## {number} not made", ""]
    lines += [f"- {_code(one.scope)}: {_code(one.call)}" for one in shown]
    return lines + _more(len(report.unplayed))


def _endpoints(endpoints: tuple[Endpoint, ...]) -> list[str]:
    if not endpoints:
        return []
    columns = "Endpoint", "Interactions", "Statuses", "Latency p50", "Size", "Tests"
    texts = (
        (
            endpoint.name,
            str(endpoint.count),
            ", ".join(status for status, _ in endpoint.statuses),
            seconds_text(endpoint.p50),
            size_text(endpoint.size),
            str(len(endpoint.tests)),
        )
        for endpoint in endpoints
    )
    return ["", "## Endpoints", "", *_table(columns, texts, len(endpoints))]


def _table(columns: Iterable[str], texts: Iterable[Iterable[str]], total: int) -> list[str]:
    """Return a table whose first column is code."""
    names = list(columns)
    lines = [f"| {' | '.join(names)} |", "|---" * len(names) + "|"]
    for number, row in enumerate(texts):
        if number == _MOST_LISTED:
            break
        first, *others = row
        cells = [_code(first).replace("|", "\\|"), *map(_cell, others)]
        lines.append(f"| {' | '.join(cells)} |")
    return lines + _more(total)


def _more(total: int) -> list[str]:
    left = total - _MOST_LISTED
    return ["", f"… and {left} more"] if left > 0 else []


def _code(text: str) -> str:
    return code(_cut(text))


def _cell(text: str) -> str:
    """Return text for a cell, in which nothing is read as Markdown or HTML."""
    shown = printable(_cut(text)).replace("&", "&amp;").replace("<", "&lt;")
    return "".join(f"\\{c}" if c in "\\`*_[]|~#@" else c for c in shown)


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
