"""`reprise review`: accept or reject the recordings that are pending."""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Literal, NamedTuple, TypeAlias

from ..audit.files import find_files
from ..cassette.model import Cassette
from ..cassette.naming import cassette_of, is_pending, pending_path
from ..cassette.staging import recover
from ..drift.versions import Versions, compare_files
from ..drift.volatile import Volatile
from ..messages import counted, display_path, printable, printable_json
from ..report.drift import DriftReport, reported, uncertain_lines
from ..report.drift_formats import change_to_json
from ..scrub.config import find_root, read_volatile
from .arguments import Subparsers, add_command
from .cassettes import print_error, read_cassette
from .decisions import accept, is_decided, reject

_DETAILS = """\
Recordings are pending after `pytest --record-mode=rewrite --reprise-pending`: NAME.pending.yaml,
beside the cassette. Each is shown with what the API changed. In a terminal you are asked about
each; the decisions take effect together, at the end. Else they are listed, and nothing changes.
"""
Decision: TypeAlias = Literal["accepted", "rejected", "pending"]
_ASKED = "[a] accept  [r] reject  [s] skip  [A] accept all that are left  [q] quit: "
_MOST_CALLS = 8


def add_parser(subparsers: Subparsers) -> None:
    parser = add_command(
        subparsers,
        "review",
        run,
        summary="accept or reject pending recordings",
        details=_DETAILS,
        example="reprise review tests",
        exit_codes=(
            "0 nothing is pending any more; 1 something is;\n"
            "2 a pending recording cannot be read, or a decision could not take effect"
        ),
    )
    parser.add_argument(
        "paths",
        nargs="*",
        type=Path,
        default=[Path()],
        metavar="PATH",
        help="a cassette, or a directory with cassettes at any depth (default: this directory)",
    )
    choice = parser.add_mutually_exclusive_group()
    choice.add_argument("--accept-all", action="store_true", help="put all into their places")
    choice.add_argument("--reject-all", action="store_true", help="delete all of them")
    parser.add_argument(
        "--json", action="store_true", help="print JSON, also what was decided; never ask"
    )


class _Pending(NamedTuple):
    """A pending recording: its file, the cassette that it would replace, and both contents."""

    file: Path
    path: Path
    old: Cassette | None
    new: Cassette

    @property
    def name(self) -> str:
        return display_path(self.path)


def run(options: argparse.Namespace) -> int:
    root = find_root(Path.cwd())
    recover(root)  # what an interrupted review has left
    found, has_broken = _find(options.paths)
    report = _report(found, root)
    try:
        decisions = _decide(options, found, report)
    except KeyboardInterrupt:
        print("\nnothing was changed")
        return 1
    failed = accept([p.file for p in found if decisions[p.file] == "accepted"], root)
    failed |= reject([p.file for p in found if decisions[p.file] == "rejected"])
    decisions |= dict.fromkeys(failed, "pending")
    _print_result(options, found, report, decisions)
    for file, error in failed.items():
        print(f"reprise: {display_path(file)}: {error.strerror or error}", file=sys.stderr)
    left = "pending" in decisions.values()
    return 2 if has_broken or failed else 1 if left else 0


def _find(paths: Iterable[Path]) -> tuple[list[_Pending], bool]:
    """Return what is pending, and whether any of it cannot be read."""
    found, has_broken = [], False
    for file in _files(paths):
        if is_decided(file):
            continue
        path = cassette_of(file)
        new, old = read_cassette(file), read_cassette(path) if path.exists() else None
        if new.error:
            print_error(new.error)
            has_broken = True
        elif new.cassette:
            found.append(_Pending(file, path, old and old.cassette, new.cassette))
    return found, has_broken


def _files(paths: Iterable[Path]) -> list[Path]:
    given = [p if p.is_dir() or is_pending(p) else pending_path(p) for p in paths]
    return [file for file in find_files(given) if is_pending(file)]


