"""Decode the bytes of a body to text and encode them again, in any character set."""

from __future__ import annotations

import codecs
import json
import re
from typing import NamedTuple

from ...patterns import lazy_regex

_CHARSET = lazy_regex(r"charset\s*=\s*[\"']?([\w.:-]+)", re.IGNORECASE)
_BOMS = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_CUT_OFF = "unexpected end of data"
"""Python's reason in the UnicodeDecodeError for UTF-8 that ends inside a character."""
_CONTROL = lazy_regex(r"[\x00-\x08\x0e-\x1a\x1c-\x1f]")


_BINARY_FORMATS = ("cbor", "msgpack", "message-pack", "bson", "protobuf", "grpc")


class DecodedText(NamedTuple):
    """A body as text. Encoding `text` in `charset` gives the same bytes again.

    A byte order mark is the first character. A binary body has one character for each byte, so that
    the rules for text work on it too. `errors` is the error handler for the encoder.
    """

    text: str
    charset: str
    is_binary: bool = False
    errors: str = "replace"

    def encode(self, text: str) -> bytes:
        """Encode another text in the same charset; a character that it lacks becomes `?`."""
        return text.encode(self.charset, self.errors)


def decode(body: bytes, content_type: str = "") -> DecodedText:
    """Decode a body by its Content-Type, byte order mark or content. This never fails.

    The first charset is used that gives the same bytes when the text is encoded again. A body that
    fits none is decoded as Latin-1, and so is a binary format such as CBOR.
    """
    if is_binary_format(content_type):
        return DecodedText(body.decode("latin-1"), "latin-1", is_binary=True)
    for charset in _candidates(body, content_type):
        try:
            text = body.decode(charset)
            if text.encode(charset) == body:
                return DecodedText(text, charset)
        except UnicodeDecodeError as error:
            if charset == "utf-8" and error.reason == _CUT_OFF:
                text = body.decode("utf-8", "surrogateescape")
                return DecodedText(text, charset, errors="surrogateescape")
        except (UnicodeError, LookupError):
            continue
    text = body.decode("latin-1")
    return DecodedText(text, "latin-1", is_binary(text))


def is_binary_format(content_type: str) -> bool:
    """Whether the media type is of a format with lengths in it, even if its bytes are readable."""
    lowered = content_type.lower()
    return any(map(lowered.__contains__, _BINARY_FORMATS)) and "text" not in lowered


def is_binary(text: str) -> bool:
    """Return whether the text contains a control character other than white space and escape."""
    return _CONTROL.search(text) is not None


def is_mostly_text(text: str) -> bool:
    """Return whether less than 5 % of the first 65,536 characters are control characters."""
    start = text[:_SAMPLE]
    return len(_CONTROL.findall(start)) * 20 < len(start)


_SAMPLE = 1 << 16


def is_text(body: bytes) -> bool:
    """Return whether the bytes are UTF-8 without control characters; empty bytes are not text."""
    try:
        return bool(body) and not is_binary(body.decode())
    except UnicodeDecodeError:
        return False


def _candidates(body: bytes, content_type: str) -> list[str]:
    """Return the charsets to try, the most likely first."""
    if marked := [charset for mark, charset in _BOMS if body.startswith(mark)]:
        return marked
    named = _CHARSET.search(content_type)
    if named is None:
        return [*_detected_wide_charset(body), "utf-8"]
    charset = named[1].lower()
    if charset.startswith(("utf-16", "utf-32")):
        orders = [charset] if charset[6:] else [f"{charset}-le", f"{charset}-be"]
        # The header may be wrong here too, but a text in UTF-16 or UTF-32 contains zero bytes.
        return [*orders, "utf-8"] if b"\0" in body else ["utf-8"]
    # Many servers name a charset such as Latin-1 for a text in UTF-8. Latin-1 decodes any bytes,
    # but bytes that are valid UTF-8 are almost never anything else. So UTF-8 is tried first.
    return ["utf-8", charset] if not charset.startswith("utf-") else [charset, "utf-8"]


def _detected_wide_charset(body: bytes) -> list[str]:
    """Return UTF-16 or UTF-32 if the body is in it, though no header or mark names it.

    In plain text each character has a zero byte there, and no character is U+0000. The pattern of
    zeros is that of JSON (RFC 4627, section 3).
    """
    if body.count(0) * 3 < len(body) or len(body) % 2 or len(body) < 4:
        return []
    charset = json.detect_encoding(body)
    found = body.decode(charset, "replace")
    return [] if charset == "utf-8" or is_binary(found) or "\ufffd" in found else [charset]
