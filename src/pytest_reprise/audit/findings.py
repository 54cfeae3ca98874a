"""A finding: where a secret stands and by which rule it was found, and of itself only a glimpse."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias
from urllib.parse import unquote, urlsplit

from ..exchange import TextMap
from ..scrub.replace.vault import Vault, is_searchable
from .scan import Spot

Identity: TypeAlias = tuple[str, str, str, str, str]
"""File, call, slot, rule, excerpt: what tells a finding from others, wherever it moves."""
_SHORTEST_SHOWN = 8


class Marked(NamedTuple):
    """A spot, its file, and the line in which its interaction begins."""

    file: str
    line: int
    spot: Spot


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """What is told of a secret. `number` is that of the interaction, or 0 for none."""

    file: str
    line: int
    number: int
    slot: str
    rule: str
    excerpt: str
    call: str
    is_note: bool = False
    """It is for a person to judge, and nothing fails by it."""

    @property
    def identity(self) -> Identity:
        return self.file, self.call, self.slot, self.rule, self.excerpt


def excerpt(value: str) -> str:
    """Three characters from the start and two from the end, of short values fewer, or none."""
    if len(value) < _SHORTEST_SHOWN:
        return f"… (shorter than {_SHORTEST_SHOWN})"
    shown = min(5, len(value) // 4)
    end = shown * 2 // 5
    glimpse = f"{value[: shown - end]}…{value[len(value) - end :]}"
    return f"{_printable(glimpse)} ({len(value)} characters)"


def _printable(text: str) -> str:
    return "".join(c if c.isprintable() else "·" for c in text)


def masking(values: Iterable[str]) -> TextMap:
    """A function that takes these secrets out of a text that is shown, such as a path."""
    vault = Vault()
    short: set[str] = set()
    for value in values:
        vault.learn("secret", value)
        if not is_searchable(value):
            short.add(value)
    words = "|".join(map(re.escape, sorted(short, key=len, reverse=True)))
    pattern = re.compile(rf"(?<!\w)(?:{words})(?!\w)") if words else None

    def mask(text: str) -> str:
        text = vault.replace_secrets(text, lambda _kind, _value: "…")
        return _printable(pattern.sub("…", text) if pattern else text)

    return mask


def findings(marked: Iterable[Marked]) -> dict[Finding, str]:
    """What is told of each spot, in order, and its value, which is not."""
    spots = list(marked)
    mask = masking({found.spot.seen.value for found in spots})
    told = {_told(found, mask): found.spot.seen.value for found in spots}
    return {finding: told[finding] for finding in sorted(told)}


def _told(marked: Marked, mask: TextMap) -> Finding:
    number, method, url, seen = marked.spot
    name = "" if seen.where.lower().endswith(seen.name.lower()) else seen.name
    slot = f"{seen.where}: {mask(name)}" if name else mask(seen.where)
    return Finding(
        file=marked.file,
        number=number,
        slot=slot,
        rule=seen.rule,
        excerpt=excerpt(seen.value),
        line=marked.line,
        call=mask(f"{method} {_path(url)}") if number else "",
        is_note=seen.rule == "review",
    )


def _path(url: str) -> str:
    try:
        return unquote(urlsplit(url).path) or "/"
    except ValueError:
        return "…"
