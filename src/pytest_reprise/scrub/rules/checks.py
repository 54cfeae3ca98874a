"""Checks that a value carries within itself: Luhn's for cards, mod 97 for IBANs, and opacity."""

from __future__ import annotations

import math
import re
from collections import Counter

_CARD = re.compile(r"[2-6]\d{3}(?:[ -]?\d){9,15}")
_ISSUERS = re.compile(
    r"4\d{12}(?:\d{3}){0,2}|5[1-5]\d{14}|2(?:22[1-9]|2[3-9]\d|[3-6]\d\d|7[01]\d|720)\d{12}"
    r"|3[47]\d{13}|3(?:0[0-5]|[68]\d)\d{11}|6(?:011|5\d\d|4[4-9]\d)\d{12}|35(?:2[89]|[3-8]\d)\d{12}"
)
"""Visa, Mastercard, American Express, Diners Club, Discover, JCB: what their numbers begin with."""
_IBAN = re.compile(r"[A-Z]{2}\d{2}(?: ?[A-Z0-9]){11,30}")
_OPAQUE = re.compile(r"(?=.*[0-9])(?=.*[A-Za-z])[\w.~+/=%-]+")


def is_card(value: str) -> bool:
    """Whether this is the number of a card, by issuer, length and Luhn's check."""
    digits = re.sub("[ -]", "", value)
    is_number = _CARD.fullmatch(value) and _ISSUERS.fullmatch(digits)
    return bool(is_number) and _luhn_sum(digits) % 10 == 0


def as_luhn(digits: str) -> str:
    """The digits with Luhn's check digit at their end (ISO/IEC 7812-1)."""
    return f"{digits}{-_luhn_sum(digits + '0') % 10}"


def _luhn_sum(digits: str) -> int:
    doubled = (int(digit) * 2 for digit in digits[-2::-2])
    return sum(map(int, digits[-1::-2])) + sum(n - 9 if n > 9 else n for n in doubled)


def is_iban(value: str) -> bool:
    """Whether this is an IBAN, by its form and check (ISO 13616)."""
    return _IBAN.fullmatch(value) is not None and _mod_97(value[:4], value[4:]) == 1


def as_iban(country: str, account: str) -> str:
    """The IBAN of an account, blanks in it kept, with the check digits that it needs."""
    return f"{country}{98 - _mod_97(f'{country}00', account):02}{account}"


def _mod_97(head: str, account: str) -> int:
    return int("".join(str(int(c, 36)) for c in (account + head).replace(" ", ""))) % 97


def is_opaque(value: str, length: int) -> bool:
    """Whether the value, so long, says nothing to a person: letters and digits in no order."""
    return len(value) >= length and _OPAQUE.fullmatch(value) is not None and entropy(value) >= 3


def entropy(value: str) -> float:
    """Shannon's entropy in bits a character."""
    shares = [count / len(value) for count in Counter(value).values()]
    return -sum(share * math.log2(share) for share in shares)
