"""The base URL of a recording and that of a replay, and the way from one to the other."""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from urllib.parse import quote, urlsplit

from ..exchange import Headers, Interaction, Outcome, Request, map_outcome, map_request

HIDDEN_BASE_URL = "https://api.invalid"
"""The base URL of cassettes that shall not tell it (RFC 2606 keeps the name from being real)."""


def origin(url: str) -> str:
    """Scheme, host and port: `https://staging.example.com:8443`."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}".lower()


def is_below(url: str, base: str) -> bool:
    """Whether the URL lies at or below the base URL."""
    return _pattern(base.rstrip("/")).match(url) is not None


@dataclass(frozen=True, slots=True)
class BaseUrlMapping:
    """From the base URL `recorded` to the `current` one, neither with a slash at its end."""

    recorded: str
    current: str

    def to_recorded(self, request: Request) -> Request:
        """The request as it would have been made at recording."""
        moved = map_request(request, lambda text: _move(text, self.current, self.recorded))
        moved = replace(moved, headers=self._with_recorded_host(moved.headers))
        if not is_below(request.url, self.current):
            return moved
        # A link from an answer may hold the recorded base path already.
        path = urlsplit(self.recorded).path
        rest = request.url[len(self.current) :]
        if path and not self.current.endswith(path) and _pattern(path).match(rest):
            return Request(moved.method, origin(self.recorded) + rest, moved.headers, moved.body)
        return moved

    def _with_recorded_host(self, headers: Headers) -> Headers:
        host = urlsplit(self.current).netloc
        return tuple(
            (n, urlsplit(self.recorded).netloc if n.lower() == "host" and v == host else v)
            for n, v in headers
        )

    def interaction_to_recorded(self, interaction: Interaction) -> Interaction:
        """What was recorded, as if it had been recorded under the recorded base URL."""
        return replace(
            interaction,
            request=self.to_recorded(interaction.request),
            outcome=_move_outcome(interaction.outcome, self.current, self.recorded),
        )

    def to_current(self, outcome: Outcome) -> Outcome:
        """The outcome with its links on the current base URL."""
        return _move_outcome(outcome, self.recorded, self.current)


class BaseUrls:
    """What one run knows of base URLs. `configured` gives the one that the suite says, if it does.

    Safe to use from several threads: what it learns first, holds.
    """

    def __init__(self, configured: Callable[[], str | None], hides: bool) -> None:
        self.hides = hides
        self._configured = configured
        self._first_origin: str | None = None
        self._in_use: BaseUrlMapping | None = None

    @property
    def in_use(self) -> BaseUrlMapping | None:
        """The mapping by which a recorded interaction was found last, or None."""
        return self._in_use

    def use(self, mapping: BaseUrlMapping) -> None:
        """Note that a recorded interaction was found by this mapping."""
        self._in_use = mapping

    def base_url_to_record(self, request: Request) -> str:
        """The base URL to record: what the suite says, else where the run went first."""
        if self._first_origin is None:
            self._first_origin = origin(request.url)
        return self._said() or self._first_origin

    def _said(self) -> str:
        """What the suite says, without user and password: clients send them in a header."""
        said = (self._configured() or "").rstrip("/")
        user, at, _ = urlsplit(said).netloc.rpartition("@")
        return said.replace(user + at, "", 1) if at else said

    def candidates(
        self, request: Request, recorded: str, known: Callable[[], Container[str]]
    ) -> Iterator[BaseUrlMapping | None]:
        """How the request may have been made at recording, the likeliest first; None is: as it is.

        `recorded` is the base URL of the cassette, `known` gives the origins of its calls. One
        origin a run that the cassette does not know may stand in for the recorded one.
        """
        if recorded and self.in_use and is_below(request.url, self.in_use.current):
            yield BaseUrlMapping(recorded, self.in_use.current)
        yield None
        if not recorded:
            return
        configured = self._said()
        if configured not in ("", recorded) and is_below(request.url, configured):
            yield BaseUrlMapping(recorded, configured)
        sent = origin(request.url)
        if sent not in known() and (self.in_use is None or origin(self.in_use.current) == sent):
            yield BaseUrlMapping(recorded, sent)
            yield BaseUrlMapping(origin(recorded), sent)


def _move_outcome(outcome: Outcome, source: str, target: str) -> Outcome:
    from ..scrub.content.compression import compress_outcome, decompress_outcome

    plain = decompress_outcome(outcome)
    moved = map_outcome(plain, lambda text: _move(text, source, target))
    return compress_outcome(outcome, plain, moved)


def _move(text: str, source: str, target: str) -> str:
    """`text` with each URL below `source` moved below `target`, in whatever way it is written.

    Where the base URL is hidden, its host is moved too when it stands alone.
    """
    for write in (str, _percent_encoded, _json_escaped):
        written = write(source)
        if written in text:
            text = _pattern(written).sub(write(target).replace("\\", r"\\"), text)
    if HIDDEN_BASE_URL in (source, target):
        ours, theirs = urlsplit(source), urlsplit(target)
        text = text.replace(ours.netloc, theirs.netloc)
        text = text.replace(ours.hostname or ours.netloc, theirs.hostname or theirs.netloc)
    return text


def _percent_encoded(url: str) -> str:
    return quote(url, safe="")


def _json_escaped(url: str) -> str:
    return url.replace("/", r"\/")


@lru_cache(maxsize=64)
def _pattern(base: str) -> re.Pattern[str]:
    """The base URL where it ends: `http://host:80` does not stand in `http://host:8000`."""
    return re.compile(re.escape(base) + r"(?![\w-]|[.:]\w)")
