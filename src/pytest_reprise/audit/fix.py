"""Replace secrets in files by placeholders. All other text stays as it is."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Container, Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from ..cassette import body_files, document_edit, document_text
from ..cassette.replace import replace_cassette
from ..errors import Unscrubbed
from ..exchange import Interaction
from ..scrub.content.charsets import decode
from ..scrub.content.texts import texts
from ..scrub.scrubber import Scrubber
from ..scrub.walk.bodies import visit_body
from ..scrub.walk.candidates import Walk
from .decompressed import decompress_interaction
from .files import Source, parse_source, read_source
from .proof import difference_in_form, have_same_form
from .scan import scan


class FixResult(NamedTuple):
    """What happened to a file: the number of findings fixed, or why it could not be fixed."""

    file: str
    fixed: int = 0
    problem: str = ""


def fix_files(
    paths: Iterable[Path], scrubber: Scrubber, named: Container[Path] = ()
) -> Iterator[FixResult]:
    """Fix each file, and yield a result for each that changed or could not be fixed.

    A file that is no recording is left alone, unless it is one of `named`. The secrets of all files
    are learned before the first file is written. So a value has the same placeholder in all files,
    and a value that one file reveals is replaced in the others too.
    """
    files = list(paths)
    for _, source in _readable(files, named):
        _reserve_placeholders(source, scrubber)
    for _, source in _readable(files, named):
        _learn(source, scrubber)
    for path, source in _readable(files, named):
        result = _fix(path, source, scrubber)
        if result:
            yield result


def _readable(paths: Iterable[Path], named: Container[Path]) -> Iterator[tuple[Path, Source]]:
    """Yield the files that can be read and may be changed. The report names the others."""
    for path in paths:
        with contextlib.suppress(OSError):
            source = read_source(path)
            if source.is_recording or path in named:
                yield path, source


def _reserve_placeholders(source: Source, scrubber: Scrubber) -> None:
    """Reserve the placeholders in a file, which stand for values that are no longer known."""
    vault = scrubber.vault
    if source.interactions is None:
        vault.reserve_placeholders(source.text)
        return
    vault.reserve_placeholders(json.dumps(_remainder_values(source)))
    for interaction in source.interactions:
        for _, text in texts(decompress_interaction(interaction)[0]):
            vault.reserve_placeholders(text)


def _learn(source: Source, scrubber: Scrubber) -> None:
    """Learn the secrets of a file. Errors are ignored here; fixing the file reports them."""
    for interaction in source.interactions or ():
        with contextlib.suppress(Exception):
            scrubber.learn(interaction)
    with contextlib.suppress(Exception):
        if source.interactions is None:
            visit_body(source.raw, "", _replacing_walk(scrubber))
        else:
            scrubber.scrub_values(_remainder_values(source))


_SECRET_IN_NAME = "a body file has a secret in its name: rename the test, and record it again"


def _fix(path: Path, source: Source, scrubber: Scrubber) -> FixResult | None:
    """Fix one file, and return None if it has no secret."""
    name = source.name
    try:
        fixed, bodies = _fixed_content(source, scrubber)
        if any(body_name.encode() not in fixed for body_name in bodies):
            return FixResult(name, problem=_SECRET_IN_NAME)
        if fixed == source.raw:
            return None
        if problem := _damage(source, fixed, bodies):
            return FixResult(name, problem=f"left as it is: {problem}")
        findings = len(scan(source, scrubber).detections)
        replace_cassette(path.resolve(), fixed, bodies)
        return FixResult(name, findings)
    except Unscrubbed as error:
        return FixResult(name, problem=f"interaction {error.number}: {error.problem}")
    except OSError as error:
        return FixResult(name, problem=f"cannot be written: {error.strerror}")
    except Exception as error:  # a file must not be written if scrubbing it failed
        return FixResult(name, problem=f"fix raised {type(error).__name__}")


def _fixed_content(source: Source, scrubber: Scrubber) -> tuple[bytes, dict[str, bytes]]:
    """Return the content of the fixed file, and of its fixed body files, by name."""
    if source.interactions is None:
        return _fixed_text(source.raw, scrubber), {}
    document = _fixed_document(source, source.interactions, scrubber)
    if document != source.document:
        text = document_text.write_like(source.text, source.document, document)
    else:  # the secret is where a YAML loader does not look, such as a comment
        text = scrubber.scrub_text(source.text)
    return source.encode(text), document_edit.body_files(document)


def _damage(source: Source, fixed: bytes, bodies: dict[str, bytes]) -> str:
    """Return what the new content would change besides secrets, or "" for nothing.

    It is loaded as any reader would load it. A number with zeros before it, such as 000001, is
    another number then.
    """
    if source.problem:  # it cannot be loaded before, either
        return ""
    new = parse_source(source.name, fixed, body_files.from_memory(bodies))
    if new.problem:
        return f"the new text would not load: {new.problem}"
    if not have_same_form(source.document, new.document):
        return "the new text would not load to the same values"
    return difference_in_form(source.interactions or (), new.interactions or ())


def _fixed_document(
    source: Source, interactions: tuple[Interaction, ...], scrubber: Scrubber
) -> document_edit.Tree:
    scrubbed = scrubber.scrub(interactions)
    remainder = document_edit.remainder(source.document)
    changed = scrubber.scrub_values(_remainder_values(source))
    merged = document_edit.merge_json_values(remainder, changed)
    return document_edit.with_interactions(source.document, merged, scrubbed)


def _remainder_values(source: Source) -> document_edit.Tree:
    """Return what the document holds in addition to its interactions, as JSON values."""
    return document_edit.to_json_values(document_edit.remainder(source.document))


def _fixed_text(raw: bytes, scrubber: Scrubber) -> bytes:
    decoded = decode(visit_body(raw, "", _replacing_walk(scrubber)))
    vault = scrubber.vault
    redact = vault.redact_binary if decoded.is_binary else vault.redact_text
    return decoded.encode(redact(decoded.text))


def _replacing_walk(scrubber: Scrubber) -> Walk:
    return Walk(scrubber.rules, scrubber.replace_candidate, "text")
