"""The table of placeholder forms: the formats that a placeholder keeps, so that clients accept it.

A client may check the format of a secret: that an id is a UUID, or that a card number passes Luhn's
check. Its placeholder then has the same format. Each row of FORMS describes one format completely.
Everything else about placeholders is derived from the table (see placeholders.py), so a new form is
one more row here.

Numbers in placeholders are ordinals, never made from the secret: a hash of a weak secret could be
guessed. No placeholder looks like a live secret to a secret scanner.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

from ...patterns import lazy_regex
from ..rules.checks import is_card, is_iban, make_iban, with_luhn_digit
from ..rules.jwt import REDACTED_JWT_START
from .tokens import (
    CORE_PATTERN,
    HEX,
    LITERALS,
    NOT_BEFORE,
    PREFIX_OF_PLACEHOLDER,
    SHORT_PATTERN,
    SUFFIX_OF_PLACEHOLDER,
    TOKEN,
    WORD,
    is_spread_placeholder,
    make_hex,
    make_token,
    make_uuid,
)


class Form(NamedTuple):
    """One format of secrets and of their placeholders."""

    name: str
    matches: Callable[[str], object]
    """Whether a secret has this format. The first row that matches applies."""
    make: Callable[[str, int, str], str]
    """Makes a placeholder from the kind of secret, an ordinal from 1, and the secret, which gives
    length, case and separators."""
    pattern: str
    """Regular expression that finds a placeholder of this form in any text."""
    literals: tuple[str, ...]
    """At least one of them is in each placeholder, so that most texts are skipped quickly."""
    has_affixes: bool = False
    """Whether a prefix and other parts of a token may stand around what `pattern` finds."""
    starts_if_cut: tuple[str, ...] = ()
    """By which of these starts a placeholder is recognised that was cut to fit a binary body."""
    matches_candidate: Callable[[str], bool] | None = None
    """Whether a value is a placeholder, given that a rule takes it for a secret. Only for forms
    whose placeholders are too short to be recognised in any text."""
    is_counted_by_length: bool = False
    """Whether secrets of each length have ordinals of their own, since short numbers have few."""
    series: str = ""
    """Forms with the same series have no ordinal of a kind in common."""


# A placeholder is not part of a longer word or number.
_NOT_AFTER = "(?![0-9A-Za-z])"
_HEX_STARTS = ("facade", "FACADE")
_ZEROS = ("000",)


def _never(_value: str) -> bool:
    """Make no placeholder of this form: it is only recognised, in cassettes of earlier versions."""
    return False


# --- hexadecimal ------------------------------------------------------------------------------

_ULID = lazy_regex(r"(?=.*[A-Za-z])(?:[0-7][0-9A-HJKMNP-TV-Z]{25}|[0-7][0-9a-hjkmnp-tv-z]{25})")
_UUID = lazy_regex(r"(?i)[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


def _make_hex(_kind: str, number: int, value: str) -> str:
    return make_hex(number, value)


def _make_ulid(_kind: str, number: int, value: str) -> str:
    """Keep the alphabet of Crockford, in which I, L, O and U are missing. The time is zero."""
    made = f"{'0' * 10}REDACTED{(number - 1) % 10**8 + 1:08}"
    return made.lower() if value.islower() else made


def _make_uuid(_kind: str, number: int, value: str) -> str:
    return make_uuid(number, value)


# --- numbers ----------------------------------------------------------------------------------

_DIGITS = lazy_regex(r"(?=.*\d.*\d.*\d)\d[\d -]*\d")
_PHONE = lazy_regex(r"\+[1-9](?:[ .()/-]{0,3}\d){6,14}")
_SHORT_INTEGER = lazy_regex(r"90+\d{1,3}")
_SOCIAL_SECURITY = lazy_regex(r"\d{3}-\d{2}-\d{4}")


def _make_digits(_kind: str, number: int, value: str) -> str:
    """Begin with 9, so that the number has as many digits as an integer.

    Of a social security number no group is 00 (SSA), and its area is below 900.
    """
    if _SOCIAL_SECURITY.fullmatch(value):
        return f"100-00-{(number - 1) % 9999 + 1:04}"
    size = _count_digits(value)
    # A short code has fewer placeholders than there may be secrets: after the last, the first
    # is used again.
    ordinal = (number - 1) % (10 ** (size - _leading_digits(size)) - 1) + 1
    return _with_digits(value, f"9{ordinal:0{size - 1}}")


def _leading_digits(size: int) -> int:
    """Return how many digits are the same in all placeholders of `size` digits."""
    return min(max(2, size - 3), 6)


def _is_short_number(value: str) -> bool:
    """Whether all but the first and the last digits are zeros.

    A real code may look the same. It is taken for a placeholder, and stays.
    """
    if not _DIGITS.fullmatch(value):
        return False
    digits = re.sub(r"\D", "", value)
    leading = digits[: _leading_digits(len(digits))]
    return leading[0] in "09" and leading[1:].strip("0") == ""


def to_json_integer(digits: str) -> str:
    """Return a placeholder of digits as a JSON integer: with 9 in the place of a first 0."""
    return f"9{digits[1:]}" if digits[0] == "0" else digits


def from_json_integer(written: str) -> str:
    """Return the placeholder that a JSON integer stands for, as earlier versions wrote it.

    All other integers are returned as they are.
    """
    return "0" + written[1:] if _SHORT_INTEGER.fullmatch(written) else written


def _make_card(_kind: str, number: int, value: str) -> str:
    """Keep the first two digits, which name the issuer, and pass Luhn's check."""
    size = _count_digits(value)
    return _with_digits(value, with_luhn_digit(f"{value[:2]}{number:0{size - 3}}"))


