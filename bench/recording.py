"""Recording from a server on this machine, relative to the same suite without recording."""

from __future__ import annotations

from pathlib import Path
from typing import TypeVar

from .measuring import Run, alternate, figures, ratio
from .peers import FLOOR, Peer
from .processes import ROOT, Server, run
from .results import RATIO, Row
from .suites import Suite
from .workshop import Workshop, cpu_of
from .workshop import record as recorded

SIZES = (10, 100, 1000)
TOTAL = 2000
"""Number of all requests, for each size of the cassettes."""
Value = TypeVar("Value")
PLAIN = ", without scrubbing"
"""Ends the name of a peer, and the case of a row."""


def recording(shop: Workshop) -> list[Row]:
    total = TOTAL // 10 if shop.quick else TOTAL
    rows = []
    with Server() as base:
        for size in SIZES:
            if size <= total:
                rows += _rows(shop, Suite(base, total // size, size, live=True))
    return rows


def _rows(shop: Workshop, suite: Suite) -> list[Row]:
    root = shop.root / "recording" / str(suite.requests)
    runs = {}
    for peer in (FLOOR, *shop.recorders):
        runs[peer.name] = _run(suite, peer, root / peer.name)
        if peer.checkout:
            plain = root / f"{peer.name}-plain"
            runs[peer.name + PLAIN] = _run(suite, peer, plain)
            (plain / "reprise.toml").write_text(f"[scrub]\noff = {_rules(peer)!r}\n")
    title, case = "recording", f"{suite.requests} requests per test"
    values, failed = alternate(runs, shop.rounds(5), f"{title} {case}")
    found, unscrubbed = _split(figures(values, ratio))
    not_run, not_run_unscrubbed = _split(failed)
    rows = [Row(title, case, RATIO, found, 1.6, not_run=not_run)]
    if any(peer.checkout for peer in shop.installed):
        both = {FLOOR.name: found[FLOOR.name], **unscrubbed}
        rows.insert(0, Row(title, case + PLAIN, RATIO, both, 1.15, not_run=not_run_unscrubbed))
    return [shop.printed(row) for row in rows]


def _split(values: dict[str, Value]) -> tuple[dict[str, Value], dict[str, Value]]:
    """Return the values of runs with and without scrubbing, by the name of the peer."""
    plain = {name.removesuffix(PLAIN): values[name] for name in values if name.endswith(PLAIN)}
    return {name: values[name] for name in values if not name.endswith(PLAIN)}, plain


def _run(suite: Suite, peer: Peer, folder: Path) -> Run:
    suite.write(folder, peer)
    if peer is FLOOR:
        return cpu_of(peer, folder, suite.tests)
    return lambda: recorded(peer, folder, suite).cpu


def _rules(peer: Peer) -> list[str]:
    """Return the names of all rules for secrets that a Reprise has on.

    They are the first words of the lines up to an empty one; newer versions write a title first.
    """
    listed = run([str(peer.python.with_name("reprise")), "rules"], ROOT).output
    lines = [line.split() for line in listed.split("\n\n")[0].splitlines() if "off)" not in line]
    return [words[0] for words in lines if len(words) > 1]
