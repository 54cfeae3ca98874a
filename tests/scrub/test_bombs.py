"""Small compressed bodies that hold very much: they are kept, and the report names them."""

from __future__ import annotations

import gzip
import importlib
import json
import tracemalloc
import zlib
from collections.abc import Callable

import pytest

from pytest_reprise.scrub.content import compression

from ..harness.runs import Cassettes, Run, Server, Suite

MB = 1_000_000
BLOCK = bytes(MB)


def _deflate(size: int, wbits: int = zlib.MAX_WBITS) -> bytes:
    compressor = zlib.compressobj(wbits=wbits)
    return b"".join(compressor.compress(BLOCK) for _ in range(size // MB)) + compressor.flush()


def _gzip(size: int) -> bytes:
    return _deflate(size, zlib.MAX_WBITS | 16)


def _brotli(size: int) -> bytes:
    compressor = importlib.import_module("brotli").Compressor(quality=5)
    made = b"".join(compressor.process(BLOCK) for _ in range(size // MB)) + compressor.finish()
    return bytes(made)


def _zstd(size: int) -> bytes:
    compressor = importlib.import_module("zstandard").ZstdCompressor().compressobj()
    made = b"".join(compressor.compress(BLOCK) for _ in range(size // MB)) + compressor.flush()
    return bytes(made)


MAKERS: dict[str, Callable[[int], bytes]] = {
    "gzip": _gzip,
    "deflate": _deflate,
    "br": _brotli,
    "zstd": _zstd,
    "gzip, gzip": lambda size: gzip.compress(_gzip(size), mtime=0),
    "gzip, cut off": lambda size: _gzip(size)[:-9],
}
PACKAGES = {"br": "brotli", "zstd": "zstandard"}


def _coded(name: str) -> tuple[Callable[[int], bytes], tuple[tuple[str, str], ...]]:
    if name in PACKAGES:
        pytest.importorskip(PACKAGES[name])
    return MAKERS[name], (("Content-Encoding", name.removesuffix(", cut off")),)


@pytest.mark.parametrize("name", MAKERS)
def test_bomb_is_not_decompressed_and_takes_little_memory(name: str) -> None:
    make, headers = _coded(name)
    body = make(400 * MB)
    assert len(body) < 2 * MB
    tracemalloc.start()
    try:
        assert compression.decompress(body, headers) is None
        assert compression.decompress_or_keep(body, headers) is body
        assert compression.is_too_large(body, headers)
        assert tracemalloc.get_traced_memory()[1] < 4 * len(body) + 50 * MB
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("name", MAKERS)
def test_large_body_below_the_bound_is_decompressed(name: str) -> None:
    make, headers = _coded(name)
    body = make(20 * MB)
    assert not compression.is_too_large(body, headers)
    plain = compression.decompress(body, headers)
    assert plain is not None
    assert (20 - name.endswith("off")) * MB <= len(plain) <= 20 * MB


def test_many_gzip_members_take_linear_time() -> None:
    body = gzip.compress(b"ab", mtime=0) * 50_000
    assert compression.decompress(body, (("Content-Encoding", "gzip"),)) == b"ab" * 50_000


RECORDS_BOMB = """
import httpx
import pytest


@pytest.mark.vcr
def test_downloads_without_decompressing():
    with httpx.stream("GET", "{url}/bomb") as response:
        assert sum(map(len, response.iter_raw())) > 0
"""


def test_recording_a_bomb_keeps_it_and_says_so(
    server: Server, suite: Suite, run: Run, cassettes: Cassettes, pytester: pytest.Pytester
) -> None:
    bomb = _gzip(200 * MB)
    server.answers["/bomb"] = 200, {"Content-Encoding": "gzip"}, bomb
    suite(RECORDS_BOMB.format(url=server.url))
    result = run("--record-mode=once", "--reprise-report=report.json")
    result.assert_outcomes(passed=1)
    said = "the response body was not searched: decompressed it has more than 32 MB"
    result.stdout.fnmatch_lines([f"reprise: GET /bomb: {said}"])
    report = json.loads((pytester.path / "report.json").read_text(encoding="utf-8"))
    assert report["unexamined"] == [f"GET /bomb: {said}"]
    assert len(cassettes()) == 1
    run("--record-mode=none").assert_outcomes(passed=1)
