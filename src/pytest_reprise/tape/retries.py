"""The requests that were missed, and their errors. A retry is answered without another search."""

from __future__ import annotations

from collections.abc import Hashable, Iterable

from ..errors import RepriseError, RequestNotRecorded
from ..exchange import Request


class Misses:
    """The first error of each missed request.

    `by_all_headers` is for suites with matchers of their own, for which any header may count.
    """

    def __init__(self, by_all_headers: bool) -> None:
        self._by_all_headers = by_all_headers
        self._errors: dict[Hashable, RequestNotRecorded] = {}

    def add(self, request: Request, error: RequestNotRecorded) -> None:
        """Note the error of a request."""
        self._errors.setdefault(self._key(request), error)

    def again(self, request: Request) -> RequestNotRecorded | None:
        """Return a new error for a request that was missed before, or None for any other."""
        error = self._errors.get(self._key(request)) if self._errors else None
        return error and RequestNotRecorded(lambda: str(error), lambda: error.headline)

    def clear(self) -> None:
        """Forget all requests, because the cassette is played from its start again."""
        self._errors.clear()

    def _key(self, request: Request) -> Hashable:
        """Return what is equal for a request and its retries, which may count in a header."""
        if self._by_all_headers:
            return request
        from ..matching.key import credentials, key_headers

        headers = request.headers
        return request.method, request.url, request.body, key_headers(headers), credentials(headers)


def headlines(errors: Iterable[RepriseError]) -> tuple[str, ...]:
    """Return the first line of each error, without repetitions: a client may have tried again."""
    return tuple(dict.fromkeys(map(_headline, errors)))


def _headline(error: RepriseError) -> str:
    if isinstance(error, RequestNotRecorded):
        return error.headline
    return str(error).partition("\n")[0]
