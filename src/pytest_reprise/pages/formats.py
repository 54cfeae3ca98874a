"""The report of a run in each format: one function for each, in one table."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

from ..drift.severity import Severity
from ..messages import printable_json
from ..report.drift_formats import to_json
from .endpoints import Endpoint
from .junit import render_run_junit
from .markdown import render_run_markdown
from .run_report import MissedView, RunReport

Renderer: TypeAlias = Callable[[RunReport, Severity], str]
"""Returns the text of a file. The severity is that from which on a change is a failure."""


def run_to_json(report: RunReport) -> dict[str, Any]:
    """Return the report as plain values: the numbers of the run, and what else it shows."""
    return {
        **report.tally.to_json(),
        "drift": report.drift and to_json(report.drift),
        "endpoints": [_endpoint(endpoint) for endpoint in report.endpoints],
        "misses": [_miss(one) for one in report.missed],
    }


def _endpoint(endpoint: Endpoint) -> dict[str, Any]:
    return {
        "name": endpoint.name,
        "interactions": endpoint.count,
        "statuses": dict(endpoint.statuses),
        "latency_p50": endpoint.p50,
        "latency_p95": endpoint.p95,
        "size": endpoint.size,
        "tests": [*endpoint.tests],
    }


def _miss(one: MissedView) -> dict[str, Any]:
    request, closest = one.missed.request, one.missed.closest
    return {
        "test": one.scope,
        "cassette": one.cassette,
        "headline": one.missed.headline,
        "request": f"{request.method} {request.url}",
        "closest": f"{closest.method} {closest.url}" if closest else None,
        "differences": [
            {"field": field, "recorded": recorded, "sent": sent}
            for field, recorded, sent in one.missed.differences
        ],
    }


def _json(report: RunReport, _: Severity) -> str:
    return printable_json(run_to_json(report)) + "\n"


def _markdown(report: RunReport, _: Severity) -> str:
    return render_run_markdown(report)


def _html(report: RunReport, _: Severity) -> str:
    from .html import render  # only HTML needs Jinja2
    from .run_sections import facts, sections

    values = {
        "title": "Recorded requests of a test run",
        "made_at": report.made_at.isoformat(" ", "seconds"),
        "facts": facts(report),
        "sections": sections(report),
    }
    return render("run.html", values)


REPORTS: dict[str, Renderer] = {
    ".html": _html,
    ".json": _json,
    ".md": _markdown,
    ".xml": render_run_junit,
}
"""The formats by the suffix of the file."""
