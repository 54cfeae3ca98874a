"""Find secrets by their form, whatever their name is: tokens, numbers, personal data.

Most texts contain none, and a pattern is slow. So a pattern runs only on a text that contains one
of its literals, and all literals are searched for first.
"""

from __future__ import annotations

import re
import string
from collections.abc import Callable, Iterator
from functools import lru_cache
from ipaddress import ip_address

from ..replace.encodings import unescaped_variants
from ..rules.checks import is_card, is_generated, is_iban
from ..rules.jwt import is_jwt
from ..rules.names import is_number_of_thing
from ..rules.ruleset import Rules
from ..rules.vendors import LINKS, MARKED, VENDORS
from ..rules.words import is_made_of_words
from .anchors import literals_in, positions_of
from .candidates import Detector, Walk


def _token(literals: tuple[str, ...], rest: str) -> str:
    """Return a pattern for one of the literals at the start of a word, followed by `rest`.

    The characters before it are ASCII, so that it also works on binary data. An escape of a URL
    (`%2F`) or of JSON (`\\n`) also ends the word before.
    """
    return f"{_WORD_START}(?:{'|'.join(map(re.escape, literals))}){rest}"


def _is_run(*patterns: str) -> bool:
    """Whether what these patterns match contains none of _SEPARATORS."""
    written = re.sub(r"\(\?[:=!>]", "", "".join(patterns))
    return not any(mark in written for mark in ("/", ":", "$", "!", "[^", "\\S"))


_WORD_START = r"(?:(?<![A-Za-z0-9])|(?<=%[0-9A-Fa-f]{2})|(?<=\\[nrtbf]))"


def _is_no_word(value: str) -> bool:
    return any(map(str.isdigit, value)) or is_generated(value, 16)


def _is_not_words(value: str) -> bool:
    return not is_made_of_words(value)


TOKENS = (
    Detector(
        "jwt",
        "jwt",
        ("eyJ",),
        _token(("eyJ",), r"[\w-]{8,}\.eyJ[\w-]{4,}\.[\w-]*"),
        is_jwt,
        is_run=True,
        has_prefix=True,
    ),
    Detector(
        "pem",
        "key",
        ("PRIVATE KEY", "OpenVPN Static key"),
        (
            r"-----BEGIN (?:[A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?|OpenVPN Static key V1)-----"
            r"(?P<secret>[^-]+)"
            r"(?:-----END (?:[A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?|OpenVPN Static key V1)-----)?"
        ),
        lambda value: len(value) > 40,
    ),
    Detector(
        "bearer",
        "token",
        ("earer ", "EARER ", "earer%20"),
        (
            r"\b(?:[Bb]earer|BEARER)(?: +|%20)"
            r"(?P<secret>[\w.~+/-]{16,}+(?:={1,2}(?![\w=\"']))?+)(?![\w=])"
        ),
        _is_no_word,
    ),
    Detector(
        "url-password",
        "password",
        ("@",),
        (
            r":(?:\\?/){2}[^\s/:@\"'<>?#]{0,200}:(?P<secret>[^\s@\"'<>\\]{1,300}?)"
            r"@(?=[\w\[.-])"
        ),
        after=re.compile(r"[A-Za-z][A-Za-z0-9+.-]*$"),
    ),
    Detector(
        "slack-webhook",
        "token",
        ("hooks.slack.com",),
        r"hooks\.slack\.com/(?:services|workflows|triggers)/(?P<secret>[\w/]{30,})",
    ),
    Detector(
        "discord-webhook",
        "token",
        ("/webhooks/",),
        r"discord(?:app)?\.com/api/(?:v\d+/)?webhooks/(?P<secret>\d{15,}/[\w-]{40,})",
    ),
    Detector(
        "path-segment",
        "token",
        tuple("reset verify confirm invite token webhook services".split()),
        r"/(?P<secret>[\w.~=-]{20,}(?![\w~=%]))",
        lambda value: is_generated(value, 20),
        re.compile(
            r"(?i)(?<![a-z])(?:reset|verify|confirm|invite|token|webhooks?|services)(?:[_-]\w*)?"
            r"(?:/[\w.-]{1,40})*$"
        ),
    ),
    Detector("telegram", "token", (":AA",), r"(?<!\d)\d{8,10}:AA[\w-]{33}(?![\w-])"),
    Detector("mailchimp", "key", ("-us",), r"(?<![0-9A-Za-z])[0-9a-f]{32}-us\d{1,2}(?!\d)"),
    *(
        Detector(
            vendor.rule,
            "token",
            vendor.prefixes,
            _token(vendor.prefixes, vendor.rest_pattern),
            _is_not_words if vendor.may_be_words else bool,
            is_run=_is_run(*vendor.prefixes, vendor.rest_pattern),
            has_prefix=True,
        )
        for vendor in VENDORS
    ),
    *(
        Detector(
            one.rule,
            "token",
            (one.mark,),
            rf"{_WORD_START}(?:{one.pattern})",
            is_run=_is_run(one.pattern),
        )
        for one in MARKED
    ),
    *(Detector(one.rule, "token", (one.mark,), one.pattern) for one in LINKS),
)
"""Detectors for any text, escaped or not."""

