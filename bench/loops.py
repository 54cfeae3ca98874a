"""What one request costs: as a cassette grows, with large bodies, when one URL is polled."""

from __future__ import annotations

from pathlib import Path

from .loop_suites import DOCUMENTS, POLLS, REORDERED, USERS, Loop
from .measuring import Run, alternate, figures, ratio
from .peers import FLOOR, REPRISE, Peer
from .processes import Spent
from .results import RATIO, Row
from .workshop import Workshop, pytest

LONG = 10_000
"""The size at which peers take minutes: only with --long."""
SIZES = {10: 100, 100: 10, 1000: 2, LONG: 1}
"""How many tests of each size, so that the loops of one run last long enough to be measured."""
TOO_LONG = "takes minutes: --long"


def request(shop: Workshop) -> list[Row]:
    sizes = [size for size in SIZES if not (shop.quick and size == LONG)]
    rows = []
    for size in sizes:
        rows += _rows(shop, Loop(USERS, size, _tests(shop, size)), "request", f"in {size}", 1.10)
    return rows


def _tests(shop: Workshop, size: int) -> int:
    return max(1, SIZES[size] // (4 if shop.quick else 1))


def poll(shop: Workshop) -> list[Row]:
    sizes = [1000] if shop.quick else [1000, LONG]
    return [
        row for size in sizes for row in _rows(shop, Loop(POLLS, size), "polls", f"{size}", 1.10)
    ]


def body(shop: Workshop) -> list[Row]:
    return [
        *_rows(shop, Loop(DOCUMENTS, 20), "body 100 kB", "same bytes", 2.5, both=True),
        *_rows(shop, Loop(REORDERED, 20), "body 100 kB", "keys reordered", 30, both=True),
    ]


def _rows(
    shop: Workshop, loop: Loop, workload: str, case: str, target: float, both: bool = False
) -> list[Row]:
    """The loop alone; and with the first request of each cassette in it, which opens it."""
    taking = shop.installed
    if loop.count >= LONG and not shop.long:
        taking = tuple(peer for peer in taking if peer in (FLOOR, REPRISE))
    left_out = {peer.name: TOO_LONG for peer in shop.installed if peer not in taking}
    spent: dict[str, list[Spent]] = {peer.name: [] for peer in taking}
    runs = {peer.name: _run(shop, loop, peer, spent[peer.name]) for peer in taking}
    alone = alternate(runs, shop.rounds(7), f"{workload} {case}")
    rows = [Row(workload, case, RATIO, figures(alone, ratio), target, not_run=left_out)]
    if both:
        whole = {
            name: [one.reported("loop") + one.reported("first") for one in ones[1:] or ones]
            for name, ones in spent.items()
        }
        rows.append(
            Row(workload, f"{case}, opened", RATIO, figures(whole, ratio), not_run=left_out)
        )
    return [shop.told(row) for row in rows]


def _run(shop: Workshop, loop: Loop, peer: Peer, spent: list[Spent]) -> Run:
    folder: Path = shop.root / loop.kind / str(loop.count) / peer.name
    if not folder.exists():
        loop.write(folder, peer)

    def once() -> float:
        spent.append(pytest(peer, folder, loop.tests))
        return spent[-1].reported("loop")

    return once
