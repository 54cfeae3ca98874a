"""The encodings in which a secret may occur: escaped for URLs, JSON or HTML, in hex or in base64.

Escapes are undone with a record of positions (`unescape`), so that an edit of the plain text can be
applied to the text as it is written. Hex and base64 are decoded, changed and encoded again
(`edit_encoded`).
"""

from __future__ import annotations

import base64
import html
import json
import re
from array import array
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple, TypeAlias
from urllib.parse import unquote_to_bytes

from ...exchange import TextMap
from ...patterns import lazy_regex

MIN_SEARCH_LENGTH = 8
"""Characters of the shortest secret that is searched for everywhere."""

Chain: TypeAlias = "tuple[_Escapes, ...]"
"""Escapes around a text, outermost first."""
Edit: TypeAlias = tuple[int, int, str]
"""Start and end of a part of a text, and what replaces it."""


class Unescaped(NamedTuple):
    """A text without its escapes, and where its characters were before.

    `maps` lead from the unescaped text to the text as it is written, one for each level of escapes.
    """

    text: str
    maps: tuple[_Positions, ...] = ()

    def apply(self, edits: Iterable[Edit], written: str) -> str:
        """Return the text as it was written, with edits that are given for the unescaped text.

        The edits are in order and do not overlap.
        """
        parts: list[str] = []
        done = 0
        for start, end, text in edits:
            first, last = self._written_at(start), self._written_at(end)
            parts += written[done:first], _escape_blanks(text, written[first:last])
            done = last
        return "".join([*parts, written[done:]]) if parts else written

    def _written_at(self, position: int) -> int:
        for one in reversed(self.maps):
            position = one.before(position)
        return position


class _Positions:
    """Where each character of a text was before escapes were undone.

    Only the positions at escapes are stored: for text in between the difference is constant. A list
    with the position of each character would take 40 times the size of the text.
    """

    def __init__(self) -> None:
        self._after = array("q", [0])
        self._before = array("q", [0])

    def add(self, after: int, before: int) -> None:
        """Note that the character at `after` was at `before`; call it in ascending order."""
        self._after.append(after)
        self._before.append(before)

    def before(self, after: int) -> int:
        """Return where a character, or the end, was before."""
        n = bisect_right(self._after, after) - 1
        return self._before[n] + after - self._after[n]


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
    undo_in_bulk: Callable[[str], str]
    """Does the same as `undo` for a long text, with _MARK in the place of each decoded marker."""

    def undo(self, text: str) -> str:
        """Return the text with each escape decoded.

        Texts with many escapes have few different ones. To replace each of these in the whole text
        takes a tenth of the time of a call for each occurrence.
        """
        if len(text) < _MIN_BULK or _MARK in text:
            return self.pattern.sub(lambda found: self.decode(found[0]), text)
        return self.undo_in_bulk(text).replace(_MARK, self.marker)

    def characters_in(self, text: str) -> frozenset[str]:
        """Return the characters that are escaped in the text.

        These are all of ASCII if one escape is for nothing, as the entity of a control character:
        what is before and behind it comes together.
        """
        decoded = set(map(self.decode, set(self.pattern.findall(text))))
        return _ASCII if "" in decoded else frozenset("".join(decoded))


_ASCII = frozenset(map(chr, range(128)))
_MIN_BULK = 2000
"""Characters from which escapes are undone in bulk."""
_MARK = "\ue0f1"
"""A character for private use. It stands for a decoded marker, which must not be decoded again."""
_MAX_DIFFERENT = 200
"""Different escapes that are replaced one after the other."""


def _replace_each(text: str, escapes: re.Pattern[str], marker: str, decode: TextMap) -> str:
    """Return the text with each escape, or each run of escapes, decoded."""
    different = set(escapes.findall(text))
    decoded = {escape: decode(escape).replace(marker, _MARK) for escape in different}
    if len(different) > _MAX_DIFFERENT:
        return escapes.sub(lambda found: decoded[found[0]], text)
    for escape in sorted(different, key=len, reverse=True):  # a run may begin with a shorter one
        text = text.replace(escape, decoded[escape])
    return text


