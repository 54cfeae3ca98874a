"""Visit documents inside base64 and hex: JSON in a queue's message, a file in an answer.

Only readable text is searched. Base64 of anything else, such as an image, is told by its first
characters, so that it is not decoded.
"""

from __future__ import annotations

import base64
import binascii

from ...patterns import lazy_regex
from ..content.charsets import is_binary
from .candidates import VisitNested, Walk
from .detectors import visit_tokens

_MIN_LENGTH = 24
"""Characters of the shortest document in base64 that is searched."""
# Three bytes of readable ASCII, or a line end as the second or third, are one group of four digits:
# the first digit is one of 24, the second one of 32. Six groups of other data rarely look so.
ENCODED_START = (
    r'"?(?:(?:[I-Za-f][A-HQ-Xg-nw-z0-3][A-Za-z0-9+/_-]{2}){6}|(?:[2-7][0-9A-Fa-f]|0[9AaDd]){16})'
)
"""Regular expression of the start of readable text in base64 or hex."""
_START = lazy_regex(ENCODED_START)
_BASE64 = lazy_regex(r"[A-Za-z0-9+/_-]{24,}+(?:\r?\n[A-Za-z0-9+/_-]+)*+={0,2}\s*")
_HEX = lazy_regex(r"(?:[0-9a-f]{2}){16,}+|(?:[0-9A-F]{2}){16,}+")


def may_be_encoded(text: str) -> bool:
    """Whether a text, or a string of JSON with its quotes, may be readable text in base64 or hex.

    False for almost all texts, after a look at the first characters.
    """
    return len(text) >= _MIN_LENGTH and _START.match(text) is not None


def visit_encoded(text: str, walk: Walk, visit_nested: VisitNested) -> str:
    """Return base64 or hex with the candidates of the text inside it replaced.

    A text that is not encoded is returned as it is.
    """
    if _HEX.fullmatch(text):
        visited = _visit_inside(bytes.fromhex(text), walk, visit_nested)
        if visited is None:
            return text
        return visited.hex().upper() if text.isupper() else visited.hex()
    if not _BASE64.fullmatch(text):
        return text
    try:
        visited = _visit_inside(_decoded(text), walk, visit_nested)
    except binascii.Error:
        return text
    return text if visited is None else _written_like(visited, text)


def _visit_inside(content: bytes, walk: Walk, visit_nested: VisitNested) -> bytes | None:
    """Return the changed content, or None if it is no readable text or has no candidate."""
    try:
        text = content.decode()
    except UnicodeDecodeError:
        return None
    if is_binary(text):
        return None
    inside = walk.with_detectors(None).nested()
    visited = visit_nested(visit_tokens(text, inside), inside)
    return None if visited == text else visited.encode()


def _decoded(text: str) -> bytes:
    digits = "".join(text.split()).rstrip("=").replace("-", "+").replace("_", "/")
    return base64.b64decode(digits + "=" * (-len(digits) % 4))


def _written_like(content: bytes, original: str) -> str:
    """Return base64 with the alphabet, the padding and the lines of the original."""
    made = base64.b64encode(content).decode()
    if "-" in original or "_" in original:
        made = made.replace("+", "-").replace("/", "_")
    if "=" not in original and len("".join(original.split())) % 4:
        made = made.rstrip("=")
    stripped = original.rstrip()
    end_of_line = "\r\n" if "\r\n" in stripped else "\n"
    width = len(stripped.split(end_of_line, 1)[0]) if end_of_line in stripped else len(made)
    lines = (made[at : at + width] for at in range(0, len(made), width))
    return end_of_line.join(lines) + original[len(stripped) :]
