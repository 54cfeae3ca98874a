"""The cost of one request: by size of the cassette, with large bodies, and when a URL is polled."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from .loop_suites import DOCUMENTS, POLLS, REORDERED, USERS, Loop
from .measuring import Run, Values, alternate, figures, ratio
from .peers import FLOOR, RECORDING, Peer
from .processes import Spent
from .results import RATIO, Row
from .workshop import Workshop, pytest

LONG = 10_000
"""The number of requests with which peers take minutes."""
SIZES = {10: 100, 100: 10, 1000: 2, LONG: 1}
"""Number of tests by number of requests, so that the loops of one run last long enough."""


def request(shop: Workshop) -> list[Row]:
    rows = []
    for size, tests in _sizes(shop):
        loop = Loop(USERS, size, tests)
        rows += _rows(
            shop,
            loop,
            "one request",
            f"cassette of {size} interactions",
            1.10,
            _too_long(shop, size),
        )
    return rows


def poll(shop: Workshop) -> list[Row]:
    rows = []
    for size, tests in _sizes(shop):
        if size >= 1000:
            loop = Loop(POLLS, size, tests)
            rows += _rows(shop, loop, f"{size} polls of one URL", "", 1.10, _too_long(shop, size))
    return rows


def _sizes(shop: Workshop) -> list[tuple[int, int]]:
    if shop.quick:
        return [(size, max(1, tests // 4)) for size, tests in SIZES.items() if size < LONG]
    return [*SIZES.items()]


def _too_long(shop: Workshop, size: int) -> dict[str, str]:
    """Return the peers that are left out at this size, with the reason."""
    if shop.long or size < (1000 if shop.quick else LONG):
        return {}
    others = [peer.name for peer in shop.installed if not (peer is FLOOR or peer.checkout)]
    return dict.fromkeys(others, "not run: takes minutes")


def body(shop: Workshop) -> list[Row]:
    """Measure large bodies. vcrpy takes a minute per test: it writes a diff for each mismatch."""
    left_out = {RECORDING.name: "not run: takes minutes"} if shop.quick else {}
    loops = ((DOCUMENTS, "same bytes", 2.5), (REORDERED, "keys reordered", 30.0))
    rows = []
    for kind, case, target in loops:
        loop = Loop(kind, 20, tests=1 if shop.quick else 5)
        rows += _rows(
            shop, loop, "one request, body of 100 kB", case, target, left_out, {RECORDING: 1}, True
        )
    return rows


def _rows(
    shop: Workshop,
    loop: Loop,
    workload: str,
    case: str,
    target: float,
    left_out: dict[str, str],
    tests: dict[Peer, int] | None = None,
    both: bool = False,
) -> list[Row]:
    """Measure the loop; with `both`, also the loop and the first request, which opens the cassette.

    `tests` has the peers for which fewer tests are run.
    """
    loops = {
        peer: replace(loop, tests=(tests or {}).get(peer, loop.tests))
        for peer in shop.installed
        if peer.name not in left_out
    }
    spent: dict[str, list[Spent]] = {peer.name: [] for peer in loops}
    runs = {peer.name: _run(shop, own, peer, spent[peer.name]) for peer, own in loops.items()}
    _, failed = alternate(runs, shop.rounds(5), f"{workload} {case}".strip())
    left_out = {**left_out, **failed}
    alone = _values(spent, loops, ["loop"])
    rows = [Row(workload, case, RATIO, figures(alone, ratio), target, not_run=left_out)]
    if both:
        whole = figures(_values(spent, loops, ["first", "loop"]), ratio)
        rows.append(Row(workload, f"{case}, with opening", RATIO, whole, not_run=left_out))
    return [shop.printed(row) for row in rows]


def _values(spent: dict[str, list[Spent]], loops: dict[Peer, Loop], parts: Iterable[str]) -> Values:
    """Return seconds per test, by peer; without other rounds, those of the warm-up."""
    names = list(parts)
    return {
        peer.name: [
            sum(map(one.reported, names)) / loop.tests
            for one in spent[peer.name][1:] or spent[peer.name]
        ]
        for peer, loop in loops.items()
        if spent[peer.name]
    }


def _run(shop: Workshop, loop: Loop, peer: Peer, spent: list[Spent]) -> Run:
    folder = shop.root / loop.kind / str(loop.count) / peer.name
    if not folder.exists():
        loop.write(folder, peer)

    def once() -> float:
        spent.append(pytest(peer, folder, loop.tests))
        return spent[-1].reported("loop")

    return once
