"""An interaction as a page shows it: plain values for the templates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Literal, TypeAlias
from urllib.parse import urlsplit

from ..cassette.model import Cassette
from ..exchange import Failure, Headers, Interaction, Latency
from ..report.as_code import as_curl, as_httpx
from .bodies import Body, shown

_LONGEST_IN_CODE = 8_000
"""Bytes of a body that are written into a command."""
State: TypeAlias = Literal["", "played", "live", "unplayed"]


@dataclass(slots=True)
class Space:
    """How many characters of bodies a page may still have: it has to stay small enough to open."""

    left: int

    def body(self, body: bytes, headers: Headers) -> Body:
        """Return a body as it is shown, shortened when little space is left."""
        found = shown(body, headers, max(min(20_000, self.left), 200))
        self.left -= len(found.text) + len(found.raw) + len(found.image) + len(found.dump)
        return found


@dataclass(frozen=True, slots=True)
class MessageView:
    """A request or a response. `start` is its first line."""

    start: str
    headers: Headers
    body: Body


@dataclass(frozen=True, slots=True)
class InteractionView:
    """One interaction; times are in seconds, sizes in bytes."""

    anchor: str
    method: str
    url: str
    path: str
    """Path and query, for a line."""
    status: str
    """The status, or the name of the failure."""
    outcome: str
    """The class of the status: ok, redirect, error or failure."""
    request: MessageView
    response: MessageView | None
    failure: str
    at: float
    latency: Latency | None
    size: int
    curl: str
    httpx: str
    state: State = ""
    offset: float = 0.0
    """The begin of its bar in the waterfall, in percent of the width."""
    width: float = 0.0


def latency_of(interaction: Interaction) -> float | None:
    """Return how long the answer took, in seconds; None if the cassette does not say."""
    return interaction.latency.total if interaction.latency else None


def status_of(interaction: Interaction) -> tuple[str, str]:
    """Return the status or the failure, and its class: ok, redirect, error or failure."""
    outcome = interaction.outcome
    if isinstance(outcome, Failure):
        return outcome.error, "failure"
    kind = "error" if outcome.status >= 400 else "redirect" if outcome.status >= 300 else "ok"
    return str(outcome.status), kind


def size_of(interaction: Interaction) -> int:
    """Return the size of the response's body in bytes."""
    outcome = interaction.outcome
    return 0 if isinstance(outcome, Failure) else len(outcome.body)


def view(interaction: Interaction, anchor: str, space: Space, state: State = "") -> InteractionView:
    """Return an interaction as a page shows it."""
    request, outcome = interaction.request, interaction.outcome
    parts = urlsplit(request.url)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    status, kind = status_of(interaction)
    response, failure = None, ""
    if isinstance(outcome, Failure):
        failure = f"{outcome.error}: {outcome.message}"
    else:
        start = f"{outcome.http_version} {outcome.status} {outcome.reason}".rstrip()
        response = MessageView(start, outcome.headers, space.body(outcome.body, outcome.headers))
        if outcome.broken_by:
            failure = f"{outcome.broken_by.error}: {outcome.broken_by.message}"
    return InteractionView(
        anchor,
        request.method,
        request.url,
        path,
        status,
        kind,
        MessageView(
            f"{request.method} {path}", request.headers, space.body(request.body, request.headers)
        ),
        response,
        failure,
        interaction.at,
        interaction.latency,
        size_of(interaction),
        as_curl(request, _LONGEST_IN_CODE),
        as_httpx(request, _LONGEST_IN_CODE),
        state,
    )


@dataclass(slots=True)
class ScopeView:
    """A test or fixture with its interactions, or a cassette."""

    anchor: str
    name: str
    kind: str = "test"
    cassette: str = ""
    result: str = ""
    note: str = ""
    """What became of its recording, or what is wrong with the cassette."""
    text: str = ""
    """Why the test failed."""
    recorded_at: str = ""
    recorded_seconds: float = 0.0
    seconds: float | None = None
    """How long the test took in this run."""
    interactions: list[InteractionView] = field(default_factory=list)
    missed: int = 0


def recorded_seconds(interactions: Sequence[Interaction]) -> float:
    """Return how long a recording took, in seconds: until the end of its last answer."""
    return max(map(_end, interactions), default=0.0)


def _end(interaction: Interaction) -> float:
    latency = interaction.latency
    return interaction.at + (latency.total - latency.headers if latency else 0.0)


def place_bars(views: Sequence[InteractionView], total: float) -> list[InteractionView]:
    """Return the views with their places in a waterfall of `total` seconds.

    Where the latency is not known, the bar is a mark at the time of the answer.
    """
    whole = total or 1.0
    placed = []
    for one in views:
        latency = one.latency or Latency(0.0)
        begin = max(one.at - latency.headers, 0.0)
        width = 100 * latency.total / whole
        offset = min(100 * begin / whole, 99.0)
        placed.append(replace(one, offset=round(offset, 2), width=round(max(width, 1.0), 2)))
    return placed


def date_text(cassette: Cassette) -> str:
    """Return when a cassette was recorded, to the second, or ""."""
    header = cassette.header
    return header.recorded_at.isoformat(" ", "seconds") if header else ""
