"""Which rules are enabled: the default rules, and what a project disables or adds.

Each rule has an id, which findings name and `off` in the configuration disables.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TypeAlias

from . import names
from .literals import any_of
from .vendors import LINKS, MARKED, VENDORS

Pattern: TypeAlias = tuple[str, str, re.Pattern[str]]
"""Rule id, kind of secret, and regular expression. Its group `secret`, if any, is the secret."""

DEFAULT_RULES = {
    "environment": "a value of the environment or .env, by the name of the variable",
    "field": "a field of JSON, a form, multipart or XML, by the last word of its name",
    "parameter": "a parameter of a URL's query, path or fragment, by its name",
    "header": "a header, by its name",
    "authorization": "the credentials of an Authorization header, without the scheme",
    "cookie": "a cookie, by a session- or auth-like name or from 16 characters on",
    "pair": 'the `value` beside {"name": "password"}, or in an object with a secret\'s name',
    "kubernetes-secret": "the data of a Kubernetes Secret",
    "opaque-parameter": "`code`, `state` and `key` in a URL, if opaque",
    "path-segment": "an opaque segment after reset, verify, confirm, invite, token, webhook",
    "url-password": "the password in scheme://user:password@host",
    "assignment": "NAME=VALUE and NAME: VALUE in text, by the name",
    "sentence": "`password is X` in text",
    "markup": "HTML inputs and metas, XML elements and attributes, by their names",
    "csv": "a column of a CSV, by its name",
    "bearer": "`Bearer x` in text",
    "jwt": "a JSON Web Token",
    "pem": "a private key in PEM",
    "bitlocker": "a recovery key of BitLocker, eight groups of six digits",
    "ssn": "a US social security number",
    "card": "a payment card number, by issuer and Luhn's check",
    "iban": "an IBAN, by its check digits",
    "slack-webhook": "the secret path of a Slack webhook",
    "discord-webhook": "the secret path of a Discord webhook",
    "telegram": "the token of a Telegram bot",
    "mailchimp": "an API key of Mailchimp",
    **{vendor.rule: f"a token of {vendor.rule}, by its prefix" for vendor in VENDORS},
    **{one.rule: f"a token of {one.rule}, by the fixed part in it" for one in MARKED},
    **{one.rule: "a secret in a URL of a documented service" for one in LINKS},
}
"""Id and description of each rule that is enabled by default; `reprise rules` prints them."""

FORMAT_RULES = frozenset(("bitlocker", *(one.rule for one in (*VENDORS, *MARKED, *LINKS))))
"""Ids of the formats of vendors. A project may use such an id for a pattern of its own, since new
ones are added with each version: its pattern is tried first, and the built-in formats stay."""

PERSONAL_RULES = {
    "email": "an e-mail address",
    "phone": "a phone number in international form",
    "ip": "an IP address",
    "person": "the name of a person, by the name of the field",
}
"""Id and description of each rule for personal data. They are disabled by default."""


@dataclass(frozen=True, eq=False)
class Rules:
    """The rules in force: the default ones, less `off`, and the project's own."""

    off: frozenset[str] = frozenset()
    """Ids of disabled rules."""
    names: frozenset[str] = frozenset()
    """More names of secrets, as lower-case words with blanks between."""
    keep_names: frozenset[str] = frozenset()
    """Names that are not a secret's, in the same form. They overrule all names of secrets."""
    keep_values: frozenset[str] = frozenset()
    """Values that are never replaced."""
    patterns: tuple[Pattern, ...] = ()
    json_paths: tuple[re.Pattern[str], ...] = ()
    """Paths of secrets in JSON bodies, as patterns of `Scalar.name`."""
    personal: frozenset[str] = frozenset()
    """Ids of enabled PERSONAL_RULES."""

    @property
    def is_empty(self) -> bool:
        """Whether no rule is left that could find a secret."""
        own = self.names or self.patterns or self.json_paths or self.personal
        return not own and self.off.issuperset(DEFAULT_RULES)

    def field_kind(self, name: str) -> str | None:
        """Return the kind of secret that a field of this name holds, or None."""
        return _kind(self, name, "field")

    def parameter_kind(self, name: str) -> str | None:
        """Return the same for a URL parameter, where a signature is a secret too."""
        return _kind(self, name, "parameter")

    def header_kind(self, name: str) -> str | None:
        """Return the same for a header that is not a cookie."""
        return _kind(self, name, "header")

    def opaque_length(self, name: str) -> int | None:
        """Return the length from which an opaque value is a secret under this name, or None."""
        if self.keep_names and " ".join(names.split_name(name)) in self.keep_names:
            return None
        return names.min_opaque_name_length(name)

    def is_configured_name(self, name: str) -> bool:
        """Whether the project has configured this name, or an end of it, as a secret's."""
        words = names.split_name(name) if self.names else ()
        return any(" ".join(words[n:]) in self.names for n in range(len(words)))

    @cached_property
    def hints(self) -> tuple[str, ...]:
        """Texts of which each name of a secret contains one, in lower case."""
        return names.hints_of(self.names, "person" in self.personal)

    @cached_property
    def any_hint(self) -> re.Pattern[str]:
        """A pattern that finds each of the hints."""
        return any_of(self.hints)

    def has_hint(self, name: str) -> bool:
        """Whether a name contains a hint. To split it into words takes six times as long."""
        return self.any_hint.search(name.lower()) is not None

    def is_enabled(self, rule: str) -> bool:
        return rule not in self.off and (rule not in PERSONAL_RULES or rule in self.personal)


_KIND_BY_NAME = {
    "field": names.secret_kind,
    "parameter": names.secret_parameter_kind,
    "header": names.secret_header_kind,
}


@lru_cache(maxsize=8192)
def _kind(rules: Rules, name: str, rule: str) -> str | None:
    # The cache saves 5.9 % of a recording: the same names occur in most interactions.
    if rule != "header" and not rules.has_hint(name):
        return None
    if rules.keep_names and " ".join(names.split_name(name)) in rules.keep_names:
        return None
    if rules.is_configured_name(name):
        return "secret"
    if "person" in rules.personal and names.is_person_name(name):
        return "person"
    return _KIND_BY_NAME[rule](name) if rule not in rules.off else None
