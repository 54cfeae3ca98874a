"""How the body of a request or response is shown: as indented JSON, as text, as an image, or as the
first bytes of something else.

A body is data, whatever its Content-Type says. Only raster images are given to the browser, by
their first bytes, as `data:` URLs. SVG and HTML are text.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from urllib.parse import parse_qsl

from ..exchange import FORM, Headers, header, is_json_body, media_type
from ..scrub.content.charsets import decode
from ..scrub.content.compression import decompress_or_keep

LONGEST = 20_000
"""Characters of a body that a page shows."""
_LARGEST_IMAGE = 200_000
"""Bytes of an image that a page shows."""
_DUMPED = 256
"""Bytes of other binary bodies that a page shows."""
_PER_LINE = 16
_MOST_FIELDS = 1000
_IMAGES = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
)
_JSON_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*+"?|[{}\[\],:]|[^\s{}\[\],:"]+', re.DOTALL)
_INDENT = "  "
_DEEPEST = 60
"""Levels of nesting that are indented; deeper ones are not, so that lines stay short."""


@dataclass(frozen=True, slots=True)
class Body:
    """A body as a page shows it. Exactly one of `text`, `image` and `dump` is not empty, unless the
    body is."""

    size: int = 0
    """Bytes of the body as it was sent, compressed if it was."""
    media: str = ""
    text: str = ""
    """What a person reads: JSON with indentation, or the text itself."""
    raw: str = ""
    """The text as it was sent, if `text` is another one."""
    image: str = ""
    """A `data:` URL of a raster image."""
    dump: str = ""
    left_out: int = 0
    """Characters, or bytes of a binary body, that are not shown."""
    link: str = ""
    """The address of the whole body; "" where there is none."""


def shown(body: bytes, headers: Headers, longest: int = LONGEST) -> Body:
    """Return how a body is shown; of a text at most `longest` characters."""
    media = media_type(headers)
    if not body:
        return Body(0, media)
    plain = decompress_or_keep(body, headers)
    if image := _image_type(plain):
        if len(plain) <= min(_LARGEST_IMAGE, 10 * longest):
            url = f"data:{image};base64,{b64encode(plain).decode()}"
            return Body(len(body), media, image=url)
        return _dumped(body, plain, media)
    decoded = decode(plain, header(headers, "content-type") or "")
    if decoded.is_binary or "\0" in decoded.text[:longest]:
        return _dumped(body, plain, media)
    text, raw = decoded.text, ""
    if is_json_body(media, plain.lstrip()[:1]) and text.lstrip()[:1] in ("{", "["):
        raw, text = text, indented(text, longest)
    elif media == FORM and text:
        raw, text = text, _fields(text)
    left = max(len(raw or text) - longest, 0)
    return Body(len(body), media, text[:longest], raw[:longest], left_out=left)


def _image_type(body: bytes) -> str:
    """Return the media type of a raster image, by its first bytes; "" for all else."""
    if body[:4] == b"RIFF" and body[8:12] == b"WEBP":
        return "image/webp"
    return next((media for start, media in _IMAGES if body.startswith(start)), "")


def _dumped(body: bytes, plain: bytes, media: str) -> Body:
    left = max(len(plain) - _DUMPED, 0)
    return Body(len(body), media, dump=hex_dump(plain[:_DUMPED]), left_out=left)


def hex_dump(body: bytes) -> str:
    """Return bytes as lines of an offset, hexadecimal digits, and ASCII characters."""
    lines = []
    for start in range(0, len(body), _PER_LINE):
        part = body[start : start + _PER_LINE]
        readable = "".join(chr(byte) if 32 <= byte < 127 else "." for byte in part)
        lines.append(f"{start:08x}  {part.hex(' '):<{3 * _PER_LINE}} {readable}")
    return "\n".join(lines)


def indented(text: str, longest: int = LONGEST) -> str:
    """Return the start of a JSON text with line ends and indentation; its tokens stay as they are.

    So numbers keep all digits and repeated keys stay. It never fails: what is no JSON is only
    divided into lines.
    """
    parts: list[str] = []
    size = 0
    for part in _indented(text):
        parts.append(part)
        size += len(part)
        if size > longest:
            break
    return "".join(parts)


def _indented(text: str) -> Iterator[str]:
    depth, before = 0, ""
    for found in _JSON_TOKEN.finditer(text):
        token = found[0]
        if token in ("}", "]"):
            depth = max(depth - 1, 0)
            if before not in ("{", "["):
                yield _line_end(depth)
        elif before in ("{", "[") or before == ",":
            yield _line_end(depth)
        yield ": " if token == ":" else token
        if token in ("{", "["):
            depth += 1
        before = token


def _line_end(depth: int) -> str:
    return "\n" + _INDENT * min(depth, _DEEPEST)


def _fields(text: str) -> str:
    try:
        pairs = islice(parse_qsl(text, keep_blank_values=True), _MOST_FIELDS)
    except ValueError:
        return text
    return "\n".join(f"{name} = {value}" for name, value in pairs)
