"""Forms of values: whether two texts differ only by chance, and in which way others differ."""

from __future__ import annotations

import re
from typing import Literal, TypeAlias

from ..matching.times import time_form
from .body_values import Json
from .operations import is_opaque
from .tokens import Token, are_generated, are_same_time, tokens

Difference: TypeAlias = Literal["noise", "format", "enum", "text", "value"]

_FORMS = (
    ("url", re.compile(r"[a-z][a-z0-9+.-]*://\S+")),
    ("e-mail", re.compile(r"[^\s@]+@[^\s@]+\.[^\s@]+")),
    ("UUID", re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")),
    ("ISO date", re.compile(r"\d{4}-\d\d-\d\d")),
    ("local date", re.compile(r"\d\d?([./-])\d\d?\1\d{4}")),
    (
        "time",
        re.compile(
            r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d\S*|\d{8}T\d{6}Z"
            r"|[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} .*(?:GMT|[+-]\d{4})"
        ),
    ),
    ("integer", re.compile(r"-?\d+")),
    ("decimal", re.compile(r"-?\d+[.,]\d+")),
    ("id with a prefix", re.compile(r"[A-Za-z]{1,6}[_-][A-Za-z0-9]*\d[A-Za-z0-9]*")),
    ("phone number", re.compile(r"\+?[\d ()/-]{6,}")),
    ("path", re.compile(r"/\S+")),
)
_WORD = re.compile(r"[A-Za-z][A-Za-z]*(?:[_.:-][A-Za-z]+)*")
_HAS_BLANK = re.compile(r"\s")
_NUMBER = re.compile(r"\d+")
_ALNUM = re.compile(r"[A-Z0-9]")


def form(text: str) -> str:
    """Return the name of the form of a text, or "" where it has no special one."""
    return next((name for name, pattern in _FORMS if pattern.fullmatch(text)), "")


def is_word(text: str) -> bool:
    """Whether a text may be a value of a fixed set, such as `in_transit`."""
    return len(text) <= 40 and _WORD.fullmatch(text) is not None


def text_difference(old: str, new: str, now: float) -> Difference:
    """Return how two different texts at the same place differ. `now` is the time of both."""
    if _differs_by_chance(old, new, now):
        return "noise"
    before, after = form(old), form(new)
    if before == after == "time":
        return "format" if _zone_form(old) != _zone_form(new) else "value"
    if before != after:
        is_format = (before and after) or _is_one_token(old, new)
        return "format" if is_format else "text" if _HAS_BLANK.search(old + new) else "value"
    if is_word(old) and is_word(new):
        return "enum"
    return "text" if _HAS_BLANK.search(old) and _HAS_BLANK.search(new) else "value"


def _zone_form(text: str) -> str:
    return re.sub(r"[1-9]", "0", time_form(text))


def _is_one_token(old: str, new: str) -> bool:
    """Whether one of two texts has a form, and the other one could be the same value without."""
    return not _HAS_BLANK.search(old + new) and not (is_word(old) or is_word(new))


def _differs_by_chance(old: str, new: str, now: float) -> bool:
    """Whether texts differ only in times, secrets and generated words; in sentences, also in
    numbers."""
    before, after = tokens(old, now), tokens(new, now)
    if before.marks != after.marks:
        return False
    is_sentence = len(before.found) > 2 and _HAS_BLANK.search(old) is not None
    pairs = zip(before.found, after.found, strict=True)
    return all(_may_differ(one, other, is_sentence) for one, other in pairs)


def _may_differ(old: Token, new: Token, is_sentence: bool) -> bool:
    if old == new or old.kind == new.kind == "secret" or are_same_time(old, new):
        return True
    if old.kind != "word" or new.kind != "word":
        return False
    if are_generated(old.text, new.text):
        return True
    if _code_form(old.text) == _code_form(new.text) != "":
        return True
    if len(old.text) == len(new.text) and is_opaque(old.text) and is_opaque(new.text):
        return True
    numbers = _NUMBER.sub("0", old.text), _NUMBER.sub("0", new.text)
    return is_sentence and numbers[0] == numbers[1]


def _code_form(text: str) -> str:
    """Return the form of a code of capitals and digits, such as `AAAA-AAAA` for `BZRH-ZM98`."""
    is_code = text == text.upper() and len(text) > 5 and any(map(str.isalpha, text))
    has_sign = any(sign.isdecimal() or sign == "-" for sign in text)
    return _ALNUM.sub("A", text) if is_code and has_sign else ""


def are_alike(old: Json, new: Json, now: float) -> bool:
    """Whether two values are the same but for times, secrets and generated words in them."""
    if isinstance(old, dict) and isinstance(new, dict):
        return old.keys() == new.keys() and all(are_alike(old[k], new[k], now) for k in old)
    if isinstance(old, list) and isinstance(new, list):
        return len(old) == len(new) and all(map(lambda a, b: are_alike(a, b, now), old, new))
    if isinstance(old, str) and isinstance(new, str):
        return old == new or _differs_by_chance(old, new, now)
    return type(old) is type(new) and old == new


def is_telling(value: Json) -> bool:
    """Whether an equal value elsewhere is hardly a coincidence."""
    if isinstance(value, (dict, list)):
        return bool(value)
    if isinstance(value, str):
        return len(value) > 2
    return value is not None and abs(value) > 9
