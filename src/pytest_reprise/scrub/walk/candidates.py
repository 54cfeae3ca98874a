"""The candidates that a walk finds, the visitor that it calls for each, and its context.

The walk goes through all texts of an interaction. A candidate is a value that a rule takes for a
secret. Recording, matching and the audit use the same walk with different visitors: recording puts
a placeholder in the place of the value, matching puts a constant there, the audit only notes it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple, TypeAlias

from ..replace.placeholders import is_whole_placeholder
from ..rules.checks import is_generated
from ..rules.ruleset import Rules


@dataclass(frozen=True, slots=True)
class Candidate:
    """A value that a rule takes for a secret.

    `name` is the name of the field, header, parameter or variable, or empty. `kind` is the kind of
    secret, such as "password". `value` is the decoded value, or None for null in JSON. `rule` is
    the id of the rule, and `part` the part of the interaction, such as "request body".
    """

    name: str
    kind: str
    value: str | None
    rule: str
    part: str = ""
    has_weak_name: bool = False
    """The name alone is not enough evidence, as with `token`, `auth` and `pass`."""
    is_string: bool = True
    """False for a number in JSON."""
    is_named: bool = True
    """The name makes it a secret, so another value there would be one too. False: the form does."""
    depends_on_value: bool = False
    """The name counts only beside a value like this one, as in `password is hunter2`: another value
    in the same place may be no candidate."""

    @property
    def marks_place(self) -> bool:
        """Whether any value in the same place is a candidate."""
        return self.is_named and not self.depends_on_value


def is_opaque_secret(value: str, min_length: int) -> bool:
    """Whether a value looks generated, or is the placeholder of one that did."""
    return is_generated(value, min_length) or is_whole_placeholder(value)


Visitor: TypeAlias = Callable[[Candidate], str | None]
"""Returns the text that replaces the value, or None to keep the value."""
VisitNested: TypeAlias = "Callable[[str, Walk], str]"
"""Visits a text that another text contains, such as a string in JSON."""


class Detector(NamedTuple):
    """A pattern for secrets that are recognised by their form, such as a token with a prefix.

    `source` is the pattern. If it has a group `secret`, that group is the secret, else the whole
    match is. Each text that the pattern matches contains one of `literals`; they are empty if no
    literal is certain. `is_secret` checks the match once more.
    """

    rule: str
    kind: str
    literals: tuple[str, ...]
    source: str | re.Pattern[str]
    is_secret: Callable[[str], bool] = bool
    after: re.Pattern[str] | None = None
    """What has to come before the secret, at any distance up to 120 characters."""
    is_run: bool = False
    """The match has at least 15 characters and contains no separator such as a space, a quote or a
    slash."""
    has_prefix: bool = False
    """The match begins with a literal, at the start of a word."""
    reach: int | None = None
    """How many characters before or behind a literal the match begins at most, if that is known."""

    @property
    def pattern(self) -> re.Pattern[str]:
        """The compiled pattern."""
        return _compiled(self.source)


_compiled = cache(re.compile)
"""Most patterns are never used. To compile only those that are saves 1.1 % of a replay."""


@dataclass(frozen=True, slots=True)
class Walk:
    """The context of a walk: the rules, the visitor, and the part of the interaction."""

    rules: Rules
    visitor: Visitor
    part: str = ""
    depth: int = 0
    """Number of documents around this text, such as JSON in a string of JSON."""
    detectors: tuple[Detector, ...] | None = None
    """The detectors that can match in this interaction, or None for all."""

    def nested(self) -> Walk:
        """Return the context for a text inside the current one."""
        return Walk(self.rules, self.visitor, self.part, self.depth + 1, self.detectors)

    def in_part(self, part: str) -> Walk:
        """Return the context for a part of the interaction, such as "request url"."""
        return Walk(self.rules, self.visitor, part, self.depth, self.detectors)

    def with_detectors(self, detectors: tuple[Detector, ...] | None) -> Walk:
        """Return the context with only these detectors."""
        return Walk(self.rules, self.visitor, self.part, self.depth, detectors)

    def replacement(self, candidate: Candidate) -> str | None:
        """Return what replaces the value, or None to keep it.

        A rule that is off keeps it, except under a name that the project configured.
        """
        # A name in the configuration also counts where the rule of its place is off.
        is_configured = candidate.is_named and self.rules.is_configured_name(candidate.name)
        is_enabled = self.rules.is_enabled(candidate.rule) or is_configured
        return self.visitor(candidate) if is_enabled else None

    def replace_named(
        self,
        name: str,
        kind: str,
        value: str,
        rule: str,
        has_weak_name: bool = False,
        depends_on_value: bool = False,
    ) -> str:
        """Visit a value whose name makes it a secret. Returns its replacement, or the value."""
        candidate = Candidate(
            name,
            kind,
            value,
            rule,
            self.part,
            has_weak_name,
            depends_on_value=depends_on_value,
        )
        replacement = self.replacement(candidate)
        return value if replacement is None else replacement

    def replace_recognised(self, kind: str, value: str, rule: str) -> str:
        """Visit a value whose form makes it a secret. Returns its replacement, or the value."""
        candidate = Candidate("", kind, value, rule, self.part, is_named=False)
        replacement = self.replacement(candidate)
        return value if replacement is None else replacement
