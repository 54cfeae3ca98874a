"""What the API changed: each kind of change is named once, and nothing else is."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_reprise.drift.api_changes import ApiChange
from pytest_reprise.drift.comparison import ApiComparison, Source
from pytest_reprise.drift.noise import Clocks
from pytest_reprise.drift.refresh import Recordings, compared
from pytest_reprise.drift.severity import RULES
from pytest_reprise.exchange import Failure, Headers, Interaction, Outcome, Request, Response

from ..harness.strategies import MANY, SOME, Json, interactions, json_values

JSON: Headers = (("content-type", "application/json"),)
BASE = "http://api.test"
CLOCKS = Clocks(1769860800.0, 1773316807.0)


def _interaction(value: Json | Outcome, path: str = "/users/7", sent: Json = None) -> Interaction:
    body = b"" if sent is None else json.dumps(sent).encode()
    request = Request("GET", BASE + path, JSON if body else (), body)
    if isinstance(value, (Response, Failure)):
        return Interaction(request, value)
    return Interaction(request, Response(200, "OK", JSON, json.dumps(value).encode()))


def _changes(
    old: list[Interaction], new: list[Interaction], failed: bool = False, calls: bool = False
) -> list[ApiChange]:
    """Compare two tests that recorded the same: a value counts if it is found twice."""
    comparison = ApiComparison(calls)
    recordings = Recordings(old, new, CLOCKS)
    for name in ("a", "b"):
        comparison.add(compared(recordings), Source(name, CLOCKS, BASE, failed))
    return comparison.changes()[0]


def _texts(old: Json | Outcome, new: Json | Outcome) -> list[str]:
    found = _changes([_interaction(old)], [_interaction(new)])
    assert {change.operations for change in found} <= {("GET /users/{id}",)}
    return [f"{change.kind}: {change.text}" for change in found]


def _error(status: int, value: Json, media: str = "application/json") -> Response:
    return Response(status, "", (("content-type", media),), json.dumps(value).encode())


def _with(*headers: tuple[str, str]) -> Response:
    return Response(200, "OK", (*JSON, *headers), b"{}")


USER: dict[str, Json] = {"id": 7, "name": "Ada", "phone": "+49 30 123456"}
ITEMS: list[Json] = [{"id": n, "name": name, "price": 100 - n} for n, name in enumerate("abcde", 1)]


@pytest.mark.parametrize(
    ("old", "new", "texts"),
    [
        (USER, USER, []),
        (USER, {"id": 7, "name": "Ada"}, ["field-removed: phone removed"]),
        (USER, {**USER, "vat": "DE1"}, ["field-added: vat added"]),
        (
            USER,
            {"id": 7, "name": "Ada", "phone_number": "+49 30 123456"},
            ["field-renamed: phone → phone_number"],
        ),
        (
            USER,
            {"id": 7, "name": "Ada", "contact": {"phone": "+49 30 123456"}},
            ["field-renamed: phone → contact.phone"],
        ),
        (
            {"id": 7, "contact": {"phone": "+49 30 123456", "fax": "no"}},
            {"id": 7, "phone": "+49 30 123456"},
            ["field-removed: contact.fax removed", "field-renamed: contact.phone → phone"],
        ),
        ({"n": 1}, {"n": "1"}, ['type: n integer → string (1 → "1")']),
        ({"n": 1900}, {"n": 19.5}, ["type: n integer → number (1900 → 19.5)"]),
        ({"n": 1.5}, {"n": 2}, ["value: n 1.5 → 2"]),
        ({"n": "Ada"}, {"n": None}, ['null: n null, was "Ada"']),
        ({"n": None}, {"n": "Ada"}, []),
        (
            {"d": "2026-01-31T12:00:00Z"},
            {"d": "31.01.2026"},
            ['format: d time → local date: "2026-01-31T12:00:00Z" → "31.01.2026"'],
        ),
        ({"d": "2026-01-31T12:00:00Z"}, {"d": "2026-03-12T12:00:01Z"}, []),
        ({"s": "active"}, {"s": "enabled"}, ['enum-changed: s "active" → "enabled"']),
        ({"s": "Ada"}, {"s": "Eve"}, ['value: s "Ada" → "Eve"']),
        ({"roles": ["a", "b"]}, {"roles": ["a", "b", "c"]}, ['enum-added: roles "c" added']),
        ({"roles": ["a", "b"]}, {"roles": ["a"]}, ['enum-changed: roles "b" removed']),
        ({"m": "Not a number"}, {"m": "No number"}, ['text: m "Not a number" → "No number"']),
        ({"m": "User 7 is new"}, {"m": "User 8 is new"}, []),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}, ["key-order: keys of the body in another order"]),
        ({"v": "1.4"}, {"v": "2.0"}, ['value: v "1.4" → "2.0"']),
        ({"total": 41}, {"total": 43}, []),
        (USER, {"data": USER}, ["wrapping: wrapped in data"]),
        ({"user": USER}, USER, ["wrapping: no longer wrapped in user"]),
        ([USER], {"users": [USER], "next": None}, ["wrapping: wrapped in users"]),
        (ITEMS, ITEMS[::-1], ["order: the body in another order"]),
        (ITEMS, [ITEMS[n] for n in (2, 0, 4, 1, 3)], []),
        (
            {"items": ITEMS, "total": 5},
            {"items": ITEMS[:2], "total": 5},
            ["paging: items: 5 → 2 on a page"],
        ),
        (
            {"items": ITEMS, "page": 1, "pages": 3},
            {"items": ITEMS, "next_cursor": "abc"},
            ["paging: page, pages → next_cursor"],
        ),
        (
            [{"id": 1, "tag": "a"}, {"id": 2}],
            [{"id": 3, "tag": "x"}, {"id": 4}, {"id": 5}],
            [],
        ),
        ([{"id": 1, "tag": "a"}, {"id": 2}], [{"id": 3}], ["field-removed: [].tag removed"]),
        (
            {"items": [{"id": 1, "a": {"b": 1}}]},
            {"items": [{"id": 1, "a": {"c": 1}}]},
            ["field-renamed: items[].a.b → c"],
        ),
        (_with(), _with(("Sunset", "x")), ["header-added: header Sunset added"]),
        (_with(("Sunset", "x")), _with(), ["header-removed: header Sunset removed"]),
        (
            _with(("X-Limit", "60")),
            _with(("RateLimit-Limit", "60")),
            ["header-renamed: header X-Limit → Ratelimit-Limit"],
        ),
        (
            _with(("Cache-Control", "no-store")),
            _with(("Cache-Control", "max-age=60")),
            ['header-changed: header Cache-Control "no-store" → "max-age=60"'],
        ),
        (_with(("X-RateLimit-Remaining", "59")), _with(("X-RateLimit-Remaining", "41")), []),
        (_with(("Date", "a"), ("Server", "x/1")), _with(("Date", "b"), ("Server", "x/2")), []),
        (Response(200), Response(201), ["status: 200 → 201"]),
        (Response(200), Response(410), ["endpoint-removed: 200 → 410"]),
        (Response(404), Response(200), ["endpoint-added: 404 → 200"]),
        (
            Response(201),
            _error(422, {"detail": "country is required"}),
            ['field-required: 201 → 422 "country is required"'],
        ),
        (
            _error(404, {"detail": "Not found"}),
            _error(404, {"error": {"code": 404, "message": "Not found"}}),
            ["error-format: errors: detail → error.message", "field-added: error.code added"],
        ),
        (
            _error(404, {"title": "Not found"}),
            _error(404, {"title": "Not found"}, "application/problem+json"),
            ["error-format: errors: application/json → application/problem+json"],
        ),
        (
            _error(404, {"title": "Not found"}),
            _error(404, {"title": "No such user"}),
            ['text: title "Not found" → "No such user"'],
        ),
        (
            Response(200, "", (("content-type", "text/csv"),), b"id,name\n1,Ada\n"),
            Response(200, "", (("content-type", "text/csv"),), b"id,title\n1,Ada\n"),
            ["field-renamed: [].name → title"],
        ),
        (
            Response(200, "", (("content-type", "text/plain"),), b"Hello Ada"),
            Response(200, "", (("content-type", "text/plain"),), b"Good day"),
            ['text: text "Hello Ada" → "Good day"'],
        ),
        (
            _error(200, {}),
            _error(200, {}, "text/json"),
            ["content-type: application/json → text/json"],
        ),
    ],
)
def test_a_change_is_named_once(old: Json | Outcome, new: Json | Outcome, texts: list[str]) -> None:
    assert _texts(old, new) == texts


@SOME
@given(st.lists(interactions, max_size=4), st.lists(interactions, max_size=4), st.booleans())
def test_any_recordings_can_be_compared(
    old: list[Interaction], new: list[Interaction], failed: bool
) -> None:
    assert _changes(old, old, failed, calls=True) == []
    for change in _changes(old, new, failed, calls=True):
        assert change.kind in RULES
        assert change.sources
        assert "\n" not in change.text


@MANY
@given(json_values, json_values)
def test_any_bodies_can_be_compared(old: Json, new: Json) -> None:
    """What is added one way is removed the other way."""
    assert _texts(old, old) == []
    there, back = _texts(old, new), _texts(new, old)
    added = {text.removesuffix(" added") for text in there if text.startswith("field-added")}
    removed = {text.removesuffix(" removed") for text in back if text.startswith("field-removed")}
    assert {text.partition(": ")[2] for text in added} <= {
        text.partition(": ")[2] for text in removed
    }


def test_a_failed_test_ends_early_and_its_failures_are_no_change() -> None:
    old = [_interaction(USER), _interaction(ITEMS, "/items")]
    assert _changes(old, old[:1], failed=True, calls=True) == []
    broken = [_interaction(Failure("ConnectError", "no server"))]
    assert _changes(old, broken, failed=True, calls=True) == []
    assert [c.kind for c in _changes(old, broken, calls=True)] == ["endpoint-removed", "status"]


def test_what_the_test_sends_in_another_way_is_no_change() -> None:
    """A made-up name is returned, and a number depends on a made-up one."""
    old = [_interaction({"name": "Ada Smith", "total": 300}, sent={"name": "Ada Smith", "n": 3})]
    new = [_interaction({"name": "Eve Jones", "total": 700}, sent={"name": "Eve Jones", "n": 7})]
    assert _changes(old, new) == []
    tags: list[list[Json]] = [["red", "blue"], ["red", "blue", "green"]]
    before, after = ([_interaction({"tags": sent}, sent={"tags": sent})] for sent in tags)
    assert _changes(before, after) == []


def test_the_same_change_in_several_operations_is_one() -> None:
    paths = ("/users/7", "/users/8", "/people/7")
    old = [_interaction({"a": "active"}, path) for path in paths]
    new = [_interaction({"b": "active"}, path) for path in paths]
    [one, other] = _changes(old, new)
    assert {one.operations, other.operations} == {("GET /users/{id}",), ("GET /people/{id}",)}
    listed = [*old, _interaction({"users": [{"a": "active"}]}, "/all")]
    renamed = [*new, _interaction({"users": [{"b": "active"}]}, "/all")]
    assert ("GET /all", "GET /users/{id}") in [c.operations for c in _changes(listed, renamed)]
