"""Values that differ in each recording are matched, and stay as they were; true changes do not."""

from __future__ import annotations

import json
import random
import re
import string
import uuid
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from pytest_reprise.drift.correlation import Correlation, OneToOne
from pytest_reprise.drift.noise import Clocks
from pytest_reprise.drift.refresh import Recordings, Refreshed, examine, examine_all, refresh
from pytest_reprise.drift.tokens import are_generated, tokens
from pytest_reprise.exchange import Interaction, Request, Response

from ..harness.strategies import MANY, SOME, Json, json_values, places, replaced

OLD = datetime(2026, 1, 31, 12, 0, 0, tzinfo=UTC)
NEW = OLD + timedelta(days=40, seconds=7)
CLOCKS = Clocks(OLD.timestamp(), NEW.timestamp())
URL = "http://api.test"


class Run(NamedTuple):
    """One run of a suite: the values that the server and the seed made in it."""

    start: datetime
    numbers: tuple[int, ...]
    words: tuple[str, ...]

    def time(self, second: int) -> str:
        return (self.start + timedelta(seconds=second)).isoformat().replace("+00:00", "Z")


def _word(form: int, chance: random.Random) -> str:
    def some(letters: str, count: int) -> str:
        return "".join(chance.choice(letters) for _ in range(count))

    base62 = string.ascii_letters + string.digits
    return (
        str(uuid.UUID(int=chance.getrandbits(128), version=4)),
        f"{some(string.hexdigits[:16], 30)}a1b2",
        f"cus_{some(base62, 12)}7x8Y",
        f"user-{uuid.UUID(int=chance.getrandbits(128))}",
        f"{some(base62 + '_-', 20)}4Zq9",
    )[form]


@st.composite
def runs(draw: st.DrawFn) -> tuple[Run, Run]:
    chance = random.Random(draw(st.integers(0, 10**6)))
    numbers = chance.sample(range(1, 10**9), 8)
    words = [tuple(_word(form, chance) for form in range(5)) for _ in range(2)]
    return Run(OLD, tuple(numbers[:4]), words[0]), Run(NEW, tuple(numbers[4:]), words[1])


def _call(method: str, path: str, sent: object, answer: object, *headers: str) -> Interaction:
    """Return an interaction; `headers` are lines of the response."""
    request_body = b"" if sent is None else json.dumps(sent).encode()
    json_type = ("content-type", "application/json")
    pairs = [tuple(line.split(": ", 1)) for line in headers]
    body = json.dumps(answer).encode()
    return Interaction(
        Request(method, URL + path, (json_type,) if sent is not None else (), request_body),
        Response(
            200,
            "OK",
            (json_type, ("content-length", str(len(body))), *((n, v) for n, v in pairs)),
            body,
        ),
    )


def _fixture(run: Run, extra: Json = None) -> list[Interaction]:
    """A session fixture, which creates an organisation."""
    org, token = run.numbers[0], run.words[1]
    answer = {"id": org, "key": run.words[2], "made": run.time(1), "extra": extra}
    return [_call("POST", "/orgs", {"slug": run.words[3]}, answer, f"etag: {token}")]


def _test(run: Run, extra: Json = None) -> list[Interaction]:
    """A test, which creates a user in the organisation of the fixture and reads it."""
    org, user, order, _ = run.numbers
    name, key = run.words[0], run.words[2]
    body = {"id": user, "org_id": org, "token": run.words[4], "name": "Ada", "n": 3}
    items = [{"id": order, "made": run.time(3), "owner": {"number": user}}, {"id": 1, "paid": True}]
    link = f"link: </orgs/{org}/users?page=2&key={key}>; rel=next"
    return [
        _call("POST", f"/orgs/{org}/users", {"ref": name}, body, f"location: /users/{user}"),
        _call("GET", f"/users/{user}?since={run.time(2)}&key={key}", None, items, link),
        _call("GET", "/health", None, {"ok": True, "extra": extra}),
        _call("DELETE", f"/users/{user}", None, {"deleted": user, "self": f"{URL}/users/{user}"}),
    ]


