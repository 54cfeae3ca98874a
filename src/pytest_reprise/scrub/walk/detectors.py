"""Secrets that are known by their value, whatever name they stand under.

Most texts hold none: a literal is looked for before a pattern runs.
"""

from __future__ import annotations

import re
import string
from collections.abc import Iterator
from functools import lru_cache
from ipaddress import ip_address

from ..replace.encodings import unescaped_variants
from ..rules.checks import is_card, is_iban, is_opaque
from ..rules.jwt import is_jwt
from ..rules.ruleset import Rules
from ..rules.vendors import VENDORS
from .slots import Detector, Look


def _token(literals: tuple[str, ...], rest: str) -> str:
    """One of the literals at a boundary, and the rest: ASCII, so that it holds on binary too.

    A boundary is also the end of an escape of a URL or of JSON. It is looked for behind the
    literal, since a pattern that begins with a literal is found faster.
    """
    starts = []
    for literal in map(re.escape, literals):
        escape = rf"(?<=%[0-9A-Fa-f]{{2}}{literal})|(?<=\\[nrtbf]{literal})"
        starts.append(rf"{literal}(?:(?<![A-Za-z0-9]{literal})|{escape})")
    return f"(?:{'|'.join(starts)}){rest}"


def _is_token(value: str) -> bool:
    return any(map(str.isdigit, value))


TOKENS = (
    Detector(
        "jwt",
        "jwt",
        ("eyJ",),
        _token(("eyJ",), r"[\w-]{8,}\.eyJ[\w-]{4,}\.[\w-]*"),
        is_jwt,
        is_run=True,
    ),
    Detector(
        "pem",
        "key",
        ("PRIVATE KEY",),
        (
            r"-----BEGIN [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----(?P<secret>[^-]+)"
            r"(?:-----END [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----)?"
        ),
        lambda value: len(value) > 40,
    ),
    Detector(
        "bearer",
        "token",
        ("earer ", "EARER ", "earer%20"),
        r"\b(?:[Bb]earer|BEARER)(?: +|%20)(?P<secret>[\w.~+/-]{16,}={0,2})(?![\w=\"])",
        _is_token,
    ),
    Detector(
        "url-password",
        "password",
        ("@",),
        (
            r"[A-Za-z][A-Za-z0-9+.-]*:(?:\\?/){2}[^\s/:@\"'<>?#]{0,200}:(?P<secret>[^\s@\"'<>\\]{1,300}?)"
            r"@(?=[\w\[.-])"
        ),
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
        r"(?<=/)[\w.~=-]{20,}(?![\w~=%])",
        lambda value: is_opaque(value, 20),
        re.compile(
            r"(?i)(?<![a-z])(?:reset|verify|confirm|invite|token|webhooks?|services)(?:[_-]\w*)?/"
            r"(?:[\w.-]{1,40}/)*$"
        ),
    ),
    Detector("telegram", "token", (":AA",), r"(?<!\d)\d{8,10}:AA[\w-]{33}(?![\w-])"),
    Detector("mailchimp", "key", ("-us",), r"(?<![0-9A-Za-z])[0-9a-f]{32}-us\d{1,2}(?!\d)"),
    *(
        Detector(
            vendor.rule,
            "token",
            vendor.literals,
            _token(vendor.literals, vendor.rest),
            is_run="/" not in vendor.rest,
        )
        for vendor in VENDORS
    ),
)
"""Tokens and the like: to be found in any text, escaped or not."""

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
"""Numbers with a check in them: to be found in strings, never in a bare integer of JSON."""

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
        lambda value: _is_foreign_address(value),
    ),
)
_NUMBER = re.compile(r"\d(?:[ -]?\d){8}|[A-Z]{2}\d\d(?: ?[A-Z0-9]){11}", re.ASCII)


def _is_foreign_address(value: str) -> bool:
    try:
        address = ip_address(value)
    except ValueError:
        return False
    return not (address.is_loopback or address.is_unspecified)


_RUN = 15
"""Characters of the shortest token that stands in one piece, its literal among them."""
_BETWEEN = " \t\r\n\"'<>(){}[],:!?*$@^|`/"
"""What is in no such token, however it is escaped."""
_IN_RUNS = bytes(chr(n) not in _BETWEEN for n in range(256))
_LONG = re.compile(rf"[^{re.escape(_BETWEEN)}]{{{_RUN},}}")
_ANYWHERE = tuple(literal for d in TOKENS if not d.is_run for literal in d.literals)
_LEADING = tuple(literal for d in TOKENS if d.is_run for literal in d.literals)


