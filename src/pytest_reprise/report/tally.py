"""What a run did, counted; workers of pytest-xdist send theirs to the controller."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from ..messages import display_path
from ..tape.tape import Closing


@dataclass(slots=True)
class Tally:
    replayed: int = 0
    """Tests that were answered from a cassette."""
    recorded: int = 0
    """Tests whose requests went to the real server."""
    exchanges: int = 0
    live: int = 0
    """Requests that went to the real server."""
    secrets: int = 0
    """Secrets that were met, each of which a placeholder stands for."""
    written: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    """Cassettes that stay as they were, since what would have replaced them failed."""
    unplayed: list[str] = field(default_factory=list)
    """Recorded calls that were not made, each behind its cassette."""
    rebased: str = ""
    """Under which base URL the calls were recorded, and under which they were replayed."""
    changes: dict[str, list[str]] = field(default_factory=dict)
    """What a rewrite changed, by cassette."""

    def add(self, closing: Closing, is_test: bool) -> None:
        """Count one tape."""
        self.exchanges += closing.played + closing.sent
        self.live += closing.sent
        if is_test:
            self.recorded += closing.action in ("written", "unchanged")
            self.replayed += bool(closing.played and not closing.sent)
        if closing.action == "replayed" and not closing.unplayed:
            return
        name = display_path(closing.path)
        listed = {"written": self.written, "unchanged": self.unchanged, "kept": self.kept}
        if closing.action in listed and name not in listed[closing.action]:
            listed[closing.action].append(name)
        self.unplayed += (f"{name}: {i.request.method} {i.request.url}" for i in closing.unplayed)
        if closing.changes:
            self.changes.setdefault(name, []).extend(map(str, closing.changes))

    def merge(self, sent: Mapping[str, Any]) -> None:
        """Add the tally that a worker sent as plain values."""
        for name, value in sent.items():
            mine = getattr(self, name)
            if isinstance(mine, dict):
                mine.update(value)
            elif isinstance(mine, str):
                setattr(self, name, value or mine)
            else:
                setattr(self, name, mine + value)

    def plain(self) -> dict[str, Any]:
        """The tally as plain values, to be sent to the controller."""
        return asdict(self)


def summary(tally: Tally) -> str:
    """The one line at the end of a run."""
    told = [
        _count(tally.replayed, "test") + " replayed"
        if tally.replayed or not tally.recorded
        else "",
        _count(tally.recorded, "test") + " recorded" if tally.recorded else "",
        _count(tally.exchanges, "exchange"),
        _count(tally.live, "live request"),
        _count(len(tally.written), "cassette") + " written",
        f"{len(tally.unchanged)} unchanged" if tally.unchanged else "",
        f"{len(tally.kept)} kept",
        f"{len(tally.unplayed)} unplayed",
        tally.rebased,
    ]
    return ", ".join(filter(None, told))


def details(tally: Tally) -> list[str]:
    """Which cassettes were meant; for -v."""
    return [
        *(f"written    {name}" for name in sorted(tally.written)),
        *(f"unchanged  {name}" for name in sorted(tally.unchanged)),
        *(f"kept       {name} (recording it failed)" for name in sorted(tally.kept)),
        *(f"unplayed   {call}" for call in sorted(tally.unplayed)),
    ]


def changed(tally: Tally) -> list[str]:
    """What a rewrite changed, cassette by cassette."""
    return [
        line
        for name, changes in sorted(tally.changes.items())
        for line in (name, *(f"  {change}" for change in changes))
    ]


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
