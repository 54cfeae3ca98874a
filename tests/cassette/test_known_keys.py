"""Misspelt keys and impossible values in a cassette are errors with file and line."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from vcr.serialize import deserialize
from vcr.serializers import yamlserializer

from pytest_reprise.cassette.dump import dump
from pytest_reprise.cassette.known_keys import KNOWN_KEYS
from pytest_reprise.cassette.load import parse
from pytest_reprise.cassette.model import Cassette, Header
from pytest_reprise.errors import CassetteError
from pytest_reprise.exchange import Failure, Interaction, Request, Response

from ..harness.forms import FORMS, interaction, response, vcrpy_yaml
from ..harness.runs import Run, Suite
from ..harness.strategies import MANY

PATH = Path("cassettes/test_it.yaml")
PARSED_BY_THE_PROJECT = {"parsed.yaml"}
"""Forms in which the body is under another key, which only the project's serializer reads."""
BROKEN = Response(200, "OK", (("A", "1"),), b"hi", "HTTP/2", (1, 1), Failure("ReadError", "gone"))
OURS = dump(
    Cassette(
        (
            Interaction(Request("POST", "http://api.test/", (("B", "2"),), b'{"a":1}'), BROKEN),
            Interaction(Request("GET", "http://api.test/"), Failure("ConnectError", "no"), "b", 1),
        ),
        Header(datetime(2026, 1, 31, tzinfo=UTC), "a test", "a", 7, "http://api.test", {"x": 1}),
    )
)
NOT_KEYS = {"A", "B", "x"}
"""Names of headers and of recorded values: a project may choose them."""


def _refusal(text: str) -> CassetteError:
    with pytest.raises(CassetteError) as caught:
        parse(text, PATH)
    return caught.value


def _lines_with_keys(text: str) -> list[tuple[int, str]]:
    named = ((n, line.strip(" -").partition(":")) for n, line in enumerate(text.splitlines(), 1))
    return [(n, key) for n, (key, colon, _) in named if colon and key.isidentifier()]


@pytest.mark.parametrize(
    ("line", "key"), [(n, key) for n, key in _lines_with_keys(OURS) if key not in NOT_KEYS]
)
def test_every_misspelt_key_of_our_cassettes_is_named_with_its_line(line: int, key: str) -> None:
    lines = OURS.splitlines(keepends=True)
    lines[line - 1] = lines[line - 1].replace(f"{key}:", f"{key[:-1]}X:", 1)
    error = _refusal("".join(lines))
    if key in ("interactions", "version"):  # the wrong value comes first
        return
    assert error.line == line
    assert error.problem.startswith(f"unknown key '{key[:-1]}X'")
    assert f"Did you mean '{key}'?" in error.problem or len(key) == 2


def test_keys_beside_the_required_ones_are_ignored_at_the_top() -> None:
    """A serializer of the project may have added them."""
    added = OURS.replace("interactions:", "recorded_at: '2026-01-31'\ninteractions:", 1)
    assert parse(added, PATH) == parse(OURS, PATH)
    assert _refusal(added.replace("interactions:", "interaction:", 1)).problem
    assert _refusal(added.replace("reprise:", "repris:", 1)).problem.startswith("unknown key")


@pytest.mark.parametrize(("line", "key"), _lines_with_keys(OURS))
def test_every_repeated_key_of_our_cassettes_is_named_with_its_line(line: int, key: str) -> None:
    lines = OURS.splitlines(keepends=True)
    first = lines[line - 1].replace("- ", "  ", 1)
    indent = len(first) - len(first.lstrip())
    below = itertools.takewhile(lambda text: text.startswith(" " * (indent + 1)), lines[line:])
    items = [] if key != "interactions" else lines[line:-1]
    repeated = [first, *below, *items]
    end = line - 1 + len(repeated)
    error = _refusal("".join((*lines[:end], *repeated, *lines[end:])))
    assert (error.line, error.problem) == (end + 1, f"the key {key!r} is given twice")
    assert "Delete one of the two." in str(error)


def test_of_repeated_keys_in_a_cassette_of_vcrpy_the_last_one_holds() -> None:
    text = FORMS["vcrpy.yaml"]
    body = next(line for line in text.splitlines(keepends=True) if line.startswith("    body:"))
    repeated = text.replace(body, f"    body: first\n{body}")
    assert repeated != text
    assert parse(repeated, PATH) == parse(text, PATH)
    vcrpy = [deserialize(one, yamlserializer)[0][0].body for one in (text, repeated)]
    assert vcrpy[0] == vcrpy[1]


def test_a_misspelt_body_is_no_green_replay(
    suite: Suite, run: Run, pytester: pytest.Pytester
) -> None:
    suite("""
        import httpx
        import pytest

        @pytest.mark.vcr
        def test_key():
            httpx.get("http://api.test/")

        @pytest.mark.vcr
        def test_status():
            httpx.get("http://api.test/")

        @pytest.mark.vcr
        def test_no_version():
            assert httpx.get("http://api.test/").text == "hi"
        """)
    made = interaction(None, response("hi"))
    made["request"] |= {"method": "GET", "uri": "http://api.test/"}
    text = yaml.safe_dump({"interactions": [made], "version": 1}, sort_keys=False)
    directory = pytester.path / "cassettes/test_suite"
    directory.mkdir(parents=True)
    for name, old, new in (
        ("key", "    body:\n      string", "    bodx:\n      string"),
        ("status", "code: 200", "code: 0"),
        ("no_version", "version: 1\n", ""),
    ):
        assert old in text
        (directory / f"test_{name}.yaml").write_text(text.replace(old, new), encoding="utf-8")
    result = run()
    result.assert_outcomes(passed=1, errors=2)
    printed = result.stdout.str()
    unknown = "test_key.yaml:12: unknown key 'bodx' in interaction 1, response"
    assert f"{unknown}. Did you mean 'body'?" in printed
    assert "test_status.yaml:18: the status code 0 is not between 100 and 999" in printed


