"""The table of placeholder forms: the formats that a placeholder keeps, so that clients accept it.

A client may check the format of a secret: that an id is a UUID, or that a card number passes Luhn's
check. Its placeholder then has the same format. Each row of FORMS describes one format completely.
Everything else about placeholders is derived from the table (see placeholders.py), so a new form is
one more row here.

Numbers in placeholders are ordinals, never made from the secret: a hash of a weak secret could be
guessed. No placeholder looks like a live secret to a secret scanner.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable
from functools import cache
from typing import NamedTuple

from ..rules.checks import is_card, is_iban, make_iban, with_luhn_digit
from ..rules.jwt import REDACTED_JWT_START, is_jwt, redact_jwt
from ..rules.vendors import PREFIX_PATTERN


class Envelope(NamedTuple):
    """Text around a placeholder that each value brings with it, such as the claims of a JWT.

    Only the part behind the last dot identifies such a placeholder: a token that is recorded again
    has new times in its claims.
    """

    start: str
    wrap: Callable[[str, str], str]
    """Takes the secret and the inner placeholder, returns the whole."""

    def unwrap(self, placeholder: str) -> str:
        return placeholder.rpartition(".")[2]


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
    keeps_start_if_cut: bool = False
    """Whether a placeholder that was cut to fit a binary body is recognised by its start, which is
    one of `literals`."""
    matches_candidate: Callable[[str], bool] | None = None
    """Whether a value is a placeholder, given that a rule takes it for a secret. Only for forms
    whose placeholders are too short to be recognised in any text."""
    is_counted_by_length: bool = False
    """Whether secrets of each length have ordinals of their own, since short numbers have few."""
    envelope: Envelope | None = None


# A placeholder is not part of a longer word or number.
_NOT_BEFORE, _NOT_AFTER = "(?<![0-9A-Za-z])", "(?![0-9A-Za-z])"
_WORD_START = "Redacted"
_HEX_STARTS = ("facade", "FACADE")
_ZEROS = ("000",)


# --- hexadecimal ------------------------------------------------------------------------------

_HEX = re.compile(r"(?=.*[0-9])(?=.*[A-Fa-f])(?:[0-9a-f]{16,}|[0-9A-F]{16,})")
_UUID = re.compile(r"(?i)[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


def _make_hex(_kind: str, number: int, value: str) -> str:
    made = f"facade{number:0{len(value) - 6}}"
    return made.upper() if value.isupper() else made


def _make_uuid(_kind: str, number: int, value: str) -> str:
    """Keep the version and the variant (RFC 9562), which clients may check."""
    made = f"facade00-0000-{value[14]}000-{value[19]}000-{number:012}"
    return made.upper() if value.upper() == value else made


# --- numbers ----------------------------------------------------------------------------------

_DIGITS = re.compile(r"(?=.*\d.*\d.*\d)\d[\d -]*\d")
_PHONE = re.compile(r"\+[1-9](?:[ .()/-]{0,3}\d){6,14}")
_SHORT_INTEGER = re.compile(r"90+\d{1,3}")


def _make_digits(_kind: str, number: int, value: str) -> str:
    size = _count_digits(value)
    # A short code has fewer placeholders than there may be secrets: after the last, the first
    # is used again.
    ordinal = (number - 1) % (10 ** (size - _leading_zeros(size)) - 1) + 1
    return _with_digits(value, f"{ordinal:0{size}}")


def _leading_zeros(size: int) -> int:
    """Return how many zeros a placeholder of `size` digits starts with."""
    return min(max(2, size - 3), 6)


def _is_short_number(value: str) -> bool:
    """Whether all but the last digits are zeros.

    A real code may look the same. It is taken for a placeholder, and stays.
    """
    if not _DIGITS.fullmatch(value):
        return False
    digits = re.sub(r"\D", "", value)
    return digits[: _leading_zeros(len(digits))].strip("0") == ""


def to_json_integer(digits: str) -> str:
    """Return a placeholder of digits as a JSON integer: with 9 in the place of a first 0."""
    return f"9{digits[1:]}" if digits[0] == "0" else digits


def from_json_integer(written: str) -> str:
    """Undo `to_json_integer` for a placeholder. All other integers are returned as they are."""
    return "0" + written[1:] if _SHORT_INTEGER.fullmatch(written) else written


def _make_card(_kind: str, number: int, value: str) -> str:
    """Keep the first two digits, which name the issuer, and pass Luhn's check."""
    size = _count_digits(value)
    return _with_digits(value, with_luhn_digit(f"{value[:2]}{number:0{size - 3}}"))


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

_EMAIL = re.compile(r"[^@\s]+@[^@\s.]+(?:\.[^@\s.]+)+")
_IPV4 = re.compile(r"\d{1,3}(?:\.\d{1,3}){3}")
_IPV6 = re.compile(r"(?i)(?=(?:[^:]*:){2})[0-9a-f:.]+")


def _make_email(_kind: str, number: int, _value: str) -> str:
    return f"redacted-{number}@example.com"


def _make_ipv4(_kind: str, number: int, _value: str) -> str:
    """Use the network that is reserved for benchmarks (RFC 2544)."""
    return f"198.18.{number // 256 % 256}.{number % 256}"


