"""One use of one cassette by one running scope: it plays, records, and knows what was missed."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal, NamedTuple, TypeAlias

from . import miss
from .cassette import Cassette, Header, Label
from .drift import Change, compare
from .errors import CallsNotMade, RepriseError, RequestNotRecorded
from .exchange import CANCELLED, Failure, Interaction, Outcome, Request, Response
from .index import Index
from .modes import Rule
from .scrub.scrubber import Scrubber
from .shelf import Shelf


class Take:
    """A call under way to the real server, in the place that its start gave it."""

    def __init__(self, request: Request) -> None:
        self.request = request
        self._head: Response | None = None
        self._pieces: list[bytes] = []
        self._failure: Failure | None = None

    def answered(self, head: Response) -> None:
        """The server answered; the body is still to come."""
        self._head = head

    def received(self, piece: bytes) -> None:
        """A piece of the body came, and was read."""
        self._pieces.append(piece)

    def failed(self, failure: Failure) -> None:
        """The call failed, before the answer or amid its body."""
        self._failure = failure

    def interaction(self) -> Interaction | None:
        """What there is to keep: of an endless body, what was read of it."""
        outcome = self._outcome()
        return Interaction(self.request, outcome) if outcome else None

    def _outcome(self) -> Outcome | None:
        if self._head is None:
            return self._failure
        head, pieces = self._head, self._pieces
        chunks = tuple(map(len, pieces)) if len(pieces) > 1 else ()
        return Response(
            head.status,
            head.reason,
            head.headers,
            b"".join(pieces),
            head.http_version,
            chunks,
            self._failure,
        )


Action: TypeAlias = Literal["replayed", "written", "unchanged", "kept", "untouched"]


class Closing(NamedTuple):
    """What became of a tape. `action` says it of its cassette: `replayed` from, `written`,
    `unchanged` (recorded again, says the same), `kept` (its test failed) or `untouched`."""

    scope: str
    path: Path
    action: Action
    played: int
    sent: int
    unplayed: tuple[Interaction, ...] = ()
    changes: tuple[Change, ...] = ()


@dataclass(frozen=True, slots=True)
class Run:
    """What the tapes of one run share."""

    shelf: Shelf
    scrubber: Scrubber
    recorded_with: str
    """Packages and versions, for the header of what is recorded."""
    permit: Callable[[Request], None]
    """Called before a request goes to the real server; raises RecordingRefused."""


class Tape:
    """Safe to use from several threads and tasks."""

    def __init__(self, label: Label, rule: Rule, run: Run) -> None:
        self.label = label
        self.missed: list[RepriseError] = []
        self._rule = rule
        self._run = run
        self._lock = threading.Lock()
        self._cassette: Cassette | None = None
        self._own: tuple[Interaction, ...] = ()
        self._index: Index | None = None
        self._takes: list[Take] = []
        self._played = 0

    @property
    def has_sent(self) -> bool:
        return bool(self._takes)

    def start(self, request: Request) -> Outcome | Take:
        """The recorded outcome of a request, or a take to fill while it is sent.

        Raises RequestNotRecorded or RecordingRefused; either stays in `missed`, whatever the code
        under test makes of the error. Raises CassetteError for a broken cassette.
        """
        with self._lock:
            index = self._opened()
            interaction = index.take(request) if self._rule.replays else None
            if interaction:
                self._played += 1
                return interaction.outcome
            try:
                return self._take(request, index)
            except RepriseError as error:
                self.missed.append(error)
                raise

    def _take(self, request: Request, index: Index) -> Take:
        if not self._rule.may_send(self._cassette is not None):
            raise self._miss(request, index)
        self._run.permit(request)
        take = Take(request)
        self._takes.append(take)
        return take

    def _miss(self, request: Request, index: Index) -> RequestNotRecorded:
        recorded = self._cassette.interactions if self._cassette else None
        played_out = index.is_played_out(request)
        return miss.not_recorded(request, recorded, played_out, self.label, self._run.scrubber)

    def _opened(self) -> Index:
        if self._index is None:
            self._cassette = self._run.shelf.before(self.label.path)
            cassette = self._cassette or Cassette(header=None)
            self._own = cassette.owned_by(self.label.scope)
            interactions = self._own + cassette.owned_by_others(self.label.scope)
            is_legacy = self._cassette is not None and self._cassette.is_legacy
            self._index = Index(interactions, self._run.scrubber.vault, is_legacy)
        return self._index

    def close(self, keep: bool) -> Closing:
        """End the use: write what was recorded, unless `keep` says to leave the cassette alone.

        Raises CassetteError for a broken cassette, and OSError where it cannot be written.
        """
        with self._lock:
            if self._index is None and not self.label.path.exists():
                return self._closing("untouched")
            index = self._opened()
            empties = not (self._rule.keeps or self._rule.replays) and self._own
            if self._takes or empties:
                return self._close_recording(index, keep or not self._rule.writes)
            return self._closing("replayed" if self._played else "untouched")

    def not_made(self) -> CallsNotMade | None:
        """The error for recorded calls that the scope owes and has not made, if there are any."""
        with self._lock:
            if not self._rule.owes or self._takes or not self._is_ours():
                return None
            unplayed = self._unplayed()
            return miss.not_made(unplayed, self.label) if unplayed else None

    def _is_ours(self) -> bool:
        if self._index is None and not self.label.path.exists():
            return False
        self._opened()
        return self._cassette is not None and not self._cassette.is_legacy

    def _unplayed(self) -> tuple[Interaction, ...]:
        """Own calls that were not made; one that was given up need not even start."""
        unplayed = self._opened().unplayed(among_first=len(self._own))
        return tuple(i for i in unplayed if not _was_given_up(i))

    def _close_recording(self, index: Index, keep: bool) -> Closing:
        if keep:
            return self._closing("kept")
        found = [i for take in self._takes if (i := take.interaction())]
        recorded = self._run.scrubber.scrub(found)
        interactions = self._still_recorded(index, recorded) + recorded
        header = Header(_now(), self._run.recorded_with, self.label.scope)
        if not self._run.shelf.write(self.label.path, header, interactions):
            return self._closing("unchanged")
        changes = compare(self._own, interactions) if self._rule.reports else []
        return self._closing("written", tuple(changes))

    def _still_recorded(
        self, index: Index, recorded: tuple[Interaction, ...]
    ) -> tuple[Interaction, ...]:
        """What stays of the earlier recording: all, or what was not recorded again."""
        if not self._rule.keeps:
            return ()
        if self._rule.replays:
            return self._own
        for interaction in recorded:
            index.take(interaction.request)
        return index.unplayed(among_first=len(self._own))

    def _closing(self, action: Action, changes: tuple[Change, ...] = ()) -> Closing:
        unplayed = self._unplayed() if self._index and self._rule.replays else ()
        sent = len(self._takes)
        return Closing(
            self.label.scope, self.label.path, action, self._played, sent, unplayed, changes
        )


def _was_given_up(interaction: Interaction) -> bool:
    return isinstance(interaction.outcome, Failure) and interaction.outcome.error == CANCELLED


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
