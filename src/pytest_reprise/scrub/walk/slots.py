"""A slot is a place where a secret stands; to look is to visit all slots of a text.

One walk serves all: recording puts a placeholder into a slot, matching empties it, the audit only
notes it. A visit returns what the slot shall hold, or None to leave it as it is.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple, TypeAlias

from ..rules.ruleset import Rules


@dataclass(frozen=True, slots=True)
class Slot:
    """What stands where a secret stands; `value` is None for JSON's null.

    `where` is the part of the exchange, `name` the place in it, `rule` what found it.
    """

    name: str
    kind: str
    value: str | None
    rule: str
    where: str = ""
    is_weak: bool = False
    """The name alone does not say it: `token`, `auth`, `pass`."""
    is_text: bool = True
    is_named: bool = True
    """A name says it, and not the value: any other value would be a secret there too."""


Visit: TypeAlias = Callable[[Slot], str | None]
Inside: TypeAlias = "Callable[[str, Look], str]"
"""Visits the text that stands inside another one."""


class Detector(NamedTuple):
    """`literals`: one of them is in every text in which the pattern is found; () where none is.

    The group `secret` of the pattern, where it has one, is the secret, else the whole match.
    """

    rule: str
    kind: str
    literals: tuple[str, ...]
    source: str | re.Pattern[str]
    is_secret: Callable[[str], bool] = bool
    after: re.Pattern[str] | None = None
    """What stands somewhere before the secret, where the pattern does not tell it."""
    is_run: bool = False
    """What is found begins with a literal, has at least 15 characters, and none of those that stand
    between tokens, as a blank, a quote or a slash."""

    @property
    def pattern(self) -> re.Pattern[str]:
        return _compiled(self.source)


_compiled = cache(re.compile)
"""Most patterns are never asked for: to compile them all took 14 ms."""


class Look(NamedTuple):
    """How to look: by which rules, with which visit, at which part of an exchange.

    A tuple, since ten are made for each exchange, and a frozen dataclass takes twice the time.
    """

    rules: Rules
    visit: Visit
    where: str = ""
    depth: int = 0
    """How many documents this one is inside of."""
    detectors: tuple[Detector, ...] | None = None
    """Those that could find anything here; None for all."""

    def deeper(self) -> Look:
        return Look(self.rules, self.visit, self.where, self.depth + 1, self.detectors)

    def at(self, where: str) -> Look:
        return Look(self.rules, self.visit, where, self.depth, self.detectors)

    def with_only(self, detectors: tuple[Detector, ...] | None) -> Look:
        return Look(self.rules, self.visit, self.where, self.depth, detectors)

    def fill(self, slot: Slot) -> str | None:
        """What the slot shall hold, or None to leave it; a rule that is off finds nothing."""
        is_enabled = self.rules.is_enabled(slot.rule) or (
            slot.is_named and self.rules.is_configured_name(slot.name)
        )
        return self.visit(slot) if is_enabled else None

    def named(self, name: str, kind: str, value: str, rule: str, is_weak: bool = False) -> str:
        """What shall stand in the place of a value that its name makes a secret."""
        held = self.fill(Slot(name, kind, value, rule, self.where, is_weak))
        return value if held is None else held

    def found(self, kind: str, value: str, rule: str) -> str:
        """What shall stand in the place of a value that is a secret wherever it stands."""
        held = self.fill(Slot("", kind, value, rule, self.where, is_named=False))
        return value if held is None else held
