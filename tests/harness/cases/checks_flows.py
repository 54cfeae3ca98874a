"""Assertions on secrets in flows: what two answers have in common, and what is sent again."""

# ruff: noqa: E501
# fmt: off

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
from urllib.parse import parse_qs, quote, urlsplit

from .checks import Api, Check, check, claims, field, undecided
from .forms import KNOWN_KEY

_JSON = "application/json"


def _token(api: Api, step: int = 0, name: str = "access_token") -> str:
    found: str = api.json(step)[name]
    return found


def _used_again(api: Api) -> bool:
    token = _token(api)
    answer = api.json(1, headers={"Authorization": f"Bearer {token}"})
    return bool(answer["seen"] == token)


def _sent_in_path(api: Api) -> bool:
    token = _token(api)
    return bool(api.json(1, target=f"/s/{token}/me")["token"] == token)


def _sent_in_query(api: Api) -> bool:
    token = _token(api)
    answer = api.json(1, target=f"/poll?t={quote(token, safe='')}")
    return parse_qs(urlsplit(answer["self"]).query)["t"] == [token]


def _sent_in_body(api: Api) -> bool:
    token = _token(api, name="refresh_token")
    return bool(api.json(1, method="POST", body={"refresh_token": token})["used"] == token)


def _rotated(api: Api) -> bool:
    old = _token(api, name="refresh_token")
    new = api.json(1, method="POST", body={"refresh_token": old})["refresh_token"]
    return len(new) == len(old) and new != old


def _csrf(api: Api) -> bool:
    page = api.text()
    [token] = re.findall(r'value="([\w-]+)"', page)
    return bool(api.json(1, headers={"X-CSRF-Token": token})["token"] == token)


def _cookie(api: Api) -> bool:
    value = api.call().headers["Set-Cookie"].partition("=")[2].partition(";")[0]
    return bool(api.json(1, headers={"Cookie": f"sid={value}"})["sid"] == value)


def _location(api: Api) -> bool:
    code = parse_qs(urlsplit(api.call().headers["Location"]).query)["code"][0]
    return bool(api.json(1, method="POST", body={"code": code})["code"] == code)


def _webhook(api: Api) -> bool:
    url = api["url"]
    return bool(api.json(1)["hooks"][0]["url"] == url)


def _basic(api: Api) -> bool:
    password = _token(api, name="password")
    pair = base64.b64encode(f"ada:{password}".encode()).decode()
    return bool(api.json(1, headers={"Authorization": f"Basic {pair}"})["authorization"] == f"Basic {pair}")


def _hmac_of_known_key(api: Api) -> bool:
    answer = api.json()
    return hmac.compare_digest(hmac.new(KNOWN_KEY, answer["id"].encode(), hashlib.sha256).hexdigest(), answer["hmac"])


def _sha(api: Api) -> bool:
    answer = api.json()
    return bool(hashlib.sha256(answer["api_key"].encode()).hexdigest() == answer["fingerprint"])


def _last_four(api: Api) -> bool:
    answer = api.json()
    return bool(answer["api_key"][-4:] == answer["hint"])


def _lists(api: Api) -> bool:
    tokens = [each["token"] for each in api.json()["items"]]
    return len(set(tokens)) == 3 and len({len(token) for token in tokens}) == 1


def _sorted(api: Api) -> bool:
    codes = api["recovery_codes"]
    return len(codes) == len(set(codes)) == 4 and all(re.fullmatch("[a-z0-9]{10}", code) for code in codes)


def _jwt_parts(api: Api) -> bool:
    answer = api.json()
    return bool(claims(answer["id_token"])["sub"] == claims(answer["access_token"])["sub"] == answer["user_id"])


def _jwt_in_profile(api: Api) -> bool:
    token = _token(api)
    profile = api.json(1, headers={"Authorization": f"Bearer {token}"})
    return bool(profile["id"] == claims(token)["sub"] and profile["email"] == claims(token)["email"])


def _hash_claim(api: Api) -> bool:
    answer = api.json()
    digest = hashlib.sha256(answer["access_token"].encode()).digest()[:16]
    return bool(claims(answer["id_token"])["at_hash"] == base64.urlsafe_b64encode(digest).decode().rstrip("="))


