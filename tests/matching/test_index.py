"""Which interaction answers a request: each once, in recorded order, placeholders for any value."""

from __future__ import annotations

import base64
import json
import random
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from pytest_reprise.cassette.load import parse
from pytest_reprise.errors import CassetteError
from pytest_reprise.exchange import Headers, Interaction, Request, Response
from pytest_reprise.matching import search
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
    """An index in which the response at position n has the status n."""
    interactions = tuple(Interaction(r, Response(n)) for n, r in enumerate(recorded))
    return _index_of(interactions, Vault() if vault is None else vault, legacy)


def _index_of(interactions: tuple[Interaction, ...], vault: Vault, legacy: bool) -> Index:
    matching = LEGACY if legacy else BY_MEANING
    scrubber = Scrubber(vault)
    search = Search(interactions, lambda: scrubber, NOW, matching)
    return Index(interactions, lambda: search, by_bytes=not legacy)


def _taken(index: Index, request: Request) -> int | None:
    """Return the position of the interaction that answers, or None."""
    found = index.take_matching(request, NOW)
    if found is None:
        return None
    assert isinstance(found.outcome, Response)
    return found.outcome.status


def _bearer(token: str, path: str = "/me") -> Request:
    return Request("GET", URL + path, (("Authorization", f"Bearer {token}"),))


def _json(value: Json) -> Request:
    return Request("POST", URL, JSON, json.dumps(value).encode())


# --- compared with a model --------------------------------------------------------------------

_POOL = (
    Request("GET", URL),
    Request("GET", URL + "?a=1&b=2"),
    Request("GET", URL + "?b=2&a=1"),
    Request("POST", URL, JSON, b'{"a":1,"b":2}'),
    Request("POST", URL, JSON, b'{"b": 2, "a": 1}'),
    Request("POST", URL, JSON, b'{"a":2}'),
    Request("POST", URL, JSON, b'{"a": 1, "b": 2}'),
    Request("GET", URL, (("User-Agent", "a"),)),
    Request("GET", URL, (("X-Trace", "a"),)),
    Request("GET", URL, (("Accept", "a/b"),)),
    Request("DELETE", URL),
)


class _AgainstModel(RuleBasedStateMachine):
    """Without secrets, the first unplayed interaction with the same key answers, and no other.

    Also where a later one has the same bytes.
    """

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
        equal = [n for n in self.left if self.key(self.recorded[n]) == self.key(request)]
        expected = next(iter(equal), None)
        assert _taken(self.index, request) == expected
        if expected is not None:
            self.left.remove(expected)

    @rule(request=st.sampled_from(_POOL))
    def is_played_out(self, request: Request) -> None:
        known = {self.key(r) for r in self.recorded}
        assert bool(self.index.answers(request, NOW).recorded) == (self.key(request) in known)

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
def test_each_recorded_request_gets_an_interaction_in_any_order(
    recorded: list[Request], generator: random.Random
) -> None:
    index = _index(recorded)
    order = list(recorded)
    generator.shuffle(order)
    taken = [_taken(index, request) for request in order]
    assert sorted(n for n in taken if n is not None) == list(range(len(recorded)))
    assert index.unplayed(among_first=len(recorded)) == ()


# --- recorded order ---------------------------------------------------------------------------

SPACED, COMPACT = (Request("POST", URL, JSON, body) for body in (b'{"a": 1}', b'{"a":1}'))


def _with_header(request: Request, name: str, value: str) -> Request:
    return request._replace(headers=(*request.headers, (name, value)))


@pytest.mark.parametrize(
    ("recorded", "sent"),
    [
        pytest.param([SPACED, COMPACT], [COMPACT, COMPACT], id="body"),
        pytest.param([SPACED, COMPACT], [COMPACT, SPACED], id="swapped"),
        pytest.param(
            [Request("GET", f"{URL}?{query}") for query in ("a=1&b=2", "b=2&a=1")],
            [Request("GET", f"{URL}?b=2&a=1")] * 2,
            id="query",
        ),
        pytest.param(
            [_with_header(SPACED, "X-Trace", value) for value in "ab"],
            [_with_header(SPACED, "X-Trace", "b")] * 2,
            id="header",
        ),
        pytest.param(
            [SPACED, COMPACT],
            [_with_header(COMPACT, "X-Trace", "a")] * 2,
            id="not a recorded one by its bytes",
        ),
    ],
)
def test_recorded_order_decides_and_not_the_bytes(
    recorded: list[Request], sent: list[Request]
) -> None:
    index = _index(recorded)
    assert [_taken(index, request) for request in sent] == [0, 1]


