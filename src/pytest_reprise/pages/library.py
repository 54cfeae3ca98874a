"""The index of many cassettes: what a page lists of each interaction. Bodies are not kept."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from ..cassette.model import Cassette
from ..drift.body_values import body_text
from ..exchange import Failure, Interaction
from .endpoints import Endpoints
from .views import size_of, status_of

_MOST_TEXT = 4_000_000
"""Characters of bodies in an index that is searched without a server."""
_LONGEST_TEXT = 50_000
"""Characters of the bodies of one interaction in it."""


class Row(NamedTuple):
    """An interaction in the index. The latency is in milliseconds."""

    cassette: int
    position: int
    method: str
    url: str
    status: str
    outcome: str
    size: int
    latency: int | None


class Listed(NamedTuple):
    """A cassette in the index. `recorded` is in seconds since 1970, None where it is not known."""

    path: Path
    name: str
    test: str
    recorded: int | None = None
    problem: str = ""
    """Why it cannot be read; "" if it can."""


@dataclass(slots=True)
class Library:
    """The cassettes of a viewer. `texts` are parts of the bodies of each row, in lower case."""

    keeps_text: bool = False
    cassettes: list[Listed] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    _endpoints: Endpoints = field(default_factory=Endpoints)
    _is_cut: bool = False

    def add(self, path: Path, name: str, cassette: Cassette | None, problem: str = "") -> None:
        """Add a cassette, or one that cannot be read."""
        number, test = len(self.cassettes), test_of(path)
        if cassette is None:
            self.cassettes.append(Listed(path, name, test, None, problem))
            return
        header = cassette.header
        recorded = int(header.recorded_at.timestamp()) if header else None
        self.cassettes.append(Listed(path, name, test, recorded))
        self._endpoints.add(cassette.interactions, header.base_url if header else "", test)
        for position, one in enumerate(cassette.interactions):
            latency = round(one.latency.total * 1000) if one.latency else None
            request = one.request
            self.rows.append(
                Row(
                    number, position, request.method, request.url, *status_of(one), size_of(one),
                    latency,
                )
            )  # fmt: skip
            if self.keeps_text:
                self._keep(one)

    def _keep(self, interaction: Interaction) -> None:
        text = text_of(interaction)
        self._is_cut |= len(text) > _LONGEST_TEXT
        self.texts.append(text[:_LONGEST_TEXT])

    def index(self) -> dict[str, object]:
        """Return the index as plain values for a page."""
        names = list(self._endpoints.names())
        numbers = {name: n for n, name in enumerate(sorted(set(names)))}
        endpoints = (numbers[name] for name in names)
        return {
            "cassettes": [[c.name, c.test, c.recorded, c.problem] for c in self.cassettes],
            "endpoints": list(numbers),
            "rows": [[*row, endpoint] for row, endpoint in zip(self.rows, endpoints, strict=True)],
            "texts": self._shortened_texts(),
        }

    def _shortened_texts(self) -> list[str]:
        longest = self.searched_characters
        return [text[:longest] if longest is not None else text for text in self.texts]

    @property
    def searched_characters(self) -> int | None:
        """How many characters of the bodies of an interaction are searched; None for all."""
        if sum(map(len, self.texts)) > _MOST_TEXT:
            return _MOST_TEXT // len(self.texts)
        return _LONGEST_TEXT if self._is_cut else None


def text_of(interaction: Interaction) -> str:
    """Return the bodies of an interaction as one text in lower case, without binary ones."""
    request, outcome = interaction.request, interaction.outcome
    found = [body_text(request) if request.body else None]
    if isinstance(outcome, Failure):
        found.append(outcome.message)
    elif outcome.body:
        found.append(body_text(outcome))
    return "\n".join(filter(None, found)).lower()


def test_of(path: Path) -> str:
    """Return the module and the test, or the fixture, by the place of a cassette."""
    return f"{path.parent.name}/{path.stem}" if path.parent.name else path.stem


def json_for_page(value: object) -> str:
    """Return JSON that can be the text of a `script` element: no tag can begin or end in it."""
    text = json.dumps(value, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def search(cassette: Cassette, words: Sequence[str]) -> list[int]:
    """Return the positions of the interactions with all words, which are in lower case."""
    found = []
    for position, one in enumerate(cassette.interactions):
        text = f"{one.request.method} {one.request.url}".lower()
        left = [word for word in words if word not in text]
        if left:
            text = text_of(one)
        if all(word in text for word in left):
            found.append(position)
    return found
