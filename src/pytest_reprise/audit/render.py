"""A report as text, for a person, and as JSON."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby

from .examine import Report
from .findings import Finding


def as_text(report: Report, paths: Sequence[str]) -> Iterator[str]:
    """The lines of a report; `paths` are what was audited."""
    if report.findings:
        yield "Here stands what looks like a secret. Of each only a glimpse is shown.\n"
        yield from _by_file(report.findings)
    if report.notes:
        yield "Opaque values that no rule knows; look whether one of them is a secret:\n"
        yield from _by_file(report.notes)
    yield from (f"{file}: not readable as a cassette: {why}" for file, why in report.unread)
    yield from (f"{file}: {problem}" for file, problem in report.unseen)
    for file, call, slot, rule, excerpt in report.stale:
        yield f"{file}: the baseline has what is no longer there: {call} {slot} [{rule}] {excerpt}"
    yield summary(report)
    if report.findings:
        yield f"Repair: {shlex.join(['reprise', 'audit', '--fix', *paths])}"


def _by_file(findings: Iterable[Finding]) -> Iterator[str]:
    for file, those in groupby(findings, lambda finding: finding.file):
        yield file
        yield from (f"  {_line(finding)}" for finding in those)
        yield ""


def _line(finding: Finding) -> str:
    call = f"interaction {finding.number}, {finding.call}, " if finding.number else ""
    excerpt = f" {finding.excerpt}" if finding.excerpt else ""
    return f"line {finding.line}: {call}{finding.slot} [{finding.rule}]{excerpt}"


def summary(report: Report) -> str:
    """One line: how many findings, in how many files of what."""
    findings = report.findings
    files = {finding.file for finding in findings}
    found, cassettes = len(files & report.cassettes), len(report.cassettes)
    said = f"{counted(len(findings), 'finding')} in {found} of {counted(cassettes, 'cassette')}"
    more = list(_more(report, files))
    return f"{said} ({'; '.join(more)})" if more else said


def _more(report: Report, files: set[str]) -> Iterator[str]:
    if others := len(report.others):
        is_are = "file that is" if others == 1 else "files that are"
        found = len(files & report.others)
        yield f"{others} {is_are} no cassette" + (f", {found} with findings" if found else "")
    if report.notes:
        yield f"{len(report.notes)} to review"
    if report.accepted:
        yield f"{report.accepted} accepted by the baseline"


def counted(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


def as_json(report: Report, mended: Mapping[str, int]) -> str:
    """The same for a program."""
    document = {
        "findings": [_plain(finding) for finding in report.values],
        "mended": dict(mended),
        "unread": [{"file": file, "problem": problem} for file, problem in report.unread],
        "unseen": [{"file": file, "problem": problem} for file, problem in report.unseen],
        "stale": [dict(zip(_ENTRY, entry, strict=True)) for entry in report.stale],
        "summary": {
            "findings": len(report.findings),
            "notes": len(report.notes),
            "accepted": report.accepted,
            "cassettes": len(report.cassettes),
            "others": len(report.others),
        },
    }
    return json.dumps(document, indent=2, ensure_ascii=False)


_ENTRY = ("file", "call", "slot", "rule", "excerpt")


def _plain(finding: Finding) -> dict[str, object]:
    return {
        "file": finding.file,
        "line": finding.line,
        "interaction": finding.number or None,
        "call": finding.call or None,
        "slot": finding.slot,
        "rule": finding.rule,
        "level": "note" if finding.is_note else "error",
        "excerpt": finding.excerpt,
    }
