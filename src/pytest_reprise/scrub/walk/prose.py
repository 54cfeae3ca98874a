"""Secrets that plain text tells: NAME=VALUE, NAME: VALUE, "the password is X"."""

from __future__ import annotations

import re

from ..rules.checks import is_opaque
from ..rules.names import has_weak_head, min_opaque_length
from ..rules.ruleset import Rules
from .slots import Look

_HINTS = tuple(
    "pass pwd secret token jwt key credential auth sid otp ssn cvv cvc csrf xsrf assertion "
    "session code string number sig state".split()
)
_TOLD = re.compile(
    r"[\w\]\"')*`](?:\\{0,4}[\"'`*]{0,3}\s?(?:=|%3D)|\s{0,4}:\s|\s{1,4}(?:is|was)\s)"
)
_LINE = re.compile(
    r"^(?P<before>[ \t>*-]*(?:export |set )?[\"']?)(?P<name>[A-Za-z_][\w.-]*(?: [\w.-]+){0,3}?)"
    r"(?P<sign>[\"']?[ \t]*[=:][ \t]*)(?P<value>[^\s{\[|>!&][^\r\n]*?)(?=[ \t]*\r?$)",
    re.MULTILINE,
)
_ASSIGNED = re.compile(
    r"(?P<before>^|[^\w.\[\]-])(?P<name>[A-Za-z_][\w.-]{0,60}(?:\[[\w.-]{0,40}\]){0,4})"
    r"(?P<sign>\s?(?:=|%3D)\s?)(?:(?P<quote>\\*[\"'`])(?P<quoted>[^\"'`\\\r\n]*)|"
    r"(?P<bare>[^\s\"'`<>&;,|\\(){}\[\]]+))"
)
_SENTENCE = re.compile(
    r"\b(?P<name>(?:(?:api|access|secret|private|session|auth|recovery|backup|verification)[ _-]?"
    r"(?:key|token|code|id))|password|passwd|pwd|passcode|passphrase|secret|token|otp|ssn|cvv|pin)"
    r"(?P<sign>\b[\"'`*]{0,3}\s*(?:(?:is|was)(?:\s+now)?\s*:?|:|=)\s+[\"'`*]{0,3})"
    r"(?P<value>[^\s\"'`<>,;]+)",
    re.IGNORECASE,
)
_END_OF_SENTENCE = ".!?)*:"
_TELLING = re.compile(r"(?=.*\d)[^\s]{4,}|(?=.*[a-z])(?=.*[!@#$%^&+=?]).{6,}|[a-z]+[A-Z]\w{4,}")


def may_hold(text: str, rules: Rules) -> bool:
    """Whether `rewrite` could find anything."""
    return (rules.names or _is_hinted(text)) and _TOLD.search(text) is not None


def _is_hinted(text: str) -> bool:
    lowered = text.lower()
    return any(map(lowered.__contains__, _HINTS))


def rewrite(text: str, look: Look) -> str:
    """The text with its slots visited."""
    if not may_hold(text, look.rules):
        return text
    text = _LINE.sub(lambda line: _visit_line(line, look), text)
    text = _ASSIGNED.sub(lambda found: _visit_assigned(found, look), text)
    return _SENTENCE.sub(lambda found: _visit_sentence(found, look), text)


def _visit_line(line: re.Match[str], look: Look) -> str:
    name, value = line["name"], line["value"]
    kind = look.rules.field_kind(name)
    if kind is None or ("=" in line["sign"] and re.search("[&;]", value)):
        return line[0]
    quote = value[0] if value[0] in "\"'" and value.endswith(value[0]) and len(value) > 1 else ""
    plain = value[len(quote) : len(value) - len(quote)]
    held = look.named(name, kind, plain, "assignment", has_weak_head(name))
    return f"{line['before']}{name}{line['sign']}{quote}{held}{quote}"


def _visit_assigned(found: re.Match[str], look: Look) -> str:
    name = found["name"]
    value = found["quoted"] or found["bare"] or ""
    is_in_url = found["before"] in ("?", "&", "#", ";")
    kind = look.rules.parameter_kind(name) if is_in_url else look.rules.field_kind(name)
    if kind and value:
        held = look.named(name, kind, value, "assignment", has_weak_head(name))
    elif is_in_url and (size := min_opaque_length(name)) and is_opaque(value, size):
        held = look.found("token", value, "opaque-parameter")
    else:
        return found[0]
    return f"{found['before']}{name}{found['sign']}{found['quote'] or ''}{held}"


def _visit_sentence(found: re.Match[str], look: Look) -> str:
    value = found["value"].rstrip(_END_OF_SENTENCE)
    if not _TELLING.fullmatch(value):
        return found[0]
    kind = look.rules.field_kind(found["name"]) or "secret"
    held = look.named(found["name"], kind, value, "sentence")
    return f"{found['name']}{found['sign']}{held}{found['value'][len(value) :]}"
