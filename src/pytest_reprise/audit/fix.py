"""The repair: secrets make way for placeholders, the same in all files, and all else stays."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterable, Iterator
from pathlib import Path

from ..cassette import document_edit, document_text
from ..cassette.file import replace_cassette
from ..errors import Unscrubbed
from ..exchange import Interaction
from ..scrub.content.charsets import decode
from ..scrub.content.texts import texts
from ..scrub.scrubber import Scrubber
from ..scrub.walk.bodies import visit_body
from ..scrub.walk.candidates import Walk
from .decompressed import opened
from .files import Source, read
from .scan import look


def mend(files: Iterable[Path], scrubber: Scrubber) -> Iterator[tuple[str, int, str]]:
    """Mend each file; gives the name, how many places were mended, and what went wrong.

    All files are learned from before the first one is written. Only files that are changed or could
    not be mended are told of.
    """
    paths = list(files)
    for _, source in _readable(paths):
        _reserve(source, scrubber)
    for _, source in _readable(paths):
        _learn(source, scrubber)
    for path, source in _readable(paths):
        yield from _mend(path, source, scrubber)


def _readable(paths: Iterable[Path]) -> Iterator[tuple[Path, Source]]:
    """The files that can be read; of the others the report says why."""
    for path in paths:
        with contextlib.suppress(OSError):
            yield path, read(path)


def _reserve(source: Source, scrubber: Scrubber) -> None:
    """What is a placeholder already stands for a value that nobody knows any more."""
    if source.interactions is None:
        scrubber.vault.reserve_placeholders(source.text)
        return
    scrubber.vault.reserve_placeholders(
        json.dumps(document_edit.to_json_values(document_edit.remainder(source.document)))
    )
    for interaction in source.interactions:
        for _, text in texts(opened(interaction)[0]):
            scrubber.vault.reserve_placeholders(text)


def _learn(source: Source, scrubber: Scrubber) -> None:
    """Whatever goes wrong here goes wrong again, and is said, when the file is mended."""
    for interaction in source.interactions or ():
        with contextlib.suppress(Exception):
            scrubber.learn(interaction)
    with contextlib.suppress(Exception):
        if source.interactions is None:
            visit_body(source.raw, "", _filling(scrubber))
        else:
            scrubber.scrub_values(
                document_edit.to_json_values(document_edit.remainder(source.document))
            )


_NAMED_BY_SECRET = "a body file has a secret in its name: rename the test, and record it again"


def _mend(path: Path, source: Source, scrubber: Scrubber) -> Iterator[tuple[str, int, str]]:
    try:
        mended, bodies = _mended(source, scrubber)
        if any(name.encode() not in mended for name in bodies):
            yield source.name, 0, _NAMED_BY_SECRET
        elif mended != source.raw:
            places = len(look(source, scrubber).spots)
            replace_cassette(path.resolve(), mended, bodies)
            yield source.name, places, ""
    except Unscrubbed as error:
        yield source.name, 0, f"interaction {error.number}: {error.problem}"
    except OSError as error:
        yield source.name, 0, f"cannot be written: {error.strerror}"
    except Exception as error:  # nothing half-scrubbed is written, whatever the reason
        yield source.name, 0, f"mending it raised {type(error).__name__}"


def _mended(source: Source, scrubber: Scrubber) -> tuple[bytes, dict[str, bytes]]:
    """The file, and the bodies that it has in files of their own."""
    if source.interactions is None:
        return _mended_text(source.raw, scrubber), {}
    document = _mended_document(source, source.interactions, scrubber)
    if document != source.document:
        text = document_text.write_like(source.text, source.document, document)
    else:  # What is left stands where no loader looks, as in a comment.
        text = scrubber.scrub_text(source.text)
    return source.with_text(text), document_edit.body_files(document)


def _mended_document(
    source: Source, interactions: tuple[Interaction, ...], scrubber: Scrubber
) -> document_edit.Tree:
    scrubbed = scrubber.scrub(interactions)
    remaining = document_edit.remainder(source.document)
    changed = scrubber.scrub_values(document_edit.to_json_values(remaining))
    return document_edit.with_interactions(
        source.document, document_edit.merge_json_values(remaining, changed), scrubbed
    )


def _mended_text(raw: bytes, scrubber: Scrubber) -> bytes:
    decoded = decode(visit_body(raw, "", _filling(scrubber)))
    vault = scrubber.vault
    spread = vault.redact_binary if decoded.is_binary else vault.redact_text
    text = spread(decoded.text)
    return decoded.encode(text)


def _filling(scrubber: Scrubber) -> Walk:
    return Walk(scrubber.rules, scrubber.replace_candidate, "text")
