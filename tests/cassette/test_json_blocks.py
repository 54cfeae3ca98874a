"""JSON bodies as indented blocks: only if the block gives exactly the same bytes back."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_reprise.cassette.json_blocks import JSON_STYLES, from_indented, indented

from ..harness.strategies import MANY, SOME, Json, bodies, json_containers


@MANY
@given(bodies)
def test_block_gives_exactly_the_bytes_back(body: bytes) -> None:
    readable = indented(body)
    if readable:
        assert from_indented(*readable) == body


@SOME
@given(st.binary(max_size=30).map(lambda rest: b"{" + rest))
def test_any_bytes_are_accepted(body: bytes) -> None:
    readable = indented(body)
    assert readable is None or from_indented(*readable) == body


@SOME
@given(json_containers, st.sampled_from(sorted(JSON_STYLES)))
def test_every_style_is_recognised(value: Json, style: str) -> None:
    readable = indented(JSON_STYLES[style].write(value))
    assert readable is not None
    assert json.loads(readable[0]) == value


@SOME
@given(json_containers)
def test_block_is_indented_json(value: Json) -> None:
    readable = indented(JSON_STYLES["compact"].write(value))
    assert readable is not None
    assert readable[0] == json.dumps(value, indent=2, ensure_ascii=False)


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b'"text"', id="scalar"),
        pytest.param(b"12", id="number"),
        pytest.param(b'{"a":1,"a":2}', id="repeated key"),
        pytest.param(b'\xef\xbb\xbf{"a":1}', id="byte order mark"),
        pytest.param('{"a":1}'.encode("utf-16-le"), id="utf-16"),
        pytest.param(b'{\n  "a": 1\n}', id="indented already"),
        pytest.param(b'{"a":1 }', id="own spacing"),
        pytest.param(b' {"a":1}', id="space before"),
        pytest.param(b'{"a":1}\r\n', id="CRLF behind"),
        pytest.param(b'{"a":1', id="truncated"),
        pytest.param(b'{"a":1e5}', id="number written another way"),
        pytest.param(b'{"a":"\\u0061"}', id="needless escape"),
        pytest.param(b'{"a":"\\/"}', id="escaped slash"),
        pytest.param(b'{"a":"\\ud800"}', id="lone surrogate"),
        pytest.param(b'{"a":"\xff"}', id="not UTF-8"),
        pytest.param(b"[" + b"9" * 5000 + b"]", id="number beyond Python's limit"),
        pytest.param(b"[" * 5000 + b"]" * 5000, id="nested beyond Python's limit"),
    ],
)
def test_body_that_no_style_gives_back_has_no_block(body: bytes) -> None:
    assert indented(body) is None


@pytest.mark.parametrize(
    ("style", "body"),
    [
        ("compact", '{"a":[1,"é"]}'),
        ("spaced", '{"a": [1, "é"]}'),
        ("compact-ascii", '{"a":[1,"\\u00e9"]}'),
        ("spaced-ascii", '{"a": [1, "\\u00e9"]}'),
        ("compact-line", '{"a":[1,"é"]}\n'),
        ("spaced-line", '{"a": [1, "é"]}\n'),
        ("compact-ascii-line", '{"a":[1,"\\u00e9"]}\n'),
        ("spaced-ascii-line", '{"a": [1, "\\u00e9"]}\n'),
    ],
)
def test_body_gets_the_name_of_its_style(style: str, body: str) -> None:
    block = '{\n  "a": [\n    1,\n    "é"\n  ]\n}'
    assert indented(body.encode()) == (block, style)


def test_block_may_be_edited_by_hand() -> None:
    assert from_indented('{ "a" :\n 2 }', "compact") == b'{"a":2}'


def test_unknown_style_is_an_error() -> None:
    with pytest.raises(KeyError):
        from_indented("{}", "curly")


def test_block_that_is_not_json_is_an_error() -> None:
    with pytest.raises(ValueError, match="Expecting"):
        from_indented('{"a": }', "compact")
