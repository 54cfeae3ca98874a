"""Patterns for calls: a method and a path, such as `GET /orders/*`."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import NamedTuple
from urllib.parse import urlsplit

from ..exchange import Request


class CallPattern(NamedTuple):
    """A method and a path, which may hold the wildcard `*`. A path may begin with a host."""

    method: str
    path: str

    @classmethod
    def parse(cls, text: str) -> CallPattern | None:
        """Return the pattern `METHOD PATH`; None for a text that is none."""
        method, _, path = text.partition(" ")
        if not (method and path.startswith(("/", "*", "http"))):
            return None
        return cls(method.upper(), path)

    def matches(self, request: Request) -> bool:
        """Whether a request is such a call. Its query does not count."""
        url = request.url.partition("?")[0]
        target = url if self.path.startswith("http") else urlsplit(url).path or "/"
        return fnmatchcase(request.method, self.method) and fnmatchcase(target, self.path)
