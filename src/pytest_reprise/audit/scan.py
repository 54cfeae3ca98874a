"""Scan one file for secrets: those that rules find, and those whose value is known."""

from __future__ import annotations

import json
import traceback
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import PurePath
from typing import NamedTuple, TypeAlias

from ..cassette import document_edit
from ..cassette.document_edit import Tree
from ..exchange import Interaction
from ..scrub.content.texts import texts
from ..scrub.judgement import holds_secret
from ..scrub.replace.placeholders import is_placeholder
from ..scrub.scrubber import FoundSecret, Scrubber
from ..scrub.walk.bodies import visit_body
from ..scrub.walk.candidates import Candidate, Walk
from ..scrub.walk.nested import visit_text
from .decompressed import decompress_interaction
from .files import Source

_TEXT = "text"
"""`FoundSecret.where` of a secret in a file that is not a cassette."""
_EXTRA = "extra data"
"""The same for a secret in a cassette, but outside of its requests and responses."""
_FILE = "file"
"""The same for a known value anywhere else in a file, such as in a comment."""


class Detection(NamedTuple):
    """A secret in a file.

    `number`, `method` and `url` are those of its interaction. Outside of interactions the number is
    0 and the others are empty. Numbers begin with 1.
    """

    secret: FoundSecret
    number: int = 0
    method: str = ""
    url: str = ""


@dataclass(slots=True)
class ScanResult:
    """The secrets in a file, and what could not be examined, one line each."""

    detections: list[Detection] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


ExtraRule: TypeAlias = Callable[[Interaction], Iterable[FoundSecret]]
"""Finds more values in an interaction, whose bodies are decompressed."""


def scan(source: Source, scrubber: Scrubber, extra_rule: ExtraRule | None = None) -> ScanResult:
    """Return the secrets in a file. An error in a rule becomes a problem in the result."""
    result = ScanResult()
    if source.interactions is None:
        found = _collect(result, "file", partial(_find_in_text, source, scrubber))
        result.detections += map(Detection, found)
    else:
        _scan_cassette(source, source.interactions, scrubber, extra_rule, result)
    elsewhere = partial(_find_elsewhere, source, scrubber, list(result.detections))
    result.detections += map(Detection, _collect(result, "file", elsewhere))
    return result


def _scan_cassette(
    source: Source,
    interactions: tuple[Interaction, ...],
    scrubber: Scrubber,
    extra_rule: ExtraRule | None,
    result: ScanResult,
) -> None:
    remainder = document_edit.remainder(source.document)
    # Most cassettes have nothing in the remainder, and one search shows that.
    has_extra = bool(_collect(result, "file", partial(_find_in_tree, remainder, scrubber)))
    for number, interaction in enumerate(interactions, 1):
        collect = partial(_collect, result, f"interaction {number}")
        plain, problems = decompress_interaction(interaction)
        result.problems += [f"interaction {number}: {problem}" for problem in problems]
        found = collect(partial(_find_in_interaction, plain, scrubber))
        if has_extra:
            part = remainder["interactions"][number - 1]
            found += collect(partial(_find_in_tree, part, scrubber))
        if extra_rule:
            found += _without_overlap(collect(partial(extra_rule, plain)), found)
        method, url = interaction.request.method, interaction.request.url
        result.detections += [Detection(secret, number, method, url) for secret in found]
    if has_extra:
        top = {key: value for key, value in remainder.items() if key != "interactions"}
        found = _collect(result, "file", partial(_find_in_tree, top, scrubber))
        result.detections += map(Detection, found)


def _collect(
    result: ScanResult, place: str, find: Callable[[], Iterable[FoundSecret]]
) -> list[FoundSecret]:
    """Return what `find` finds. If it raises, note a problem, which shows no value."""
    try:
        return list(find())
    except Exception as error:  # an error in one interaction must not hide the others
        last = traceback.extract_tb(error.__traceback__)[-1]
        code = f"{PurePath(last.filename).name}, line {last.lineno}"
        result.problems.append(f"{place}: scan raised {type(error).__name__} in {code}")
        return []


