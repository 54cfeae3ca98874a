"""The results as rows: a table to read, and a file that is committed."""

from __future__ import annotations

import platform
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

from .measuring import Figure
from .peers import ALL, BEFORE, FLOOR, REPRISE

RATIO, EXTRA, SECONDS, MEMORY = "ratio", "extra ms", "seconds", "MB"


@dataclass(frozen=True)
class Row:
    workload: str
    case: str
    unit: str
    figures: dict[str, Figure]
    target: float | None = None
    """The highest allowed value for Reprise, in `unit`; None for a measurement without a target."""
    reference: str = FLOOR.name
    not_run: dict[str, str] = field(default_factory=dict)
    """Peers that were left out, with the reason."""

    @property
    def verdict(self) -> str:
        reached = self.figures.get(REPRISE.name)
        if REPRISE.name in self.not_run:
            return "failed"
        if reached is None or self.target is None:
            return ""
        return "ok" if reached.value <= self.target else "over"

    @property
    def now_by_before(self) -> str:
        """The measured values of Reprise, divided by those of its other checkout."""
        if not {REPRISE.name, BEFORE} <= self.figures.keys():
            return ""
        pairs = zip(self.figures[REPRISE.name].rounds, self.figures[BEFORE].rounds, strict=True)
        ratios = [now / max(before, 1e-9) for now, before in pairs]
        return f"{median(ratios):.3f} ±{(max(ratios) - min(ratios)) / 2:.3f}"

    def as_json(self) -> dict[str, object]:
        peers: dict[str, object] = {
            name: {
                "median": _short(figure.value),
                "spread": [_short(figure.low), _short(figure.high)],
                "measured": _short(figure.seconds),
            }
            for name, figure in self.figures.items()
        }
        return {
            "workload": self.workload,
            "case": self.case,
            "unit": self.unit,
            "reference": self.reference,
            "target": self.target,
            "verdict": self.verdict,
            "peers": {**peers, **{name: {"not run": why} for name, why in self.not_run.items()}},
        }


def _short(number: float) -> float:
    return float(f"{number:.4g}")


# --- the table --------------------------------------------------------------------------------

_NAMES = [peer.name for peer in ALL]


def title(workload: str, case: str) -> str:
    """Return the title of a row."""
    return f"{workload}, {case}" if case else workload


_TITLE_WIDTH, _WIDTH = 66, 17
_NOW_BY_BEFORE = "reprise/before"


def table(rows: list[Row], names: list[str]) -> str:
    """Return a table with one column for each peer in `names`."""
    columns = [*names, _NOW_BY_BEFORE] if BEFORE in names else names
    head = f"{'workload':{_TITLE_WIDTH}}{'target':>6}  {_aligned(columns)}"
    return "\n".join([head, "-" * len(head), *(line(row, names) for row in rows)])


def line(row: Row, names: list[str]) -> str:
    target = "" if row.target is None else f"{row.target:g}"
    cells = [_cell(row, name) for name in names]
    cells += [row.now_by_before] if BEFORE in names else []
    name = title(row.workload, row.case)
    return f"{name:{_TITLE_WIDTH}}{target:>6}  {_aligned(cells)}  {row.verdict}"


def _aligned(cells: list[str]) -> str:
    return "".join(f"{cell:>{_WIDTH}}" for cell in cells)


def _cell(row: Row, peer: str) -> str:
    figure = row.figures.get(peer)
    if figure is None:
        return row.not_run.get(peer, "").partition(":")[0]
    if row.unit == MEMORY:
        return f"{figure.value:.0f} MB"
    if peer == row.reference:
        measured = f"{figure.seconds * 1000:.0f} ms" if figure.seconds < 1 else None
        return measured or f"{figure.seconds:.2f} s"
    if row.unit == RATIO:
        return f"{figure.value:.2f} ±{(figure.high - figure.low) / 2:.2f}"
    if row.unit == EXTRA:
        return f"{figure.value:+.0f} ms"
    return f"{figure.value * 1000:.0f} ms"


def markdown(rows: list[Row], found: dict[str, object]) -> str:
    """Return the table for the page on performance, followed by date, machine and versions."""
    head = ["workload", "target", *_NAMES]
    lines = [_piped(head), _piped(["---"] * len(head)), *map(_markdown_line, rows)]
    versions = found["versions"]
    assert isinstance(versions, dict)
    packages = ", ".join(f"{name} {version}" for name, version in sorted(versions.items()))
    place = f"{found['processor']}, {found['machine']}, Python {found['python']}"
    return "\n".join([*lines, "", f"{str(found['at'])[:10]}; {place}; {packages}.", ""])


BRIEF = {
    ("suite, one client", ""): "1000 tests, one client for all",
    ("suite, one client per test", "sync"): "1000 tests, one client per test",
    ("suite, unrecorded", ""): "1000 unrecorded tests",
    ("recording", "100 requests per test"): "recording, 100 requests per test",
}
"""The rows of the README, with their titles."""


def brief(rows: list[Row]) -> str:
    """Return the table for the README."""
    peers = [name for name in _NAMES if name != FLOOR.name]
    lines = [_piped(["", *peers]), _piped(["---"] * (len(peers) + 1))]
    for row in rows:
        if label := BRIEF.get((row.workload, row.case)):
            lines.append(_piped([label, *(_brief_cell(row, peer) for peer in peers)]))
    return "\n".join([*lines, ""])


def _brief_cell(row: Row, peer: str) -> str:
    figure = row.figures.get(peer)
    if figure is None:
        return ""
    return f"{figure.value:,.0f}" if figure.value >= 100 else f"{figure.value:.2f}"


def _markdown_line(row: Row) -> str:
    target = "" if row.target is None else f"{row.target:g}"
    name = title(row.workload, row.case)
    cells = [_cell(row, peer).partition(" ±")[0] for peer in _NAMES]
    own = _NAMES.index(REPRISE.name)
    cells[own] = f"**{cells[own]}**" if row.verdict in ("ok", "") else f"{cells[own]} (over)"
    return _piped([name, target, *cells])


def _piped(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


# --- the file ---------------------------------------------------------------------------------


def document(rows: list[Row], versions: dict[str, str]) -> dict[str, object]:
    return {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "python": platform.python_version(),
        "machine": f"{platform.system()} {platform.release()} {platform.machine()}",
        "processor": _processor(),
        "versions": versions,
        "rows": [row.as_json() for row in rows],
    }


def _processor() -> str:
    try:
        text = Path("/proc/cpuinfo").read_text()
    except OSError:
        return platform.processor()
    models = [line.partition(":")[2].strip() for line in text.splitlines() if "model name" in line]
    return models[0] if models else platform.processor()
