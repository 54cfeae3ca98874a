"""The summary of a run as lines for the terminal."""

from __future__ import annotations

from ..messages import counted, printable
from .tally import Tally

_MOST_LISTED = 20
"""Tests to list for each reason without -v."""


def summary_line(tally: Tally) -> str:
    """Return the last line of a run."""
    has_failures = bool(tally.dropped or tally.missed)
    parts = [
        counted(tally.replayed, "test") + " replayed"
        if tally.replayed or not (tally.recorded or has_failures)
        else "",
        counted(tally.recorded, "test") + " recorded" if tally.recorded else "",
        counted(len(tally.dropped), "recording") + " dropped" if tally.dropped else "",
        f"{len(tally.missed)} missed" if tally.missed else "",
        counted(tally.interactions, "interaction"),
        counted(tally.live, "live request") + _unanswered(tally),
        counted(len(tally.written), "cassette") + " written",
        counted(len(tally.pending), "recording") + " pending" if tally.pending else "",
        f"{len(tally.unchanged)} unchanged" if tally.unchanged else "",
        f"{len(tally.kept)} kept",
        f"{len(tally.unplayed)} unplayed",
        f"{counted(len(tally.late), 'late request')} refused" if tally.late else "",
        tally.rebased,
    ]
    return ", ".join(filter(None, parts))


def _unanswered(tally: Tally) -> str:
    return f" ({tally.unanswered} without an answer)" if tally.unanswered else ""


def dropped_lines(tally: Tally, shows_all: bool) -> list[str]:
    """Return each test and fixture whose recording was dropped, under the reason."""
    by_reason: dict[str, list[str]] = {}
    for scope, reason in tally.dropped.items():
        by_reason.setdefault(reason, []).append(scope)
    return [line for item in by_reason.items() for line in _dropped_for(*item, shows_all)]


def _dropped_for(reason: str, scopes: list[str], shows_all: bool) -> list[str]:
    shown = scopes if shows_all else scopes[:_MOST_LISTED]
    left = len(scopes) - len(shown)
    return [
        f"recording dropped, since {printable(reason)}",
        *(f"  {printable(scope)}" for scope in shown),
        *([f"  … and {left} more; all with -v"] if left else []),
    ]


def expired_lines(tally: Tally, shows_all: bool) -> list[str]:
    """Return a line for each cassette that is too old."""
    found = sorted(tally.expired.items())
    if not found:
        return []
    shown = found if shows_all else found[:_MOST_LISTED]
    left = len(found) - len(shown)
    fails = "failed: " if tally.failed_expiry else ""
    verb = "is" if len(found) == 1 else "are"
    return [
        f"{fails}{counted(len(found), 'cassette')} {verb} older than max_age. Record again: "
        "pytest --record-mode=rewrite",
        *(printable(f"  {name}: {text}") for name, text in shown),
        *([f"  … and {left} more; all with -v"] if left else []),
    ]


def detail_lines(tally: Tally) -> list[str]:
    """Return one line for each cassette that was not just replayed; for -v."""
    return [
        *(f"written    {name}" for name in sorted(tally.written)),
        *(f"pending    {name}" for name in sorted(tally.pending)),
        *(f"unchanged  {name}" for name in sorted(tally.unchanged)),
        *(f"kept       {name} (recording it failed)" for name in sorted(tally.kept)),
        *(f"missed     {printable(miss)}" for miss in sorted(tally.missed)),
        *(f"unplayed   {printable(call)}" for call in sorted(tally.unplayed)),
    ]


def warning_lines(tally: Tally) -> list[str]:
    """Return what a person should check before the cassettes are shared."""
    return [printable(line) for line in tally.unexamined]
