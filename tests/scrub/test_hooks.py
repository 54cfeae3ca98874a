"""The project's hook, interactions that replace earlier ones, and unsupported content codings."""

from __future__ import annotations

import gzip
import hashlib
import json

import pytest

from pytest_reprise import content_codings
from pytest_reprise.errors import Unscrubbed
from pytest_reprise.exchange import Interaction, Request, Response
from pytest_reprise.scrub.content import compression
from pytest_reprise.scrub.replace.vault import Vault
from pytest_reprise.scrub.rules.ruleset import Rules
from pytest_reprise.scrub.scrubber import Hook, Scrubber

from ..harness.strategies import Json

JSON = (("Content-Type", "application/json"),)
SECRET = "hunter2" * 4
OTHER = "open5esame-4-all"


def _call(url: str, value: Json = None, sent: Json = None) -> Interaction:
    answer = Response(200, "OK", JSON, json.dumps(value).encode())
    body = b"" if sent is None else json.dumps(sent).encode()
    return Interaction(Request("POST", f"http://api.test/{url}", JSON, body), answer)


def _body(interaction: Interaction) -> bytes:
    assert isinstance(interaction.outcome, Response)
    return interaction.outcome.body


def _signature(body: bytes) -> str:
    return hashlib.sha256(b"dummy" + body).hexdigest()


def _sign(interaction: Interaction, _learn: object) -> Interaction:
    assert isinstance(interaction.outcome, Response)
    headers = (*JSON, ("X-Seal", _signature(interaction.outcome.body)))
    return interaction._replace(outcome=interaction.outcome._replace(headers=headers))


def _is_signed(interaction: Interaction) -> bool:
    assert isinstance(interaction.outcome, Response)
    return ("X-Seal", _signature(interaction.outcome.body)) in interaction.outcome.headers


# --- a hook -----------------------------------------------------------------------------------


def test_hook_is_called_again_for_late_changes() -> None:
    """Otherwise a signature that it made would not match the body."""
    scrubber = Scrubber(Vault(), hook=_sign)
    early = scrubber.scrub([_call("a", {"said": SECRET}), _call("b", {"said": "nothing"})])
    assert all(map(_is_signed, early))
    scrubber.scrub([_call("c", {"password": SECRET})])
    late = scrubber.scrub_again(early)
    assert SECRET not in str(late)
    assert all(map(_is_signed, late))
    assert late[1] == early[1]
    assert scrubber.scrub_again(late) == late


def test_hook_that_always_learns_is_stopped() -> None:
    learned: list[str] = []

    def teach(interaction: Interaction, learn: object) -> Interaction:
        assert callable(learn)
        learned.append(f"lesson-number-{len(learned)}")
        learn("lesson", learned[-1])
        return interaction

    hook: Hook = teach
    assert Scrubber(Vault(), hook=hook).scrub([_call("a")])
    assert len(learned) < 10


def test_hook_cannot_bring_back_a_secret() -> None:
    def bring_back(interaction: Interaction, _learn: object) -> Interaction:
        answer = Response(200, "OK", JSON, json.dumps({"said": SECRET}).encode())
        return interaction._replace(outcome=answer)

    made = Scrubber(Vault(), hook=bring_back).scrub([_call("a", {"password": SECRET})])
    assert _body(made[0]) == b'{"said": "redactedpassword1aaaaaaaaaaa"}'


# --- interactions of an earlier recording -----------------------------------------------------


def _log_in(name: str, token: str, path: str = "login") -> Interaction:
    return _call(path, {"access_token": token}, sent={"name": name})


OLD = [_log_in("ada", "Redacted-token-4"), _log_in("bob", "Redacted-token-9")]


def _tokens(scrubber: Scrubber, new: list[Interaction], keeps_unpaired: bool) -> list[str]:
    earlier = scrubber.earlier_recording(OLD, keeps_unpaired)
    scrubber.reserve_placeholders(OLD)
    scrubbed = scrubber.scrub(new, [earlier.take(interaction) for interaction in new])
    return [json.loads(_body(interaction))["access_token"] for interaction in scrubbed]


