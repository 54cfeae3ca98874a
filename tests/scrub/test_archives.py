"""Archives and binary maps that no header names: unpacked, searched, and packed again."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_reprise.exchange import Interaction, Request, Response
from pytest_reprise.scrub.content.archives import pack, unpack
from pytest_reprise.scrub.replace.vault import Vault
from pytest_reprise.scrub.scrubber import Scrubber

from ..harness.cases import archives

LIMIT = 1_000_000
SECRET = "Xk93hTq7Lm2VbR5d"
DOCUMENT = json.dumps({"user": "ada", "password": SECRET, "note": "ä"})
PACKERS = {
    "gzip": archives.gzipped,
    "zlib": archives.zlibbed,
    "zip": archives.zipped,
    "tar": archives.tarred,
    "tar in gzip": archives.tar_gzipped,
}
MAPS = {
    "application/cbor": archives.cbor,
    "application/msgpack": archives.msgpack,
    "application/bson": archives.bson,
}


def _scrubbed(body: bytes, media: str) -> bytes:
    request = Request("GET", "https://api.test/export", (), b"")
    response = Response(200, "OK", (("Content-Type", media),), body)
    [written] = Scrubber(Vault()).scrub([Interaction(request, response)])
    assert isinstance(written.outcome, Response)
    return written.outcome.body


@pytest.mark.parametrize("packer", PACKERS.values(), ids=PACKERS)
def test_secret_in_an_archive(packer: Callable[[str], bytes]) -> None:
    written = unpack(_scrubbed(packer(DOCUMENT), "application/octet-stream"), LIMIT)
    assert written is not None
    assert SECRET.encode() not in written
    assert b"Redacted" in written


@pytest.mark.parametrize("packer", PACKERS.values(), ids=PACKERS)
def test_archive_without_a_secret_keeps_its_bytes(packer: Callable[[str], bytes]) -> None:
    body = packer('{"user": "ada"}')
    assert _scrubbed(body, "application/octet-stream") == body


@pytest.mark.parametrize("media", MAPS)
def test_secret_in_a_binary_map(media: str) -> None:
    """Lengths stay, so a decoder reads the same keys."""
    body = MAPS[media](DOCUMENT)
    written = _scrubbed(body, media)
    assert SECRET.encode() not in written
    assert len(written) == len(body)
    assert re.sub(rb"Redacted1A{7}", SECRET.encode(), written) == body


@pytest.mark.parametrize("packer", PACKERS.values(), ids=PACKERS)
@given(
    content=st.text(st.characters(codec="utf-8"), max_size=200),
    more=st.text(st.characters(codec="utf-8"), max_size=300),
)
def test_packing_gives_the_changed_content(
    packer: Callable[[str], bytes], content: str, more: str
) -> None:
    original = packer(f"«{content}»")
    before = unpack(original, LIMIT)
    assert before is not None
    changed = before.replace(f"«{content}»".encode(), more.encode())
    assert unpack(pack(changed, original, LIMIT), LIMIT) == changed


@pytest.mark.parametrize("packer", PACKERS.values(), ids=PACKERS)
@given(data=st.data())
def test_broken_archives_are_kept(packer: Callable[[str], bytes], data: st.DataObject) -> None:
    body = bytearray(packer(DOCUMENT))
    for _ in range(data.draw(st.integers(1, 4))):
        body[data.draw(st.integers(0, len(body) - 1))] = data.draw(st.integers(0, 255))
    cut = bytes(body[: data.draw(st.integers(1, len(body)))])
    content = unpack(cut, LIMIT)
    assert content is None or len(content) <= LIMIT + len(cut)


@pytest.mark.parametrize("packer", PACKERS.values(), ids=PACKERS)
def test_too_large_content_is_kept_packed(packer: Callable[[str], bytes]) -> None:
    body = packer("0" * 100_000)
    assert len(unpack(body, 1000) or b"") <= len(body)
