"""Recording from a server on this machine, relative to the same suite without recording."""

from __future__ import annotations

import subprocess
from pathlib import Path

from .measuring import Run, alternate, figures, ratio
from .peers import FLOOR, RECORDERS, REPRISE, Peer
from .processes import Server
from .results import RATIO, Row
from .suites import Suite
from .workshop import Workshop, cpu_of
from .workshop import record as recorded

SIZES = (10, 100, 1000)
TOTAL = 2000
"""Number of all requests, for each size of the cassettes."""
PLAIN = "without scrubbing"


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
    for peer in shop.present([FLOOR, *RECORDERS]):
        runs[peer.name] = _run(suite, peer, root / peer.name)
    if REPRISE in shop.installed:
        runs[PLAIN] = _run(suite, REPRISE, root / "plain")
        (root / "plain" / "reprise.toml").write_text(f"[scrub]\noff = {_rules()!r}\n")
    title, case = "recording", f"{suite.requests} requests per test"
    values, failed = alternate(runs, shop.rounds(5), f"{title} {case}")
    found = figures(values, ratio)
    rows = []
    if plain := found.pop(PLAIN, None):
        both = {FLOOR.name: found[FLOOR.name], REPRISE.name: plain}
        rows.append(Row(title, f"{case}, {PLAIN}", RATIO, both, 1.15))
    return [
        shop.printed(row) for row in [*rows, Row(title, case, RATIO, found, 1.6, not_run=failed)]
    ]


def _run(suite: Suite, peer: Peer, folder: Path) -> Run:
    suite.write(folder, peer)
    if peer is FLOOR:
        return cpu_of(peer, folder, suite.tests)
    return lambda: recorded(peer, folder, suite).cpu


def _rules() -> list[str]:
    """Return the names of all scrub rules of the measured Reprise."""
    ask = "from pytest_reprise.scrub.rules.ruleset import DEFAULT_RULES; print(*DEFAULT_RULES)"
    command = [str(REPRISE.python), "-c", ask]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
