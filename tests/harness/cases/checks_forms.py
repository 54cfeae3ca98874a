"""Assertions on the form of a secret: length, alphabet, prefix, and what a library parses."""

# ruff: noqa: E501
# fmt: off

from __future__ import annotations

import base64
import binascii
import ipaddress
import json
import math
import re
import string
import uuid
import zlib
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from email.utils import parseaddr
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from ..placements import is_iban, is_luhn
from .checks import (
    Api,
    Check,
    Test,
    check,
    claims,
    field,
    hopeless,
    jose_header,
    undecided,
    unpadded,
)

_PATTERNS: Mapping[str, tuple[str, str, str]] = {
    "github": ("GitHub tokens", "ghp_[A-Za-z0-9]{36}", "ghp_[A-Za-z0-9]{36}"),
    "github-fine": ("GitHub fine-grained tokens", "github_pat_[A-Za-z0-9]{22}_[A-Za-z0-9]{59}", "github_pat_[A-Za-z0-9]{22}_[A-Za-z0-9]{59}"),
    "gitlab": ("GitLab tokens", "glpat-[A-Za-z0-9_-]{20}", "glpat-[0-9a-zA-Z_-]{20}"),
    "slack-bot": ("Slack bot tokens", "xoxb-[0-9]{12}-[0-9]{12}-[A-Za-z0-9]{24}", r"xoxb-\d{10,13}-\d{10,13}-[a-zA-Z0-9]{24}"),
    "stripe": ("Stripe secret keys", "sk_test_[A-Za-z0-9]{24}", r"sk_(test|live)_[0-9a-zA-Z]{24,}"),
    "stripe-intent": ("Stripe client secrets", "pi_[A-Za-z0-9]{24}_secret_[A-Za-z0-9]{25}", r"pi_\w{24}_secret_\w{25}"),
    "stripe-webhook": ("Stripe webhook secrets", "whsec_[A-Za-z0-9]{32}", r"whsec_[A-Za-z0-9]{32}"),
    "openai-project": ("OpenAI API keys", "sk-proj-[A-Za-z0-9]{74}T3BlbkFJ[A-Za-z0-9]{74}", r"sk-proj-[A-Za-z0-9_-]{100,}"),
    "openai-ephemeral": ("OpenAI Realtime", "ek_[a-f0-9]{32}", "ek_[a-f0-9]{32}"),
    "anthropic": ("Anthropic API keys", "sk-ant-api03-[A-Za-z0-9_-]{93}AA", r"sk-ant-api03-[\w-]{95}"),
    "groq": ("Groq", "gsk_[A-Za-z0-9]{52}", "gsk_[A-Za-z0-9]{52}"),
    "huggingface": ("Hugging Face", "hf_[A-Za-z]{34}", "hf_[a-zA-Z]{34}"),
    "aws-key-id": ("AWS access key ids", "AKIA[A-Z2-7]{16}", "(AKIA|ASIA)[A-Z0-9]{16}"),
    "google": ("Google API keys", "AIza[A-Za-z0-9_-]{35}", r"AIza[\w-]{35}"),
    "sendgrid": ("SendGrid", "SG.[A-Za-z0-9_-]{22}.[A-Za-z0-9_-]{43}", r"SG\.[\w-]{22}\.[\w-]{43}"),
    "npm": ("npm", "npm_[A-Za-z0-9]{36}", "npm_[A-Za-z0-9]{36}"),
    "pypi": ("PyPI", "pypi-AgEIcHlwaS5vcmc[A-Za-z0-9_-]{90}", r"pypi-[\w-]{85,}"),
    "shopify": ("Shopify", "shpat_[a-f0-9]{32}", "shpat_[a-fA-F0-9]{32}"),
    "twilio-key": ("Twilio", "SK[a-f0-9]{32}", "SK[0-9a-f]{32}"),
    "vault": ("Vault", "hvs.[A-Za-z0-9_-]{95}", r"hvs\.[\w-]{90,}"),
    "digitalocean": ("DigitalOcean", "dop_v1_[a-f0-9]{64}", "dop_v1_[a-f0-9]{64}"),
    "telegram": ("Telegram bots", "[1-8][0-9]{9}:AA[A-Za-z0-9_-]{33}", r"\d{8,10}:[\w-]{35}"),
    "mailchimp": ("Mailchimp", "[a-f0-9]{32}-us14", r"[0-9a-f]{32}-us\d{1,2}"),
    "hex64": ("hexadecimal keys", "[a-f0-9]{64}", "[0-9a-f]{64}"),
    "upper-hex": ("hexadecimal keys", "[A-F0-9]{32}", "[0-9A-F]{32}"),
    "base32": ("TOTP seeds", "[A-Z2-7]{32}", "[A-Z2-7]{32}"),
    "urlsafe": ("secrets.token_urlsafe", "[A-Za-z0-9_-]{43}", "[A-Za-z0-9_-]{43}"),
    "lower": ("Heroku-like session ids", "[a-z0-9]{26}", "[a-z0-9]{26}"),
    "crockford": ("ULIDs as session ids", "01J[0-9A-HJKMNP-TV-Z]{23}", "[0-9A-HJKMNP-TV-Z]{26}"),
    "backup-code": ("recovery codes", "[a-z0-9]{5}-[a-z0-9]{5}", "[a-z0-9]{5}-[a-z0-9]{5}"),
    "app-password": ("Apple application passwords", "[a-z]{4}-[a-z]{4}-[a-z]{4}-[a-z]{4}", "([a-z]{4}-){3}[a-z]{4}"),
    "pin": ("six-digit codes", "[1-8][0-9]{5}", r"\d{6}"),
}

