"""The summary of a run as lines for the terminal."""

from __future__ import annotations

from ..messages import counted, printable
from .tally import Tally


def summary_line(tally: Tally) -> str:
    """Return the last line of a run."""
    parts = [
        counted(tally.replayed, "test") + " replayed"
        if tally.replayed or not tally.recorded
        else "",
        counted(tally.recorded, "test") + " recorded" if tally.recorded else "",
        counted(tally.interactions, "interaction"),
        counted(tally.live, "live request"),
        counted(len(tally.written), "cassette") + " written",
        f"{len(tally.unchanged)} unchanged" if tally.unchanged else "",
        f"{len(tally.kept)} kept",
        f"{len(tally.unplayed)} unplayed",
        tally.rebased,
    ]
    return ", ".join(filter(None, parts))


def detail_lines(tally: Tally) -> list[str]:
    """Return one line for each cassette that was not just replayed; for -v."""
    return [
        *(f"written    {name}" for name in sorted(tally.written)),
        *(f"unchanged  {name}" for name in sorted(tally.unchanged)),
        *(f"kept       {name} (recording it failed)" for name in sorted(tally.kept)),
        *(f"unplayed   {printable(call)}" for call in sorted(tally.unplayed)),
    ]


def change_lines(tally: Tally) -> list[str]:
    """Return what a rewrite changed, cassette by cassette."""
    return [
        line
        for name, changes in sorted(tally.changes.items())
        for line in (printable(name), *(f"  {printable(change)}" for change in changes))
    ]
