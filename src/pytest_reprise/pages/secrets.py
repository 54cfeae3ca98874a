"""How many secrets were replaced, by kind: counted by their placeholders in cassettes."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from ..exchange import Interaction, map_outcome, map_request
from ..scrub.replace.forms import FORMS
from ..scrub.replace.placeholders import identity_of, ordinal_of, placeholders_in


@dataclass(slots=True)
class Placeholders:
    """The different placeholders in cassettes."""

    _found: dict[str, str] = field(default_factory=dict)
    """The kind of each."""

    def add(self, interactions: Iterable[Interaction]) -> None:
        """Search in all texts of the interactions."""
        for one in interactions:
            map_request(one.request, self._search)
            map_outcome(one.outcome, self._search)

    def _search(self, text: str) -> str:
        for found in placeholders_in(text):
            identity = identity_of(found[0])
            if identity not in self._found:
                self._found[identity] = _kind(found[0])
        return text

    def by_kind(self) -> dict[str, int]:
        """Return how many different ones there are of each kind, most first."""
        return dict(Counter(self._found.values()).most_common())


def _kind(placeholder: str) -> str:
    """Return the kind of a placeholder, as `token`; the name of its form if it tells no kind."""
    kind, _, number = ordinal_of(placeholder).partition(" ")
    if number and kind != placeholder:
        return kind
    return next((f.name for f in FORMS if re.fullmatch(f.pattern, placeholder)), "other")
