"""What all workloads share: where suites lie, who takes part, how long it may take."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from . import peers
from .measuring import Compare, Run, alternate, figures, ratio
from .peers import FLOOR, RECORDERS, Peer
from .processes import ROOT, Server, Spent, run
from .results import RATIO, Row, line
from .suites import Suite

API = "http://api.test"
"""The base URL of what no server is needed for."""


@dataclass
class Workshop:
    root: Path
    installed: tuple[Peer, ...]
    quick: bool = False
    long: bool = False
    """Whether peers are given the sizes, too, at which they take minutes."""

    def __post_init__(self) -> None:
        self._base: str | None = None

    @property
    def tests(self) -> int:
        return 200 if self.quick else 1000

    def rounds(self, many: int) -> int:
        return min(3, many) if self.quick else many

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
        not_run: Mapping[str, str] | None = None,
    ) -> Row:
        values = alternate(runs, self.rounds(rounds), f"{workload} {case}".strip())
        found = figures(values, compare, reference)
        return self.told(Row(workload, case, unit, found, target, reference, {**(not_run or {})}))

    def told(self, row: Row) -> Row:
        print(line(row), flush=True)
        return row

    # --- suites -------------------------------------------------------------------------------

    def suite(self, client: str, wanted: Iterable[Peer] = peers.ALL) -> dict[Peer, Path]:
        """The suite of `tests` × 3 requests for each, recorded by those who record."""
        found = {}
        for peer in self.present(wanted):
            folder = self.root / client / peer.name
            if not folder.exists():
                self._make(Suite(self.base, self.tests, client=client), folder, peer)
            found[peer] = folder
        return found

    def _make(self, suite: Suite, folder: Path, peer: Peer) -> None:
        suite.write(folder, peer)
        if peer in RECORDERS:
            shutil.copytree(self._recorded / peer.name / "cassettes", folder / "cassettes")

    @property
    def base(self) -> str:
        if self._base is None:
            self._record(Suite("", self.tests))
        assert self._base is not None
        return self._base

    @property
    def _recorded(self) -> Path:
        return self.root / "recorded"

    def _record(self, suite: Suite) -> None:
        """Each with its own record mode, from the one server, which is gone afterwards."""
        with Server() as base:
            self._base = base
            for peer in self.present(RECORDERS):
                folder = self._recorded / peer.name
                replace(suite, base=base).write(folder, peer)
                pytest(peer, folder, suite.tests, "--record-mode=once")
                count = sum(1 for _ in folder.rglob("*.yaml"))
                assert count == suite.tests, f"{peer.name} wrote {count} cassettes"


def write_cassette(peer: Peer, path: Path, base: str, kind: str, count: int) -> None:
    """A cassette of `count` exchanges, as `inside/write` makes them."""
    inside(peer, "write", str(path), base, kind, str(count))


def inside(peer: Peer, script: str, *arguments: str) -> Spent:
    """Run a module of `inside/` in the environment of `peer`."""
    command = [str(peer.python), "-m", f"bench.inside.{script}", peer.name, *arguments]
    return run(command, ROOT)


def pytest(peer: Peer, folder: Path, passed: int, *options: str) -> Spent:
    """One run of the suite in `folder`, in which `passed` tests must pass."""
    command = [str(peer.python), "-m", "pytest", "-q", "-p", "no:cacheprovider", *options]
    spent = run(command, folder)
    said = re.search(r"^(\d+) passed in", spent.output, re.MULTILINE)
    if "--collect-only" not in options and (said is None or int(said[1]) != passed):
        raise SystemExit(f"{peer.name}: not {passed} passed:\n{spent.output[-2000:]}")
    return spent


def cpu_of(peer: Peer, folder: Path, passed: int, *options: str) -> Run:
    return lambda: pytest(peer, folder, passed, *options).cpu