_SECRET = {"stripe-intent": "client_secret", "stripe-webhook": "secret", "pin": "otp", "backup-code": "backup_code", "aws-key-id": "access_key", "base32": "totp_secret"}


def _matches(name: str, pattern: str) -> Test:
    return lambda api: re.fullmatch(pattern, api[name], re.ASCII)


def _patterns() -> list[Check]:
    rows = []
    for row, (source, made, pattern) in _PATTERNS.items():
        name = _SECRET.get(row, "access_token")
        rows.append(check(f"pattern-{row}", source, field(name, f"/{made}/"), _matches(name, pattern)))
    return rows


def _is_pem(text: str, kind: str) -> bool:
    first, *lines, last = text.strip().split("\n")
    base64.b64decode("".join(lines), validate=True)
    return first == f"-----BEGIN {kind}-----" and last == f"-----END {kind}-----" and len(lines[0]) == 64


def _der_of(text: str) -> bytes:
    return base64.b64decode("".join(text.strip().split("\n")[1:-1]), validate=True)


def _pairs(text: str) -> dict[str, str]:
    return dict(part.split("=", 1) for part in text.rstrip(";").split(";"))


def _entropy(text: str) -> float:
    counts = Counter(text).values()
    return -sum(count / len(text) * math.log2(count / len(text)) for count in counts)


def _on(name: str, form: str, test: Callable[[str], object], source: str, row: str) -> Check:
    return check(row, source, field(name, form), lambda api: test(api[name]))


def _length_fits(api: Api) -> bool:
    answer = api.call()
    return int(answer.headers["content-length"]) == len(answer.content)


_B62 = string.digits + string.ascii_uppercase + string.ascii_lowercase


def _base62(number: int) -> str:
    digits = ""
    while number:
        number, rest = divmod(number, 62)
        digits = _B62[rest] + digits
    return digits.rjust(6, "0")


