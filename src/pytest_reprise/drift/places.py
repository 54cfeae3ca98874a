"""Places in an interaction, and what their names say about the values there."""

from __future__ import annotations

import re
from typing import Literal, NamedTuple, TypeAlias

Part: TypeAlias = Literal["segment", "query", "header", "leaf", "text"]

_ID_NAME = re.compile(r"(?i:id|ids|pk|uid)|(.+?)(?:[_-](?i:ids?|pk)|(?<=[a-z])(?:Ids?|IDs?|Pk))")
_WRAPPERS = frozenset("data item items result results entry entries value values list".split())
"""Names around an object that say nothing about it."""

VOLATILE_HEADERS = frozenset(
    "date age expires server-timing x-runtime x-response-time cf-ray x-request-id request-id "
    "x-correlation-id x-trace-id x-amzn-requestid x-amzn-trace-id x-amz-request-id x-amz-id-2 "
    "x-amz-cf-id x-ms-request-id x-github-request-id traceresponse traceparent tracestate "
    "retry-after ratelimit-remaining ratelimit-reset ratelimit-used x-ratelimit-remaining "
    "x-ratelimit-reset x-ratelimit-used x-rate-limit-remaining x-rate-limit-reset".split()
)
"""Headers that differ each time: dates, ids of requests, durations, countdowns."""


class Place(NamedTuple):
    """Where a text is. `path` leads to it within the part: names, and positions in lists."""

    side: Literal["request", "response"]
    part: Part
    path: tuple[str | int, ...] = ()

    @property
    def name(self) -> str:
        """The name that is closest to the value; "" where none is."""
        return next((step for step in reversed(self.path) if isinstance(step, str)), "")

    @property
    def normal(self) -> Place:
        """The same place in all objects of a list."""
        *above, last = self.path or ("",)
        if not any(isinstance(step, int) for step in above):
            return self
        return self._replace(path=(*("[]" if isinstance(s, int) else s for s in above), last))

    @property
    def is_id(self) -> bool:
        """Whether the name says that the value identifies something."""
        if self.part == "header":
            return self.name in ("location", "content-location")
        return self.part in ("leaf", "query") and _ID_NAME.fullmatch(self.name) is not None

    @property
    def is_identifying(self) -> bool:
        """Whether the value may say what a request is about."""
        return self.is_id or self.part in ("segment", "header")

    def entity(self, endpoint: str) -> str:
        """Return the name of what an id at this place identifies, such as `user`.

        The id of `/users/7`, `user_id` and the `id` of an answer of `/users` have the same entity.
        `endpoint` is a path in which ids are `*`; it names what no name at the place does.
        """
        segments = endpoint.split("/")
        if self.part == "segment":
            position = self.path[0]
            above = segments[: position - 2] if isinstance(position, int) else segments
        else:
            above = segments
            found = _ID_NAME.fullmatch(self.name)
            if found and found[1]:
                return singular(found[1])
            names = [step for step in self.path[:-1] if isinstance(step, str)]
            if names and names[-1].lower() not in _WRAPPERS:
                return singular(names[-1])
        return singular(next((s for s in reversed(above) if s and "*" not in s), ""))


def singular(name: str) -> str:
    """Return an English noun in the singular, in lower case; good enough for names of entities."""
    lowered = name.lower()
    if lowered.endswith("ies"):
        return f"{lowered[:-3]}y"
    return lowered.removesuffix("s")
