"""A chart of the main workloads: one bar for each peer, on a logarithmic scale."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from html import escape

from .peers import ALL, FLOOR, REPRISE
from .results import RATIO, Row

SHOWN = {
    ("suite, one client", ""): "1000 tests, one client",
    ("suite, one client per test", "sync"): "one client per test",
    ("suite, one client per test", "async"): "one client per test, async",
    ("suite, unrecorded", ""): "unrecorded tests",
    ("one request", "cassette of 10 interactions"): "one request, cassette of 10",
    ("one request", "cassette of 100 interactions"): "one request, cassette of 100",
    ("one request", "cassette of 1000 interactions"): "one request, cassette of 1000",
    ("1000 polls of one URL", ""): "1000 polls of one URL",
    ("one request, body of 100 kB", "same bytes"): "one request, body of 100 kB",
    ("recording", "100 requests per test"): "recording",
}
COLOURS = dict(
    zip(
        (peer.name for peer in ALL if peer is not FLOOR),
        ("#0072b2", "#d55e00", "#009e73", "#e69f00", "#cc79a7"),
        strict=True,
    )
)
"""Colours that colour-blind readers can distinguish, on a light and on a dark background."""

WIDTH, LEFT, RIGHT, TOP, BOTTOM = 860, 220, 70, 84, 34
BAR, GAP = 13, 14

_TITLE = "CPU time, as a multiple of the same suite on httpx.MockTransport (logarithmic)"
_STYLE = """\
text { font: 13px -apple-system, "Segoe UI", Helvetica, Arial, sans-serif; fill: #1f2328 }
.small { font-size: 11px }
.title { font-size: 15px; font-weight: 600 }
.ground { fill: #ffffff; stroke: #d1d9e0 }
.grid { stroke: #d1d9e0 }
.target { stroke: #1f2328; stroke-width: 2 }
@media (prefers-color-scheme: dark) {
  text { fill: #f0f6fc }
  .ground { fill: #0d1117; stroke: #3d444d }
  .grid { stroke: #3d444d }
  .target { stroke: #f0f6fc }
}"""
"""The chart has its own background, so that the text is legible on any page."""


def svg(rows: Iterable[Row]) -> str:
    shown = [row for row in rows if (row.workload, row.case) in SHOWN and row.unit == RATIO]
    most = max((figure.value for row in shown for figure in row.figures.values()), default=10.0)
    decades = math.ceil(math.log10(max(most, 10)))
    height = TOP + sum(_height(row) for row in shown) + BOTTOM
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" '
        f'width="{WIDTH}" height="{height}" role="img">',
        f"<title>CPU time relative to httpx.MockTransport</title><style>{_STYLE}</style>",
        f'<rect class="ground" x=".5" y=".5" width="{WIDTH - 1}" height="{height - 1}" rx="6"/>',
        _text(16, 28, _TITLE, "title"),
        *_legend(),
        *_grid(decades, height),
    ]
    top = TOP
    for row in shown:
        parts += _bars(row, top, decades)
        top += _height(row)
    return "\n".join([*parts, "</svg>"]) + "\n"


def _height(row: Row) -> int:
    return BAR * len(_drawn(row)) + GAP


def _drawn(row: Row) -> list[str]:
    return [name for name in COLOURS if name in row.figures]


def _x(value: float, decades: int) -> float:
    """Return the position of `value`. The axis starts at 1, the value of the floor."""
    share = math.log10(max(value, 1.0)) / decades
    return round(LEFT + share * (WIDTH - LEFT - RIGHT), 1)


def _legend() -> Iterator[str]:
    left = 16
    for name, colour in COLOURS.items():
        yield f'<rect x="{left}" y="45" width="12" height="12" fill="{colour}"/>'
        yield _text(left + 18, 56, name)
        left += 38 + 8 * len(name)
    yield f'<line class="target" x1="{left}" x2="{left}" y1="44" y2="58"/>'
    yield _text(left + 8, 56, "Reprise's target")


def _grid(decades: int, height: int) -> Iterator[str]:
    for power in range(decades + 1):
        x, bottom = _x(10**power, decades), height - BOTTOM
        yield f'<line class="grid" x1="{x}" x2="{x}" y1="{TOP - 8}" y2="{bottom}"/>'
        yield _text(x, bottom + 18, f"{10**power:,}×", "small", "middle")


def _bars(row: Row, top: int, decades: int) -> Iterator[str]:
    names = _drawn(row)
    middle = top + BAR * len(names) / 2
    yield _text(LEFT - 12, middle + 4, SHOWN[row.workload, row.case], "", "end")
    for place, name in enumerate(names):
        value, y = row.figures[name].value, top + BAR * place
        width = max(1.0, _x(value, decades) - LEFT)
        yield (
            f'<rect x="{LEFT}" y="{y}" width="{width:.1f}" height="{BAR - 1}" '
            f'fill="{COLOURS[name]}"/>'
        )
        end = LEFT + width
        if name == REPRISE.name and row.target is not None:
            x = _x(row.target, decades)
            end = max(end, x)
            yield f'<line class="target" x1="{x}" x2="{x}" y1="{y - 2}" y2="{y + BAR + 1}"/>'
        yield _text(end + 5, y + BAR - 2.5, _short(value), "small")


def _short(value: float) -> str:
    return f"{value:.2f}" if value < 10 else f"{value:,.0f}"


def _text(x: float, y: float, text: str, style: str = "", anchor: str = "start") -> str:
    kind = f' class="{style}"' if style else ""
    return f'<text x="{x}" y="{y}"{kind} text-anchor="{anchor}">{escape(text)}</text>'
