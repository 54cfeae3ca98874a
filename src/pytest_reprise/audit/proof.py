"""Proof that a changed cassette loads to the same as before, but for placeholders.

It is made of the text that is about to be written, before the file is replaced. So a mistake in a
rule or in a writer of YAML cannot damage a file.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from itertools import zip_longest
from typing import Any

from ..cassette.document_edit import Tree
from ..exchange import Headers, Interaction, Outcome, Request, Response
from .decompressed import decompress_interaction


def are_same_values(one: Tree, other: Tree) -> bool:
    """Whether two documents hold the same values of the same types: 1 is neither True nor "1"."""
    left = [(one, other)]
    while left:
        a, b = left.pop()
        if _kind(a) is not _kind(b):
            return False
        if isinstance(a, dict):
            if not are_same_keys(a, b):
                return False
            left += zip(a.values(), b.values(), strict=True)
        elif isinstance(a, (list, tuple)):
            if len(a) != len(b):
                return False
            left += zip(a, b, strict=True)
        elif a != b and not (a != a and b != b):  # NaN equals nothing
            return False
    return True


def are_same_keys(one: dict[Any, Any], other: dict[Any, Any]) -> bool:
    """Whether two mappings have the same keys in the same order."""
    return list(one) == list(other)


def _kind(value: object) -> type:
    """Return the type that counts: a subclass of bytes or str is a body from a file."""
    bases = (bool, int, float, str, bytes, dict)
    found = next((base for base in bases if isinstance(value, base)), None)
    return found or (list if isinstance(value, (list, tuple)) else type(value))


def difference_in_form(old: Iterable[Interaction], new: Iterable[Interaction]) -> str:
    """Return where scrubbed interactions differ in more than texts, or "" if they do not.

    A placeholder is text in the place of text. So the number of interactions, methods, statuses,
    names of headers and of query parameters, and the form of JSON bodies stay.
    """
    for number, (was, now) in enumerate(zip_longest(old, new), 1):
        if was is None or now is None:
            return "another number of interactions"
        if was is not now and (place := _difference(was, now)):
            return f"interaction {number}: another {place}"
    return ""


def _difference(old: Interaction, new: Interaction) -> str:
    was, now = decompress_interaction(old)[0], decompress_interaction(new)[0]
    pairs = (
        ("time or scope", (was.at, was.scope), (now.at, now.scope)),
        ("method", was.request.method, now.request.method),
        ("form of the URL", _url_form(was.request.url), _url_form(now.request.url)),
        ("kind of outcome", _outcome_form(was.outcome), _outcome_form(now.outcome)),
        *_message_forms("request", was.request, now.request),
    )
    found = next((place for place, one, other in pairs if one != other), "")
    if found or not (isinstance(was.outcome, Response) and isinstance(now.outcome, Response)):
        return found
    forms = _message_forms("response", was.outcome, now.outcome)
    return next((place for place, one, other in forms if one != other), "")


def _message_forms(
    side: str, old: Request | Response, new: Request | Response
) -> Iterator[tuple[str, object, object]]:
    yield f"set of {side} headers", _names(old.headers), _names(new.headers)
    if old.body != new.body:
        yield f"form of the {side} body", _body_form(old.body), _body_form(new.body)


def _names(headers: Headers) -> list[str]:
    return [name for name, _ in headers]


def _url_form(url: str) -> object:
    """Return what of a URL no placeholder changes: its separators."""
    return [url.count(separator) for separator in "?#"], url.partition(":")[0]


def _outcome_form(outcome: Outcome) -> object:
    if isinstance(outcome, Response):
        broken_by = outcome.broken_by and outcome.broken_by.error
        return outcome.status, outcome.http_version, broken_by
    return outcome.error


def _body_form(body: bytes) -> object:
    """Return the form of a JSON object or list, with types in the place of texts; else None."""
    try:
        found = json.loads(body)
        return _form(found) if isinstance(found, (dict, list)) else None
    except (ValueError, RecursionError):
        return None


def _form(value: Any) -> Any:
    if isinstance(value, dict):
        return [_form(inner) for inner in value.values()]
    if isinstance(value, list):
        return [_form(inner) for inner in value]
    is_kept = value is None or isinstance(value, bool)
    return value if is_kept else type(value)
