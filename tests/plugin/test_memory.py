"""What a recording takes of memory: a few times one body, and not more after many bodies."""

from __future__ import annotations

import base64
import gzip
import json
import random
import sys
from collections.abc import Callable

import pytest

from ..harness.runs import Run, Server, Suite

NOT_NEEDED = ("anyio", "asyncio", "base_url", "xdist", "faker")
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="needs the module resource")

MB = 1_000_000
SIZE = 3 * MB
KNOWN = "S3cr3t-known-value-17"

NOTES_THE_PEAK = """
import gc, resource, sys, tracemalloc
import httpx

UNIT = 1 if sys.platform == "darwin" else 1024


def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * UNIT


peaks = []
traced = []


def pytest_runtest_setup(item):
    peaks.append(peak())
    if len(peaks) > 20 and tracemalloc.is_tracing():
        gc.collect()
        traced.append(tracemalloc.get_traced_memory()[0])


def pytest_terminal_summary(terminalreporter):
    peaks.append(peak())
    terminalreporter.write_line("peaks: " + " ".join(map(str, peaks)))
    terminalreporter.write_line("traced: " + " ".join(map(str, traced)))
"""
RECORDS = """
import httpx
import pytest

httpx.Client()


def test_nothing():
    pass


@pytest.mark.vcr
@pytest.mark.parametrize("path", PATHS)
def test_downloads(path):
    with httpx.Client() as client:
        with client.stream("GET", URL + path) as response:
            assert sum(map(len, response.iter_raw()))
"""


def _words(size: int) -> str:
    generator = random.Random(1)
    letters = "etaoin shrdlu cmfwyp vbgkjq xz "
    return "".join(generator.choices(letters, k=size))


BODIES: dict[str, tuple[str, Callable[[], bytes]]] = {
    "/small": ("text/plain", lambda: b"small"),
    "/one-line": ("text/plain", lambda: _words(SIZE).encode()),
    "/one-line-with-a-secret": (
        "text/plain",
        lambda: f"{_words(SIZE // 2)} {KNOWN} {_words(SIZE // 2)} 100%25".encode(),
    ),
    "/base64": ("text/plain", lambda: base64.b64encode(random.Random(2).randbytes(SIZE * 3 // 4))),
    "/binary": ("application/octet-stream", lambda: random.Random(3).randbytes(SIZE)),
    "/json": (
        "application/json",
        lambda: json.dumps(
            [{"id": n, "text": f"item {n % 1000}", "at": n / 7} for n in range(SIZE // 60)]
        ).encode(),
    ),
    "/gzip": ("application/json", lambda: gzip.compress(json.dumps(_words(SIZE)).encode())),
}


def _record(
    server: Server, suite: Suite, run: Run, paths: list[str], measured: str = "peaks"
) -> list[int]:
    suite(RECORDS.replace("PATHS", repr(paths)).replace("URL", repr(server.url)), NOTES_THE_PEAK)
    result = run("--record-mode=once", "-p", "no:logging")
    result.assert_outcomes(passed=len(paths) + 1)
    line = next(line for line in result.outlines if line.startswith(f"{measured}: "))
    return [int(number) for number in line.split()[1:]]


def test_recording_one_body_takes_at_most_4_times_its_size_and_50_mb(
    server: Server, suite: Suite, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    for path, (media, make) in BODIES.items():
        headers = {"Content-Type": media}
        if path == "/gzip":
            headers["Content-Encoding"] = "gzip"
        server.answers[path] = 200, headers, make()
    monkeypatch.setenv("API_TOKEN", KNOWN)
    peaks = _record(server, suite, run, list(BODIES))
    after_a_small_body = peaks[2]
    assert {
        path: taken
        for path, peak in zip(BODIES, peaks[2:], strict=True)
        if (taken := peak - after_a_small_body) > 4 * SIZE + 50 * MB
    } == {}


def test_recording_many_bodies_takes_no_more_memory_than_a_few(
    server: Server, suite: Suite, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = [f"/{number}" for number in range(48)]
    for number, path in enumerate(paths):
        # In one line, which YAML writes without quotes: a cache of lines must not keep it.
        text = f"body {number} {_words(200_000)} end"
        server.answers[path] = 200, {"Content-Type": "text/plain"}, text.encode()
    monkeypatch.setenv("PYTHONTRACEMALLOC", "1")
    traced = _record(server, suite, run, paths, "traced")
    assert traced[-1] - traced[0] < 2 * MB  # 28 bodies of 0.2 MB are 5.6 MB
