"""Secrets with a structure: JWT, PEM, JSON, base64 of text, and credentials with a scope."""

from __future__ import annotations

import base64
import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_reprise.exchange import Interaction, Request, Response
from pytest_reprise.scrub.replace.placeholders import is_whole_placeholder, placeholders_in
from pytest_reprise.scrub.replace.vault import Vault
from pytest_reprise.scrub.scrubber import Scrubber

from ..harness import chance
from ..harness.strategies import SOME

JSON = (("Content-Type", "application/json"),)
_USER_CLAIMS = {"sub": "auth0|65f1c0ffee", "email": "ada@shop.example", "exp": 4102444800}


def _part(document: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(document).encode()).decode().rstrip("=")


def _jwt(claims: object, signature: str | None = None) -> str:
    signature = chance.token_urlsafe(32) if signature is None else signature
    return f"{_part({'alg': 'RS256', 'typ': 'JWT'})}.{_part(claims)}.{signature}"


def _decoded(part: str) -> bytes:
    """Decode base64url, and refuse all other characters."""
    assert re.fullmatch("[A-Za-z0-9_-]*", part)
    return base64.b64decode(part + "=" * (-len(part) % 4), altchars=b"-_", validate=True)


def _claims(token: str) -> dict[str, Any]:
    header, claims, signature = map(_decoded, token.split("."))
    assert json.loads(header) == {"alg": "RS256", "typ": "JWT"}
    assert signature is not None
    found: dict[str, Any] = json.loads(claims)
    return found


def _answered(*bodies: object) -> list[Interaction]:
    return [
        Interaction(Request("GET", "http://api.test/x"), Response(200, "", JSON, _body(body)))
        for body in bodies
    ]


def _body(body: object) -> bytes:
    return json.dumps(body).encode()


def _scrubbed(*bodies: object, vault: Vault | None = None) -> list[Any]:
    scrubber = Scrubber(vault or Vault())
    found = scrubber.scrub(_answered(*bodies))
    assert Scrubber(Vault()).scrub(found) == found
    assert Scrubber(Vault(), from_files=True).scrub(found) == found
    assert scrubber.scrub(found) == found
    return [json.loads(each.outcome.body) for each in found if isinstance(each.outcome, Response)]


# --- JWT --------------------------------------------------------------------------------------

_texts = st.text(max_size=30)
_claim_sets = st.dictionaries(
    st.sampled_from("sub email name jti nonce iss aud scope roles exp iat org".split()),
    _texts | st.integers() | st.booleans() | st.lists(_texts, max_size=3) | st.none(),
    max_size=6,
)


@given(_claim_sets, st.binary(min_size=0, max_size=64))
@SOME
def test_jwt_can_be_decoded(claims: dict[str, Any], signature: bytes) -> None:
    encoded = base64.urlsafe_b64encode(signature).decode().rstrip("=")
    vault = Vault()
    made = vault.placeholder_for("token", _jwt(claims, encoded), False, lambda _claim: False)
    found = _claims(made)
    assert list(found) == list(claims)
    assert {n: c for n, c in found.items() if not isinstance(c, (str, list))} == {
        n: c for n, c in claims.items() if not isinstance(c, (str, list))
    }
    assert {n: found[n] for n in ("iss", "aud", "scope") if n in found} == {
        n: claims[n] for n in ("iss", "aud", "scope") if n in claims
    }
    if len(encoded) >= 9:
        assert len(made.split(".")[2]) == len(encoded)
    assert "eyJ" not in made
    assert is_whole_placeholder(made)
    assert Vault().placeholder_for("token", made) == made


def test_claims_that_stand_elsewhere_stay() -> None:
    """In the same answer, in another one, and escaped in a URL."""
    user = {"id": _USER_CLAIMS["sub"], "email": _USER_CLAIMS["email"]}
    for others in ([user], [{"me": "http://api.test/users/auth0%7C65f1c0ffee?e=ada@shop.example"}]):
        token = _jwt({**_USER_CLAIMS, "jti": "a8Fz9aF0bX21kZa8Fz9a"})
        answer, *_ = _scrubbed({"access_token": token}, *others)
        claims = _claims(answer["access_token"])
        assert {**claims, "jti": ""} == {**_USER_CLAIMS, "jti": ""}
        assert claims["jti"] != "a8Fz9aF0bX21kZa8Fz9a"
        assert len(claims["jti"]) == 20