def _make_ipv6(_kind: str, number: int, _value: str) -> str:
    """Use the prefix that is reserved for documentation (RFC 3849)."""
    return f"2001:db8::{number % 65536:x}"


# --- tokens and other text --------------------------------------------------------------------

_BASE64 = re.compile(r"(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{3}=|[A-Za-z0-9+/]{2}==)?")
_BASE64_URL = re.compile(r"(?:[\w-]{4})*(?:[\w-]{3}=|[\w-]{2}==)")
_MIN_BASE64_LENGTH = 24
"""Characters that a placeholder of any kind fits into."""


def _is_base64(value: str) -> bool:
    """Whether the value is base64, by its padding or by a symbol that only base64 has."""
    if len(value) < _MIN_BASE64_LENGTH:
        return False
    if not (_BASE64.fullmatch(value) or _BASE64_URL.fullmatch(value)):
        return False
    try:
        base64.b64decode(value, altchars=b"-_" if re.search("[-_]", value) else None)
    except binascii.Error:
        return False
    return value.endswith("=") or (("+" in value or "/" in value) and value[0] != "/")


def _make_base64(kind: str, number: int, value: str) -> str:
    unpadded = len(value.rstrip("="))
    padding = "=" * (len(value) - unpadded)
    return f"Redacted{kind.capitalize()}{number}".ljust(unpadded, "A") + padding


@cache
def _vendor_token() -> re.Pattern[str]:
    """Return the pattern, compiled at the first secret: it takes a tenth of the import."""
    return re.compile(rf"(?>{PREFIX_PATTERN})[\w.-]{{8,}}")


def _make_vendor_token(kind: str, number: int, value: str) -> str:
    """Keep the prefix, which a client may check. No scanner expects an underscore behind it."""
    prefix = re.match(PREFIX_PATTERN, value)
    return f"{prefix[0] if prefix else ''}Redacted_{kind}_{number}"


def _make_jwt(_kind: str, number: int, value: str) -> str:
    return redact_jwt(value, f"Redacted-jwt-{number}")


def _make_text(kind: str, number: int, _value: str) -> str:
    """Pass the usual checks of passwords (length, both cases, digit, symbol).

    No character of it has to be escaped in a URL, a form, JSON or a header.
    """
    return f"Redacted-{kind}-{number}"


_TEXT_PATTERN = r"Redacted-[a-z]+-[0-9]+"

FORMS = (
    Form(
        "jwt",
        is_jwt,
        _make_jwt,
        pattern=rf"(?:{REDACTED_JWT_START}[\w-]+\.){{2}}{_TEXT_PATTERN}",
        literals=(_WORD_START,),
        envelope=Envelope(REDACTED_JWT_START, redact_jwt),
    ),
    Form(
        "iban",
        is_iban,
        _make_iban,
        pattern=rf"{_NOT_BEFORE}[A-Z]{{2}}[0-9]{{2}}(?: ?[R0]){{8,}}(?: ?[0-9]){{1,4}}{_NOT_AFTER}",
        literals=_ZEROS,
    ),
    Form(
        "uuid",
        _UUID.fullmatch,
        _make_uuid,
        pattern=(
            rf"{_NOT_BEFORE}(?:facade|FACADE)00-0000-[0-9A-Fa-f]000-[0-9A-Fa-f]000-[0-9]{{12}}"
        ),
        literals=_HEX_STARTS,
        keeps_start_if_cut=True,
    ),
    Form(
        "hex",
        _HEX.fullmatch,
        _make_hex,
        pattern=rf"{_NOT_BEFORE}(?:facade|FACADE)0{{2,}}[0-9]+{_NOT_AFTER}",
        literals=_HEX_STARTS,
        keeps_start_if_cut=True,
    ),
    Form(
        "card",
        is_card,
        _make_card,
        pattern=rf"{_NOT_BEFORE}[2-6][0-9](?:[ -]?0){{7,}}(?:[ -]?[0-9]){{2,5}}{_NOT_AFTER}",
        literals=_ZEROS,
    ),
    Form(
        "digits",
        _DIGITS.fullmatch,
        _make_digits,
        # A social security number is the only short number that is recognised in any text.
        pattern=rf"{_NOT_BEFORE}000-00-[0-9]{{4}}{_NOT_AFTER}",
        literals=_ZEROS,
        matches_candidate=_is_short_number,
        is_counted_by_length=True,
    ),
    Form(
        "email",
        _EMAIL.fullmatch,
        _make_email,
        pattern=r"redacted-[0-9]+@example\.com",
        literals=("redacted-",),
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
        "vendor token",
        lambda value: _vendor_token().fullmatch(value),
        _make_vendor_token,
        pattern=rf"(?:{PREFIX_PATTERN})?Redacted_[a-z]+_[0-9]+",
        literals=(_WORD_START,),
    ),
    Form(
        "base64",
        _is_base64,
        _make_base64,
        pattern=r"Redacted[A-Z][a-z]+[0-9]+A*={0,2}",
        literals=(_WORD_START,),
        keeps_start_if_cut=True,
    ),
    Form(
        "text",
        bool,
        _make_text,
        pattern=_TEXT_PATTERN,
        literals=(_WORD_START,),
        keeps_start_if_cut=True,
    ),
)
"""Every form, the most specific first; the last one takes any value."""
