"""Which recorded call answers: each once, in recorded order, secrets by what they stand for."""

from __future__ import annotations

import base64
import json
import random
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from pytest_reprise.cassette.load import parse
from pytest_reprise.errors import CassetteError
from pytest_reprise.exchange import Headers, Interaction, Request, Response
from pytest_reprise.matching.index import Index
from pytest_reprise.matching.key import key, legacy_key
from pytest_reprise.matching.request_parts import BY_MEANING, LEGACY, split_request, without_secrets
from pytest_reprise.matching.search import Search, is_placeholder
from pytest_reprise.scrub.replace.vault import Vault
from pytest_reprise.scrub.scrubber import Scrubber

from ..harness.strategies import FEW, MANY, SOME, Json, json_values, requests, shuffled

URL = "http://api.test/users"
NOW = 1_769_860_800.0
JSON = (("Content-Type", "application/json"),)
FORM = (("Content-Type", "application/x-www-form-urlencoded"),)


def _index(recorded: Sequence[Request], vault: Vault | None = None, legacy: bool = False) -> Index:
    """The call at position n was answered with the status n."""
    interactions = tuple(Interaction(r, Response(n)) for n, r in enumerate(recorded))
    return _index_of(interactions, Vault() if vault is None else vault, legacy)


def _index_of(interactions: tuple[Interaction, ...], vault: Vault, legacy: bool) -> Index:
    matching = LEGACY if legacy else BY_MEANING
    search = Search(interactions, Scrubber(vault), NOW, matching)
    return Index(interactions, lambda: search, by_bytes=not legacy)


def _taken(index: Index, request: Request) -> int | None:
    """The position of the recorded call that answers."""
    found = index.take_matching(request, NOW)
    if found is None:
        return None
    assert isinstance(found.outcome, Response)
    return found.outcome.status


def _bearer(token: str, path: str = "/me") -> Request:
    return Request("GET", URL + path, (("Authorization", f"Bearer {token}"),))


def _json(value: Json) -> Request:
    return Request("POST", URL, JSON, json.dumps(value).encode())


# --- against a naive model --------------------------------------------------------------------

_POOL = (
    Request("GET", URL),
    Request("GET", URL + "?a=1&b=2"),
    Request("GET", URL + "?b=2&a=1"),
    Request("POST", URL, JSON, b'{"a":1,"b":2}'),
    Request("POST", URL, JSON, b'{"b": 2, "a": 1}'),
    Request("POST", URL, JSON, b'{"a":2}'),
    Request("GET", URL, (("User-Agent", "a"),)),
    Request("DELETE", URL),
)


class _AgainstModel(RuleBasedStateMachine):
    """Without secrets, the first unplayed call of the same key answers, and no other; one that was
    written alike too goes before it."""

    @initialize(
        recorded=st.lists(st.sampled_from(_POOL), max_size=12),
        legacy=st.booleans(),
        first=st.integers(0, 12),
    )
    def record(self, recorded: list[Request], legacy: bool, first: int) -> None:
        self.recorded = recorded
        self.key = legacy_key if legacy else key
        self.first = first
        self.left = list(range(len(recorded)))
        self.index = _index(recorded, legacy=legacy)

    @rule(request=st.sampled_from(_POOL))
    def take(self, request: Request) -> None:
        alike = [n for n in self.left if self.key(self.recorded[n]) == self.key(request)]
        same = [n for n in alike if self.recorded[n].url == request.url]
        same = [n for n in same if self.recorded[n].body == request.body]
        expected = next(iter(alike if self.key is legacy_key else [*same, *alike]), None)
        assert _taken(self.index, request) == expected
        if expected is not None:
            self.left.remove(expected)

    @rule(request=st.sampled_from(_POOL))
    def is_played_out(self, request: Request) -> None:
        known = {self.key(r) for r in self.recorded}
        assert self.index.was_recorded(request, NOW) == (self.key(request) in known)

    @invariant()
    def knows_what_is_left(self) -> None:
        if hasattr(self, "index"):
            unplayed = self.index.unplayed(among_first=self.first)
            expected = [self.recorded[n] for n in self.left if n < self.first]
            assert [i.request for i in unplayed] == expected


