"""The report of a run as the sections of its page."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from ..messages import counted
from ..report.drift import DriftReport, ReportedChange, changes_text
from .endpoints import Endpoint
from .run_report import RunReport
from .sections import Cell, Section, Table, Tone, code, number, rows
from .units import age_text, seconds_text, size_text

_MOST_TESTS_NAMED = 2
_TONE_OF_SEVERITY: dict[str, Tone] = {"breaking": "bad", "compatible": "warn", "cosmetic": "quiet"}


def facts(report: RunReport) -> tuple[tuple[str, str, Tone], ...]:
    """Return the summary: names, values, and whether a value is good or bad."""
    tally, results = report.tally, report.results
    shown = [f"{results[name]} {name}" for name in ("passed", "failed", "skipped") if results[name]]
    failed: Tone = "bad" if results["failed"] else "good"
    found: list[tuple[str, str, Tone]] = [("Tests", ", ".join(shown) or "none", failed)]
    recorded = [
        f"{count} {what}"
        for count, what in ((tally.replayed, "replayed"), (tally.recorded, "recorded"))
        if count
    ]
    found += [
        ("With recorded requests", ", ".join(recorded) or "none", ""),
        ("Interactions", f"{tally.interactions}, {tally.live} of them live", ""),
        ("Missed", str(len(report.missed)), "bad" if report.missed else "good"),
        ("Unplayed", str(len(report.unplayed)), "warn" if report.unplayed else "good"),
        ("Time", time_text(report), ""),
        ("Secrets scrubbed", secrets_text(report), ""),
        ("Age of cassettes", ages_text(report), ""),
    ]
    if report.drift:
        tone: Tone = "bad" if report.drift.at_least("breaking") else "good"
        found.append(("API", changes_text(report.drift), tone))
    if tally.rebased:
        found.append(("Base URL", tally.rebased, ""))
    return tuple(found)


def time_text(report: RunReport) -> str:
    """Return how long the tests take now, and how long they took when they were recorded."""
    return (
        f"{seconds_text(report.seconds)} in this run, "
        f"{seconds_text(report.recorded_seconds)} when recorded"
    )


def secrets_text(report: RunReport) -> str:
    """Return how many secrets were replaced, by kind."""
    if not report.secrets:
        return "none"
    kinds = ", ".join(f"{count} {kind}" for kind, count in report.secrets.items())
    return f"{sum(report.secrets.values())} ({kinds})"


def ages_text(report: RunReport) -> str:
    """Return the ages of the oldest and of the newest cassette."""
    dates = _ages(report.oldest, report.newest, report.made_at)
    undated = f"{report.undated} without a date" if report.undated else ""
    ages = ", ".join(filter(None, (dates, undated)))
    return f"{counted(report.cassettes, 'cassette')}{': ' if ages else ''}{ages}"


def _ages(oldest: datetime | None, newest: datetime | None, now: datetime) -> str:
    if oldest is None or newest is None:
        return ""
    old, new = age_text(oldest, now), age_text(newest, now)
    return old if old == new else f"{new} to {old}"


def sections(report: RunReport) -> tuple[Section, ...]:
    """Return all sections of the page, those that need attention first."""
    found: list[Section] = []
    if report.missed:
        missed = Section("missed", "Missed requests", len(report.missed), "bad")
        found.append(replace(missed, template="parts/missed.html", content=report.missed))
    if report.unplayed:
        tables = (_unplayed(report),)
        found.append(
            Section("unplayed", "Calls that were not made", len(report.unplayed), "warn", tables)
        )
    if report.drift:
        found.append(drift_section(report.drift))
    found += report.further
    if report.endpoints:
        tables = (endpoint_table(report.endpoints),)
        found.append(Section("endpoints", "Endpoints", len(report.endpoints), tables=tables))
    scopes = Section("tests", "Tests and fixtures", len(report.scopes), content=report.scopes)
    empty = "No test of this run is recorded."
    return (*found, replace(scopes, template="parts/scopes.html", empty=empty))


def _unplayed(report: RunReport) -> Table:
    cells = ((code(one.call), code(one.scope), code(one.cassette)) for one in report.unplayed)
    return Table(("Recorded call", "Test or fixture", "Cassette"), rows(cells))


def endpoint_table(endpoints: tuple[Endpoint, ...]) -> Table:
    """Return the table of endpoints; without the columns for latencies if no cassette has any."""
    has_latency = any(endpoint.p50 is not None for endpoint in endpoints)
    latency = ("Latency p50", "Latency p95") if has_latency else ()
    cells = (_endpoint(endpoint, has_latency) for endpoint in endpoints)
    columns = "Endpoint", "Interactions", "Statuses", *latency, "Size", "Tests"
    return Table(columns, rows(cells))


def _endpoint(endpoint: Endpoint, has_latency: bool) -> list[Cell]:
    statuses = ", ".join(
        f"{status} × {count}" if count > 1 else status for status, count in endpoint.statuses
    )
    times = [number(seconds_text(time)) for time in (endpoint.p50, endpoint.p95)]
    return [
        code(endpoint.name),
        number(endpoint.count),
        Cell(statuses),
        *(times if has_latency else []),
        number(size_text(endpoint.size)),
        Cell(tests_text(endpoint.tests)),
    ]


def tests_text(tests: tuple[str, ...]) -> str:
    """Return the names of a few tests, and how many more there are."""
    more = len(tests) - _MOST_TESTS_NAMED
    shown = ", ".join(map(_without_directory, tests[:_MOST_TESTS_NAMED]))
    return f"{shown} + {more} more" if more > 0 else shown


def _without_directory(test: str) -> str:
    file, separator, name = test.partition("::")  # a parameter may have a slash, too
    return file.rpartition("/")[2] + separator + name


def drift_section(drift: DriftReport) -> Section:
    """Return the changes of the API, the gravest first."""
    table = Table(
        ("Severity", "Operation", "Change", "Place", "Seen by"),
        rows(_change(found) for found in drift.changes),
    )
    return Section(
        "drift",
        "What the API changed",
        len(drift.changes),
        "bad" if drift.at_least("breaking") else "warn" if drift.changes else "good",
        (table,) if drift.changes else (),
        empty="The API answers as it was recorded.",
    )


def _change(found: ReportedChange) -> list[Cell]:
    change = found.change
    return [
        Cell(change.severity, _TONE_OF_SEVERITY[change.severity]),
        code(change.operation),
        code(change.text),
        code(change.place),
        Cell(found.seen_by),
    ]
