"""Compressed bodies: text in the cassette, and exactly the received bytes on replay."""

from __future__ import annotations

import gzip
import json
import sys
import tracemalloc
import zlib
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import brotli  # type: ignore[import-untyped]
import httpx
import pytest
import vcr
import yaml
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from pytest_reprise.cassette.compressed_bodies import plain_body, restored
from pytest_reprise.cassette.file import load, save
from pytest_reprise.cassette.model import Cassette, Header
from pytest_reprise.errors import CassetteError
from pytest_reprise.exchange import Headers, Interaction, Request, Response

from ..harness.strategies import SOME, Json, headers, json_values

HEADER = Header(datetime(2026, 1, 31, tzinfo=UTC), "a test")
GET = Request("GET", "http://api.test/users")
TEXT = json.dumps([{"name": "Zażółć", "n": n} for n in range(50)]).encode()


def _deflated(plain: bytes, level: int = 6, bits: int = -15, memory: int = 8) -> bytes:
    made = zlib.compressobj(level, zlib.DEFLATED, bits, memory)
    return made.compress(plain) + made.flush()


def _streamed(plain: bytes) -> bytes:
    """Compress as a server that sends each half at once."""
    made = zlib.compressobj(6, zlib.DEFLATED, 31)
    half = len(plain) // 2
    first = made.compress(plain[:half]) + made.flush(zlib.Z_SYNC_FLUSH)
    return first + made.compress(plain[half:]) + made.flush()


def _zstd_streamed(plain: bytes, level: int, write_checksum: bool = False) -> bytes:
    made = zstandard.ZstdCompressor(level=level, write_checksum=write_checksum).compressobj()
    return made.compress(plain) + made.flush()


CODINGS: list[tuple[str, Callable[[bytes], bytes]]] = [
    ("gzip", lambda plain: gzip.compress(plain, 9, mtime=1)),  # Python: Starlette, Flask
    ("gzip", lambda plain: gzip.compress(plain, 1, mtime=2**32 - 1)),
    ("x-gzip", lambda plain: gzip.compress(plain, 6)),
    ("gzip", lambda plain: _deflated(plain, 6, 31, 8)),  # Node, Java
    ("gzip", lambda plain: _deflated(plain, 1, 31, 8)),  # nginx
    ("gzip", lambda plain: _deflated(plain, 6, 31, 9)),  # Apache
    ("deflate", lambda plain: _deflated(plain, 6, 15, 8)),
    ("deflate", lambda plain: _deflated(plain, 4, -15, 9)),
    ("br", lambda plain: brotli.compress(plain, quality=4)),  # Starlette, Cloudflare
    ("br", lambda plain: brotli.compress(plain, quality=6, lgwin=19)),  # nginx
    ("br", lambda plain: brotli.compress(plain, quality=5, lgwin=18)),  # Apache
    ("br", brotli.compress),  # Node
    ("zstd", lambda plain: zstandard.ZstdCompressor().compress(plain)),
    ("zstd", lambda plain: _zstd_streamed(plain, 1)),
    ("zstd", lambda plain: _zstd_streamed(plain, 19, write_checksum=True)),
]


def _answer(body: bytes, coding: str, *more: tuple[str, str]) -> Interaction:
    found = (
        ("content-type", "application/json"),
        ("Content-Encoding", coding),
        ("content-length", str(len(body))),
        *more,
    )
    return Interaction(GET, Response(200, "OK", found, body))


def _document(path: Path) -> dict[str, object]:
    [found] = yaml.safe_load(path.read_text(encoding="utf-8"))["interactions"]
    return {**found["response"], **found.get("reprise", {})}


@pytest.mark.parametrize(("coding", "compress"), CODINGS)
def test_a_compressed_body_is_text_and_gives_its_bytes_back(
    tmp_path: Path, coding: str, compress: Callable[[bytes], bytes]
) -> None:
    path = tmp_path / "a.yaml"
    cassette = Cassette((_answer(compress(TEXT), coding, ("x-a", "1")),), HEADER)
    save(path, cassette)
    found = _document(path)
    assert found["body"] == {"string": json.dumps(json.loads(TEXT), indent=2, ensure_ascii=False)}
    assert found["headers"] == {
        "content-type": ["application/json"],
        "content-length": [str(len(TEXT))],
        "x-a": ["1"],
    }
    assert str(found["response_coding"]).removeprefix("raw-").startswith(f"{coding} ")
    assert load(path) == cassette


@SOME
@given(json_values, st.sampled_from(CODINGS), headers, st.integers(0, 5))
def test_any_text_with_any_headers_gives_its_bytes_back(
    value: Json, chosen: tuple[str, Callable[[bytes], bytes]], others: Headers, place: int
) -> None:
    coding, compress = chosen
    body = compress(json.dumps(value).encode())
    all_headers = (*others[:place], ("content-encoding", coding), *others[place:])
    found = plain_body(body, all_headers)
    is_ambiguous = any(n.lower() in ("content-encoding", "content-length") for n, _ in others)
    if not is_ambiguous:
        assert found
        assert json.loads(found.body) == value
    if found:
        assert restored(*found) == (body, all_headers)


def _flushed_brotli(plain: bytes) -> bytes:
    made = brotli.Compressor()
    return b"".join(
        (made.process(plain[:99]), made.flush(), made.process(plain[99:]), made.finish())
    )


