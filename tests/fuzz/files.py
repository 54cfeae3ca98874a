"""Strategies for the content of files: any bytes, and cassettes that were damaged or edited."""

from __future__ import annotations

import json
from pathlib import Path

import yaml
from hypothesis import strategies as st

from pytest_reprise.cassette import body_files

from ..harness.bombs import BOMBS
from ..harness.forms import FORMS

ROOT = Path(__file__).parents[2]
_MAX_SEED = 6000
"""Bytes of a real cassette that is taken as a start."""


def _seeds() -> list[bytes]:
    committed = sorted((ROOT / "cassettes").rglob("*.yaml"))
    legacy = sorted((ROOT / "tests/plugin/legacy").iterdir())
    small = [path.read_bytes() for path in (*committed[::9], *legacy)]
    forms = [text.encode() for text in FORMS.values()]
    bombs = [text.encode() for text in BOMBS.values()]
    return [seed for seed in (*small, *forms, *bombs) if len(seed) <= _MAX_SEED]


SEEDS = _seeds()
_WORDS = (
    "version: 1\n|reprise:|interactions:|- request:|response:|status:|code:|body:|string:"
    "|headers:|uri:|method:|failure:|error:|at:|chunks:|request_json: compact\n|broken_by:|values:"
    "|seed:|metadata:|status_code:|'|\"|''|:|: | :|#| #|- |-|>|&a |*a|!!str |!!binary |!!set "
    "|!!omap |!!pairs |!!int |!!float |!!timestamp |!!bool |!!null |!!merge |!!python/tuple |!x "
    "|!<a> |! |!!python/object/new:_io.BytesIO |!!python/object/apply:builtins.iter |? |=|~|{|}|[|]"
    "|,|<<: *a|<<: |null|true|.nan|.inf|-0|1e999|0x|0x1f|1_0|012|1.5|1:30|1:30.5|2026-01-31"
    "|9999-12-31T23:59:59-12:00|0001-01-01T00:00:00+12:00|0|-1|7|599| |  |\t|\n|\n\n|\r\n|\r|\x85"
    "|\u2028|\ufeff|\x00|\x7f|é|😀|---\n|...\n|%YAML 1.1\n|%TAG ! x\n|\\|@|`|%|\\ud800|\\x41"
    "|http://[::1|http://a:99999999/|//|http://\x1b/|::error::|\x1b[2J|HTTP/2"
    "|Content-Encoding: [gzip]\n|Content-Type: [application/json; charset=klingon]\n"
)
PIECES = [
    *(word.encode() for word in _WORDS.split("|")),
    *(b"|", b"|-", b"|+", b"!!binary |", b"9" * 30, b"9" * 4301, b"1" + b":59" * 300),
    *(b"\xff", b"\xc3", b"\xed\xa0\x80", b"\xff\xfe", b"\x1f\x8b\x08"),
    *(f"{body_files.BODY_FILE_TAG} {n}".encode() for n in (f"'a.{'0' * 16}.body'", "'../a'")),
]
"""What a person or a tool may write into a cassette, and what no tool writes."""
JSON_PIECES = ['"\\ud800"', "[" * 300, "NaN", "1e999", "9" * 5000, '{"a": 1}', ",", "]}"]


@st.composite
def _edited(draw: st.DrawFn) -> bytes:
    """A cassette in which something was typed, deleted, repeated, moved or cut off."""
    content = draw(st.sampled_from(SEEDS))
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(content)))
        cut = draw(st.sampled_from([0, 0, 0, 1, 2, 7, 40, 400]))
        other = draw(st.integers(0, len(content)))
        piece = draw(
            st.sampled_from([*PIECES, b"", content[other : other + 80]]) | st.binary(max_size=4)
        )
        content = content[:start] + piece + content[start + cut :]
    return content[: draw(st.sampled_from([len(content)] * 9 + [len(content) // 2]))]


_SCALARS: st.SearchStrategy[object] = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=6)
    | st.binary(max_size=6)
    | st.dates()
    | st.sampled_from(["GET", "http://a/", 200, "200", "compact", "1 2", 10**30, "HTTP/2"])
)
_VALUES = st.recursive(
    _SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_SCALARS, inner, max_size=3),
    max_leaves=6,
)


@st.composite
def _with_other_values(draw: st.DrawFn) -> bytes:
    """A cassette in which some values are of another kind."""
    names = ("ours.yaml", "vcrpy.yaml", "httpx.yaml", "extra.yaml", "binary.yaml")
    document = yaml.safe_load(FORMS[draw(st.sampled_from(names))])
    for _ in range(draw(st.integers(1, 3))):
        node = document
        while True:
            steps = sorted(node, key=str) if isinstance(node, dict) else range(len(node))
            step = draw(st.sampled_from(steps))
            if not isinstance(node[step], (dict, list)) or not node[step] or draw(st.booleans()):
                break
            node = node[step]
        node[step] = draw(_VALUES)
    flow = draw(st.booleans())
    text: str = yaml.safe_dump(document, sort_keys=False, default_flow_style=flow)
    return (text + "...\n" * draw(st.booleans())).encode()


@st.composite
def _json(draw: st.DrawFn) -> bytes:
    text = FORMS["vcrpy.json"]
    if draw(st.booleans()):
        document = json.loads(text)
        body = document["interactions"][0]["response"]["body"]
        body["string"] = draw(st.sampled_from(["\ud800", 5, None]))
        return json.dumps(document).encode()
    start = draw(st.integers(0, len(text)))
    end = start + draw(st.integers(0, 40))
    return (text[:start] + draw(st.sampled_from(JSON_PIECES)) + text[end:]).encode()


contents = st.one_of(_edited(), _edited(), _with_other_values(), _json(), st.binary(max_size=200))
"""What may be in a file."""
