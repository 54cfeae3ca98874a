"""Visit the candidates of a URL, and of a form, which is encoded like a query.

They are the parameters of query, fragment and path segments (`/a;token=…`), the password before
the host, and tokens in the path. The parts of a URL are those of RFC 3986, section 3.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from urllib.parse import quote, unquote_plus

from ...patterns import lazy_regex
from ..rules.names import is_number_of_thing, min_opaque_length, secret_parameter_kind
from .assignments import has_hint, visit_named_value
from .candidates import VisitNested, Walk, is_opaque_secret
from .detectors import may_hold_numbers, may_hold_tokens, visit_numbers, visit_tokens
from .encoded import ENCODED_START, may_be_encoded

_NEVER_ESCAPED = "*"
"""Some clients escape it and some do not; it is the only such character in a placeholder."""
_KEPT_IF_UNESCAPED = "&:/?@!$'(),;={}[]\""
"""Characters that stay unescaped if the original value had them so."""
_WORDS = lazy_regex(r"[A-Za-z_.,/ -]+")
"""A value in which no text can be nested: it has neither signs nor digits."""
_WRITTEN_WORDS = lazy_regex(r"(?:[A-Za-z_.,/+-]|%20)+")
"""The same, as it is escaped."""
_CHECK_OF_CODE = lazy_regex(r"(?:\A|&)(?:To|VerificationSid)=")
_CODE_OF_CHECK = lazy_regex(r"(?<![^&])(?P<name>Code)=(?P<code>[^&]*)")
"""A form that checks a code (Twilio Verify)."""
_NAME_OF_VARIABLE = lazy_regex(r"(?:\A|&)(?:key|name)=(?P<name>[\w.-]+)")
_VALUE_OF_VARIABLE = lazy_regex(r"(?<![^&])value=(?P<value>[^&]*)")
"""A form that sets a variable of a pipeline: `key=DEPLOY_TOKEN&value=…` (GitLab)."""
_MIN_OPAQUE = 16
"""Characters of the shortest value that is a secret because it is opaque."""
_MIN_SIGNATURE = 24
"""Characters of an opaque value that is a signature in a form."""
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
    # RFC 6749: in a request for a token the code is a secret, as in the URL that it came from.
    # GitHub and others do without `grant_type`.
    has_code = is_url or "grant_type=" in text or "client_secret=" in text
    if not is_url and _CHECK_OF_CODE.search(text):
        text = _CODE_OF_CHECK.sub(lambda found: _visit_code(found, walk), text)
    if not is_url and _NAME_OF_VARIABLE.search(text):
        text = _VALUE_OF_VARIABLE.sub(lambda found: _visit_variable(found, text, walk), text)
    pairs = text.split("&")
    for numbers in _groups_with_candidates(pairs, walk):
        for n in numbers:
            pairs[n] = _visit_pair(pairs[n], walk, visit_nested, is_url, has_code)
    visited = "&".join(pairs)
    return text if visited == text else visited


_DOCUMENT = lazy_regex(rf"=(?:[{{\[<]|{ENCODED_START})")
"""The start of a value that is a document."""
_MAX_ESCAPED = 3
"""How often a text is escaped at most that is found to be without a candidate."""
_GROUP = 8
"""Texts that are looked at together."""


def texts_with_candidates(texts: Sequence[str], walk: Walk) -> Iterator[int]:
    """Yield the numbers of the URLs that may have a candidate, which most have not."""
    for numbers in _groups_with_candidates(texts, walk):
        yield from (n for n in numbers if not _is_without_candidate(texts[n], walk))


def _groups_with_candidates(texts: Sequence[str], walk: Walk) -> Iterator[range]:
    """Yield the numbers of the groups of URLs or pairs in which one may have a candidate."""
    for start in range(0, len(texts), _GROUP):
        group = texts[start : start + _GROUP]
        if not _is_without_candidate("\n".join(group), walk):
            yield range(start, start + len(group))


def _is_without_candidate(text: str, walk: Walk) -> bool:
    """Return whether URLs or pairs have no candidate for certain.

    They have no part of a secret's name, no document as a value, no long number and no token,
    neither as they are written nor without their escapes.
    """
    if walk.rules.patterns or walk.rules.personal:
        return False
    for _ in range(_MAX_ESCAPED):
        if has_hint(text, walk.rules) or "ak=" in text or "sn=" in text or _DOCUMENT.search(text):
            return False
        if may_hold_tokens(text, walk) or may_hold_numbers(text, walk.rules):
            return False
        if "%" not in text and "+" not in text:
            return True
        text = unquote_plus(text)
    return False


def _visit_code(found: re.Match[str], walk: Walk) -> str:
    return f"{found['name']}={walk.replace_named('code', 'code', found['code'], 'field')}"


def _visit_variable(found: re.Match[str], form: str, walk: Walk) -> str:
    named = _NAME_OF_VARIABLE.search(form)
    name = named["name"] if named else ""
    kind = walk.rules.field_kind(name)
    if kind is None:
        return found[0]
    value = _unescaped(found["value"])
    replaced = visit_named_value(name, kind, value, "pair", walk)
    return found[0] if replaced == value else f"value={_escaped(replaced, found['value'])}"


def _visit_segment(segment: str, walk: Walk, visit_nested: VisitNested) -> str:
    """Visit the parameters of a path segment, as in `orders;token=…` (RFC 3986, section 3.3)."""
    head, *parameters = segment.split(";")
    visited = (_visit_pair(pair, walk, visit_nested, is_url=True) for pair in parameters)
    return ";".join([head, *visited])


def _visit_pair(
    pair: str, walk: Walk, visit_nested: VisitNested, is_url: bool, has_code: bool = True
) -> str:
    name, equals, written = pair.partition("=")
    if not equals:
        return pair
    name_read = _unescaped(name)
    kind = walk.rules.parameter_kind(name_read) if is_url else walk.rules.field_kind(name_read)
    if kind is None and _is_dull(written, walk) and not min_opaque_length(name_read):
        return pair
    value = _unescaped(written)
    if kind is not None:
        rule = "parameter" if is_url else "field"
        replacement = visit_named_value(name_read, kind, value, rule, walk)
    else:
        replacement = _replace_value(name_read, value, walk, visit_nested, is_url, has_code)
    return pair if replacement == value else f"{name}={_escaped(replacement, written)}"


def _is_dull(written: str, walk: Walk) -> bool:
    """Whether a value holds no candidate unless its name makes it one; most values are dull."""
    if len(written) < _MIN_NESTED:
        return True
    is_words = _WRITTEN_WORDS.fullmatch(written) and "is" not in written and "was" not in written
    return bool(is_words) and not may_hold_tokens(written, walk)


def _unescaped(written: str) -> str:
    return unquote_plus(written) if "%" in written or "+" in written else written


def _replace_value(
    name: str, value: str, walk: Walk, visit_nested: VisitNested, is_url: bool, has_code: bool
) -> str:
    """Visit a value whose name is not a secret's."""
    if has_opaque_secret(name, value, walk, is_url, has_code):
        # An answer of SAML is XML in base64, of which only the signatures are secrets.
        visited = visit_nested(value, walk.nested()) if may_be_encoded(value) else value
        if visited != value:
            return visited
        return walk.replace_recognised("token", value, "opaque-parameter")
    if value.isdecimal() and is_number_of_thing(name):
        return value
    if len(value) < _MIN_NESTED:
        return value
    visited = visit_tokens(value, walk)
    if _WORDS.fullmatch(visited) and " is " not in visited and " was " not in visited:
        return visited
    return visit_nested(visited, walk.nested())


def has_opaque_secret(
    name: str, value: str, walk: Walk, is_url: bool = False, has_code: bool = False
) -> bool:
    """Whether the value is opaque, under a name that is too common alone: `state=open`."""
    if len(value) < _MIN_OPAQUE:
        return False
    size = (min_opaque_length(name) if has_code else None) or walk.rules.opaque_length(name)
    if size is None and not is_url and secret_parameter_kind(name) == "signature":
        size = _MIN_SIGNATURE  # of a form, as in PayPal's NVP and in policies of S3
    return size is not None and is_opaque_secret(value, size)


def _escaped(value: str, original: str) -> str:
    """Escape the value in the same way as the original text of the parameter."""
    safe = _NEVER_ESCAPED + "".join(mark for mark in _KEPT_IF_UNESCAPED if mark in original)
    escaped = quote(value, safe=safe)
    return escaped.replace("%20", "+") if "+" in original else escaped
