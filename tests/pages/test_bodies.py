"""How bodies are shown: nothing is invented, nothing fails, and what is long is cut."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_reprise.exchange import Request
from pytest_reprise.pages.bodies import hex_dump, indented, shown
from pytest_reprise.pages.endpoints import percentile
from pytest_reprise.pages.html import fragment
from pytest_reprise.pages.views import MessageView
from pytest_reprise.report.as_code import as_curl, as_httpx

_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
_MEDIA = st.sampled_from(
    "application/json text/html image/svg+xml image/png application/x-www-form-urlencoded "
    "multipart/form-data text/plain;charset=utf-16 application/octet-stream".split()
)


@given(_VALUES)
def test_indented_json_is_the_same_json(value: object) -> None:
    for separators in ((",", ":"), (", ", ": ")):
        text = json.dumps(value, separators=separators)
        assert json.loads(indented(text, 10**6)) == value
    assert (
        indented('{"a":[1.10,{}],"b":{}}') == '{\n  "a": [\n    1.10,\n    {}\n  ],\n  "b": {}\n}'
    )


@given(st.text())
def test_text_that_is_no_json_keeps_its_words(text: str) -> None:
    assert "".join(indented(text, 10**6).split()) == "".join(text.split())


@given(st.binary(max_size=300) | st.text(max_size=300).map(str.encode), _MEDIA)
def test_any_body_is_shown_in_one_way(body: bytes, media: str) -> None:
    found = shown(body, (("Content-Type", media),))
    assert found.size == len(body)
    assert [bool(way) for way in (found.text, found.image, found.dump)].count(True) == bool(body)
    assert not found.image or found.image.startswith("data:image/")
    assert "svg" not in found.image


@given(st.text(), st.text(), st.text(), st.binary(max_size=100))
def test_code_of_any_request_is_code(method: str, url: str, name: str, body: bytes) -> None:
    request = Request(method, url, ((name, url),), body)
    compile(as_httpx(request), "program", "exec")
    assert as_curl(request).startswith("curl ")


@pytest.mark.parametrize("start", [b'{"a": ', b"[1,", b"<html>", b"\x00\x01", b"\x89PNG\r\n\x1a\n"])
def test_a_long_body_is_cut(start: bytes) -> None:
    found = shown(start + b"x, " * 500_000, (), 1000)
    assert found.left_out > 1_000_000
    assert len(found.text) + len(found.raw) + len(found.image) + len(found.dump) < 3000


def test_deep_json_takes_linear_space() -> None:
    assert len(indented("[" * 20_000, 10**7)) < 20_000 * 200


@given(st.text())
def test_texts_are_escaped_and_have_no_invisible_characters(text: str) -> None:
    body = shown(text.encode(errors="replace"), (("Content-Type", "text/html"),))
    found = fragment(
        "parts/extra.html", {"interactions": [], "missed": [], "problem": f"<b>{text}"}
    )
    assert "<b>" not in found
    assert not set(found) & {"\x00", "\x1b", "\u202e", "\u2066"}
    found.encode()
    assert MessageView("", (), body).body is body


def test_percentiles() -> None:
    assert percentile([], 50) is None
    assert percentile([1.0, 2.0, 3.0, 4.0], 50) == 2.0
    assert percentile([1.0, 2.0, 3.0, 4.0], 95) == 4.0
    assert hex_dump(b"AB\x00") == "00000000  41 42 00" + " " * 41 + "AB."