@pytest.mark.parametrize("place", ["bearer", "header", "cookie", "query", "JSON"])
def test_bytes_decide_between_two_users(place: str) -> None:
    """Their requests have equal keys, but two tokens. A replayed log-in has returned them."""
    recorded = [_places_of(f"Redacted-password-{n}")[place] for n in (1, 2)]
    assert _taken(_index(recorded), recorded[1]) == 1


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
def test_placeholder_matches_any_value(place: str, sent: str) -> None:
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
def test_placeholder_next_to_another_matches_any_value(name: str, recorded: str, sent: str) -> None:
    token = "Authorization"
    both = Request("GET", URL, ((token, "Bearer Redacted-token-1"), (name, recorded)))
    assert _taken(_index([both]), Request("GET", URL, ((token, "Bearer a"), (name, sent)))) == 0


@pytest.mark.parametrize("sent", [None, 0, 12345])
def test_placeholder_matches_a_secret_that_is_not_text(sent: Json) -> None:
    index = _index([_json({"password": "Redacted-password-1"})])
    assert _taken(index, _json({"password": sent})) == 0


@pytest.mark.parametrize("place", PLACES)
def test_recorded_value_matches_only_itself(place: str) -> None:
    """A value that was too weak to be replaced must be equal: a wrong password is another call."""
    index = _index([_places_of("wrong")[place]])
    assert _taken(index, _places_of("right")[place]) is None
    assert _taken(index, _places_of("wrong")[place]) == 0


@pytest.mark.parametrize("place", PLACES)
def test_equal_value_is_preferred_to_a_placeholder(place: str) -> None:
    recorded = [_places_of(secret)[place] for secret in ("Redacted-password-1", "wrong")]
    index = _index(recorded)
    assert _taken(index, _places_of("wrong")[place]) == 1
    assert _taken(index, _places_of("right")[place]) == 0


@pytest.mark.parametrize("place", PLACES)
def test_request_without_the_secret_does_not_match(place: str) -> None:
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
def test_json_secret_of_another_kind_does_not_match(recorded: Json, sent: Json) -> None:
    assert _taken(_index([_json({"password": recorded})]), _json({"password": sent})) is None


_owners = st.lists(st.integers(0, 2), min_size=1, max_size=10)


@SOME
@given(_owners)
def test_requests_in_recorded_order_get_interactions_in_that_order(owners: list[int]) -> None:
    index = _index([_bearer(f"Redacted-token-{owner + 1}") for owner in owners])
    assert [_taken(index, _bearer(f"value of {n}")) for n in owners] == [*range(len(owners))]


@SOME
@given(
    st.lists(st.sampled_from([b'{"a":1}', b'{"a": 1}', b'{"b":2}']), min_size=1, max_size=8),
    st.lists(st.tuples(st.sampled_from([b'{"a":1}', b'{"b":2}']), st.booleans()), max_size=20),
)
def test_an_interaction_that_is_given_back_is_the_next_to_answer(
    recorded: list[bytes], sent: list[tuple[bytes, bool]]
) -> None:
    index = _index([Request("POST", URL, JSON, body) for body in recorded])
    left = {key: [n for n, body in enumerate(recorded) if json.loads(body) == json.loads(key)]
            for key in {body for body, _ in sent}}  # fmt: skip
    played = set[int]()
    for body, gives_back in sent:
        expected = left[body][0] if left[body] else None
        assert _taken(index, Request("POST", URL, JSON, body)) == expected
        played |= {expected} if expected is not None else set()
        if expected is not None and gives_back:
            index.give_back()
        elif expected is not None:
            left[body].pop(0)
    assert len(index.unplayed(len(recorded))) == len(recorded) - len(played)


def test_a_repeated_interaction_can_be_given_back() -> None:
    """It still counts as played, so that no interaction is left that was never played."""
    request = Request("GET", URL)
    interactions = (Interaction(request, Response(0)),)
    search = Search(interactions, lambda: Scrubber(Vault()), NOW, repeats=True)
    index = Index(interactions, lambda: search)
    assert [_taken(index, request) for _ in range(2)] == [0, 0]

    index.give_back()

    assert _taken(index, request) == 0


@given(st.integers(1, 4), st.integers(2, 3), st.randoms(use_true_random=False))
def test_users_are_not_mixed_up(calls: int, users: int, generator: random.Random) -> None:
    """In any order of requests, all of one user get the responses of one recorded user."""
    recorded = [n for n in range(users) for _ in range(calls)]
    index = _index([_bearer(f"Redacted-token-{owner + 1}") for owner in recorded])
    order = list(recorded)
    generator.shuffle(order)
    answered: dict[int, set[int]] = {}
    for user in order:
        position = _taken(index, _bearer(f"value of {user}"))
        assert position is not None
        answered.setdefault(user, set()).add(recorded[position])
    assert all(len(owners) == 1 for owners in answered.values())
    assert len(set.union(*answered.values())) == users


def test_value_of_a_placeholder_is_remembered_for_other_requests() -> None:
    """The log-in contains the name of the user; its placeholder then means that user's password."""
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