def test_pairs_by_order_if_none_is_kept() -> None:
    new = [_log_in("eve", SECRET), _log_in("bob", OTHER), _log_in("ada", SECRET + "!")]
    tokens = ["Redacted-token-4", "Redacted-token-9", "redactedtoken1aaaaaaaaaaaaaaa"]
    assert _tokens(Scrubber(Vault()), new, keeps_unpaired=False) == tokens


def test_pairs_only_equal_requests_if_others_are_kept() -> None:
    new = [_log_in("eve", SECRET), _log_in("bob", OTHER)]
    tokens = ["redactedtoken1aaaaaaaaaaaaaa", "Redacted-token-9"]
    assert _tokens(Scrubber(Vault()), new, keeps_unpaired=True) == tokens


def test_secret_learned_before_writing_keeps_its_placeholder() -> None:
    """A secret gets the same placeholder in a log record as later in the cassette."""
    scrubber = Scrubber(Vault())
    earlier = scrubber.earlier_recording(OLD)
    scrubber.reserve_placeholders(OLD)
    new = [_log_in("ada", SECRET), _log_in("bob", OTHER)]
    old = [earlier.take(interaction) for interaction in new]
    for interaction, was in zip(new, old, strict=True):
        scrubber.learn(interaction, was)
    assert scrubber.scrub_text(f"{SECRET} {OTHER}") == "Redacted-token-4 Redacted-token-9"
    assert scrubber.scrub(new, old) == tuple(OLD)


@pytest.mark.parametrize("path", ["shops/{}/open", "reset/{}", "a/{}/b/{}"])
def test_secret_in_a_path_keeps_its_placeholder(path: str) -> None:
    """A secret that is known from the environment, or found by the segment before it."""
    value = "0f9d8c7b6a5e4d3c2b1a0f9e8d"
    scrubber = Scrubber(Vault([("token", value)]), Rules())
    old = _call(path.replace("{}", "Redacted-token-7"))
    new = _call(path.replace("{}", value))
    earlier = scrubber.earlier_recording([old])
    assert scrubber.scrub([new], [earlier.take(new)]) == (old,)


# --- content codings without a package --------------------------------------------------------


@pytest.fixture(name="closed")
def fixture_closed(monkeypatch: pytest.MonkeyPatch) -> Interaction:
    """An interaction with a content coding whose package is not installed."""
    for module in (compression, content_codings):
        monkeypatch.setattr(module, "package", lambda _name: None)
    headers = (*JSON, ("Content-Encoding", "br"))
    return Interaction(
        Request("GET", "http://api.test/a"), Response(200, "OK", headers, b"\x0b\x01\x80{}\x03")
    )


def test_body_that_cannot_be_decompressed_is_not_written(closed: Interaction) -> None:
    with pytest.raises(
        Unscrubbed, match=r"interaction 2, GET /a: cannot decompress its body, which is in br"
    ):
        Scrubber(Vault()).scrub([_call("b"), closed])


def test_body_that_cannot_be_decompressed_can_be_learned_from(closed: Interaction) -> None:
    """Reports are still shown, and an old cassette can be recorded again."""
    scrubber = Scrubber(Vault())
    with_header = closed._replace(request=closed.request._replace(headers=(("X-Api-Key", SECRET),)))
    scrubber.learn(with_header)
    assert scrubber.scrub_text(SECRET) == "redactedkey1aaaaaaaaaaaaaaaa"
    new = _call("a", {"password": OTHER})
    earlier = scrubber.earlier_recording([closed])
    assert scrubber.scrub([new], [earlier.take(new)])


def test_body_with_wrong_coding_is_scrubbed_as_text() -> None:
    headers = (*JSON, ("Content-Encoding", "gzip"))
    for body in (b'{"password": "hunter2-hunter2"}', gzip.compress(b"{}")[:9]):
        found = Interaction(Request("GET", "http://api.test/"), Response(200, "", headers, body))
        (scrubbed,) = Scrubber(Vault()).scrub([found])
        assert SECRET.encode() not in _body(scrubbed)
