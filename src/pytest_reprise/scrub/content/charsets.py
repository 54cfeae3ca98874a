"""From the bytes of a body to its text and back, in whatever character set it is written."""

from __future__ import annotations

import codecs
import json
import re
from functools import lru_cache
from typing import NamedTuple

_CHARSET = re.compile(r"charset\s*=\s*[\"']?([\w.:-]+)", re.IGNORECASE)
_BOMS = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_CUT_OFF = "unexpected end of data"
"""Python's word for UTF-8 that ends amid a character."""
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f]")


class Text(NamedTuple):
    """`text` encoded in `charset` gives back the bytes; a byte order mark is its first character.

    Of a binary body it is one character for each byte, so that text rules apply there too.
    """

    text: str
    charset: str
    is_binary: bool = False
    errors: str = "replace"

    def encode(self, text: str) -> bytes:
        """Another text in the same character set; what it lacks is written as `?`."""
        return text.encode(self.charset, self.errors)


def decode(body: bytes, content_type: str = "") -> Text:
    """The text of a body; its bytes are always kept."""
    if body.isascii() and _is_utf_8_if_ascii(content_type) and b"\0" not in body:
        return Text(body.decode("ascii"), "utf-8")  # most are, and it takes a third of the time
    for charset in _candidates(body, content_type):
        try:
            text = body.decode(charset)
            if text.encode(charset) == body:
                return Text(text, charset)
        except UnicodeDecodeError as error:
            if charset == "utf-8" and error.reason == _CUT_OFF:
                text = body.decode("utf-8", "surrogateescape")
                return Text(text, charset, errors="surrogateescape")
        except (UnicodeError, LookupError):
            continue
    text = body.decode("latin-1")
    return Text(text, "latin-1", is_binary(text))


def is_binary(text: str) -> bool:
    """Whether there is in it what no text has."""
    return _CONTROL.search(text) is not None


def is_mostly_text(text: str) -> bool:
    """Whether a binary body is text but for a few characters, by how it begins."""
    start = text[:_START]
    return len(_CONTROL.findall(start)) * 20 < len(start)


_START = 1 << 16


def is_text(body: bytes) -> bool:
    """Whether the bytes are UTF-8, and nothing in them that no text has; none are no text."""
    try:
        return bool(body) and not is_binary(body.decode())
    except UnicodeDecodeError:
        return False


@lru_cache(maxsize=256)
def _is_utf_8_if_ascii(content_type: str) -> bool:
    """Whether ASCII without zeros is UTF-8 under this header: any charset that it may name
    otherwise is tried after that."""
    named = _CHARSET.search(content_type)
    return named is None or not named[1].lower().startswith("utf-")


def _candidates(body: bytes, content_type: str) -> list[str]:
    if marked := [charset for mark, charset in _BOMS if body.startswith(mark)]:
        return marked
    named = _CHARSET.search(content_type)
    if named is None:
        return [*_unnamed(body), "utf-8"]
    charset = named[1].lower()
    if charset.startswith(("utf-16", "utf-32")):
        orders = [charset] if charset[6:] else [f"{charset}-le", f"{charset}-be"]
        # Named without thought, too; there are zeros in all that is written in one of these.
        return [*orders, "utf-8"] if b"\0" in body else ["utf-8"]
    # A charset of one byte takes any bytes, and is named without thought: UTF-8 is known by itself.
    return ["utf-8", charset] if not charset.startswith("utf-") else [charset, "utf-8"]


def _unnamed(body: bytes) -> list[str]:
    """A wide charset that nobody names, as far as Python's reader of JSON knows it: each character
    of plain text has a zero, and no character is one."""
    if body.count(0) * 3 < len(body) or len(body) % 2 or len(body) < 4:
        return []
    charset = json.detect_encoding(body)
    found = body.decode(charset, "replace")
    return [] if charset == "utf-8" or is_binary(found) or "\ufffd" in found else [charset]
