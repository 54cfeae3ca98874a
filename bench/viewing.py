"""The viewer with as many cassettes as the largest known public suite: times and memory.

Each measurement is a process of its own, as a start of `reprise view` is.
"""

from __future__ import annotations

import json
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import yaml

CASSETTES = 1300
MEGABYTES = 150
LARGEST = 4_200_000
"""Bytes of the largest body."""
_WORDS = 2000
_ROUNDS = 3
_QUICK = 10
"""How many times smaller the set of a quick run is."""


def measure(quick: bool = False) -> dict[str, object]:
    """Return the times in seconds, the smallest of some rounds, and the peak memory in MB."""
    count = CASSETTES // (_QUICK if quick else 1)
    with tempfile.TemporaryDirectory(prefix="reprise-bench-") as folder:
        top = Path(folder)
        written = write(top, count, MEGABYTES * 1_000_000 * count // CASSETTES)
        found = [_once(top) for _ in range(_ROUNDS)]
    least = {name: round(min(one[name] for one in found), 3) for name in found[0]}
    least |= {"cassettes": count, "megabytes": round(written / 1e6)}
    print(f"\nviewer with {count} cassettes, {least['megabytes']} MB")
    for name, value in least.items():
        print(f"  {name:20}{value}")
    return {"viewing": least}


def _once(top: Path) -> dict[str, float]:
    command = [sys.executable, "-m", "bench.viewing", str(top)]
    ran = subprocess.run(command, capture_output=True, text=True, check=True)
    found: dict[str, float] = json.loads(ran.stdout)
    return found


def write(top: Path, count: int, size: int) -> int:
    """Write cassettes as vcrpy does, and return their size in bytes."""
    choices = random.Random(1)
    letters = "abcdefghijklmnopqrstuvwxyz"
    words = ["".join(choices.choices(letters, k=choices.randint(3, 10))) for _ in range(_WORDS)]
    written = 0
    for number in range(count):
        folder = top / f"test_module_{number % 40:02}"
        folder.mkdir(exist_ok=True)
        interactions = [
            _interaction(choices, words, size / count / 1.8, number == count // 2 and not position)
            for position in range(choices.choice((1, 1, 1, 2, 2, 3, 1, 2, 3)))
        ]
        text = yaml.dump({"interactions": interactions, "version": 1}, Dumper=yaml.CSafeDumper)
        (folder / f"test_{number:04}.yaml").write_text(text, encoding="utf-8")
        written += len(text)
    return written


def _interaction(
    choices: random.Random, words: list[str], average: float, is_largest: bool
) -> dict[str, object]:
    size = LARGEST if is_largest else min(choices.expovariate(1 / average), LARGEST)
    items: list[object] = []
    body = 0
    while body < size:
        item = {"id": choices.randint(1, 10**9), "text": " ".join(choices.choices(words, k=30))}
        items.append(item)
        body += len(str(item))
    kind = choices.choice(("users", "orders", "items", "carts", "events"))
    url = f"https://api.example.com/v1/{kind}/{choices.randint(1, 99999)}"
    headers = {"Content-Type": ["application/json"]}
    return {
        "request": {"body": None, "headers": {}, "method": "GET", "uri": url},
        "response": {
            "body": {"string": json.dumps({"items": items}, separators=(",", ":"))},
            "headers": headers,
            "status": {"code": choices.choice((200, 200, 200, 404)), "message": "OK"},
        },
    }


def _timed(action: Callable[[], object]) -> float:
    start = time.perf_counter()
    action()
    return time.perf_counter() - start


def _inside(top: Path) -> dict[str, float]:
    """What one process measures: a list, the page of the largest cassette, a search of bodies."""
    import resource

    start = time.perf_counter()
    from pytest_reprise.commands.view import Viewer

    files = sorted(top.rglob("*.yaml"))
    viewer = Viewer(files, None, "")
    viewer.read(quiet=True, keeps_text=False)
    links = [f"c/{number}" for number in range(len(files))]
    page = viewer.index(links, on_server=True)
    listed = time.perf_counter() - start
    largest = max(range(len(files)), key=lambda number: files[number].stat().st_size)
    return {
        "list_seconds": listed,
        "list_page_kB": len(page) / 1000,
        "open_seconds": _timed(lambda: viewer.cassette(largest, "/", lambda *_: "")),
        "search_seconds": _timed(lambda: viewer.search(["no-body-has-this"])),
        "peak_MB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000,
    }


if __name__ == "__main__":
    print(json.dumps(_inside(Path(sys.argv[1]))))
