"""Merge a new interaction into an old one: noise keeps the old value, a change takes the new one.

What is merged are texts: the URL, the headers, and the leaves of JSON. All other bytes are those of
the new recording, so that a merged body differs from the old one only where the API changed.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import replace
from typing import TypeVar

from ..exchange import Failure, Headers, Interaction, Outcome, Request, Response, header
from ..matching.key import key
from ..scrub.content.compression import compress_body, decompress_or_keep, with_content_length
from ..scrub.replace.digests import digest_replacements, replace_digests
from .leaves import json_leaves, replace_leaves
from .noise import VOLATILE_HEADERS, Noise

M = TypeVar("M", Request, Response)

_GZIP_START = b"\x1f\x8b\x08\x00"
"""The header of gzip without optional fields (RFC 1952, section 2.3)."""
TIME_TOLERANCE = 1.0
"""Seconds by which the recorded time of an old interaction may be later than that of the new."""


def merge(old: Interaction, new: Interaction, noise: Noise) -> Interaction:
    """Return the interaction to write: `old` itself if the two differ in nothing but noise."""
    noise.took_time = False
    request = _merge_request(old.request, new.request, noise)
    outcome = _merge_outcome(old.outcome, new.outcome, noise)
    if (request, outcome, new.scope) == (old.request, old.outcome, old.scope):
        return old
    # The replay's clock must have reached a time that is in the response.
    is_early = noise.took_time and not new.at <= old.at < new.at + TIME_TOLERANCE
    return Interaction(request, outcome, new.scope, new.at if is_early else old.at)


def as_recorded(new: Interaction, noise: Noise) -> Interaction:
    """Return an interaction without an old one, with its times on the clock of the recording."""
    outcome = new.outcome
    if isinstance(outcome, Response):
        outcome = _texts_mapped(outcome, noise)
    return new.with_request_and_outcome(_texts_mapped(new.request, noise), outcome)


def _merge_request(old: Request, new: Request, noise: Noise) -> Request:
    if key(old) == key(new):
        return old
    body = _merge_body(old, new, noise)
    url = merge_text(old.url, new.url, noise)
    return Request(new.method, url, _merge_headers(old, new, body, noise), body)


def _merge_outcome(old: Outcome, new: Outcome, noise: Noise) -> Outcome:
    if isinstance(old, Failure) and isinstance(new, Failure):
        return new.with_message(merge_text(old.message, new.message, noise))
    if isinstance(old, Failure) or isinstance(new, Failure):
        return _texts_mapped(new, noise) if isinstance(new, Response) else new
    body = _merge_body(old, new, noise)
    is_same = body == old.body and old.broken_by == new.broken_by
    chunks = old.chunks if is_same else new.chunks if sum(new.chunks) == len(body) else ()
    headers = _merge_headers(old, new, body, noise)
    return replace(new, headers=headers, body=body, chunks=chunks)


def merge_text(old: str, new: str, noise: Noise) -> str:
    """Return the old text if the new one says the same, else the new one."""
    return old if noise.is_noise(old, new) else noise.to_recorded(new)


# --- headers ----------------------------------------------------------------------------------


def _merge_headers(old: M, new: M, body: bytes, noise: Noise) -> Headers:
    """Return the new headers with the old values where the difference is noise.

    `body` is the merged body, to which length and digests are adapted. The old headers are returned
    if those that are not volatile have the same meaning.
    """
    left: dict[str, deque[str]] = {}
    for name, value in old.headers:
        left.setdefault(name.lower(), deque()).append(value)
    merged = []
    for name, value in headers_for(body, new):
        if values := left.get(name.lower()):
            value = _merge_value(name, values.popleft(), value, noise)
        merged.append((name, value))
    return old.headers if _significant(old.headers) == _significant(merged) else tuple(merged)


def _merge_value(name: str, old: str, new: str, noise: Noise) -> str:
    return old if name.lower() in VOLATILE_HEADERS else merge_text(old, new, noise)


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


def _merge_body(old: M, new: M, noise: Noise) -> bytes:
    """Return the body to write; bodies are compared decompressed."""
    if old.body == new.body:
        return old.body
    before = decompress_or_keep(old.body, old.headers)
    now = decompress_or_keep(new.body, new.headers)
    merged = _merge_plain(before, now, noise)
    if merged == before:
        return old.body
    return _with_old_start(old.body, compress_body(new.body, now, merged, new.headers))


def _with_old_start(old: bytes, new: bytes) -> bytes:
    """Return a compressed body with the time and system in gzip's header of the old one."""
    are_gzip = old[:4] == new[:4] == _GZIP_START
    return new[:4] + old[4:8] + new[8:9] + old[9:10] + new[10:] if are_gzip else new


def _merge_plain(old: bytes, new: bytes, noise: Noise) -> bytes:
    try:
        before, now = old.decode(), new.decode()
    except UnicodeDecodeError:
        return old if old == new else new
    was, leaves = json_leaves(before), json_leaves(now)
    if was is None or leaves is None:
        return merge_text(before, now, noise).encode()
    known = {leaf.place: before[leaf.start : leaf.end] for leaf in was}
    texts = ((leaf.place, now[leaf.start : leaf.end]) for leaf in leaves)
    written = {
        place: merge_text(known[place], text, noise) if place in known else noise.to_recorded(text)
        for place, text in texts
    }
    return replace_leaves(now, leaves, written).encode()


def _texts_mapped(message: M, noise: Noise) -> M:
    """Return a message of the new recording with its times on the clock of the old one."""
    body = _body_mapped(message, noise)
    mapped = headers_for(body, message)
    headers = tuple((name, noise.to_recorded(value)) for name, value in mapped)
    return replace(message, headers=headers, body=body)


def _body_mapped(message: M, noise: Noise) -> bytes:
    plain = decompress_or_keep(message.body, message.headers)
    try:
        mapped = noise.to_recorded(plain.decode()).encode()
    except UnicodeDecodeError:
        return message.body
    return compress_body(message.body, plain, mapped, message.headers)