_TOKENS: list[Check] = [
    _on("access_token", "", lambda t: len(t) > 20, "smoke tests", "length-over-20"),
    _on("access_token", "url43", lambda t: len(t) == 43, "smoke tests", "length-exact"),
    _on("refresh_token", "secret40", lambda t: len(t) == 40, "GitHub OAuth of 2012", "length-40"),
    _on("access_token", "secret40", str.isalnum, "smoke tests", "is-alphanumeric"),
    _on("access_token", "secret40", str.isascii, "smoke tests", "is-ascii"),
    _on("access_token", "", lambda t: " " not in t and t == t.strip(), "smoke tests", "no-space"),
    _on("access_token", "/tok_[A-Za-z0-9]{24}/", lambda t: t.startswith("tok_"), "own prefixes", "prefix-own"),
    _on("access_token", "/acme_live_[A-Za-z0-9]{24}/", lambda t: t.rpartition("_")[0] == "acme_live", "own prefixes", "prefix-two-words"),
    _on("api_key", "/ak-[a-f0-9]{32}/", lambda t: t.split("-")[0] == "ak", "own prefixes", "prefix-dash"),
    _on("api_key", "/k1.[A-Za-z0-9]{10}.[A-Za-z0-9]{32}/", lambda t: [len(p) for p in t.split(".")] == [2, 10, 32], "Clerk-like keys", "split-dots"),
    _on("client_secret", "/pi_[A-Za-z0-9]{24}_secret_[A-Za-z0-9]{25}/", lambda t: t.split("_")[0] == "pi" and t.split("_")[2] == "secret", "Stripe client secrets", "split-underscores"),
    _on("api_key", "/[A-Za-z0-9]{8}:[A-Za-z0-9]{32}/", lambda t: len(t.partition(":")[2]) == 32, "key id and secret", "split-colon"),
    _on("access_token", "uuid", lambda t: str(uuid.UUID(t)) == t, "UUID tokens", "is-uuid"),
    _on("access_token", "uuid", lambda t: uuid.UUID(t).version == 4, "UUID tokens", "is-uuid-4"),
    _on("api_key", "uuid hex", lambda t: uuid.UUID(hex=t) and len(t) == 32, "UUID tokens", "is-uuid-hex"),
    _on("session_id", "/[a-f0-9]{32}/", lambda t: len(bytes.fromhex(t)) == 16, "hexadecimal sessions", "bytes-from-hex"),
    _on("api_key", "hex64", lambda t: int(t, 16) > 0, "hexadecimal keys", "int-of-hex"),
    _on("secret_key", "key32", lambda t: len(base64.b64decode(t, validate=True)) == 32, "AES-256 keys", "b64-32-bytes"),
    _on("secret_key", "key64", lambda t: len(base64.b64decode(t, validate=True)) == 64, "Azure Storage keys", "b64-64-bytes"),
    _on("encryption_key", "key16", lambda t: len(binascii.a2b_base64(t)) == 16, "AES-128 keys", "b64-16-bytes"),
    _on("access_token", "url43", lambda t: len(unpadded(t)) == 32, "secrets.token_urlsafe", "b64url-32-bytes"),
    _on("fernet_key", "/[A-Za-z0-9_-]{42}A=/", lambda t: len(base64.urlsafe_b64decode(t)) == 32, "Fernet keys", "fernet-key"),
    _on("totp_secret", "base32", lambda t: len(base64.b32decode(t)) == 20, "pyotp", "b32-20-bytes"),
    _on("otp", "pin6", lambda t: 100000 <= int(t) <= 999999, "SMS codes", "int-of-otp"),
    _on("otp", "pin6", lambda t: t.isdigit() and len(t) == 6, "SMS codes", "digits-of-otp"),
    _on("pin", "pin4", lambda t: t.isdigit() and len(t) == 4, "card PINs", "digits-of-pin"),
    check("number-otp", "codes as numbers", '{"otp":«pin6»}', lambda api: isinstance(api["otp"], int) and len(str(api["otp"])) == 6),
    check("number-cvv", "codes as numbers", '{"cvv":«/[1-8][0-9]{2}/»}', lambda api: 100 <= api["cvv"] <= 999),
    _on("card_number", "card", is_luhn, "card validators", "luhn"),
    _on("card_number", "card", lambda t: t.startswith("4") and len(t) == 16, "card validators", "card-issuer"),
    _on("card_number", "spaced card", lambda t: is_luhn(t.replace(" ", "")), "card validators", "luhn-spaced"),
    _on("iban", "iban", is_iban, "IBAN validators", "iban-check"),
    _on("iban", "iban", lambda t: t.startswith("DE") and len(t) == 22, "IBAN validators", "iban-country"),
    _on("ssn", "ssn", lambda t: re.fullmatch(r"(?!000|666|9)\d{3}-\d{2}-\d{4}", t), "SSN validators", "ssn-form"),
    _on("private_key", "json:«der pem»", lambda t: _is_pem(t, "PRIVATE KEY"), "ssl, cryptography", "pem-armour"),
    _on("private_key", "json:«rsa pem»", lambda t: t.startswith("-----BEGIN RSA PRIVATE KEY-----\n") and t.endswith("-----END RSA PRIVATE KEY-----\n"), "GitHub Apps", "pem-rsa"),
    _on("private_key", "json:«openssh pem»", lambda t: t.count("\n") == 8, "paramiko", "pem-lines"),
    _on("secret", "/whsec_[A-Za-z0-9]{32}/", lambda t: len(base64.b64decode(t.removeprefix("whsec_"))) == 24, "Standard Webhooks", "whsec-b64"),
    _on("api_key", "/[a-f0-9]{32}-us14/", lambda t: t.rpartition("-")[2] == "us14", "Mailchimp data centres", "mailchimp-dc"),
    _on("access_token", "secret40", lambda t: t.lower() != t and t.upper() != t, "mixed case tokens", "case-mixed"),
    _on("api_key", "/[a-z0-9]{40}/", str.islower, "lower case tokens", "case-lower"),
    _on("api_key", "/[A-Z0-9]{20}/", str.isupper, "upper case tokens", "case-upper"),
    _on("access_token", "secret40", lambda t: len(t.encode()) == len(t), "smoke tests", "one-byte-each"),
    _on("access_token", "secret40", lambda t: t not in ("", "None", "null", "undefined"), "smoke tests", "not-a-word"),
    _on("password_hash", "/$2b$12$[A-Za-z0-9./]{53}/", lambda t: t.split("$")[1:3] == ["2b", "12"] and len(t) == 60, "bcrypt", "bcrypt-form"),
    _on("api_secret", "/[A-Za-z0-9]{27}=/", lambda t: t.endswith("="), "padded keys", "padding"),
]

