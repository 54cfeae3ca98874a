"""Decide whether a candidate is a secret, and say why not."""

from __future__ import annotations

from ..patterns import lazy_regex
from .replace.placeholders import is_whole_placeholder, replace_placeholders
from .rules.names import has_plural_head, is_pin_name, secret_kind
from .rules.stand_ins import is_stand_in, is_version
from .rules.words import is_made_of_words, is_no_secret
from .walk.candidates import Candidate

_LOOKS_SECRET = lazy_regex(
    r"(?s)(?!(?:\d+(?:\.\d+)?(?:ms|us|µs|ns|s|m|h|d))+\Z)(?=.*[A-Za-z0-9]{3})"
    r"(?:(?=.{8})(?=.*[^A-Za-z\s]).*|.{20,})"
)
"""What a secret under a weak name looks like: 8 characters and not only letters, or 20. Neither
a duration such as 1h6m12.5s, nor only punctuation."""
_SENTENCE_WORDS = lazy_regex(
    r"(?i)\b(?:must|should|may|is|be|not|are|field|required|invalid|missing|expired|characters"
    r"|enter|your|please|too|does|already|cannot|contain|contains|least|match|matches|expires)\b"
)
_MIN_NUMBERED = 12
_NUMBERED = lazy_regex(r".*[^\W\d_]\D*?(?!(?:19|20)\d\d\Z)\d{4,}")
"""Words with a number at the end that is no year, as in `first-of-all-1234`: a token of a test
server rather than an identifier of an API."""
_DIGITS = lazy_regex(r"\d[\d-]*")
"""A PIN, which may be in groups, as that of HomeKit."""
_ANY_DIGIT = lazy_regex(r"\d")
_LONG_WORD = lazy_regex(r"(?=\D*\d)\S{16,}")
"""A secret behind a word such as `Bearer`, under a weak name."""


def holds_secret(candidate: Candidate) -> bool:
    """Whether the value of a candidate is a secret: no placeholder, example or sentence."""
    return reason_to_keep(candidate) is None


def reason_to_keep(candidate: Candidate) -> str | None:
    """Return why the value of a candidate is no secret, or None if it is one."""
    value = candidate.value or ""
    if not candidate.is_string:
        is_number = candidate.kind in ("code", "card") and value.isdecimal() and len(value) >= 3
        return None if is_number else "a JSON number is a secret only as a code or a card number"
    if is_whole_placeholder(value):
        return "it is a placeholder"
    if not candidate.is_named:
        return "it stands for a secret, as an example does" if is_stand_in(value) else None
    return _reason_by_name(candidate, value)


def _reason_by_name(candidate: Candidate, value: str) -> str | None:
    rest = replace_placeholders(value, lambda _: "").strip()
    if not rest:
        return "it is empty, or only placeholders"
    if is_stand_in(rest):
        return "it stands for a secret, as an example, a mask or a variable's name does"
    if is_version(rest):
        return "it is a version"
    if " " in value and _SENTENCE_WORDS.search(value):
        return "it is a sentence"
    if is_no_secret(rest):
        return "it is a state, a type, a label, code, or a reference to a secret elsewhere"
    if candidate.kind == "code" and is_pin_name(candidate.name) and not _DIGITS.fullmatch(rest):
        return "under this name only digits are a secret"
    if candidate.kind == "code" and " " in rest and not _ANY_DIGIT.search(rest):
        return "it is a label of words, and no code"
    if candidate.has_weak_name and not _LOOKS_SECRET.fullmatch(rest):
        return (
            "the name is used for harmless values too, so the value has to look like a secret: "
            "8 characters, not only letters, or 20 characters"
        )
    words = rest.split() if candidate.has_weak_name else []
    if len(words) > 1 and not any(map(_LONG_WORD.fullmatch, words)):
        return "it consists of words"
    if candidate.kind == "key" and secret_kind(rest) and is_made_of_words(rest):
        return "it is the name of a secret"
    if candidate.has_weak_name and len(rest) >= _MIN_NUMBERED and _NUMBERED.fullmatch(rest):
        return None
    if candidate.has_weak_name or has_plural_head(candidate.name):
        return "it is made of words" if is_made_of_words(rest) else None
    return None
