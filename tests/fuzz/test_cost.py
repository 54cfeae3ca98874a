"""Whatever a file repeats: the time to read it grows with its size only, and so does the memory."""

from __future__ import annotations

import contextlib
import json
import time
import tracemalloc
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from pytest_reprise.cassette import body_files, document_text
from pytest_reprise.cassette.load import parse
from pytest_reprise.cassette.yaml.safe import InvalidYamlError
from pytest_reprise.errors import CassetteError

from ..harness.forms import FORMS
from ..harness.strategies import FUZZ
from .files import JSON_PIECES, PIECES

OURS, LEGACY = FORMS["ours.yaml"], FORMS["vcrpy.yaml"]
PLACES = [
    "{}",
    OURS.replace("version: 1\n", "version: 1\n{}", 1),
    OURS.replace('"scope"', '"{}"'),
    OURS.replace("page=2", "{}"),
    LEGACY.replace("version: 1", "metadata: {}\nversion: 1"),
    LEGACY.replace("version: 1", 'metadata: "{}"\nversion: 1'),
    LEGACY.replace("version: 1", "metadata: [{}]\nversion: 1"),
    LEGACY.replace("version: 1", "metadata: !!python/tuple [{}]\nversion: 1"),
    FORMS["compact.json"].replace("page=2", "{}"),
]
"""Files, with a place in which something is repeated."""
LINES = ["a: &a1 b\n", "- *a\n", '"a": ', "? a\n", "[a, ", "'a' ", "    ", "\n  ", "a\n", "a b "]
repeated = st.sampled_from(
    [*(piece.decode(errors="replace") for piece in PIECES), *LINES, *JSON_PIECES]
)
FACTOR = 8


def _text(place: str, piece: str, size: int) -> str:
    return place.replace("{}", piece * (1 + size // len(piece.encode(errors="replace"))), 1)


def _read(text: str) -> None:
    with contextlib.suppress(CassetteError):
        parse(text, Path("a.yaml"))
    with contextlib.suppress(CassetteError):
        parse(text, Path("a.json"), json.loads)
    with contextlib.suppress(InvalidYamlError):
        document_text.read(text)
    body_files.names_in(text.encode(errors="replace"))


def _seconds(text: str) -> float:
    started = time.process_time()
    _read(text)
    return time.process_time() - started


@FUZZ
@given(st.sampled_from(PLACES), repeated, repeated)
def test_time_grows_with_the_size_only(place: str, one: str, other: str) -> None:
    """Quadratic time would be 64 times as much for 8 times the size."""
    long = _seconds(_text(place, one + other, FACTOR * 10_000))
    if long > 0.3:
        short = _seconds(_text(place, one + other, 10_000))
        assert long < 3 * FACTOR * short + 0.3


@FUZZ
@given(st.sampled_from(PLACES), repeated, repeated)
def test_memory_is_bounded_by_the_size(place: str, one: str, other: str) -> None:
    text = _text(place, one + other, 10_000)
    _read(place)  # what is imported and cached is not counted
    tracemalloc.start()
    try:
        _read(text)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 400 * len(text) + 2_000_000