@pytest.mark.parametrize("name", [*FORMS])
def test_legacy_forms_are_accepted_without_a_version(name: str) -> None:
    text = FORMS[name]
    if not name.endswith(".yaml") or name.startswith(("text", "cut", "ours")):
        return
    without = text.replace("\nversion: 1\n", "\n")
    assert without != text
    if name in PARSED_BY_THE_PROJECT:
        assert "unknown key 'parsed_body'" in _refusal(without).problem
    else:
        assert parse(without, PATH) == parse(text, PATH)


LEGACY: dict[str, Any] = {
    "interactions": [interaction("a", response("hi"))],
    "version": 1,
}
"""What vcrpy writes, as plain values."""


@st.composite
def _with_another_key(draw: st.DrawFn) -> str:
    """A legacy cassette with one key added, renamed or removed anywhere."""
    document = yaml.safe_load(vcrpy_yaml(*LEGACY["interactions"]))
    one = document["interactions"][0]
    answered = one["response"]
    part: dict[object, object] = draw(
        st.sampled_from(
            [document, one, one["request"], answered, answered["status"], answered["body"]]
        )
    )
    old = draw(st.sampled_from(sorted(map(str, part))))
    other = draw(st.sampled_from(sorted(set().union(*KNOWN_KEYS.values()))) | st.text(max_size=6))
    what = draw(st.sampled_from(["add", "rename", "remove"]))
    value = part[old] if what == "add" else part.pop(old)
    if what != "remove":
        part.setdefault(other, value)
    return yaml.safe_dump(document)


@MANY
@given(_with_another_key())
def test_no_key_changes_what_a_legacy_cassette_replays(text: str) -> None:
    """Either vcrpy reads the same values, or it has no value there, or we refuse the file."""
    try:
        (ours,) = parse(text, PATH).interactions
    except CassetteError:
        return
    document = yaml.safe_load(text)["interactions"][0]
    assert isinstance(ours.outcome, Response)
    body = document["response"].get("body") or {}
    assert ours.outcome.body.decode() == (body.get("string") or "")
    assert ours.outcome.status == document["response"]["status"]["code"]
    if {"body", "headers"} <= document["request"].keys():
        requests, _ = deserialize(text, yamlserializer)[:2]
        assert requests[0].uri == ours.request.url


@pytest.mark.parametrize("key", ["reprize", "repris", "reprise_"])
def test_a_misspelt_header_does_not_make_a_cassette_legacy(key: str) -> None:
    error = _refusal(OURS.replace("reprise:", f"{key}:", 1))
    assert (error.line, error.problem) == (
        2,
        f"unknown key '{key}'. Did you mean 'reprise'?",
    )


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("code: 200", f"code: {code}", f"the status code {code} is not between 100 and 999")
        for code in (0, -5, 99, 1000, 10**30)
    ]
    + [
        ("at: 1", "at: 10000000000.0", "is not a number of seconds"),
        ("at: 1", "at: .nan", "is not a number of seconds"),
        ("at: 1", "at: .inf", "is not a number of seconds"),
        ("at: 1", "at: -1", "is not a number of seconds"),
        ("'2026-", "'0001-", "is not between the years 1970 and 2999"),
        ("'2026-", "'9999-", "is not between the years 1970 and 2999"),
        ("  scope: a\n", "  scope: [a]\n", "reprise.scope is a list where text"),
        ("base_url: http", "base_url: 5 #", "reprise.base_url is a int where text"),
        ("HTTP/2", "2", "http_version is a int where text"),
        ("HTTP/2", "é", "'é' is not a version of HTTP"),
        ("seed: 7", "seed: -1", "the seed -1 is not a whole number from 0 to 4294967295"),
        ("seed: 7", f"seed: {2**32}", "is not a whole number from 0 to 4294967295"),
        ("message: OK", "message: {a: b}", "message is a dict where text"),
        ("message: gone", "message: [gone]", "message is a list where text"),
        ("chunks: 1 1", "response_headers: A", "`response_headers` is not a list of names"),
        ("chunks: 1 1", "response_headers: [5]", "`response_headers` is not a list"),
        ("  version: 1\n", "  version: true\n", "newer Reprise"),
    ],
)
def test_impossible_value_is_named_with_its_line(old: str, new: str, problem: str) -> None:
    line = OURS[: OURS.index(old)].count("\n") + 1
    error = _refusal(OURS.replace(old, new, 1))
    assert problem in error.problem
    assert error.line == line


@pytest.mark.parametrize("code", [100, 599, 999])
def test_every_status_of_three_digits_is_accepted(code: int) -> None:
    outcome = parse(OURS.replace("code: 200", f"code: {code}"), PATH).interactions[0].outcome
    assert isinstance(outcome, Response)
    assert outcome.status == code
