"""A request in three parts: its key, its secrets and its times.

Secrets and times differ from run to run, so they are not part of the key. They are taken out of the
request first, with a mark in the place of each. The key is made of the rest; the secrets and times
of requests with the same key are compared by the rules in `search`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, TypeAlias

from ..exchange import Request
from ..scrub.content.compression import decompress_or_keep
from ..scrub.content.texts import map_request_texts
from ..scrub.replace.encodings import MIN_SEARCH_LENGTH
from ..scrub.replace.finder import Finder
from ..scrub.replace.placeholders import replace_placeholders
from ..scrub.replace.vault import Vault
from ..scrub.scrubber import Scrubber
from ..scrub.walk.candidates import Candidate, Walk
from ..scrub.walk.interaction import visit_request
from .key import Key, Pairs, is_key_header, key, key_headers, legacy_key, may_not_be_missing
from .times import extract_times

Secret: TypeAlias = tuple[str, str | None]
"""The name of a secret's field or header ("" in free text), and its value: None for JSON's null."""
Time: TypeAlias = tuple[float, str]
"""Seconds from the time of the request, and the time as it was written."""

NAMED_SECRET_MARK = "RepriseSlot"
"""The text in the place of a secret that its name reveals. Letters only: no encoding changes it."""
UNNAMED_SECRET_MARK = "RepriseSecret"
"""The text in the place of a secret without such a name, as one in a path."""


ALL_PARTS = frozenset("method host path query header body".split())
"""The parts of a request in which a difference may matter, by their names in messages."""


class Matching(NamedTuple):
    """The rules by which a request matches a recorded one."""

    key: Callable[[Request], Key]
    relevant_part: Callable[[Request], Request] = lambda request: request
    """Returns the request with only what may be in the key. Secrets and times elsewhere are not
    compared."""
    is_key_header: Callable[[str], bool] = is_key_header
    """Whether a header of this name may be in the key."""
    separates_secrets_and_times: bool = True
    """Whether these are compared separately; if not, they are part of the key as they are."""
    also_matches: Callable[[Request, Request], bool] | None = None
    """Whether the request that is sent matches a recorded one with the same key; None means yes."""
    compared: frozenset[str] = ALL_PARTS
    """The parts that are compared, for messages: some of ALL_PARTS; "headers" are all headers."""
    prepared: Callable[[Request], Request] = lambda request: request
    """Returns a request without what a suite ignores, for messages."""
    shown_headers: Callable[[Request], Pairs] = lambda request: key_headers(request.headers)
    """Returns the headers that are compared, for messages."""


BY_MEANING = Matching(key)
"""The rules of Reprise: method, URL, body by meaning, and the headers that matter."""
LEGACY = Matching(
    legacy_key, separates_secrets_and_times=False, compared=ALL_PARTS - {"header", "body"}
)
"""vcrpy's default rules, for cassettes that vcrpy wrote."""


class RequestParts(NamedTuple):
    """What is compared of a request."""

    key: Key
    secrets: tuple[Secret, ...] = ()
    times: tuple[Time, ...] = ()

    @property
    def best_score(self) -> int:
        """The score if all secrets and times are equal: two points for each."""
        return 2 * (len(self.secrets) + len(self.times))


def split_request(
    request: Request, scrubber: Scrubber, now: float, matching: Matching = BY_MEANING
) -> RequestParts:
    """Return the parts of a recorded request, or of one that is sent.

    `now` is when it was made, in seconds since 1970.
    """
    if not matching.separates_secrets_and_times:
        return RequestParts(matching.key(request))
    secrets: list[Secret] = []
    times: list[tuple[str, float]] = []
    relevant = matching.relevant_part(request)
    marked = _mark_secrets(relevant, scrubber, secrets, matching.is_key_header)
    method, url, body, headers = matching.key(marked)

    def mark(text: str) -> str:
        return extract_times(text, now, times)

    marked_key = method, mark(url), _map_bytes(body, mark), _map_values(headers, mark)
    relative = sorted((seconds - now, written) for written, seconds in times)
    return RequestParts(marked_key, tuple(secrets), tuple(relative))


def without_secrets(
    request: Request, scrubber: Scrubber, matching: Matching = BY_MEANING
) -> Request:
    """Return the request with marks in the place of secrets and placeholders, for messages."""
    return _mark_secrets(matching.prepared(request), scrubber, [], matching.is_key_header)


def _mark_secrets(
    request: Request,
    scrubber: Scrubber,
    secrets: list[Secret],
    is_key_header: Callable[[str], bool] = is_key_header,
) -> Request:
    """Return the request with marks in the place of its secrets, and append these to `secrets`.

    First the candidates are marked: values whose name or form reveals a secret. Then the same
    values are marked wherever else the request contains them; then placeholders and known secrets.
    """
    walk = Walk(scrubber.rules, lambda candidate: _mark_candidate(candidate, secrets))
    headers = tuple(h for h in request.headers if may_not_be_missing(h[0]))
    body = decompress_or_keep(request.body, request.headers)
    visited = visit_request(request._replace(headers=headers, body=body), walk)
    visited = visited._replace(headers=tuple(h for h in visited.headers if is_key_header(h[0])))
    found = {value for _, value in secrets if value and len(value) >= MIN_SEARCH_LENGTH}
    found -= {NAMED_SECRET_MARK, UNNAMED_SECRET_MARK}  # of a request that was marked before
    finder = Finder(found) if found else None

    def mark(text: str) -> str:
        if finder:
            text = _mark_repeated(text, finder, secrets)
        return _mark_known(text, scrubber.vault, secrets)

    return map_request_texts(visited, mark, mark)


def _mark_candidate(candidate: Candidate, secrets: list[Secret]) -> str:
    value = candidate.value
    if value in (NAMED_SECRET_MARK, UNNAMED_SECRET_MARK):
        return str(value)  # marked by another rule before
    if value is not None and not candidate.is_string:
        value = f"={value}"  # the number 1 and the text "1" are different values
    secrets.append((candidate.name if candidate.marks_place else "", value))
    return NAMED_SECRET_MARK if candidate.marks_place else UNNAMED_SECRET_MARK


def _mark_repeated(text: str, finder: Finder, secrets: list[Secret]) -> str:
    """Mark the values of candidates where they occur again, in any encoding."""

    def mark(value: str) -> str:
        secrets.append(("", value))
        return UNNAMED_SECRET_MARK

    return finder.replace(text, mark)


def _mark_known(text: str, vault: Vault, secrets: list[Secret]) -> str:
    """Mark placeholders, and secrets that the vault knows."""

    def mark(_kind: str, value: str) -> str:
        secrets.append(("", value))
        return UNNAMED_SECRET_MARK

    text = replace_placeholders(text, lambda found: mark("", found))
    return vault.replace_secrets(text, mark)


def _map_bytes(body: bytes, change: Callable[[str], str]) -> bytes:
    try:
        return change(body.decode()).encode()
    except UnicodeDecodeError:
        return body


def _map_values(headers: Pairs, change: Callable[[str], str]) -> Pairs:
    return tuple((name, change(value)) for name, value in headers)