def _is_iban_form(value: str) -> bool:
    """Whether the value is an IBAN. One of 97 hexadecimal keys passes the check as well."""
    is_key = len(value) >= 32 and HEX.fullmatch(value)
    return not is_key and is_iban(value)


def _make_iban(_kind: str, number: int, value: str) -> str:
    """Keep the country and the format of the account number, and pass the check of ISO 13616."""
    size = _count_digits(value[4:])
    digits = iter(f"{number:0{size}}")
    account = "".join(
        next(digits) if character.isdigit() else "R" if character.isalpha() else character
        for character in value[4:]
    )
    return make_iban(value[:2], account)


def _make_phone(_kind: str, number: int, value: str) -> str:
    """Use +999, which is no country's code (ITU-T E.164), in the value's own punctuation."""
    size = _count_digits(value) - 3
    return _with_digits(value, f"999{(number - 1) % 999 + 1:0{size}}")


def _count_digits(value: str) -> int:
    return sum(map(str.isdigit, value))


def _with_digits(value: str, digits: str) -> str:
    """Return `value` with its digits replaced in order, and what is between them kept."""
    left = iter(digits)
    return re.sub(r"\d", lambda digit: next(left, digit[0]), value)


# --- addresses --------------------------------------------------------------------------------

_EMAIL = lazy_regex(r"[^@\s]+@[^@\s.]+(?:\.[^@\s.]+)+")
_IPV4 = lazy_regex(r"\d{1,3}(?:\.\d{1,3}){3}")
_IPV6 = lazy_regex(r"(?i)(?=(?:[^:]*:){2})[0-9a-f:.]+")


def _make_email(_kind: str, number: int, _value: str) -> str:
    return f"redacted-{number}@example.com"


def _make_ipv4(_kind: str, number: int, _value: str) -> str:
    """Use the network that is reserved for benchmarks (RFC 2544)."""
    return f"198.18.{number // 256 % 256}.{number % 256}"


def _make_ipv6(_kind: str, number: int, _value: str) -> str:
    """Use the prefix that is reserved for documentation (RFC 3849)."""
    return f"2001:db8::{number % 65536:x}"


# --- tokens and other text --------------------------------------------------------------------

_WORD_PATTERN = r"Redacted-[a-z]+-[0-9]+"
_HEX_CORE = r"(?:facade|FACADE)0{2,}[0-9]+"


def _make_token(kind: str, number: int, value: str) -> str:
    return make_token(kind, number, value) or _make_text(kind, number, value)


def _make_text(kind: str, number: int, _value: str) -> str:
    """Pass the usual checks of passwords (length, both cases, digit, symbol).

    No character of it has to be escaped in a URL, a form, JSON or a header.
    """
    return f"Redacted-{kind}-{number}"


