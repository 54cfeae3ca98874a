"""The places of an interaction where a secret may be, and values that only look like secrets.

Each row (Placement) builds requests and answers with secrets that are made for one run, so that
this file holds no secret. The outer test passes the secrets to the inner suite, which builds the
same requests and answers again.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import html
import importlib.util
import json
import re
import string
import time
import uuid
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any, TypeAlias
from urllib.parse import quote

from . import chance

Pairs: TypeAlias = tuple[tuple[str, str], ...]
Made: TypeAlias = tuple[str, str]
"""The form of a secret, and the secret."""

# --- forms of secrets -------------------------------------------------------------------------

_ALNUM = string.ascii_letters + string.digits
_LOWER = string.ascii_lowercase + string.digits


def _text(length: int, alphabet: str = _ALNUM) -> str:
    return "".join(chance.choice(alphabet) for _ in range(length))


def opaque(length: int) -> str:
    """Return random letters of both cases and digits, as in most tokens."""
    while True:
        text = _text(length)
        if re.search(r"[a-z]", text) and re.search(r"[A-Z]", text) and re.search(r"\d", text):
            return text


def _digits(length: int) -> str:
    """Return a number that cannot be taken for a placeholder, which starts with 0 or 9."""
    return _text(1, "12345678") + _text(length - 1, string.digits)


def luhn_digit(digits: str) -> str:
    """Return the check digit of Luhn's algorithm."""
    doubled = [int(d) * (2 - n % 2) for n, d in enumerate(reversed(digits))]
    return str(-sum(d - 9 if d > 9 else d for d in doubled) % 10)


def is_luhn(number: str) -> bool:
    return number.isdigit() and luhn_digit(number[:-1]) == number[-1]


def _card(issuer: str, length: int = 16) -> str:
    body = issuer + _text(length - len(issuer) - 1, string.digits)
    return body + luhn_digit(body)


def _grouped(number: str, mark: str) -> str:
    return mark.join(number[n : n + 4] for n in range(0, len(number), 4))


def _iban_remainder(iban: str) -> int:
    turned = iban[4:] + iban[:4]
    return int("".join(str(int(character, 36)) for character in turned)) % 97


def is_iban(iban: str) -> bool:
    plain = iban.replace(" ", "")
    return re.fullmatch(r"[A-Z]{2}\d\d[A-Z0-9]{11,30}", plain) is not None and (
        _iban_remainder(plain) == 1
    )


def _iban(country: str, bank: str, length: int) -> str:
    account = bank + _digits(length)
    return f"{country}{98 - _iban_remainder(f'{country}00{account}'):02}{account}"


def _ssn() -> str:
    area = chance.number(100, 599)
    return f"{area}-{chance.number(10, 99)}-{chance.number(1000, 9999)}"


