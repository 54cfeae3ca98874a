"""What does not fit between recordings and a document, and which of both is likely wrong."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, NamedTuple, TypeAlias

from ..messages import counted
from .node import json_path

Kind: TypeAlias = Literal[
    "unknown path",
    "unknown method",
    "undocumented status",
    "undocumented media type",
    "answer",
    "answer header",
    "request body",
    "parameter",
]
Side: TypeAlias = Literal["request", "response"]
Part: TypeAlias = Literal["", "body"]
Verdict: TypeAlias = Literal["specification", "recordings", "varying", "unclear"]


_ONE_RUN = timedelta(days=1)
"""Recordings that are closer are of the same time: a run takes a while."""


class Recording(NamedTuple):
    """Where an interaction was recorded: file to display, number from 1, and when."""

    cassette: str
    number: int
    at: datetime | None


class Place(NamedTuple):
    """What a finding is about: the same for all recordings that disagree in the same way.

    `path` is a JSON path in the body, with `[]` for any item; "" where the whole is meant.
    """

    kind: Kind
    operation: str
    subject: str
    path: str
    expected: str
    at: str
    """The place in the document; "" if it has none."""


class Finding(NamedTuple):
    """One recording that disagrees. `steps` is the exact way to the value in the message.

    `side` is the part of the interaction: `request` or `response`.
    """

    place: Place
    recording: Recording
    seen: str
    steps: tuple[str | int, ...] = ()
    side: Side = "response"
    part: Part = ""
    line: int = 0
    """The line in the cassette, once it is known."""


@dataclass(frozen=True, slots=True)
class Disagreement:
    """All recordings that disagree with a document in the same way."""

    place: Place
    findings: tuple[Finding, ...]
    agreeing: tuple[Recording, ...]
    """Recordings of the same, which fit the document."""

    @property
    def cassettes(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(found.recording.cassette for found in self.findings))

    @property
    def verdict(self) -> Verdict:
        """Which side is likely wrong."""
        return self._judged[0]

    @property
    def reason(self) -> str:
        """Why, in words, with dates."""
        return self._judged[1]

    @property
    def _judged(self) -> tuple[Verdict, str]:
        number = len(self.cassettes)
        newest = _newest(found.recording for found in self.findings)
        if not self.agreeing:
            if number == 1:
                return "unclear", (
                    f"only one cassette{_of(newest)} shows this: record it again. If it stays, the "
                    "specification is wrong"
                )
            return "specification", (
                f"likely the specification: all {number} cassettes with this disagree in the same "
                f"way{f', the newest of {_day(newest)}' if newest else ''}"
            )
        oldest_agreeing = min((r.at for r in self.agreeing if r.at), default=None)
        newest_agreeing = _newest(self.agreeing)
        oldest = min((f.recording.at for f in self.findings if f.recording.at), default=None)
        if _is_before(newest, oldest_agreeing):
            return "recordings", (
                f"likely stale recordings: those until {_day(newest)} disagree, those from "
                f"{_day(oldest_agreeing)} on agree. Record them again"
            )
        if _is_before(newest_agreeing, oldest):
            return "specification", (
                f"likely the specification is behind: recordings from {_day(oldest)} on disagree, "
                f"those until {_day(newest_agreeing)} agree"
            )
        total = len({*self.cassettes, *(recording.cassette for recording in self.agreeing)})
        return "varying", (
            f"answers differ at the same time, in {number} of {counted(total, 'cassette')}. Likely "
            "the specification is too narrow"
        )


@dataclass(frozen=True, slots=True)
class Conformance:
    """How recordings fit a document."""

    name: str
    """The document, as the user named it."""
    disagreements: tuple[Disagreement, ...] = ()
    interactions: int = 0
    cassettes: int = 0
    refused: int = 0
    """Requests to what the document does not have, which the API refused by 404 or 405."""
    failures: int = 0
    """Interactions without an answer."""
    other_hosts: tuple[tuple[str, int], ...] = ()
    """Hosts that are not the API's, with the number of requests to each."""


def _newest(recordings: Iterable[Recording]) -> datetime | None:
    return max((recording.at for recording in recordings if recording.at), default=None)


def _is_before(one: datetime | None, other: datetime | None) -> bool:
    """Whether something was recorded at an earlier time, and not in the same run."""
    return bool(one and other and other - one >= _ONE_RUN)


def _of(at: datetime | None) -> str:
    return f", of {_day(at)}," if at else ""


def _day(at: datetime | None) -> str:
    return f"{at:%Y-%m-%d}" if at else "an unknown day"


def general(steps: tuple[str | int, ...]) -> str:
    """Return the JSON path with `[]` for each position."""
    return json_path(tuple("[]" if isinstance(step, int) else step for step in steps))