def _report(found: Sequence[_Pending], root: Path) -> DriftReport:
    """Return what the API changed; ids travel between cassettes, so all are compared together."""
    versions = [Versions(p.name, p.old, p.new) for p in found if p.old]
    different = [v for v in versions if v.old.interactions != v.new.interactions]
    comparison = compare_files(different, Volatile(read_volatile(root)))
    return DriftReport(
        reported(comparison.changes), uncertain=comparison.uncertain, is_of_files=True
    )


# --- decisions --------------------------------------------------------------------------------


def _decide(
    options: argparse.Namespace, found: Sequence[_Pending], report: DriftReport
) -> dict[Path, Decision]:
    files = [pending.file for pending in found]
    if options.accept_all:
        return dict.fromkeys(files, "accepted")
    if options.reject_all:
        return dict.fromkeys(files, "rejected")
    if found and not options.json and sys.stdin.isatty() and sys.stdout.isatty():
        return _ask(found, report)
    if not options.json:
        for pending in found:
            print("\n".join(_lines(pending, report)))
    return dict.fromkeys(files, "pending")


def _ask(found: Sequence[_Pending], report: DriftReport) -> dict[Path, Decision]:
    """Ask about each recording, and return the decisions."""
    decisions: dict[Path, Decision] = dict.fromkeys((p.file for p in found), "pending")
    for number, pending in enumerate(found, 1):
        print(f"\n{number} of {len(found)}: ", end="")
        print("\n".join(_lines(pending, report)))
        match _answer():
            case "a":
                decisions[pending.file] = "accepted"
            case "r":
                decisions[pending.file] = "rejected"
            case "A":
                left = (p.file for p in found[number - 1 :])
                return decisions | dict.fromkeys(left, "accepted")
            case "q":
                break
    return decisions


def _answer() -> str:
    """Return the letter that was typed; an end of the input is `q`."""
    while True:
        try:
            typed = input(_ASKED).strip()
        except EOFError:
            print()
            return "q"
        if typed in ("a", "r", "s", "A", "q"):
            return typed


# --- output -----------------------------------------------------------------------------------


def _lines(pending: _Pending, report: DriftReport) -> list[str]:
    """Return the name of a cassette, and what is new in it."""
    return [pending.name, *_news(pending, report)]


def _news(pending: _Pending, report: DriftReport) -> list[str]:
    new = pending.new.interactions
    if pending.old is None:
        calls = [f"    {i.request.method} {i.request.url}" for i in new[:_MOST_CALLS]]
        more = [f"    … and {len(new) - len(calls)} more"] if len(new) > len(calls) else []
        return [f"  new, {counted(len(new), 'interaction')}", *map(printable, calls), *more]
    changes = [c.change for c in report.changes if pending.name in c.cassettes]
    lines = [printable(f"  {c.severity:<10}  {c.operation}  {c.text}") for c in changes]
    uncertain = tuple(c for c in report.uncertain if pending.name in c.sources)
    lines += uncertain_lines(DriftReport(uncertain=uncertain), shows_all=True)
    old = pending.old.interactions
    if len(old) != len(new):
        lines.append(f"  {counted(len(new), 'interaction')}, was {len(old)}")
    return lines or ["  no change of the API; times, ids or text differ"]


def _print_result(
    options: argparse.Namespace,
    found: Sequence[_Pending],
    report: DriftReport,
    decisions: dict[Path, Decision],
) -> None:
    if options.json:
        shown = [_to_json(p, report, decisions[p.file]) for p in found]
        print(printable_json({"recordings": shown}))
        return
    counts = Counter(decisions.values())
    parts = [f"{counts[name]} {name}" for name in ("accepted", "rejected") if counts[name]]
    print(", ".join([*parts, f"{counted(counts['pending'], 'recording')} pending"]))


def _to_json(pending: _Pending, report: DriftReport, decision: Decision) -> dict[str, object]:
    return {
        "cassette": pending.name,
        "pending": display_path(pending.file),
        "decision": decision,
        "is_new": pending.old is None,
        "interactions": len(pending.new.interactions),
        "interactions_before": len(pending.old.interactions) if pending.old else 0,
        "changes": [change_to_json(c) for c in report.changes if pending.name in c.cassettes],
    }
