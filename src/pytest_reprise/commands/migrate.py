"""Legacy cassettes in our form: with a header and readable bodies, and without secrets."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Literal, NamedTuple, TypeAlias

from .. import __version__
from ..audit.files import Source, files, read
from ..cassette.document_edit import Tree
from ..cassette.file import save
from ..cassette.model import Cassette, Header
from ..errors import Unscrubbed
from ..exchange import Interaction, Response, header
from ..scrub.scrubber import Scrubber

Fate: TypeAlias = Literal["migrated", "ours already", "no cassette", "left"]


class Migrated(NamedTuple):
    """What became of a file; `problem` says why it was left as it is."""

    path: Path
    fate: Fate
    calls: int = 0
    problem: str = ""


def migrate(paths: Sequence[Path], scrubber: Scrubber, writes: bool) -> Iterator[Migrated]:
    """Migrate each file at and below the paths; without `writes`, only say what would happen.

    All are learned from before the first is written, so that a secret has one placeholder in all.
    Raises FileNotFoundError for no such path.
    """
    found = files(paths)
    for path in found:
        for interaction in _legacy(read(path)) or ():
            scrubber.learn(interaction)
    for path in found:
        yield _migrate(path, scrubber, writes)


def _legacy(source: Source) -> tuple[Interaction, ...] | None:
    """The interactions of a cassette that is not ours."""
    is_ours = source.interactions is not None and "reprise" in source.document
    return None if is_ours else source.interactions


def _migrate(path: Path, scrubber: Scrubber, writes: bool) -> Migrated:
    source = read(path)
    if source.problem:
        return Migrated(path, "left", problem=source.problem)
    interactions = _legacy(source)
    if interactions is None:
        is_cassette = source.interactions is not None
        return Migrated(path, "ours already" if is_cassette else "no cassette")
    if unknown := _unknown(source.document):
        problem = f"it holds what our form has no place for: {', '.join(unknown)}"
        return Migrated(path, "left", problem=problem)
    try:
        cassette = _in_our_form(scrubber.scrub(interactions), path)
        if writes:
            save(path, cassette, _as_json if path.suffix == ".json" else None)
    except (Unscrubbed, OSError, TypeError) as error:
        return Migrated(path, "left", problem=str(error))
    return Migrated(path, "migrated", len(interactions))


_KNOWN = {
    "document": frozenset(("version", "interactions")),
    "interaction": frozenset(("request", "response")),
    "request": frozenset(("method", "uri", "body", "headers")),
    "response": frozenset(
        ("status", "headers", "body", "status_code", "content", "http_version", "protocol", "url")
    ),
}
"""What vcrpy has written over the years; anything else is a serializer's of the suite's own."""


def _unknown(document: Tree) -> list[str]:
    found = document["interactions"]
    parts = {
        "document": [document],
        "interaction": found,
        "request": [interaction["request"] for interaction in found],
        "response": [interaction["response"] for interaction in found],
    }
    unknown = (p.keys() - _KNOWN[name] for name, part in parts.items() for p in part)
    return sorted({str(key) for keys in unknown for key in keys})


def _in_our_form(interactions: tuple[Interaction, ...], path: Path) -> Cassette:
    """With a time for each answer, by its Date where it has one, else by the file's own."""
    dates = [_date(interaction) for interaction in interactions]
    known = [date for date in dates if date]
    start = min(known, default=path.stat().st_mtime)
    timed = (
        replace(interaction, at=(date or start) - start)
        for interaction, date in zip(interactions, dates, strict=True)
    )
    recorded_with = f"pytest-reprise {__version__}, migrated"
    return Cassette(tuple(timed), Header(datetime.fromtimestamp(start, UTC), recorded_with))


def _date(interaction: Interaction) -> float | None:
    """When the answer was made, in seconds since 1970."""
    outcome = interaction.outcome
    written = header(outcome.headers, "date") if isinstance(outcome, Response) else None
    try:
        return parsedate_to_datetime(written).timestamp() if written else None
    except (ValueError, OverflowError):
        return None


def _as_json(document: dict[str, object]) -> str:
    """Raises TypeError for a body that is no text, which JSON cannot hold."""
    return json.dumps(document, indent=4, ensure_ascii=False) + "\n"
