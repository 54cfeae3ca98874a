"""What all workloads share: directories of the suites, installed peers, and sizes."""

from __future__ import annotations

import re
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from .measuring import Compare, Run, alternate, figures, ratio
from .peers import FLOOR, REPRISE, Peer
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

    @property
    def recorders(self) -> list[Peer]:
        return [peer for peer in self.installed if peer.records]

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
        print(line(row, [peer.name for peer in self.installed]), flush=True)
        return row

    # --- suites -------------------------------------------------------------------------------

    def suite(
        self, client: str, wanted: Sequence[Peer] = (), credentials: bool = False
    ) -> dict[Peer, Path]:
        """Write a suite of `tests` × 3 requests for each peer, with cassettes for recorders.

        `wanted` are the peers, all by default.
        """
        recorded = self.root / ("with-credentials" if credentials else "recorded")
        suite = Suite("", self.tests, client=client, credentials=credentials)
        if recorded not in self._bases:
            self._bases[recorded] = self._record(replace(suite, client="session"), recorded)
        found = {}
        for peer in wanted or self.installed:
            found[peer] = folder = recorded / client / peer.name
            if not folder.exists():
                replace(suite, base=self._bases[recorded]).write(folder, peer)
                if peer.records:
                    cassettes = recorded / "session" / peer.name / "cassettes"
                    shutil.copytree(cassettes, folder / "cassettes")
        return found

    def _record(self, suite: Suite, folder: Path) -> str:
        """Record with each recorder from one server, then stop the server; return its URL."""
        with Server() as base:
            for peer in self.recorders:
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
    """Run a module of `inside/` in the environment of `peer`.

    Another checkout of Reprise runs its own, which imports from the modules that it has.
    """
    name = REPRISE.name if peer.checkout else peer.name
    command = [str(peer.python), "-m", f"bench.inside.{script}", name, *arguments]
    return run(command, peer.checkout or ROOT)


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
