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
from ..scrub.content.compression import decompress_or_keep


def have_same_form(old: Tree, new: Tree) -> bool:
    """Whether two documents differ in texts only: not in a number, and not in a type."""
    left = [(old, new)]
    while left:
        a, b = left.pop()
        kind = _kind(a)
        if kind is not _kind(b):
            return False
        if kind in (dict, list):
            if len(a) != len(b):
                return False
            left += zip(_items(a), _items(b), strict=True)
        elif kind is not str and a != b and not (a != a and b != b):  # NaN equals nothing
            return False
    return True


def _items(container: Tree) -> list[Tree]:
    """Return the keys and values of a mapping, or the values of a list."""
    is_mapping = isinstance(container, dict)
    return [*container, *container.values()] if is_mapping else list(container)


def _kind(value: object) -> type:
    """Return the type that counts. Bytes are text: YAML may write one as the other."""
    if isinstance(value, (str, bytes)):
        return str
    if isinstance(value, (list, tuple)):
        return list
    return dict if isinstance(value, dict) else type(value)


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


def _difference(was: Interaction, now: Interaction) -> str:
    pairs = (
        ("time or scope", was[2:], now[2:]),
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
    if old.body != new.body and (form := _body_form(old)) is not None:
        yield f"form of the {side} body", form, _body_form(new)


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


def _body_form(message: Request | Response) -> object:
    """Return the form of a JSON object or list, with types in the place of texts; else None."""
    try:
        found = json.loads(decompress_or_keep(message.body, message.headers))
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
