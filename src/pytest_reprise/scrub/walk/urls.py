"""The slots of a URL: the parameters of query, path and fragment, user info, opaque segments."""

from __future__ import annotations

from urllib.parse import quote, unquote_plus

from ..rules.checks import is_opaque
from ..rules.names import has_weak_head, min_opaque_length
from . import detectors
from .slots import Inside, Look

_KEPT = "*"
"""No client escapes it alike; a placeholder has nothing else that needs an escape."""


def rewrite(url: str, look: Look, inside: Inside) -> str:
    """The URL with its slots visited, and what stands inside its parameters."""
    rest, hash_sign, fragment = url.partition("#")
    path, question_mark, query = rest.partition("?")
    if ";" in path:
        path = "/".join(_matrix(segment, look, inside) for segment in path.split("/"))
    path = detectors.numbers(detectors.tokens(path, look), look)
    if query:
        query = pairs(query, look, inside, is_url=True)
    if "=" in fragment:
        fragment = pairs(fragment, look, inside, is_url=True)
    return path + question_mark + query + hash_sign + fragment


def pairs(text: str, look: Look, inside: Inside, is_url: bool) -> str:
    """Names and values, as of a query or a form, with their slots visited."""
    visited = [_pair(pair, look, inside, is_url) for pair in text.split("&")]
    rewritten = "&".join(visited)
    return text if rewritten == text else rewritten


def _matrix(segment: str, look: Look, inside: Inside) -> str:
    head, *parameters = segment.split(";")
    return ";".join(
        [head, *(_pair(parameter, look, inside, is_url=True) for parameter in parameters)]
    )


def _pair(pair: str, look: Look, inside: Inside, is_url: bool) -> str:
    name, equals, value = pair.partition("=")
    if not equals:
        return pair
    plain_name, plain = unquote_plus(name), unquote_plus(value)
    changed = _visited(plain_name, plain, look, inside, is_url)
    return pair if changed == plain else f"{name}={_quoted(changed, value)}"


def _visited(name: str, value: str, look: Look, inside: Inside, is_url: bool) -> str:
    kind = look.rules.parameter_kind(name) if is_url else look.rules.field_kind(name)
    if kind is not None:
        rule = "parameter" if is_url else "field"
        return look.named(name, kind, value, rule, has_weak_head(name))
    if is_url and (size := min_opaque_length(name)) and is_opaque(value, size):
        return look.found("token", value, "opaque-parameter")
    if len(value) < 8:
        return value
    return inside(detectors.tokens(value, look), look.deeper())


def _quoted(value: str, like: str) -> str:
    """The value, escaped as the one was whose place it takes."""
    safe = _KEPT + "".join(mark for mark in ":/?@!$'(),;={}[]\"" if mark in like)
    quoted = quote(value, safe=safe)
    return quoted.replace("%20", "+") if "+" in like else quoted
