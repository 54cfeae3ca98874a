"""Findings: where a secret is and which rule found it, without its value."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from ..exchange import TextMap
from ..messages import printable
from ..scrub.replace.vault import Vault, is_searchable
from .scan import Detection

_MIN_SHOWN = 8
"""Characters of the shortest value of which an excerpt is shown."""


class Identity(NamedTuple):
    """What identifies a finding when its line or the number of its interaction changes.

    The fields are also those of an entry in a baseline.
    """

    file: str
    call: str
    location: str
    rule: str
    excerpt: str


class LocatedDetection(NamedTuple):
    """A detection, its file, and the line where its interaction begins."""

    file: str
    line: int
    detection: Detection


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """What is reported of a secret.

    `number` is the number of the interaction, or 0. `location` is the part of the interaction and
    the name, such as "request body: password". `call` is its method and path, or empty.
    """

    file: str
    line: int
    number: int
    location: str
    rule: str
    excerpt: str
    call: str
    is_note: bool = False
    """A value to be reviewed by a person. It does not change the exit code."""

    @property
    def identity(self) -> Identity:
        return Identity(self.file, self.call, self.location, self.rule, self.excerpt)


def excerpt(value: str) -> str:
    """Return at most a quarter of the value, up to 3 characters of its start and 2 of its end."""
    if len(value) < _MIN_SHOWN:
        return f"… (shorter than {_MIN_SHOWN})"
    shown = min(5, len(value) // 4)
    end = shown * 2 // 5
    shortened = f"{value[: shown - end]}…{value[len(value) - end :]}"
    # One sign for a control character, since its escape would be longer than what may be shown.
    shown_text = "".join(c if c.isprintable() else "·" for c in shortened)
    return f"{shown_text} ({len(value)} characters)"


def make_findings(detections: Iterable[LocatedDetection]) -> dict[Finding, str]:
    """Return a finding for each detection, sorted, with the value, which must not be shown."""
    located = list(detections)
    mask = _make_mask({one.detection.secret.value for one in located})
    values = {_make_finding(one, mask): one.detection.secret.value for one in located}
    return {finding: values[finding] for finding in sorted(values)}


def _make_finding(located: LocatedDetection, mask: TextMap) -> Finding:
    secret, number, method, url = located.detection
    # `where` may contain the name already, as in "request header Cookie".
    name = "" if secret.where.lower().endswith(secret.name.lower()) else secret.name
    return Finding(
        file=located.file,
        number=number,
        location=f"{secret.where}: {mask(name)}" if name else mask(secret.where),
        rule=secret.rule,
        excerpt=excerpt(secret.value),
        line=located.line,
        call=mask(f"{method} {_path(url)}") if number else "",
        is_note=secret.rule == "review",
    )


def _make_mask(values: Iterable[str]) -> TextMap:
    """Return a function that replaces these values by "…" in a text that is shown, as a path."""
    vault = Vault()
    short: set[str] = set()
    for value in values:
        vault.learn("secret", value)
        if not is_searchable(value):
            short.add(value)
    # The vault does not search for short values; they are replaced as whole words only.
    words = "|".join(map(re.escape, sorted(short, key=len, reverse=True)))
    pattern = re.compile(rf"(?<!\w)(?:{words})(?!\w)") if words else None

    def mask(text: str) -> str:
        text = vault.replace_secrets(text, lambda _kind, _value: "…")
        return printable(pattern.sub("…", text) if pattern else text)

    return mask


def _path(url: str) -> str:
    try:
        return unquote(urlsplit(url).path) or "/"
    except ValueError:
        return "…"
