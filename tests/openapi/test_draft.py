"""`reprise openapi`: a draft accepts what it was made from, and refuses what differs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_reprise.cassette.file import load
from pytest_reprise.cassette.model import Cassette, Header
from pytest_reprise.commands.openapi import as_yaml
from pytest_reprise.exchange import FORM, Headers, Interaction, Request, Response
from pytest_reprise.openapi.check import Checker, Specification
from pytest_reprise.openapi.draft.document import draft
from pytest_reprise.openapi.draft.paths import Recorded

from ..harness.strategies import SOME, Json, json_values
from .conftest import Reprise
from .recorded import DAY, call, write
from .test_check import CREATED, ROOT, changed

NAMES = "users 7 8 me Ada-9 a%20b x{y} Redacted-token-1 q1w2e3r4t5 how-to-record-a-test v1"
SEGMENTS = st.sampled_from(NAMES.split())
TEXTS = st.sampled_from(["1", "2.5", "true", "null", "", "a b", "2026-01-31", "Redacted-token-1"])
MEDIA = st.sampled_from(["application/json", "text/plain", FORM, "image/png", "", "a/b+json"])
STATUSES = st.sampled_from([200, 200, 200, 201, 204, 299, 302, 404, 405, 422, 500, 777])


@st.composite
def _calls(draw: st.DrawFn) -> Interaction:
    path = "/".join(draw(st.lists(SEGMENTS | st.just(""), max_size=3)))
    pairs = draw(st.lists(st.tuples(st.sampled_from(["a", "b[]", "c[x]"]), TEXTS), max_size=3))
    query = "&".join(f"{name}={value}" for name, value in pairs)
    host = draw(
        st.sampled_from(["https://api.test/v1"] * 4 + ["https://api.test", "http://x.test"])
    )
    more = draw(st.sampled_from([(), (("X-Page", "1"),), (("X-Page", "a, b"), ("Cookie", "a=b"))]))
    sent_type, sent = draw(_body())
    answer_type, answer = draw(_body())
    method = draw(st.sampled_from(["GET", "HEAD", "POST", "DELETE", "PURGE"]))
    request = Request(method, f"{host}/{path}?{query}", (*sent_type, *more), sent)
    return Interaction(request, Response(draw(STATUSES), "", answer_type, answer))


@st.composite
def _body(draw: st.DrawFn) -> tuple[Headers, bytes]:
    media = draw(MEDIA)
    value = draw(json_values | st.lists(st.fixed_dictionaries({"id": st.integers()}), max_size=3))
    body = json.dumps(value).encode() if draw(st.booleans()) else b"a=1&b=x"
    return ((("content-type", media),) if media else ()), draw(st.sampled_from([body, body, b""]))


def _disagreements(document: dict[str, Json], recorded: list[Recorded], path: Path) -> list[str]:
    path.write_text(as_yaml(document), encoding="utf-8")
    checker = Checker(Specification(str(path), path.parent))
    for name, cassette in recorded:
        checker.add(name, cassette)
    return [f"{one.place} {one.findings[0]}" for one in checker.result().disagreements]


@SOME
@given(st.lists(st.tuples(st.booleans(), st.lists(_calls(), max_size=6)), max_size=4))
def test_a_draft_accepts_what_it_was_made_from(
    tmp_path_factory: pytest.TempPathFactory, cassettes: list[tuple[bool, list[Interaction]]]
) -> None:
    path = tmp_path_factory.getbasetemp() / "draft.yaml"
    own = Header(DAY, "a test", base_url="https://api.test/v1")
    recorded = [
        Recorded(f"{n}.yaml", Cassette(tuple(calls), None if is_legacy else own))
        for n, (is_legacy, calls) in enumerate(cassettes)
    ]
    found = draft(recorded)
    wrong = _disagreements(found.document, recorded, path)
    assert [text for text in wrong if "PURGE" not in text] == []  # which OpenAPI cannot name


@pytest.mark.parametrize(
    "calls",
    [
        (call("GET /a", {"x": 1}), call("GET /a")),  # with and without a body
        (call("GET /a?p=1"), call("GET /a?p=x"), call("GET /a?p=1&p=2"), call("GET /a")),
        (call("POST /a", sent={"x": 1}), call("POST /a", sent=[1]), call("POST /a")),
        (call("GET /a", {"7": 1, "8": 2}), call("GET /a", {"7": "x", "name": 1})),
        (call("GET /a", [{"x": 1}, {}, None, 1.5, 2]), call("GET /a", "x")),
        (call("GET /a/7/b", 1), call("GET /a/Ada-Q7xR-2/b", "x"), call("GET /a/c/b", None)),
    ],
)
def test_a_draft_accepts_calls_that_differ(directory: Path, calls: tuple[Interaction, ...]) -> None:
    recorded = [Recorded("a.yaml", Cassette(calls, Header(DAY, "a", base_url="https://api.test")))]
    assert _disagreements(draft(recorded).document, recorded, directory / "draft.yaml") == []


# --- the example ------------------------------------------------------------------------------


def test_the_draft_of_the_staging_api_accepts_it_and_names_planted_violations(
    reprise: Reprise, directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec = directory / "draft.yaml"
    monkeypatch.chdir(ROOT)
    code, output = reprise("openapi", "cassettes", "--out", str(spec))
    assert (code, output) == (0, "reprise: drafted from 1122 calls, 6 left out\n")
    code, output = reprise("check", "--openapi", str(spec), "cassettes")
    assert (code, "1128 interactions in 427 cassettes: all fit" in output) == (0, True), output
    original = load(CREATED)
    assert original
    recorded = []
    for number in (1, 2, 3, 4, 5, 6, 7, 8):
        planted = (changed(original.interactions[0], number),)
        recorded.append(Recorded(f"{number}.yaml", original._replace(interactions=planted)))
    checker = Checker(Specification(str(spec), directory))
    for name, cassette in recorded:
        checker.add(name, cassette)
    named = {f.recording.cassette for one in checker.result().disagreements for f in one.findings}
    assert named == {name for name, _ in recorded}


# --- what is drafted --------------------------------------------------------------------------


def _drafted(*interactions: Interaction, cassettes: int = 1) -> dict[str, Json]:
    header = Header(DAY, "a test", base_url="https://api.test")
    found = [Recorded(f"{n}.yaml", Cassette(interactions, header)) for n in range(cassettes)]
    return draft(found).document


def _schema(document: dict[str, Json], path: str, method: str = "get") -> Json:
    found: Json = document
    for key in ("paths", path, method, "responses", "200", "content", "application/json", "schema"):
        assert isinstance(found, dict)
        found = found[key]
    return found


def test_required_fields_formats_enums_and_maps() -> None:
    user: dict[str, Json] = {
        "id": "6f1f6a3c-0a51-4d2c-9c1c-3f7a5d0f7b11",
        "seen": "2026-01-31T10:00:00Z",
        "day": "2026-01-31",
        "mail": "ada@example.org",
        "link": "https://example.org/7",
        "token": "Redacted-token-1",
        "amount": 1,
        "tags": ["a"],
        "prices": {"7": 1.5, "8": 2},
        "name": "Ada",
    }
    states = ["open", "closed", "open", "closed"]
    answers = [user | {"state": state, "team": None} for state in states]
    answers[1] |= {"amount": 1.5, "team": "x"}
    del answers[2]["day"]
    found = _drafted(*(call("GET /users/7", answer) for answer in answers), cassettes=3)
    assert _schema(found, "/users/{user_id}") == {
        "type": "object",
        "properties": {
            "id": {"type": "string", "format": "uuid"},
            "seen": {"type": "string", "format": "date-time"},
            "day": {"type": "string", "format": "date"},
            "mail": {"type": "string", "format": "email"},
            "link": {"type": "string", "format": "uri"},
            "token": {"type": "string"},
            "amount": {"type": "number"},
            "tags": {"type": "array", "items": {"type": "string"}},
            "prices": {"type": "object", "additionalProperties": {"type": "number"}},
            "name": {"type": "string"},
            "state": {"type": "string", "enum": ["closed", "open"]},
            "team": {"type": ["null", "string"]},
        },
        "required": "id seen mail link token amount tags prices name state team".split(),
    }


def test_too_little_evidence_gives_no_enum_and_no_required_fields() -> None:
    found = _drafted(call("GET /a", {"state": "open"}))
    assert _schema(found, "/a") == {"type": "object", "properties": {"state": {"type": "string"}}}


def test_paths_parameters_and_security() -> None:
    bearer = {"Authorization": "Bearer Redacted-token-1", "X-Trace": "a", "Accept": "*/*"}
    found = _drafted(
        call("GET /v1/users/7/orders/a1b2c3d4?page=1&ids=1&ids=2&q=a%20b", {}, headers=bearer),
        call("GET /v1/users/8/orders/e5f6a7b8?page=2&ids=3", {}, headers=bearer),
        call("GET /v1/users/x/orders/1?page=x", {}, 422),
        call("GET /nowhere", status=404),
        call("GET https://login.test/", {}),
    )
    paths = found["paths"]
    assert isinstance(paths, dict)
    assert [*paths] == ["/v1/users/{user_id}/orders/{order_id}"]
    [item] = paths.values()
    assert isinstance(item, dict)
    operation = item["get"]
    assert isinstance(operation, dict)
    integer: Json = {"type": "integer"}
    integers: Json = {"type": "array", "items": integer}
    assert operation["parameters"] == [
        {"name": "order_id", "in": "path", "schema": {"type": "string"}, "required": True},
        {"name": "user_id", "in": "path", "schema": integer, "required": True},
        {
            "name": "ids",
            "in": "query",
            "schema": integers,
            "required": True,
        },
        {"name": "page", "in": "query", "schema": integer, "required": True},
        {"name": "q", "in": "query", "schema": {"type": "string"}},
        {"name": "x-trace", "in": "header", "schema": {"type": "string"}},
    ]
    assert operation["security"] == [{"bearer": []}]
    assert found["servers"] == [{"url": "https://api.test"}]


def test_files(reprise: Reprise) -> None:
    write("tests/a.yaml", call("GET /a", {"country": "no"}))
    assert reprise("openapi", "tests", "--out", "openapi.json")[0] == 0
    assert json.loads(Path("openapi.json").read_text(encoding="utf-8"))["openapi"] == "3.1.0"
    _, output = reprise("openapi", "tests")
    assert output.startswith("openapi: 3.1.0\ninfo:\n")
    assert output.endswith("reprise: drafted from 1 call\n")
    assert reprise("check", "--openapi", "openapi.json", "tests")[0] == 0
    Path("tests/b.yaml").write_text("interactions: [", encoding="utf-8")
    assert reprise("openapi", "tests", "--out", "openapi.json")[0] == 2
