"""What all tapes of one test run share."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from ..cassette.model import Cassette, CassetteUse, Header
from ..determinism.base_url import BaseUrls
from ..exchange import Interaction, Request
from .closing import Committed, DropWith, ToRefresh
from .store import CassetteStore

if TYPE_CHECKING:
    from ..scrub.scrubber import Scrubber
    from .live_fixtures import LiveFixtures


class Run:
    """The cassettes, the scrubber and the base URLs of a run.

    `recorded_with` names packages and versions for the header of new cassettes. `permit` is called
    before a request goes to the real server, and raises RecordingRefused. `unused_cassettes` finds
    cassettes that no scope uses; one of them may hold the recording of a renamed test.
    `permit_value` is called before a value is recorded, and raises RecordingRefused.
    """

    def __init__(
        self,
        store: CassetteStore,
        make_scrubber: Callable[[], Scrubber],
        bases: BaseUrls,
        recorded_with: str,
        permit: Callable[[Request], None],
        unused_cassettes: Callable[[CassetteUse], Iterable[Path]] = lambda _: (),
        permit_value: Callable[[], None] = lambda: None,
    ) -> None:
        self.store = store
        self.bases = bases
        self.recorded_with = recorded_with
        self.unused_cassettes = unused_cassettes
        self.permit_value = permit_value
        self._permit = permit
        self.has_sent = False
        """Whether any request was sent to the real server."""
        self.live: LiveFixtures | None = None
        """The recorded fixtures that run live; None where there are none."""
        self.late: list[str] = []
        """Requests that were refused because their scope had ended, without secrets."""
        self._make_scrubber = make_scrubber
        self._scrubber: Scrubber | None = None

    def permit(self, request: Request) -> None:
        """Note that a request is about to be sent. Raises RecordingRefused."""
        __tracebackhide__ = True
        self._permit(request)
        self.has_sent = True

    def get_scrubber(self) -> Scrubber:
        """Return the scrubber of the run.

        It is made at the first call: when something is recorded, or a request differs from its
        recording. A replay that does not need it saves 30 ms.
        """
        if self._scrubber is None:
            self._scrubber = self._make_scrubber()
        return self._scrubber

    def live_fixtures(self) -> LiveFixtures:
        """Return the recorded fixtures that run live."""
        if self.live is None:
            from .live_fixtures import LiveFixtures

            self.live = LiveFixtures(self)
        return self.live

    def write(
        self,
        path: Path,
        header: Header,
        interactions: tuple[Interaction, ...],
        even_if_equal: bool = False,
    ) -> bool:
        """Write what a scope recorded, as `CassetteStore.write` does."""
        known = self.get_scrubber().vault.known_count
        return self.store.write(path, header, interactions, even_if_equal, known)

    @property
    def secret_count(self) -> int:
        """How many secrets were replaced by placeholders."""
        return self._scrubber.vault.placeholder_count if self._scrubber else 0

    @property
    def unexamined(self) -> list[str]:
        """A line for each body that was not searched for secrets."""
        return [*self._scrubber.unexamined] if self._scrubber else []

    def commit(
        self,
        to_refresh: ToRefresh | None = None,
        drop_with: DropWith = lambda _: None,
        prove: Callable[[Collection[Path]], None] = lambda _: None,
    ) -> Committed:
        """Let what was recorded become visible, without secrets that were learned late; for the
        arguments see `CassetteStore.commit`."""
        if not self.store.has_written:
            return Committed({}, [], {}, [])
        known = self.get_scrubber().vault.known_count
        return self.store.commit(known, self._scrubbed, to_refresh, drop_with, prove)

    def _scrubbed(self, cassette: Cassette) -> Cassette:
        scrubber, header = self.get_scrubber(), cassette.header
        if header and header.values:
            header = header._replace(values=scrubber.scrub_values(header.values))
        return Cassette(scrubber.scrub_again(cassette.interactions), header)
