"""The servers of the programs: each path has its own answers."""

from __future__ import annotations

import threading
from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import Literal

from ..raw_server import LONGEST_WAIT, Call, RawServer


@dataclass(frozen=True)
class Turn:
    """The position of an answer among those of requests that are sent at the same time."""

    group: str
    position: int
    count: int


@dataclass(frozen=True)
class Answer:
    """What is sent, byte by byte, and how the connection ends."""

    head: bytes = b""
    pieces: tuple[bytes, ...] = ()
    ending: Literal["close", "reset", "hold"] = "close"
    turn: Turn | None = None


class _Order:
    """Lets answers begin in the order of their turns, each when the one before it was read."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._arrived = 0
        self._done = 0

    def wait(self, turn: Turn) -> None:
        with self._changed:
            self._arrived += 1
            self._changed.notify_all()
            self._changed.wait_for(
                lambda: self._arrived >= turn.count and self._done >= turn.position, LONGEST_WAIT
            )

    def done(self) -> None:
        with self._changed:
            self._done += 1
            self._changed.notify_all()


class ProgramServer(RawServer):
    """Gives the answers of a path one by one, and the last one again and again."""

    def __init__(self, answers: dict[str, list[Answer]]) -> None:
        self._answers = answers
        self._asked: Counter[str] = Counter()
        self._orders: defaultdict[tuple[str, str], _Order] = defaultdict(_Order)
        self.seen: list[str] = []
        """The paths of all requests that arrived."""
        super().__init__()

    def _answer(self, call: Call) -> None:
        name = call.path.removeprefix("/")
        run = call.headers.get("x-run", "")
        with self._lock:
            self.seen.append(call.path)
            number = self._asked[run + name]
            self._asked[run + name] += 1
        answers = self._answers[name]
        answer = answers[min(number, len(answers) - 1)]
        if answer.turn is None:
            _send(call, answer)
            return
        with self._lock:
            order = self._orders[run, answer.turn.group]
        order.wait(answer.turn)
        _send(call, answer)
        call.end()
        call.wait_until_closed()
        order.done()


def _send(call: Call, answer: Answer) -> None:
    shown = () if call.method == "HEAD" else answer.pieces
    call.send(answer.head, *shown)
    if answer.ending == "reset":
        call.reset()
    elif answer.ending == "hold":
        call.wait_until_closed()
