"""What one tape sends to the real server, and what of it may be written."""

from __future__ import annotations

import threading
from functools import cached_property

from ..cassette.model import Cassette
from ..determinism.base_url import HIDDEN_BASE_URL, BaseUrlMapping
from ..drift.changes import with_kept_times
from ..exchange import Interaction, Request
from ..scrub.earlier_recording import EarlierRecording
from .modes import Rule
from .overrides import Dialect
from .pending import Take
from .run import Run


class Recording:
    """The takes of a tape. `cassette` is what the disk held, `own` what its scope has of it;
    `started` is when the scope began, monotonic."""

    def __init__(
        self,
        run: Run,
        dialect: Dialect,
        rule: Rule,
        cassette: Cassette | None,
        own: tuple[Interaction, ...],
        started: float,
    ) -> None:
        self.takes: list[Take] = []
        self._run = run
        self._dialect = dialect
        self._rule = rule
        self._cassette = cassette
        self._own = own
        self._learned: dict[Take, int] = {}
        """How far each take had come when it was learned from."""
        self._partner_of: dict[Take, Interaction | None] = {}
        self._learning = threading.Lock()
        self._sent_below = ""
        self._started = started

    def begin(self, request: Request) -> Take:
        """A take for a request that is about to be sent. Raises RecordingRefused."""
        __tracebackhide__ = True
        self._run.permit(request)
        self._sent_below = self._sent_below or self._run.bases.base_url_to_record(request)
        take = Take(request, self._started)
        self.takes.append(take)
        return take

    def unanswered(self, request: Request) -> Take:
        """The take of a call that has no answer yet, or a new one for a call that was made already,
        as where a client followed a redirect."""
        with self._learning:
            same = (request.method, request.url)
            for take in self.takes:
                if (take.request.method, take.request.url) == same and not take.interaction():
                    return take
            self.takes.append(Take(request, self._started))
            return self.takes[-1]

    def interactions(self) -> tuple[Interaction, ...]:
        """What was recorded so far, as it is."""
        return tuple(i for take in self.takes if (i := take.interaction()))

    def learn(self) -> None:
        """Learn what is secret in what was recorded so far, before something is shown of it.

        With a lock of its own: whoever logs holds one that a call under way may wait for.
        """
        with self._learning:
            for take in list(self.takes):
                if self._learned.get(take) != take.progress:
                    self._learned[take] = take.progress
                    if found := self._as_recorded(take):
                        self._run.scrubber.learn(found, self._partner(take, found))

    def _partner(self, take: Take, found: Interaction) -> Interaction | None:
        """The earlier call whose place this one takes in the cassette."""
        if take not in self._partner_of:
            self._partner_of[take] = self._partners.take(found)
        return self._partner_of[take]

    @cached_property
    def _partners(self) -> EarlierRecording:
        scrubber, rule = self._run.scrubber, self._rule
        scrubber.reserve_placeholders(self._cassette.interactions if self._cassette else ())
        all_stay = rule.keeps and rule.replays
        return scrubber.earlier_recording(() if all_stay else self._own, keeps_unpaired=rule.keeps)

    @property
    def base_url(self) -> str:
        """A cassette keeps the base URL of its first recording: recorded again from elsewhere, only
        what changed differs."""
        old = self._cassette.header if self._cassette else None
        named = HIDDEN_BASE_URL if self._run.bases.hides and self._sent_below else self._sent_below
        return (old and old.base_url) or named

    def _as_recorded(self, take: Take) -> Interaction | None:
        """What there is to keep of a call, as if it had been made below the base URL."""
        found, base_url = take.interaction(), self.base_url
        if found and (keep := self._dialect.filter_interaction):
            found = keep(found)
        if found and self._sent_below and base_url != self._sent_below:
            return BaseUrlMapping(base_url, self._sent_below).interaction_to_recorded(found)
        return found

    def scrubbed(self) -> tuple[Interaction, ...]:
        """What was recorded, scrubbed."""
        with self._learning:
            found = [(take, i) for take in self.takes if (i := self._as_recorded(take))]
            old = [self._partner(take, interaction) for take, interaction in found]
        return with_kept_times(self._own, self._run.scrubber.scrub([i for _, i in found], old))
