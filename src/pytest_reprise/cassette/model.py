"""The cassette as a value: its header, its interactions in order, and how scopes share it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from ..exchange import Interaction

VCRPY_SCOPE = "vcrpy"
"""The scope of interactions that vcrpy recorded, in a cassette that several tests share."""
SEEDS = range(2**32)
"""The seeds that a header can have. NumPy accepts no others."""
MIGRATED = ", migrated"
"""The end of `recorded_with` in a cassette that vcrpy recorded."""
FORMAT = 1
"""The version of our additions under `reprise:`. The file as a whole is vcrpy's version 1."""


class Header(NamedTuple):
    """What is under `reprise:` at the top of a cassette that Reprise wrote."""

    recorded_at: datetime
    """When the recording scope began, with a time zone. The clock of a replay starts here."""
    recorded_with: str
    """Packages and versions, as in "pytest-reprise 0.1.0, httpx 0.28.1"."""
    scope: str = ""
    """The scope that recorded first, in a cassette that several scopes share; else ""."""
    seed: int | None = None
    """The seed of the scope's random values; None where no recorded seed is needed."""
    base_url: str = ""
    """The base URL of the API at recording, without a slash at its end; "" where it is unknown."""
    values: Mapping[str, object] = {}
    """JSON values that a test asked to record, each under the name that the test gave."""
    confirmed_at: datetime | None = None
    """When the API was last seen to answer the same, of a recording that became too old."""

    @property
    def is_migrated(self) -> bool:
        """Whether vcrpy recorded the cassette, and not Reprise."""
        return self.recorded_with.endswith(MIGRATED)


class Cassette(NamedTuple):
    """The content of a cassette file.

    `header` is None for a legacy cassette, which vcrpy or pytest-recording wrote.
    """

    interactions: tuple[Interaction, ...] = ()
    header: Header | None = None

    @property
    def is_legacy(self) -> bool:
        return self.header is None

    @property
    def known_time(self) -> datetime | None:
        """When the recording began; None where that is not known."""
        if self.header is None:
            return None
        if self.header.is_migrated:
            from .migrated import has_known_time

            return self.header.recorded_at if has_known_time(self) else None
        return self.header.recorded_at

    def interactions_of(self, scope: str) -> tuple[Interaction, ...]:
        """Return what `scope` recorded: all of a legacy cassette, since that names no scope."""
        unnamed = self._scope_of_unnamed(scope)
        return tuple([i for i in self.interactions if (i.scope or unnamed) == scope])

    def interactions_of_others(self, scope: str) -> tuple[Interaction, ...]:
        """Return what all other scopes recorded."""
        unnamed = self._scope_of_unnamed(scope)
        return tuple([i for i in self.interactions if (i.scope or unnamed) != scope])

    def with_recording(self, header: Header, interactions: tuple[Interaction, ...]) -> Cassette:
        """Return this cassette with a new recording of the scope `header.scope`.

        `interactions` take the place of what that scope recorded before; those of other scopes
        stay. Interactions that vcrpy recorded are shared by the scopes, and are not added twice.
        """
        others = self.interactions_of_others(header.scope)
        if any(i.scope == VCRPY_SCOPE for i in others):
            interactions = tuple(i for i in interactions if i.scope != VCRPY_SCOPE)
        if not others:
            return Cassette(interactions, header)
        # The header stays that of the first scope. Interactions of other scopes name theirs.
        kept = self.header if self.header and self.header.scope != header.scope else header
        sign = "" if kept is header else header.scope
        own = tuple(i if i.scope == VCRPY_SCOPE else i._replace(scope=sign) for i in interactions)
        place = self._first_position_of(header.scope, len(others))
        return Cassette((*others[:place], *own, *others[place:]), kept)

    def _first_position_of(self, scope: str, default: int) -> int:
        unnamed = self._scope_of_unnamed(scope)
        scopes = (interaction.scope or unnamed for interaction in self.interactions)
        return next((n for n, owner in enumerate(scopes) if owner == scope), default)

    def _scope_of_unnamed(self, scope: str) -> str:
        """Return the scope of interactions that name none, as `scope` sees them."""
        return self.header.scope if self.header else scope


class CassetteUse(NamedTuple):
    """One use of a cassette: by which scope, in which file and record mode."""

    scope: str
    """The name of the scope in a cassette that several scopes share; else ""."""
    path: Path
    mode: str
    """The record mode."""
    nodeid: str
    """The pytest id of a test that runs this scope, for the command in messages; "" outside
    pytest."""
    shares_values: bool = False
    """Whether other scopes use the values that it makes, as they use a wider fixture's. Its seed
    has to be recorded then even if it makes no request."""
    is_of_block: bool = False
    """Whether a block of code uses it, by `use_cassette`."""
