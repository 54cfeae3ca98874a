"""The encodings in which a secret may occur: escaped for URLs, JSON or HTML, in hex or in base64.

Escapes are undone with a record of positions (`unescape`), so that an edit of the plain text can be
applied to the text as it is written. Hex and base64 are decoded, changed and encoded again
(`edit_encoded`).
"""

from __future__ import annotations

import base64
import binascii
import html
import json
import re
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple, TypeAlias
from urllib.parse import unquote_to_bytes

from ...exchange import TextMap

MIN_SEARCH_LENGTH = 8
"""Characters of the shortest secret that is searched for everywhere."""

Edit: TypeAlias = tuple[int, int, str]
"""Start and end of a part of a text, and what replaces it."""


class Unescaped(NamedTuple):
    """A text without its escapes, and where each character (and the end) was before."""

    text: str
    positions: list[int]

    def apply(self, edits: Iterable[Edit], written: str) -> str:
        """Return the text as it was written, with edits that are given for the unescaped text.

        The edits are in order and do not overlap.
        """
        parts: list[str] = []
        done = 0
        for start, end, text in edits:
            first, last = self.positions[start], self.positions[end]
            parts += written[done:first], _escape_blanks(text, written[first:last])
            done = last
        return "".join([*parts, written[done:]])


def _escape_blanks(text: str, replaced: str) -> str:
    """Escape blanks as in the replaced text; a placeholder has nothing else to escape."""
    blank = " " if " " in replaced else "%20" if "%20" in replaced else "+"
    return text.replace(" ", blank) if "%" in replaced or "+" in replaced else text


# --- escapes ----------------------------------------------------------------------------------


class _Escapes(NamedTuple):
    """One syntax of escapes."""

    marker: str
    """Character without which a text has no such escape."""
    pattern: re.Pattern[str]
    """One escape, or several in a row that encode a character together."""
    decode: Callable[[str], str]
    size: Callable[[str], int]
    """How many characters of a run of escapes encode this character."""

    def undo(self, text: str) -> str:
        """Return the text with each escape decoded."""
        return self.pattern.sub(lambda found: self.decode(found[0]), text)


def _decode_percent(escapes: str) -> str:
    if escapes == "+":
        return " "
    raw = unquote_to_bytes(escapes)
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def _decode_json(escapes: str) -> str:
    return _SHORT_JSON_ESCAPES.get(escapes) or str(json.loads(f'"{escapes}"'))


_SHORT_JSON_ESCAPES = {f"\\{letter}": json.loads(f'"\\{letter}"') for letter in '"\\/bfnrt'}


_PERCENT = _Escapes(
    "%",
    re.compile(r"(?:%[0-9A-Fa-f]{2})+|\+"),
    _decode_percent,
    lambda character: 1 if character == " " else 3 * len(character.encode()),
)
_JSON = _Escapes(
    "\\",
    re.compile(r'(?:\\u[0-9a-fA-F]{4})+|\\["\\/bfnrt]'),
    _decode_json,
    # A character beyond U+FFFF is written as two escapes (RFC 8259, section 7).
    lambda character: 12 if ord(character) > 0xFFFF else 6,
)
_HTML = _Escapes(
    "&",
    re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z]{2,8});"),
    html.unescape,
    # One entity may encode two characters; both are then at its position.
    lambda _: 0,
)
ESCAPE_CHAINS = (
    (),
    (_JSON,),
    (_PERCENT,),
    (_HTML,),
    (_JSON, _JSON),
    (_JSON, _PERCENT),
    (_JSON, _HTML),
    (_PERCENT, _PERCENT),
    (_PERCENT, _JSON),
    (_HTML, _JSON),
)
"""The ways in which a text may be escaped, outermost first. A chain comes after its own start."""


def unescaped_variants(text: str) -> Iterator[str]:
    """Return the text, and the text without the escapes of each chain that applies to it."""
    if not ("\\" in text or "%" in text or "&" in text):
        return iter((text,))
    variants: dict[tuple[_Escapes, ...], str] = {(): text}
    for chain in ESCAPE_CHAINS[1:]:
        outer = variants.get(chain[:-1])
        escapes = chain[-1]
        if outer is not None and escapes.marker in outer:
            variants[chain] = escapes.undo(outer)
    return iter(variants.values())