_NUMBERS = (
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
        r"(?a)(?<![\w.-])[2-6]\d{3}(?:[ -]?\d){8,15}(?![\w-]|\.\d)",
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
_NUMBER = re.compile(r"\d(?:[ -]?\d){8}|[A-Z]{2}\d\d(?: ?[A-Z0-9]){11}", re.ASCII)


_MIN_RUN = 15
"""Characters of the shortest match of a detector with `is_run`."""
_SEPARATORS = " \t\r\n\"'<>(){}[],:!*$@^|`/"
"""Characters that no such match contains, in any encoding; control characters are separators too.
A question mark is none, since each character that is not ASCII becomes one."""
_IN_RUN = bytes(32 < n < 127 and chr(n) not in _SEPARATORS for n in range(256))
_WORDS = re.compile(r"([A-Za-z0-9]{1,3})[A-Za-z0-9]*+")
_ESCAPED_WORDS = re.compile(r"(?:%[0-9A-Fa-f]{2}|\\[nrtbf])([A-Za-z0-9]{1,3})")
"""The starts of the words in a text, as _WORD_START defines a word."""


def _start_of(prefix: str) -> str:
    """Return what _WORDS finds for a text that begins with the prefix, or "" if that is open."""
    found = _WORDS.match(prefix)
    return found[1] if found and (len(found[1]) == 3 or not prefix.isalnum()) else ""


_OTHER_LITERALS = tuple(literal for d in TOKENS if not d.is_run for literal in d.literals)
_RUN_LITERALS = tuple(
    literal
    for d in TOKENS
    for literal in d.literals
    if d.is_run and not (d.has_prefix and _start_of(literal))
)
_PREFIXES: dict[str, tuple[str, ...]] = {}
"""The other literals of detectors with `is_run`, by the start of the word that they begin."""
for _literal in (one for d in TOKENS if d.is_run and d.has_prefix for one in d.literals):
    if _start := _start_of(_literal):
        _PREFIXES[_start] = (*_PREFIXES.get(_start, ()), _literal)


def detectors_for(text: str, binary: str = "") -> tuple[Detector, ...]:
    """Return those of TOKENS that can match in the text, in any encoding, or in a binary body.

    `binary` is the body with one character for each byte.
    """
    found = {*_literals_of(text), *_literals_of(binary)}
    for reading in unescaped_variants(text):
        if reading != text:
            found.update(_literals_of(reading))
    return _detectors_with(frozenset(found))


def _literals_of(text: str) -> Iterator[str]:
    """Yield the literals of TOKENS in the text."""
    yield from literals_in(text, _OTHER_LITERALS)
    if runs := " ".join(_long_runs(text)):
        yield from literals_in(runs, _RUN_LITERALS)
        starts = set(_WORDS.findall(runs))
        if "%" in runs or "\\" in runs:
            starts.update(_ESCAPED_WORDS.findall(runs))
        for start in starts.intersection(_PREFIXES):
            yield from literals_in(runs, _PREFIXES[start])


@lru_cache(maxsize=256)
def _detectors_with(literals: frozenset[str]) -> tuple[Detector, ...]:
    return tuple(d for d in TOKENS if not literals.isdisjoint(d.literals))


def _long_runs(text: str) -> Iterator[str]:
    """Yield the runs that are long enough for a token; most texts have none.

    The check of the bytes saves 1.5 % of a recording, and 0.1 s for each MB: it is faster than the
    search for two hundred literals.
    """
    mask = text.encode("ascii", "replace").translate(_IN_RUN)
    at = mask.find(b"\1" * _MIN_RUN)
    while at >= 0:
        end = mask.find(b"\0", at)
        end = len(text) if end < 0 else end
        yield text[at:end]
        at = mask.find(b"\1" * _MIN_RUN, end)


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
    is_long = b"\1" * 9 in raw.translate(_IS_DIGIT, b" -")
    is_long = is_long or b"\1" * 15 in raw.translate(_IS_DIGIT_OR_CAPITAL, b" -")
    return is_long and _NUMBER.search(text) is not None


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

    if len(text) < _LONG or not detector.has_prefix:
        return detector.pattern.sub(replace, text)
    return _replace_at_literals(text, detector, replace)


_LONG = 1000
"""Characters from which a text is searched for the literals, and the pattern tried only there."""


def _replace_at_literals(
    text: str, detector: Detector, replace: Callable[[re.Match[str]], str]
) -> str:
    """Do what `sub` does for a pattern that begins with a literal, in a tenth of the time."""
    parts: list[str] = []
    done = 0
    for start in positions_of(detector.literals, text):
        found = detector.pattern.match(text, start) if start >= done else None
        if found:
            parts += text[done:start], replace(found)
            done = found.end()
    return "".join([*parts, text[done:]]) if parts else text


_CONTEXT = 120
"""Characters before a match in which `Detector.after` is searched."""
_NAME_BEFORE = re.compile(r"(?<![\w.-])([A-Za-z][\w.-]{0,40})[\"']?\s{0,3}[=:#]\s{0,3}[\"']?\Z")


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
