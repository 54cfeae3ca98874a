"""Visit the candidates of a body, by its media type and in any character set."""

from __future__ import annotations

import base64
import re
from dataclasses import replace

from ...exchange import FORM, is_json
from ...patterns import lazy_regex
from ..content.charsets import DecodedText, decode, is_binary, is_binary_format, is_mostly_text
from ..replace.placeholders import fit_to_size, may_be_cut_placeholder
from ..rules.names import has_weak_head
from .binary_maps import visit_binary_maps
from .candidates import Candidate, Walk
from .detectors import visit_tokens
from .encoded import may_be_encoded, visit_encoded
from .json_scalars import is_json_like
from .json_text import documents_with_candidates, visit_json
from .markup import visit_markup
from .nested import visit_json_or_text, visit_plain_text, visit_text
from .tables import visit_table
from .urls import has_opaque_secret, visit_pairs

_BOUNDARY = lazy_regex(r"boundary=\"?([^\";,\s]+)", re.IGNORECASE)
_PART_NAME = lazy_regex(r'(?i)content-disposition:[^\r\n]*?\bname="?([^";\r\n]*)')
_PART_TYPE = lazy_regex(r"(?i)content-type:[ \t]*([^\r\n]*)")
_LINES_OF_JSON = ("application/x-ndjson", "application/jsonl", "application/json-lines")
_GRPC_TEXT = "application/grpc-web-text"
_BASE64_FRAME = lazy_regex(r"[A-Za-z0-9+/]{8,}+={0,2}")
_READABLE = lazy_regex(r"[\t\n\r -~\x80-\xff]{8,}")
_TABLES = ("text/csv", "text/tab-separated-values")
# A line of server-sent events (HTML standard, section 9.2.5).
_EVENT_DATA = lazy_regex(r"^(data:[ \t]*)([^\r\n]+)", re.MULTILINE)


def visit_body(
    body: bytes, content_type: str, walk: Walk, decoded: DecodedText | None = None
) -> bytes:
    """Return the body with its candidates replaced, or the same object if none is.

    `content_type` is the value of the header Content-Type, or empty. `decoded` is the body as text,
    if the caller has it already.
    """
    if not body:
        return body
    decoded = decoded or decode(body, content_type)
    if decoded.is_binary and not content_type.lower().startswith("multipart/"):
        return _visit_binary_body(decoded, content_type, walk)
    text = _visit_text_body(decoded.text, content_type, walk)
    return body if text == decoded.text else decoded.encode(text)


def _visit_binary_body(decoded: DecodedText, content_type: str, walk: Walk) -> bytes:
    if not is_binary_format(content_type):
        return _visit_binary(decoded, walk)
    if "grpc" in content_type or "protobuf" in content_type:
        return _visit_frames(decoded, walk)
    visited = visit_binary_maps(decoded.text, _keeping_length(walk))
    return _visit_binary(decoded._replace(text=visited), walk)


def _visit_binary(decoded: DecodedText, walk: Walk) -> bytes:
    """Visit a binary body, in which a replacement has the length of the value."""
    walk = _keeping_length(walk)
    text = visit_tokens(decoded.text, walk)
    return decoded.encode(visit_plain_text(text, walk) if is_mostly_text(text) else text)


def _keeping_length(walk: Walk) -> Walk:
    """Return a walk that replaces each value by as many bytes, so that offsets stay valid."""

    def visit(candidate: Candidate) -> str | None:
        if candidate.value is None or may_be_cut_placeholder(candidate.value):
            return None
        replacement = walk.visitor(candidate)
        if replacement is None:
            return None
        return fit_to_size(replacement, len(candidate.value)).decode("latin-1")

    return replace(walk, visitor=visit)