def _error_names_it(api: Api) -> bool:
    key = _token(api, name="api_key")
    return key in api.json(1, headers={"X-Api-Key": key})["error"]


def _masked(api: Api) -> bool:
    key = _token(api, name="api_key")
    shown = api.json(1)["masked"]
    return bool(shown.startswith(key[:8]) and shown.endswith("..."))


def _base64_of(api: Api) -> bool:
    password = _token(api, name="password")
    return bool(base64.b64decode(api.json(1)["blob"]).decode() == f"user=ada&pw={password}")


def _hex_of(api: Api) -> bool:
    password = _token(api, name="password")
    return bool(bytes.fromhex(api.json(1)["dump"]).decode() == password)


def _upper(api: Api) -> bool:
    answer = api.json()
    return bool(answer["api_key"].upper() == answer["normalised"])


def _inner_json(api: Api) -> bool:
    answer = api.json()
    return bool(json.loads(answer["raw"])["password"] == answer["password"])


def _twice(api: Api) -> bool:
    """The same request again gives another token."""
    return _token(api, 0) != _token(api, 1)


def _same_after_login(api: Api) -> bool:
    return _token(api, 0) == _token(api, 1)


def _is_key_of(api: Api) -> bool:
    key = _token(api, name="api_key")
    return key in api.json(1)["limits"]


def _length_in_header(api: Api) -> bool:
    answer = api.call()
    return int(answer.headers["X-Token-Length"]) == len(answer.json()["access_token"])


def _stream(api: Api) -> bool:
    events = [json.loads(line[6:]) for line in api.text().splitlines() if line.startswith("data: ")]
    return bool(events[0]["access_token"] == events[1]["echo"])


def _both_differ(api: Api) -> bool:
    answer = api.json()
    return bool(answer["access_token"] != answer["refresh_token"])


def _current_user(api: Api) -> bool:
    answer = api.json()
    return bool(answer["current"] == answer["bob"]["token"] != answer["ada"]["token"])


def _modes(api: Api) -> bool:
    answer = api.json()
    test, live = answer["test"]["api_key"], answer["live"]["api_key"]
    return bool(test.startswith("sk_test_") and live.startswith("sk_live_"))


_SUB, _MAIL = "auth0|65f1c0ffee", "ada@shop.example"
_JWT = f'«b64url:{{"alg":"ES256"}}».«b64url:{{"sub":"{_SUB}","email":"{_MAIL}","n":1}}».«url43»'

