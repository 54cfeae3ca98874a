"""Visit the candidates of a URL, and of a form, which is encoded like a query.

They are the parameters of query, fragment and path segments (`/a;token=…`), the password before
the host, and tokens in the path. The parts of a URL are those of RFC 3986, section 3.
"""

from __future__ import annotations

import re
from urllib.parse import quote, unquote_plus

from ..rules.checks import is_opaque
from ..rules.names import has_weak_head, min_opaque_length
from .candidates import VisitNested, Walk
from .detectors import visit_numbers, visit_tokens

_NEVER_ESCAPED = "*"
"""Some clients escape it and some do not; it is the only such character in a placeholder."""
_KEPT_IF_UNESCAPED = ":/?@!$'(),;={}[]\""
"""Characters that stay unescaped if the original value had them so."""
_WORDS = re.compile(r"[A-Za-z_.,/ -]+")
"""A value in which no text can be nested: it has neither signs nor digits."""
_MIN_NESTED = 8
"""Characters of the shortest value in which a nested text is searched for."""


def visit_url(url: str, walk: Walk, visit_nested: VisitNested) -> str:
    """Return the URL with its candidates replaced, also those in the values of parameters."""
    rest, hash_sign, fragment = url.partition("#")
    path, question_mark, query = rest.partition("?")
    if ";" in path:
        segments = (_visit_segment(segment, walk, visit_nested) for segment in path.split("/"))
        path = "/".join(segments)
    # The path includes scheme and host here, so the detector `url-password` finds user:password@.
    path = visit_numbers(visit_tokens(path, walk), walk)
    if query:
        query = visit_pairs(query, walk, visit_nested, is_url=True)
    if "=" in fragment:
        fragment = visit_pairs(fragment, walk, visit_nested, is_url=True)
    return path + question_mark + query + hash_sign + fragment


def visit_pairs(text: str, walk: Walk, visit_nested: VisitNested, is_url: bool) -> str:
    """Return the pairs of a query or form with their candidates replaced.

    `is_url` is false for a form, in which signatures and opaque codes are not secrets.
    """
    visited = "&".join([_visit_pair(pair, walk, visit_nested, is_url) for pair in text.split("&")])
    return text if visited == text else visited


def _visit_segment(segment: str, walk: Walk, visit_nested: VisitNested) -> str:
    """Visit the parameters of a path segment, as in `orders;token=…` (RFC 3986, section 3.3)."""
    head, *parameters = segment.split(";")
    visited = (_visit_pair(pair, walk, visit_nested, is_url=True) for pair in parameters)
    return ";".join([head, *visited])


def _visit_pair(pair: str, walk: Walk, visit_nested: VisitNested, is_url: bool) -> str:
    name, equals, written = pair.partition("=")
    if not equals:
        return pair
    value, name_read = _unescaped(written), _unescaped(name)
    replacement = _replace_value(name_read, value, walk, visit_nested, is_url)
    return pair if replacement == value else f"{name}={_escaped(replacement, written)}"


def _unescaped(written: str) -> str:
    return unquote_plus(written) if "%" in written or "+" in written else written


def _replace_value(
    name: str, value: str, walk: Walk, visit_nested: VisitNested, is_url: bool
) -> str:
    kind = walk.rules.parameter_kind(name) if is_url else walk.rules.field_kind(name)
    if kind is not None:
        rule = "parameter" if is_url else "field"
        return walk.replace_named(name, kind, value, rule, has_weak_head(name))
    # The name alone is too common: `state=open` is not a secret.
    if is_url and (size := min_opaque_length(name)) and is_opaque(value, size):
        return walk.replace_recognised("token", value, "opaque-parameter")
    if len(value) < _MIN_NESTED:
        return value
    visited = visit_tokens(value, walk)
    if _WORDS.fullmatch(visited) and " is " not in visited and " was " not in visited:
        return visited
    return visit_nested(visited, walk.nested())


def _escaped(value: str, original: str) -> str:
    """Escape the value in the same way as the original text of the parameter."""
    safe = _NEVER_ESCAPED + "".join(mark for mark in _KEPT_IF_UNESCAPED if mark in original)
    escaped = quote(value, safe=safe)
    return escaped.replace("%20", "+") if "+" in original else escaped
