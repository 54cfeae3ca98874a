"""Find secrets by their form, whatever their name is: tokens, numbers, personal data.

Most texts contain none, and a pattern is slow. So a pattern runs only on a text that contains one
of its literals, and all literals are searched for first.
"""

from __future__ import annotations

import re
import string
from collections.abc import Callable, Iterable
from ipaddress import ip_address

from ...patterns import lazy_regex
from ..rules.checks import is_card, is_iban
from ..rules.names import is_number_of_thing
from ..rules.ruleset import Rules
from .anchors import positions_of
from .candidates import Detector, Walk
from .token_search import detectors_for

_NUMBERS = (
    Detector("bitlocker", "code", (), r"(?a)(?<![\w-])\d{6}(?:-\d{6}){7}(?![\w-])"),
    Detector(
        "ssn",
        "code",
        (),
        r"(?a)(?<![\w.-])(?!000|666|9)\d{3}-(?!00)\d{2}-(?!0000)\d{4}(?![\w-]|\.\d)",
    ),
    Detector(
        "iban",
        "iban",
        (),
        r"(?a)(?<![\w-])[A-Z]{2}\d{2}(?: ?[A-Z0-9]){11,30}(?![\w-])",
    ),
    Detector(
        "card",
        "card",
        (),
        r"(?a)(?<![\w.@-])[2-6]\d{3}(?:[ -]?\d){8,15}(?![\w@-]|\.\d|%40)",
        is_card,
    ),
)
"""Detectors for numbers with a fixed form or check digits, in strings but not in JSON integers."""


def _is_remote_address(value: str) -> bool:
    """Return whether it is an IP address other than 127.0.0.1, ::1, 0.0.0.0 and their like."""
    try:
        address = ip_address(value)
    except ValueError:
        return False
    return not (address.is_loopback or address.is_unspecified)


_PERSONAL = (
    Detector(
        "email",
        "email",
        ("@",),
        r"(?a)(?<![\w.+%-])[A-Za-z0-9][\w.+-]*@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+",
    ),
    Detector(
        "phone",
        "phone",
        ("+",),
        r"(?<![\w+])\+[1-9]\d{0,2}[ .()/-]{0,2}\d(?:[ .()/-]{0,2}\d){5,12}(?!\w)",
    ),
    Detector(
        "ip",
        "ip",
        (),
        r"(?a)(?<![\w.:-])(?:\d{1,3}(?:\.\d{1,3}){3}|(?:[0-9A-Fa-f]{0,4}:){2,7}[0-9A-Fa-f]{0,4})"
        r"(?![\w:-]|\.\d)",
        _is_remote_address,
    ),
)
"""Detectors for personal data. Each is off until the configuration names its rule."""
_NUMBER_STARTS = {
    "bitlocker": lazy_regex(r"\d{6}-\d{6}-", re.ASCII),
    "ssn": lazy_regex(r"\d{3}-\d\d-\d{4}", re.ASCII),
    "iban": lazy_regex(r"[A-Z]{2}\d\d(?: ?[A-Z0-9]){11}", re.ASCII),
    "card": lazy_regex(r"[2-6]\d{3}(?:[ -]?\d){8}", re.ASCII),
}
"""What each of _NUMBERS begins with, by the rule. This is faster than the whole pattern."""


def may_hold_tokens(text: str, walk: Walk) -> bool:
    """Return whether `visit_tokens` can find a candidate."""
    if walk.rules.patterns or walk.detectors is None:
        return True
    return any(literal in text for detector in walk.detectors for literal in detector.literals)


def visit_tokens(text: str, walk: Walk) -> str:
    """Return the text with tokens replaced, and what the project's own patterns match."""
    for rule, kind, pattern in walk.rules.patterns:
        text = _visit(text, Detector(rule, kind, (), pattern), walk)
    for detector in detectors_for(text) if walk.detectors is None else walk.detectors:
        for literal in detector.literals:
            if literal in text:
                text = _visit(text, detector, walk)
                break
    return text


def visit_numbers(text: str, walk: Walk) -> str:
    """Return the text with numbers of cards, accounts and persons replaced, and personal data."""
    if _may_hold_checked_number(text):
        for detector in _NUMBERS:
            if _NUMBER_STARTS[detector.rule].search(text):
                text = _visit(text, detector, walk)
    for detector in _PERSONAL if walk.rules.personal else ():
        if detector.rule not in walk.rules.personal:
            continue
        if not detector.literals or any(literal in text for literal in detector.literals):
            text = _visit(text, detector, walk)
    return text


