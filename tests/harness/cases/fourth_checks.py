"""A fourth set of assertions on secrets, as tests of clients and services make them."""

# ruff: noqa: E501
# fmt: off

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Mapping
from http.cookies import SimpleCookie
from urllib.parse import parse_qs, urlsplit
from uuid import UUID
from xml.etree import ElementTree

from .checks import Api, Check, check, claims, field, hopeless, unpadded
from .rows import HTML, TEXT, XML

_FORMS: Mapping[str, tuple[str, str, str, Callable[[str], object]]] = {
    "paypal": ("PayPal OAuth", "access_token", "/A21AA[A-Za-z0-9_-]{92}/", lambda t: t.startswith("A21AA") and len(t) == 97),
    "ephemeral": ("Stripe ephemeral keys", "secret", "/ek_test_[A-Za-z0-9]{54}/", lambda t: re.fullmatch(r"ek_test_\w+", t) and len(t) == 62),
    "terminal": ("Stripe Terminal", "secret", "/pst_test_[A-Za-z0-9]{43}/", lambda t: t.startswith("pst_test_") and len(t) == 52),
    "session-secret": ("Stripe customer sessions", "client_secret", "/cuss_secret_[A-Za-z0-9]{40}/", lambda t: t.startswith("cuss_secret_")),
    "plaid": ("Plaid", "access_token", "/access-sandbox-[a-f0-9]{8}-[a-f0-9]{4}-[a-f0-9]{4}-[a-f0-9]{4}-[a-f0-9]{12}/", lambda t: t.split("-")[1] == "sandbox" and UUID("-".join(t.split("-")[2:]))),
    "realtime": ("OpenAI Realtime", "client_secret", "/ek_[a-f0-9]{32}/", lambda t: t.startswith("ek_") and bytes.fromhex(t[3:])),
    "groq": ("Groq", "api_key", "/gsk_[A-Za-z0-9]{52}/", lambda t: t[:4] == "gsk_" and t[4:].isalnum() and len(t) == 56),
    "harness": ("Harness", "token", "/pat.[A-Za-z0-9_-]{22}.[a-f0-9]{24}.[A-Za-z0-9]{20}/", lambda t: t.split(".")[0] == "pat" and [len(p) for p in t.split(".")] == [3, 22, 24, 20]),
    "pat-32": ("Azure DevOps", "token", "/[a-z2-7]{52}/", lambda t: re.fullmatch(r"[a-z2-7]{52}", t)),
    "gldt": ("GitLab deploy tokens", "token", "/gldt-[A-Za-z0-9_-]{20}/", lambda t: t.startswith("gldt-") and len(t) == 25),
    "octopus": ("Octopus Deploy", "api_key", "/API-[A-Z0-9]{30}/", lambda t: re.fullmatch(r"API-[A-Z0-9]{30}", t)),
    "telnyx": ("Telnyx", "api_key", "/KEY0[A-F0-9]{31}_[A-Za-z0-9]{22}/", lambda t: t.startswith("KEY0") and len(t.partition("_")[2]) == 22),
    "axiom": ("Axiom", "token", "/xaat-[a-f0-9]{8}-[a-f0-9]{4}-[a-f0-9]{4}-[a-f0-9]{4}-[a-f0-9]{12}/", lambda t: t[:5] == "xaat-" and UUID(t[5:])),
    "onesignal": ("OneSignal", "api_key", "/os_v2_app_[a-z2-7]{103}/", lambda t: t.startswith("os_v2_app_") and t.islower()),
    "zoho": ("Zoho", "access_token", "/1000.[a-f0-9]{32}.[a-f0-9]{32}/", lambda t: t.startswith("1000.") and all(bytes.fromhex(p) for p in t.split(".")[1:])),
    "base32-secret": ("second factors", "totp_secret", "base32", lambda t: len(base64.b32decode(t)) == 20),
    "app-password": ("WordPress", "password", "/[A-Za-z0-9]{4} [A-Za-z0-9]{4} [A-Za-z0-9]{4} [A-Z][a-z]{2}[0-9]/", lambda t: [len(p) for p in t.split()] == [4, 4, 4, 4]),
    "signs": ("generated passwords", "password", "/[A-Z][a-z]{5}[0-9]{3}[!%^&][A-Za-z0-9]{8}/", lambda t: any(not c.isalnum() for c in t) and len(t) == 18),
    "pin": ("card issuers", "pin", "pin4", lambda t: t.isdigit() and len(t) == 4),
    "otp": ("SMS codes", "otp", "pin6", lambda t: re.fullmatch(r"\d{6}", t) and t[0] != "0"),
    "grant": ("Storj", "accessGrant", "/1[A-HJ-NP-Za-km-z1-9]{140}/", lambda t: len(t) == 141 and t.isalnum()),
    "ulid": ("session ids", "session_id", "ulid", lambda t: len(t) == 26 and set(t) <= set("0123456789ABCDEFGHJKMNPQRSTVWXYZ")),
}


