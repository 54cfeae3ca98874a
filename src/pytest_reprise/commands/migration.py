"""Migrate one file: read it as a replay reads it, scrub it, prove the new text, and write it."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Literal, NamedTuple, TypeAlias

from .. import __version__
from ..audit.files import read_document
from ..audit.proof import difference_in_form
from ..cassette.build import CassetteBuilder
from ..cassette.document_edit import Tree, is_cassette
from ..cassette.dump import document_of, dump
from ..cassette.file import read_body
from ..cassette.known_keys import ignored_keys
from ..cassette.load import parse
from ..cassette.migrated import migrated
from ..cassette.model import Cassette
from ..cassette.replace import replace_cassette
from ..cassette.source_text import SourceText
from ..errors import CassetteError, Unscrubbed
from ..scrub.scrubber import Scrubber
from .progress import Progress
from .repeated_values import repeated_values

Status: TypeAlias = Literal["migrated", "current", "not a cassette", "not migrated"]
"""What happened to a file; "current" means that it has the format of Reprise already."""


class MigrationResult(NamedTuple):
    """What happened to a file.

    `problem` is the reason if it was not migrated. `warnings` are the places of scrubbed values
    with which code under test may go on. `dropped` are keys that vcrpy does not read.
    """

    path: Path
    status: Status
    interactions: int = 0
    problem: str = ""
    warnings: tuple[str, ...] = ()
    dropped: frozenset[str] = frozenset()


class NotMigratedError(Exception):
    """A file that cannot be migrated; the text says why."""


def migrate_files(
    paths: Sequence[Path], scrubber: Scrubber, writes: bool, progress: Progress
) -> Iterator[MigrationResult]:
    """Migrate files. A problem with one of them does not stop the others.

    All secrets are learned before the first file is written, so that each has one placeholder in
    all files. Without `writes` the files are only read: nothing is scrubbed.
    """
    # Each file is read twice, so that only one at a time is in memory.
    for path in progress.each(paths if writes else ()):
        _learn(path, scrubber)
    for path in progress.each(paths):
        yield _result(path, scrubber if writes else None)


def _learn(path: Path, scrubber: Scrubber) -> None:
    with contextlib.suppress(Exception):  # migrating the same file reports the problem
        found = read_legacy(path)
        for interaction in found.cassette.interactions if isinstance(found, Legacy) else ():
            scrubber.learn(interaction)


def _result(path: Path, scrubber: Scrubber | None) -> MigrationResult:
    try:
        found = read_legacy(path)
        if not isinstance(found, Legacy):
            return MigrationResult(path, found)
        warnings = _write(path, found.cassette, scrubber) if scrubber else ()
        count = len(found.cassette.interactions)
        return MigrationResult(path, "migrated", count, "", warnings, found.dropped)
    except NotMigratedError as error:
        problem = str(error)
    except CassetteError as error:
        problem = f"line {error.line}: {error.problem}"
    except Unscrubbed as error:
        problem = str(error)
    except OSError as error:
        problem = error.strerror or str(error)
    except Exception as error:  # one odd file must not stop the others
        problem = f"migrating it raised {type(error).__name__}"
    return MigrationResult(path, "not migrated", problem=problem)


# --- reading ----------------------------------------------------------------------------------


class Legacy(NamedTuple):
    """A legacy cassette, and the names of its keys that a migration drops."""

    cassette: Cassette
    dropped: frozenset[str]


def read_legacy(path: Path) -> Legacy | Literal["current", "not a cassette"]:
    """Return a legacy cassette as a replay reads it, or what else the file is.

    Raises OSError, CassetteError or NotMigratedError.
    """
    source = read_document(path)
    if source.problem:
        raise NotMigratedError(source.problem)
    if not is_cassette(source.document):
        return "not a cassette"
    if "reprise" in source.document:
        return "current"
    # vcrpy's older forms are brought into today's form here, as for a replay.
    text = SourceText(source.text, path, is_yaml=path.suffix != ".json")
    cassette = CassetteBuilder(text, partial(read_body, path)).cassette(source.document)
    return Legacy(cassette, _dropped(source.document))


def _dropped(document: Tree) -> frozenset[str]:
    """Return the keys that mean nothing to vcrpy or to Reprise."""
    messages = (
        (side, interaction[side])
        for interaction in document["interactions"]
        for side in ("request", "response")
    )
    interactions = (("interaction", interaction) for interaction in document["interactions"])
    parts = (("cassette", document), *interactions, *messages)
    return frozenset[str]().union(*(ignored_keys(*part) for part in parts))


# --- writing ----------------------------------------------------------------------------------


def _write(path: Path, legacy: Cassette, scrubber: Scrubber) -> tuple[str, ...]:
    """Replace a legacy cassette, once it is proven that nothing but secrets changes.

    Returns warnings.
    """
    scrubbed = scrubber.scrub(legacy.interactions)
    if difference := difference_in_form(legacy.interactions, scrubbed):
        raise NotMigratedError(f"scrubbing it would leave {difference}")
    by = f"pytest-reprise {__version__}"
    cassette = migrated(scrubbed, by, otherwise=path.stat().st_mtime)
    text = _written(path, cassette)
    if _loaded(path, text) != cassette:
        raise NotMigratedError("it would not load to the same, because of its values or its format")
    replace_cassette(path.resolve(), text.encode(), {})
    return tuple(repeated_values(legacy.interactions, scrubbed, scrubber.vault))


def _written(path: Path, cassette: Cassette) -> str:
    """Return the text of a cassette. Big bodies stay in it, so that plain vcrpy can read it."""
    if path.suffix != ".json":
        return dump(cassette)
    try:
        return json.dumps(document_of(cassette), indent=4, ensure_ascii=False) + "\n"
    except TypeError:
        raise NotMigratedError("it has a binary body, which JSON cannot hold") from None


def _loaded(path: Path, text: str) -> Cassette | None:
    """Return the cassette in a text; None if it cannot be loaded."""
    try:
        return parse(text, path, json.loads if path.suffix == ".json" else None)
    except CassetteError:
        return None
