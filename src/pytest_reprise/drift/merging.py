"""Merge a new interaction into an old one, text by text.

What is merged are texts at the same place: segments of the path, values of the query, headers,
JSON (see `json_merging`), and other bodies as a whole. All other bytes are those of the new
recording, so that a merged body differs from the old one only where the API changed.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterable
from typing import Literal, Protocol, TypeAlias, TypeVar

from ..exchange import Failure, Headers, Interaction, Outcome, Request, Response, header
from ..scrub.content.compression import compress_body, decompress_or_keep, with_content_length
from ..scrub.replace.digests import digest_replacements, replace_digests
from .json_merging import Values, added_json, merge_json
from .json_tree import json_tree
from .places import VOLATILE_HEADERS, Place
from .request_keys import request_key
from .tokens import as_bytes, as_text, has_words

M = TypeVar("M", Request, Response)
Side: TypeAlias = Literal["request", "response"]

_CODING = "content-encoding"
_GZIP_START = b"\x1f\x8b\x08\x00"
"""The header of gzip without optional fields (RFC 1952, section 2.3)."""


class Texts(Values, Protocol):
    """Decides about texts; `merging` only finds them."""

    def keeps(self, place: Place, old: bytes, new: bytes, /) -> bool:
        """Whether the old one of two different bodies that are no texts stays."""


class NewTexts:
    """As `Texts`, takes each new text, and pairs members of lists by their positions."""

    def merge(self, _place: Place, _old: str, new: str, /) -> str:
        return new

    def keeps(self, _place: Place, _old: bytes, _new: bytes, /) -> bool:
        return False

    def equal(self, _place: Place, _text: str, /) -> None:
        """Do nothing."""

    def added(self, _place: Place, new: str, /) -> str:
        return new

    def corresponds(self, _place: Place, old: str, new: str, /) -> bool:
        return old == new

    def varies(self, _place: Place, _old: str, _new: str, /) -> bool:
        return False

    def own_id(self, _place: Place, _new: str, /) -> str | None:
        return None

    def is_foreign(self, _place: Place, _identity: str, /) -> bool:
        return False

    def of_others(self) -> Values:
        return self


def merge(old: Interaction, new: Interaction, texts: Texts) -> Interaction:
    """Return the interaction to write: `old` itself if the two differ in nothing but noise."""
    request = _merge_request(old.request, new.request, texts)
    outcome = _merge_outcome(old.outcome, new.outcome, texts)
    if (request, outcome, new.scope) == (old.request, old.outcome, old.scope):
        return old
    return Interaction(request, outcome, new.scope, old.at, old.latency)


def as_recorded(new: Interaction, texts: Texts) -> Interaction:
    """Return an interaction without an old one, as the old recording would have it."""
    outcome = new.outcome
    if isinstance(outcome, Response):
        outcome = added_message(outcome, texts)
    return new.with_request_and_outcome(added_request(new.request, texts), outcome)


def added_request(request: Request, texts: Texts) -> Request:
    """Return a request without an old one, as the old recording would have it."""
    moved = added_message(request, texts)
    return moved._replace(url=_merge_url(request.url, request.url, texts, is_added=True))


def has_same_places(old: Request, new: Request) -> bool:
    """Whether two requests have values at the same places."""
    return request_key(old) == request_key(new) or request_key(
        _merge_request(old, new, _OldTexts())
    ) == request_key(old)


class _OldTexts(NewTexts):
    """Takes each old text that is there."""

    def merge(self, _place: Place, old: str, _new: str, /) -> str:
        return old

    def keeps(self, _place: Place, _old: bytes, _new: bytes, /) -> bool:
        return True


def _merge_request(old: Request, new: Request, texts: Texts) -> Request:
    if request_key(old) == request_key(new):
        return old
    body = _merge_body("request", old, new, texts)
    url = _merge_url(old.url, new.url, texts)
    return Request(new.method, url, _merge_headers("request", old, new, body, texts), body)


def _merge_outcome(old: Outcome, new: Outcome, texts: Texts) -> Outcome:
    if isinstance(old, Failure) and isinstance(new, Failure):
        return new.with_message(texts.merge(Place("response", "text"), old.message, new.message))
    if isinstance(old, Failure) or isinstance(new, Failure):
        return added_message(new, texts) if isinstance(new, Response) else new
    body = _merge_body("response", old, new, texts)
    is_same = body == old.body and old.broken_by == new.broken_by
    chunks = old.chunks if is_same else new.chunks if sum(new.chunks) == len(body) else ()
    headers = _merge_headers("response", old, new, body, texts)
    return new._replace(headers=headers, body=body, chunks=chunks)


# --- URLs -------------------------------------------------------------------------------------


def _merge_url(old: str, new: str, texts: Texts, is_added: bool = False) -> str:
    """Return the merged URL. URLs of other paths or other names in the query are merged whole."""
    was, now = _url_parts(old), _url_parts(new)
    if [p for p, _ in was] != [p for p, _ in now]:
        return texts.merge(Place("request", "text"), old, new)
    merged = []
    for (place, before), (_, value) in zip(was, now, strict=True):
        if place is None:
            merged.append(value)
        else:
            merged.append(
                texts.added(place, value) if is_added else texts.merge(place, before, value)
            )
    return "".join(merged)


def _url_parts(url: str) -> list[tuple[Place | None, str]]:
    """Return the parts of a URL, each with its place; signs between parts have none."""
    path, mark, query = url.partition("?")
    parts: list[tuple[Place | None, str]] = []
    for number, segment in enumerate(path.split("/")):
        parts += [(None, "/")] if number else []
        parts.append((Place("request", "segment", (number,)), segment))
    parts.append((None, mark))
    for number, pair in enumerate(query.split("&")):
        name, sign, value = pair.partition("=")
        parts.append((None, f"{'&' if number else ''}{name}{sign}"))
        parts.append((Place("request", "query", (name,)), value))
    return parts


# --- headers ----------------------------------------------------------------------------------


def _merge_headers(side: Side, old: M, new: M, body: bytes, texts: Texts) -> Headers:
    """Return the new headers with the old values where the difference is noise.

    `body` is the merged body, to which length and digests are adapted. The old headers are returned
    if those that are not volatile have the same meaning.
    """
    left: dict[str, deque[str]] = {}
    for name, value in old.headers:
        left.setdefault(name.lower(), deque()).append(value)
    names = {name.lower() for name, _ in new.headers}
    merged = []
    for (name, received), (_, value) in zip(new.headers, headers_for(body, new), strict=True):
        place = Place(side, "header", (name.lower(),))
        values = left.get(name.lower()) or left.get(_former_name(name.lower(), names))
        before = values.popleft() if values else None
        # Lengths and digests are computed from the merged body.
        if value == received and not _is_length(place, value, body):
            value = _merge_value(place, before, value, texts)
        merged.append((name, value))
    merged = _in_order_of(old.headers, merged)
    is_same = _significant(_in_order_of(merged, old.headers)) == _significant(merged)
    return old.headers if is_same else tuple(merged)


def _in_order_of(
    first: Iterable[tuple[str, str]], headers: Iterable[tuple[str, str]]
) -> list[tuple[str, str]]:
    """Return headers in the order in which other headers have these names; new names come last.

    Only the order of headers of the same name has a meaning (RFC 9110, section 5.3).
    """
    names = [name.lower() for name, _ in first]
    places = {name: number for number, name in enumerate(dict.fromkeys(names))}
    return sorted(headers, key=lambda header: places.get(header[0].lower(), len(places)))


def _former_name(name: str, names: Collection[str]) -> str:
    """Return the name that a header may have had; "" if that one is there, too."""
    former = name.removeprefix("x-") if name.startswith("x-") else f"x-{name}"
    return "" if former in names else former


def _is_length(place: Place, value: str, body: bytes) -> bool:
    return place.name == "content-length" and value == str(len(body))


def _merge_value(place: Place, old: str | None, new: str, texts: Texts) -> str:
    if place.name in VOLATILE_HEADERS:
        return new if old is None else old
    if old is None:
        return texts.added(place, new)
    if old == new:
        texts.equal(place, old)
        return old
    return texts.merge(place, old, new)


def _significant(headers: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    return [h for h in headers if h[0].lower() not in VOLATILE_HEADERS]


def headers_for(body: bytes, message: Request | Response) -> Headers:
    """Return the headers of a message with another body: with its length and its digests."""
    headers, before = message.headers, message.body
    if body == before:
        return headers
    headers = replace_digests(headers, dict(digest_replacements(before, body)))
    has_length = header(headers, "content-length") == str(len(before))
    return with_content_length(headers, len(body)) if has_length else headers


# --- bodies -----------------------------------------------------------------------------------


def _merge_body(side: Side, old: M, new: M, texts: Texts) -> bytes:
    """Return the body to write; bodies are compared decompressed."""
    if old.body == new.body:
        return old.body
    before = decompress_or_keep(old.body, old.headers)
    now = decompress_or_keep(new.body, new.headers)
    merged = _merge_plain(side, before, now, texts)
    has_same_coding = header(old.headers, _CODING) == header(new.headers, _CODING)
    if merged == before and has_same_coding:
        return old.body
    return _with_old_start(old.body, compress_body(new.body, now, merged, new.headers))


def _with_old_start(old: bytes, new: bytes) -> bytes:
    """Return a compressed body with the time and system in gzip's header of the old one."""
    are_gzip = old[:4] == new[:4] == _GZIP_START
    return new[:4] + old[4:8] + new[8:9] + old[9:10] + new[10:] if are_gzip else new


