"""What code sees of the cassette that is in use."""

from __future__ import annotations

from pathlib import Path

from ..exchange import Interaction
from ..tape.tape import Tape


class CassetteInUse:
    """The cassette of a test or of a block: what it holds, and what was done with it so far.

    Each property shows the state when it is read.
    """

    def __init__(self, tape: Tape | None) -> None:
        self._tape = tape

    @property
    def path(self) -> Path | None:
        """The file; None where nothing is recorded or replayed."""
        return self._tape.use.path if self._tape else None

    @property
    def is_replay(self) -> bool:
        """Whether requests are answered from the cassette, so that none needs the real server."""
        return self._tape is not None and not self._tape.may_send

    @property
    def interactions(self) -> tuple[Interaction, ...]:
        """What was loaded, then what was recorded so far. Secrets are not replaced yet."""
        return self._tape.interactions() if self._tape else ()

    @property
    def unplayed(self) -> tuple[Interaction, ...]:
        """The loaded interactions that no request has asked for."""
        return self._tape.player.unplayed() if self._tape else ()

    @property
    def played(self) -> int:
        """How many requests were answered from the cassette."""
        return self._tape.player.count if self._tape else 0

    @property
    def sent(self) -> int:
        """How many requests were sent to the real server."""
        return self._tape.sent if self._tape else 0

    def __repr__(self) -> str:
        return f"<CassetteInUse {self.path}: {self.played} played, {self.sent} sent>"