def test_claims_that_stand_nowhere_else_are_replaced_in_their_form() -> None:
    vault = Vault()
    [one, two, _] = _scrubbed(
        {"access_token": _jwt({**_USER_CLAIMS, "sub": "user-k1z9q8w7e6r5"})},
        {"id_token": _jwt({**_USER_CLAIMS, "sub": "user-k1z9q8w7e6r5"})},
        {"access_token": _jwt({"sub": "user-zzz9q8w7e6r5"})},
        vault=vault,
    )
    claims = _claims(one["access_token"])
    assert claims == _claims(two["id_token"])
    assert re.fullmatch("user-[a-z0-9]{12}", claims["sub"])
    assert claims["sub"] != "user-k1z9q8w7e6r5"
    assert re.fullmatch(r"[^@\s]+@[^@\s]+\.\w+", claims["email"])
    assert "ada" not in claims["email"]
    # What a later cassette of the run holds is still equal.
    [later] = _scrubbed({"id": "user-k1z9q8w7e6r5"}, vault=vault)
    assert later["id"] == claims["sub"]


@pytest.mark.parametrize("claim", ["ada@shop.example", "Ada Lovelace", "acme-corp-eu-west"])
def test_claims_that_tests_know_are_replaced_in_the_token_only(claim: str) -> None:
    """A later test compares them with the address or the name that it knows."""
    vault = Vault()
    [token] = _scrubbed({"access_token": _jwt({"user": claim})}, vault=vault)
    assert _claims(token["access_token"])["user"] != claim
    assert _scrubbed({"user": claim}, vault=vault) == [{"user": claim}]


def test_a_log_shows_no_claim() -> None:
    shown = Scrubber(Vault()).scrub_log(f"got {_jwt(_USER_CLAIMS)}")
    token = shown.removeprefix("got ")
    assert "auth0" not in str(_claims(token))


@pytest.mark.parametrize("start", ["r_", "x13_", "eyr-", "yr-ADPON-", "HGZZK_"])
def test_signature_that_begins_like_a_prefix_keeps_none(start: str) -> None:
    """Base64url may begin so by chance: the placeholder would not be recognised in a URL."""
    token = _jwt({"exp": 1}, f"{start}C85DUwAw3azQayfOaz1ZBzI35DrKIBMiY1jHu6rzM")
    made = Vault().placeholder_for("token", token, False, lambda _claim: False)
    assert made.rpartition(".")[2].startswith("RedactedJwt1A")
    assert [found[0] for found in placeholders_in(f"http://api.test/x?id=7&auth={made}")] == [made]


def test_jwt_that_is_recorded_again_keeps_its_placeholders() -> None:
    claims = {"sub": "user-k1z9q8w7e6r5", "jti": "a8Fz9aF0bX21kZa8Fz9a", "iat": 1}
    again = {**claims, "jti": "b8Fz9aF0bX21kZa8Fz9b", "iat": 2}
    first = {"access_token": _jwt({"sub": "another-user-4711"})}
    old = Scrubber(Vault()).scrub(_answered(first, {"access_token": _jwt(claims)}))
    new = Scrubber(Vault()).scrub(
        _answered({"access_token": _jwt(again)}, {"access_token": _jwt(first)}), [old[1], None]
    )
    assert isinstance(old[1].outcome, Response)
    assert isinstance(new[0].outcome, Response)
    before, now = (json.loads(o.body)["access_token"] for o in (old[1].outcome, new[0].outcome))
    assert before.split(".")[2] == now.split(".")[2]
    assert {**_claims(before), "iat": 0} == {**_claims(now), "iat": 0}


# --- others -----------------------------------------------------------------------------------


