"""A request taken apart for comparison: its key, and apart from it secrets and times.

They are no part of the key, so that a suite replays with other secrets and at another time.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
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
from .key import Key, Pairs, is_key_header, key, legacy_key
from .times import extract_times

Secret: TypeAlias = tuple[str, str | None]
"""The name of the field or header ("" in free text), and the value."""
Time: TypeAlias = tuple[float, str]
"""Seconds from the time of the request, and the time as it was written."""

NAMED_SECRET_MARK = "RepriseSlot"
"""What stands for a secret that was taken out under its name: no encoding changes it."""
UNNAMED_SECRET_MARK = "RepriseSecret"
"""The same for a secret that stood where no name tells of it."""


class Matching(NamedTuple):
    """How requests are told apart."""

    key: Callable[[Request], Key]
    counting: Callable[[Request], Request] = lambda request: request
    """What of a request counts: no secret or time elsewhere in it is looked at."""
    is_key_header: Callable[[str], bool] = is_key_header
    """Whether a header of this name can count."""
    takes_out: bool = True
    """Secrets and times are no part of the key; else they are like all else."""
    also_matches: Callable[[Request, Request], bool] | None = None
    """Whether a request of the same key, as it is sent, fits a recorded one."""


BY_MEANING = Matching(key)
"""By meaning: method, URL, body, and the headers that count."""
LEGACY = Matching(legacy_key, takes_out=False)
"""vcrpy's default, for cassettes that vcrpy wrote."""


class RequestParts(NamedTuple):
    """A request for comparison: its key, and apart what may differ."""

    key: Key
    secrets: tuple[Secret, ...] = ()
    times: tuple[Time, ...] = ()

    @property
    def best_score(self) -> int:
        """The score of a request that is the same in all that may differ: two for each."""
        return 2 * (len(self.secrets) + len(self.times))


def split_request(
    request: Request, scrubber: Scrubber, now: float, matching: Matching = BY_MEANING
) -> RequestParts:
    """Take a request, recorded or sent, apart; `now` is when it was made, in seconds."""
    if not matching.takes_out:
        return RequestParts(matching.key(request))
    secrets: list[Secret] = []
    times: list[tuple[str, float]] = []
    emptied = _emptied(matching.counting(request), scrubber, secrets, matching.is_key_header)
    method, url, body, headers = matching.key(emptied)

    def empty(text: str) -> str:
        return extract_times(text, now, times)

    emptied_key = method, empty(url), _map_bytes(body, empty), _map_values(headers, empty)
    relative = sorted((seconds - now, written) for written, seconds in times)
    return RequestParts(emptied_key, tuple(secrets), tuple(relative))


def without_secrets(request: Request, scrubber: Scrubber) -> Request:
    """The request with its secrets and placeholders taken out; for messages."""
    return _emptied(request, scrubber, [])


def _emptied(
    request: Request,
    scrubber: Scrubber,
    secrets: list[Secret],
    is_key_header: Callable[[str], bool] = is_key_header,
) -> Request:
    walk = Walk(scrubber.rules, lambda candidate: _empty_slot(candidate, secrets))
    plain = replace(request, body=decompress_or_keep(request.body, request.headers))

    visited = visit_request(plain, walk)
    visited = replace(visited, headers=tuple(h for h in visited.headers if is_key_header(h[0])))
    named = {value for _, value in secrets if value and len(value) >= MIN_SEARCH_LENGTH}
    repeated = Finder(named) if named else None

    def empty(text: str) -> str:
        if repeated:
            text = _empty_repeated(text, repeated, secrets)
        return _empty_text(text, scrubber.vault, secrets)

    return map_request_texts(visited, empty, empty)


def _empty_repeated(text: str, repeated: Finder, secrets: list[Secret]) -> str:
    """What a name makes a secret may stand elsewhere in the same request too, in any disguise."""

    def empty(value: str) -> str:
        secrets.append(("", value))
        return UNNAMED_SECRET_MARK

    return repeated.replace(text, empty)


def _empty_slot(candidate: Candidate, secrets: list[Secret]) -> str:
    # Of two JSON values that read alike, 1 and "1", only one is meant.
    value = candidate.value
    if value is not None and not candidate.is_string:
        value = f"={value}"
    secrets.append((candidate.name if candidate.is_named else "", value))
    return NAMED_SECRET_MARK if candidate.is_named else UNNAMED_SECRET_MARK


def _empty_text(text: str, vault: Vault, secrets: list[Secret]) -> str:
    def empty(_kind: str, value: str) -> str:
        secrets.append(("", value))
        return UNNAMED_SECRET_MARK

    text = replace_placeholders(text, lambda found: empty("", found))
    return vault.replace_secrets(text, empty)


def _map_bytes(body: bytes, change: Callable[[str], str]) -> bytes:
    try:
        return change(body.decode()).encode()
    except UnicodeDecodeError:
        return body


def _map_values(headers: Pairs, change: Callable[[str], str]) -> Pairs:
    return tuple((name, change(value)) for name, value in headers)
