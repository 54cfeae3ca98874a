"""Secrets with a structure that clients parse: JWT, PEM, JSON, and text in base64.

The parts that are secret have placeholders of their own, so the whole stays what it is: a JWT that
decodes, a key with its armour, a document with its keys, `user:password` with its user.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple, TypeAlias

from ...patterns import lazy_regex
from ..rules.jwt import is_jwt, join_jwt, split_jwt
from ..rules.names import secret_kind
from ..rules.words import is_made_of_words


class Leaf(NamedTuple):
    """A part that is secret. An empty kind is that of the whole."""

    kind: str
    value: str


class Structure(NamedTuple):
    """The secret parts of a value, and how it is put together from other parts."""

    leaves: tuple[Leaf, ...]
    join: Callable[[Sequence[str]], str]


SIGNATURE = "jwt"
"""Kind of the signature of a JWT, which has no structure of its own."""
CLAIM = "claim"
"""Kind of a string in the claims of a JWT that no name tells."""
_Public: TypeAlias = Mapping[str, object]
_LeafOf: TypeAlias = Callable[[str, str], Leaf | None]
_Split: TypeAlias = Callable[[str], "Structure | None"]
_PUBLIC_CLAIMS = frozenset(
    "iss aud scope scp azp client_id typ token_use gty acr amr roles groups permissions locale "
    "zoneinfo".split()
)
_MIN_OPAQUE = 8
"""Characters of the shortest text that is replaced although no name makes it a secret."""
_URL = lazy_regex(r"[a-z][a-z0-9+.-]*://[^@?#]*")
_PUBLIC_TEXT = lazy_regex(rf"{_URL.pattern}|[\w.+-]+@[\w.-]+\.[A-Za-z]{{2,24}}")
"""A URL, or the address of an account, as in a service account of Google."""
_MIN_SIGNATURE = 9
"""Characters that a signature needs for a placeholder."""
_ARMOUR = lazy_regex(r"(-----[A-Za-z0-9 ]{1,60}-----|\\[rnt]|\s+)")
_BASE64_CHARACTERS = lazy_regex(r"[A-Za-z0-9+/]{40,}={0,2}")
_BASE64 = lazy_regex(r"(?:[A-Za-z0-9+/]{12,}|[A-Za-z0-9_-]{12,})={0,2}")
_MAX_LENGTH = 100_000
"""Characters. A longer value is replaced as a whole."""
_SCOPED = lazy_regex(
    r"()([^/%\s]{8,128})((?:/|%2F)\d{8}(?:/|%2F)[\w-]+(?:/|%2F)\w+(?:/|%2F)(?:aws4|goog4)_request)"
    r"|(T[A-Z0-9]{4,14}/[AB][A-Z0-9]{4,14}/)(\w+)()"
)
"""A key and the scope of a signature, in presigned URLs of S3 and of Cloud Storage; workspace,
application and key in the URL of a Slack webhook."""
_SIGNED = lazy_regex(
    r"(?P<payload>eyJ[\w-]{8,})(?P<time>[.:][\w-]{5,8}[.:])(?P<signature>[\w-]{27,64})"
)
_ENCRYPTED = lazy_regex(r"(?P<header>eyJ[\w-]{10,})\.(?P<rest>[\w-]*(?:\.[\w-]+){3})")
_USER = lazy_regex(r"[\w.@+$-]{1,64}")


@lru_cache(maxsize=8)
def structure_of(value: str) -> Structure | None:
    """Return the structure of a value, or None if it has none or nothing in it is secret."""
    # A value is judged several times in a row; the cache saves a tenth of the time for a secret.
    if len(value) > _MAX_LENGTH:
        return None
    found = (split(value) for split in _SPLITS)
    return next((one for one in found if one and one.leaves), None)


# --- JWT --------------------------------------------------------------------------------------


def _split_token(value: str) -> Structure | None:
    if "." not in value or not is_jwt(value):
        return None
    header, claims, signature = split_jwt(value)
    is_signed = len(signature) >= _MIN_SIGNATURE
    # A token without a signature is identified by its claims.
    identity = Leaf(SIGNATURE, signature if is_signed else f"unsigned: {value}")
    public = {name: claim for name, claim in claims.items() if name in _PUBLIC_CLAIMS}

    def join(texts: Sequence[str]) -> str:
        identity, *others = texts
        made = _with_leaves(claims, public, iter(others), _claim)
        return join_jwt(header, made, identity, is_padded="=." in value)

    return Structure((identity, *_leaves(claims, public, _claim)), join)


def _claim(name: str, text: str) -> Leaf | None:
    """Return a claim as a secret part. A subject may be a name, so words are secret too."""
    is_plain = len(text) < _MIN_OPAQUE or _URL.fullmatch(text)
    return None if is_plain else Leaf(secret_kind(name) or CLAIM, text)


def _split_signed(value: str) -> Structure | None:
    """Split a signed cookie of Flask or Django: JSON in base64, a time, and a signature."""
    found = _SIGNED.fullmatch(value) if value.startswith("eyJ") else None
    payload = _decoded(found["payload"]) if found else None
    inside = _split_json(payload) if payload else None
    if found is None or payload is None or payload[:1] != "{":
        return None
    leaves = inside.leaves if inside else ()

    def join(texts: Sequence[str]) -> str:
        signature, *others = texts
        made = inside.join(others) if inside and leaves else payload
        encoded = base64.urlsafe_b64encode(made.encode()).decode().rstrip("=")
        return f"{encoded}{found['time']}{signature}"

    return Structure((Leaf(SIGNATURE, found["signature"]), *leaves), join)


def _split_encrypted(value: str) -> Structure | None:
    """Split an encrypted token (RFC 7516). Its header is public, as that of a JWT."""
    found = _ENCRYPTED.fullmatch(value) if value.startswith("eyJ") else None
    if found is None or (_decoded(found["header"]) or "")[:1] != "{":
        return None
    return Structure((Leaf("", found["rest"]),), lambda texts: f"{found['header']}.{texts[0]}")


# --- JSON -------------------------------------------------------------------------------------


def _split_json(value: str) -> Structure | None:
    if value.lstrip()[:1] not in ("{", "["):
        return None
    try:
        document = json.loads(value)
    except (ValueError, RecursionError):
        return None

    def join(texts: Sequence[str]) -> str:
        made = _with_leaves(document, {}, iter(texts), _text)
        is_compact = '": ' not in value and '", ' not in value
        return json.dumps(
            made,
            ensure_ascii=value.isascii(),
            indent=2 if "\n" in value.strip() else None,
            separators=(",", ":") if is_compact else None,
        )

    return Structure(_leaves(document, {}, _text), join)


def _text(name: str, text: str) -> Leaf | None:
    """Return a text as a secret part, by its name or since it is neither words nor a URL."""
    kind = secret_kind(name)
    if kind and text:
        return Leaf(kind, text)
    is_plain = len(text) < _MIN_OPAQUE or is_made_of_words(text) or _PUBLIC_TEXT.fullmatch(text)
    return None if is_plain else Leaf("", text)


def _leaves(document: object, public: _Public, leaf_of: _LeafOf) -> tuple[Leaf, ...]:
    found: list[Leaf] = []

    def note(leaf: Leaf) -> str:
        found.append(leaf)
        return leaf.value

    _map_leaves(document, public, leaf_of, note)
    return tuple(found)


def _with_leaves(
    document: object, public: _Public, texts: Iterator[str], leaf_of: _LeafOf
) -> object:
    return _map_leaves(document, public, leaf_of, lambda _leaf: next(texts))


def _map_leaves(
    document: object,
    public: _Public,
    leaf_of: _LeafOf,
    change: Callable[[Leaf], str],
    name: str = "",
) -> object:
    """Return a JSON value with its secret texts changed; `public` are members of it that stay."""
    if isinstance(document, dict):
        return {
            key: item if key in public else _map_leaves(item, {}, leaf_of, change, key)
            for key, item in document.items()
        }
    if isinstance(document, list):
        return [_map_leaves(item, {}, leaf_of, change, name) for item in document]
    if isinstance(document, str) and (leaf := leaf_of(name, document)):
        return change(leaf)
    return document


# --- credentials with a scope -----------------------------------------------------------------


def _split_scoped(value: str) -> Structure | None:
    found = _SCOPED.fullmatch(value) if "/" in value or "%2F" in value else None
    if found is None:
        return None
    before, key, after = (group for group in found.groups() if group is not None)
    return Structure((Leaf("", key),), lambda texts: before + texts[0] + after)


# --- base64 and PEM ---------------------------------------------------------------------------


def _split_lines(value: str) -> Structure | None:
    """Split a PEM document (RFC 7468), or its lines without the armour."""
    if not _ARMOUR.search(value):
        return None
    pieces = _ARMOUR.split(value)
    body = "".join(pieces[::2])
    if len(pieces) < 3 or not _BASE64_CHARACTERS.fullmatch(body):
        return None

    def join(texts: Sequence[str]) -> str:
        characters = iter(texts[0])
        filled = ["".join(next(characters, "A") for _ in piece) for piece in pieces[::2]]
        return "".join(filled[n // 2] if n % 2 == 0 else piece for n, piece in enumerate(pieces))

    return Structure((Leaf("", body),), join)


def _split_base64(value: str) -> Structure | None:
    """Split text in base64, such as the `user:password` of Docker, or JSON of Kubernetes."""
    text = _decoded(value)
    if text is None:
        return None
    user, colon, password = text.partition(":")
    is_pair = bool(colon and password and _USER.fullmatch(user) and not password[0].isspace())
    start = f"{user}:" if is_pair else ""
    leaf = Leaf("password", password) if is_pair else Leaf("", text)

    def join(texts: Sequence[str]) -> str:
        made = base64.b64encode((start + texts[0]).encode()).decode()
        made = made if value.endswith("=") or len(value) % 4 == 0 else made.rstrip("=")
        is_url_safe = "-" in value or "_" in value
        return made.replace("+", "-").replace("/", "_") if is_url_safe else made

    return Structure((leaf,), join)


def _decoded(value: str) -> str | None:
    if not _BASE64.fullmatch(value):
        return None
    digits = value.rstrip("=").replace("-", "+").replace("_", "/")
    try:
        text = base64.b64decode(digits + "=" * (-len(digits) % 4), validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return None
    is_text = text.isascii() and re.sub(r"\s", "", text).isprintable()
    return text if is_text else None


_SPLITS: tuple[_Split, ...] = (
    _split_token,
    _split_signed,
    _split_encrypted,
    _split_json,
    _split_scoped,
    _split_lines,
    _split_base64,
)