def _merge_plain(side: Side, old: bytes, new: bytes, texts: Texts) -> bytes:
    if old == new:
        return old
    place = Place(side, "text")
    try:
        before, now = old.decode(), new.decode()
    except UnicodeDecodeError:
        return old if texts.keeps(place, old, new) else new
    was, found = json_tree(before), json_tree(now)
    if was is None or found is None:
        return texts.merge(place, before, now).encode()
    start, node, end = found
    return f"{start}{merge_json(Place(side, 'leaf'), was[1], node, texts).written()}{end}".encode()


def added_message(message: M, texts: Texts) -> M:
    """Return a request or response without an old one, as the old recording would have it."""
    side: Side = "request" if isinstance(message, Request) else "response"
    body = _added_body(side, message, texts)
    headers = tuple(
        (name, texts.added(Place(side, "header", (name.lower(),)), value))
        for name, value in headers_for(body, message)
    )
    return message._replace(headers=headers, body=body)


def _added_body(side: Side, message: M, texts: Texts) -> bytes:
    plain = decompress_or_keep(message.body, message.headers)
    try:
        text = plain.decode()
    except UnicodeDecodeError:
        if not has_words(plain, plain):
            return message.body
        text = texts.added(Place(side, "text"), as_text(plain))
        return compress_body(message.body, plain, as_bytes(text), message.headers)
    found = json_tree(text)
    if found is None:
        moved = texts.added(Place(side, "text"), text)
    else:
        start, node, end = found
        moved = f"{start}{added_json(Place(side, 'leaf'), node, texts).written()}{end}"
    return compress_body(message.body, plain, moved.encode(), message.headers)