def _suite(
    both: tuple[Run, Run], old: Json = None, new: Json = None
) -> tuple[Recordings, Recordings]:
    before, now = both
    return (
        Recordings(_fixture(before, old), _fixture(now, new), CLOCKS, makes_values=True),
        Recordings(_test(before, old), _test(now, new), CLOCKS, makes_values=True),
    )


def _refreshed(*suite: Recordings) -> list[Refreshed]:
    known = Correlation()
    for recordings in suite:
        found = examine(recordings, known)
        known.made |= found.made if found.makes_values else set()
    return [refresh(recordings, known=known) for recordings in suite]


@SOME
@given(runs())
def test_an_unchanged_api_changes_nothing(both: tuple[Run, Run]) -> None:
    suite = _suite(both)
    for recordings, found in zip(suite, _refreshed(*suite), strict=True):
        assert found.interactions == tuple(recordings.old)
        assert found.has_same_requests


@SOME
@given(st.permutations(range(4)), st.booleans(), st.integers(0, 10**6))
def test_a_factory_may_delete_what_tests_made_in_any_order(
    order: list[int], are_words: bool, seed: int
) -> None:
    chance = random.Random(seed)

    def recorded(order: list[int]) -> list[list[Interaction]]:
        ids = [_word(2, chance) if are_words else chance.randrange(10**9) for _ in range(4)]
        factory = [_call("DELETE", f"/orders/{ids[n]}", None, {}) for n in order]
        return [factory, *([_call("POST", "/orders", {}, {"id": one})] for one in ids)]

    suite = [
        Recordings(*both, CLOCKS)
        for both in zip(recorded([*range(4)]), recorded(order), strict=True)
    ]
    known = Correlation()
    found = dict(examine_all(range(5), suite.__getitem__, known))
    for n, recordings in enumerate(suite):
        merged = refresh(recordings, known=known, aligned=found[n].aligned)
        assert merged.interactions == tuple(recordings.old)


@MANY
@given(runs(), json_values, json_values, st.data())
def test_a_planted_change_is_taken_and_all_else_stays(
    both: tuple[Run, Run], value: Json, other: Json, data: st.DataObject
) -> None:
    place = data.draw(st.sampled_from(places(value)))
    changed = replaced(value, place, other)
    assume(json.dumps(changed) != json.dumps(value))
    # Numbers that are close to one of the clocks are times.
    assume(not any(re.search(r"[12][0-9]{9}", json.dumps(v)) for v in (value, changed)))
    suite, expected = _suite(both, value, changed), _suite((both[0], both[0]), changed)
    for recordings, found in zip(expected, _refreshed(*suite), strict=True):
        assert [_content(i) for i in found.interactions] == [_content(i) for i in recordings.old]
        assert found.has_same_requests


def _content(interaction: Interaction) -> tuple[object, ...]:
    outcome = interaction.outcome
    assert isinstance(outcome, Response)
    return interaction.request, outcome.status, outcome.headers, outcome.body


PLANTS = {
    "the owner is another user": ('"org_id": {org}', '"org_id": {other}'),
    "a name": ('"name": "Ada"', '"name": "Eve"'),
    "a number without an id": ('"n": 3', '"n": 4'),
    "another type": ('"org_id": {org}', '"org_id": "{org}"'),
    "null": ('"org_id": {org}', '"org_id": null'),
    "a missing field": ('"name": "Ada", ', ""),
    "a shorter token": ('"token": "{token}"', '"token": "{short}"'),
    "an id where a word was": ('"name": "Ada"', '"name": {other}'),
}


