"""Visit the candidates of cookies: the values of those that belong to a session or a log-in."""

from __future__ import annotations

from ...patterns import lazy_regex
from ..replace.placeholders import replace_placeholders
from ..rules.names import is_auth_like_cookie
from .candidates import Walk

LONG_COOKIE = 16
"""Characters from which a cookie value counts as a secret, whatever the cookie's name is."""
_ATTRIBUTES = lazy_regex(
    r"(?i);\s*(?:path|expires|max-age|domain|httponly|secure|samesite)\s*(?:[=;]|\Z)"
)
_FIELDS = frozenset(("cookie", "cookies", "setcookie"))


def visit_cookies(value: str, walk: Walk) -> str:
    """Return the value of a header Cookie with its candidates replaced."""
    return ";".join(_visit_pair(pair, walk) for pair in value.split(";"))


def visit_set_cookie(value: str, walk: Walk) -> str:
    """Return the value of a header Set-Cookie with its candidates replaced.

    Only the first pair is the cookie; the others are attributes (RFC 6265, section 4.1).
    """
    cookie, semicolon, attributes = value.partition(";")
    return _visit_pair(cookie, walk) + semicolon + attributes


def is_cookie_field(name: str) -> bool:
    """Whether a field of JSON with this name holds cookies, as in HAR and in events of Lambda."""
    is_possible = name[:1] in "cCsS"  # most names begin with another letter
    return is_possible and name.lower().replace("-", "").replace("_", "") in _FIELDS


def visit_cookie_field(value: str, walk: Walk) -> str:
    """Return cookies, or one cookie with its attributes, with their candidates replaced."""
    return (visit_set_cookie if _ATTRIBUTES.search(value) else visit_cookies)(value, walk)


def _visit_pair(pair: str, walk: Walk) -> str:
    written_name, equals, value = pair.partition("=")
    name = written_name.strip()
    is_long = len(replace_placeholders(value, lambda _: "")) >= LONG_COOKIE
    is_secret = is_auth_like_cookie(name) or walk.rules.field_kind(name) or is_long
    if not equals or not is_secret:
        return pair
    quote = '"' if value[:1] == '"' == value[-1:] and len(value) > 1 else ""
    unquoted = value[len(quote) : len(value) - len(quote)]
    replacement = walk.replace_named(name, "cookie", unquoted, "cookie")
    return f"{written_name}={quote}{replacement}{quote}"
