"""Documents ↔ interactions: changed interactions keep their form, and the remainder stays."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_reprise.cassette import document_edit, document_text
from pytest_reprise.cassette.document_edit import NotACassetteError
from pytest_reprise.cassette.dump import dump
from pytest_reprise.cassette.load import parse
from pytest_reprise.cassette.model import Cassette, Header
from pytest_reprise.cassette.yaml.safe import InvalidYamlError
from pytest_reprise.exchange import Failure, Interaction, Response, map_outcome, map_request

from ..harness.forms import ANSWERED, CASSETTES, FORMS, SENT, URL
from ..harness.strategies import SOME, Json, json_containers, signed_cassettes


def _document(text: str) -> Any:
    return document_text.read(text)


def _through(document: Any, change: Any) -> Any:
    """Return the document with `change` applied to the texts of its interactions."""
    changed = tuple(
        i._replace(request=map_request(i.request, change), outcome=map_outcome(i.outcome, change))
        for i in document_edit.interactions(document)
    )
    return document_edit.with_interactions(document, document_edit.remainder(document), changed)


# --- document → interactions ------------------------------------------------------------------


@pytest.mark.parametrize("name", CASSETTES)
def test_each_form_has_the_same_interaction(name: str) -> None:
    (found,) = document_edit.interactions(_document(CASSETTES[name]))
    assert (found.request.method, found.request.url) == ("POST", URL)
    assert json.loads(found.request.body) == SENT
    assert ("Content-Type", "application/json") in found.request.headers
    assert isinstance(found.outcome, Response)
    assert found.outcome.status == 200
    assert json.loads(found.outcome.body) == ANSWERED


@SOME
@given(signed_cassettes)
def test_our_cassettes_read_as_by_the_strict_reader(cassette: Any) -> None:
    text = dump(cassette)
    ours = parse(text, None).interactions  # type: ignore[arg-type]
    for read, own in zip(document_edit.interactions(_document(text)), ours, strict=True):
        assert read.request.url == own.request.url
        assert read.request.body == own.request.body
        assert sorted(read.request.headers) == sorted(own.request.headers)
        assert type(read.outcome) is type(own.outcome)
        if isinstance(read.outcome, Failure) or isinstance(own.outcome, Failure):
            assert read.outcome == own.outcome
        else:
            assert read.outcome.body == own.outcome.body
            assert read.outcome.broken_by == own.outcome.broken_by


@pytest.mark.parametrize(
    "document", [{}, [], None, {"interactions": {}}, {"interactions": None}, {"request": {}}]
)
def test_document_without_a_list_of_interactions_is_not_a_cassette(document: Any) -> None:
    assert not document_edit.is_cassette(document)


@pytest.mark.parametrize(
    "interaction",
    [
        1,
        {},
        {"request": 1, "response": {}},
        {"request": {"method": "GET", "uri": 5}, "response": {}},
        {"request": {"method": "GET", "uri": "/"}, "response": None},
        {"request": {"method": "GET", "uri": "/", "headers": ["A"]}, "response": {}},
        {
            "request": {"method": "GET", "uri": "/", "body": "{"},
            "response": {},
            "reprise": {"request_json": "compact"},
        },
    ],
)
def test_error_names_the_broken_interaction(interaction: Any) -> None:
    good = {"request": {"method": "GET", "uri": "/"}, "response": {}}
    with pytest.raises(NotACassetteError, match=r"interaction 2 cannot be read"):
        document_edit.interactions({"interactions": [good, interaction]})


@pytest.mark.parametrize("body", [{"string": None}, {"string": ""}, {}, None, ""])
def test_missing_body_reads_as_empty_and_stays_as_it_is(body: Any) -> None:
    request = {"method": "GET", "uri": "/", "body": body}
    document = {"interactions": [{"request": request, "response": {"body": body}}]}
    (found,) = document_edit.interactions(document)
    assert isinstance(found.outcome, Response)
    assert (found.request.body, found.outcome.body) == (b"", b"")
    assert _through(document, lambda text: text) == document


# --- interactions → document ------------------------------------------------------------------


@pytest.mark.parametrize("name", CASSETTES)
def test_document_without_a_change_stays_the_same(name: str) -> None:
    document = _document(CASSETTES[name])
    assert _through(document, lambda text: text) == document


@SOME
@given(signed_cassettes)
def test_our_document_without_a_change_stays_the_same(cassette: Any) -> None:
    document = _document(dump(cassette))
    assert _through(document, lambda text: text) == document


@pytest.mark.parametrize("name", CASSETTES)
def test_change_of_words_changes_nothing_else(name: str) -> None:
    """All forms of a body, of text and of bytes, are JSON with `augusta` or `read write` in it."""
    text = CASSETTES[name]
    document = _document(text)
    changed = _through(document, lambda t: t.replace("augusta", "eve").replace("/login", "/out"))
    (read,) = document_edit.interactions(changed)
    assert json.loads(read.request.body) == {**SENT, "user": "eve"}
    expected = json.dumps(document_edit.to_json_values(document)).replace("augusta", "eve")
    assert document_edit.to_json_values(changed) == json.loads(expected.replace("/login", "/out"))


@pytest.mark.parametrize(
    ("found", "kept"),
    [
        (["one", "two"], ["one", "TWO"]),
        ("two", "TWO"),
        (["two", 5, b"\xe9"], ["TWO", 5, b"\xe9"]),
        ([b"two"], [b"TWO"]),
        ([], []),
    ],
)
def test_headers_keep_their_form(found: Any, kept: Any) -> None:
    request = {"method": "GET", "uri": "/", "headers": {"A": found, "B": "two"}}
    document = {"interactions": [{"request": request, "response": {}}]}
    changed = _through(document, lambda text: text.replace("two", "TWO"))
    assert changed["interactions"][0]["request"]["headers"] == {"A": kept, "B": "TWO"}


def test_other_headers_are_grouped_by_name() -> None:
    request = {"method": "GET", "uri": "/", "headers": {"A": "1"}}
    document = {"interactions": [{"request": request, "response": {}}]}
    (old,) = document_edit.interactions(document)
    new = old._replace(request=old.request._replace(headers=(("A", "1"), ("B", "2"), ("A", "3"))))
    changed = document_edit.with_interactions(document, document_edit.remainder(document), (new,))
    assert changed["interactions"][0]["request"]["headers"] == {"A": ["1", "3"], "B": ["2"]}


def test_values_that_json_does_not_know_stay() -> None:
    body = {"day": date(2026, 1, 31), "user": "augusta", 7: "seven"}
    request = {"method": "GET", "uri": "/", "parsed_body": body}
    document = {"interactions": [{"request": request, "response": {}}]}
    changed = _through(document, lambda text: text.replace("augusta", "eve"))
    found = changed["interactions"][0]["request"]["parsed_body"]
    assert found == {"day": date(2026, 1, 31), "user": "eve", 7: "seven"}


@SOME
@given(json_containers | st.recursive(st.binary() | st.dates(), st.lists))
def test_values_merged_with_themselves_stay_the_same(tree: Json) -> None:
    assert (
        document_edit.merge_json_values(
            tree, json.loads(json.dumps(document_edit.to_json_values(tree)))
        )
        == tree
    )


def test_remainder_contains_nothing_of_the_interactions() -> None:
    for text in CASSETTES.values():
        rest = json.dumps(document_edit.to_json_values(document_edit.remainder(_document(text))))
        assert not [word for word in ("augusta", "/login", "read write", "POST") if word in rest]


def test_remainder_can_be_changed_alone() -> None:
    document = _document(CASSETTES["extra.yaml"])
    remaining = document_edit.remainder(document)
    remaining["metadata"] = {"suite": "other"}
    joined = document_edit.with_interactions(
        document, remaining, document_edit.interactions(document)
    )
    assert joined == {**document, "metadata": {"suite": "other"}}


def test_message_of_a_failure_is_put_back() -> None:
    failed = Interaction(
        document_edit.interactions(_document(CASSETTES["ours.yaml"]))[0].request,
        Failure("ConnectError", "no route to augusta"),
    )
    document = _document(
        dump(Cassette((failed,), Header(datetime(2026, 1, 31, tzinfo=UTC), "a test")))
    )
    changed = _through(document, lambda text: text.replace("augusta", "eve"))
    assert document_edit.interactions(changed)[0].outcome == Failure(
        "ConnectError", "no route to eve"
    )


# --- text ↔ document --------------------------------------------------------------------------


@pytest.mark.parametrize("name", [name for name in FORMS if name != "cut.yaml"])
def test_document_is_written_in_its_style(name: str) -> None:
    """Except for tags that only an unsafe loader builds."""
    text, document = FORMS[name], _document(FORMS[name])
    written = document_text.write_like(text, document, document)
    assert _document(written) == document
    assert written == text or name in ("bytesio.yaml", "iterator.yaml", "text.yaml")


@pytest.mark.parametrize("end", ["\r\n", "\n"])
@pytest.mark.parametrize("mark", ["\ufeff", ""])
def test_byte_order_mark_and_line_ends_stay(mark: str, end: str) -> None:
    text = mark + CASSETTES["vcrpy.yaml"].replace("\n", end)
    document = _document(text)
    assert document_text.write_like(text, document, document) == text


@pytest.mark.parametrize("style", [{"indent": 2}, {"indent": "\t"}, {}, {"ensure_ascii": False}])
def test_json_keeps_indent_and_letters(style: Any) -> None:
    text = json.dumps({"interactions": [], "who": "Ädä"}, **style)
    assert document_text.write_like(text, _document(text), {"interactions": [], "who": "Eve"}) == (
        text.replace("Ädä", "Eve").replace("\\u00c4d\\u00e4", "Eve")
    )


def test_yaml_written_by_hand_gets_the_closest_style() -> None:
    text = "# by hand\nversion: 1\nwho: 'Ädä'\ninteractions: []\n"
    written = document_text.write_like(text, _document(text), _document(text))
    assert written == "version: 1\nwho: Ädä\ninteractions: []\n"


def test_values_that_json_cannot_hold_are_an_error() -> None:
    with pytest.raises(TypeError):
        document_text.write_like("{}", {}, {"body": b"\xff"})


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "empty"),
        (" \n\t\n", "empty"),
        ("a: [", "did not find"),
        ("a: &a [*a]", "an alias inside of its own anchor"),
        ("a: &a [" + "x," * 2000 + "]\nb: &b [" + "*a," * 2000 + "]\n", "too large"),
        ("[" * 100_000, "nested too deeply"),
        ('{"a": ' + "[" * 100_000, "nested too deeply"),
        ("a: !!python/object/apply:os.system [true]", "tag"),
    ],
)
def test_error_says_why_a_text_cannot_be_read(text: str, problem: str) -> None:
    with pytest.raises(InvalidYamlError, match=problem):
        document_text.read(text)


def test_a_few_aliases_are_allowed() -> None:
    assert document_text.read("a: &a [x]\nb: [*a, *a]\n") == {"a": ["x"], "b": [["x"], ["x"]]}


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("a: 1\ninteractions:\n- b: 1\n  c: 2\n- d: 3\n", [3, 5]),
        ('{"interactions": [\n\t{"a": 1},\n\n\t{"b": 2}\n]}', [2, 4]),
        ("interactions: []\n", []),
        ("interactions: 5\n", []),
        ("a: [", []),
        ("[" * 20_000, []),
    ],
)
def test_lines_in_which_interactions_begin(text: str, lines: list[int]) -> None:
    assert document_text.item_lines(text) == lines