_USER = '{"user":{"id":"user-4711","email":"ada@shop.example"},"access_token":"«jwt»"}'
_KNOWN = '«b64url:{"alg":"RS256","typ":"JWT","kid":"k7"}».«b64url:{"sub":"user-4711","email":"ada@shop.example","iss":"https://id.example/","aud":["shop","api"],"exp":4102444800,"iat":1700000000,"scope":"read write","roles":["admin"],"nonce":"n-7","email_verified":true,"jti":"«jti»"}».«url43»'
_TOKEN = '{"user":{"id":"user-4711","email":"ada@shop.example"},"access_token":"' + _KNOWN + '"}'


def _known(row: str, source: str, test: Callable[[str, dict[str, Any]], object]) -> Check:
    return check(row, source, _TOKEN, lambda api: _with_user(api, test))


def _with_user(api: Api, test: Callable[[str, dict[str, Any]], object]) -> object:
    answer = api.json()
    return test(answer["access_token"], answer["user"])


_JWTS: list[Check] = [
    _known("jwt-three-parts", "JWT clients", lambda t, _u: t.count(".") == 2),
    _known("jwt-starts", "JWT clients", lambda t, _u: jose_header(t)["typ"] == "JWT"),
    _known("jwt-algorithm", "PyJWT get_unverified_header", lambda t, _u: jose_header(t)["alg"] == "RS256"),
    _known("jwt-key-id", "JWKS clients", lambda t, _u: jose_header(t)["kid"] == "k7"),
    _known("jwt-decode", "PyJWT without verification", lambda t, _u: claims(t)),
    _known("jwt-issuer", "OpenID Connect clients", lambda t, _u: claims(t)["iss"] == "https://id.example/"),
    _known("jwt-audience", "OpenID Connect clients", lambda t, _u: "shop" in claims(t)["aud"]),
    _known("jwt-expiry", "token caches", lambda t, _u: datetime.fromtimestamp(claims(t)["exp"], UTC).year >= 2099),
    _known("jwt-lifetime", "token caches", lambda t, _u: claims(t)["exp"] > claims(t)["iat"]),
    _known("jwt-scope", "resource servers", lambda t, _u: claims(t)["scope"].split() == ["read", "write"]),
    _known("jwt-roles", "resource servers", lambda t, _u: claims(t)["roles"] == ["admin"]),
    _known("jwt-subject", "user id in the answer", lambda t, u: claims(t)["sub"] == u["id"]),
    _known("jwt-email", "user e-mail in the answer", lambda t, u: claims(t)["email"] == u["email"]),
    _known("jwt-email-form", "profile pages", lambda t, _u: "@" in parseaddr(claims(t)["email"])[1]),
    _known("jwt-boolean", "profile pages", lambda t, _u: claims(t)["email_verified"] is True),
    _known("jwt-nonce", "OpenID Connect clients", lambda t, _u: isinstance(claims(t)["nonce"], str)),
    _known("jwt-jti-length", "replay guards", lambda t, _u: len(claims(t)["jti"]) == 20),
    _known("jwt-signature-length", "PyJWT", lambda t, _u: len(unpadded(t.split(".")[2])) == 32),
    _known("jwt-json-order", "claims as an object", lambda t, _u: list(claims(t))[:2] == ["sub", "email"]),
    check("jwt-random-subject", "JWT clients", _USER, lambda api: claims(api["access_token"])["sub"].startswith("user-")),
    check("jwt-of-header", "Cloudflare Access", ('{"ok":true}', "application/json", (("X-New-Token", "«jwt»"),)), lambda api: claims(api.call().headers["X-New-Token"])),
    check("jwt-in-fragment", "OAuth implicit flow", ('{"ok":true}', "application/json", (("Location", "https://x.example/cb#id_token=«jwt»&state=s"),)), lambda api: claims(parse_qs(urlsplit(api.call().headers["Location"]).fragment)["id_token"][0])),
    check("jwt-in-cookie", "session cookies", ('{"ok":true}', "application/json", (("Set-Cookie", "sid=«jwt»; Path=/; HttpOnly"),)), lambda api: claims(SimpleCookie(api.call().headers["Set-Cookie"])["sid"].value)),
]

