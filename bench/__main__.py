"""Measure Reprise and its peers: `python -m bench [--only NAME] [--quick] [--before DIR]`."""

from __future__ import annotations

import argparse
import json
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path

from . import bounds, chart, files, loops, peers, recording, replaying, scrubbing, viewing
from .peers import ALL, FLOOR, REPRISE, Peer
from .results import Row, brief, document, markdown, table
from .workshop import Workshop

RESULTS = Path(__file__).with_name("results.json")
ROOT = RESULTS.parents[1]
README = ROOT / "README.md"
PAGE = ROOT / "docs" / "explanation" / "performance.md"
CHART = PAGE.with_name("chart.svg")
START, END = "<!-- measured by make bench -->", "<!-- end of what was measured -->"

WORKLOADS = {
    "session": replaying.session,
    "credentials": replaying.credentials,
    "client": replaying.client,
    "async": replaying.asynchronous,
    "unrecorded": replaying.unrecorded,
    "request": loops.request,
    "load": files.load,
    "body": loops.body,
    "poll": loops.poll,
    "recording": recording.recording,
    "binary": files.binary,
    "memory": files.memory,
    "collect": replaying.collect,
    "first": replaying.first_test,
}
SCRUBBING = "scrubbing"
VIEWING = "viewing"


def main() -> None:
    options = _options()
    chosen = options.only or [*WORKLOADS, VIEWING, *([] if options.quick else [SCRUBBING])]
    installed = _installed(_wanted(options)) if WORKLOADS.keys() & set(chosen) else ()
    is_whole = not (options.only or options.peer or options.quick or options.before)
    rows: list[Row] = []
    with tempfile.TemporaryDirectory(prefix="reprise-bench-") as folder:
        shop = Workshop(Path(folder), installed, options.quick, options.long)
        for name in filter(WORKLOADS.get, chosen):
            rows += WORKLOADS[name](shop)
            if is_whole:  # a whole run takes half an hour, so keep what is measured so far
                _write(rows, installed, {})
    if rows:
        print(f"\n{table(rows, [peer.name for peer in installed])}\n")
    measured: dict[str, object] = {}
    if VIEWING in chosen:
        measured |= viewing.measure(options.quick)
    if SCRUBBING in chosen:
        measured[SCRUBBING] = {**scrubbing.measure(), **bounds.measure()}
    if measured and is_whole:
        _write(rows, installed, measured)


def _write(rows: list[Row], installed: tuple[Peer, ...], more: Mapping[str, object]) -> None:
    versions = {k: v for peer in installed for k, v in peers.versions(peer).items()}
    found = document(rows, versions)
    RESULTS.write_text(json.dumps({**found, **more}, indent=2) + "\n", encoding="utf-8")
    CHART.write_text(chart.svg(rows), encoding="utf-8")
    _insert(PAGE, markdown(rows, found))
    _insert(README, brief(rows))


def _insert(page: Path, measured: str) -> None:
    """Replace the table between the two comments of a page."""
    before, start, rest = page.read_text(encoding="utf-8").partition(START)
    _, end, after = rest.partition(END)
    page.write_text(f"{before}{start}\n{measured}{end}{after}", encoding="utf-8")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    names = [*WORKLOADS, VIEWING, SCRUBBING]
    parser.add_argument(
        "--only", action="append", choices=names, help="only this workload; may be repeated"
    )
    parser.add_argument(
        "--peer",
        action="append",
        choices=[peer.name for peer in ALL[1:]],
        help="only this peer and the floor; may be repeated",
    )
    parser.add_argument(
        "--quick", action="store_true", help="smaller sizes and fewer rounds; no files are written"
    )
    parser.add_argument(
        "--long", action="store_true", help="10 000 requests for all peers, which takes minutes"
    )
    parser.add_argument(
        "--before",
        type=Path,
        metavar="DIR",
        help="another checkout of Reprise, measured in the same rounds; without --peer, the table "
        "has no other tools; no files are written",
    )
    options: argparse.Namespace = parser.parse_args()
    return options


def _wanted(options: argparse.Namespace) -> list[Peer]:
    """Return the peers to measure: the floor, Reprise, its other checkout, and other tools."""
    names = set(options.peer or ())
    if options.before:
        names.add(REPRISE.name)
    elif not names:
        names = {peer.name for peer in ALL if peer.records or not options.quick}
    wanted = [peer for peer in ALL if peer is FLOOR or peer.name in names]
    if options.before:
        wanted.insert(2, peers.before(options.before))
    return wanted


def _installed(wanted: list[Peer]) -> tuple[Peer, ...]:
    found = []
    for peer in wanted:
        try:
            peers.install(peer)
        except subprocess.CalledProcessError as error:
            print(
                f"{peer.name} is left out, because it cannot be installed:\n{error.stderr[-1000:]}"
            )
        else:
            found.append(peer)
    return tuple(found)


if __name__ == "__main__":
    main()
