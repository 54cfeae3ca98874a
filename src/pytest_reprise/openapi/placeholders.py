"""Placeholders of scrubbed values: what a schema says of the recorded secret is not checked.

A placeholder keeps the type of its secret, and in most cases its form: UUIDs, e-mail addresses and
numbers stay such. It does not keep a length, a pattern, a prefix, or one of several fixed values.
"""

from __future__ import annotations

from ..drift.body_values import Json
from ..scrub.replace.placeholders import is_whole_placeholder, placeholders_in
from ..scrub.rules.stand_ins import is_stand_in


def stands_for_secret(value: Json, is_legacy: bool) -> bool:
    """Whether a text is a placeholder, or has one in it.

    In a cassette of vcrpy it may also be a mask that the suite wrote, as `REDACTED`.
    """
    if not isinstance(value, str):
        return False
    if any(True for _ in placeholders_in(value)) or is_whole_placeholder(value):
        return True
    return is_legacy and is_stand_in(value)


def holds_placeholder(value: Json, is_legacy: bool) -> bool:
    """Whether a value is a placeholder, or any value in it is one."""
    left = [value]
    while left:
        found = left.pop()
        if isinstance(found, dict):
            left += [*found.values(), *found]
        elif isinstance(found, list):
            left += found
        elif stands_for_secret(found, is_legacy):
            return True
    return False
