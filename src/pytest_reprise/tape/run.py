"""What the tapes of one run share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING

from ..cassette.model import Cassette
from ..determinism.base_url import BaseUrls
from ..exchange import Request
from .store import Shelf

if TYPE_CHECKING:
    from ..scrub.scrubber import Scrubber


class Run:
    """`recorded_with` names packages and versions, for the header of what is recorded; `permit` is
    called before a request goes to the real server, and raises RecordingRefused."""

    def __init__(
        self,
        shelf: Shelf,
        make_scrubber: Callable[[], Scrubber],
        bases: BaseUrls,
        recorded_with: str,
        permit: Callable[[Request], None],
    ) -> None:
        self.shelf = shelf
        self.bases = bases
        self.recorded_with = recorded_with
        self.permit = permit
        self._make_scrubber = make_scrubber

    @cached_property
    def scrubber(self) -> Scrubber:
        """Made when something is recorded, or a request is not sent as it was recorded: a replay
        that needs none is spared 30 ms."""
        return self._make_scrubber()

    @property
    def secrets(self) -> int:
        """How many secrets were met."""
        return self.scrubber.vault.placeholder_count if "scrubber" in vars(self) else 0

    def scrub_late(self) -> None:
        """What was learned late goes from what the run wrote before. Raises Unscrubbed, OSError."""
        if self.shelf.has_written:
            self.shelf.mend(self.scrubber.vault.known_count, self._scrubbed)

    def _scrubbed(self, cassette: Cassette) -> Cassette:
        header = cassette.header
        if header and header.values:
            header = replace(header, values=self.scrubber.scrub_values(header.values))
        return Cassette(self.scrubber.scrub_again(cassette.interactions), header)