def _of(name: str, test: Callable[[str], object]) -> Callable[[Api], object]:
    return lambda api: test(api[name])


def _portal(api: Api) -> bool:
    session = api["portal_session"]
    return bool(parse_qs(urlsplit(session["access_url"]).query)["token"] == [session["token"]])


def _ticket(api: Api) -> bool:
    return bool(api["url"].endswith(api["token"]) and claims(api["token"]))


def _totp_uri(api: Api) -> bool:
    totp = api["totp"]
    return bool(parse_qs(urlsplit(totp["uri"]).query)["secret"] == [totp["secret"]] and len(base64.b32decode(totp["secret"])) == 20)


def _form_post(api: Api) -> bool:
    values = dict(re.findall(r'name="(\w+)" value="([^"]+)"', api.text()))
    return len(values["code"]) == 43 and values["state"] == "xyz" and bool(unpadded(values["code"]))


def _sts(api: Api) -> bool:
    root = ElementTree.fromstring(api.text())
    return root.findtext(".//Expiration") == "2026-03-01T10:00:00Z" and len(root.findtext(".//SecretAccessKey") or "") == 40


def _tool_call(api: Api) -> bool:
    call = api["choices"][0]["message"]["tool_calls"][0]["function"]
    arguments = json.loads(call["arguments"])
    return bool(arguments["user"] == "ada" and len(arguments["password"]) == 18)


def _cookie(api: Api) -> bool:
    cookie = SimpleCookie(api.call().headers["set-cookie"])
    return bool(cookie["sid"]["path"] == "/" and len(cookie["sid"].value) == 43)


def _session_twice(api: Api) -> bool:
    return bool(api["session_token"] != api.json(1)["session_token"] and api["user"] == api.json(1)["user"])


CHECKS: tuple[Check, ...] = (
    *(check(f"fourth-form-{name}", source, field(key, form), _of(key, test)) for name, (source, key, form, test) in _FORMS.items()),
    check("fourth-portal", "Chargebee portal", '{"portal_session":{"token":"«/[A-Za-z0-9]{30}/»","access_url":"https://shop.chargebee.example/portal/v2/authenticate?token=«=1»"}}', _portal),
    check("fourth-ticket", "Clerk", '{"token":"«jwt»","url":"https://shop.example/sign-in?__clerk_ticket=«=1»"}', _ticket),
    check("fourth-totp", "second factors", '{"totp":{"secret":"«base32»","uri":"otpauth://totp/shop:ada?issuer=shop&secret=«=1»"}}', _totp_uri),
    check("fourth-code-of-form", "OpenID form post", ('<form method="post" action="/cb"><input type="hidden" name="code" value="«url43»"/><input type="hidden" name="state" value="xyz"/></form>', HTML), _form_post),
    check("fourth-sts", "AWS STS", ("<R><Credentials><SecretAccessKey>«aws secret»</SecretAccessKey><Expiration>2026-03-01T10:00:00Z</Expiration></Credentials></R>", XML), _sts),
    check("fourth-tool-call", "chat completions", '{"choices":[{"message":{"tool_calls":[{"function":{"name":"sign_in","arguments":"{\\"user\\": \\"ada\\", \\"password\\": \\"«plain»\\"}"}}]}}]}', _tool_call),
    check("fourth-cookie", "sessions", ('{"ok":true}', "application/json", (("Set-Cookie", "sid=«url43»; Path=/; HttpOnly"),)), _cookie),
    check("fourth-two-sessions", "sessions", ['{"session_token":"«url43»","user":"ada"}', '{"session_token":"«url43»","user":"ada"}'], _session_twice),
    check("fourth-dotenv", "settings in texts", ("PORT=8080\nSHOP_API_KEY=«secret40»\n", TEXT), lambda api: len(dict(line.split("=") for line in api.text().split())["SHOP_API_KEY"]) == 40),
    check("intent-secret-of-its-intent", "Stripe client secrets", '{"id":"«/pi_[A-Za-z0-9]{24}/»","client_secret":"«=1»_secret_«/[A-Za-z0-9]{25}/»"}', lambda api: api["client_secret"].startswith(api["id"] + "_secret_")),
    hopeless("fourth-last-eight", "Gitea", '{"sha1":"«hex40»","token_last_eight":"«last4:«=1»»"}', lambda api: api["sha1"].endswith(api["token_last_eight"])),
)
