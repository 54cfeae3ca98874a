"""The fast readers and writers: each does exactly what PyYAML does, or raises its error."""

from __future__ import annotations

import datetime
import gzip
import zlib
from pathlib import Path

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from pytest_reprise.cassette import body_files
from pytest_reprise.cassette.body_files import BodyFileName, keep_inline
from pytest_reprise.cassette.dump import document_of, dump
from pytest_reprise.cassette.json_blocks import Block
from pytest_reprise.cassette.load import parse, read_any_yaml, read_own_format
from pytest_reprise.cassette.model import Cassette, Header
from pytest_reprise.cassette.source_text import SourceText
from pytest_reprise.cassette.yaml import events, fast_dump, fast_load, safe
from pytest_reprise.errors import CassetteError
from pytest_reprise.exchange import Interaction, Latency, Request, Response

from ..harness.strategies import FEW, MANY, SOME, VERY_MANY, signed_cassettes

PATH = Path("cassettes/test_it.yaml")
COMMITTED = sorted((Path(__file__).parents[2] / "cassettes").rglob("*.yaml"))


def fetch(name: str) -> bytes:
    """Return a body that depends on the name alone."""
    body_files.check_name(name)
    return name.encode()


def by_parser(text: str) -> Cassette | None:
    try:
        return read_any_yaml(SourceText(text, PATH), fetch)
    except CassetteError:
        return None


def by_fast_reader(text: str) -> Cassette | None:
    try:
        return read_own_format(SourceText(text, PATH), fetch)
    except (fast_load.NotOurFormatError, CassetteError):
        return None


# --- fast_load --------------------------------------------------------------------------------


@MANY
@given(signed_cassettes)
def test_fast_reader_returns_what_the_yaml_parser_returns(cassette: Cassette) -> None:
    text = dump(cassette)

    read = by_fast_reader(text)

    assert by_parser(text) == cassette
    assert read is None or read == cassette


SAMPLE = next(p for p in COMMITTED if "POST" in p.read_text("utf-8") and p.stat().st_size < 4000)
PIECES = st.sampled_from(
    [
        *("'", '"', "''", ":", ": ", " :", "#", " #", "- ", "-", "|", "|-", "|+", ">", "&a ", "*a"),
        *("!!str ", "!!binary |", "!x ", "? ", "{", "}", "[", "]", ",", "<<: ", "=", "~", "null"),
        *("yes", "No", "0x1f", "1_0", "012", "1.5", "1e3", ".inf", "1:30", "2026-01-31", "0", "7"),
        *(" ", "  ", "\t", "\n", "\n\n", "\r\n", "\x85", "\u2028", "\ufeff", "\x00", "\x7f", "é"),
        *("😀", "---\n", "...\n", "%YAML 1.1\n", "\\", "@", "`", "%", "id: 1\n", "      x: y\n"),
        *(f"{body_files.BODY_FILE_TAG} ", f"{body_files.BODY_FILE_TAG} 'a.{'0' * 16}.body'"),
    ]
)


@st.composite
def edited(draw: st.DrawFn) -> str:
    """A cassette in which someone has typed, deleted or repeated something."""
    committed = [p.read_text("utf-8") for p in COMMITTED[:40]]
    text = draw(st.sampled_from([*committed, SAMPLE_TEXT, IN_FILES, IN_FILES, COMPRESSED]))
    for _ in range(draw(st.integers(1, 3))):
        start = draw(st.integers(0, len(text)))
        cut = draw(st.sampled_from([0, 0, 1, 2, 7, 40]))
        piece = draw(PIECES | st.just(text[start : start + 60]))
        text = text[:start] + piece + text[start + cut :]
    return text


LATENCY = Latency(0.021, 1.5)


def _in_files() -> str:
    """A cassette whose request and response bodies have body files."""
    body = b"\xff" * body_files.MIN_BODY_FILE_SIZE
    request = Request("PUT", "http://api.test/", (("Accept", "*/*"),), body)
    interaction = Interaction(request, Response(200, "OK", (), body[::-1]), "", 0.5, LATENCY)
    header = Header(datetime.datetime(2026, 1, 31, tzinfo=datetime.UTC), "pytest-reprise 0.1.0")
    return dump(Cassette((interaction, interaction), header), body_files.BodyFiles("test_it").put)


IN_FILES = _in_files()


