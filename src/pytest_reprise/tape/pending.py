"""A call under way to the real server, in the place that its start gave it."""

from __future__ import annotations

import time

from ..exchange import Failure, Interaction, Outcome, Request, Response


class Take:
    """Filled by the transport while the consumer reads; `started` is the tape's, monotonic."""

    def __init__(self, request: Request, started: float) -> None:
        self.request = request
        self._started = started
        self._at = 0.0
        self._head: Response | None = None
        self._pieces: list[bytes] = []
        self._failure: Failure | None = None

    def answered(self, head: Response) -> None:
        """The server answered; the body is still to come."""
        self._head = head
        self._note_time()

    def received(self, piece: bytes) -> None:
        """A piece of the body came, and was read."""
        self._pieces.append(piece)

    def failed(self, failure: Failure) -> None:
        """The call failed, before the answer or amid its body."""
        self._failure = failure
        self._note_time()

    @property
    def progress(self) -> int:
        """How much has come so far: it grows with all that does."""
        return len(self._pieces) + (self._head is not None) + (self._failure is not None)

    def interaction(self) -> Interaction | None:
        """What there is to keep: of an endless body, what was read of it."""
        outcome = self._outcome()
        return Interaction(self.request, outcome, at=self._at) if outcome else None

    def _note_time(self) -> None:
        self._at = round(time.monotonic() - self._started, 3)

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