def may_hold_numbers(text: str, rules: Rules) -> bool:
    """Return whether `visit_numbers` can find a candidate."""
    return bool(rules.personal) or _may_hold_checked_number(text)


_IS_DIGIT = bytes(chr(n) in string.digits for n in range(256))
_IS_DIGIT_OR_CAPITAL = bytes(chr(n) in string.digits + string.ascii_uppercase for n in range(256))


def _may_hold_checked_number(text: str) -> bool:
    """Return whether one of _NUMBERS can match.

    The check of the bytes for enough digits in a row saves 3 % of a recording: most texts do not
    have them, and the pattern is slower.
    """
    raw = text.encode(errors="replace")
    if b"\1" * 9 in raw.translate(_IS_DIGIT, b" -"):
        return any(start.search(text) for start in _NUMBER_STARTS.values())
    is_long = b"\1" * 15 in raw.translate(_IS_DIGIT_OR_CAPITAL, b" -")
    return is_long and _NUMBER_STARTS["iban"].search(text) is not None


def _visit(text: str, detector: Detector, walk: Walk) -> str:
    """Return the text with each match of the detector replaced."""
    group = "secret" if "secret" in detector.pattern.groupindex else 0

    def replace(found: re.Match[str]) -> str:
        value = _secret_in(found[group], detector)
        if not value or not _has_context(found, detector) or _is_numbered_thing(found, detector):
            return found[0]
        replacement = walk.replace_recognised(detector.kind, value, detector.rule)
        if replacement == value:
            return found[0]
        start = found.start(group) - found.start()
        return found[0][:start] + replacement + found[0][start + len(value) :]

    reach = 0 if detector.has_prefix else detector.reach
    if reach is None or len(text) < _LONG:
        return detector.pattern.sub(replace, text)
    places = positions_of(detector.literals, text)
    if reach and len(places) > len(text) // _LONG:
        return detector.pattern.sub(replace, text)  # too many places
    return _replace_near(places, reach, text, detector, replace)


_LONG = 1000
"""Characters from which a text is searched for the literals, and the pattern tried only there."""


def _replace_near(
    places: Iterable[int],
    reach: int,
    text: str,
    detector: Detector,
    replace: Callable[[re.Match[str]], str],
) -> str:
    """Do what `sub` does in a tenth of the time.

    A match begins at a place, or if `reach` is not 0, at most so many characters before or behind.
    """
    parts: list[str] = []
    done = tried = 0
    for place in places:
        for start in range(max(done, tried, place - reach), place + reach + 1):
            tried = start + 1
            if found := detector.pattern.match(text, start):
                parts += text[done:start], replace(found)
                done = found.end()
                break
    return "".join([*parts, text[done:]]) if parts else text


_CONTEXT = 120
"""Characters before a match in which `Detector.after` is searched."""
_NAME_BEFORE = lazy_regex(r"(?<![\w.-])([A-Za-z][\w.-]{0,40})[\"']?\s{0,3}[=:#]\s{0,3}[\"']?\Z")


def _is_numbered_thing(found: re.Match[str], detector: Detector) -> bool:
    """Whether a number like that of a card is the number of an order or of a device."""
    if detector.rule != "card":
        return False
    before = _NAME_BEFORE.search(found.string, max(0, found.start() - 50), found.start())
    return before is not None and is_number_of_thing(before[1])


def _has_context(found: re.Match[str], detector: Detector) -> bool:
    if detector.after is None:
        return True
    before = found.string[max(0, found.start() - _CONTEXT) : found.start()]
    return detector.after.search(before) is not None


def _secret_in(value: str, detector: Detector) -> str:
    """Return the secret at the start of the matched value, or an empty string.

    The pattern of an IBAN also matches words in capitals that follow it. They are cut off until the
    check digits are right (ISO 13616).
    """
    if detector.rule != "iban":
        return value if detector.is_secret(value) else ""
    while value and not is_iban(value):
        value = value[:-1].rstrip()
    return value if len(value) >= 15 else ""