_AgainstModel.TestCase.settings = FEW
TestAgainstModel = _AgainstModel.TestCase


@SOME
@given(st.lists(requests, max_size=5), st.randoms(use_true_random=False))
def test_recorded_requests_answer_themselves_in_any_order(
    recorded: list[Request], chance: random.Random
) -> None:
    index = _index(recorded)
    order = list(recorded)
    chance.shuffle(order)
    taken = [_taken(index, request) for request in order]
    assert sorted(n for n in taken if n is not None) == list(range(len(recorded)))
    assert index.unplayed(among_first=len(recorded)) == ()


# --- placeholders and secrets -----------------------------------------------------------------

ABSENT = ("", "dummy", "None", "changeme", "not a secret", "12345", "Redacted-token-9")


def _places_of(secret: str) -> dict[str, Request]:
    pair = base64.b64encode(f"ada:{secret}".encode()).decode()
    return {
        "bearer": _bearer(secret),
        "basic": Request("GET", URL, (("Authorization", f"Basic {pair}"),)),
        "header": Request("GET", URL, (("X-Api-Key", secret),)),
        "cookie": Request("GET", URL, (("Cookie", f"theme=dark; sessionid={secret}"),)),
        "query": Request("GET", f"{URL}?api_key={secret.replace(' ', '%20')}&page=1"),
        "form": Request("POST", URL, FORM, f"user=ada&password={secret}".encode()),
        "JSON": _json({"user": "ada", "password": secret}),
        "nested JSON": _json([{"login": {"clientSecret": secret}}]),
    }


PLACES = tuple(_places_of(""))


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("sent", [*ABSENT, "s3cret-of-today"])
def test_placeholder_stands_for_any_value(place: str, sent: str) -> None:
    index = _index([_places_of("Redacted-password-1")[place]])
    assert _taken(index, _places_of(sent)[place]) == 0


@pytest.mark.parametrize(
    ("name", "recorded", "sent"),
    [
        ("X-Api-Key", "Redacted-key-1", ""),
        ("X-Api-Key", "Redacted-key-1", "12345"),
        ("Cookie", "sessionid=Redacted-cookie-1", "sessionid="),
        ("Cookie", "theme=Redacted-cookie-1; sid=Redacted-cookie-2", "theme=a; sid=b"),
    ],
)
def test_placeholder_beside_another_stands_for_any_value(
    name: str, recorded: str, sent: str
) -> None:
    token = "Authorization"
    both = Request("GET", URL, ((token, "Bearer Redacted-token-1"), (name, recorded)))
    assert _taken(_index([both]), Request("GET", URL, ((token, "Bearer a"), (name, sent)))) == 0


@pytest.mark.parametrize("sent", [None, 0, 12345])
def test_placeholder_stands_for_a_secret_that_is_no_text(sent: Json) -> None:
    index = _index([_json({"password": "Redacted-password-1"})])
    assert _taken(index, _json({"password": sent})) == 0


@pytest.mark.parametrize("place", PLACES)
def test_what_was_recorded_in_plain_has_to_be_sent(place: str) -> None:
    """What was too weak to be replaced is part of the call: a wrong password is another."""
    index = _index([_places_of("wrong")[place]])
    assert _taken(index, _places_of("right")[place]) is None
    assert _taken(index, _places_of("wrong")[place]) == 0


@pytest.mark.parametrize("place", PLACES)
def test_exact_value_goes_before_a_placeholder(place: str) -> None:
    recorded = [_places_of(secret)[place] for secret in ("Redacted-password-1", "wrong")]
    index = _index(recorded)
    assert _taken(index, _places_of("wrong")[place]) == 1
    assert _taken(index, _places_of("right")[place]) == 0