def encoded_part(part: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=")


def jwt(**claims: object) -> str:
    """Return a JWT with a subject, a time of expiry and an audience."""
    now = int(time.time())
    public = {"iss": "https://id.example", "aud": "shop", "scope": "read write"}
    body = {"sub": f"user-{_text(12, _LOWER)}", **public, "iat": now, "exp": now + 3600, **claims}
    signature = chance.token_urlsafe(32)
    return f"{encoded_part({'alg': 'HS256', 'typ': 'JWT'})}.{encoded_part(body)}.{signature}"


def parts_of_jwt(token: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return header and claims of a JWT; raise ValueError if it is none."""
    header, claims, _ = token.split(".")
    decoded = [json.loads(base64.urlsafe_b64decode(part + "==")) for part in (header, claims)]
    return decoded[0], decoded[1]


def _pem(kind: str) -> str:
    lines = "\n".join(base64.b64encode(chance.token_bytes(48)).decode() for _ in range(6))
    return f"-----BEGIN {kind}PRIVATE KEY-----\n{lines}\n-----END {kind}PRIVATE KEY-----\n"


_HEX = "0123456789abcdef"
_URLSAFE = _ALNUM + "_-"

VENDORS: Mapping[str, Callable[[], str]] = MappingProxyType(
    {
        "github": lambda: "ghp_" + _text(36),
        "github-oauth": lambda: "gho_" + _text(36),
        "github-server": lambda: "ghs_" + _text(36),
        "github-fine": lambda: f"github_pat_{_text(22)}_{_text(59)}",
        "gitlab": lambda: "glpat-" + _text(20),
        "slack-bot": lambda: f"xoxb-{_digits(12)}-{_digits(12)}-{_text(24)}",
        "slack-user": lambda: f"xoxp-{_digits(12)}-{_digits(12)}-{_digits(12)}-{_text(32, _HEX)}",
        "stripe-live": lambda: "sk_live_" + _text(24),
        "stripe-test": lambda: "sk_test_" + _text(24),
        "stripe-restricted": lambda: "rk_live_" + _text(24),
        "openai": lambda: f"sk-proj-{_text(74)}T3BlbkFJ{_text(74)}",
        "anthropic": lambda: f"sk-ant-api03-{_text(93)}AA",
        "aws": lambda: "AKIA" + _text(16, string.ascii_uppercase + "234567"),
        "aws-session": lambda: "ASIA" + _text(16, string.ascii_uppercase + "234567"),
        "google-key": lambda: "AIza" + _text(35),
        "google-oauth": lambda: "ya29." + _text(60),
        "sendgrid": lambda: f"SG.{_text(22)}.{_text(43)}",
        "npm": lambda: "npm_" + _text(36),
        "pypi": lambda: "pypi-AgEIcHlwaS5vcmc" + _text(90),
        "digitalocean": lambda: "dop_v1_" + _text(64, _HEX),
        "shopify": lambda: "shpat_" + _text(32, _HEX),
        "vault": lambda: "hvs." + _text(95),
        "webhook-secret": lambda: "whsec_" + _text(32),
        "mailgun": lambda: "key-" + _text(32, _HEX),
        "razorpay": lambda: "rzp_live_" + _text(14),
        "facebook": lambda: "EAACEdEose0cBA" + _text(120),
        "grafana": lambda: f"glsa_{_text(32)}_{_text(8, _HEX)}",
        "linear": lambda: "lin_api_" + _text(40),
        "figma": lambda: "figd_" + _text(40),
        "hugging-face": lambda: "hf_" + _text(34, string.ascii_letters),
        "docker": lambda: "dckr_pat_" + _text(27),
        "atlassian": lambda: f"ATATT3xFfGF0{_text(172)}={_text(8, _HEX.upper())}",
        "twilio": lambda: "SK" + _text(32, _HEX),
        "telegram": lambda: "5123456789:AA" + _text(33),
        "slack-webhook": lambda: (
            f"https://hooks.slack.com/services/T0SHOP12/B0SHOP3456/{_text(24)}"
        ),
        "discord-webhook": lambda: (
            f"https://discord.com/api/webhooks/{10**18}/{_text(68, _URLSAFE)}"
        ),
    }
)
FORMS: Mapping[str, Callable[[], str]] = MappingProxyType(
    {
        "token": lambda: opaque(32),
        "short token": lambda: opaque(22),
        "little token": lambda: opaque(11),
        "urlsafe": lambda: f"{opaque(18)}-{opaque(7)}_{opaque(8)}",
        "password": lambda: f"{opaque(9)}+{opaque(4)}!{opaque(3)}",
        "plain password": lambda: opaque(18),
        "tricky password": lambda: f'{opaque(9)}é"<&\\Z{opaque(5)}',
        "password like escapes": lambda: f"{opaque(8)}\\n{opaque(4)}%41&amp;{opaque(4)}\\u0041",
        "jwt": jwt,
        "leveled jwt": lambda: jwt(level=7),
        "uuid": lambda: str(chance.uuid4()),
        "hex": lambda: _text(64, _HEX),
        "short hex": lambda: _text(32, _HEX),
        "base64 key": lambda: base64.b64encode(chance.token_bytes(44)).decode(),
        "code": lambda: _digits(8),
        "short code": lambda: _digits(6),
        "cvv": lambda: _digits(4),
        "ssn": _ssn,
        "ssn number": lambda: _ssn().replace("-", ""),
        "visa": lambda: _card("4"),
        "mastercard": lambda: _card("53"),
        "amex": lambda: _card("37", 15),
        "spaced card": lambda: _grouped(_card("4"), " "),
        "dashed card": lambda: _grouped(_card("4"), "-"),
        "iban": lambda: _iban("DE", "", 18),
        "british iban": lambda: _iban("GB", "NWBK", 14),
        "iban around a card": lambda: _iban("DE", _card("4"), 2),
        "spaced iban": lambda: _grouped(_iban("DE", "", 18), " "),
        "e-mail": lambda: f"ada.{opaque(14).lower()}@shop.example",
        "pem": lambda: _pem(""),
        "rsa pem": lambda: _pem("RSA "),
        "ec pem": lambda: _pem("EC "),
        "openssh pem": lambda: _pem("OPENSSH "),
        "stripe signature": lambda: f"t=1700000000,v1={_text(64, _HEX)}",
        "hub signature": lambda: f"sha1={_text(40, _HEX)}",
        "hub signature 256": lambda: f"sha256={_text(64, _HEX)}",
        "connection": lambda: f"Server=db.example;User Id=app;Password={opaque(18)};",
        "passphrase": lambda: f"correct horse {opaque(12)} staple",
        **VENDORS,
    }
)
_INNER = MappingProxyType(
    {
        **dict.fromkeys(("stripe signature", "hub signature", "hub signature 256"), r"\w+$"),
        "connection": r"(?<=Password=)\w+",
        "passphrase": r"\w{12}",
        "telegram": r"\w+$",
        "slack-webhook": r"\w+$",
        "discord-webhook": r"[\w-]+$",
    }
)
"""For forms in which only a part is secret, the pattern of that part."""


class Mint:
    """Makes secrets, or returns those of an earlier run in the same order."""

    def __init__(self, made: Iterable[Made] | None = None) -> None:
        self.made: list[Made] = []
        self._again = None if made is None else iter(made)

    def new(self, form: str) -> str:
        """Make a secret of a form."""
        return FORMS[form]()

    def __call__(self, form: str = "token") -> str:
        was, value = (form, self.new(form)) if self._again is None else next(self._again)
        if was != form:
            raise LookupError(f"a {was} was made where a {form} is asked for")
        self.made.append((form, value))
        return value


def needles(form: str, value: str) -> list[str]:
    """Return the parts of a secret that must not be written, in any encoding."""
    if form.endswith("pem"):
        return [line for line in value.splitlines() if not line.startswith("-----")]
    if form.endswith("jwt"):
        claims = parts_of_jwt(value)[1]
        return [value.rpartition(".")[2], str(claims["sub"])]
    if inner := _INNER.get(form):
        return re.findall(inner, value)
    found = [value]
    if form.startswith(("spaced", "dashed")):
        found.append(re.sub("[ -]", "", value))
    return found


def parts(form: str, value: str) -> list[str]:
    """Return start and end of a long secret, to detect one that was replaced only in part."""
    is_other = form == "uuid" or form in _INNER or form.endswith(("jwt", "pem", "card", "iban"))
    if is_other or len(value) < 24:
        return []
    return [value[-16:]] if form in VENDORS else [value[:16], value[-16:]]


_CARDS = ("visa", "mastercard", "amex", "spaced card", "dashed card")


def keeps_form(form: str, was: str, now: str) -> bool:
    """Whether a placeholder passes the format checks that the secret passed."""
    if form == "jwt":
        return _keeps_claims(was, now)
    checks: dict[str, Callable[[], bool]] = {
        "uuid": lambda: str(uuid.UUID(now)) == now,
        "hex": lambda: _matches(r"[0-9a-f]*", was, now),
        "short hex": lambda: _matches(r"[0-9a-f]*", was, now),
        "base64 key": lambda: _matches(r"[A-Za-z0-9+/]*=*", was, now) and _is_base64(now),
        "code": lambda: _matches(r"\d*", was, now),
        "short code": lambda: _matches(r"\d*", was, now),
        "cvv": lambda: _matches(r"\d*", was, now),
        "ssn": lambda: _matches(r"\d{3}-\d\d-\d{4}", was, now),
        **dict.fromkeys(_CARDS, lambda: is_luhn(re.sub("[ -]", "", now)) and len(now) == len(was)),
        **dict.fromkeys(
            ("iban", "british iban", "spaced iban", "iban around a card"), lambda: is_iban(now)
        ),
        "e-mail": lambda: _matches(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+", now, now),
    }
    return form not in checks or checks[form]()


def _matches(pattern: str, was: str, now: str) -> bool:
    return re.fullmatch(pattern, now, re.ASCII) is not None and len(was) == len(now)


def _is_base64(text: str) -> bool:
    try:
        return bool(base64.b64decode(text, validate=True))
    except ValueError:
        return False


def _keeps_claims(was: str, now: str) -> bool:
    (old_header, old), (header, claims) = parts_of_jwt(was), parts_of_jwt(now)
    public = ("iss", "aud", "scope")
    return (
        header["alg"] == old_header["alg"]
        and claims.keys() == old.keys()
        and all(claims[name] == old[name] for name in public)
        and isinstance(claims["sub"], str)
        and claims["exp"] > time.time()
        and claims["exp"] - claims["iat"] == old["exp"] - old["iat"]
    )


# --- requests and answers ---------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Answer:
    body: bytes = b""
    headers: Pairs = ()
    status: int = 200
    reason: str = "OK"
    piece: int = 0
    """Size of the chunks in bytes. 0 sends the body whole, with Content-Length."""

    @property
    def head(self) -> list[str]:
        """Header lines, with Content-Length or Transfer-Encoding."""
        framing = "Transfer-Encoding: chunked" if self.piece else f"Content-Length: {self.length}"
        return [f"{name}: {value}" for name, value in self.headers] + [framing]

    @property
    def length(self) -> int:
        return len(self.body)

    @property
    def wire(self) -> bytes:
        """The body as it is sent, in chunks if `piece` is set."""
        if not self.piece:
            return self.body
        starts = range(0, self.length, self.piece)
        pieces = [self.body[start : start + self.piece] for start in starts]
        return b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in [*pieces, b""])


@dataclass(frozen=True, slots=True)
class PlannedCall:
    """A request that the inner suite makes, and the answer of the server.

    `environment` and `dotenv` are variables that the suite has set for it.
    """

    method: str = "GET"
    target: str = "/things"
    headers: Pairs = ()
    body: bytes = b""
    answer: Answer = Answer()
    userinfo: str = ""
    environment: Pairs = ()
    dotenv: Pairs = ()


Build: TypeAlias = Callable[[Mint], PlannedCall | Sequence[PlannedCall]]


@dataclass(frozen=True, slots=True)
class Placement:
    """One place for secrets. Placements that `share` a group get the same secrets."""

    id: str
    build: Build
    shares: str = ""

    @property
    def key(self) -> str:
        return self.shares or self.id

    def planned_calls(self, mint: Mint) -> Sequence[PlannedCall]:
        built = self.build(mint)
        return [built] if isinstance(built, PlannedCall) else built


JSON = "application/json"
FORM = "application/x-www-form-urlencoded"
TEXT = "text/plain; charset=utf-8"
HTML = "text/html; charset=utf-8"


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode()


def _answer(body: bytes, media: str = JSON, *headers: tuple[str, str], **how: Any) -> Answer:
    return Answer(body, (("Content-Type", media), *headers), **how)


def _json_answer(value: object, *headers: tuple[str, str], **how: Any) -> Answer:
    return _answer(_json(value), JSON, *headers, **how)


_DONE = _json_answer({"done": True, "by": "the bench"})


def _post(body: bytes, media: str = JSON, answer: Answer = _DONE, **how: Any) -> PlannedCall:
    """Return a POST of this body."""
    return PlannedCall("POST", headers=(("Content-Type", media),), body=body, answer=answer, **how)


def _post_and_answer(one: bytes, other: bytes, media: str = JSON, **how: Any) -> PlannedCall:
    """Return a call with one body in the request and the other in the answer."""
    return _post(one, media, _answer(other, media), **how)


def _in_both_bodies(make: Callable[[Mint], bytes], media: str = JSON) -> Build:
    """Put a document in the request, and the same with other secrets in the answer."""
    return lambda mint: _post_and_answer(make(mint), make(mint), media)


def _documents(make: Callable[[Mint], object]) -> Build:
    return _in_both_bodies(lambda mint: _json(make(mint)))


def _texts(template: str, form: str = "token", media: str = TEXT) -> Build:
    return _in_both_bodies(lambda mint: template.replace("{}", mint(form)).encode(), media)


def _notes(template: str, form: str = "token") -> Build:
    """Put the text under a name that is not a secret's."""
    return _documents(lambda mint: {"id": 7, "note": template.replace("{}", mint(form))})


# --- headers ----------------------------------------------------------------------------------


def _request_header(name: str, template: str = "{}", form: str = "token") -> Build:
    return lambda mint: PlannedCall(headers=((name, template.replace("{}", mint(form))),))


def _answer_header(name: str, template: str = "{}", form: str = "token") -> Build:
    return lambda mint: PlannedCall(
        answer=_json_answer({"done": True}, (name, template.replace("{}", mint(form))))
    )


def _two_headers(name: str, template: str = "{}", form: str = "token") -> Build:
    def build(mint: Mint) -> PlannedCall:
        one, other = (template.replace("{}", mint(form)) for _ in range(2))
        return PlannedCall(
            headers=((name, one),), answer=_json_answer({"done": True}, (name, other))
        )

    return build


def _basic(mint: Mint) -> PlannedCall:
    pair = f"ada:{mint('password')}".encode()
    return PlannedCall(headers=(("Authorization", f"Basic {base64.b64encode(pair).decode()}"),))


def _basic_twice(mint: Mint) -> PlannedCall:
    """The scrubber learns the password of Basic, and finds it where the answer repeats it."""
    password = mint("plain password")
    pair = base64.b64encode(f"ada:{password}".encode()).decode()
    return PlannedCall(
        headers=(("Authorization", f"Basic {pair}"),),
        answer=_json_answer(
            {"detail": f"no user ada with {password}"}, status=401, reason="Unauthorized"
        ),
    )


def _signed_by_aws(mint: Mint) -> PlannedCall:
    scope = f"{mint('aws')}/20240131/eu-west-1/s3/aws4_request"
    parts = f"Credential={scope}, SignedHeaders=host;x-amz-date, Signature={mint('hex')}"
    return PlannedCall(headers=(("Authorization", f"AWS4-HMAC-SHA256 {parts}"),))


_DIGEST = 'Digest username="ada", realm="shop", nonce="n1", uri="/things", response="{}", qop=auth'
_OAUTH = 'OAuth oauth_consumer_key="{}", oauth_token="{}", oauth_signature="{}"'


def _oauth(mint: Mint) -> PlannedCall:
    credentials = _OAUTH.format(mint(), mint(), mint())
    return PlannedCall(headers=(("Authorization", credentials),))


def _many_cookies(mint: Mint) -> PlannedCall:
    cookies = f"theme=dark; sessionid={mint()}; lang=en; _shop_state={mint()}"
    return PlannedCall(headers=(("Cookie", cookies),))


def _many_set_cookies(mint: Mint) -> PlannedCall:
    rest = "Path=/; HttpOnly; SameSite=Lax"
    lines = (
        ("Set-Cookie", f"theme=dark; {rest}"),
        ("Set-Cookie", f"sid={mint()}; {rest}; Max-Age=3600"),
        ("set-cookie", f"remember_me={mint()}; Expires=Wed, 21 Oct 2099 07:28:00 GMT; {rest}"),
    )
    return PlannedCall(answer=_json_answer({"done": True}, *lines))


_TOKEN_HEADERS = (
    "X-Api-Key api-key X-Auth-Token X-Amz-Security-Token Ocp-Apim-Subscription-Key x-goog-api-key "
    "X-Vault-Token PRIVATE-TOKEN X-CSRF-Token X-CsrfToken X-XSRF-TOKEN X-XsrfToken x-functions-key "
    "X-Shopify-Access-Token X-Gitlab-Token X-Client-Secret X-Refresh-Token X-Shop-Password "
    "X-Signing-Key X-Session-Id X-Signature"
).split()

_HEADERS: Mapping[str, Build] = {
    "authorization-bearer": _two_headers("Authorization", "Bearer {}"),
    "authorization-bearer-jwt": _request_header("authorization", "Bearer {}", "jwt"),
    "authorization-bare": _request_header("AUTHORIZATION"),
    "authorization-token": _request_header("Authorization", "Token {}"),
    "authorization-basic": _basic,
    "authorization-basic-learned": _basic_twice,
    "authorization-digest": _request_header("Authorization", _DIGEST, "short hex"),
    "authorization-aws": _signed_by_aws,
    "authorization-oauth": _oauth,
    "authorization-apikey": _request_header("Authorization", "ApiKey {}"),
    "proxy-authorization": _request_header("Proxy-Authorization", "Bearer {}"),
    **{f"header-{name.lower()}": _two_headers(name) for name in _TOKEN_HEADERS},
    "header-stripe-signature": _two_headers("Stripe-Signature", "{}", "stripe signature"),
    "header-x-hub-signature": _two_headers("X-Hub-Signature", "{}", "hub signature"),
    "header-x-hub-signature-256": _two_headers("X-Hub-Signature-256", "{}", "hub signature 256"),
    "header-dpop": _two_headers("DPoP", "{}", "jwt"),
    "header-upper-case": _request_header("X-API-KEY"),
    "cookie-session": _request_header("Cookie", "sessionid={}"),
    "cookie-auth-short": _request_header("Cookie", "auth={}", "little token"),
    "cookie-neutral-long": _request_header("Cookie", "basket={}"),
    "cookie-many": _many_cookies,
    "set-cookie-session": _answer_header("Set-Cookie", "sid={}; Path=/; HttpOnly"),
    "set-cookie-lower-case": _answer_header("set-cookie", "access_token={}; Path=/"),
    "set-cookie-neutral-long": _answer_header("Set-Cookie", "basket={}; Path=/"),
    "set-cookie-many": _many_set_cookies,
    "location-query": _answer_header("Location", "https://shop.example/in?access_token={}&n=1"),
    "location-fragment": _answer_header("Location", "https://shop.example/#access_token={}&n=1"),
    "location-userinfo": _answer_header("Location", "https://ada:{}@shop.example/in"),
    "content-location": _answer_header("Content-Location", "/things/7?sig={}"),
    "referer": _request_header("Referer", "https://shop.example/in?token={}"),
    "link": _answer_header("Link", '<https://shop.example/?page=2&api_key={}>; rel="next"'),
}

# --- names ------------------------------------------------------------------------------------

_HEADS = {
    **dict.fromkeys("password passwd pwd passphrase passcode".split(), "password"),
    **dict.fromkeys("secret token apikey credential credentials".split(), "token"),
    **dict.fromkeys("sid csrf xsrf assertion".split(), "token"),
    "jwt": "jwt",
    "otp": "code",
    "ssn": "ssn",
    "cvv": "cvv",
}
_OWNERS = "api access secret private signing encryption account master subscription session auth"
_PAIRS = {
    **{f"{owner} key": "token" for owner in _OWNERS.split()},
    "session id": "uuid",
    "recovery code": "code",
    "backup code": "code",
    "verification code": "code",
    "connection string": "plain password",
    "card number": "visa",
}
_SUFFIXES = ("dev", "prod", "value", "b64", "2")


def _spellings(name: str) -> list[str]:
    """Return a name in camel, snake and kebab case, and as a constant."""
    words = name.split()
    camel = words[0] + "".join(word.capitalize() for word in words[1:])
    return [camel, "_".join(words), "-".join(words), "_".join(words).upper()]


def _named(names: Sequence[str], form: str = "token") -> Build:
    """Put a secret under each name, among harmless fields."""

    def document(mint: Mint) -> object:
        fields = {name: mint(form) for name in names}
        return {"id": 7, "account": {**fields, "name": "Ada"}}

    return _documents(document)


def _numbers(name: str, form: str) -> Build:
    return _documents(lambda mint: {"id": 7, name: int(mint(form)), "n": 3})


_FIELDS: Mapping[str, Build] = {
    **{f"field-{head}": _named([head], form) for head, form in _HEADS.items()},
    **{
        f"field-{pair.replace(' ', '-')}": _named(_spellings(pair), form)
        for pair, form in _PAIRS.items()
    },
    **{
        f"suffix-{suffix}": _named(
            _spellings(f"password {suffix}") + _spellings(f"api key {suffix}"), "token"
        )
        for suffix in _SUFFIXES
    },
    "suffix-joined": _named(["passwordB64", "secret2", "token_1", "apiKey1"]),
    "owner-of-password": _named(["dbPassword", "DB_PASSWORD", "db-password", "old password"]),
    "owner-of-secret": _named(["clientSecret", "client_secret", "client-secret", "CLIENT_SECRET"]),
    "owner-of-token": _named(["accessToken", "refresh_token", "id-token", "deviceToken"]),
    "owner-of-passphrase": _named(["keyPassphrase", "key_passphrase", "KEY-PASSPHRASE"]),
    "field-connection-string-text": _named(["connection_string"], "connection"),
    "number-otp": _numbers("otp", "code"),
    "number-otp-short": _numbers("otp", "short code"),
    "number-ssn": _numbers("ssn", "ssn number"),
    "number-cvv": _numbers("cvv", "cvv"),
    "number-verification-code": _numbers("verification_code", "code"),
    "number-card-number": _numbers("cardNumber", "visa"),
    "deep-in-json": _documents(
        lambda mint: {"a": [{"b": {"c": [1, {"password": mint("password")}]}}]}
    ),
    "escaped-name": _in_both_bodies(
        lambda mint: b'{"id": 7, "pass\\u0077ord": "%b"}' % mint("token").encode()
    ),
    "form-field": _texts("grant_type=password&user=ada&password={}", media=FORM),
    "form-brackets": _texts("user%5Bname%5D=ada&user%5Bpassword%5D={}&n=1", media=FORM),
    "uuid-api-key": _named(["api_key"], "uuid"),
    "hex-api-key": _named(["api_key"], "hex"),
    "base64-encryption-key": _named(["encryption_key"], "base64 key"),
    "email-credential": _named(["credential"], "e-mail"),
    "token-with-spaces": _named(["passphrase"], "passphrase"),
}

# --- URLs -------------------------------------------------------------------------------------


def _urls(template: str, form: str = "token") -> Build:
    """Request this URL, and put another one in a body."""

    def build(mint: Mint) -> PlannedCall:
        own = template.replace("{}", mint(form))
        link = f"https://shop.example{template.replace('{}', mint(form))}"
        return PlannedCall(target=own, answer=_json_answer({"id": 7, "link": link}))

    return build


def _nested_url(mint: Mint) -> PlannedCall:
    own, nested = (quote(f"https://shop.example/in?token={mint()}&n=1", safe="") for _ in range(2))
    link = f"https://shop.example/go?next={nested}"
    return PlannedCall(target=f"/go?next={own}&n=2", answer=_json_answer({"link": link}))


def _nested_json(mint: Mint) -> PlannedCall:
    own, nested = (quote(json.dumps({"password": mint(), "n": 1}), safe="") for _ in range(2))
    link = f"https://shop.example/find?filter={nested}"
    return PlannedCall(target=f"/find?filter={own}&n=2", answer=_json_answer({"link": link}))


def _userinfo(mint: Mint) -> PlannedCall:
    return PlannedCall(userinfo=f"ada:{mint('plain password')}@")


def _query(name: str, form: str = "token") -> Build:
    return _urls(f"/things?page=2&{name}={{}}&sort=name", form)


_SEGMENTS = "reset verify confirm invite token webhook webhooks services".split()

_URLS: Mapping[str, Build] = {
    "url-userinfo": _userinfo,
    "url-userinfo-in-body": _documents(
        lambda mint: {"link": f"https://ada:{mint('plain password')}@shop.example/x"}
    ),
    "url-access-token": _query("access_token"),
    "url-api-key": _query("apiKey"),
    "url-password": _query("password"),
    "url-client-secret": _query("client-secret"),
    "url-sig": _query("sig"),
    "url-signature": _query("Signature"),
    "url-x-amz-signature": _query("X-Amz-Signature", "hex"),
    "url-x-amz-credential": _query("X-Amz-Credential", "aws-session"),
    "url-x-amz-security-token": _query("X-Amz-Security-Token"),
    "url-x-goog-signature": _query("X-Goog-Signature", "hex"),
    "url-x-goog-credential": _query("X-Goog-Credential"),
    "url-code": _query("code"),
    "url-state": _query("state", "short token"),
    "url-key-of-vendor": _query("key", "google-key"),
    "url-key-opaque": _query("key"),
    "url-brackets": _query("auth[token]"),
    "url-brackets-encoded": _query("user%5Bpassword%5D"),
    "url-encoded-name": _query("access%5Ftoken"),
    "url-matrix": _urls("/things;page=2;token={};n=1/parts"),
    "url-fragment": _urls("/things#page=2&access_token={}&n=1"),
    "url-nested": _nested_url,
    "url-nested-json": _nested_json,
    **{
        f"url-segment-{word}": _urls(f"/{word}/{{}}", form)
        for word, form in zip(_SEGMENTS, ["token", "urlsafe"] * 4, strict=True)
    },
    "url-segment-services-deep": _urls("/services/T0SHOP12/B0SHOP3456/{}"),
    "url-segment-webhooks-deep": _urls(f"/api/webhooks/{10**18}/{{}}", "urlsafe"),
}

# --- values, whatever their name --------------------------------------------------------------


def _lines(mint: Mint) -> bytes:
    lines = (
        "# settings of the shop",
        "DB_HOST=db.example",
        f"DB_PASSWORD={mint()}",
        f'export API_KEY="{mint()}"',
        "TOKEN_COUNT=12",
    )
    return "\n".join(lines).encode()


def _colon_lines(mint: Mint) -> bytes:
    return (
        f"user: ada\npassword: {mint()}\n  client_secret: '{mint()}'\ntoken_type: bearer\n".encode()
    )


_PNG = (
    b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x06\x00\x00\x00\xff"
)


def _in_binary(form: str) -> Build:
    return _in_both_bodies(
        lambda mint: _PNG + b"\x00tEXt\x00" + mint(form).encode() + b"\x00\xfe\xff", "image/png"
    )


_XML = "application/xml"

_VALUES: Mapping[str, Build] = {
    **{f"value-{vendor}": _notes("Call it with {} today.", vendor) for vendor in VENDORS},
    "value-jwt": _notes("Sent {} to the shop.", "jwt"),
    "value-jwt-alone": _notes("{}", "jwt"),
    "value-pem": _notes("{}", "pem"),
    "value-pem-rsa": _notes("{}", "rsa pem"),
    "value-pem-ec": _texts("A key:\n{}", "ec pem"),
    "value-pem-openssh": _texts("A key:\n{}", "openssh pem"),
    "value-bearer": _notes("curl -H 'Authorization: Bearer {}' shop.example"),
    "value-dsn": _notes("postgres://app:{}@db.example:5432/shop", "plain password"),
    "value-dsn-no-user": _notes("Connect to redis://:{}@cache.example/0 first.", "plain password"),
    "value-ssn": _notes("Her number is {} as she says.", "ssn"),
    "value-visa": _notes("Paid with {} on Monday.", "visa"),
    "value-mastercard": _notes("{}", "mastercard"),
    "value-amex": _notes("{}", "amex"),
    "value-card-spaced": _notes("Paid with {} on Monday.", "spaced card"),
    "value-card-dashed": _notes("Paid with {} on Monday.", "dashed card"),
    "value-iban": _notes("Send it to {} on Monday.", "iban"),
    "value-iban-british": _notes("{}", "british iban"),
    "value-iban-spaced": _notes("{}", "spaced iban"),
    "value-iban-around-card": _notes("{}", "iban around a card"),
    "value-equals-lines": _in_both_bodies(_lines, TEXT),
    "value-colon-lines": _in_both_bodies(_colon_lines, TEXT),
    "value-lines-in-json": _documents(lambda mint: {"file": _lines(mint).decode()}),
    "value-password-is": _notes("Your new password is {}", "password"),
    "value-password-is-text": _texts("Hello Ada,\nyour password is {}\nGoodbye", "token"),
    "value-xml-element": _texts("<user><name>Ada</name><password>{}</password></user>", media=_XML),
    "value-xml-prefixed": _texts("<s:login><s:ApiKey>{}</s:ApiKey></s:login>", media=_XML),
    "value-xml-attribute": _texts('<user name="Ada" password="{}" age="36"/>', media=_XML),
    "value-html-input": _texts(
        '<form><input type="text" name="user" value="ada">'
        '<input type="hidden" name="csrf_token" value="{}"></form>',
        media=HTML,
    ),
    "value-html-input-turned": _texts(
        "<form><input value='{}' name='password' type='password'></form>", media=HTML
    ),
    "value-html-meta": _texts('<head><meta name="csrf-token" content="{}"></head>', media=HTML),
    "value-csv": _in_both_bodies(
        lambda mint: f"name,password,age\nada,{mint()},36\nbob,{mint()},40\n".encode(), "text/csv"
    ),
    "value-csv-quoted": _in_both_bodies(
        lambda mint: f'"name","api_key"\r\n"Ada, Lady","{mint()}"\r\n'.encode(), "text/csv"
    ),
    "value-vendor-in-path": _urls("/things/{}/parts", "stripe-live"),
    "value-vendor-in-query": _urls("/things?note={}", "github"),
    "value-telegram-in-path": _urls("/bot{}/sendMessage", "telegram"),
    "value-jwt-in-path": _urls("/things/{}/parts", "jwt"),
    "value-vendor-in-header": _two_headers("X-Note", "{}", "gitlab"),
    "value-vendor-in-cookie": _request_header("Cookie", "n=1; k={}", "stripe-test"),
    "value-vendor-in-binary": _in_binary("github"),
    "value-aws-in-binary": _in_binary("aws"),
    "value-vendor-in-form": _texts("note={}&n=1", "npm", FORM),
}

# --- structures -------------------------------------------------------------------------------


def _kubernetes(mint: Mint) -> object:
    """All data of a Kubernetes Secret are secret under any name, also when decoded."""
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": "db", "namespace": "shop"},
        "type": "Opaque",
        "data": {"blob": base64.b64encode(mint().encode()).decode(), "rest": mint("base64 key")},
        "stringData": {"motto": mint()},
    }


def _patch(path: str) -> Build:
    return _documents(
        lambda mint: [
            {"op": "replace", "path": "/name", "value": "Ada"},
            {"op": "replace", "path": path, "value": mint()},
        ]
    )


_STRUCTURES: Mapping[str, Build] = {
    "pair-name-value": _documents(
        lambda mint: [{"name": "user", "value": "ada"}, {"name": "password", "value": mint()}]
    ),
    "pair-value-name": _documents(lambda mint: {"value": mint(), "name": "DB_PASSWORD"}),
    "pair-key-value": _documents(lambda mint: [{"key": "api_key", "value": mint()}]),
    "json-patch": _patch("/password"),
    "json-patch-deep": _patch("/users/0/clientSecret"),
    "parent-with-value": _documents(
        lambda mint: {"password": {"value": mint(), "label": "for the shop"}}
    ),
    "parent-with-value-in-list": _documents(
        lambda mint: {"n": 1, "api_key": [{"value": mint(), "n": 2}]}
    ),
    "list": _documents(lambda mint: {"secret": [mint(), mint()], "n": 1}),
    "list-of-lists": _documents(lambda mint: {"backup_code": [[mint("code")], [mint("code")]]}),
    "list-plural": _documents(lambda mint: {"recovery_codes": [mint(), mint()], "n": 1}),
    "kubernetes-secret": _documents(_kubernetes),
    "kubernetes-list": _documents(lambda mint: {"kind": "List", "items": [_kubernetes(mint)]}),
}

# --- encodings of what was learned ------------------------------------------------------------

Encode: TypeAlias = Callable[[str], str]


def _echoed(
    make: Callable[[str], Answer], form: str = "tricky password", name: str = "password"
) -> Build:
    """The scrubber learns the secret from a name in the request; the answer repeats it."""

    def build(mint: Mint) -> PlannedCall:
        secret = mint(form)
        return _post(_json({"user": "ada", name: secret}), answer=make(secret))

    return build


def _repeated(make: Callable[[str], PlannedCall], form: str = "tricky password") -> Build:
    """The scrubber learns the secret from a name in an answer; the next request repeats it.

    In a replay the client sends the placeholder.
    """

    def build(mint: Mint) -> Sequence[PlannedCall]:
        secret = mint(form)
        return [PlannedCall(answer=_json_answer({"password": secret})), make(secret)]

    return build


def _note(encode: Encode, form: str = "tricky password") -> Build:
    return _echoed(
        lambda secret: _json_answer({"note": f"got {encode(secret)} here", "n": 1}), form
    )


def _sent_note(encode: Encode, form: str = "tricky password") -> Build:
    return _repeated(lambda secret: _post(_json({"note": encode(secret), "n": 1})), form)


def _lower_percent(text: str) -> str:
    return re.sub("%..", lambda found: found[0].lower(), quote(text, safe=""))


def _escapes(text: str) -> str:
    return "".join(f"\\u{ord(character):04x}" for character in text)


def _base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def _base64url(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _blob(before: str) -> Encode:
    """Encode a longer text, in which the secret starts at another position of a base64 group."""
    return lambda secret: _base64(f"{before}{secret}; and so on, and so on")


def _coded(coding: str, encode: Callable[[bytes], bytes]) -> Build:
    header = ("Content-Encoding", coding)
    body = "a text of the shop, and {} in it"
    return _echoed(
        lambda secret: _answer(encode(body.replace("{}", secret).encode()), TEXT, header)
    )


def _sent_coded(coding: str, encode: Callable[[bytes], bytes]) -> Build:
    def build(mint: Mint) -> PlannedCall:
        body = encode(_json({"user": "ada", "password": mint("tricky password")}))
        headers = (("Content-Type", JSON), ("Content-Encoding", coding))
        return PlannedCall("POST", headers=headers, body=body, answer=_DONE)

    return build


def _gzip(body: bytes) -> bytes:
    return gzip.compress(body, mtime=0)


def _raw_deflate(body: bytes) -> bytes:
    deflate = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return deflate.compress(body) + deflate.flush()


def _is_installed(module: str) -> bool:
    return importlib.util.find_spec(module) is not None


def _brotli(body: bytes) -> bytes:
    compressed: bytes = importlib.import_module("brotli").compress(body)
    return compressed


def _zstd(body: bytes) -> bytes:
    compressed: bytes = importlib.import_module("zstandard").compress(body)
    return compressed


def _in_charset(charset: str, encoding: str, mark: bytes = b"") -> Build:
    media = f"text/plain; charset={charset}"
    return _echoed(
        lambda secret: _answer(mark + f"the text {secret} and more".encode(encoding), media)
    )


_BOUNDARY = "frontier-of-parts"
_MULTIPART = f"multipart/form-data; boundary={_BOUNDARY}"


def _multipart(*parts: tuple[str, str]) -> bytes:
    """Return a multipart body. Each part is what follows `form-data;`, and the content."""
    written = "".join(
        f"--{_BOUNDARY}\r\nContent-Disposition: form-data; {head}\r\n\r\n{content}\r\n"
        for head, content in parts
    )
    return f"{written}--{_BOUNDARY}--\r\n".encode()


def _uploaded(head: str, content: str, form: str = "plain password") -> Build:
    """A part repeats a secret that an answer gave."""

    def make(secret: str) -> PlannedCall:
        part = (head.replace("{}", secret), content.replace("{}", secret))
        return _post(_multipart(('name="user"', "ada"), part), _MULTIPART)

    return _repeated(make, form)


def _multipart_field(mint: Mint) -> PlannedCall:
    body = _multipart(('name="user"', "ada"), ('name="password"', mint("password")))
    return _post(body, _MULTIPART)


def _multipart_secret_file(mint: Mint) -> PlannedCall:
    """A file with a secret in its text."""
    text = f"DB_HOST=db\nDB_PASSWORD={mint()}\n"
    return _post(_multipart(('name="file"; filename="settings.env"', text)), _MULTIPART)


def _multipart_answer(secret: str) -> Answer:
    return _answer(_multipart(('name="note"', f"got {secret}")), _MULTIPART)


def _ndjson(mint: Mint) -> bytes:
    rows = ({"n": n, "password": mint("password")} for n in range(3))
    return b"".join(_json(row) + b"\n" for row in rows)


def _events(mint: Mint) -> bytes:
    rows = ({"n": n, "access_token": mint()} for n in range(2))
    written = "".join(f"event: login\ndata: {json.dumps(row)}\n\n" for row in rows)
    return written.encode()


_FAILED = "Unprocessable"

_LIKE_ESCAPES: Mapping[str, Callable[[str], Answer]] = {
    "text": lambda secret: _answer(f"got {secret} here".encode(), TEXT),
    "json": lambda secret: _json_answer({"note": f"got {secret} here"}),
    "html": lambda secret: _answer(f"<p>{html.escape(secret)}</p>".encode(), HTML),
    "url": lambda secret: _json_answer(
        {"link": f"https://shop.example/?note={quote(secret, safe='')}"}
    ),
}
"""A secret with characters that read like an escape must be found unchanged."""
_ENCODINGS: Mapping[str, Build] = {
    "echo-raw": _note(str),
    **{
        f"echo-like-escapes-{name}": _echoed(make, "password like escapes")
        for name, make in _LIKE_ESCAPES.items()
    },
    "echo-raw-text": _echoed(lambda secret: _answer(f"got {secret} here".encode(), TEXT)),
    "echo-percent-upper": _note(lambda secret: quote(secret, safe="")),
    "echo-percent-lower": _note(_lower_percent),
    "echo-json-escapes": _echoed(
        lambda secret: _answer(f'{{"note": "got {_escapes(secret)} here", "n": 1}}'.encode())
    ),
    "echo-json-ascii": _echoed(lambda secret: _answer(json.dumps({"note": secret}).encode())),
    "echo-json-slashes": _echoed(
        lambda secret: _answer(_json({"note": secret}).replace(b"/", b"\\/")),
        "base64 key",
        "encryption_key",
    ),
    "echo-json-doubled": _note(lambda secret: _json({"inner": secret}).decode()),
    "echo-json-doubled-ascii": _note(lambda secret: json.dumps({"inner": secret})),
    "echo-json-twice-doubled": _note(
        lambda secret: json.dumps({"inner": json.dumps({"core": secret})}), "password"
    ),
    "echo-html": _echoed(lambda secret: _answer(f"<p>{html.escape(secret)}</p>".encode(), HTML)),
    "echo-html-numbers": _echoed(
        lambda secret: _answer(
            f"<p>{html.escape(secret)}</p>".encode("ascii", "xmlcharrefreplace"), HTML
        )
    ),
    "echo-hex-lower": _note(lambda secret: secret.encode().hex()),
    "echo-hex-upper": _note(lambda secret: secret.encode().hex().upper()),
    "echo-base64": _note(_base64),
    "echo-base64url": _note(_base64url),
    "echo-base64-blob-0": _note(_blob("to:ada")),
    "echo-base64-blob-1": _note(_blob("to: ada")),
    "echo-base64-blob-2": _note(_blob("to:  ada")),
    "echo-gzip": _coded("gzip", _gzip),
    "echo-deflate": _coded("deflate", zlib.compress),
    "echo-deflate-raw": _coded("deflate", _raw_deflate),
    "echo-stacked": _coded("deflate, gzip", lambda body: _gzip(zlib.compress(body))),
    **({"echo-br": _coded("br", _brotli)} if _is_installed("brotli") else {}),
    **({"echo-zstd": _coded("zstd", _zstd)} if _is_installed("zstandard") else {}),
    "echo-utf-16-le": _in_charset("utf-16", "utf-16-le", b"\xff\xfe"),
    "echo-utf-16-be": _in_charset("utf-16", "utf-16-be", b"\xfe\xff"),
    "echo-latin-1": _in_charset("iso-8859-1", "latin-1"),
    "echo-bom": _in_charset("utf-8", "utf-8", b"\xef\xbb\xbf"),
    "bom-of-json": _in_both_bodies(
        lambda mint: b"\xef\xbb\xbf" + _json({"n": 1, "password": mint("password")})
    ),
    "utf-16-json": _in_both_bodies(
        lambda mint: json.dumps({"n": 1, "password": mint("password")}).encode("utf-16"),
        "application/json; charset=utf-16",
    ),
    "latin-1-form": _in_both_bodies(
        lambda mint: f"user=Zo\u00eb&password={mint()}&n=1".encode("latin-1"), FORM
    ),
    "echo-chunked": _echoed(lambda secret: _json_answer({"note": f"got {secret} here"}, piece=7)),
    "echo-dict-key": _echoed(
        lambda secret: _json_answer({"by": {secret: {"n": 1}}, "n": 2}), "token"
    ),
    "echo-reason": _echoed(
        lambda secret: _json_answer({"n": 1}, status=422, reason=f"{_FAILED} {secret}"), "token"
    ),
    "echo-error": _echoed(
        lambda secret: _json_answer(
            {"detail": [{"loc": ["body", "user"], "input": secret, "msg": f"no user {secret}"}]},
            status=422,
            reason=_FAILED,
        )
    ),
    "echo-header": _echoed(
        lambda secret: _json_answer({"n": 1}, ("X-Echo", f"got {secret}")), "password"
    ),
    "echo-header-percent": _echoed(
        lambda secret: _json_answer({"n": 1}, ("Location", f"/next?note={quote(secret, safe='')}"))
    ),
    "echo-header-base64": _echoed(
        lambda secret: _json_answer({"n": 1}, ("X-Echo", _base64(secret)))
    ),
    "echo-multipart": _echoed(_multipart_answer),
    "echo-binary": _echoed(
        lambda secret: _answer(_PNG + secret.encode() + b"\x00\xff\xfe", "image/png"), "token"
    ),
    "ndjson": _in_both_bodies(_ndjson, "application/x-ndjson"),
    "sse": lambda mint: PlannedCall(answer=_answer(_events(mint), "text/event-stream")),
    "echo-ndjson": _echoed(
        lambda secret: _answer(b'{"n": 1}\n' + _json({"note": secret}), "application/x-ndjson")
    ),
    "echo-sse": _echoed(
        lambda secret: _answer(
            f"data: hello\n\ndata: got {secret}\n\n".encode(), "text/event-stream"
        )
    ),
    "sent-gzip": _sent_coded("gzip", _gzip),
    "sent-deflate": _sent_coded("deflate", zlib.compress),
    "sent-raw": _sent_note(str),
    "sent-raw-text": _repeated(lambda secret: _post(f"got {secret} here".encode(), TEXT)),
    "sent-hex": _sent_note(lambda secret: secret.encode().hex()),
    "sent-base64": _sent_note(_base64),
    "sent-base64-padded": _sent_note(_base64, "token"),
    "sent-base64-padded-twice": _sent_note(_base64, "short token"),
    "sent-base64-blob": _sent_note(_blob("to:ada:")),
    "sent-json-doubled": _sent_note(lambda secret: json.dumps({"inner": secret})),
    "sent-dict-key": _repeated(lambda secret: _post(_json({"by": {secret: 1}})), "token"),
    "sent-path": _repeated(lambda secret: PlannedCall(target=f"/things/{secret}/parts"), "token"),
    "sent-path-percent": _repeated(
        lambda secret: PlannedCall(target=f"/things/{quote(secret, safe='')}/parts")
    ),
    "sent-query-lower": _repeated(
        lambda secret: PlannedCall(target=f"/things?note={_lower_percent(secret)}")
    ),
    "sent-header": _repeated(lambda secret: PlannedCall(headers=(("X-Note", secret),)), "password"),
    "sent-form": _repeated(
        lambda secret: _post(f"note={quote(secret, safe='')}&n=1".encode(), FORM)
    ),
    "multipart-field": _multipart_field,
    "multipart-file-lines": _multipart_secret_file,
    "sent-multipart-field": _uploaded('name="note"', "got {} here"),
    "sent-multipart-file": _uploaded('name="file"; filename="a.txt"', "got {} here"),
    "sent-multipart-filename": _uploaded('name="file"; filename="{}.txt"', "some text"),
}

# --- what is known or learned elsewhere -------------------------------------------------------


def _of_environment(name: str, make: Callable[[str], PlannedCall], form: str = "token") -> Build:
    def build(mint: Mint) -> PlannedCall:
        secret = mint(form)
        return replace(make(secret), environment=((name, secret),))

    return build


def _dsn_variable(mint: Mint) -> PlannedCall:
    """The password in a variable whose name is not a secret's."""
    password = mint("plain password")
    url = f"postgres://app:{password}@db.example/shop"
    answer = _json_answer({"detail": f"the server refused {password}"}, status=500, reason="Error")
    return PlannedCall(answer=answer, environment=(("DATABASE_URL", url),))


def _dotenv(mint: Mint) -> PlannedCall:
    password = mint()
    answer = _json_answer({"note": f"got {password} here"})
    return PlannedCall(
        target=f"/mail/{password}/box", answer=answer, dotenv=(("MAIL_PASSWORD", password),)
    )


def _dotenv_dsn(mint: Mint) -> PlannedCall:
    password = mint("plain password")
    url = f"amqp://app:{password}@queue.example/"
    return PlannedCall(
        answer=_json_answer({"note": f"got {password}"}), dotenv=(("BROKER_URL", url),)
    )


def _answer_with(secret: str) -> PlannedCall:
    return PlannedCall(answer=_json_answer({"note": f"got {secret} here", "n": 1}))


_KNOWN: Mapping[str, Build] = {
    "environment-path": _of_environment(
        "SHOP_PASSWORD", lambda secret: PlannedCall(target=f"/shops/{secret}/things")
    ),
    "environment-query": _of_environment(
        "PAYMENT_API_KEY", lambda secret: PlannedCall(target=f"/pay?by={secret}&n=1")
    ),
    "environment-body": _of_environment(
        "CLIENT_SECRET", lambda secret: _post(_json({"note": f"with {secret}"}))
    ),
    "environment-answer": _of_environment("MAIL_TOKEN", _answer_with),
    "environment-percent": _of_environment(
        "STORE_PASSWORD",
        lambda secret: PlannedCall(target=f"/stores/{quote(secret, safe='')}"),
        "tricky password",
    ),
    "environment-base64": _of_environment(
        "BOX_SECRET", lambda secret: _answer_with(_base64(f"x:{secret}:y"))
    ),
    "environment-dsn": _dsn_variable,
    "dotenv": _dotenv,
    "dotenv-dsn": _dotenv_dsn,
}


def _late(make: Callable[[str], PlannedCall], form: str = "token") -> Build:
    return lambda mint: make(mint(form))


def _source(name: str) -> Build:
    return _late(
        lambda secret: PlannedCall("POST", "/login", answer=_json_answer({name: secret, "n": 1}))
    )


def _group(name: str, **builds: Build) -> list[Placement]:
    """Return placements that share their secrets, in the order in which they run."""
    return [
        Placement(f"{name}-{each.replace('_', '-')}", build, name) for each, build in builds.items()
    ]


_ACROSS = (
    *_group(
        "late",
        before_path=_late(lambda secret: PlannedCall(target=f"/rooms/{secret}/doors")),
        before_body=_late(lambda secret: _post(_json({"note": f"with {secret}"}))),
        before_answer=_late(_answer_with),
        before_base64=_late(lambda secret: _answer_with(_base64(f"a:{secret}:b"))),
        before_gzip=_late(
            lambda secret: PlannedCall(
                answer=_answer(
                    _gzip(f"got {secret} here".encode()), TEXT, ("Content-Encoding", "gzip")
                )
            )
        ),
        source=_source("access_token"),
        after_path=_late(lambda secret: PlannedCall(target=f"/rooms/{secret}/doors")),
        after_body=_late(lambda secret: _post(_json({"note": f"with {secret}"}))),
        after_hex=_late(lambda secret: _answer_with(secret.encode().hex())),
        after_header=_late(lambda secret: PlannedCall(headers=(("X-Note", f"with {secret}"),))),
    ),
    *_group(
        "reused",
        source=_late(lambda secret: PlannedCall(headers=(("X-Api-Key", secret),))),
        in_url=_late(lambda secret: PlannedCall(target=f"/things?page=1&note={secret}")),
        in_answer=_late(_answer_with),
    ),
)

_TABLES = (_HEADERS, _FIELDS, _URLS, _VALUES, _STRUCTURES, _ENCODINGS, _KNOWN)

PLACEMENTS: tuple[Placement, ...] = (
    *(Placement(name, build) for table in _TABLES for name, build in table.items()),
    *_ACROSS,
)

# --- what only looks like a secret ------------------------------------------------------------

_SHA = hashlib.sha1(b"benign").hexdigest()
_SHA256 = hashlib.sha256(b"benign").hexdigest()
_UUID = str(uuid.UUID(bytes=hashlib.md5(b"benign").digest(), version=4))
_CURSOR = base64.urlsafe_b64encode(b'{"after": 1207, "by": "created_at"}').decode().rstrip("=")
_PUBLIC_LINES = base64.b64encode(hashlib.sha512(b"benign").digest()).decode()
_PUBLIC_PEM = f"-----BEGIN PUBLIC KEY-----\n{_PUBLIC_LINES}\n-----END PUBLIC KEY-----\n"
_CERTIFICATE = f"-----BEGIN CERTIFICATE-----\n{_PUBLIC_LINES}\n-----END CERTIFICATE-----\n"
_SCHEMA = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "required": ["user", "password"],
    "properties": {
        "user": {"type": "string", "examples": ["ada-lovelace-1815"]},
        "password": {"type": "string", "minLength": 8, "description": "Eight of them, or more"},
        "token": {"$ref": "#/$defs/token", "default": "none-given-2024"},
    },
}

_KEPT_FIELDS: Mapping[str, object] = {
    "token-count": {"token_count": "1200-of-4096"},
    "token-type": {"token_type": "Bearer", "expires_in": 3600},
    "token-url": {"token_url": "https://id.example/oauth2/token?page=2"},
    "password-policy": {"password_policy": "strict-12-of-4"},
    "secret-name": {"secretName": "db-credentials-prod-2"},
    "key-prefix": {"key_prefix": "shop-key-2024-07"},
    "page-token": {"page_token": _CURSOR},
    "next-page-token": {"next_page_token": _CURSOR, "nextPageToken": _CURSOR},
    "next-token": {"nextToken": _CURSOR},
    "continuation-token": {"continuation-token": _CURSOR},
    "cursor": {"cursor": _CURSOR, "cursorToken": _CURSOR},
    "sync-token": {"syncToken": _CURSOR, "next_sync_token": _CURSOR},
    "max-tokens": {"max_token": "4096-by-default", "max_tokens": 4096},
    "usage-of-tokens": {"prompt_tokens": 12, "completion_tokens": 30, "total_tokens": 42},
    "total-token": {"total_token": "12345678-all-told"},
    "public-key": {"public_key": f"ssh-ed25519 AAAA{_PUBLIC_LINES[:60]}", "publicKey": _SHA256},
    "has-password": {"has_password": "yes-since-2020", "isSecret": "no-it-is-not-1"},
    "label-of-secret": {"label_secret": "Sauce-of-the-house-1"},
    "null-password": {"password": None, "secret": None},
    "boolean-secret": {"secret": True, "password": False, "token": True},
    "number-token": {"token": 12345678, "password": 87654321, "api_key": 4096},
    "short-token": {"token": "abc", "csrf": "off", "credential": "none"},
    "word-token": {"token": "identifier", "credential": "fingerprint"},
    "word-auth": {"auth": "basic", "pass": "passed"},
    "sentence-password": {"password": "must be at least 8 characters"},
    "sentence-errors": {"errors": {"password": ["must be at least 8 characters"]}},
    "sentence-api-key": {"api_key": "This field is required, even in 2024."},
    "code-error": {"code": "invalid_request", "error_code": "E-1207-B"},
    "state-active": {"state": "active", "key": "name"},
    "postal-code": {"postal_code": "SW1A 1AA", "country_code": "GB", "status_code": 200},
    "uuid-ids": {"id": _UUID, "order_id": _UUID, "ids": [_UUID]},
    "dates": {"created_at": "2024-01-31T12:34:56.789Z", "day": "2024-01-31"},
    "git-sha": {"commit": _SHA, "parents": [_SHA]},
    "hash-sha256": {"sha256": _SHA256, "checksum": _SHA256},
    "etag-field": {"etag": f'"{_SHA}"', "version": f'W/"{_SHA[:16]}"'},
    "integer-by-luhn": {"id": 4111111111111111, "ref": 5555555555554444},
    "string-not-by-luhn": {"number": "4111111111111112", "ref": "4111 1111 1111 1113"},
    "string-of-no-issuer": {"number": "1234567812345670", "ref": "9999999999999995"},
    "iban-with-wrong-check": {"account": "DE00370400440532013000"},
    "ssn-of-nobody": {"number": "000-12-3456", "ref": "666-12-3456", "other": "987-00-0000"},
    "phone": {"phone": "+44 20 7946 0958", "fax": "020-7946-0959"},
    "e-mail": {"email": "ada.lovelace.1815@shop.example", "user": "bob@shop.example"},
    "ip": {"ip": "203.0.113.42", "v6": "2001:db8::8a2e:370:7334"},
    "signature-field": {"signature": "Ada Lovelace, 10 December 1815", "sig": "a-l-1815-12-10"},
    "json-schema": _SCHEMA,
    "public-pem": {"key": _PUBLIC_PEM},
    "certificate": {"certificate": _CERTIFICATE},
    "jwks": {"keys": [{"kty": "RSA", "kid": "2024-07", "n": _PUBLIC_LINES, "e": "AQAB"}]},
    "bearer-realm": {"detail": 'Bearer realm="shop", error="invalid_token"'},
    "bearer-in-prose": {"detail": "A Bearer token is needed; the bearer of this is Ada."},
    "prose": {"note": "Send the token with each call. The secret is patience, the key is time."},
    "password-is-required": {"detail": "The password is required. Your password is too short."},
    "url-without-password": {"link": "https://ada@shop.example:8443/things?page=2#part-2"},
    "url-of-token": {"link": "https://shop.example/token/refresh?token_type=bearer"},
    "data-image": {"image": f"data:image/png;base64,{base64.b64encode(_PNG).decode()}"},
    "words-with-key": {"monkey": "george-2000", "keyboard": "qwerty-105", "turkey": "ankara-06"},
    "words-with-pass": {"compass": "north-east-45", "bypass": "route-A-12", "passage": "II-12-b"},
    "words-with-token": {"tokenizer": "cl100k-base-2024", "tokenized": "yes-12345678"},
    "words-with-secret": {"secretary": "Miss-Lemon-1935", "secretion": "type-2-10-ml"},
    "keys-of-tables": {"primary_key": "customer-id-2", "sort_key": "2024#order#17"},
    "idempotency-field": {"idempotency_key": _UUID},
    "grant-type": {"grant_type": "password", "auth_method": "client_secret_basic"},
    "names-as-values": {"required": ["password", "token"], "field": "api_key"},
    "i18n-types": {"type": "password", "kind": "secret", "of": "credentials"},
    "last-four": {"card_type": "visa", "last4": "4242", "card_brand": "mastercard"},
    "session-length": {"session_length": "3600-seconds", "session_count": 12},
    "name-value-pair": [{"name": "color", "value": "dark-blue-2024"}],
    "name-value-of-type": [{"name": "token_type", "value": "bearer-of-2024"}],
    "json-patch": [{"op": "replace", "path": "/name", "value": "ada-lovelace-1815"}],
    "config-map": {"kind": "ConfigMap", "data": {"mode": "production-2", "n": "12345678"}},
    "parent-with-value": {"theme": {"value": "dark-mode-2024"}},
    "high-entropy": {"ref": _SHA256[:32], "blob": _CURSOR, "handle": _PUBLIC_LINES[:40]},
    "vendor-words": {"note": "hf_ and ghp_ begin tokens; sk_live_ too", "tool": "npm_config_cache"},
    "common-words": {"database": "postgres", "user": "postgres", "ttl": 3600, "ok": "true"},
    "common-in-text": {"note": "postgres waits 3600 seconds, which is true"},
    "numbers": {"total": 1234567890, "ratio": 0.12345678901234567, "big": 10**24},
    "semver": {"version": "12.34.56-rc.7+build.89abcdef"},
    "unicode": {"city": "Łódź", "note": "naïve café — “token”", "emoji": "🔑"},
    "odd-spacing": {"": "", " ": " ", "a.b": [[], {}, [{}]]},
}

_KEPT_HEADERS: Mapping[str, tuple[str, str]] = {
    "etag": ("ETag", f'"{_SHA}"'),
    "if-none-match": ("If-None-Match", f'"{_SHA}"'),
    "x-request-id": ("X-Request-Id", _UUID),
    "x-amz-request-id": ("x-amz-request-id", "4442587FB7D0A2F9"),
    "idempotency-key": ("Idempotency-Key", _UUID),
    "traceparent": ("traceparent", f"00-{_SHA[:32]}-{_SHA[:16]}-01"),
    "www-authenticate": ("WWW-Authenticate", 'Bearer realm="shop", error="invalid_token"'),
    "www-authenticate-digest": ("WWW-Authenticate", f'Digest realm="shop", nonce="{_SHA}"'),
    "numeric-key": ("X-Api-Key", "12345678"),
    "token-count-header": ("X-Token-Count", "12-of-4096"),
    "last-modified": ("Last-Modified", "Wed, 21 Oct 2015 07:28:00 GMT"),
    "accept": ("Accept", "text/html, application/json;q=0.9"),
    "vary": ("Vary", "Authorization, Cookie, X-Api-Key"),
    "allow-headers": ("Access-Control-Allow-Headers", "Authorization, X-Csrf-Token, X-Api-Key"),
    "disposition": ("Content-Disposition", 'attachment; filename="token-report-2024-07.pdf"'),
    "location-plain": ("Location", "https://shop.example/orders/7?page_token=2&token_type=bearer"),
    "link-next": ("Link", f'<https://shop.example/?page_token={_CURSOR}>; rel="next"'),
    "cookie-theme": ("Cookie", "theme=dark; lang=en"),
    "set-cookie-theme": ("Set-Cookie", "theme=dark; Path=/; Max-Age=3600; SameSite=Lax"),
}

_KEPT_URLS: Mapping[str, str] = {
    "url-page-token": f"/things?page_token={_CURSOR}&n=1",
    "url-code": "/things?code=DE&state=active&key=name",
    "url-code-word": "/error?code=invalid_request&state=waiting_for_payment",
    "url-token-type": "/things?token_type=bearer&sort=created_at",
    "url-uuid": f"/orders/{_UUID}/lines/2",
    "url-sha": f"/commits/{_SHA}/files",
    "url-reset": "/reset/password",
    "url-verify": "/verify/email?step=2",
    "url-services": "/services/payments",
    "url-token": "/token/refresh",
    "url-webhooks": "/webhooks/orders/7",
    "url-matrix": "/things;lang=en;page=2/parts",
    "url-fragment": "/things#section-2",
    "url-date": "/reports/2024-01-31?from=2024-01-01&to=2024-01-31",
}

_KEPT_BODIES: Mapping[str, tuple[bytes, str]] = {
    "html": (
        b'<html><head><meta name="description" content="Tokens-of-1815"></head>'
        b'<form><input name="email" value="ada@shop.example"><input name="password"></form></html>',
        HTML,
    ),
    "xml": (b'<user id="7-a-1815"><password/><tokenCount>12</tokenCount></user>', _XML),
    "csv": (b"name,email,token_count\nada,ada@shop.example,12\n", "text/csv"),
    "lines": (b"HOST=db.example\nTOKEN_COUNT=12345678\nDEBUG=true\nPASSWORD=\n", TEXT),
    "prose-text": (
        b"How to log in\n\nA token is needed. Password: must be at least 8 characters.\n"
        b"The secret of it is patience; no key opens it, and the password is checked.\n",
        TEXT,
    ),
    "form-benign": (b"grant_type=password&username=ada&scope=read+write", FORM),
    "png": (_PNG + bytes(range(256)), "image/png"),
    "ndjson-benign": (b'{"n": 1, "cursor": "abc"}\n{"n": 2}\n', "application/x-ndjson"),
    "sse-benign": (b'event: tick\ndata: {"n": 1}\n\n: a comment\n\n', "text/event-stream"),
    "latin-1": ("Zoë naïve café".encode("latin-1"), "text/plain; charset=iso-8859-1"),
    "utf-16": ("the token of Łódź".encode("utf-16"), "text/plain; charset=utf-16"),
    "multipart-benign": (
        _multipart(('name="note"', "a token"), ('name="f"; filename="secret.txt"', "\0\1\2")),
        _MULTIPART,
    ),
    "broken-json": (b'{"n": 1, "cursor": "abc", ', JSON),
    "not-json": (b"OK, the token is on its way", JSON),
}

_KEPT_CODINGS: Mapping[str, tuple[str, Callable[[bytes], bytes]]] = {
    "gzip": ("gzip", lambda body: gzip.compress(body, 3, mtime=1234567890)),
    "deflate": ("deflate", lambda body: zlib.compress(body, 1)),
    "stacked": ("deflate, gzip", lambda body: gzip.compress(zlib.compress(body), 1, mtime=5)),
}


def _digest_headers(body: bytes) -> Pairs:
    md5, sha = hashlib.md5(body).digest(), hashlib.sha256(body).digest()
    return (
        ("Content-MD5", base64.b64encode(md5).decode()),
        ("Digest", f"SHA-256={base64.b64encode(sha).decode()}"),
        ("Content-Digest", f"sha-256=:{base64.b64encode(sha).decode()}:"),
        ("ETag", f'"{md5.hex()}"'),
    )


def _kept_exchanges() -> Iterator[tuple[str, PlannedCall]]:
    for name, value in _KEPT_FIELDS.items():
        yield name, _post_and_answer(_json(value), _json(value))
    for name, header in _KEPT_HEADERS.items():
        yield name, PlannedCall(headers=(header,), answer=_json_answer({"done": True}, header))
    for name, target in _KEPT_URLS.items():
        yield (
            name,
            PlannedCall(
                target=target, answer=_json_answer({"to": f"https://shop.example{target}"})
            ),
        )
    for name, (body, media) in _KEPT_BODIES.items():
        yield name, _post_and_answer(body, body, media)
    for name, (coding, encode) in _KEPT_CODINGS.items():
        answer = _answer(encode(b'{"n": 1, "cursor": "abc"}'), JSON, ("Content-Encoding", coding))
        yield f"coded-{name}", PlannedCall(answer=answer)
    body = _json({"n": 1})
    yield "digests", PlannedCall(answer=_json_answer({"n": 1}, *_digest_headers(body)))
    yield (
        "reason",
        PlannedCall(answer=_json_answer({"n": 1}, status=418, reason="I Am a Token, Not a Pot")),
    )
    yield "chunks", PlannedCall(answer=_json_answer({"note": "in pieces of seven bytes"}, piece=7))


def _kept(planned_call: PlannedCall) -> Build:
    return lambda _mint: planned_call


BENIGN: tuple[Placement, ...] = tuple(
    Placement(f"benign-{name}", _kept(planned_call)) for name, planned_call in _kept_exchanges()
)
COMMON_VARIABLES: Pairs = (
    ("POSTGRES_PASSWORD", "postgres"),
    ("SESSION_SECRET", "3600"),
    ("USE_TOKEN", "true"),
    ("CACHE_PASSWORD", "quiet"),
)
"""Variables with names of secrets and values that are common words or numbers."""

# --- comparison of answers --------------------------------------------------------------------

_BLANK = "\0"
_WORD_END = re.compile(r"[\w%+.\\&;-]*$")


def fragments(mine: str, made: Sequence[Made], other: str, others: Sequence[Made]) -> Iterator[str]:
    """Return the parts of a text that are no secrets: those that two texts have in common."""
    for one, two in zip(
        _blanked(mine, made).split("\n"), _blanked(other, others).split("\n"), strict=True
    ):
        if one == two and _BLANK not in one:
            yield one
        else:
            yield _common_start(one, two)
            yield _common_start(one[::-1], two[::-1])[::-1]


def _blanked(text: str, made: Sequence[Made]) -> str:
    for _, value in made:
        text = text.replace(value, _BLANK)
    return text


def _common_start(one: str, two: str) -> str:
    """Return the common start before the secret; if that is encoded, before its word."""
    pairs = enumerate(zip(one, two, strict=False))
    common = one[: next((n for n, (left, right) in pairs if left != right), len(one))]
    plain, blank, _ = common.partition(_BLANK)
    return plain if blank else _WORD_END.sub("", common).rstrip("=")


class AnswerComparison:
    """Compares a replayed answer with the original, except for secrets.

    The same answer is built with two sets of secrets: what is equal in both is no secret.
    """

    def __init__(self, mine: Answer, made: Sequence[Made], other: Answer, others: Sequence[Made]):
        self._made, self._others = made, others
        self._mine, self._other = mine, other
        self._forms = {value: form for form, value in made}

    def differs(self, got: Answer) -> str:
        """Return the place where `got` differs from both answers, or ""."""
        if not self._made:
            return "" if got == self._mine else "something in it"
        return self._differs_in_head(got) or self._differs_in_body(
            plain(got), plain(self._mine), plain(self._other)
        )

    def _differs_in_head(self, got: Answer) -> str:
        if got.status != self._mine.status:
            return "its status"
        if not self._keeps(self._mine.reason, self._other.reason, got.reason):
            return "its reason"
        names = [name.lower() for name, _ in self._mine.headers]
        if [name.lower() for name, _ in got.headers] != names:
            return "the names of its headers"
        for (name, one), (_, two), (_, now) in zip(
            self._mine.headers, self._other.headers, got.headers, strict=True
        ):
            if not self._keeps(one, two, now):
                return f"its header {name}"
        return ""

    def _differs_in_body(self, got: bytes, mine: bytes, other: bytes) -> str:
        media = dict(self._mine.headers).get("Content-Type", "")
        if media.startswith("image/"):
            return "" if len(got) == len(mine) else "the length of its body"
        document = _parsed(mine, media)
        if isinstance(document, (dict, list)):
            return self._differs_in_json(document, _parsed(other, media), _parsed(got, media), "$")
        one, two, now = (_decoded(body, media) for body in (mine, other, got))
        return "" if self._keeps(one, two, now) else "its text"

    def _differs_in_json(self, mine: Any, other: Any, got: Any, place: str) -> str:
        if type(got) is not type(mine):
            return f"{place}: a {type(got).__name__}"
        if isinstance(mine, dict):
            return self._differs_in_dict(mine, other, got, place)
        if isinstance(mine, list):
            if len(mine) != len(got):
                return f"{place}: {len(got)} elements"
            elements = zip(mine, other, got, strict=True)
            found = (self._differs_in_json(*each, f"{place}[]") for each in elements)
            return next(filter(None, found), "")
        if mine == other:
            return "" if got == mine else place
        return self._differs_in_leaf(mine, other, got, place)

    def _differs_in_dict(self, mine: Any, other: Any, got: Any, place: str) -> str:
        known = [name for name in mine if name in other]
        if len(mine) != len(got) or not all(name in got for name in known):
            return f"{place}: its keys"
        found = (
            self._differs_in_json(mine[name], other[name], got[name], f"{place}.{name}")
            for name in known
        )
        return next(filter(None, found), "")

    def _differs_in_leaf(self, mine: Any, other: Any, got: Any, place: str) -> str:
        if not isinstance(mine, str):
            return ""
        form = self._forms.get(mine)
        if form is None:
            return "" if self._keeps(mine, other, got) else f"{place}: its text"
        try:
            keeps = keeps_form(form, mine, got)
        except (ValueError, KeyError, TypeError):
            keeps = False
        return "" if keeps else f"{place}: no {form}"

    def _keeps(self, mine: str, other: str, got: str) -> bool:
        return all(part in got for part in fragments(mine, self._made, other, self._others))


def plain(answer: Answer) -> bytes:
    """Return the decompressed body; raise ValueError if it is broken."""
    body = answer.body
    coding = dict(answer.headers).get("Content-Encoding", "")
    decoders: dict[str, Callable[[bytes], bytes]] = {"gzip": gzip.decompress, "deflate": _inflated}
    for name in reversed([part.strip() for part in coding.split(",") if part.strip()]):
        if name in decoders:
            body = decoders[name](body)
        else:
            module = {"br": "brotli", "zstd": "zstandard"}[name]
            body = importlib.import_module(module).decompress(body)
    return body


def _inflated(body: bytes) -> bytes:
    try:
        return zlib.decompress(body)
    except zlib.error:
        return zlib.decompress(body, -zlib.MAX_WBITS)


def _parsed(body: bytes, media: str) -> Any:
    try:
        return json.loads(body) if "json" in media and "ndjson" not in media else None
    except ValueError:
        return None


def _decoded(body: bytes, media: str) -> str:
    charset = media.partition("charset=")[2] or "utf-8"
    try:
        return body.decode(charset)
    except UnicodeDecodeError:
        return body.decode("latin-1")
