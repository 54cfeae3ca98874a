"""Cassettes as files: opening one of 1000 interactions."""

from __future__ import annotations

from .measuring import Run
from .peers import CASSETTER, RECORDERS, Peer
from .results import Row
from .workshop import API, Workshop, inside, write_cassette

COUNT = 1000


def load(shop: Workshop) -> list[Row]:
    runs = {peer.name: _load(shop, peer) for peer in shop.present(RECORDERS)}
    if CASSETTER.name not in runs:
        return []
    title = f"load {COUNT}"
    return [shop.measure(title, "to cassetter's", runs, 11, 1.0, reference=CASSETTER.name)]


def _load(shop: Workshop, peer: Peer) -> Run:
    folder = shop.root / "load" / peer.name
    big, small = folder / "big.yaml", folder / "small.yaml"
    for path, count in ((big, COUNT), (small, 1)):
        write_cassette(peer, path, API, "users", count)
    return lambda: float(inside(peer, "load", str(big), str(small), str(COUNT)).output)