FORMS = (
    Form(
        "jwt",
        # Its parts have forms of their own (structures.py); these are put together here.
        _never,
        _make_text,
        pattern=rf"(?:{REDACTED_JWT_START}[\w-]+\.){{2}}(?:{_WORD_PATTERN}|{CORE_PATTERN}|{_HEX_CORE})",
        literals=(REDACTED_JWT_START,),
    ),
    Form(
        "iban",
        _is_iban_form,
        _make_iban,
        pattern=rf"{NOT_BEFORE}[A-Z]{{2}}[0-9]{{2}}(?: ?[R0]){{8,}}(?: ?[0-9]){{1,4}}{_NOT_AFTER}",
        literals=_ZEROS,
    ),
    Form(
        "uuid",
        _UUID.fullmatch,
        _make_uuid,
        pattern=r"(?:facade|FACADE)00-0000-[0-9A-Fa-f]000-[0-9A-Fa-f]000-[0-9]{12}",
        has_affixes=True,
        literals=_HEX_STARTS,
        starts_if_cut=_HEX_STARTS,
    ),
    Form(
        "hex",
        HEX.fullmatch,
        _make_hex,
        pattern=rf"{_HEX_CORE}{_NOT_AFTER}",
        literals=_HEX_STARTS,
        starts_if_cut=_HEX_STARTS,
        has_affixes=True,
    ),
    Form(
        "card",
        is_card,
        _make_card,
        pattern=rf"{NOT_BEFORE}[2-6][0-9](?:[ -]?0){{7,}}(?:[ -]?[0-9]){{2,5}}{_NOT_AFTER}",
        literals=_ZEROS,
    ),
    Form(
        "digits",
        _DIGITS.fullmatch,
        _make_digits,
        # A social security number is the only short number that is recognised in any text.
        pattern=rf"{NOT_BEFORE}[01]00-00-[0-9]{{4}}{_NOT_AFTER}",
        literals=("00-00-",),
        matches_candidate=_is_short_number,
        is_counted_by_length=True,
    ),
    Form(
        "email",
        _EMAIL.fullmatch,
        _make_email,
        pattern=r"redacted-[0-9]+@example\.com",
        literals=LITERALS[2:],
    ),
    Form(
        "phone",
        _PHONE.fullmatch,
        _make_phone,
        pattern=(
            r"(?<![\w+])\+9(?:[ .()/-]{0,3}9){2}(?:[ .()/-]{0,3}0)+"
            r"(?:[ .()/-]{0,3}[0-9]){1,3}(?!\w)"
        ),
        literals=_ZEROS,
        is_counted_by_length=True,
    ),
    Form(
        "ipv4",
        _IPV4.fullmatch,
        _make_ipv4,
        pattern=r"(?<![0-9.])198\.1[89](?:\.[0-9]{1,3}){2}(?![0-9.])",
        literals=("198.1",),
    ),
    Form(
        "ipv6",
        _IPV6.fullmatch,
        _make_ipv6,
        pattern=r"(?<![0-9A-Fa-f:])2001:db8::[0-9a-f]{1,4}(?![0-9A-Fa-f:])",
        literals=("2001:db8",),
    ),
    Form(
        "ulid",
        _ULID.fullmatch,
        _make_ulid,
        pattern=rf"{NOT_BEFORE}0{{10}}(?:REDACTED|redacted)[0-9]{{8}}{_NOT_AFTER}",
        literals=LITERALS,
    ),
    Form(
        "token",
        TOKEN.fullmatch,
        _make_token,
        pattern=CORE_PATTERN,
        literals=LITERALS,
        starts_if_cut=(WORD, WORD.upper(), WORD.lower()),
        matches_candidate=is_spread_placeholder,
        series="text",
        has_affixes=True,
    ),
    Form(
        "short token",
        _never,  # It is made as a token.
        _make_text,
        pattern=SHORT_PATTERN,
        literals=_ZEROS,
    ),
    Form(
        "vendor token of earlier versions",
        _never,
        _make_text,
        pattern=r"Redacted_[a-z]+_[0-9]+",
        literals=LITERALS,
        has_affixes=True,
    ),
    Form(
        "base64 of a placeholder",
        # Text in base64 has the placeholder of the text, which is encoded again (structures.py).
        _never,
        _make_text,
        pattern=r"[Uc]mVkYWN0ZW[\w+/-]*={0,2}",
        literals=("mVkYWN0ZW",),
    ),
    Form(
        "text",
        bool,
        _make_text,
        pattern=_WORD_PATTERN,
        literals=LITERALS,
        starts_if_cut=(WORD,),
        series="text",
    ),
)
"""Every form, the most specific first; the last one takes any value."""

TOKEN_FORM = next(form for form in FORMS if form.name == "token")

PATTERN = "|".join(
    (
        *(form.pattern for form in FORMS if not form.has_affixes),
        rf"{PREFIX_OF_PLACEHOLDER}(?P<core>{'|'.join(f.pattern for f in FORMS if f.has_affixes)})"
        rf"{SUFFIX_OF_PLACEHOLDER}",
    )
)
"""Regular expression of every placeholder that can be recognised in any text. Its group `core` is
what has no prefix, in forms that may have one."""