def _find_in_interaction(interaction: Interaction, scrubber: Scrubber) -> list[FoundSecret]:
    found = _unique(_without_kept(scrubber.find_secrets(interaction), scrubber))
    parts = list(texts(interaction))
    # One search in all texts is enough for most interactions.
    if not _known_values(scrubber, "\0".join(text for _, text in parts)):
        return found
    for part, text in parts:
        covered = [secret.value for secret in found if secret.where == part]
        new = _not_inside(_known_values(scrubber, text), covered)
        found += [_known_secret(part, value) for value in new]
    return found


def _find_in_text(source: Source, scrubber: Scrubber) -> list[FoundSecret]:
    """Return the secrets in a file that is not a cassette."""
    found, walk = _noting_walk(scrubber, _TEXT)
    visit_body(source.raw, "", walk)
    return _unique(_without_kept(found, scrubber))


def _find_in_tree(tree: Tree, scrubber: Scrubber) -> list[FoundSecret]:
    """Return the secrets in the part of a document that its interactions do not hold."""
    found, walk = _noting_walk(scrubber, _EXTRA)
    text = json.dumps(_without_empty(document_edit.to_json_values(tree)))
    visit_text(text, walk)
    known = [_known_secret(_EXTRA, value) for value in _known_values(scrubber, text)]
    return _unique(_without_kept([*found, *known], scrubber))


def _find_elsewhere(
    source: Source, scrubber: Scrubber, detections: list[Detection]
) -> list[FoundSecret]:
    """Return known values that only the text of the file shows, as in a comment."""
    covered = [detection.secret.value for detection in detections]
    left = _not_inside(_known_values(scrubber, source.text), covered)
    return [_known_secret(_FILE, value) for value in left]


def _without_empty(tree: Tree) -> Tree:
    """Return the tree without nulls, empty objects and empty lists, which are most of it."""
    if isinstance(tree, list):
        return [kept for value in tree if (kept := _without_empty(value)) not in (None, {}, [])]
    if not isinstance(tree, dict):
        return tree
    pairs = ((key, _without_empty(value)) for key, value in tree.items())
    return {key: value for key, value in pairs if value not in (None, {}, [])}


def _noting_walk(scrubber: Scrubber, part: str) -> tuple[list[FoundSecret], Walk]:
    """Return a list, and a walk that adds each secret to it and changes nothing."""
    found: list[FoundSecret] = []

    def note(candidate: Candidate) -> None:
        if candidate.value and not is_placeholder(candidate.value) and holds_secret(candidate):
            found.append(FoundSecret.of(candidate))

    return found, Walk(scrubber.rules, note, part)


def _known_values(scrubber: Scrubber, text: str) -> set[str]:
    return scrubber.vault.secrets_in(text) if scrubber.vault.known_count else set()


def _known_secret(part: str, value: str) -> FoundSecret:
    return FoundSecret(part, "", "environment", "secret", value)


def _not_inside(values: Iterable[str], others: Iterable[str]) -> list[str]:
    """Return, sorted, the values that are not part of another value."""
    covering = list(others)
    return [value for value in sorted(values) if not any(value in other for other in covering)]


def _without_overlap(
    more: Iterable[FoundSecret], found: Iterable[FoundSecret]
) -> list[FoundSecret]:
    """Return those of `more` that neither contain a found value nor are part of one."""
    values = [secret.value for secret in found]
    return [s for s in more if not any(s.value in value or value in s.value for value in values)]


def _without_kept(found: Iterable[FoundSecret], scrubber: Scrubber) -> Iterator[FoundSecret]:
    """Return the secrets without those that `keep_values` of the configuration lists."""
    return (secret for secret in found if secret.value not in scrubber.rules.keep_values)


def _unique(found: Iterable[FoundSecret]) -> list[FoundSecret]:
    """Return each value of a part once; a finding with a name is preferred."""
    first: dict[tuple[str, str, str], FoundSecret] = {}
    for secret in found:
        first.setdefault((secret.where, secret.name, secret.value), secret)
    named = {(part, value) for part, name, value in first if name}
    return [s for s in first.values() if s.name or (s.where, s.value) not in named]
