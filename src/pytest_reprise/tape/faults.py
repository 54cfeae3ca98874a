"""Faults on demand: a recorded answer is replaced by a time-out, a status or a broken body.

The recorded answer stays for the next request that it matches. So a retry gets it, and a test needs
no other recording than without its faults.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import TypeAlias

from ..errors import ConfigurationError, RecordingRefused
from ..exchange import Failure, Outcome, Request, Response
from ..messages import did_you_mean
from .call_pattern import CallPattern
from .player import Played

FaultKind: TypeAlias = type[BaseException] | int | str
"""An error of httpx, such as `httpx.ReadTimeout`; a status; or one of NAMED."""
_Change: TypeAlias = Callable[[Response], Outcome]
"""Returns what a test gets instead of a recorded response."""


def _truncated(response: Response) -> Outcome:
    body = response.body[: len(response.body) // 2]
    sizes = f"received {len(body)} bytes, expected {len(response.body)}"
    message = f"peer closed connection without sending complete message body ({sizes})"
    return response._replace(
        body=body, chunks=(), broken_by=Failure("RemoteProtocolError", message)
    )


def _corrupt(response: Response) -> Outcome:
    """Put two bytes into the middle that are valid in no text, JSON and compressed body."""
    body, middle = response.body, len(response.body) // 2
    return response._replace(body=body[:middle] + b"\xff\x00" + body[middle + 2 :], chunks=())


NAMED: dict[str, Failure | _Change] = {
    "timeout": Failure("ReadTimeout", "The read operation timed out"),
    "refused": Failure("ConnectError", "[Errno 111] Connection refused"),
    "reset": Failure("ReadError", "[Errno 104] Connection reset by peer"),
    "disconnected": Failure("RemoteProtocolError", "Server disconnected without a response."),
    "truncated": _truncated,
    "corrupt": _corrupt,
}
"""The faults that have a name. The functions change a recorded response."""


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault for the `nth` call of a method and path, from 1. Both may hold the wildcard `*`.

    `kinds` are for this call and the next ones. `retry_after` is a header of statuses, in seconds.
    """

    call: str
    kinds: tuple[FaultKind, ...]
    nth: int = 1
    retry_after: float | None = None

    def __post_init__(self) -> None:
        if CallPattern.parse(self.call) is None:
            raise ConfigurationError(
                f"fault: {self.call!r} must be a method and a path, such as 'GET /orders/*'"
            )
        if not self.kinds:
            raise ConfigurationError(f"fault for {self.call!r}: say what goes wrong: {_CHOICES}")
        if self.nth < 1:
            raise ConfigurationError(f"fault for {self.call!r}: nth counts from 1")
        for kind in self.kinds:
            _check(kind)

    def matches(self, request: Request) -> bool:
        """Whether a request is one of the calls that count."""
        pattern = CallPattern.parse(self.call)
        return pattern is not None and pattern.matches(request)

    def kind_of_call(self, number: int) -> FaultKind | None:
        """Return what happens to the call of this number, from 1; None for a normal answer."""
        position = number - self.nth
        return self.kinds[position] if 0 <= position < len(self.kinds) else None

    def outcome(self, kind: FaultKind, recorded: Outcome | None) -> Outcome:
        """Return the fault.

        Raises RecordingRefused if it changes a recorded response, and there is none.
        """
        if isinstance(kind, int):
            return self._status(kind)
        if isinstance(kind, type):
            return Failure(_error_name(kind), f"fault: {kind.__name__}")
        made = NAMED[kind]
        if isinstance(made, Failure):
            return made
        if not isinstance(recorded, Response):
            raise RecordingRefused(
                f"The fault {kind!r} for {self.call!r} changes a recorded answer, and there is "
                "none. Record the test without this fault first."
            )
        return made(recorded)

    def _status(self, status: int) -> Response:
        headers = [("Content-Length", "0")]
        if self.retry_after is not None:
            headers.append(("Retry-After", f"{self.retry_after:g}"))
        return Response(status, HTTPStatus(status).phrase, tuple(headers))


def _error_name(kind: type[BaseException]) -> str:
    """Return the name of an error class as a cassette has it: those of httpx without a module."""
    is_httpx = kind.__module__.partition(".")[0] in ("httpx", "httpx2")
    return kind.__name__ if is_httpx else f"{kind.__module__}.{kind.__name__}"


_CHOICES = f"an error class of httpx, a status, or one of {', '.join(NAMED)}"


def _check(kind: FaultKind) -> None:
    if isinstance(kind, str) and kind not in NAMED:
        hint = did_you_mean(kind, NAMED)
        raise ConfigurationError(f"invalid fault {kind!r}: choose {_CHOICES}{hint}")
    if isinstance(kind, int) and kind not in HTTPStatus.__members__.values():
        raise ConfigurationError(f"invalid fault {kind}: it is not the status of an HTTP response")


class Faults:
    """The faults of one test, and how many calls each has seen."""

    def __init__(self) -> None:
        self._calls: dict[Fault, int] = {}

    def add(self, fault: Fault) -> None:
        """Add a fault. It counts the calls that are made from now on."""
        self._calls[fault] = 0

    def replacement(self, request: Request, played: Played | None) -> Outcome | None:
        """Count a request, and return what replaces its answer, or None.

        `played` is the recorded outcome, if there is one. Raises RecordingRefused.
        """
        due = None
        for fault in self._calls:
            if fault.matches(request):
                self._calls[fault] += 1
                kind = fault.kind_of_call(self._calls[fault])
                due = due or (None if kind is None else (fault, kind))
        return due[0].outcome(due[1], played.outcome if played else None) if due else None

    def unused(self) -> str:
        """Return a line for each fault that not all of its calls reached, joined; or ""."""
        lines = []
        for fault, made in self._calls.items():
            wanted = fault.nth + len(fault.kinds) - 1
            if made < wanted:
                calls = "1 call" if made == 1 else f"{made} calls"
                lines.append(
                    f"The fault for {fault.call!r} was not used: it is for call {wanted}, and the "
                    f"test made {calls} that match."
                )
        return "\n".join(lines)
