"""The drift report: what the API changed, for whom, and what became of the cassettes.

It is a plain value. A renderer makes a text of it (see `drift_formats`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass
from types import MappingProxyType

from ..drift.api_changes import ApiChange, counts
from ..drift.severity import SEVERITIES, Severity, is_at_least
from ..messages import counted, printable

_MOST_LINES = 20
"""Changes to list in the terminal without -v."""
_WIDEST = 44
"""Characters of an operation for which the next column is moved."""


@dataclass(frozen=True, slots=True)
class ReportedChange:
    """A change, the tests and wider fixtures that saw it, and their cassettes."""

    change: ApiChange
    tests: tuple[str, ...] = ()
    failed: tuple[str, ...] = ()
    """Those of `tests` that failed; their cassettes stay."""
    cassettes: tuple[str, ...] = ()

    @property
    def seen_by(self) -> str:
        """Who saw the change, in a few words."""
        number = len(self.tests)
        if not number:
            return counted(len(self.cassettes), "cassette")
        failed = len(self.failed)
        if not failed:
            return counted(number, "test")
        stays = "its cassette stays" if failed == 1 else "their cassettes stay"
        if failed == number:
            return f"{counted(number, 'test')} FAILED, {stays}"
        return f"{counted(number, 'test')}, {failed} FAILED: {stays}"


@dataclass(frozen=True, slots=True)
class DriftReport:
    """What a run, or `reprise diff`, found. Cassettes are given by the paths to display."""

    changes: tuple[ReportedChange, ...] = ()
    operations: tuple[str, ...] = ()
    """The operations that were compared."""
    rewritten: tuple[str, ...] = ()
    """Cassettes that differ; a run that writes nothing leaves them as they are."""
    same: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()
    """Cassettes that stay, since their test failed."""
    missing: tuple[str, ...] = ()
    """Cassettes that did not exist, so that there was nothing to compare."""
    gone: tuple[str, ...] = ()
    """Cassettes that only the earlier recording has."""
    uncertain: tuple[ApiChange, ...] = ()
    """Values that differ, and may vary in any case. They are no changes."""
    is_dry: bool = False
    """Whether the run wrote nothing."""
    is_of_files: bool = False
    """Whether files were compared, and no run."""

    @property
    def counts(self) -> dict[Severity, int]:
        """How many changes there are of each severity."""
        return counts(reported.change for reported in self.changes)

    @property
    def has_news(self) -> bool:
        """Whether anything differs, or only one side has a cassette."""
        return bool(self.changes or self.uncertain or self.missing or self.gone)

    def at_least(self, limit: Severity) -> int:
        """Return how many changes are as grave as the limit, or graver."""
        return sum(is_at_least(found.change.severity, limit) for found in self.changes)


def reported(
    changes: Iterable[ApiChange],
    tests_of: Mapping[str, Iterable[str]] = MappingProxyType({}),
    failed: Set[str] = frozenset(),
    names: Mapping[str, str] = MappingProxyType({}),
) -> tuple[ReportedChange, ...]:
    """Return the changes with their tests. `names` are cassettes for display, by source."""
    found = []
    for change in changes:
        sources = sorted(change.sources)
        tests = tuple(dict.fromkeys(t for source in sources for t in tests_of.get(source, ())))
        cassettes = tuple(sorted(names.get(source, source) for source in sources))
        found.append(
            ReportedChange(change, tests, tuple(t for t in tests if t in failed), cassettes)
        )
    return tuple(found)


# --- the terminal -----------------------------------------------------------------------------


def headline(report: DriftReport) -> str:
    """Return the line that has all numbers."""
    rewritten, same = len(report.rewritten), len(report.same)
    written = "" if report.is_of_files else ", 0 written"
    says = "say" if same != 1 else "says"
    others = [
        f"{number} {what}"
        for number, what in (
            (len(report.kept), "of failed tests kept"),
            (len(report.missing), "new"),
            (len(report.gone), "missing now"),
        )
        if number
    ]
    if not (report.changes or rewritten or report.kept):
        return ", ".join([f"{counted(same, 'cassette')} {says} the same{written}", *others])
    verb = "differ" if rewritten != 1 else "differs"
    became = "rewritten" if not (report.is_dry or report.is_of_files) else f"{verb}{written}"
    cassettes = [f"{counted(rewritten, 'cassette')} {became}", f"{same} {says} the same", *others]
    return f"{changes_text(report)}; {', '.join(cassettes)}"


def changes_text(report: DriftReport) -> str:
    """Return the number of changes, also by severity."""
    if not report.changes:
        return "no API change"
    by_severity = ", ".join(f"{n} {name}" for name, n in report.counts.items() if n)
    return f"{counted(len(report.changes), 'API change')} ({by_severity})"


def change_lines(report: DriftReport, shows_all: bool) -> list[str]:
    """Return a line for each change: severity, operation, what changed, and who saw it."""
    shown = report.changes if shows_all else report.changes[:_MOST_LINES]
    rows = [
        (c.change.severity, printable(c.change.operation), printable(c.change.text), c.seen_by)
        for c in shown
    ]
    widths = [min(max(map(len, column), default=0), _WIDEST) for column in zip(*rows, strict=True)]
    lines = ["  " + "  ".join(map(str.ljust, row, widths)).rstrip() for row in rows]
    left = len(report.changes) - len(shown)
    if left:
        lines.append(
            f"  … and {left} more: all with -v, or in a file with --reprise-report=drift.md"
        )
    return lines + uncertain_lines(report, shows_all)


def uncertain_lines(report: DriftReport, shows_all: bool) -> list[str]:
    """Return what else differs. Without `shows_all` it is one line, and only if there is no change
    to explain why cassettes differ."""
    found = [printable(f"{one.operation} {one.text}") for one in report.uncertain]
    if not found or (report.changes and not shows_all):
        return []
    number = counted(len(found), "other place")
    if shows_all:
        return [f"  values in {number} differ, and may vary in any case:", *indented(found)]
    return [f"  values in {number} differ, and may vary in any case; -v lists them"]


def indented(lines: Iterable[str]) -> list[str]:
    """Return lines below another line."""
    return [f"    {line}" for line in lines]


def failure_line(report: DriftReport, limit: Severity) -> str:
    """Return why the run fails; "" if no change is grave enough."""
    number = report.at_least(limit)
    if not number:
        return ""
    graver = " or graver" if limit != SEVERITIES[0] else ""
    verb = "is" if number == 1 else "are"
    return f"failed: {counted(number, 'API change')} {verb} {limit}{graver} (fail-on={limit})"