@pytest.mark.parametrize("name", PLANTS)
def test_a_change_beside_moving_ids_is_taken_in_the_recorded_ids(name: str) -> None:
    chance = random.Random(7)
    both = (
        Run(OLD, (23, 24, 25, 26), tuple(_word(form, chance) for form in range(5))),
        Run(NEW, (57, 58, 59, 60), tuple(_word(form, chance) for form in range(5))),
    )
    fixture, test = _suite(both)

    def planted(run: Run, calls: list[Interaction]) -> list[Interaction]:
        values = {"org": run.numbers[0], "other": 99}
        words = {"token": run.words[4], "short": run.words[4][:-3]}
        before, after = (text.format(**values, **words) for text in PLANTS[name])
        first, *rest = calls
        outcome = first.outcome
        assert isinstance(outcome, Response)
        assert before.encode() in outcome.body
        body = outcome.body.replace(before.encode(), after.encode())
        length = ("content-length", str(len(body)))
        headers = (outcome.headers[0], length, *outcome.headers[2:])
        return [first._replace(outcome=outcome._replace(headers=headers, body=body)), *rest]

    new = test._replace(new=planted(both[1], list(test.new)))
    found = _refreshed(fixture, new)[1]
    assert found.has_same_requests
    assert found.interactions[1:] == tuple(test.old[1:])
    outcome = found.interactions[0].outcome
    assert isinstance(outcome, Response)
    expected = planted(both[0], list(test.old))[0].outcome
    assert isinstance(expected, Response)
    # A value that the old recording does not have is that of the new one.
    new_word, old_word = both[1].words[4][:-3], both[0].words[4][:-3]
    body = outcome.body.replace(new_word.encode(), old_word.encode())
    assert body == expected.body


def test_an_edited_test_is_noticed() -> None:
    chance = random.Random(7)
    words = [tuple(_word(form, chance) for form in range(5)) for _ in range(2)]
    both = Run(OLD, (23, 24, 25, 26), words[0]), Run(NEW, (57, 58, 59, 60), words[1])
    fixture, test = _suite(both)
    literal, word = ({"id": 8}, {"id": 7}), (words[0][0], words[1][0])
    edits = {
        "a literal": [_call("GET", f"/users/{found['id']}", None, found) for found in literal],
        "a path": [_call("GET", path, None, {}) for path in ("/team", "/teams")],
        "a body": [_call("POST", "/users", {"name": name}, {}) for name in ("Ada", "Eve")],
    }
    assert _refreshed(fixture, test)[1].has_same_requests
    for name, (old, now) in edits.items():
        edited = test._replace(old=[*test.old, old], new=[*test.new, now])
        assert not _refreshed(fixture, edited)[1].has_same_requests, name
    # Without random values, a generated word is a literal.
    calls = [[_call("GET", f"/files/{found}", None, {"name": found})] for found in word]
    for makes_values in (True, False):
        alone = Recordings(calls[0], calls[1], CLOCKS, makes_values=makes_values)
        assert _refreshed(alone)[0].has_same_requests == makes_values
    for new in (test.new[:-1], [*test.new, test.new[2]]):
        assert not _refreshed(fixture, test._replace(new=new))[1].has_same_requests


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("3f2b8c1e-0d4a-4b6f-9a7e-1c2d3e4f5a6b", "8c1e3f2b-4b6f-0d4a-9a7e-5a6b1c2d3e4f", True),
        ("admin-3f2b8c1e-0d4a-4b6f-9a7e-1c2d3e4f5a6b",) * 2 + (True,),
        ("cus_9aF0bX21kZ", "cus_Q2m8T7rr0L", True),
        ("cus_9aF0bX21kZ", "sub_Q2m8T7rr0L", False),
        ("cus_9aF0bX21kZ", "cus_Q2m8T7rr0LL", False),
        ("53adc2ee", "20652091", True),
        ("20652091", "20652092", False),
        ("Ada", "Eve", False),
        ("member", "admins", False),
        ("2026-01-31", "2026-03-12", False),
        ("v1", "v2", False),
        ("completed", "cancelled", False),
        ("lB2eRluKoHP1q5di", "7gOgaUJmkYm5g_7o", True),
        ("", "", True),
    ],
)
def test_generated_words_have_a_random_part(old: str, new: str, expected: bool) -> None:
    assert are_generated(old, new) == expected


def test_a_pair_has_one_partner_each() -> None:
    pairs = OneToOne()
    for pair in (("a", "y"), ("a", "x"), ("b", "x"), ("b", "z"), ("a", "x")):
        pairs.add(pair)
    assert ("a", "x") in pairs
    assert ("b", "z") in pairs
    assert ("a", "y") not in pairs
    assert ("b", "x") not in pairs
    assert pairs.old_of("y") is None


@given(st.text() | st.text("ab1-_%/? \0\1:Z"))
def test_any_text_is_its_tokens_and_the_marks_between(text: str) -> None:
    assert tokens(text, OLD.timestamp()).joined() == text
