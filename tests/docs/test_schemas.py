"""The JSON Schemas accept what Reprise accepts and writes, and nothing else."""

from __future__ import annotations

import gzip
import tomllib
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from pytest_reprise.cassette.dump import dump
from pytest_reprise.cassette.json_blocks import JSON_STYLES
from pytest_reprise.cassette.known_keys import KNOWN_KEYS
from pytest_reprise.cassette.model import Cassette, Header
from pytest_reprise.exchange import Failure, Interaction, Latency, Request, Response
from pytest_reprise.scrub import config
from pytest_reprise.scrub.rules.ruleset import PERSONAL_RULES

from .pages import DOCS, blocks
from .schemas import keys, problems, read_yaml, schema

ROOT = DOCS.parent
SAMPLE = 2
"""Cassettes of each directory that are validated."""

_COMPRESSOR = zlib.compressobj(6, zlib.DEFLATED, 31)
STREAMED = _COMPRESSOR.compress(b"[1]") + _COMPRESSOR.flush(zlib.Z_SYNC_FLUSH) + _COMPRESSOR.flush()
GZIPPED = (("Content-Encoding", "gzip"),)
FULL = Cassette(
    (
        Interaction(
            Request(
                "POST",
                "https://api.example.com/a",
                (("X", "1"), ("Y", "2"), ("X", "3")),
                b'{"a": 1}',
            ),
            Response(
                200,
                "OK",
                (("X", "1"), ("Y", "2"), ("X", "3")),
                b'{"b":2}',
                "HTTP/2",
                (3, 4),
                Failure("ReadError", "broken"),
            ),
            "test_b",
            1.5,
            Latency(0.2, 1.1),
        ),
        Interaction(
            Request("GET", "https://api.example.com/b"), Failure("ConnectError", "refused")
        ),
        *(
            Interaction(
                Request("POST", "https://api.example.com/c", GZIPPED, body),
                Response(200, "OK", GZIPPED, body),
                "test_c",
            )
            for body in (gzip.compress(b"[1]"), STREAMED)
        ),
    ),
    Header(
        datetime(2026, 1, 31, tzinfo=UTC),
        "pytest-reprise, httpx",
        "test_a",
        7,
        "https://api.example.com",
        {"name": [1, "two"]},
        datetime(2026, 2, 28, tzinfo=UTC),
    ),
)
"""A cassette with every key that Reprise writes."""


def cassettes() -> Iterator[Path]:
    directories = sorted({path.parent for path in (ROOT / "cassettes").rglob("*.yaml")})
    for directory in directories:
        yield from sorted(directory.glob("*.yaml"))[:SAMPLE]
    yield from (ROOT / "tests" / "plugin" / "legacy").rglob("*.yaml")


def _declared(part: str) -> set[str]:
    return set(schema("cassette")["$defs"][part]["properties"])


@pytest.mark.parametrize("name", ["cassette", "configuration"])
def test_schema_is_valid(name: str) -> None:
    Draft202012Validator.check_schema(schema(name))


def test_committed_cassettes_are_valid() -> None:
    wrong = {
        path.name: found
        for path in cassettes()
        if path.name != "unknown_keys.yaml"  # the loader ignores them
        if (found := problems("cassette", read_yaml(path.read_text(encoding="utf-8"))))
    }
    assert not wrong


def test_cassette_with_every_key_is_valid() -> None:
    document = read_yaml(dump(FULL))
    assert not problems("cassette", document)
    assert set(document["reprise"]) == _declared("header")
    written = {key for one in document["interactions"] for key in one["reprise"]}
    assert written == _declared("additions")


def test_keys_are_those_of_the_loader() -> None:
    parts = {"cassette": schema("cassette"), **schema("cassette")["$defs"]}
    response = parts["response"]["properties"]
    parts |= {"status": response["status"], "body": response["body"]}
    assert {name: set(parts[name]["properties"]) for name in KNOWN_KEYS} == KNOWN_KEYS


def test_json_styles_are_those_of_the_code() -> None:
    assert schema("cassette")["$defs"]["json_style"]["enum"] == list(JSON_STYLES)


@pytest.mark.parametrize(
    ("right", "misspelt"),
    [("recorded_at", "recorded_on"), ("seed", "sead"), ("response_json", "respone_json")],
)
def test_misspelt_key_is_rejected(right: str, misspelt: str) -> None:
    text = dump(FULL)
    assert right in text
    assert problems("cassette", read_yaml(text.replace(f"{right}:", f"{misspelt}:")))


def test_configuration_keys_are_those_of_the_code() -> None:
    scrub = schema("configuration")["properties"]["scrub"]["properties"]
    assert set(scrub) == set(config._KEYS)
    assert scrub["personal"]["items"]["enum"] == list(PERSONAL_RULES)


def test_documented_configuration_is_valid() -> None:
    found = [
        table
        for page in sorted(DOCS.rglob("*.md"))
        for block in blocks(page)
        if block.language == "toml" and "tool.reprise" in "\n".join(block.lines)
        for table in [tomllib.loads("\n".join(block.lines))["tool"]["reprise"]]
    ]
    assert len(found) >= 2
    assert [problems("configuration", table) for table in found] == [[]] * len(found)
    documented = set(keys([table["scrub"] for table in found]))
    assert documented >= set(config._KEYS)


@pytest.mark.parametrize(
    "table",
    [
        {"scrub": {"name": ["tenant"]}},
        {"scrubbing": {}},
        {"scrub": {"off": "ssn"}},
        {"scrub": {"personal": ["mail"]}},
        {"scrub": {"hook": "tests.scrubbing"}},
    ],
)
def test_wrong_configuration_is_rejected(table: dict[str, Any]) -> None:
    assert problems("configuration", table)
