"""Where secrets stand in a file: those that rules find, and those whose value is known."""

from __future__ import annotations

import json
import traceback
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import PurePath
from typing import NamedTuple

from ..cassette import document_edit
from ..cassette.document_edit import Tree
from ..exchange import Interaction
from ..scrub.content.texts import texts
from ..scrub.replace.placeholders import is_placeholder
from ..scrub.scrubber import FoundSecret, Scrubber, holds_secret
from ..scrub.walk.bodies import visit_body
from ..scrub.walk.candidates import Candidate, Walk
from ..scrub.walk.nested import visit_text
from .decompressed import opened
from .files import Source


class Spot(NamedTuple):
    """A secret in a file: the number of its interaction, or 0, and that one's method and URL."""

    number: int
    method: str
    url: str
    seen: FoundSecret


@dataclass(slots=True)
class Looked:
    """What there is in a file, and what of it could not be looked at, a line each."""

    spots: list[Spot] = field(default_factory=list)
    unseen: list[str] = field(default_factory=list)


Extra = Callable[[Interaction], Iterable[FoundSecret]]
"""More that is to be told of an interaction, opened."""


def look(source: Source, scrubber: Scrubber, extra: Extra | None = None) -> Looked:
    """The secrets in a file."""
    looked = Looked()
    if source.interactions is None:
        looked.spots = _in_file(_guarded(looked, "it", partial(_in_text, source, scrubber)))
    else:
        _look_at_cassette(source, source.interactions, scrubber, extra, looked)
    looked.spots += _in_file(_guarded(looked, "it", partial(_left, source, scrubber, looked.spots)))
    return looked


def _left(source: Source, scrubber: Scrubber, spots: list[Spot]) -> list[FoundSecret]:
    """Known values that stand elsewhere in the file, as in a comment."""
    values = {spot.seen.value for spot in spots}
    known = sorted(_known(scrubber, source.text))
    left = (value for value in known if not any(value in other for other in values))
    return [_seen_known("file", value) for value in left]


def _look_at_cassette(
    source: Source,
    interactions: tuple[Interaction, ...],
    scrubber: Scrubber,
    extra: Extra | None,
    looked: Looked,
) -> None:
    remaining = document_edit.remainder(source.document)
    parts: list[Tree] = remaining["interactions"]
    has_rest = bool(_guarded(looked, "it", partial(_in_rest, remaining, scrubber)))
    for number, interaction in enumerate(interactions, 1):
        guarded = partial(_guarded, looked, f"interaction {number}")
        plain, closed = opened(interaction)
        looked.unseen += [f"interaction {number}: {problem}" for problem in closed]
        seens = guarded(partial(_in_interaction, plain, scrubber))
        if has_rest:
            seens += guarded(partial(_in_rest, parts[number - 1], scrubber))
        if extra:
            seens += _others(guarded(partial(extra, plain)), seens)
        request = interaction.request
        looked.spots += [Spot(number, request.method, request.url, seen) for seen in seens]
    if has_rest:
        top = {key: value for key, value in remaining.items() if key != "interactions"}
        looked.spots += _in_file(_guarded(looked, "it", partial(_in_rest, top, scrubber)))


def _others(more: Iterable[FoundSecret], seens: list[FoundSecret]) -> list[FoundSecret]:
    """Those of `more` that are no part of what was seen already."""
    values = [seen.value for seen in seens]
    return [s for s in more if not any(s.value in value or value in s.value for value in values)]


def _in_file(seens: Iterable[FoundSecret]) -> list[Spot]:
    return [Spot(0, "", "", seen) for seen in seens]


def _guarded(
    looked: Looked, name: str, find: Callable[[], Iterable[FoundSecret]]
) -> list[FoundSecret]:
    """What `find` finds; what goes wrong in it says where, and never a value."""
    try:
        return list(find())
    except Exception as error:  # one odd exchange must not hide the others
        last = traceback.extract_tb(error.__traceback__)[-1]
        place = f"{PurePath(last.filename).name}, line {last.lineno}"
        looked.unseen.append(f"{name}: looking at it raised {type(error).__name__} in {place}")
        return []


def _in_interaction(interaction: Interaction, scrubber: Scrubber) -> list[FoundSecret]:
    found = _once(_kept(scrubber.find_secrets(interaction), scrubber))
    there = list(texts(interaction))
    if not _known(scrubber, "\0".join(text for _, text in there)):  # one search for most
        return found
    for where, text in there:
        held = [seen.value for seen in found if seen.where == where]
        known = sorted(_known(scrubber, text))
        new = (value for value in known if not any(value in other for other in held))
        found += [_seen_known(where, value) for value in new]
    return found


def _in_text(source: Source, scrubber: Scrubber) -> list[FoundSecret]:
    """The secrets in a file that is read as text."""
    found, walk = _noting(scrubber, "text")
    visit_body(source.raw, "", walk)
    return _once(_kept(found, scrubber))


def _in_rest(tree: Tree, scrubber: Scrubber) -> list[FoundSecret]:
    """The secrets in what no Interaction holds."""
    found, walk = _noting(scrubber, "rest")
    text = json.dumps(_pruned(document_edit.to_json_values(tree)))
    visit_text(text, walk)
    known = [_seen_known("rest", value) for value in _known(scrubber, text)]
    return _once(_kept([*found, *known], scrubber))


def _pruned(tree: Tree) -> Tree:
    """Without what says nothing: most of the rest is hollow."""
    if isinstance(tree, list):
        return [pruned for value in tree if (pruned := _pruned(value)) not in (None, {}, [])]
    if not isinstance(tree, dict):
        return tree
    pairs = ((key, _pruned(value)) for key, value in tree.items())
    return {key: value for key, value in pairs if value not in (None, {}, [])}


def _noting(scrubber: Scrubber, where: str) -> tuple[list[FoundSecret], Walk]:
    """A list, and a look that notes in it what it finds."""
    found: list[FoundSecret] = []

    def note(candidate: Candidate) -> None:
        if candidate.value and not is_placeholder(candidate.value) and holds_secret(candidate):
            found.append(FoundSecret.of(candidate))

    return found, Walk(scrubber.rules, note, where)


def _known(scrubber: Scrubber, text: str) -> set[str]:
    return scrubber.vault.secrets_in(text) if scrubber.vault.known_count else set()


def _seen_known(where: str, value: str) -> FoundSecret:
    return FoundSecret(where, "", "environment", "secret", value)


def _kept(seens: Iterable[FoundSecret], scrubber: Scrubber) -> Iterator[FoundSecret]:
    """Those that the configuration does not keep."""
    return (seen for seen in seens if seen.value not in scrubber.rules.keep_values)


def _once(seens: Iterable[FoundSecret]) -> list[FoundSecret]:
    """Each once: what a name tells need not be told by its form, or by another rule."""
    found: dict[tuple[str, str, str], FoundSecret] = {}
    for seen in seens:
        found.setdefault((seen.where, seen.name, seen.value), seen)
    named = {(where, value) for where, name, value in found if name}
    return [s for s in found.values() if s.name or (s.where, s.value) not in named]
