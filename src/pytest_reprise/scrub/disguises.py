"""The disguises of a value: percent-encoded, escaped in JSON or HTML, in hex, in base64.

To find one, a text is read in every way in which it may be escaped, and hex and base64 are looked
for by what a value becomes in them, at each of the three places where base64 may cut it. To replace
one, only the few values that are there have to be spelled out.
"""

from __future__ import annotations

import base64
import binascii
import html
import json
import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from urllib.parse import unquote_plus

SHORTEST = 8
"""Characters of the shortest value that is replaced wherever it stands."""
_ESCAPE = re.compile(r'\\(?:u([0-9a-fA-F]{4})|(["\\/bfnrt]))')
_ESCAPED = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}
_BLOB = re.compile(r"[A-Za-z0-9+/_-]{10,}")


def readings(text: str) -> Iterator[str]:
    """The text as it stands, and in each other way in which it may be meant."""
    yield text
    plain = text
    for _ in range(2):  # JSON in a string of JSON is escaped twice
        if "\\" in plain:
            plain = _ESCAPE.sub(_unescaped, plain)
            yield plain
    for _ in range(2):
        if "%" in plain:
            plain = unquote_plus(plain)
            yield plain
    if "&" in plain:
        yield html.unescape(plain)
    if "+" in text:
        yield text.replace("+", " ")


def _unescaped(found: re.Match[str]) -> str:
    return chr(int(found[1], 16)) if found[1] else _ESCAPED.get(found[2], found[2])


@lru_cache(maxsize=4096)
def needles(value: str) -> frozenset[str]:
    """What to look for in the readings of a text: the value in plain, in hex, and in base64."""
    raw = value.encode(errors="surrogatepass")
    in_base64 = {core for cut in range(3) if len(core := _core(raw, cut)) >= SHORTEST}
    in_url_safe = {core.replace("+", "-").replace("/", "_") for core in in_base64}
    return frozenset((value, raw.hex(), raw.hex().upper())) | in_base64 | in_url_safe


def _core(raw: bytes, cut: int) -> str:
    """What of the base64, `cut` bytes into a group, is the same whatever stands around it."""
    coded = base64.b64encode(b"\0" * cut + raw).decode().rstrip("=")
    start = -(-cut * 8 // 6)
    whole = (cut + len(raw)) * 8 // 6
    return coded[start:whole]


def replace(text: str, value: str, replacement: str) -> str:
    """`text` with the value replaced, in whatever disguise it stands."""
    if not any(needle in reading for reading in readings(text) for needle in needles(value)):
        return text
    text = text.replace(value, replacement)
    if any(value in reading for reading in readings(text)):
        text = _pattern(value).sub(lambda found: _escaped_like(found[0], replacement), text)
    in_hex = re.compile(re.escape(value.encode(errors="surrogatepass").hex()), re.IGNORECASE)
    text = in_hex.sub(lambda found: _in_hex(replacement, found[0]), text)
    return _BLOB.sub(lambda found: _in_blob(found[0], value, replacement), text)


def _escaped_like(found: str, replacement: str) -> str:
    """Of what a placeholder can hold only a blank has to be escaped."""
    blank = " " if " " in found else "%20" if "%20" in found else "+"
    return replacement.replace(" ", blank)


@lru_cache(maxsize=1024)
def _pattern(value: str) -> re.Pattern[str]:
    """The value, each of its characters plain or escaped in any way."""
    return re.compile("".join(map(_spellings, value)))


def _spellings(character: str) -> str:
    plain = re.escape(character)
    percent = "".join(f"%{byte:02x}" for byte in character.encode(errors="surrogatepass"))
    units = character.encode("utf-16-be", errors="surrogatepass").hex()
    unicode = "".join(rf"\\+u{units[n : n + 4]}" for n in range(0, len(units), 4))
    number = ord(character)
    ways = [
        f"(?i:{percent}|{percent.replace('%', '%25')}|{unicode}|&#0*{number};|&#x0*{number:x};)"
    ]
    if character in '"\\/\b\f\n\r\t':
        ways.append(r"\\+" + re.escape(json.dumps(character)[1:-1].lstrip("\\") or "\\"))
    if character == " ":
        ways.append(r"\+")
    if (entity := html.escape(character)) != character:
        ways.append(re.escape(entity))
    if character == "'":
        ways.append("&apos;")
    return f"(?:{'|'.join(ways)}|{plain})"


def _in_hex(replacement: str, found: str) -> str:
    coded = replacement.encode().hex()
    return coded.upper() if found.isupper() else coded


def _in_blob(blob: str, value: str, replacement: str) -> str:
    """The blob with the value inside it replaced, at whichever of its characters base64 begins."""
    for start in _starts(blob):
        head, coded = blob[:start], blob[start:]
        changed = _in_base64(coded, lambda raw: raw.replace(value.encode(), replacement.encode()))
        if changed is not None:
            return head + changed
    return blob


def _starts(blob: str) -> Iterator[int]:
    """A path or a prefix may stand before: where a part begins, or else anywhere in a group."""
    yield 0
    yield from (found.end() for found in re.finditer(r"[/_-]", blob))
    yield from range(1, 4)


def _in_base64(coded: str, change: Callable[[bytes], bytes]) -> str | None:
    """The base64 with its bytes changed, or None where that changes nothing."""
    is_url_safe = "-" in coded or "_" in coded
    standard = coded.replace("-", "+").replace("_", "/")
    whole = len(standard) - (len(standard) % 4 == 1)
    try:
        raw = base64.b64decode(standard[:whole] + "=" * (-whole % 4))
    except binascii.Error:
        return None
    changed = change(raw)
    if changed == raw:
        return None
    made = base64.b64encode(changed).decode().rstrip("=")
    return (made.replace("+", "-").replace("/", "_") if is_url_safe else made) + coded[whole:]
