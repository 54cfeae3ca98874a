"""Secrets that are made from patterns, and marks in templates that say where they stand.

A mark is «form»: a name of `NAMED`, a pattern between slashes such as «/gsk_[A-Za-z0-9]{52}/», or
nothing for a token of 32 letters and digits. «=2» repeats the second secret of the case. «b64:…»
and the other names of `ENCODERS` encode what follows, which may contain marks.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import hmac
import html
import json
import quopri
import re
import zlib
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from urllib.parse import quote

from .. import chance
from ..placements import FORMS, Mint, luhn_digit, needles, parts

_PIECE = re.compile(r"(\[[^\]]+\]|\\d|\\?.)(?:\{(\d+)\})?", re.DOTALL)
_RANGE = re.compile(r"\\?(.)-(.)|\\?(.)", re.DOTALL)
_DIGITS = "0123456789"


def _alphabet(piece: str) -> str:
    """Return the characters of a class such as `[a-f0-9]`."""
    if piece == r"\d":
        return _DIGITS
    found = ""
    for low, high, single in _RANGE.findall(piece[1:-1]):
        found += single or "".join(chr(code) for code in range(ord(low), ord(high) + 1))
    return found


def _pieces(pattern: str) -> Iterator[tuple[str, int]]:
    for piece, count in _PIECE.findall(pattern):
        yield piece, int(count or 1)


def _is_class(piece: str) -> bool:
    return piece.startswith("[") or piece == r"\d"


def from_pattern(pattern: str) -> str:
    """Return random text for a pattern of literals, classes and counts in braces."""
    return "".join(
        "".join(chance.choice(_alphabet(piece)) for _ in range(count))
        if _is_class(piece)
        else piece[-1] * count
        for piece, count in _pieces(pattern)
    )


def _runs(pattern: str, value: str) -> list[str]:
    """Return the random parts of a value, joined where they touch."""
    found, at, was_random = [""], 0, False
    for piece, count in _pieces(pattern):
        if _is_class(piece):
            found = [*found, ""] if not was_random and found[-1] else found
            found[-1] += value[at : at + count]
        was_random = _is_class(piece)
        at += count
    return found


def _der() -> bytes:
    """Return a DER sequence of three integers, as an RSA key begins."""
    integers = b"".join(b"\x02\x28" + b"\x11" + chance.token_bytes(39) for _ in range(3))
    return b"\x30\x81" + bytes([len(integers)]) + integers


def _der_pem() -> str:
    text = base64.b64encode(_der()).decode()
    lines = "\n".join(text[n : n + 64] for n in range(0, len(text), 64))
    return f"-----BEGIN PRIVATE KEY-----\n{lines}\n-----END PRIVATE KEY-----\n"


def _github() -> str:
    """A GitHub token: 30 letters and digits, and six with their CRC32 in base 62."""
    body = from_pattern("[A-Za-z0-9]{30}")
    digits = _DIGITS + "".join(map(chr, [*range(65, 91), *range(97, 123)]))
    number, check = zlib.crc32(body.encode()), ""
    for _ in range(6):
        number, rest = divmod(number, 62)
        check = digits[rest] + check
    return f"ghp_{body}{check}"


def _base64_key(length: int) -> str:
    return base64.b64encode(chance.token_bytes(length)).decode()


def _card() -> str:
    body = "4" + from_pattern(r"\d{14}")
    return body + luhn_digit(body)


_MADE: Mapping[str, Callable[[], str]] = MappingProxyType(
    {
        "der pem": _der_pem,
        "github checked": _github,
        "key64": lambda: _base64_key(64),
        "key32": lambda: _base64_key(32),
        "key16": lambda: _base64_key(16),
        "ulid": lambda: "01J" + from_pattern("[0-9A-HJKMNP-TV-Z]{23}"),
        "uuid hex": lambda: chance.uuid4().hex,
        "card": _card,
        "words": lambda: (
            "-".join(
                chance.choice("zorb quib flaz mirk tund vlox praw gnet yelk".split())
                for _ in range(3)
            )
            + from_pattern("-[0-9a-z]{9}")
        ),
    }
)
NAMED: Mapping[str, str] = MappingProxyType(
    {
        "": "[A-Z][a-z][0-9][A-Za-z0-9]{29}",
        "pw": "[A-Z][a-z0-9]{7}[!+*][A-Z0-9][a-z0-9]{6}",
        "plain": "[A-Z][a-z0-9]{8}[0-9][A-Za-z0-9]{8}",
        "hex32": "[a-f0-9]{32}",
        "hex40": "[a-f0-9]{40}",
        "hex64": "[a-f0-9]{64}",
        "HEX64": "[A-F0-9]{64}",
        "url43": "[A-Za-z0-9][A-Za-z0-9_-]{41}[A-Za-z0-9]",
        "url22": "[A-Za-z0-9][A-Za-z0-9_-]{20}[A-Za-z0-9]",
        "aws": "AKIA[A-Z2-7]{16}",
        "aws session": "ASIA[A-Z2-7]{16}",
        "aws secret": "[A-Za-z0-9/+]{38}[A-Za-z0-9]{2}",
        "base32": "[A-Z2-7]{32}",
        "pin4": "[1-8][0-9]{3}",
        "pin6": "[1-8][0-9]{5}",
        "pin8": "[1-8][0-9]{7}",
        "jti": "[a-z0-9]{20}",
        "secret40": "[A-Za-z0-9]{40}",
        "entra": "[A-Za-z0-9]{3}8Q~[A-Za-z0-9_.~-]{33}[A-Za-z0-9]",
        "fernet": "gAAAAAB[A-Za-z0-9_-]{113}",
    }
)


def pattern_of(form: str) -> str | None:
    """Return the pattern that a form stands for, or None."""
    if form.startswith("/") and form.endswith("/") and len(form) > 2:
        return form[1:-1]
    return NAMED.get(form)


class CaseMint(Mint):
    """Makes secrets from patterns too."""

    def new(self, form: str) -> str:
        if pattern := pattern_of(form):
            return from_pattern(pattern)
        return (_MADE.get(form) or FORMS[form])()


class AbsentMint(CaseMint):
    """Gives what a suite has without secrets in its environment, such as "dummy", for each.

    The row decides which value it is, so that a row fails alone as it fails among others.
    """

    _values = ("dummy", "", "None", "test")

    def __init__(self, row: str) -> None:
        super().__init__()
        self._value = self._values[zlib.crc32(row.encode()) % len(self._values)]

    def new(self, form: str) -> str:
        del form
        return self._value


def canaries(form: str, value: str) -> list[str]:
    """Return the parts of a secret that must not be in any file."""
    if pattern := pattern_of(form):
        runs = _runs(pattern, value)
        longest = max(runs, key=len)
        whole = [value] if value != longest else []
        return [*whole, longest, *_ends(longest)] if len(longest) >= _LEAST else [value]
    if form == "der pem":
        return [line for line in value.splitlines() if not line.startswith("-----")]
    if form in _MADE:
        return [value]
    return [*needles(form, value), *parts(form, value)]


_LEAST = 8


def _ends(text: str) -> list[str]:
    """Return start and end of a long secret, which are left where only a part was replaced."""
    return [text[:14], text[-14:]] if len(text) >= 28 else []


KNOWN_KEY = b"known key"
"""The key of the signatures that «hmac:…» makes."""

# --- templates --------------------------------------------------------------------------------

_MARK = re.compile("«([^«»]*)»")


def _b64url(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


ENCODERS: Mapping[str, Callable[[str], str]] = MappingProxyType(
    {
        "b64": lambda text: base64.b64encode(text.encode()).decode(),
        "b64url": _b64url,
        "gz64": lambda text: base64.b64encode(gzip.compress(text.encode(), mtime=0)).decode(),
        "z64": lambda text: base64.b64encode(_raw_deflate(text)).decode(),
        "hex": lambda text: text.encode().hex(),
        "pct": lambda text: quote(text, safe=""),
        "json": lambda text: json.dumps(text, ensure_ascii=False)[1:-1],
        "html": lambda text: html.escape(text),
        "qp": lambda text: quopri.encodestring(text.encode()).decode(),
        "utf16": lambda text: base64.b64encode(text.encode("utf-16-le")).decode(),
        "sha256": lambda text: hashlib.sha256(text.encode()).hexdigest(),
        "hmac": lambda text: hmac.new(KNOWN_KEY, text.encode(), hashlib.sha256).hexdigest(),
        "at_hash": lambda text: _at_hash(text),
        "challenge": lambda text: _challenge(text),
        "upper": str.upper,
        "last4": lambda text: text[-4:],
        "first8": lambda text: text[:8],
        "frame64": lambda text: base64.b64encode(_framed(text)).decode(),
    }
)


def _at_hash(text: str) -> str:
    """Return the `at_hash` of OpenID Connect, which is half of a hash."""
    digest = hashlib.sha256(text.encode()).digest()[:16]
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def _challenge(text: str) -> str:
    """Return the code challenge for a code verifier (RFC 7636, method S256)."""
    digest = hashlib.sha256(text.encode()).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def _raw_deflate(text: str) -> bytes:
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return packer.compress(text.encode()) + packer.flush()


def _framed(text: str) -> bytes:
    """Return a gRPC frame with one field of text."""
    field = b"\x0a" + bytes([len(text.encode())]) + text.encode()
    return b"\0" + len(field).to_bytes(4, "big") + field


def fill(template: str, mint: Mint) -> str:
    """Return the text with secrets in place of its marks."""

    def one(mark: re.Match[str]) -> str:
        content = mark[1]
        encoder, colon, rest = content.partition(":")
        if colon and encoder in ENCODERS:
            return ENCODERS[encoder](rest)
        if content.startswith("="):
            return mint.made[int(content[1:]) - 1][1]
        return mint(content)

    text, was = template, None
    while text != was:
        text, was = _first_marks(text, one), text
    return text


def _first_marks(text: str, one: Callable[[re.Match[str]], str]) -> str:
    return _MARK.sub(one, text)