def detectors_for(text: str, binary: str = "") -> tuple[Detector, ...]:
    """Those of TOKENS that could find anything in the text, in what stands inside it, or in a
    binary body as it is."""
    meant = "\0".join((*unescaped_variants(text), binary))
    found = {literal for literal in _ANYWHERE if literal in meant}
    runs = _runs(text)
    if runs or binary:
        meant = "\0".join((*unescaped_variants(runs), binary))
        found.update(literal for literal in _LEADING if literal in meant)
    return _detectors_with(frozenset(found))


@lru_cache(maxsize=256)
def _detectors_with(literals: frozenset[str]) -> tuple[Detector, ...]:
    return tuple(d for d in TOKENS if not literals.isdisjoint(d.literals))


def _runs(text: str) -> str:
    """What is long enough for a token in one piece. Most texts have nothing so long, which one
    look tells; a hundred literals took 20 µs for 400 characters."""
    if b"\1" * _RUN not in text.encode(errors="replace").translate(_IN_RUNS):
        return ""
    return " ".join(_LONG.findall(text))


def tokens(text: str, look: Look) -> str:
    """The text with the tokens in it visited."""
    for detector in detectors_for(text) if look.detectors is None else look.detectors:
        text = _visit(text, detector, look)
    return _own_patterns(text, look) if look.rules.patterns else text


def numbers(text: str, look: Look) -> str:
    """The text with the numbers of cards, accounts and persons, and what is personal, visited."""
    if _has_number(text):
        for detector in _NUMBERS:
            text = _visit(text, detector, look)
    for detector in _personal(look.rules) if look.rules.personal else ():
        if not detector.literals or any(literal in text for literal in detector.literals):
            text = _visit(text, detector, look)
    return text


def may_have_numbers(text: str, rules: Rules) -> bool:
    """Whether `numbers` could find anything."""
    return bool(rules.personal) or _has_number(text)


_DIGITS = bytes(chr(n) in string.digits for n in range(256))
_CAPITALS = bytes(chr(n) in string.digits + string.ascii_uppercase for n in range(256))


def _has_number(text: str) -> bool:
    """Whether one of _NUMBERS could be found. Digits in a row are looked for in a tenth of the
    time that the pattern takes."""
    raw = text.encode(errors="replace")
    is_long = b"\1" * 9 in raw.translate(_DIGITS, b" -")
    is_long = is_long or b"\1" * 15 in raw.translate(_CAPITALS, b" -")
    return is_long and _NUMBER.search(text) is not None


def _personal(rules: Rules) -> Iterator[Detector]:
    return (detector for detector in _PERSONAL if detector.rule in rules.personal)


def _own_patterns(text: str, look: Look) -> str:
    for rule, kind, pattern in look.rules.patterns:
        text = _visit(text, Detector(rule, kind, (), pattern), look)
    return text


def _visit(text: str, detector: Detector, look: Look) -> str:
    group = "secret" if "secret" in detector.pattern.groupindex else 0

    def replace(found: re.Match[str]) -> str:
        value = _trimmed(found[group], detector)
        if not value or not _comes_after(found, detector):
            return found[0]
        held = look.found(detector.kind, value, detector.rule)
        if held == value:
            return found[0]
        start = found.start(group) - found.start()
        return found[0][:start] + held + found[0][start + len(value) :]

    return detector.pattern.sub(replace, text)


_BEFORE = 120
"""Characters before a secret in which to look for what it comes after."""


def _comes_after(found: re.Match[str], detector: Detector) -> bool:
    if detector.after is None:
        return True
    before = found.string[max(0, found.start() - _BEFORE) : found.start()]
    return detector.after.search(before) is not None


def _trimmed(value: str, detector: Detector) -> str:
    """The secret at the start of what was found: an IBAN is followed by a word in capitals."""
    if detector.rule != "iban":
        return value if detector.is_secret(value) else ""
    while value and not is_iban(value):
        value = value[:-1].rstrip()
    return value if len(value) >= 15 else ""