def test_signed_cookie_and_encrypted_token_keep_their_public_part() -> None:
    payload, header = _part({"user": 7, "csrf": "0f" * 20}), _part({"alg": "dir", "enc": "A256GCM"})
    cookie = f"{payload}.aBcDeF.{chance.token_urlsafe(20)}"
    made = Vault().placeholder_for("cookie", cookie)
    assert json.loads(_decoded(made.split(".")[0]))["user"] == 7
    assert "0f0f" not in str(_decoded(made.split(".")[0]))
    encrypted = f"{header}..{chance.token_urlsafe(12)}.{chance.token_urlsafe(90)}.{'x' * 22}"
    hidden = Vault().placeholder_for("token", encrypted)
    assert hidden.split(".")[0] == header
    for secret, placeholder in ((cookie, made), (encrypted, hidden)):
        assert [len(part) for part in placeholder.split(".")] == [len(p) for p in secret.split(".")]
        assert is_whole_placeholder(placeholder)
        assert Vault().placeholder_for("token", placeholder) == placeholder


@pytest.mark.parametrize("kind", ["PRIVATE KEY", "RSA PRIVATE KEY", "OPENSSH PRIVATE KEY"])
def test_pem(kind: str) -> None:
    text = base64.b64encode(chance.token_bytes(700)).decode()
    lines = [text[n : n + 64] for n in range(0, len(text), 64)]
    pem = f"-----BEGIN {kind}-----\n" + "\n".join(lines) + f"\n-----END {kind}-----\n"
    [answer] = _scrubbed({"private_key": pem, "note": f"the key: {pem}"})
    made = answer["private_key"]
    assert [len(line) for line in made.split("\n")] == [len(line) for line in pem.split("\n")]
    assert made.split("\n")[0] == f"-----BEGIN {kind}-----"
    assert len(base64.b64decode("".join(made.split("\n")[1:-2]), validate=True)) == 700
    assert not [line for line in lines if line in str(answer)]


def test_json_in_a_string_keeps_its_keys_and_words() -> None:
    inner = {"username": "app", "password": "Zorb7quibFlaz9mirk", "host": "db.shop.example"}
    [answer] = _scrubbed({"SecretString": json.dumps(inner)})
    made = json.loads(answer["SecretString"])
    assert {**made, "password": ""} == {**inner, "password": ""}
    assert made["password"] != inner["password"]
    assert len(made["password"]) == 18


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("ada:Zorb7quibFlaz9mirk", "ada:"),
        (
            '{"auths": {"r.example": {"username": "ada", "password": "Zorb7quibFlaz9mirk"}}}',
            '{"auths"',
        ),
        ("Zorb7quibFlaz9mirk", ""),
    ],
)
def test_text_in_base64(text: str, kept: str) -> None:
    secret = {"kind": "Secret", "data": {".config": base64.b64encode(text.encode()).decode()}}
    [answer] = _scrubbed(secret)
    made = base64.b64decode(answer["data"][".config"], validate=True).decode()
    assert made.startswith(kept)
    assert len(made) == len(text)
    assert "Zorb7" not in made


@pytest.mark.parametrize(
    ("secret", "kept"),
    [
        ("AKIAZFPGBNXKMOWB53PF/20260301/eu/s3/aws4_request", "/20260301/eu/s3/aws4_request"),
        ("T0SHOP12/B0SHOP3456/a8Fz9aF0bX21kZa8Fz9aF0bX", "T0SHOP12/B0SHOP3456/"),
    ],
)
def test_scope_stays(secret: str, kept: str) -> None:
    [answer] = _scrubbed({"credential": secret})
    assert kept in answer["credential"]
    assert len(answer["credential"]) == len(secret)
    assert answer["credential"] != secret


@given(st.text(max_size=60) | st.binary(max_size=60).map(lambda b: base64.b64encode(b).decode()))
@SOME
def test_any_secret_is_replaced_once(value: str) -> None:
    once = Vault().placeholder_for("secret", value, is_answer=True)
    if is_whole_placeholder(once):
        assert Vault().placeholder_for("secret", once, is_answer=True) == once
