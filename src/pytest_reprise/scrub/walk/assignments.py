"""Visit the candidates that plain text assigns to a name: NAME=VALUE, NAME: VALUE, "password is X".

The rules are `assignment` and `sentence`.
"""

from __future__ import annotations

import re

from ..rules.checks import is_opaque
from ..rules.names import has_weak_head, min_opaque_length
from ..rules.ruleset import Rules
from .candidates import Walk

_HINTS = tuple(
    "pass pwd secret token jwt key credential auth sid otp ssn cvv cvc csrf xsrf assertion "
    "session code string number sig state".split()
)
"""Each name of a secret contains one of them."""
_SIGN = re.compile(
    r"[\w\]\"')*`](?:\\{0,4}[\"'`*]{0,3}\s?(?:=|%3D)|\s{0,4}:\s|\s{1,4}(?:is|was)\s)"
)
"""What all patterns below have between name and value. It is searched for before they run."""
_SIGN_WORD = re.compile(r"=|%3D|:\s|\s(?:is|was)\s")
_LONG = 1000
"""Characters of a long text."""
_LINE = re.compile(
    r"^(?P<before>[ \t>*-]*(?:export |set )?[\"']?)(?P<name>[A-Za-z_][\w.-]*(?: [\w.-]+){0,3}?)"
    r"(?P<sign>[\"']?[ \t]*[=:][ \t]*)(?P<value>[^\s{\[|>!&][^\r\n]*?)(?=[ \t]*\r?$)",
    re.MULTILINE,
)
"""A line that is one assignment, as in YAML or a .env file."""
_INLINE = re.compile(
    r"(?P<before>^|[^\w.\[\]-])(?P<name>[A-Za-z_][\w.-]{0,60}(?:\[[\w.-]{0,40}\]){0,4})"
    r"(?P<sign>\s?(?:=|%3D)\s?)(?:(?P<quote>\\*[\"'`])(?P<quoted>[^\"'`\\\r\n]*)|"
    r"(?P<bare>[^\s\"'`<>&;,|\\(){}\[\]]+))"
)
"""An assignment anywhere in a text."""
_EQUALS = re.compile("=|%3D")
_LONGEST_NAME = 240
"""Characters that _INLINE can match before the sign, rounded up."""
_FAR = 1000
"""Characters behind a sign in which the value usually ends."""
_SENTENCE = re.compile(
    r"\b(?P<name>(?:(?:api|access|secret|private|session|auth|recovery|backup|verification)[ _-]?"
    r"(?:key|token|code|id))|password|passwd|pwd|passcode|passphrase|secret|token|otp|ssn|cvv|pin)"
    r"(?P<sign>\b[\"'`*]{0,3}\s*(?:(?:is|was)(?:\s+now)?\s*:?|:|=)\s+[\"'`*]{0,3})"
    r"(?P<value>[^\s\"'`<>,;]+)",
    re.IGNORECASE,
)
_SENTENCE_HINTS = tuple(
    "pass pwd secret token otp ssn cvv pin api access private session auth recovery backup "
    "verification".split()
)
"""Each match of _SENTENCE contains one of them."""
_END_OF_SENTENCE = ".!?)*:"
_PASSWORD_LIKE = re.compile(
    r"(?=.*\d)[^\s]{4,}|(?=.*[a-z])(?=.*[!@#$%^&+=?]).{6,}|[a-z]+[A-Z]\w{4,}"
)
"""A word in a sentence that is more likely a secret than a word of the language."""


def may_hold_assignments(text: str, rules: Rules) -> bool:
    """Return whether `visit_assignments` can find a candidate; for most texts it cannot."""
    return bool(rules.names or _has_hint(text)) and _has_sign(text)


def _has_sign(text: str) -> bool:
    """Return whether _SIGN matches. In long texts it is tried only where one of its words is."""
    if len(text) < _LONG:
        return _SIGN.search(text) is not None
    words = _SIGN_WORD.finditer(text)
    return any(_SIGN.search(text, max(0, w.start() - 12), w.end() + 6) for w in words)


def _has_hint(text: str) -> bool:
    lowered = text.lower()
    return any(map(lowered.__contains__, _HINTS))


def visit_assignments(text: str, walk: Walk) -> str:
    """Return the text with its candidates replaced."""
    if not may_hold_assignments(text, walk.rules):
        return text
    text = _LINE.sub(lambda line: _visit_line(line, walk), text)
    text = _visit_all_inline(text, walk)
    lowered = text.lower()
    if not any(map(lowered.__contains__, _SENTENCE_HINTS)):
        return text
    return _SENTENCE.sub(lambda found: _visit_sentence(found, walk), text)


def _visit_all_inline(text: str, walk: Walk) -> str:
    signs = text.count("=") + text.count("%3D")
    if signs * _FAR > len(text):
        return _INLINE.sub(lambda found: _visit_inline(found, walk), text)
    # In a long text with few signs, the pattern is applied around each of them only.
    parts: list[str] = []
    done, sign = 0, _EQUALS.search(text)
    while sign:
        start = max(done, sign.start() - _LONGEST_NAME)
        found = _INLINE.search(text, start, sign.end() + _FAR)
        if found and found.end() == sign.end() + _FAR:  # the value may be longer
            found = _INLINE.search(text, found.start())
        if found:
            parts += text[done : found.start()], _visit_inline(found, walk)
            done = found.end()
        sign = _EQUALS.search(text, max(done, sign.end()))
    return "".join([*parts, text[done:]]) if parts else text


def _visit_line(line: re.Match[str], walk: Walk) -> str:
    name, value = line["name"], line["value"]
    kind = walk.rules.field_kind(name)
    # A value with & or ; is a query or a connection string, whose pairs _INLINE finds.
    if kind is None or ("=" in line["sign"] and re.search("[&;]", value)):
        return line[0]
    quote = value[0] if value[0] in "\"'" and value.endswith(value[0]) and len(value) > 1 else ""
    unquoted = value[len(quote) : len(value) - len(quote)]
    replacement = walk.replace_named(name, kind, unquoted, "assignment", has_weak_head(name))
    return f"{line['before']}{name}{line['sign']}{quote}{replacement}{quote}"


def _visit_inline(found: re.Match[str], walk: Walk) -> str:
    name = found["name"]
    value = found["quoted"] or found["bare"] or ""
    is_in_url = found["before"] in ("?", "&", "#", ";")
    kind = walk.rules.parameter_kind(name) if is_in_url else walk.rules.field_kind(name)
    if kind and value:
        replacement = walk.replace_named(name, kind, value, "assignment", has_weak_head(name))
    elif is_in_url and (size := min_opaque_length(name)) and is_opaque(value, size):
        replacement = walk.replace_recognised("token", value, "opaque-parameter")
    else:
        return found[0]
    return f"{found['before']}{name}{found['sign']}{found['quote'] or ''}{replacement}"


def _visit_sentence(found: re.Match[str], walk: Walk) -> str:
    value = found["value"].rstrip(_END_OF_SENTENCE)
    if not _PASSWORD_LIKE.fullmatch(value):
        return found[0]
    kind = walk.rules.field_kind(found["name"]) or "secret"
    replacement = walk.replace_named(found["name"], kind, value, "sentence")
    return f"{found['name']}{found['sign']}{replacement}{found['value'][len(value) :]}"
