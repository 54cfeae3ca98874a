"""`reprise migrate`: write legacy cassettes in the format of Reprise.

They get a header and readable bodies, and are scrubbed.
"""

from __future__ import annotations

import argparse
import json
import os
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Literal, NamedTuple, TypeAlias

from .. import __version__
from ..audit.files import Source, find_files, read_source
from ..audit.render import count
from ..cassette.document_edit import Tree
from ..cassette.file import save
from ..cassette.model import Cassette, Header
from ..errors import Unscrubbed
from ..exchange import Interaction, Response, header
from ..scrub.config import find_root, make_scrubber
from ..scrub.scrubber import Scrubber
from .arguments import Subparsers, add_command, add_paths

Status: TypeAlias = Literal["migrated", "current", "not a cassette", "not migrated"]
"""What happened to a file; "current" means that it has the format of Reprise already."""


def add_parser(subparsers: Subparsers) -> None:
    parser = add_command(
        subparsers,
        "migrate",
        run,
        summary="write cassettes of vcrpy in the format of Reprise, scrubbed",
        details=(
            "They get a header with the time of the recording, and readable bodies. A secret gets\n"
            "the same placeholder in all files. Each file is replaced by its new version."
        ),
        example="reprise migrate --check tests/cassettes",
        exit_codes=(
            "0; 1 a file could not be migrated, or --check found one to migrate;\n"
            "2 no such path, or an invalid configuration"
        ),
    )
    add_paths(parser, "*.yaml, *.yml and *.json")
    parser.add_argument(
        "--check", action="store_true", help="write nothing, and say what would be migrated"
    )


def run(options: argparse.Namespace) -> int:
    scrubber = make_scrubber(find_root(Path.cwd()), os.environ, from_files=True)
    results = list(migrate_files(options.paths, scrubber, writes=not options.check))
    for result in results:
        if result.status == "migrated":
            print(f"{result.path}: {count(result.interactions, 'interaction')}")
        elif result.status == "not migrated":
            print(f"{result.path}: not migrated: {result.problem}")
    counts = Counter(result.status for result in results)
    migrated = "would be migrated" if options.check else "migrated"
    print(
        f"{counts['migrated']} {migrated}, {counts['current']} in the current format, "
        f"{counts['not a cassette']} not cassettes, {counts['not migrated']} not migrated"
    )
    return 1 if counts["not migrated"] or (options.check and counts["migrated"]) else 0


class MigrationResult(NamedTuple):
    """What happened to a file. `problem` is the reason if it was not migrated."""

    path: Path
    status: Status
    interactions: int = 0
    problem: str = ""


def migrate_files(
    paths: Sequence[Path], scrubber: Scrubber, writes: bool
) -> Iterator[MigrationResult]:
    """Migrate the given files and those below the given directories.

    All secrets are learned before the first file is written, so that each has one placeholder in
    all files. Without `writes`, nothing is written. Raises FileNotFoundError if a path is missing.
    """
    # Each file is read twice, so that only one at a time is in memory.
    files = find_files(paths)
    for path in files:
        for interaction in _legacy_interactions(read_source(path)) or ():
            scrubber.learn(interaction)
    for path in files:
        yield _migrate(path, scrubber, writes)


def _legacy_interactions(source: Source) -> tuple[Interaction, ...] | None:
    """Return the interactions of a legacy cassette, or None for any other file."""
    is_current = source.interactions is not None and "reprise" in source.document
    return None if is_current else source.interactions


def _migrate(path: Path, scrubber: Scrubber, writes: bool) -> MigrationResult:
    source = read_source(path)
    if source.problem:
        return MigrationResult(path, "not migrated", problem=source.problem)
    interactions = _legacy_interactions(source)
    if interactions is None:
        is_cassette = source.interactions is not None
        return MigrationResult(path, "current" if is_cassette else "not a cassette")
    if unknown := _unknown_keys(source.document):
        problem = f"the format of Reprise does not have these keys: {', '.join(unknown)}"
        return MigrationResult(path, "not migrated", problem=problem)
    try:
        cassette = _make_cassette(scrubber.scrub(interactions), path)
        if writes:
            save(path, cassette, _to_json if path.suffix == ".json" else None)
    except (Unscrubbed, OSError, TypeError) as error:
        return MigrationResult(path, "not migrated", problem=str(error))
    return MigrationResult(path, "migrated", len(interactions))


_KNOWN_KEYS = {
    "document": frozenset(("version", "interactions")),
    "interaction": frozenset(("request", "response")),
    "request": frozenset(("method", "uri", "body", "headers")),
    "response": frozenset(
        ("status", "headers", "body", "status_code", "content", "http_version", "protocol", "url")
    ),
}
"""The keys that any version of vcrpy writes. Other keys come from a serializer of the project."""


def _unknown_keys(document: Tree) -> list[str]:
    """Return, sorted, the keys of a legacy cassette that a migration would lose."""
    found = document["interactions"]
    parts = {
        "document": [document],
        "interaction": found,
        "request": [interaction["request"] for interaction in found],
        "response": [interaction["response"] for interaction in found],
    }
    unknown = (p.keys() - _KNOWN_KEYS[name] for name, part in parts.items() for p in part)
    return sorted({str(key) for keys in unknown for key in keys})


def _make_cassette(interactions: tuple[Interaction, ...], path: Path) -> Cassette:
    """Return a cassette with a time for each interaction.

    It is that of the header Date of the response, or else the modification time of the file.
    """
    dates = [_response_time(interaction) for interaction in interactions]
    known = [date for date in dates if date]
    start = min(known, default=path.stat().st_mtime)
    timed = (
        replace(interaction, at=(date or start) - start)
        for interaction, date in zip(interactions, dates, strict=True)
    )
    recorded_with = f"pytest-reprise {__version__}, migrated"
    return Cassette(tuple(timed), Header(datetime.fromtimestamp(start, UTC), recorded_with))


def _response_time(interaction: Interaction) -> float | None:
    """Return the time in the header Date, in seconds since 1970, or None."""
    outcome = interaction.outcome
    written = header(outcome.headers, "date") if isinstance(outcome, Response) else None
    try:
        return parsedate_to_datetime(written).timestamp() if written else None
    except (ValueError, OverflowError):
        return None


def _to_json(document: dict[str, object]) -> str:
    """Return the document as JSON. Raises TypeError for a binary body, which JSON cannot hold."""
    return json.dumps(document, indent=4, ensure_ascii=False) + "\n"