_STRUCTURES: list[Check] = [
    check("dsn-parts", "SQLAlchemy make_url", '{"database_url":"postgresql://app:«plain»@db.example:5432/shop"}', lambda api: (urlsplit(api["database_url"]).username, urlsplit(api["database_url"]).port) == ("app", 5432)),
    check("dsn-password", "SQLAlchemy make_url", '{"database_url":"postgresql://app:«plain»@db.example:5432/shop"}', lambda api: urlsplit(api["database_url"]).password),
    check("dsn-password-encoded", "DSNs with escapes", '{"database_url":"postgresql://app:«pct:«pw»»@db.example/shop"}', lambda api: unquote(urlsplit(api["database_url"]).password or "")),
    check("ado-net", "ADO.NET strings", '{"connection_string":"Server=db;User Id=app;Password=«plain»;Encrypt=True"}', lambda api: _pairs(api["connection_string"]).keys() == {"Server", "User Id", "Password", "Encrypt"}),
    check("ado-net-value", "ADO.NET strings", '{"connection_string":"Server=db;User Id=app;Password=«plain»;Encrypt=True"}', lambda api: _pairs(api["connection_string"])["Password"] and _pairs(api["connection_string"])["Encrypt"] == "True"),
    check("azure-connection", "Azure SDK parsers", '{"connection_string":"DefaultEndpointsProtocol=https;AccountName=shop;AccountKey=«key64»;EndpointSuffix=core.windows.net"}', lambda api: len(base64.b64decode(_pairs(api["connection_string"])["AccountKey"], validate=True)) == 64),
    check("servicebus-connection", "Azure SDK parsers", '{"connection_string":"Endpoint=sb://s.example/;SharedAccessKeyName=root;SharedAccessKey=«key32»"}', lambda api: _pairs(api["connection_string"])["SharedAccessKeyName"] == "root" and _pairs(api["connection_string"])["Endpoint"].startswith("sb://")),
    check("presigned-parts", "S3 clients", '{"url":"https://b.s3.example/k?X-Amz-Credential=«aws»%2F20260301%2Feu%2Fs3%2Faws4_request&X-Amz-Expires=900&X-Amz-Signature=«hex64»"}', lambda api: parse_qs(urlsplit(api["url"]).query)["X-Amz-Expires"] == ["900"]),
    check("presigned-signature", "S3 clients", '{"url":"https://b.s3.example/k?X-Amz-Expires=900&X-Amz-Signature=«hex64»"}', lambda api: re.fullmatch("[0-9a-f]{64}", parse_qs(urlsplit(api["url"]).query)["X-Amz-Signature"][0])),
    check("presigned-scope", "S3 clients", '{"url":"https://b.s3.example/k?X-Amz-Credential=«aws»%2F20260301%2Feu%2Fs3%2Faws4_request&X-Amz-Signature=«hex64»"}', lambda api: parse_qs(urlsplit(api["url"]).query)["X-Amz-Credential"][0].split("/")[1:] == ["20260301", "eu", "s3", "aws4_request"]),
    check("sas-signature", "Azure clients", '{"url":"https://a.blob.example/c?sv=2024-11-04&sp=r&sig=«pct:«key32»»"}', lambda api: len(base64.b64decode(parse_qs(urlsplit(api["url"]).query)["sig"][0], validate=True)) == 32),
    check("webhook-url", "Slack clients", '{"url":"https://hooks.slack.com/services/T0SHOP12/B0SHOP3456/«/[A-Za-z0-9]{24}/»"}', lambda api: re.fullmatch(r"https://hooks\.slack\.com/services/T\w+/B\w+/\w{24}", api["url"])),
    check("reset-url", "mail tests", '{"link":"https://shop.example/reset/«url43»"}', lambda api: len(urlsplit(api["link"]).path.split("/")[2]) == 43),
    check("callback-code", "OAuth clients", ('{"ok":true}', "application/json", (("Location", "https://shop.example/cb?code=«/[A-Za-z0-9]{40}/»&state=«/[A-Za-z0-9]{24}/»"),)), lambda api: len(parse_qs(urlsplit(api.call().headers["Location"]).query)["code"][0]) == 40),
    check("otpauth", "pyotp", '{"barcode_uri":"otpauth://totp/Shop:ada?secret=«base32»&issuer=Shop"}', lambda api: len(base64.b32decode(parse_qs(urlsplit(api["barcode_uri"]).query)["secret"][0])) == 20),
    check("basic-pair", "Docker clients", '{"auths":{"r.example":{"auth":"«b64:ada:«plain»»"}}}', lambda api: base64.b64decode(api["auths"]["r.example"]["auth"]).decode().partition(":")[0] == "ada"),
    check("docker-config", "Kubernetes pull secrets", '{"kind":"Secret","data":{".dockerconfigjson":"«b64:{"auths":{"r.example":{"username":"ada","password":"«plain»"}}}»"}}', lambda api: json.loads(base64.b64decode(api["data"][".dockerconfigjson"]))["auths"]["r.example"]["username"] == "ada"),
    check("kubernetes-data", "Kubernetes Secrets", '{"kind":"Secret","data":{"password":"«b64:«plain»»","user":"YWRh"}}', lambda api: base64.b64decode(api["data"]["password"], validate=True).decode().isprintable()),
    check("secret-string", "AWS Secrets Manager", '{"Name":"db","SecretString":"{\\"username\\":\\"app\\",\\"password\\":\\"«plain»\\"}"}', lambda api: json.loads(api["SecretString"])["username"] == "app"),
    check("service-account", "google-auth", '{"type":"service_account","private_key":"«json:«der pem»»","client_email":"ci@shop.example","token_uri":"https://oauth2.example/token"}', lambda api: _is_pem(api["private_key"], "PRIVATE KEY") and api["token_uri"].endswith("/token")),
    check("sts-fields", "botocore", '{"Credentials":{"AccessKeyId":"«aws session»","SecretAccessKey":"«aws secret»","SessionToken":"«/IQoJb3[A-Za-z0-9+/]{300}/»","Expiration":"2026-03-01T12:00:00Z"}}', lambda api: api["Credentials"]["AccessKeyId"].startswith("ASIA") and len(api["Credentials"]["SecretAccessKey"]) == 40),
    check("cookie-attributes", "browsers", ('{"ok":true}', "application/json", (("Set-Cookie", "sessionid=«/[a-z0-9]{32}/»; Path=/; HttpOnly; Secure; SameSite=Lax"),)), lambda api: SimpleCookie(api.call().headers["Set-Cookie"])["sessionid"]["samesite"] == "Lax"),
    check("cookie-length", "Django", ('{"ok":true}', "application/json", (("Set-Cookie", "sessionid=«/[a-z0-9]{32}/»; Path=/"),)), lambda api: len(SimpleCookie(api.call().headers["Set-Cookie"])["sessionid"].value) == 32),
    check("cookie-signed", "Express", ('{"ok":true}', "application/json", (("Set-Cookie", "connect.sid=s%3A«/[A-Za-z0-9_-]{32}/».«/[A-Za-z0-9]{43}/»; Path=/"),)), lambda api: unquote(SimpleCookie(api.call().headers["Set-Cookie"])["connect.sid"].value).startswith("s:")),
    check("html-csrf", "form tests", ('<input type="hidden" name="csrf_token" value="«url43»">', "text/html"), lambda api: len(re.findall(r'name="csrf_token" value="([\w-]{43})"', api.text())) == 1),
    check("env-lines", "dotenv parsers", ("A=1\nDB_PASSWORD=«plain»\nB=2\n", "text/plain"), lambda api: dict(line.split("=", 1) for line in api.text().splitlines()).keys() == {"A", "DB_PASSWORD", "B"}),
    check("ini-file", "configparser", ("[auth]\nuser = ada\npassword = «plain»\n", "text/plain"), lambda api: re.search(r"^password = \S+$", api.text(), re.M)),
    check("xml-element", "ElementTree", ("<a><user>ada</user><password>«plain»</password></a>", "application/xml"), lambda api: re.search("<password>[^<>&]+</password>", api.text())),
    check("content-length", "Content-Length of answers", field("access_token"), lambda api: _length_fits(api)),
    check("host-of-secret-url", "clients that call a given URL", '{"upload_url":"https://ada:«plain»@10.0.0.7:8443/in"}', lambda api: ipaddress.ip_address(urlsplit(api["upload_url"]).hostname or "").is_private),
]

_HOPELESS: list[Check] = [
    hopeless("crc-of-github", "GitHub token check sums", field("token", "github checked"), lambda api: _base62(zlib.crc32(api["token"][4:34].encode())) == api["token"][34:]),
    hopeless("entropy", "secret scanners", field("access_token", "secret40"), lambda api: _entropy(api["access_token"]) > 4.2),
    undecided("der-of-key", "cryptography's load_pem_private_key", field("private_key", "json:«der pem»"), lambda api: _der_of(api["private_key"])[:2] == b"\x30\x81" and _der_of(api["private_key"])[3:5] == b"\x02\x28"),
    undecided("distinct-characters", "password meters", field("password", "secret40"), lambda api: len(set(api["password"])) > 20),
]

CHECKS: list[Check] = [*_patterns(), *_TOKENS, *_JWTS, *_STRUCTURES, *_HOPELESS]