@pytest.mark.parametrize("place", PLACES)
def test_secret_that_is_left_out_is_another_call(place: str) -> None:
    recorded = _places_of("Redacted-password-1")[place]
    bare = Request(recorded.method, URL, tuple(h for h in recorded.headers if h in JSON + FORM))
    assert _taken(_index([recorded]), bare) is None


@pytest.mark.parametrize(
    ("recorded", "sent"),
    [
        (True, "text"),
        ("Redacted-password-1", True),
        (123, "123"),
        (None, "text"),
        ("text", None),
        ({"a": 1}, "text"),
    ],
)
def test_kind_of_a_json_secret_counts(recorded: Json, sent: Json) -> None:
    assert _taken(_index([_json({"password": recorded})]), _json({"password": sent})) is None


_owners = st.lists(st.integers(0, 2), min_size=1, max_size=10)


@SOME
@given(_owners)
def test_calls_in_recorded_order_are_answered_in_recorded_order(owners: list[int]) -> None:
    index = _index([_bearer(f"Redacted-token-{owner + 1}") for owner in owners])
    assert [_taken(index, _bearer(f"value of {n}")) for n in owners] == [*range(len(owners))]


@SOME
@given(st.integers(1, 4), st.integers(2, 3), st.randoms(use_true_random=False))
def test_two_users_stay_two(calls: int, users: int, chance: random.Random) -> None:
    """However their calls mix, all of one user's are answered as those of one recorded user."""
    recorded = [n for n in range(users) for _ in range(calls)]
    index = _index([_bearer(f"Redacted-token-{owner + 1}") for owner in recorded])
    order = list(recorded)
    chance.shuffle(order)
    answered: dict[int, set[int]] = {}
    for user in order:
        position = _taken(index, _bearer(f"value of {user}"))
        assert position is not None
        answered.setdefault(user, set()).add(recorded[position])
    assert all(len(owners) == 1 for owners in answered.values())
    assert len(set.union(*answered.values())) == users


def test_what_one_call_showed_holds_for_others() -> None:
    """The log-in names the user; the placeholder of its answer then means that user's token."""
    recorded = [
        _json({"user": "ada", "password": "Redacted-password-1"}),
        _json({"user": "bob", "password": "Redacted-password-2"}),
        _json({"password": "Redacted-password-1"}),
        _json({"password": "Redacted-password-2"}),
    ]
    index = _index(recorded)
    assert _taken(index, _json({"user": "bob", "password": "bob's"})) == 1
    assert _taken(index, _json({"user": "ada", "password": "ada's"})) == 0
    assert _taken(index, _json({"password": "bob's"})) == 3
    assert _taken(index, _json({"password": "ada's"})) == 2


def test_call_made_more_often_than_recorded_mixes_up_nobody() -> None:
    """It is answered with what is left, and whose token is whose stays as it was."""
    recorded = [
        *(_bearer(f"Redacted-token-{n}") for n in (1, 2, 2)),
        *(_bearer(f"Redacted-token-{n}", "/orders") for n in (1, 2)),
    ]
    index = _index(recorded)
    assert [_taken(index, _bearer(token)) for token in ("ada's", "bob's", "ada's")] == [0, 1, 2]
    assert _taken(index, _bearer("bob's", "/orders")) == 4
    assert _taken(index, _bearer("ada's", "/orders")) == 3


def test_one_dummy_may_stand_for_two_secrets() -> None:
    """Where the environment lacks both, a suite often falls back to one value."""
    index = _index([_bearer("Redacted-token-1"), _bearer("Redacted-token-2")])
    assert [_taken(index, _bearer("dummy")) for _ in range(3)] == [0, 1, None]


@SOME
@given(
    st.dictionaries(st.text(max_size=3), json_values, max_size=3),
    st.randoms(use_true_random=False),
)
def test_key_order_means_nothing_among_secrets(
    rest: dict[str, Json], chance: random.Random
) -> None:
    value: Json = {
        **rest,
        "ada": {"password": "one"},
        "bob": {"password": "two"},
        "api_key": "three",
    }
    assert _taken(_index([_json(value)]), _json(shuffled(value, chance))) == 0