def _visit_text_body(text: str, content_type: str, walk: Walk) -> str:
    media = content_type.partition(";")[0].strip().lower()
    if media.startswith("multipart/") and (boundary := _BOUNDARY.search(content_type)):
        return _visit_multipart(text, boundary[1], walk)
    if media == FORM:
        return visit_pairs(text, walk, visit_text, is_url=False)
    return visit_tokens(_visit_structured(text, media, walk), walk)


def _visit_frames(decoded: DecodedText, walk: Walk) -> bytes:
    """Visit the texts in frames of gRPC, which have neither names nor ends of their own."""
    inside = _keeping_length(walk).with_detectors(None)
    return decoded.encode(
        _READABLE.sub(lambda run: visit_text(visit_tokens(run[0], inside), inside), decoded.text)
    )


def _visit_base64_frame(text: str, walk: Walk) -> str:
    """Visit one gRPC frame in base64 (gRPC-Web, mode `text`)."""
    try:
        frame = base64.b64decode(text, validate=True)
    except ValueError:  # neither base64 nor ASCII
        return text
    visited = _visit_frames(DecodedText(frame.decode("latin-1"), "latin-1", True), walk)
    return text if visited == frame else base64.b64encode(visited).decode()


def _visit_structured(text: str, media: str, walk: Walk) -> str:
    """Visit a text by its media type, and by its first character if the type is wrong."""
    start = text.lstrip("\ufeff \t\r\n")[:1]
    if media in _LINES_OF_JSON:
        lines = text.splitlines(keepends=True)
        for number in documents_with_candidates(lines, walk):
            lines[number] = visit_json(lines[number], walk, visit_text)
        return "".join(lines)
    if media == "text/event-stream":
        return _visit_events(text, walk)
    if is_json(media) or start in ("{", "["):
        return visit_json_or_text(text, walk, walk)
    if start == "<":
        text = visit_markup(text, walk, visit_text)
    if media.startswith(_GRPC_TEXT):
        return _BASE64_FRAME.sub(lambda frame: _visit_base64_frame(frame[0], walk), text)
    if media in _TABLES:
        text = visit_table(text, walk)
    if may_be_encoded(text):
        text = visit_encoded(text, walk, visit_text)
    return visit_plain_text(text, walk)


def _visit_events(text: str, walk: Walk) -> str:
    """Visit the data of server-sent events, most of which are JSON documents."""
    documents = [data for _, data in _EVENT_DATA.findall(text) if is_json_like(data)]
    kept = set(documents)
    kept.difference_update(documents[n] for n in documents_with_candidates(documents, walk))

    def visit(line: re.Match[str]) -> str:
        return line[0] if line[2] in kept else line[1] + visit_text(line[2], walk)

    return _EVENT_DATA.sub(visit, text)


def _visit_multipart(text: str, boundary: str, walk: Walk) -> str:
    """Visit each part between two boundaries (RFC 2046, section 5.1)."""
    parts = text.split(f"--{boundary}")
    return f"--{boundary}".join(_visit_part(part, walk) for part in parts)


def _visit_part(part: str, walk: Walk) -> str:
    head, blank_line, content = part.partition("\r\n\r\n")
    if not blank_line:
        return part
    content, end = content.removesuffix("\r\n"), "\r\n" * content.endswith("\r\n")
    content = _visit_part_content(head, content, walk)
    return visit_tokens(head, walk) + blank_line + content + end


def _visit_part_content(head: str, content: str, walk: Walk) -> str:
    """Visit the content of a part. Its head gives the name of the field (RFC 7578, 4.2)."""
    name_found, type_found = _PART_NAME.search(head), _PART_TYPE.search(head)
    name = name_found[1] if name_found else ""
    if has_opaque_secret(name, content, walk):
        return walk.replace_recognised("token", content, "opaque-parameter")
    kind = walk.rules.field_kind(name)
    if kind and "filename" not in head.lower():
        return walk.replace_named(name, kind, content, "field", has_weak_head(name))
    if is_binary(content):
        return visit_tokens(content, _keeping_length(walk))
    return _visit_text_body(content, type_found[1] if type_found else "", walk)