def unescape(text: str, chain: tuple[_Escapes, ...]) -> Unescaped | None:
    """Undo one of ESCAPE_CHAINS, or return None where the text is not escaped so."""
    unescaped = Unescaped(text, list(range(len(text) + 1)))
    for escapes in chain:
        if escapes.marker not in unescaped.text:
            return None
        unescaped = _undo(unescaped, escapes)
    return unescaped


def _undo(outer: Unescaped, escapes: _Escapes) -> Unescaped:
    parts: list[str] = []
    positions: list[int] = []
    done = 0
    for found in escapes.pattern.finditer(outer.text):
        parts.append(outer.text[done : found.start()])
        positions += outer.positions[done : found.start()]
        decoded = escapes.decode(found[0])
        parts.append(decoded)
        at = found.start()
        for character in decoded:
            positions.append(outer.positions[min(at, found.end())])
            at += escapes.size(character)
        done = found.end()
    return Unescaped("".join([*parts, outer.text[done:]]), positions + outer.positions[done:])


# --- hex and base64 ---------------------------------------------------------------------------

_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{10,}={0,2}")
_HEX = re.compile(r"[0-9A-Fa-f]{16,}")


def encoded_forms(value: str) -> frozenset[str]:
    """Return the value in hex and in base64, as a longer encoded text would contain it."""
    raw = value.encode(errors="surrogatepass")
    in_base64 = {core for n in range(3) if len(core := _base64_core(raw, n)) >= MIN_SEARCH_LENGTH}
    url_safe = {core.replace("+", "-").replace("/", "_") for core in in_base64}
    return frozenset((raw.hex(), raw.hex().upper())) | in_base64 | url_safe


def _base64_core(raw: bytes, offset: int) -> str:
    """Return the base64 digits that do not depend on the bytes before and after.

    Base64 encodes groups of three bytes; `offset` is where in a group the value starts.
    """
    text = base64.b64encode(b"\0" * offset + raw).decode().rstrip("=")
    start = -(-offset * 8 // 6)
    return text[start : (offset + len(raw)) * 8 // 6]


def edit_encoded(text: str, change: TextMap) -> Iterator[Edit]:
    """Yield edits that apply `change` to the content of each hex or base64 string in the text."""
    for found in _HEX.finditer(text):
        yield from _edit(found, (0, 1), _change_hex, change)
    for found in _BASE64.finditer(text):
        yield from _edit(found, _base64_starts(found[0]), _change_base64, change)


def _edit(
    found: re.Match[str],
    starts: Iterable[int],
    change_encoded: Callable[[str, TextMap], str | None],
    change: TextMap,
) -> Iterator[Edit]:
    """Yield one edit, from the first start at which the decoded string changes."""
    for start in starts:
        made = change_encoded(found[0][start:], change)
        if made is not None:
            yield found.start() + start, found.end(), made
            return


def _change_hex(encoded: str, change: TextMap) -> str | None:
    """Return the hex string with its content changed, or None where that changes nothing."""
    whole = len(encoded) // 2 * 2
    raw = bytes.fromhex(encoded[:whole])
    changed = _change_bytes(raw, change)
    if changed == raw:
        return None
    made = changed.hex()
    return (made.upper() if encoded.isupper() else made) + encoded[whole:]


def _base64_starts(encoded: str) -> Iterator[int]:
    """Yield where the base64 may start, since a path or a prefix may come before it.

    That is behind a separator, or else at any of the four digits of a group.
    """
    yield 0
    yield from (found.end() for found in re.finditer(r"[/_-]", encoded))
    yield from range(1, 4)


def _change_base64(encoded: str, change: TextMap) -> str | None:
    """Return the base64 string with its content changed, or None where that changes nothing."""
    is_url_safe = "-" in encoded or "_" in encoded
    text = encoded.rstrip("=").replace("-", "+").replace("_", "/")
    whole = len(text) - (len(text) % 4 == 1)
    try:
        raw = base64.b64decode(text[:whole] + "=" * (-whole % 4))
    except binascii.Error:
        return None
    changed = _change_bytes(raw, change)
    if changed == raw:
        return None
    made = base64.b64encode(changed).decode()
    if len(text) % 4 and "=" not in encoded:
        made = made.rstrip("=")
    return made.replace("+", "-").replace("/", "_") if is_url_safe else made


def _change_bytes(raw: bytes, change: TextMap) -> bytes:
    for charset, errors in (("utf-8", "surrogateescape"), ("latin-1", "replace")):
        text = raw.decode(charset, errors)
        if (changed := change(text)) != text:
            return changed.encode(charset, errors)
        if raw.isascii():
            break
    return raw
