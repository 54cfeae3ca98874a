"""The slots of a body, by its media type, in whatever character set."""

from __future__ import annotations

import re

from ...exchange import FORM, is_json
from ..content.charsets import Text, decode, is_binary, is_mostly_text
from ..replace.placeholders import fit_to_size, may_be_cut_placeholder
from ..rules.names import has_weak_head
from . import detectors, json_text, markup, tables, urls
from .nested import visit_prose, visit_text
from .slots import Look, Slot

_BOUNDARY = re.compile(r"boundary=\"?([^\";,\s]+)", re.IGNORECASE)
_PART_NAME = re.compile(r'(?i)content-disposition:[^\r\n]*?\bname="?([^";\r\n]*)')
_PART_TYPE = re.compile(r"(?i)content-type:[ \t]*([^\r\n]*)")
_LINES_OF_JSON = ("application/x-ndjson", "application/jsonl", "application/json-lines")
_EVENT_DATA = re.compile(r"^(data:[ \t]*)([^\r\n]+)", re.MULTILINE)


def rewrite(body: bytes, content_type: str, look: Look) -> bytes:
    """The body with its slots visited; where nothing is changed, the same bytes."""
    if not body:
        return body
    decoded = decode(body, content_type)
    if decoded.is_binary and not content_type.lower().startswith("multipart/"):
        return _binary(decoded, look)
    text = _text(decoded.text, content_type, look)
    return body if text == decoded.text else decoded.encode(text)


def _binary(decoded: Text, look: Look) -> bytes:
    """What is secret in a binary body makes way for something of its length."""
    look = _in_place(look)
    text = detectors.tokens(decoded.text, look)
    return decoded.encode(visit_prose(text, look) if is_mostly_text(text) else text)


def _in_place(look: Look) -> Look:
    """A look that puts into each slot as many bytes as were there."""

    def visit(slot: Slot) -> str | None:
        if slot.value is None or may_be_cut_placeholder(slot.value):
            return None
        held = look.visit(slot)
        if held is None:
            return None
        return fit_to_size(held, len(slot.value)).decode("latin-1")

    return look._replace(visit=visit)


def _text(text: str, content_type: str, look: Look) -> str:
    media = content_type.partition(";")[0].strip().lower()
    if media.startswith("multipart/") and (boundary := _BOUNDARY.search(content_type)):
        return _multipart(text, boundary[1], look)
    if media == FORM:
        return urls.pairs(text, look, visit_text, is_url=False)
    return detectors.tokens(_structured(text, media, look), look)


def _structured(text: str, media: str, look: Look) -> str:
    start = text.lstrip("\ufeff \t\r\n")[:1]
    if media in _LINES_OF_JSON:
        lines = text.splitlines(keepends=True)
        return "".join(json_text.rewrite(line, look, visit_text) for line in lines)
    if media == "text/event-stream":
        return _EVENT_DATA.sub(lambda line: line[1] + visit_text(line[2], look), text)
    if is_json(media) or start in ("{", "["):
        return json_text.rewrite(text, look, visit_text)
    if start == "<":
        text = markup.rewrite(text, look)
    if media == "text/csv" or media == "text/tab-separated-values":
        text = tables.rewrite(text, look)
    return visit_prose(text, look)


def _multipart(text: str, boundary: str, look: Look) -> str:
    parts = text.split(f"--{boundary}")
    return f"--{boundary}".join(_part(part, look) for part in parts)


def _part(part: str, look: Look) -> str:
    head, blank, content = part.partition("\r\n\r\n")
    if not blank:
        return part
    content, end = content.removesuffix("\r\n"), "\r\n" * content.endswith("\r\n")
    named, typed = _PART_NAME.search(head), _PART_TYPE.search(head)
    name = named[1] if named else ""
    is_file = "filename" in head.lower()
    kind = look.rules.field_kind(name)
    if kind and not is_file:
        content = look.named(name, kind, content, "field", has_weak_head(name))
    elif is_binary(content):
        content = detectors.tokens(content, _in_place(look))
    else:
        content = _text(content, typed[1] if typed else "", look)
    return detectors.tokens(head, look) + blank + content + end
