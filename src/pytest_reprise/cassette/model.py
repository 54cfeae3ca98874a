"""The cassette as a value: interactions in order, a header, and the label of one in use."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from ..exchange import Interaction

VCRPY_SCOPE = "vcrpy"
"""The scope of calls that vcrpy recorded, in a cassette that tests share and have added to."""
FORMAT = 1
"""The version of what stands under our own key; the file itself is vcrpy's version 1."""


@dataclass(frozen=True, slots=True)
class Header:
    """What stands under `reprise:` at the top of a cassette that we wrote."""

    recorded_at: datetime
    """When the scope began, with a time zone; a replay starts its clock there."""
    recorded_with: str
    """Packages and versions, as in "pytest-reprise 0.1.0, httpx 0.28.1"."""
    scope: str = ""
    """Who recorded, in a cassette that several may share."""
    seed: int | None = None
    """Where made-up data starts from."""
    base_url: str = ""
    """The base URL of the API at recording, without a slash at its end; "" where none was known."""
    values: Mapping[str, object] = field(default_factory=dict)
    """Values that a test asked to be recorded, by the name it gave them; any JSON value."""


@dataclass(frozen=True, slots=True)
class Cassette:
    """`header` is None for a legacy cassette: one that vcrpy or pytest-recording wrote."""

    interactions: tuple[Interaction, ...] = ()
    header: Header | None = None

    @property
    def is_legacy(self) -> bool:
        return self.header is None

    def interactions_of(self, scope: str) -> tuple[Interaction, ...]:
        """What `scope` recorded; of a legacy cassette, which nobody signed, all of it."""
        return tuple(i for i in self.interactions if self._is_of(i, scope))

    def interactions_of_others(self, scope: str) -> tuple[Interaction, ...]:
        return tuple(i for i in self.interactions if not self._is_of(i, scope))

    def with_recording(self, header: Header, interactions: tuple[Interaction, ...]) -> Cassette:
        """This cassette with `interactions` in the place of what `header.scope` had recorded.

        What is nobody's among them stands there once, whoever kept it first.
        """
        others = self.interactions_of_others(header.scope)
        if any(i.scope == VCRPY_SCOPE for i in others):
            interactions = tuple(i for i in interactions if i.scope != VCRPY_SCOPE)
        if not others:
            return Cassette(interactions, header)
        kept = self.header if self.header and self.header.scope != header.scope else header
        sign = "" if kept is header else header.scope
        own = tuple(i if i.scope == VCRPY_SCOPE else replace(i, scope=sign) for i in interactions)
        place = next(
            (n for n, i in enumerate(self.interactions) if self._is_of(i, header.scope)),
            len(others),
        )
        return Cassette((*others[:place], *own, *others[place:]), kept)

    def _is_of(self, interaction: Interaction, scope: str) -> bool:
        owner = interaction.scope or (self.header.scope if self.header else scope)
        return owner == scope


@dataclass(frozen=True, slots=True)
class CassetteUse:
    """Whose tape it is, where its cassette lies, and which test records it."""

    scope: str
    path: Path
    mode: str
    nodeid: str
    """The id of a test that runs this scope."""
    shares_values: bool = False
    """What it makes goes to other scopes, as of a wider fixture: its seed counts even alone."""
