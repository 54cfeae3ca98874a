"""The disguises of a value: escaped in a URL, in JSON or HTML, or coded in hex or base64."""

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
"""Characters of the shortest value that is looked for wherever it may stand."""

Edit: TypeAlias = tuple[int, int, str]
"""From where to where of a text something else shall stand."""


class Reading(NamedTuple):
    """A text as it is meant, and for each of its characters, and its end, where that begins in the
    text as it is written."""

    text: str
    starts: list[int]

    def edited(self, written: str, edits: list[Edit]) -> str:
        """The text as it is written, with edits of the text as it is meant."""
        parts: list[str] = []
        done = 0
        for start, end, text in edits:
            here, after = self.starts[start], self.starts[end]
            parts += written[done:here], _escaped_like(written[here:after], text)
            done = after
        return "".join([*parts, written[done:]])


def _escaped_like(written: str, text: str) -> str:
    """Of what a placeholder can hold only a blank has to be escaped."""
    blank = " " if " " in written else "%20" if "%20" in written else "+"
    return text.replace(" ", blank) if "%" in written or "+" in written else text


# --- escapes ----------------------------------------------------------------------------------


class _Escapes(NamedTuple):
    mark: str
    """What is in every text that is escaped in this way."""
    pattern: re.Pattern[str]
    """One escape, or as many as make characters together."""
    meant: Callable[[str], str]
    size: Callable[[str], int]
    """How many characters an escape takes that means this one."""


def _unquote(escapes: str) -> str:
    if escapes == "+":
        return " "
    raw = unquote_to_bytes(escapes)
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def _from_json(escapes: str) -> str:
    return _OF_JSON.get(escapes) or str(json.loads(f'"{escapes}"'))


_OF_JSON = {f"\\{letter}": json.loads(f'"\\{letter}"') for letter in '"\\/bfnrt'}


_PERCENT = _Escapes(
    "%",
    re.compile(r"(?:%[0-9A-Fa-f]{2})+|\+"),
    _unquote,
    lambda character: 1 if character == " " else 3 * len(character.encode()),
)
_JSON = _Escapes(
    "\\",
    re.compile(r'(?:\\u[0-9a-fA-F]{4})+|\\["\\/bfnrt]'),
    _from_json,
    lambda character: 12 if ord(character) > 0xFFFF else 6,
)
_HTML = _Escapes(
    "&",
    re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z]{2,8});"),
    html.unescape,
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
"""What may have been done to a text, outermost first: JSON in a string of JSON, a URL in it."""


def unescaped_variants(text: str) -> Iterator[str]:
    """The text as it is written, and as it is meant in each way in which it may be escaped."""
    if not ("\\" in text or "%" in text or "&" in text):
        return iter((text,))
    done: dict[tuple[_Escapes, ...], str] = {(): text}
    for way in ESCAPE_CHAINS[1:]:
        before = done.get(way[:-1])
        escapes = way[-1]
        if before is not None and escapes.mark in before:
            done[way] = _unescaped(before, escapes)
    return iter(done.values())


def _unescaped(text: str, escapes: _Escapes) -> str:
    return escapes.pattern.sub(lambda found: escapes.meant(found[0]), text)


def read(text: str, way: tuple[_Escapes, ...]) -> Reading | None:
    """The text as it is meant in one of ESCAPE_CHAINS, or None where it is not escaped so."""
    reading = Reading(text, list(range(len(text) + 1)))
    for escapes in way:
        if escapes.mark not in reading.text:
            return None
        reading = _read(reading, escapes)
    return reading


def _read(outer: Reading, escapes: _Escapes) -> Reading:
    parts: list[str] = []
    starts: list[int] = []
    done = 0
    for found in escapes.pattern.finditer(outer.text):
        parts.append(outer.text[done : found.start()])
        starts += outer.starts[done : found.start()]
        meant = escapes.meant(found[0])
        parts.append(meant)
        at = found.start()
        for character in meant:
            starts.append(outer.starts[min(at, found.end())])
            at += escapes.size(character)
        done = found.end()
    return Reading("".join([*parts, outer.text[done:]]), starts + outer.starts[done:])


# --- hex and base64 ---------------------------------------------------------------------------

_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{10,}={0,2}")
_HEX = re.compile(r"[0-9A-Fa-f]{16,}")


def coded(value: str) -> frozenset[str]:
    """What the value becomes in hex and in base64, whatever stands around it."""
    raw = value.encode(errors="surrogatepass")
    in_base64 = {core for cut in range(3) if len(core := _core(raw, cut)) >= MIN_SEARCH_LENGTH}
    url_safe = {core.replace("+", "-").replace("/", "_") for core in in_base64}
    return frozenset((raw.hex(), raw.hex().upper())) | in_base64 | url_safe


def _core(raw: bytes, cut: int) -> str:
    """What of the base64, `cut` bytes into a group, is the same whatever stands around it."""
    text = base64.b64encode(b"\0" * cut + raw).decode().rstrip("=")
    start = -(-cut * 8 // 6)
    return text[start : (cut + len(raw)) * 8 // 6]


def blobs(text: str, change: TextMap) -> Iterator[Edit]:
    """Edits that apply `change` to what stands in hex and in base64."""
    for found in _HEX.finditer(text):
        yield from _edit(found, (0, 1), _in_hex, change)
    for found in _BASE64.finditer(text):
        yield from _edit(found, _starts(found[0]), _in_base64, change)


def _edit(
    found: re.Match[str],
    starts: Iterable[int],
    decoded: Callable[[str, TextMap], str | None],
    change: TextMap,
) -> Iterator[Edit]:
    """The edit from the first place in the run at which there is something to change."""
    for start in starts:
        made = decoded(found[0][start:], change)
        if made is not None:
            yield found.start() + start, found.end(), made
            return


def _in_hex(run: str, change: TextMap) -> str | None:
    whole = len(run) // 2 * 2
    raw = bytes.fromhex(run[:whole])
    changed = _changed(raw, change)
    if changed == raw:
        return None
    made = changed.hex()
    return (made.upper() if run.isupper() else made) + run[whole:]


def _starts(blob: str) -> Iterator[int]:
    """A path or a prefix may stand before: where a part begins, or else anywhere in a group."""
    yield 0
    yield from (found.end() for found in re.finditer(r"[/_-]", blob))
    yield from range(1, 4)


def _in_base64(blob: str, change: TextMap) -> str | None:
    """The base64 with what is in it changed, or None where that changes nothing."""
    is_url_safe = "-" in blob or "_" in blob
    text = blob.rstrip("=").replace("-", "+").replace("_", "/")
    whole = len(text) - (len(text) % 4 == 1)
    try:
        raw = base64.b64decode(text[:whole] + "=" * (-whole % 4))
    except binascii.Error:
        return None
    changed = _changed(raw, change)
    if changed == raw:
        return None
    made = base64.b64encode(changed).decode()
    if len(text) % 4 and "=" not in blob:
        made = made.rstrip("=")
    return made.replace("+", "-").replace("/", "_") if is_url_safe else made


def _changed(raw: bytes, change: TextMap) -> bytes:
    for charset, errors in (("utf-8", "surrogateescape"), ("latin-1", "replace")):
        text = raw.decode(charset, errors)
        if (changed := change(text)) != text:
            return changed.encode(charset, errors)
        if raw.isascii():
            break
    return raw
