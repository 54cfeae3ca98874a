"""The token formats that are recognised anywhere: those of vendors, JWT, PEM, and secret URLs."""

from __future__ import annotations

import re

from ...patterns import lazy_regex
from ..rules.checks import is_generated
from ..rules.jwt import is_jwt
from ..rules.vendors import LINKS, MARKED, VENDORS
from ..rules.words import is_made_of_words, is_slug
from .candidates import Detector


def _token(literals: tuple[str, ...], rest: str) -> str:
    """Return a pattern for one of the literals at the start of a word, followed by `rest`.

    The characters before it are ASCII, so that it also works on binary data. An escape of a URL
    (`%2F`) or of JSON (`\\n`) also ends the word before.
    """
    return f"{_WORD_START}(?:{'|'.join(map(re.escape, literals))}){rest}"


def _is_run(*patterns: str) -> bool:
    """Whether what these patterns match contains none of _SEPARATORS."""
    written = re.sub(r"\(\?[:=!>]", "", "".join(patterns))
    is_bar_in_prefix = any(pattern.endswith("|") for pattern in patterns)
    has_mark = any(mark in written for mark in ("/", ":", "$", "!", "[^", "\\S"))
    return not has_mark and not is_bar_in_prefix


_WORD_START = r"(?:(?<![A-Za-z0-9])|(?<=%[0-9A-Fa-f]{2})|(?<=\\[nrtbf]))"


def _is_no_word(value: str) -> bool:
    return any(map(str.isdigit, value)) or is_generated(value, 16)


def _is_not_words(value: str) -> bool:
    return not is_made_of_words(value)


_REACH = 100
"""Characters before or behind the fixed part of a token in which it begins."""

TOKENS = (
    Detector(
        "jwt",
        "jwt",
        ("eyJ",),
        _token(("eyJ",), r"[\w-]{8,}={0,2}\.eyJ[\w-]{4,}={0,2}\.[\w-]*"),
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
        after=lazy_regex(r"[A-Za-z][A-Za-z0-9+.-]*$"),
    ),
    Detector(
        "slack-webhook",
        "token",
        ("hooks.slack.com",),
        r"hooks\.slack\.com/(?:services|workflows|triggers)/(?:\w+/){1,4}(?P<secret>\w{16,})",
    ),
    Detector(
        "discord-webhook",
        "token",
        ("/webhooks/",),
        r"discord(?:app)?\.com/api/(?:v\d+/)?webhooks/\d{15,}/(?P<secret>[\w-]{40,})",
    ),
    Detector(
        "path-segment",
        "token",
        tuple("reset verify confirm invite token webhook services".split()),
        r"/(?P<secret>[\w.~=-]{20,}(?![\w~=%]))",
        lambda value: is_generated(value, 20) and not is_slug(value),
        lazy_regex(
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
            reach=_REACH,
        )
        for one in MARKED
    ),
    *(Detector(one.rule, "token", (one.mark,), one.pattern) for one in LINKS),
)
"""Detectors for any text, escaped or not."""