GZIP = gzip.compress(TEXT)
NOT_RESTORABLE = {
    "streamed": (_streamed(TEXT), "gzip", True),
    "with_a_file_name": (GZIP[:3] + b"\x08" + GZIP[4:10] + b"a\0" + GZIP[10:], "gzip", True),
    "cut_off": (GZIP[:-9], "gzip", False),
    "wrong_checksum": (GZIP[:-8] + b"12345678", "gzip", False),
    "two_members": (GZIP * 2, "gzip", True),
    "binary": (gzip.compress(bytes(range(256))), "gzip", False),
    "not_compressed": (TEXT, "gzip", False),
    "empty": (b"", "gzip", False),
    "two_codings": (gzip.compress(GZIP), "gzip, gzip", True),
    "flushed_brotli": (_flushed_brotli(TEXT), "br", True),
    "cut_off_brotli": (brotli.compress(TEXT)[:-9], "br", False),
    "unknown_coding": (GZIP, "compress", False),
}


@pytest.mark.parametrize("name", NOT_RESTORABLE)
def test_what_cannot_be_restored_stays_as_it_is(tmp_path: Path, name: str) -> None:
    body, coding, is_shown = NOT_RESTORABLE[name]
    path = tmp_path / "a.yaml"
    cassette = Cassette((_answer(body, coding),), HEADER)
    save(path, cassette)
    assert load(path) == cassette
    assert ("response_text" in _document(path)) == is_shown


def test_an_edited_text_is_compressed_again(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    save(path, Cassette((_answer(gzip.compress(b'{"n": 1}'), "gzip"),), HEADER))
    path.write_text(path.read_text().replace('"n": 1', '"n": 12345'))
    cassette = load(path)
    assert cassette
    outcome = cassette.interactions[0].outcome
    assert isinstance(outcome, Response)
    assert gzip.decompress(outcome.body) == b'{"n": 12345}'
    assert ("content-length", str(len(outcome.body))) in outcome.headers


@pytest.mark.parametrize("wrong", ["level=0", "level=66", "start=1f", "coding"])
def test_an_unknown_compression_is_an_error(tmp_path: Path, wrong: str) -> None:
    path = tmp_path / "a.yaml"
    save(path, Cassette((_answer(GZIP, "gzip"),), HEADER))
    text = path.read_text(encoding="utf-8")
    line = next(line for line in text.splitlines() if "response_coding" in line)
    name = wrong.partition("=")[0]
    words = [wrong if word.startswith(name) else word for word in line.split()[1:]]
    changed = "brotli" if wrong == "coding" else " ".join(words)
    path.write_text(text.replace(line, f"    response_coding: {changed}"), encoding="utf-8")
    with pytest.raises(CassetteError, match="unknown compression"):
        load(path)


PLAYED_BY_VCRPY = {
    "gzip": (GZIP, "gzip"),
    "streamed_gzip": (_streamed(TEXT), "gzip"),
    "br": (brotli.compress(TEXT, quality=5), "br"),
    "flushed_br": (_flushed_brotli(TEXT), "br"),
    "zstd": (zstandard.ZstdCompressor().compress(TEXT), "zstd"),
}


@pytest.mark.parametrize("name", PLAYED_BY_VCRPY)
def test_plain_vcrpy_replays_it(tmp_path: Path, name: str) -> None:
    path = tmp_path / "a.yaml"
    body, coding = PLAYED_BY_VCRPY[name]
    sent = (("content-encoding", coding), ("content-length", str(len(body))))
    answer = _answer(body, coding)
    post = answer._replace(request=Request("POST", GET.url, sent, body))
    save(path, Cassette((answer, post), HEADER))
    with vcr.use_cassette(str(path), record_mode="none"):
        assert httpx.get(GET.url).json() == json.loads(TEXT)
        posted = httpx.post(GET.url, content=body, headers={"content-encoding": coding})
        assert posted.json() == json.loads(TEXT)


@pytest.mark.parametrize(("coding", "compress"), CODINGS)
def test_a_compressed_request_is_text_too(
    tmp_path: Path, coding: str, compress: Callable[[bytes], bytes]
) -> None:
    path = tmp_path / "a.yaml"
    body = compress(TEXT)
    headers = (("Host", "api.test"), ("Content-Encoding", coding), ("a", "1"))
    request = Request("POST", "http://api.test/users", headers, body)
    cassette = Cassette((Interaction(request, Response(200, "OK", (), b"")),), HEADER)
    save(path, cassette)
    [found] = yaml.safe_load(path.read_text(encoding="utf-8"))["interactions"]
    assert json.loads(found["request"]["body"]) == json.loads(TEXT)
    assert found["request"]["headers"] == {"Host": ["api.test"], "a": ["1"]}
    assert found["reprise"]["request_coding"].endswith(" header=Content-Encoding@1")
    assert load(path) == cassette


@pytest.mark.parametrize("coding", ["br", "zstd"])
def test_without_the_package_the_text_is_replayed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, coding: str
) -> None:
    path = tmp_path / "a.yaml"
    save(path, Cassette((_answer(*PLAYED_BY_VCRPY[coding]),), HEADER))
    for name in ("brotli", "zstandard"):
        monkeypatch.setitem(sys.modules, name, None)
    cassette = load(path)
    assert cassette
    outcome = cassette.interactions[0].outcome
    assert isinstance(outcome, Response)
    assert outcome.body == TEXT
    assert outcome.headers == (
        ("content-type", "application/json"),
        ("content-length", str(len(TEXT))),
    )


@SOME
@given(st.binary(max_size=200), st.sampled_from(["gzip", "deflate", "br", "zstd", "br, gzip"]))
def test_any_bytes_under_any_coding_stay_the_same(body: bytes, coding: str) -> None:
    all_headers = (("content-encoding", coding),)
    if found := plain_body(body, all_headers):
        assert restored(*found) == (body, all_headers)


def test_a_bomb_is_not_decompressed() -> None:
    bomb = _deflated(bytes(20_000_000), 9, 31)
    tracemalloc.start()
    assert plain_body(bomb, (("content-encoding", "gzip"),)) is None
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 5_000_000
