"""What one tape sends to the real server, and what of it may be written."""

from __future__ import annotations

import threading
from functools import cached_property

from ..cassette.model import CassetteUse
from ..determinism.base_url import HIDDEN_BASE_URL, BaseUrlMapping
from ..errors import RecordingRefused
from ..exchange import Interaction, Request
from ..scrub.earlier_recording import EarlierRecording
from . import late
from .modes import RecordMode
from .overrides import Overrides
from .pending import PendingInteraction
from .run import Run
from .sources import Sources

_WAIT = 0.01
"""Seconds."""
_WAITS = 50


class Recording:
    """The requests that a tape sent, and their answers.

    `sources` has the old recording; `started` is when the tape began, in seconds of
    `time.monotonic`.
    """

    def __init__(
        self, run: Run, overrides: Overrides, mode: RecordMode, sources: Sources, started: float
    ) -> None:
        self.pending: list[PendingInteraction] = []
        """All requests that were sent, in the order in which they started."""
        self._run = run
        self._overrides = overrides
        self._mode = mode
        self._sources = sources
        self._learned: dict[PendingInteraction, int] = {}
        """The progress of each interaction when its secrets were learned."""
        self._predecessor_of: dict[PendingInteraction, Interaction | None] = {}
        self._learning = threading.Lock()
        self._sent_below = ""
        """The base URL of the requests."""
        self._started = started

    def begin(self, request: Request) -> PendingInteraction:
        """Add a request that is about to be sent. Raises RecordingRefused."""
        __tracebackhide__ = True
        self._run.permit(request)
        self._sent_below = self._sent_below or self._run.bases.base_url_to_record(request)
        pending = PendingInteraction(request, self._started)
        self.pending.append(pending)
        return pending

    def unanswered(self, request: Request) -> PendingInteraction:
        """Return the first pending interaction of this method and URL without an answer, or a new
        one."""
        with self._learning:
            same = (request.method, request.url)
            for pending in self.pending:
                sent = (pending.request.method, pending.request.url)
                if sent == same and not pending.interaction():
                    return pending
            self.pending.append(PendingInteraction(request, self._started))
            return self.pending[-1]

    def not_recordable(self, owner: str, use: CassetteUse) -> RecordingRefused | None:
        """Return the error for requests that have ended without an outcome to write."""
        lost = [p for p in self.pending if not p.is_open and p.interaction() is None]
        if not (lost and self._mode.writes):
            return None
        return late.without_outcome(self._shown(lost), owner, use)

    def still_open(self, owner: str, use: CassetteUse) -> RecordingRefused | None:
        """Return the error for requests that other threads or tasks are still making after a short
        wait. They are not written."""
        self._wait_for_threads()
        still_open = [pending for pending in self.pending if pending.is_open]
        return late.still_open(self._shown(still_open), owner, use) if still_open else None

    def _wait_for_threads(self) -> None:
        """Wait until other threads have read their answers, for half a second at most.

        An event loop of this thread does not run meanwhile, so waiting for its tasks is no use.
        """
        never = threading.Event()  # time.sleep may be replaced
        for _ in range(_WAITS):
            if not any(pending.is_open_in_other_thread for pending in self.pending):
                return
            never.wait(_WAIT)

    def _shown(self, pending: list[PendingInteraction]) -> list[Request]:
        return [self._run.get_scrubber().scrub_request(p.request) for p in pending]

    def interactions(self) -> tuple[Interaction, ...]:
        """What was recorded so far. Secrets are not replaced yet."""
        return tuple(i for pending in self.pending if (i := pending.interaction()))

    def kept(self) -> tuple[Interaction, ...]:
        """What was recorded so far, after the suite's filters and below the base URL to write.
        Secrets are not replaced yet."""
        with self._learning:
            return tuple(i for pending in list(self.pending) if (i := self._to_keep(pending)))

    @property
    def unanswered_count(self) -> int:
        """How many requests have no answer. One that its task cancelled does not count."""
        return sum(pending.is_unanswered for pending in self.pending)

    def learn(self) -> None:
        """Learn the secrets in what was recorded so far, before something of it is shown.

        This takes a lock of its own and not the tape's: a logging handler calls it while it holds
        its lock, and the thread that holds the tape's lock may be waiting to log.
        """
        with self._learning:
            for pending in list(self.pending):
                if self._learned.get(pending) != pending.progress:
                    self._learned[pending] = pending.progress
                    if found := self._to_keep(pending):
                        predecessor = self._predecessor(pending, found)
                        self._run.get_scrubber().learn(found, predecessor)

    def _predecessor(self, pending: PendingInteraction, found: Interaction) -> Interaction | None:
        """The interaction of the old recording that this one replaces."""
        if pending not in self._predecessor_of:
            self._predecessor_of[pending] = self._predecessors.take(found)
        return self._predecessor_of[pending]

    @cached_property
    def _predecessors(self) -> EarlierRecording:
        scrubber, mode, old = self._run.get_scrubber(), self._mode, self._sources
        scrubber.reserve_placeholders(old.cassette.interactions if old.cassette else ())
        all_stay = mode.keeps_unplayed and mode.replays
        return scrubber.earlier_recording(
            () if all_stay else old.own, keeps_unpaired=mode.keeps_unplayed
        )

    @property
    def base_url(self) -> str:
        """The base URL to write. A cassette keeps that of its first recording, so that recording
        again from another address changes nothing else."""
        old = self._sources.header
        named = HIDDEN_BASE_URL if self._run.bases.hides and self._sent_below else self._sent_below
        return (old and old.base_url) or named

    def _to_keep(self, pending: PendingInteraction) -> Interaction | None:
        """The interaction after the suite's filters, with URLs below the base URL to write."""
        found, base_url = pending.interaction(), self.base_url
        if found and (keep := self._overrides.filter_interaction):
            found = keep(found)
        if found and self._sent_below and base_url != self._sent_below:
            return BaseUrlMapping(base_url, self._sent_below).interaction_to_recorded(found)
        return found

    def scrubbed(self) -> tuple[Interaction, ...]:
        """What was recorded, with placeholders for secrets. Raises Unscrubbed."""
        with self._learning:
            ended = (p for p in self.pending if not p.is_open)
            found = [(p, i) for p in ended if (i := self._to_keep(p))]
            old = [self._predecessor(pending, interaction) for pending, interaction in found]
        return self._run.get_scrubber().scrub([i for _, i in found], old)

    def periods(self) -> list[int]:
        """A number for each recorded interaction, equal for those that were in flight at the same
        time."""
        from ..drift.alignment import busy_periods

        with self._learning:
            return busy_periods([p.span for p in self.pending if self._to_keep(p)])