def _compressed() -> str:
    """A cassette with a response that is stored as text, and one whose text is shown."""
    text = b'[{"name": "Ada", "n": 1}, {"name": "Eve", "n": 2}]\n'
    streamed = zlib.compressobj(6, zlib.DEFLATED, 31)
    body = streamed.compress(text) + streamed.flush(zlib.Z_SYNC_FLUSH) + streamed.flush()
    headers = (("content-type", "application/json"), ("content-encoding", "gzip"))
    made = [
        Interaction(
            Request("GET", "http://api.test/"),
            Response(200, "OK", headers, found),
            at=0.5,
            latency=LATENCY,
        )
        for found in (gzip.compress(text), body)
    ]
    header = Header(datetime.datetime(2026, 1, 31, tzinfo=datetime.UTC), "pytest-reprise 0.1.0")
    return dump(Cassette(tuple(made), header))


COMPRESSED = _compressed()


def test_fast_reader_reads_compressed_bodies() -> None:
    assert by_fast_reader(COMPRESSED) == by_parser(COMPRESSED) is not None
    assert "response_coding" in COMPRESSED
    assert "response_text" in COMPRESSED


def test_fast_reader_reads_names_of_body_files() -> None:
    assert by_fast_reader(IN_FILES) == by_parser(IN_FILES) is not None


_MOMENTS = (
    *("2026-01-31T12:00:00+00:00", "2026-01-31T12:00:00.123456+00:00", "2026-02-30T12:00"),
    *("1969-01-31T12:00:00+00:00", "2026-02-30T12:00:00+00:00", "2026-01-31T12:00:00+01:00"),
)
_HEADER_LINES = {
    "version": ("1", "2", "'1'"),
    "recorded_at": tuple(f"'{moment}'" for moment in _MOMENTS),
    "recorded_with": (
        "pytest-reprise 0.1.0, httpx 0.28.1",
        "pytest-reprise 0.1.0",
        "1",
        "a: b",
        "x",
    ),
    "scope": ("", "test_a", "7"),
    "base_url": ("", "https://api.test:8443/v1", "http://api.test", "http://a b", "http://a:"),
    "seed": ("", "0", "7", "4294967295", "4294967296", "07", "-1", "1e3"),
}


@MANY
@given(st.fixed_dictionaries({name: st.sampled_from(v) for name, v in _HEADER_LINES.items()}))
def test_a_header_is_read_as_the_yaml_parser_reads_it(values: dict[str, str]) -> None:
    lines = "".join(f"  {name}: {value}\n" for name, value in values.items() if value)
    start, end = COMPRESSED.index("reprise:\n"), COMPRESSED.index("interactions:\n")
    text = f"{COMPRESSED[:start]}reprise:\n{lines}{COMPRESSED[end:]}"

    read = by_fast_reader(text)

    assert read is None or read == by_parser(text)


def test_the_header_of_most_cassettes_needs_no_further_check() -> None:
    header, _ = fast_load.load(COMPRESSED, fetch)
    assert isinstance(header, Header)


SAMPLE_TEXT = SAMPLE.read_text("utf-8")


@VERY_MANY
@given(edited())
def test_fast_reader_of_an_edited_cassette_agrees_with_the_parser(text: str) -> None:
    read = by_fast_reader(text)

    assert read is None or read == by_parser(text)


@pytest.mark.parametrize("path", COMMITTED, ids=lambda path: path.stem)
def test_committed_cassette_is_read_and_written_as_by_pyyaml(path: Path) -> None:
    text = path.read_text("utf-8")

    cassette = parse(text, path)

    assert by_parser(text) == cassette
    written = dump(cassette)
    assert by_parser(written) == cassette
    # Some were recorded when compressed bodies were stored as base64.
    assert written == text or ("content-encoding" in text and "!!binary" in text)


def test_fast_reader_reads_nine_of_ten_committed_cassettes() -> None:
    without = [path for path in COMMITTED if by_fast_reader(path.read_text("utf-8")) is None]

    assert len(without) < len(COMMITTED) / 10


# --- fast_dump--------------------------------------------------------------------------------

