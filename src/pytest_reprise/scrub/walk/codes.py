"""Visit one-time codes in messages: `123456 is your verification code`.

A number is a code only beside the words that such messages have. The rule is `sentence`.
"""

from __future__ import annotations

import re

from ...patterns import lazy_regex
from .anchors import Anchors
from .candidates import Walk

_WORDS = (
    *("code", "Code", "CODE", "PIN", "Pin", "OTP", "TAN", "password", "Password"),
    *("Use ", "use ", "Enter ", "enter "),
)
_WORD_OF_CODE = Anchors(_WORDS)
_CODE = r"(?:[A-Z]{1,2}-)?(?P<secret>\d{4,8}|\d{3}[ -]\d{3})"
_OWNER = (
    r"(?:verification|security|log-?in|sign-?in|access|authentication|confirmation|authorization"
    r"|one-time|single-use|activation|pairing|2fa|mfa|two-factor|your|temporary|reset)"
)
_WORD = r"(?:code|passcode|pin|otp|tan|password)"
_BEFORE_WORD = lazy_regex(
    rf"(?<![\w-]){_CODE}\s(?:is|as)\s(?:your|the)\s(?:[\w-]+\s){{0,4}}?{_WORD}\b", re.IGNORECASE
)
_BEHIND_WORD = lazy_regex(
    rf"\b{_OWNER}(?:\s[\w-]+){{0,3}}?\s{_WORD}(?:\sis|:)\s{{0,3}}{_CODE}(?![\w-])",
    re.IGNORECASE,
)
_IS_CODE = lazy_regex(r"\d\s[ia]s\s", re.IGNORECASE)
_CODE_IS = lazy_regex(r"[s:]\s{0,3}(?:[A-Z]{1,2}-)?\d{3}", re.IGNORECASE)
"""A part of what the two patterns match, which most windows do not have."""
_BEFORE_PURPOSE = lazy_regex(
    rf"\b(?:use|enter)\s{_CODE}\sto\s(?:log|sign|verify|confirm|complete|authenticate|reset|activate)"
    r"(?:\s|-)?(?:in|on|your|the|up|it)\b",
    re.IGNORECASE,
)
_PAIRING = lazy_regex(
    r"\b(?:pairing|set-?up)\scode(?:\sis|:)\s{0,3}(?P<secret>\d{4}-?\d{3}-?\d{4})(?![\w-])",
    re.IGNORECASE,
)
"""The code on the label of a device (Matter)."""
_TO = lazy_regex(r"\d\sto\s", re.IGNORECASE)
_PATTERNS = (
    (_IS_CODE, _BEFORE_WORD),
    (_CODE_IS, _BEHIND_WORD),
    (_TO, _BEFORE_PURPOSE),
    (_CODE_IS, _PAIRING),
)
"""Each pattern with a part of it."""
_WINDOW = 80
"""Characters before and behind a word in which its code is searched for."""
_WEB_OTP = lazy_regex(r"^@[\w.-]+ #(?P<secret>\w{4,12})\s*$", re.MULTILINE)
"""The last line of a message, which names the domain and the code (WebOTP)."""
_LIST = lazy_regex(
    r"(?i)\b(?:backup|recovery|scratch|emergency)[ -]codes?\b[^\n\r]{0,60}:?"
    r"(?P<codes>(?:\s+(?:\d{1,2}[.)]\s)?[a-z0-9]{4,8}(?:-[a-z0-9]{4,8}){0,3}(?=\s|$)){2,20})"
)
_ONE_OF_LIST = lazy_regex(r"[a-z0-9]{4,8}(?:-[a-z0-9]{4,8}){0,3}", re.IGNORECASE)
_DIGITS = lazy_regex(r"\d{3}")


def visit_codes(text: str, walk: Walk) -> str:
    """Return the text with its one-time codes replaced."""
    if not _WORD_OF_CODE.is_in(text):
        return text
    if _DIGITS.search(text):
        text = _visit_numbers(text, walk)
    if "\n@" in text:
        text = _WEB_OTP.sub(lambda found: _replaced(found, "secret", walk), text)
    return _LIST.sub(lambda found: _visit_list(found, walk), text) if "odes" in text else text


def _visit_numbers(text: str, walk: Walk) -> str:
    """Visit the numbers beside the words for codes; only the text around these is searched."""
    spans = set[tuple[int, int]]()
    for word in _WORDS:
        at = text.find(word)
        while at >= 0:
            start, end = max(0, at - _WINDOW), at + len(word) + _WINDOW
            for part, pattern in _PATTERNS:
                if part.search(text, start, end):
                    found = pattern.finditer(text, start, end)
                    spans.update(one.span("secret") for one in found)
            at = text.find(word, at + _WINDOW)
    parts, done = list[str](), 0
    for start, end in sorted(spans):
        if start >= done and not text[end : end + 1].isdigit():
            parts += (
                text[done:start],
                walk.replace_named(
                    "code", "code", text[start:end], "sentence", depends_on_value=True
                ),
            )
            done = end
    return "".join([*parts, text[done:]])


def _replaced(found: re.Match[str], group: str | int, walk: Walk) -> str:
    value = found[group]
    replacement = walk.replace_named("code", "code", value, "sentence", depends_on_value=True)
    start = found.start(group) - found.start()
    return found[0][:start] + replacement + found[0][start + len(value) :]


def _visit_list(found: re.Match[str], walk: Walk) -> str:
    if not any(map(str.isdigit, found["codes"])):
        return found[0]  # words behind "backup codes", and not the codes
    codes = _ONE_OF_LIST.sub(lambda one: _replaced(one, 0, walk), found["codes"])
    return found[0][: found.start("codes") - found.start()] + codes
