"""A request that was sent to the real server, while its answer arrives."""

from __future__ import annotations

import threading
import time

from ..determinism.streams import running_task
from ..exchange import CANCELLED, Failure, Interaction, Latency, Outcome, Request, Response

_LATER = 0.01
"""Seconds after the headers from which on the end of a body has a time of its own. A body that is
read at once ends within a few milliseconds."""


class PendingInteraction:
    """Collects the outcome of one request while the client reads it.

    `started` is when the recording began, in seconds of `time.monotonic`.
    """

    def __init__(self, request: Request, started: float) -> None:
        self.request = request
        self._started = started
        self._sent_at = time.monotonic() - started
        self._at = 0.0
        self._latency: Latency | None = None
        self._head: Response | None = None
        self._pieces: list[bytes] = []
        self._failure: Failure | None = None
        self._is_complete = False
        self._thread = threading.current_thread()
        self._task = running_task()

    def answered(self, head: Response) -> None:
        """Take status and headers; the body is still to come."""
        self._head = head
        self._note_time()
        self._latency = Latency(self._since_sent())

    def received(self, piece: bytes) -> None:
        """Take a piece of the body that the client has read."""
        self._pieces.append(piece)

    def completed(self) -> None:
        """The client has read the body to its end, or has closed it."""
        self._note_end_of_body()
        self._is_complete = True

    def failed(self, failure: Failure) -> None:
        """Take a failure, before the answer or in the middle of its body."""
        if self._is_complete:  # asyncio cancels an iteration that was left, after the body's close
            return
        self._failure = failure
        if self._head is None:
            self._latency = Latency(self._since_sent())
        self._note_end_of_body()
        self._is_complete = True
        self._note_time()

    @property
    def is_unanswered(self) -> bool:
        """Whether no answer began, and not since the task of the request was cancelled."""
        was_cancelled = self._failure is not None and self._failure.error == CANCELLED
        return self._head is None and not was_cancelled

    @property
    def is_open(self) -> bool:
        """Whether another thread or a task is still making this request.

        A body that the calling thread itself has left unread counts as received so far.
        """
        if self._is_complete:
            return False
        if self._thread is not threading.current_thread():
            return self._thread.is_alive()
        return self._task is not None and not self._task.done()

    @property
    def is_open_in_other_thread(self) -> bool:
        """Whether another thread is still making this request."""
        return self.is_open and self._thread is not threading.current_thread()

    @property
    def progress(self) -> int:
        """A number that grows with everything that arrives."""
        return len(self._pieces) + (self._head is not None) + (self._failure is not None)

    @property
    def span(self) -> tuple[float, float]:
        """When the request was sent and when its response began, in seconds from the start."""
        return self._sent_at, self._at

    def interaction(self) -> Interaction | None:
        """What has arrived so far, or None before the answer. An endless body ends here."""
        outcome = self._outcome()
        return Interaction(self.request, outcome, "", self._at, self._latency) if outcome else None

    def _note_time(self) -> None:
        self._at = round(time.monotonic() - self._started, 3)

    def _since_sent(self) -> float:
        return round(time.monotonic() - self._started - self._sent_at, 3)

    def _note_end_of_body(self) -> None:
        """Note how long the body took. It has ended already if it is only closed now."""
        if self._latency and not self._is_complete:
            headers, body = self._latency.headers, self._since_sent()
            self._latency = Latency(headers, body if body - headers >= _LATER else None)

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