def test_request_made_too_often_does_not_mix_up_users() -> None:
    """It gets what is left, and no placeholder changes its user."""
    recorded = [
        *(_bearer(f"Redacted-token-{n}") for n in (1, 2, 2)),
        *(_bearer(f"Redacted-token-{n}", "/orders") for n in (1, 2)),
    ]
    index = _index(recorded)
    assert [_taken(index, _bearer(token)) for token in ("ada's", "bob's", "ada's")] == [0, 1, 2]
    assert _taken(index, _bearer("bob's", "/orders")) == 4
    assert _taken(index, _bearer("ada's", "/orders")) == 3


def test_one_dummy_value_matches_two_placeholders() -> None:
    """If the environment has neither secret, a suite often uses one default for both."""
    index = _index([_bearer("Redacted-token-1"), _bearer("Redacted-token-2")])
    assert [_taken(index, _bearer("dummy")) for _ in range(3)] == [0, 1, None]


@SOME
@given(
    st.dictionaries(st.text(max_size=3), json_values, max_size=3),
    st.randoms(use_true_random=False),
)
def test_order_of_json_keys_is_ignored_for_secrets(
    rest: dict[str, Json], generator: random.Random
) -> None:
    value: Json = {
        **rest,
        "ada": {"password": "one"},
        "bob": {"password": "two"},
        "api_key": "three",
    }
    assert _taken(_index([_json(value)]), _json(shuffled(value, generator))) == 0


def test_order_of_json_keys_does_not_mix_up_users() -> None:
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
def test_order_of_headers_is_ignored_for_secrets(headers: Headers) -> None:
    recorded = (("Authorization", "Bearer one"), ("X-Api-Key", "Redacted-key-1"))
    assert _taken(_index([Request("GET", URL, recorded)]), Request("GET", URL, headers)) == 0


# --- known secrets ----------------------------------------------------------------------------


@pytest.mark.parametrize("template", ["/reset/{}", "/a?note={}", "/{}/b?c={}"])
def test_known_secret_matches_its_placeholder_anywhere(template: str) -> None:
    known = Vault([("token", "S3cr3t-v4lue")])
    recorded = Request("GET", URL + template.replace("{}", "Redacted-token-1"))
    sent = Request("GET", URL + template.replace("{}", "S3cr3t-v4lue"))
    assert _taken(_index([recorded], known), sent) == 0
    assert _taken(_index([recorded], Vault()), recorded) == 0


@MANY
@given(requests)
@example(Request("GET", URL, (("SECRET", ""),)))
def test_request_without_secrets_stays_the_same(request: Request) -> None:
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
        ("redacted", True),
        ("AUTHORIZATION-XXX", True),
        ("red", False),
        ("", False),
        (None, False),
    ],
)
def test_placeholder_is_recognised_by_its_form(value: str | None, is_one: bool) -> None:
    assert is_placeholder(value) == is_one


# --- legacy, and odd cassettes ----------------------------------------------------------------


def test_legacy_cassette_ignores_headers_and_body() -> None:
    index = _index([_json({"a": 1}), _bearer("Redacted-token-1", "")], legacy=True)
    assert _taken(index, Request("POST", URL, (), b"b")) == 0
    assert _taken(index, Request("GET", URL)) == 1


@pytest.mark.parametrize("uri", ["http://[::1", "http://[a/", "//[", "http://a℀b/"])
@pytest.mark.parametrize("legacy", [True, False])
def test_invalid_uri_is_our_error_or_never_matches(uri: str, legacy: bool) -> None:
    text = f"version: 1\ninteractions:\n- request: {{method: GET, uri: '{uri}'}}\n"
    text += "  response: {status: {code: 200}}\n"
    try:
        cassette = parse(text, Path("a.yaml"))
    except CassetteError:
        return
    index = _index_of(cassette.interactions, Vault(), legacy)
    assert index.take_matching(Request("GET", URL), NOW) is None


def test_patterns_for_absent_secrets_are_made_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A suite without its secrets searches for each request among all recorded ones."""
    made: list[str] = []
    pattern = search._pattern

    def make(text: str, value: str) -> str:
        made.append(text)
        return pattern(text, value)

    monkeypatch.setattr(search, "_pattern", make)

    def hook(token: str, number: int) -> Request:
        return Request("POST", f"http://api.test/hooks/{token}/items/{number}", (), b"{}")

    count = 40
    index = _index([hook("RedactedToken1AAAAAAAAAAAAAAAAAAA", n) for n in range(count)])
    for number in reversed(range(count)):
        sent = hook("dummy", number)
        assert index.take_matching(sent, NOW) is None
        found = index.take_by_wildcard(sent, NOW)
        assert found is not None
        assert found.outcome == Response(number)
    assert len(made) <= 2 * count
