"""Which rules hold: the policy by default, and what a project takes away or adds.

Each rule has an id. A finding says which rule made it, so that it can be turned off.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

from . import names
from .vendors import VENDORS

Pattern: TypeAlias = tuple[str, str, re.Pattern[str]]
"""Rule id, kind, and what the secret looks like; its group `secret`, where there is one, is it."""

DEFAULT_RULES = {
    "environment": "a value of the environment or .env whose variable names a secret",
    "field": "a field of JSON, a form, multipart or XML whose name's head noun says it",
    "parameter": "a parameter of a URL's query, path or fragment, by its name",
    "header": "a header by its name",
    "authorization": "credentials of the Authorization headers; their scheme stays",
    "cookie": "a cookie of a session- or auth-like name, or of 16 characters or more",
    "pair": 'what stands under `value` beside {"name": "password"}, or under a secret\'s name',
    "kubernetes-secret": "the data of a Kubernetes Secret",
    "opaque-parameter": "`code`, `state` and `key` in a URL, where opaque",
    "path-segment": "an opaque segment after reset, verify, confirm, invite, token, webhook",
    "url-password": "the password in scheme://user:password@host",
    "assignment": "NAME=VALUE and NAME: VALUE in text, by the name",
    "sentence": "`password is X` in text",
    "markup": "HTML inputs and metas, XML elements and attributes, by their names",
    "csv": "the column of a CSV, by its name",
    "bearer": "`Bearer x` in text",
    "jwt": "a JSON Web Token",
    "pem": "a private key in PEM",
    "ssn": "a US social security number",
    "card": "the number of a payment card, by issuer and Luhn's check",
    "iban": "an IBAN, by its check digits",
    "slack-webhook": "the secret path of a Slack webhook",
    "discord-webhook": "the secret path of a Discord webhook",
    "telegram": "the token of a Telegram bot",
    "mailchimp": "an API key of Mailchimp",
    **{vendor.rule: f"a token of {vendor.rule}, by its prefix" for vendor in VENDORS},
}
"""Every rule that is on by default, by id."""

PERSONAL_RULES = {
    "email": "an e-mail address",
    "phone": "a phone number in international form",
    "ip": "an IP address",
    "person": "the name of a person, by the key that it stands under",
}
"""Rules for personal data, off until they are asked for."""


@dataclass(frozen=True, eq=False)
class Rules:
    """The rules in force. `names` are more names of secrets, `keep_names` and `keep_values` what
    stays whatever the rules say, `json_paths` places in JSON bodies, `personal` of
    PERSONAL_RULES."""

    off: frozenset[str] = frozenset()
    names: frozenset[str] = frozenset()
    keep_names: frozenset[str] = frozenset()
    keep_values: frozenset[str] = frozenset()
    patterns: tuple[Pattern, ...] = ()
    json_paths: tuple[re.Pattern[str], ...] = ()
    personal: frozenset[str] = frozenset()

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing that they could find."""
        own = self.names or self.patterns or self.json_paths or self.personal
        return not own and self.off.issuperset(DEFAULT_RULES)

    def field_kind(self, name: str) -> str | None:
        """What kind of secret a field of this name holds, or None."""
        return _kind(self, name, "field")

    def parameter_kind(self, name: str) -> str | None:
        """The same for a URL's parameter, where a signature counts too."""
        return _kind(self, name, "parameter")

    def header_kind(self, name: str) -> str | None:
        """The same for a header; cookies are not meant."""
        return _kind(self, name, "header")

    def is_configured_name(self, name: str) -> bool:
        """Whether the project itself says that a secret stands under this name."""
        parts = names.split_name(name) if self.names else ()
        return any(" ".join(parts[n:]) in self.names for n in range(len(parts)))

    def is_enabled(self, rule: str) -> bool:
        return rule not in self.off and (rule not in PERSONAL_RULES or rule in self.personal)


_KINDS = {
    "field": names.secret_kind,
    "parameter": names.secret_parameter_kind,
    "header": names.secret_header_kind,
}


@lru_cache(maxsize=8192)
def _kind(rules: Rules, name: str, place: str) -> str | None:
    if rules.keep_names and " ".join(names.split_name(name)) in rules.keep_names:
        return None
    if rules.is_configured_name(name):
        return "secret"
    if "person" in rules.personal and names.is_person_name(name):
        return "person"
    return _KINDS[place](name) if place not in rules.off else None
