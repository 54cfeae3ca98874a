"""Cassette files: loading one with many interactions, and one with a large binary body."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

from .loop_suites import USERS, Loop
from .measuring import Run, absolute, alternate, figures, ratio
from .peers import BEFORE, CASSETTER, FLOOR, Peer
from .processes import Spent
from .results import MEMORY, RATIO, Row
from .workshop import API, Workshop, inside, pytest, write_cassette

COUNT = 1000
MEGABYTES = 50
MANY = 10_000
"""Number of interactions in the cassette for the measurement of memory."""


def load(shop: Workshop) -> list[Row]:
    runs = {peer.name: _load(shop, peer) for peer in shop.recorders}
    reference = next((name for name in (CASSETTER.name, BEFORE) if name in runs), None)
    if reference is None:
        return []
    title, case = f"load {COUNT} interactions", f"relative to {reference}"
    target = 1.0 if reference == CASSETTER.name else None
    return [shop.measure(title, case, runs, 11, target, reference=reference)]


def _load(shop: Workshop, peer: Peer) -> Run:
    loaded = _loaded(shop, peer, COUNT)
    return lambda: float(loaded().output)


def _loaded(shop: Workshop, peer: Peer, count: int) -> Callable[[], Spent]:
    """Return a function that runs a process, which loads a small cassette and then a large one."""
    folder = shop.root / f"load-{count}" / peer.name
    big, small = folder / "big.yaml", folder / "small.yaml"
    if not folder.exists():
        for path, size in ((big, count), (small, 1)):
            write_cassette(peer, path, API, USERS, size)
    return lambda: inside(peer, "load", str(big), str(small), str(count))


def binary(shop: Workshop) -> list[Row]:
    """Measure saving and loading, relative to writing and reading the same bytes."""
    size = MEGABYTES // (10 if shop.quick else 1)
    spent: dict[str, list[tuple[float, ...]]] = {}

    def run_of(peer: Peer) -> Run:
        folder = shop.root / f"binary-{peer.name}"
        found = spent.setdefault(peer.name, [])

        def once() -> float:
            folder.mkdir()
            path = folder / "big.yaml"
            output = inside(peer, "binary", str(path), str(size * 1_000_000)).output
            shutil.rmtree(folder)  # also removes the body file, if there is one
            found.append(tuple(map(float, output.split())))
            return found[-1][0]

        return once

    runs = {peer.name: run_of(peer) for peer in (FLOOR, *shop.recorders)}
    _, failed = alternate(runs, shop.rounds(7), "binary")
    rows = []
    for place, clock in enumerate(("CPU time", "wall time")):
        values = {name: [one[place] for one in ones[1:]] for name, ones in spent.items() if ones}
        rows.append(
            Row(
                f"binary body of {size} MB",
                clock,
                RATIO,
                figures(values, ratio),
                2.0,
                not_run=failed,
            )
        )
    return [shop.printed(row) for row in rows]


def memory(shop: Workshop) -> list[Row]:
    """Measure the peak memory of a replay in one test, and of loading a cassette."""
    count = COUNT if shop.quick else MANY
    replayed, loaded = {}, {}
    for peer in shop.installed:
        folder = shop.root / "memory" / peer.name
        if peer is FLOOR or peer.checkout:
            Loop(USERS, count - 1).write(folder, peer)
            replayed[peer.name] = _replay_peak(peer, folder)
        if peer.records:
            loaded[peer.name] = _load_peak(shop, peer, count)
    rows = []
    for case, runs, target in (("replay", replayed, 100.0), ("load", loaded, None)):
        title = f"peak memory, {count} interactions"
        first = next(iter(runs), "")
        if runs:
            rows.append(shop.measure(title, case, runs, 3, target, absolute, MEMORY, first))
    return rows


def _replay_peak(peer: Peer, folder: Path) -> Run:
    return lambda: pytest(peer, folder, 1).peak


def _load_peak(shop: Workshop, peer: Peer, count: int) -> Run:
    loaded = _loaded(shop, peer, count)
    return lambda: loaded().peak
