"""Two recordings of a cassette side by side, line by line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal, TypeAlias

from ..cassette.model import Cassette
from ..drift.refresh import Compared, compared
from ..drift.versions import Versions, recordings_of
from ..exchange import Failure, Interaction
from .bodies import shown

_MOST_LINES = 3000
"""Lines of an interaction that are compared. The work is quadratic in them at worst."""
_AROUND = 3
"""Equal lines that are shown before and after others."""
Kind: TypeAlias = Literal["same", "changed", "removed", "added", "gap"]


@dataclass(frozen=True, slots=True)
class Line:
    """A line of both recordings; of "gap", `old` says how many equal lines are left out."""

    kind: Kind
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Pair:
    """An interaction in both recordings. `kind` is "same", "changed", "removed" or "added"."""

    anchor: str
    kind: Kind
    title: str
    lines: tuple[Line, ...]


def side_by_side(name: str, old: Cassette, new: Cassette) -> tuple[Pair, ...]:
    """Return the interactions of two recordings, paired as `reprise diff` pairs them.

    Values that differ in each recording (ids, tokens, times) are shown as they were before.
    """
    found = (
        pair
        for recordings in recordings_of(Versions(name, old, new))
        for pair in compared(recordings)
    )
    return tuple(_pair(f"d{number}", pair) for number, pair in enumerate(found))


def _pair(anchor: str, found: Compared) -> Pair:
    before, after = found.old, found.new
    shown_by = after or before
    assert shown_by
    title = f"{shown_by.request.method} {shown_by.request.url}"
    old, new = (lines_of(one) if one else [] for one in (before, after))
    if before is None or after is None:
        return Pair(anchor, "added" if before is None else "removed", title, tuple(_rows(old, new)))
    if old == new:
        return Pair(anchor, "same", title, ())
    return Pair(anchor, "changed", title, tuple(_rows(old, new)))


def lines_of(interaction: Interaction) -> list[str]:
    """Return an interaction as lines: first lines, headers, and bodies with indentation."""
    request, outcome = interaction.request, interaction.outcome
    lines = [f"{request.method} {request.url}", *(f"{n}: {v}" for n, v in request.headers)]
    body = shown(request.body, request.headers)
    lines += ["", *(body.text or body.dump or body.image[:100]).splitlines(), ""]
    if isinstance(outcome, Failure):
        return [*lines, f"{outcome.error}: {outcome.message}"]
    lines += [f"{outcome.status} {outcome.reason}".rstrip()]
    lines += [f"{n}: {v}" for n, v in outcome.headers]
    body = shown(outcome.body, outcome.headers, 60_000)
    lines += ["", *(body.text or body.dump or body.image[:100]).splitlines()]
    return lines[:_MOST_LINES]


def _rows(old: Sequence[str], new: Sequence[str]) -> Iterator[Line]:
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    for group in _groups(matcher, len(old)):
        if isinstance(group, int):
            yield Line("gap", f"{group} equal lines", "")
            continue
        kind, old_start, old_end, new_start, new_end = group
        size = max(old_end - old_start, new_end - new_start)
        for n in range(size):
            left = old[old_start + n] if old_start + n < old_end else ""
            right = new[new_start + n] if new_start + n < new_end else ""
            yield Line(kind, left, right)


_KINDS: dict[str, Kind] = {
    "equal": "same", "replace": "changed", "delete": "removed", "insert": "added",
}  # fmt: skip


def _groups(
    matcher: SequenceMatcher[str], total: int
) -> Iterator[tuple[Kind, int, int, int, int] | int]:
    """Yield the parts to show, and the numbers of equal lines between them."""
    done = 0
    for group in matcher.get_grouped_opcodes(_AROUND):
        first = group[0][1]
        if first > done:
            yield first - done
        for tag, old_start, old_end, new_start, new_end in group:
            yield _KINDS[tag], old_start, old_end, new_start, new_end
        done = group[-1][2]
    if done < total:
        yield total - done