def test_key_order_does_not_mix_up_two_users() -> None:
    def pair(first: str, second: str) -> Request:
        return _json({"change": {"old": {"password": first}, "new": {"password": second}}})

    swapped = _json({"change": {"new": {"password": "b"}, "old": {"password": "a"}}})
    index = _index(
        [
            pair("Redacted-password-1", "Redacted-password-2"),
            _json({"password": "Redacted-password-2"}),
            _json({"password": "Redacted-password-1"}),
        ]
    )
    assert _taken(index, swapped) == 0
    assert _taken(index, _json({"password": "a"})) == 2
    assert _taken(index, _json({"password": "b"})) == 1


@pytest.mark.parametrize(
    "headers",
    [
        (("Authorization", "Bearer one"), ("X-Api-Key", "b")),
        (("X-Api-Key", "b"), ("Authorization", "Bearer one")),
        (("x-api-key", "b"), ("authorization", "Bearer one"), ("Accept-Encoding", "gzip")),
    ],
)
def test_header_order_means_nothing_among_secrets(headers: Headers) -> None:
    recorded = (("Authorization", "Bearer one"), ("X-Api-Key", "Redacted-key-1"))
    assert _taken(_index([Request("GET", URL, recorded)]), Request("GET", URL, headers)) == 0


# --- values that are known --------------------------------------------------------------------


@pytest.mark.parametrize("template", ["/reset/{}", "/a?note={}", "/{}/b?c={}"])
def test_known_value_matches_its_placeholder_anywhere(template: str) -> None:
    known = Vault([("token", "S3cr3t-v4lue")])
    recorded = Request("GET", URL + template.replace("{}", "Redacted-token-1"))
    sent = Request("GET", URL + template.replace("{}", "S3cr3t-v4lue"))
    assert _taken(_index([recorded], known), sent) == 0
    assert _taken(_index([recorded], Vault()), recorded) == 0


@MANY
@given(requests)
def test_secrets_are_taken_out_once(request: Request) -> None:
    emptied = without_secrets(request, Scrubber(Vault()))
    assert without_secrets(emptied, Scrubber(Vault())) == emptied
    assert split_request(request, Scrubber(Vault()), NOW) == split_request(
        request, Scrubber(Vault()), NOW
    )


@pytest.mark.parametrize(
    ("value", "is_one"),
    [
        ("Redacted-token-1", True),
        ("Redacted-password-120", True),
        ("Redacted-token-", False),
        ("Bearer Redacted-token-1", False),
        ("redacted", False),
        ("", False),
        (None, False),
    ],
)
def test_placeholder_is_known_by_its_form(value: str | None, is_one: bool) -> None:
    assert is_placeholder(value) == is_one


# --- legacy, and odd cassettes ----------------------------------------------------------------


def test_legacy_cassette_answers_whatever_headers_and_body() -> None:
    index = _index([_json({"a": 1}), _bearer("Redacted-token-1", "")], legacy=True)
    assert _taken(index, Request("POST", URL, (), b"b")) == 0
    assert _taken(index, Request("GET", URL)) == 1


@pytest.mark.parametrize("uri", ["http://[::1", "http://[a/", "//[", "http://a℀b/"])
@pytest.mark.parametrize("legacy", [True, False])
def test_uri_that_is_none_is_our_error_or_is_not_called(uri: str, legacy: bool) -> None:
    text = f"version: 1\ninteractions:\n- request: {{method: GET, uri: '{uri}'}}\n"
    text += "  response: {status: {code: 200}}\n"
    try:
        cassette = parse(text, Path("a.yaml"))
    except CassetteError:
        return
    index = _index_of(cassette.interactions, Vault(), legacy)
    assert index.take_matching(Request("GET", URL), NOW) is None
