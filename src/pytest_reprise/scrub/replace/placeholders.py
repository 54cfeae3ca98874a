"""What stands in a cassette where a secret stood: an ordinal by kind, never made from the secret.

`Redacted-password-1` passes the usual checks of clients (length, upper and lower case, digit,
symbol), needs no escaping in URLs, forms, JSON or headers, and looks like no live secret. A value
whose form a client may check gets a placeholder of that form: a UUID, hex digits of the same
length, a card number that passes Luhn's check.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

from ..rules.checks import as_iban, as_luhn, is_card, is_iban
from ..rules.jwt import is_jwt, redacted_jwt
from ..rules.vendors import VENDOR_PREFIX

_HEX = re.compile(r"(?=.*[0-9])(?=.*[A-Fa-f])(?:[0-9a-f]{16,}|[0-9A-F]{16,})")
_UUID = re.compile(r"(?i)[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_DIGITS = re.compile(r"(?=.*\d.*\d.*\d)\d[\d -]*\d")
_EMAIL = re.compile(r"[^@\s]+@[^@\s.]+(?:\.[^@\s.]+)+")
_PHONE = re.compile(r"\+[1-9](?:[ .()/-]{0,3}\d){6,14}")
_IPV4 = re.compile(r"\d{1,3}(?:\.\d{1,3}){3}")
_IPV6 = re.compile(r"(?i)(?=(?:[^:]*:){2})[0-9a-f:.]+")
_BASE64 = re.compile(r"(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{3}=|[A-Za-z0-9+/]{2}==)?")
_BASE64_URL = re.compile(r"(?:[\w-]{4})*(?:[\w-]{3}=|[\w-]{2}==)")

PLACEHOLDER = re.compile(
    r"(?:IHs[\w-]+\.IHs[\w-]+\.)?Redacted-[a-z]+-[0-9]+"
    rf"|(?:{VENDOR_PREFIX})?Redacted_[a-z]+_[0-9]+"
    r"|Redacted[A-Z][a-z]+[0-9]+A*={0,2}"
    r"|(?<![0-9A-Za-z])(?:facade|FACADE)0{2,}[0-9]+(?![0-9A-Za-z])"
    r"|(?<![0-9A-Za-z])(?:facade|FACADE)00-0000-[0-9A-Fa-f]000-[0-9A-Fa-f]000-[0-9]{12}"
    r"|(?<![0-9A-Za-z])[2-6][0-9](?:[ -]?0){7,}(?:[ -]?[0-9]){2,5}(?![0-9A-Za-z])"
    r"|(?<![0-9A-Za-z])000-00-[0-9]{4}(?![0-9A-Za-z])"
    r"|(?<![0-9A-Za-z])[A-Z]{2}[0-9]{2}(?: ?[R0]){8,}(?: ?[0-9]){1,4}(?![0-9A-Za-z])"
    r"|(?<![\w+])\+9(?:[ .()/-]{0,3}9){2}(?:[ .()/-]{0,3}0)+(?:[ .()/-]{0,3}[0-9]){1,3}(?!\w)"
    r"|redacted-[0-9]+@example\.com"
    r"|(?<![0-9.])198\.1[89](?:\.[0-9]{1,3}){2}(?![0-9.])"
    r"|(?<![0-9A-Fa-f:])2001:db8::[0-9a-f]{1,4}(?![0-9A-Fa-f:])"
)
"""Every placeholder but a short number, which is one only in the slot of a secret."""
_LONGEST_ALIGNED = 20_000


_MARKS = ("edacted", "acade", "ACADE", "000", "198.1", "2001:db8")
"""One of them is in each placeholder; to look for them is faster than the pattern."""


def replace_placeholders(text: str, put: Callable[[str], str]) -> str:
    """The text with `put(placeholder)` in the place of each placeholder."""
    for mark in _MARKS:
        if mark in text:
            return PLACEHOLDER.sub(lambda found: put(found[0]), text)
    return text


class Form(NamedTuple):
    """What values of a form are, and the placeholder of one by kind, ordinal and value."""

    name: str
    is_of: Callable[[str], object]
    make: Callable[[str, int, str], str]
    has_length: bool = False

    def series(self, kind: str, value: str) -> tuple[str, str, int]:
        """What is counted together: short numbers have few ordinals, and need their own."""
        return kind, self.name, len(value) if self.has_length else 0


def form_of(value: str) -> Form:
    """The form that a placeholder of this value keeps."""
    return next((form for form in _FORMS if form.is_of(value)), _FORMS[-1])


def is_placeholder(value: str) -> bool:
    """Whether the value in the slot of a secret is a placeholder already."""
    return PLACEHOLDER.fullmatch(value) is not None or _is_small_number(value)


def aligned(old: str, new: str) -> Iterator[tuple[str, str]]:
    """Each placeholder in the old text, and what stands in its place in a new one of its like."""
    if len(old) > _LONGEST_ALIGNED or not PLACEHOLDER.search(old):
        return
    held = [found[0] for found in PLACEHOLDER.finditer(old)]
    between = (re.escape(text) for text in PLACEHOLDER.split(old))
    if found := re.fullmatch('([^"&\\s]*?)'.join(between), new):
        yield from zip(held, found.groups(), strict=True)


CUT = ("Redacted", "facade", "FACADE")
"""How a placeholder begins that was cut to fit."""


def fitted(placeholder: str, size: int) -> bytes:
    """The placeholder in exactly `size` bytes, for the inside of a binary body."""
    return placeholder.encode()[:size].ljust(size, b"0")


def _is_small_number(value: str) -> bool:
    """A number of which all but the last digits are zeros. A real code that looks so stays, and
    nobody can tell it from a placeholder."""
    if not _DIGITS.fullmatch(value):
        return False
    digits = re.sub(r"\D", "", value)
    return digits[: _zeros(len(digits))].strip("0") == ""


def _zeros(size: int) -> int:
    """How many zeros a number of so many digits begins with, where it is a placeholder."""
    return min(max(2, size - 3), 6)


def _make_hex(_kind: str, number: int, value: str) -> str:
    made = f"facade{number:0{len(value) - 6}}"
    return made.upper() if value.isupper() else made


def _make_uuid(_kind: str, number: int, value: str) -> str:
    made = f"facade00-0000-{value[14]}000-{value[19]}000-{number:012}"
    return made.upper() if value.upper() == value else made


def _make_digits(_kind: str, number: int, value: str) -> str:
    size = sum(map(str.isdigit, value))
    # Short codes are more than there are ordinals for: they come round again.
    ordinal = (number - 1) % (10 ** (size - _zeros(size)) - 1) + 1
    return _over_digits(value, f"{ordinal:0{size}}")


def _make_card(_kind: str, number: int, value: str) -> str:
    size = sum(map(str.isdigit, value))
    return _over_digits(value, as_luhn(f"{value[:2]}{number:0{size - 3}}"))


def _over_digits(value: str, digits: str) -> str:
    """`value` with its digits replaced in order, what stands between them kept."""
    left = iter(digits)
    return re.sub(r"\d", lambda found: next(left, found[0]), value)


def _make_iban(_kind: str, number: int, value: str) -> str:
    size = sum(map(str.isdigit, value[4:]))
    tail = iter(f"{number:0{size}}")
    account = "".join(
        next(tail) if character.isdigit() else "R" if character.isalpha() else character
        for character in value[4:]
    )
    return as_iban(value[:2], account)


def _make_email(_kind: str, number: int, _value: str) -> str:
    return f"redacted-{number}@example.com"


def _make_phone(_kind: str, number: int, value: str) -> str:
    """Under a country code that no country has, as it was written."""
    size = sum(map(str.isdigit, value)) - 3
    return _over_digits(value, f"999{(number - 1) % 999 + 1:0{size}}")


def _make_ipv4(_kind: str, number: int, _value: str) -> str:
    """From the network for benchmarks (RFC 2544), which nobody has."""
    return f"198.18.{number // 256 % 256}.{number % 256}"


def _make_ipv6(_kind: str, number: int, _value: str) -> str:
    """From the prefix for documentation (RFC 3849)."""
    return f"2001:db8::{number % 65536:x}"


def _make_base64(kind: str, number: int, value: str) -> str:
    room = len(value.rstrip("="))
    return f"Redacted{kind.capitalize()}{number}".ljust(room, "A") + "=" * (len(value) - room)


def _is_base64(value: str) -> bool:
    """A key in base64, by its padding or a symbol of the alphabet; with room for a placeholder."""
    if len(value) < 24 or not (_BASE64.fullmatch(value) or _BASE64_URL.fullmatch(value)):
        return False
    try:
        base64.b64decode(value, altchars=b"-_" if re.search("[-_]", value) else None)
    except binascii.Error:
        return False
    return value.endswith("=") or (("+" in value or "/" in value) and value[0] != "/")


def _make_vendor(kind: str, number: int, value: str) -> str:
    """The prefix stays, for a client that asks for it; an underscore keeps scanners away."""
    prefix = re.match(VENDOR_PREFIX, value)
    return f"{prefix[0] if prefix else ''}Redacted_{kind}_{number}"


def _make_jwt(_kind: str, number: int, value: str) -> str:
    return redacted_jwt(value, f"Redacted-jwt-{number}")


def _make_text(kind: str, number: int, _value: str) -> str:
    return f"Redacted-{kind}-{number}"


_FORMS = (
    Form("jwt", is_jwt, _make_jwt),
    Form("iban", is_iban, _make_iban),
    Form("uuid", _UUID.fullmatch, _make_uuid),
    Form("hex", _HEX.fullmatch, _make_hex),
    Form("card", is_card, _make_card),
    Form("digits", _DIGITS.fullmatch, _make_digits, has_length=True),
    Form("email", _EMAIL.fullmatch, _make_email),
    Form("phone", _PHONE.fullmatch, _make_phone, has_length=True),
    Form("ipv4", _IPV4.fullmatch, _make_ipv4),
    Form("ipv6", _IPV6.fullmatch, _make_ipv6),
    Form("vendor", re.compile(rf"(?>{VENDOR_PREFIX})[\w.-]{{8,}}").fullmatch, _make_vendor),
    Form("base64", _is_base64, _make_base64),
    Form("text", bool, _make_text),
)