CHECKS: list[Check] = [
    check("flow-bearer", "sign in, then call", [field("access_token", "url43"), '{"seen":"«=1»"}'], _used_again),
    check("flow-path", "sessions in the path", [field("access_token", "secret40"), '{"token":"«=1»"}'], _sent_in_path),
    check("flow-query", "long polling", [field("access_token", "url43"), '{"self":"https://x.example/poll?t=«=1»"}'], _sent_in_query),
    check("flow-body", "refresh grants", [field("refresh_token", "url43"), '{"used":"«=1»"}'], _sent_in_body),
    check("flow-rotation", "refresh token rotation", [field("refresh_token", "url43"), field("refresh_token", "url43")], _rotated),
    check("flow-csrf", "form tests", [('<form><input type="hidden" name="csrf_token" value="«url43»"></form>', "text/html"), '{"token":"«=1»"}'], _csrf),
    check("flow-cookie", "session cookies", [('{"ok":true}', _JSON, (("Set-Cookie", "sid=«/[a-z0-9]{32}/»; Path=/"),)), '{"sid":"«=1»"}'], _cookie),
    check("flow-code", "OAuth redirects", [('{"ok":true}', _JSON, (("Location", "https://x.example/cb?code=«/[A-Za-z0-9]{40}/»&state=s"),)), '{"code":"«=1»"}'], _location),
    check("flow-webhook", "webhook lists", ['{"url":"https://hooks.slack.com/services/T0SHOP12/B0SHOP3456/«/[A-Za-z0-9]{24}/»"}', '{"hooks":[{"url":"https://hooks.slack.com/services/T0SHOP12/B0SHOP3456/«=1»"}]}'], _webhook),
    check("flow-basic", "Basic from an answer", [field("password", "plain"), '{"authorization":"Basic «b64:ada:«=1»»"}'], _basic),
    check("flow-error", "servers that repeat a key", [field("api_key", "secret40"), '{"error":"the key «=1» is revoked"}'], _error_names_it),
    check("flow-base64", "blobs with a known secret", [field("password", "plain"), '{"blob":"«b64:user=ada&pw=«=1»»"}'], _base64_of),
    check("flow-hex", "dumps of a known secret", [field("password", "plain"), '{"dump":"«hex:«=1»»"}'], _hex_of),
    check("flow-key-of", "limits by key", [field("api_key", "secret40"), '{"limits":{"«=1»":3}}'], _is_key_of),
    check("flow-jwt-profile", "OpenID Connect user info", [f'{{"access_token":"{_JWT}"}}', f'{{"id":"{_SUB}","email":"{_MAIL}"}}'], _jwt_in_profile),
    check("flow-same-token", "cached sign-ins", [field("access_token", "url43"), '{"access_token":"«=1»"}'], _same_after_login),
    check("flow-differs", "two sign-ins", [field("access_token", "url43"), field("access_token", "url43")], _twice),
    check("flow-same-answer", "two tokens in one answer differ", '{"access_token":"«url43»","refresh_token":"«url43»"}', _both_differ),
    check("flow-list-differs", "API key lists", '{"items":[{"token":"«secret40»"},{"token":"«secret40»"},{"token":"«secret40»"}]}', _lists),
    check("flow-recovery-codes", "recovery codes differ", '{"recovery_codes":["«/[a-z0-9]{10}/»","«/[a-z0-9]{10}/»","«/[a-z0-9]{10}/»","«/[a-z0-9]{10}/»"]}', _sorted),
    check("flow-jwt-subjects", "OpenID Connect", f'{{"user_id":"{_SUB}","id_token":"{_JWT}","access_token":"{_JWT}"}}', _jwt_parts),
    check("flow-inner-json", "API Gateway answers", '{"password":"«plain»","raw":"{\\"user\\":\\"ada\\",\\"password\\":\\"«=1»\\"}"}', _inner_json),
    check("flow-token-length", "lengths in a header", (field("access_token", "secret40"), _JSON, (("X-Token-Length", "40"),)), _length_in_header),
    check("flow-stream", "server-sent events", ('data: {"access_token":"«url43»"}\n\ndata: {"echo":"«=1»"}\n\n', "text/event-stream"), _stream),
    check("flow-two-users", "two users keep their tokens", '{"ada":{"token":"«url43»"},"bob":{"token":"«url43»"},"current":"«=2»"}', _current_user),
    check("flow-prefixes-of-two", "test and live keys", '{"test":{"api_key":"«/sk_test_[A-Za-z0-9]{24}/»"},"live":{"api_key":"«/sk_live_[A-Za-z0-9]{24}/»"}}', _modes),
    undecided("flow-hint", "last four characters beside the key", '{"api_key":"«secret40»","hint":"«last4:«=1»»"}', _last_four),
    undecided("flow-masked", "first eight characters", [field("api_key", "secret40"), '{"masked":"«first8:«=1»»..."}'], _masked),
    undecided("flow-upper", "normalised keys", '{"api_key":"«/[a-z0-9]{40}/»","normalised":"«upper:«=1»»"}', _upper),
    undecided("flow-fingerprint", "keys and their hashes", '{"api_key":"«secret40»","fingerprint":"«sha256:«=1»»"}', _sha),
    undecided("flow-at-hash", "OpenID Connect at_hash", '{"access_token":"«url43»","id_token":"«b64url:{"alg":"ES256"}».«b64url:{"at_hash":"«at_hash:«=1»»"}».«url43»"}', _hash_claim),
    undecided("flow-hmac", "receivers with a fixed key", '{"id":"evt-7","hmac":"«hmac:evt-7»","api_key":"«secret40»"}', _hmac_of_known_key),
]
