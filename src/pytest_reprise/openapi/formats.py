"""The formats of texts and numbers that are checked: those of JSON Schema and of OpenAPI."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable
from datetime import date, datetime
from ipaddress import AddressValueError, IPv4Address, IPv6Address
from typing import TypeAlias
from urllib.parse import urlsplit

Check: TypeAlias = Callable[[str], bool]

_DATE_TIME = re.compile(
    r"(\d{4}-\d\d-\d\d)[Tt ](\d\d):(\d\d):(\d\d)(?:\.\d+)?(?:[Zz]|[+-]\d\d:\d\d)", re.ASCII
)
_TIME = re.compile(r"\d\d:\d\d:\d\d(?:\.\d+)?(?:[Zz]|[+-]\d\d:\d\d)", re.ASCII)
_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_DURATION = re.compile(
    r"P(?!$)(?:\d+W|(?:\d+Y)?(?:\d+M)?(?:\d+D)?(?:T(?=\d)(?:\d+H)?(?:\d+M)?(?:\d+(?:\.\d+)?S)?)?)"
)
_UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+")
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_HOSTNAME = re.compile(rf"(?=.{{1,253}}\Z){_LABEL}(?:\.{_LABEL})*\.?")
_BLANK = re.compile(r"[\s<>\"{}|\\^`]")


def _is_date(text: str) -> bool:
    if not _DATE.fullmatch(text):
        return False
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _is_date_time(text: str) -> bool:
    """Whether a text is a time of RFC 3339, section 5.6. It allows the second 60."""
    found = _DATE_TIME.fullmatch(text)
    if not found or not _is_date(found[1]):
        return False
    hours, minutes, seconds = map(int, found.groups()[1:])
    return hours < 24 and minutes < 60 and seconds <= 60


def _is_time(text: str) -> bool:
    if not _TIME.fullmatch(text):
        return False
    try:
        datetime.strptime(text[:8], "%H:%M:%S")
    except ValueError:
        return False
    return True


def _is_address(kind: type[IPv4Address | IPv6Address]) -> Check:
    def check(text: str) -> bool:
        try:
            kind(text)
        except AddressValueError:
            return False
        return True

    return check


def _is_uri(text: str) -> bool:
    return _is_uri_reference(text) and urlsplit(text).scheme != ""


def _is_uri_reference(text: str) -> bool:
    try:
        urlsplit(text)
    except ValueError:
        return False
    return not _BLANK.search(text)


def _is_base64(text: str) -> bool:
    try:
        base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return False
    return True


TEXTS: dict[str, Check] = {
    "date-time": _is_date_time,
    "date": _is_date,
    "time": _is_time,
    "duration": lambda text: _DURATION.fullmatch(text) is not None,
    "email": lambda text: _EMAIL.fullmatch(text) is not None,
    "idn-email": lambda text: _EMAIL.fullmatch(text) is not None,
    "hostname": lambda text: _HOSTNAME.fullmatch(text) is not None,
    "ipv4": _is_address(IPv4Address),
    "ipv6": _is_address(IPv6Address),
    "uri": _is_uri,
    "uri-reference": _is_uri_reference,
    "uuid": lambda text: _UUID.fullmatch(text) is not None,
    "byte": _is_base64,
}
"""The formats of texts. Others, as `password` and `binary`, allow any text."""

_BITS = {"int32": 31, "int64": 63}
"""The formats of numbers, with the bits of their size."""


def has_format(value: object, name: str) -> bool:
    """Whether a value has a format. A format says nothing about values of other types."""
    if isinstance(value, str):
        return name not in TEXTS or TEXTS[name](value)
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return name not in _BITS or -(2 ** _BITS[name]) <= value < 2 ** _BITS[name]
    return True
