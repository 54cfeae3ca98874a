"""What all workloads share: directories of the suites, installed peers, and sizes."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from . import peers
from .measuring import Compare, Run, alternate, figures, ratio
from .peers import FLOOR, RECORDERS, Peer
from .processes import ROOT, Failed, Server, Spent, run
from .results import RATIO, Row, line
from .suites import Suite

API = "http://api.test"
"""The base URL of suites that need no server."""


@dataclass
class Workshop:
    root: Path
    installed: tuple[Peer, ...]
    quick: bool = False
    long: bool = False
    """Whether peers also run the sizes for which they take minutes."""

    def __post_init__(self) -> None:
        self._bases: dict[Path, str] = {}

    @property
    def tests(self) -> int:
        return 40 if self.quick else 1000

    def rounds(self, many: int) -> int:
        return min(2, many) if self.quick else many

    def present(self, wanted: Iterable[Peer]) -> list[Peer]:
        return [peer for peer in wanted if peer in self.installed]

    def measure(
        self,
        workload: str,
        case: str,
        runs: Mapping[str, Run],
        rounds: int,
        target: float | None = None,
        compare: Compare = ratio,
        unit: str = RATIO,
        reference: str = FLOOR.name,
    ) -> Row:
        values, failed = alternate(runs, self.rounds(rounds), f"{workload} {case}".strip())
        found = figures(values, compare, reference)
        return self.printed(Row(workload, case, unit, found, target, reference, failed))

    def printed(self, row: Row) -> Row:
        print(line(row), flush=True)
        return row

    # --- suites -------------------------------------------------------------------------------

    def suite(
        self, client: str, wanted: Iterable[Peer] = peers.ALL, credentials: bool = False
    ) -> dict[Peer, Path]:
        """Write a suite of `tests` × 3 requests for each peer, with cassettes for recorders."""
        recorded = self.root / ("with-credentials" if credentials else "recorded")
        suite = Suite("", self.tests, client=client, credentials=credentials)
        if recorded not in self._bases:
            self._bases[recorded] = self._record(replace(suite, client="session"), recorded)
        found = {}
        for peer in self.present(wanted):
            found[peer] = folder = recorded / client / peer.name
            if not folder.exists():
                replace(suite, base=self._bases[recorded]).write(folder, peer)
                if peer in RECORDERS:
                    cassettes = recorded / "session" / peer.name / "cassettes"
                    shutil.copytree(cassettes, folder / "cassettes")
        return found

    def _record(self, suite: Suite, folder: Path) -> str:
        """Record with each recorder from one server, then stop the server; return its URL."""
        with Server() as base:
            for peer in self.present(RECORDERS):
                place, own = folder / "session" / peer.name, replace(suite, base=base)
                own.write(place, peer)
                record(peer, place, own)
        return base


def record(peer: Peer, folder: Path, suite: Suite) -> Spent:
    """Run the suite and record it without older cassettes. Raise Failed if anything is missing."""
    shutil.rmtree(folder / "cassettes", ignore_errors=True)
    spent = pytest(peer, folder, suite.tests, "--record-mode=once")
    written = [path.read_text() for path in folder.rglob("*.yaml")]
    count = sum(text.count(f"uri: {suite.base}") for text in written)
    if (len(written), count) != (suite.tests, suite.tests * suite.requests):
        raise Failed(f"{peer.name} wrote {count} interactions in {len(written)} cassettes")
    return spent


def write_cassette(peer: Peer, path: Path, base: str, kind: str, count: int) -> None:
    """Write a cassette of `count` interactions with `inside/write`."""
    inside(peer, "write", str(path), base, kind, str(count))


def inside(peer: Peer, script: str, *arguments: str) -> Spent:
    """Run a module of `inside/` in the environment of `peer`."""
    command = [str(peer.python), "-m", f"bench.inside.{script}", peer.name, *arguments]
    return run(command, ROOT)


def pytest(peer: Peer, folder: Path, passed: int, *options: str) -> Spent:
    """Run the suite in `folder`, in which `passed` tests must pass."""
    command = [str(peer.python), "-m", "pytest", "-q", "-p", "no:cacheprovider", *options]
    spent = run(command, folder)
    summary = re.search(r"^(\d+) passed in", spent.output, re.MULTILINE)
    if "--collect-only" not in options and (summary is None or int(summary[1]) != passed):
        raise Failed(f"{peer.name}: not {passed} passed:\n{spent.output}")
    return spent


def cpu_of(peer: Peer, folder: Path, passed: int, *options: str) -> Run:
    return lambda: pytest(peer, folder, passed, *options).cpu
