"""Any bytes are a cassette or a CassetteError; the readers agree with each other and PyYAML."""

from __future__ import annotations

import contextlib
import json
import math
import tempfile
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from vcr.serialize import deserialize
from vcr.serializers import yamlserializer

from pytest_reprise.cassette import body_files, document_text, file
from pytest_reprise.cassette.dump import dump
from pytest_reprise.cassette.limits import LimitError
from pytest_reprise.cassette.load import parse, read_any_yaml, read_own_format
from pytest_reprise.cassette.model import Cassette
from pytest_reprise.cassette.source_text import SourceText
from pytest_reprise.cassette.yaml import events, fast_load, safe
from pytest_reprise.drift.versions import Versions, compare_files
from pytest_reprise.drift.volatile import Volatile
from pytest_reprise.errors import CassetteError
from pytest_reprise.exchange import Interaction, Request, Response
from pytest_reprise.matching.index import Index
from pytest_reprise.matching.request_parts import BY_MEANING, LEGACY
from pytest_reprise.matching.search import Search
from pytest_reprise.messages import printable_lines
from pytest_reprise.scrub.replace.vault import Vault
from pytest_reprise.scrub.scrubber import Scrubber

from ..harness.strategies import FUZZ
from .files import contents

PATH = Path("cassettes/test_it.yaml")
texts = contents.map(lambda content: content.decode(errors="replace"))


def fetch(name: str) -> bytes:
    """Return a body that depends on the name alone."""
    body_files.check_name(name)
    return name.encode()


def _load(path: Path, content: bytes) -> Cassette | CassetteError | None:
    path.write_bytes(content)
    try:
        return file.load(path, json.loads if path.suffix == ".json" else None)
    except CassetteError as error:
        return error


@FUZZ
@given(contents, st.sampled_from([".yaml", ".json"]))
def test_a_file_is_a_cassette_or_an_error_with_line_and_repair(content: bytes, suffix: str) -> None:
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / f"test_it{suffix}"
        loaded = _load(path, content)
    if isinstance(loaded, CassetteError):
        assert loaded.path == path
        assert 1 <= loaded.line <= len(content.splitlines()) + 2
        assert loaded.problem
        assert loaded.repair
        assert printable_lines(str(loaded)) == str(loaded)
    else:
        assert loaded


@FUZZ
@given(texts)
def test_a_loaded_cassette_can_be_written_matched_and_compared(text: str) -> None:
    try:
        cassette = parse(text, PATH, None, fetch)
    except CassetteError:
        return
    assert _same(parse(dump(cassette), PATH), cassette)
    interactions = cassette.interactions
    assert compare_files([Versions("a", cassette, cassette)], Volatile()).changes == ()
    for matching in (BY_MEANING, LEGACY):
        search = Search(interactions, lambda: Scrubber(Vault()), 0.0, matching)
        index = Index(interactions, lambda search=search: search)  # type: ignore[misc]
        index.take_matching(Request("GET", "http://api.test/nothing"), 0.0)
        for interaction in interactions:
            assert index.take_identical(interaction.request)


def _same(one: Cassette, other: Cassette) -> bool:
    """Whether two cassettes are equal, apart from the order of headers with different names."""
    pairs = zip(one.interactions, other.interactions, strict=True)
    return one.header == other.header and all(_parts(a) == _parts(b) for a, b in pairs)


def _parts(interaction: Interaction) -> tuple[object, ...]:
    request, outcome = interaction.request, interaction.outcome
    if isinstance(outcome, Response):
        outcome = outcome._replace(headers=tuple(sorted(outcome.headers)))
    return request.url, request.body, sorted(request.headers), outcome, interaction.at


@FUZZ
@given(texts)
def test_the_fast_reader_agrees_with_the_parser(text: str) -> None:
    source = SourceText(text, PATH)
    with contextlib.suppress(fast_load.NotOurFormatError, CassetteError):
        fast = read_own_format(source, fetch)
        assert read_any_yaml(source, fetch) == fast


def _loaded(text: str) -> tuple[object, safe.InvalidYamlError | None]:
    try:
        return safe.load_by_nodes(text), None
    except safe.InvalidYamlError as error:
        return None, error


@FUZZ
@given(texts)
def test_the_reader_by_events_agrees_with_the_reader_by_nodes(text: str) -> None:
    with contextlib.suppress(events.UnsupportedYamlError):
        plain = events.load_plain(text)
        loaded, error = _loaded(text)
        assert error is None
        assert repr(plain) == repr(loaded)


def _has_repeated_key(top: yaml.Node | None) -> bool:
    left, seen = [top], set[yaml.Node | None]()
    while left:
        node = left.pop()
        if node in seen or isinstance(node, yaml.ScalarNode):
            continue
        seen.add(node)  # an alias is the node of its anchor
        if isinstance(node, yaml.SequenceNode):
            left += node.value
        elif isinstance(node, yaml.MappingNode):
            keys = [(k.tag, k.value) for k, _ in node.value if isinstance(k, yaml.ScalarNode)]
            if len(keys) > len({*keys}):
                return True
            left += [value for _, value in node.value]
    return False


@FUZZ
@given(texts)
def test_our_reader_agrees_with_pyyaml(text: str) -> None:
    """It refuses what PyYAML refuses, apart from our tags, and what is above a limit. Of a repeated
    key in a cassette of ours, PyYAML takes the last value."""
    loaded, error = _loaded(text)
    if isinstance(error, safe.RepeatedKeyError):
        assert _has_repeated_key(yaml.compose(text, yaml.CSafeLoader))
        return
    if error and (isinstance(error.__cause__, LimitError) or "too many digits" in error.problem):
        return
    if "!" in text:  # a tag that PyYAML does not know, or that means another value there
        return
    try:
        theirs = yaml.load(text, Loader=yaml.CSafeLoader)
    except Exception:  # PyYAML raises many kinds of errors
        assert error
        return
    assert error is None
    assert repr(loaded) == repr(theirs)


@FUZZ
@given(texts)
def test_audit_reads_what_the_loader_reads(text: str) -> None:
    try:
        cassette = parse(text, PATH, None, fetch)
    except CassetteError:
        return
    document = document_text.read(text)
    assert len(document["interactions"]) == len(cassette.interactions)


@FUZZ
@given(texts)
def test_a_legacy_cassette_means_the_same_to_vcrpy(text: str) -> None:
    try:
        cassette = parse(text, PATH)
    except CassetteError:
        return
    try:
        requests, responses = deserialize(text, yamlserializer)[:2]
    except Exception:  # vcrpy needs keys that we do not need
        return
    if not cassette.is_legacy:
        return
    assert [request.uri for request in requests] == [i.request.url for i in cassette.interactions]
    assert [request.method for request in requests] == [
        i.request.method for i in cassette.interactions
    ]
    for theirs, ours in zip(responses, cassette.interactions, strict=True):
        status = theirs.get("status") or {"code": theirs.get("status_code")}
        assert status["code"] == getattr(ours.outcome, "status", status["code"])
    assert not any(math.isnan(i.at) for i in cassette.interactions)


def test_deep_and_wide_documents_of_a_hundred_kilobytes_are_read_in_bounded_memory() -> None:
    import tracemalloc

    for text in ("[" * 100_000, "- " * 100_000, "a:\n " * 50_000, "? " * 50_000, "{a: [" * 20_000):
        tracemalloc.start()
        with pytest.raises(CassetteError):
            parse(text, PATH)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert peak < 50_000_000
