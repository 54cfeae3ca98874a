"""The UUIDs of version 1 that a scope made and sent, as a replay on another clock makes them.

They have the time of their scope; all else of them comes from its seed (see `determinism`).
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable

from ..exchange import Interaction
from .merging import NewTexts, added_request, as_recorded
from .noise import Clocks
from .places import Place
from .tokens import UUID1

_TICKS = 10_000_000
"""Units of the time in a UUID, in a second."""
_EPOCH = 0x01B21DD213814000
"""1970 in these units."""
_LONGEST = 600 * _TICKS
"""How much later than its start the UUIDs of a scope are. Each adds 0.1 ms or less."""


def uuids_on_old_clock(new: Iterable[Interaction], clocks: Clocks) -> dict[str, str]:
    """Return the UUIDs that the scope of a new recording made, each with that of a replay."""
    began = int(clocks.new * _TICKS) + _EPOCH
    later = int(clocks.old * _TICKS) + _EPOCH - began
    found = _Made()
    for interaction in new:
        found.is_sent = True
        added_request(interaction.request, found)
        found.is_sent = False
        as_recorded(interaction, found)
    made = {text: uuid.UUID(text) for text in found.made}
    moved = {text: _moved(made, later) for text, made in made.items() if _is_of(made, began)}
    return {text: str(old) if "-" in text else old.hex for text, old in moved.items()}


def _is_of(made: uuid.UUID, began: int) -> bool:
    return 0 <= made.time - began <= _LONGEST


def _moved(made: uuid.UUID, later: int) -> uuid.UUID:
    time = made.time + later
    times = time & 0xFFFFFFFF, time >> 32 & 0xFFFF, time >> 48 & 0x0FFF
    rest = made.clock_seq_hi_variant, made.clock_seq_low, made.node
    return uuid.UUID(fields=(*times, *rest), version=1)


class _Made(NewTexts):
    """As `Texts`, collects UUIDs that were sent and that no earlier response has."""

    def __init__(self) -> None:
        self.is_sent = False
        """Whether the texts are those of a request."""
        self.made: set[str] = set()
        self._returned: set[str] = set()

    def added(self, _place: Place, new: str, /) -> str:
        found = {uuid1[0].lower() for uuid1 in UUID1.finditer(new)}
        if self.is_sent:
            self.made |= found - self._returned
        else:
            self._returned |= found
        return new
