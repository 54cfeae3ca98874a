"""Replay under another base URL than that of the recording.

A request is mapped to the recorded base URL before it is matched, and the links in its response are
mapped to the current one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Iterator
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import quote, urlsplit

from ..exchange import Headers, Interaction, Outcome, Request, map_outcome, map_request

HIDDEN_BASE_URL = "https://api.invalid"
"""The base URL in cassettes that must not reveal the real one (RFC 2606 reserves `.invalid`)."""

NO_BASE_URL = "https://base-url-not-set.invalid"
"""The base URL of the plugin's clients where the suite sets none. On replay it stands for the
recorded one; a request to it is never sent. (RFC 2606 keeps the name from being real.)"""


def origin(url: str) -> str:
    """Return scheme, host and port of a URL: `https://staging.example.com:8443`."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}".lower()


def is_below(url: str, base: str) -> bool:
    """Whether the URL is the base URL or one below it."""
    base = base.rstrip("/")
    return url.startswith(base) and _pattern(base).match(url) is not None


def has_no_base(url: str) -> bool:
    """Whether the client of a request had no base URL, so that the URL has no host, or none that is
    real."""
    return _is_path(url) or is_below(url, NO_BASE_URL)


def has_no_scheme(base_url: str) -> bool:
    """Whether a base URL is only a host, as `staging.example.com`, to which no client can send."""
    return "://" not in base_url


def _is_path(url: str) -> bool:
    return "://" not in url.partition("?")[0]


def _with_base(request: Request) -> Request:
    """Return the request with NO_BASE_URL in front of a URL that is only a path."""
    if not _is_path(request.url):
        return request
    return request._replace(url=f"{NO_BASE_URL}/{request.url.removeprefix('/')}")


class BaseUrlMapping(NamedTuple):
    """The base URL of the recording and that of this run, both without a slash at the end."""

    recorded: str
    current: str

    def to_recorded(self, request: Request) -> Request:
        """Return the request as it would have been sent when it was recorded."""
        if self.current == NO_BASE_URL:
            request = _with_base(request)
        moved = map_request(request, lambda text: _move(text, self.current, self.recorded))
        moved = moved._replace(headers=self._with_recorded_host(moved.headers))
        if not is_below(request.url, self.current):
            return moved
        # A link from a response may contain the path of the recorded base URL already.
        path = urlsplit(self.recorded).path
        rest = request.url[len(self.current) :]
        if path and not self.current.endswith(path) and _pattern(path).match(rest):
            return Request(moved.method, origin(self.recorded) + rest, moved.headers, moved.body)
        return moved

    def _with_recorded_host(self, headers: Headers) -> Headers:
        """Return the headers with the recorded host in `Host`, if it is the current one."""
        host = urlsplit(self.current).netloc
        return tuple(
            (n, urlsplit(self.recorded).netloc if n.lower() == "host" and v == host else v)
            for n, v in headers
        )

    def interaction_to_recorded(self, interaction: Interaction) -> Interaction:
        """Return an interaction of this run as if recorded under the recorded base URL."""
        return interaction._replace(
            request=self.to_recorded(interaction.request),
            outcome=_move_outcome(interaction.outcome, self.current, self.recorded),
        )

    def to_current(self, outcome: Outcome) -> Outcome:
        """Return a recorded outcome with its links on the current base URL."""
        return _move_outcome(outcome, self.recorded, self.current)


class BaseUrls:
    """The base URLs of one run.

    `configured` returns the one that the suite's settings give, or None. With `hides`, cassettes
    get HIDDEN_BASE_URL in place of the real one. Safe to use from several threads.
    """

    def __init__(
        self, configured: Callable[[], str | None], hides: bool, first_origin: str | None = None
    ) -> None:
        self.hides = hides
        self.first_origin = first_origin
        """Scheme, host and port of the first request that was sent; None where none was."""
        self._configured = configured
        self._in_use: BaseUrlMapping | None = None

    @property
    def live_host(self) -> str:
        """The host and port of the first request that was sent; "" where none was."""
        return urlsplit(self.first_origin or "").netloc

    @property
    def in_use(self) -> BaseUrlMapping | None:
        """The mapping that last found a recorded interaction; None if none was needed yet."""
        return self._in_use

    def use(self, mapping: BaseUrlMapping) -> None:
        """Note that a recorded interaction was found by this mapping."""
        self._in_use = mapping

    def base_url_to_record(self, request: Request) -> str:
        """Return the base URL for a new cassette.

        It is the configured one, or else the origin of the first request of the run.
        """
        if self.first_origin is None:
            self.first_origin = origin(request.url)
        return self._configured_url() or self.first_origin

    def _configured_url(self) -> str:
        """Return the configured base URL, or "".

        It is without user and password: clients do not send these in the URL, but in a header.
        """
        url = (self._configured() or "").rstrip("/")
        user, at, _ = urlsplit(url).netloc.rpartition("@")
        return url.replace(user + at, "", 1) if at else url

    def candidates(
        self, request: Request, recorded: str, known: Callable[[], Container[str]]
    ) -> Iterator[BaseUrlMapping | None]:
        """Yield the mappings under which the request may be recorded, the most likely first.

        None means: under its own URL. `recorded` is the base URL of the cassette, or ""; `known`
        returns the origins of its requests. Without a configured base URL, one unknown origin for
        each run is taken for the current base URL.
        """
        if recorded and has_no_base(request.url):
            yield BaseUrlMapping(recorded, NO_BASE_URL)
            if _is_path(request.url):  # a test that leaves out the scheme on purpose
                yield None
            return
        if recorded and self.in_use and is_below(request.url, self.in_use.current):
            yield BaseUrlMapping(recorded, self.in_use.current)
        yield None
        if not recorded:
            return
        configured = self._configured_url()
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
    """Return `text` with `target` in the place of `source`, in each URL and each encoding of it.

    If one of the two is the hidden base URL, a host alone is replaced too, since it would reveal
    the base URL.
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
    """Return a pattern for a whole base URL: `http://host:80` is not part of `http://host:8000`."""
    return re.compile(re.escape(base) + r"(?![\w-]|[.:]\w)")