TEXTS = (
    st.text(max_size=30)
    | st.text("ab:# -'\"\n|>é😀\t,[]{}&*!%@`?0.1", max_size=12)
    | st.sampled_from(
        "yes No ON null ~ = << 0 12 012 0x1f 1.5 1e3 .inf 1:30 2026-01-31 - : ".split()
    )
)
SCALARS = (
    TEXTS
    | TEXTS.map(Block)
    | TEXTS.map(BodyFileName)
    | st.binary(max_size=90)
    | st.integers()
    | st.floats(allow_nan=False)
    | st.booleans()
    | st.none()
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=8,
)


@VERY_MANY
@given(st.dictionaries(TEXTS, VALUES, min_size=1, max_size=4))
@example({"a": Block("x\n\n\n\ny\n\n")})
@example({"a": Block(" x\ny"), "b": Block("\n"), "c": "x" * 300})
@example({"x" * 200: 1})
def test_values_are_written_as_pyyaml_writes_them(values: dict[str, object]) -> None:
    try:
        written = fast_dump.dump(values)
    except fast_dump.UnsupportedValueError:
        return
    width = safe.WIDTH
    assert written + "...\n" == safe.dump(
        values, ascii_only=False, width=width, start=False, end=True
    )


@SOME
@given(signed_cassettes)
def test_cassettes_are_written_as_pyyaml_writes_them(cassette: Cassette) -> None:
    document = document_of(cassette, keep_inline)

    assert dump(cassette) == safe.dump(
        document, ascii_only=False, width=safe.WIDTH, start=False, end=True
    )


# --- events -----------------------------------------------------------------------------------

HOSTILE = """\
a: &x 1\nb: *x
<<: {a: 1}\nb: 2
- <<\n- =
=: 1
? [a, b]\n: 1
? {a: b}\n: 1
a: 1\na: 2
--- 1\n--- 2
--- 1\n...\n2
!!str 1
! 1
! "1"
!!python/tuple [1, 2]
!!binary aGk=
!!set {a, b}
!!omap [a: 1]
a: !!null x
[0x1f, 0o17, 017, 1_000, 1:30, 1:30.5, .5, 1., 1e3, 1.0e+3, .inf, -.INF, .nan, +1, -0]
[yes, Yes, YES, y, on, Off, true, null, ~, Null, "yes", 'null']
[2026-01-31, 2026-01-31T12:00:00Z, 2026-01-31 12:00:00.5 +01:00, 2026-13-45]
{a: [b, {c: d}], e: "\\x41\\n", f: 'it''s'}
a: |+\n  x\n\n\nb: >-\n  y\n  z
a: "x\n  y"\nb: plain\n  goes on
# only a comment
a: [
a: b: c
\ta: 1
a: @b
%YAML 1.1\n---\na: 1
"""


def safely(text: str) -> tuple[object, str]:
    """Return what the safe loader returns, and its error."""
    try:
        return safe.load_by_nodes(text), ""
    except safe.InvalidYamlError as error:
        return None, error.problem


def check_events(text: str) -> None:
    try:
        read = events.load_plain(text)
    except events.UnsupportedYamlError:
        return
    loaded, problem = safely(text)
    assert not problem
    assert repr(read) == repr(loaded)


@pytest.mark.parametrize("text", HOSTILE.splitlines())
def test_events_of_a_hostile_document_agree_with_the_safe_loader(text: str) -> None:
    check_events(text.encode().decode("unicode_escape"))


YAML_VALUES = st.recursive(
    TEXTS
    | st.integers()
    | st.floats()
    | st.booleans()
    | st.none()
    | st.binary(max_size=9)
    | st.dates()
    | st.datetimes(timezones=st.just(datetime.UTC)),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=12,
)


@VERY_MANY
@given(YAML_VALUES, st.sampled_from([None, True, False]), st.sampled_from([None, "'", '"', "|"]))
def test_events_of_a_generated_document_agree_with_the_safe_loader(
    value: object, flow: bool | None, style: str | None
) -> None:
    check_events(
        yaml.safe_dump(value, default_flow_style=flow, default_style=style, allow_unicode=True)
    )


@VERY_MANY
@given(edited())
def test_events_of_an_edited_document_agree_with_the_safe_loader(text: str) -> None:
    check_events(text)


@FEW
@given(st.integers(90, 2000))
def test_deep_nesting_is_left_to_the_safe_loader(depth: int) -> None:
    text = "[" * depth + "]" * depth

    assert (safely(text)[1] == "") == (depth <= 100) or depth < 2000
    check_events(text)
