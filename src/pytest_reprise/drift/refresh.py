"""Refresh: what a cassette holds after its scope was recorded again.

An interaction that says the same as before is the old one. So its text in the file stays as it is,
and a diff shows only what the API changed.
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

from ..exchange import Failure, Interaction, Outcome, Request
from ..matching.key import Key, key
from ..scrub.content.compression import decompress_or_keep
from ..scrub.replace.placeholders import replace_placeholders
from .alignment import Pair, Shape, align
from .correlation import Correlation, Evidence
from .generations import Travel
from .merging import added_request, as_recorded, merge
from .noise import Clocks, Noise
from .tokens import is_generated, marked_times

TIME_TOLERANCE = 1.0
"""Seconds by which the recorded time of an old interaction may be later than that of the new."""
_WORD = re.compile(r"[\w-]+")
_HAS_DIGIT = re.compile(r"(?=[^/]*\d)[\w.~%-]+")


class Refreshed(NamedTuple):
    """The interactions to write.

    `has_same_requests` says that the requests are those of the old recording; `is_clear` that no
    value was taken which may depend on a value that was not (see `Noise`).
    """

    interactions: tuple[Interaction, ...]
    has_same_requests: bool
    is_clear: bool

    @property
    def is_safe(self) -> bool:
        """Whether the merged recording can replace the old one, with its seed and its clock."""
        return self.has_same_requests and self.is_clear


class Compared(NamedTuple):
    """An old interaction, the new one with the old values for noise, and the new one as it was
    recorded. None stands for an interaction that only the other recording has."""

    old: Interaction | None
    new: Interaction | None
    recorded: Interaction | None


class Recordings(NamedTuple):
    """The old and the new recording of one scope.

    `periods` are those of `align`. `makes_values` says that the scope used random values.
    """

    old: Sequence[Interaction]
    new: Sequence[Interaction]
    clocks: Clocks
    periods: Sequence[int] = ()
    makes_values: bool = False


def correlate(recordings: Recordings, known: Correlation) -> Travel:
    """Add to `known` which values of the two recordings correspond.

    Call it for all scopes that were recorded together, before any of them is refreshed. Returns the
    values that differ.
    """
    evidence = Evidence(known, recordings.clocks)
    for old, new in aligned(recordings):
        evidence.endpoint = endpoint(key(old.request))[1]
        merge(old, new, evidence)
    return Travel(evidence.origins, evidence.foreign)


def aligned(recordings: Recordings) -> Iterator[tuple[Interaction, Interaction]]:
    """Yield each old interaction with the new one that takes its place, as they were sent now."""
    pairs = [
        (pair.new, pair.old)
        for pair in _pairs(recordings)
        if pair.new is not None and pair.old is not None
    ]
    return ((recordings.old[old], recordings.new[new]) for new, old in sorted(pairs))


def refresh(
    recordings: Recordings, keeps_clock: bool = True, known: Correlation | None = None
) -> Refreshed:
    """Merge the new recording of a scope into the old one.

    For `keeps_clock` see `Noise`. `known` is what `correlate` found.
    """
    old, new, clocks = recordings.old, recordings.new, recordings.clocks
    noise = Noise(clocks, keeps_clock, known, recordings.makes_values)
    pairs = _pairs(recordings)
    written, same = [], True
    for pair in pairs:
        same &= pair.old is not None and pair.new is not None
        if pair.new is not None:
            before = None if pair.old is None else old[pair.old]
            found = _refreshed(before, new[pair.new], noise)
            same &= found is before or _serves(found, new[pair.new], noise, clocks)
            written.append(found)
    return Refreshed(tuple(written), same and not noise.took_request, noise.is_clear)


def compared(recordings: Recordings, known: Correlation | None = None) -> Iterator[Compared]:
    """Yield each old interaction with its new one, in which noise has the old values.

    Unlike what is written, this does not depend on what other cassettes can keep.
    """
    old, new = recordings.old, recordings.new
    noise = Noise(recordings.clocks, known=known, makes_values=True)
    for pair in _pairs(recordings):
        before = None if pair.old is None else old[pair.old]
        now = None if pair.new is None else new[pair.new]
        yield Compared(before, _refreshed(before, now, noise) if now else None, now)


def _refreshed(old: Interaction | None, new: Interaction, noise: Noise) -> Interaction:
    noise.took_time = False
    noise.endpoint = endpoint(key((old or new).request))[1]
    if old is None:
        return as_recorded(new, noise)
    found = merge(old, new, noise)
    # The replay's clock must have reached a time that is in the response.
    is_early = noise.took_time and not new.at <= old.at < new.at + TIME_TOLERANCE
    return replace(found, at=new.at) if found is not old and is_early else found


def _serves(written: Interaction, new: Interaction, noise: Noise, clocks: Clocks) -> bool:
    """Whether a merged interaction answers the request that was sent, in the recorded values."""
    sent = added_request(new.request, noise)
    return masked_key(sent, clocks.old) == masked_key(written.request, clocks.old)


def masked_key(request: Request, now: float) -> Hashable:
    """Return what two requests have in common that differ in times and secrets only."""
    return _masked(key(request), now)


# --- pairs ------------------------------------------------------------------------------------


def _pairs(recordings: Recordings) -> list[Pair]:
    clocks = recordings.clocks
    return align(
        [shape(i, clocks.old) for i in recordings.old],
        [shape(i, clocks.new) for i in recordings.new],
        recordings.periods,
    )


def shape(interaction: Interaction, now: float) -> Shape:
    """Return what is compared of an interaction that was recorded at `now`."""
    exact, scope = key(interaction.request), interaction.scope
    forms = (
        (scope, exact),
        (scope, _masked(exact, now)),
        (scope, _masked(exact, now, with_ids=True)),
        (scope, endpoint(exact)),
    )
    outcome = interaction.outcome
    return Shape(forms, _meaning(outcome, now), _meaning(outcome, now, with_ids=True))


def endpoint(found: Key) -> tuple[str, str]:
    """Return method and path, with segments masked that contain a digit or a secret."""
    method, url, *_ = found
    path = replace_placeholders(url.partition("?")[0].partition("://")[2], lambda _: "*")
    return method, "/".join(_HAS_DIGIT.sub("*", segment) for segment in path.split("/")[1:])


def _masked(found: Key, now: float, with_ids: bool = False) -> tuple[object, ...]:
    """Return a key with marks in the place of times and of secrets, and with `with_ids` of ids."""
    method, url, body, headers = found
    texts = (url, body.decode("latin-1"), repr(headers))
    return method, *(_mask(text, now, with_ids) for text in texts)


def _mask(text: str, now: float, with_ids: bool = False) -> str:
    masked = marked_times(replace_placeholders(text, lambda _: "*"), now)
    return _WORD.sub(_mask_word, masked) if with_ids else masked


def _mask_word(word: re.Match[str]) -> str:
    text = word[0]
    return "*" if text.isdecimal() or is_generated(text) else text


def _meaning(outcome: Outcome, now: float, with_ids: bool = False) -> tuple[object, ...]:
    if isinstance(outcome, Failure):
        return (outcome.error,)
    body = decompress_or_keep(outcome.body, outcome.headers)
    return outcome.status, outcome.broken_by, _mask(body.decode("latin-1"), now, with_ids)
