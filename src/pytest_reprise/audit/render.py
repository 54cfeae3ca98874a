"""Render a report as text and as JSON."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby

from ..messages import counted, printable, printable_json
from .examine import Report
from .findings import Finding


def render_text(report: Report, paths: Sequence[str]) -> Iterator[str]:
    """Yield the lines of a report. `paths` are shown in the command that fixes the files."""
    if report.findings:
        yield "These values look like secrets. Each is shown shortened.\n"
        yield from _lines_by_file(report.findings)
    if report.notes:
        yield "No rule recognises these opaque values. Check whether one of them is a secret.\n"
        yield from _lines_by_file(report.notes)
    yield from map(printable, _problems(report))
    yield summary(report)
    if report.findings:
        yield f"To fix: {printable(shlex.join(['reprise', 'audit', '--fix', *paths]))}"


def _problems(report: Report) -> Iterator[str]:
    yield from (f"{file}: not readable as a cassette: {why}" for file, why in report.unparsable)
    yield from (f"{file}: {problem}" for file, problem in report.not_examined)
    for file, call, location, rule, excerpt in report.stale:
        yield f"{file}: stale baseline entry: {call} {location} [{rule}] {excerpt}"


def _lines_by_file(findings: Iterable[Finding]) -> Iterator[str]:
    for file, group in groupby(findings, lambda finding: finding.file):
        yield printable(file)
        yield from (f"  {printable(_line(finding))}" for finding in group)
        yield ""


def _line(finding: Finding) -> str:
    call = f"interaction {finding.number}, {finding.call}, " if finding.number else ""
    excerpt = f" {finding.excerpt}" if finding.excerpt else ""
    return f"line {finding.line}: {call}{finding.location} [{finding.rule}]{excerpt}"


def summary(report: Report) -> str:
    """Return one line: the number of findings and of files."""
    findings = report.findings
    files = {finding.file for finding in findings}
    found, cassettes = len(files & report.cassettes), len(report.cassettes)
    counts = f"{counted(len(findings), 'finding')} in {found} of {counted(cassettes, 'cassette')}"
    details = list(_details(report, files))
    return f"{counts} ({'; '.join(details)})" if details else counts


def _details(report: Report, files: set[str]) -> Iterator[str]:
    if others := len(report.other_files):
        kind = "file that is not a cassette" if others == 1 else "files that are not cassettes"
        found = len(files & report.other_files)
        yield f"{others} {kind}" + (f", {found} with findings" if found else "")
    if left_alone := len(report.left_alone):
        yield f"{counted(left_alone, 'file')} left alone: not cassettes"
    if report.notes:
        yield f"{len(report.notes)} to review"
    if report.accepted:
        yield f"{report.accepted} accepted by the baseline"


def render_json(report: Report, fixed: Mapping[str, int]) -> str:
    """Return the report as JSON. `fixed` is the number of fixed findings by file."""
    document = {
        "findings": [_finding_object(finding) for finding in report.values],
        "fixed": dict(fixed),
        "unparsable": _problem_objects(report.unparsable),
        "not_examined": _problem_objects(report.not_examined),
        "stale_baseline_entries": [entry._asdict() for entry in report.stale],
        "summary": {
            "findings": len(report.findings),
            "notes": len(report.notes),
            "accepted": report.accepted,
            "cassettes": len(report.cassettes),
            "other_files": len(report.other_files),
            "left_alone": len(report.left_alone),
        },
    }
    return printable_json(document)


def _problem_objects(problems: Iterable[tuple[str, str]]) -> list[dict[str, str]]:
    return [{"file": file, "problem": problem} for file, problem in problems]


def _finding_object(finding: Finding) -> dict[str, object]:
    return {
        "file": finding.file,
        "line": finding.line,
        "interaction": finding.number or None,
        "call": finding.call or None,
        "location": finding.location,
        "rule": finding.rule,
        "level": "note" if finding.is_note else "error",
        "excerpt": finding.excerpt,
    }