def _undo_percent(text: str) -> str:
    text = text.replace("+", " ")
    if _HIGH_PERCENT.search(text):
        # Such an escape is a part of a character, which several escapes in a row encode.
        return _replace_each(text, _PERCENT_RUN, "%", _decode_percent)
    return _replace_each(text, _ONE_PERCENT, "%", _decode_percent)


_ONE_PERCENT = lazy_regex(r"%[0-9A-Fa-f]{2}")
_HIGH_PERCENT = lazy_regex(r"%[89A-Fa-f][0-9A-Fa-f]")
_PERCENT_RUN = lazy_regex(r"%[0-9A-Fa-f]{2}(?:%[0-9A-Fa-f]{2})*")
"""Like all patterns of escapes it begins with a fixed character, which is searched for quickly."""


def _undo_json(text: str) -> str:
    text = text.replace("\\\\", _MARK)
    for escape, decoded in _SHORT_JSON_ESCAPES.items():
        text = text.replace(escape, decoded)
    return _replace_each(text, _JSON_RUN, "\\", _decode_json)


_JSON_RUN = lazy_regex(r"\\u[0-9a-fA-F]{4}(?:\\u[0-9a-fA-F]{4})*")


def _undo_html(text: str) -> str:
    return _replace_each(text, _ENTITY, "&", html.unescape)


_ENTITY = lazy_regex(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z]{2,8});")


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
    lazy_regex(rf"{_PERCENT_RUN.pattern}|\+"),
    _decode_percent,
    lambda character: 1 if character == " " else 3 * len(character.encode()),
    _undo_percent,
)
_JSON = _Escapes(
    "\\",
    lazy_regex(r'\\(?:u[0-9a-fA-F]{4}(?:\\u[0-9a-fA-F]{4})*|["\\/bfnrt])'),
    _decode_json,
    # A character beyond U+FFFF is written as two escapes (RFC 8259, section 7).
    lambda character: 12 if ord(character) > 0xFFFF else 6,
    _undo_json,
)
_HTML = _Escapes(
    "&",
    _ENTITY,
    html.unescape,
    # One entity may encode two characters; both are then at its position.
    lambda _: 0,
    _undo_html,
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
INNER_ESCAPES = {
    one: [chain[1] for chain in ESCAPE_CHAINS if len(chain) == 2 and chain[0] is one]
    for one in (_JSON, _PERCENT, _HTML)
}
"""The escapes that are undone inside of others."""


def variants_by_chain(text: str) -> Iterator[tuple[Chain, str]]:
    """Yield the text, and the text without the escapes of each chain, each after its chain.

    At most three texts are in memory at once.
    """
    yield (), text
    for outer, inner in INNER_ESCAPES.items():
        if outer.marker in text:
            variant = outer.undo(text)
            yield (outer,), variant
            for escapes in inner:
                if escapes.marker in variant:
                    yield (outer, escapes), escapes.undo(variant)


def unescape(text: str, chain: Chain) -> Unescaped | None:
    """Undo one of ESCAPE_CHAINS, or return None where the text is not escaped so."""
    unescaped = Unescaped(text)
    for escapes in chain:
        if escapes.marker not in unescaped.text:
            return None
        unescaped = _undo(unescaped, escapes)
    return unescaped


def _undo(outer: Unescaped, escapes: _Escapes) -> Unescaped:
    parts: list[str] = []
    positions = _Positions()
    done = size = 0
    for found in escapes.pattern.finditer(outer.text):
        at, end = found.span()
        decoded = escapes.decode(found[0])
        parts += outer.text[done:at], decoded
        size += at - done
        for character in decoded:
            positions.add(size, min(at, end))
            at += escapes.size(character)
            size += 1
        positions.add(size, end)
        done = end
    return Unescaped("".join([*parts, outer.text[done:]]), (*outer.maps, positions))


# --- hex and base64 ---------------------------------------------------------------------------

_BASE64 = lazy_regex(r"[A-Za-z0-9+/_-]{10,}={0,2}")
_HEX = lazy_regex(r"[0-9A-Fa-f]{16,}")


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
    except ValueError:  # neither base64 nor ASCII
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
