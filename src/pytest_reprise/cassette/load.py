"""Text → Cassette. `parse` is the one place that decides which reader reads a text.

| text | reader | three interactions |
|---|---|---|
| YAML exactly as Reprise writes it | `yaml.fast_load`: regular expressions only | 50 µs |
| other YAML | `yaml.safe`: the events of libyaml's parser | 280 µs |
| YAML with tags, anchors or merge keys | `yaml.safe`: PyYAML's safe loader | 530 µs |
| another format | the `deserialize` of the suite's own vcrpy serializer | |

The first reader returns interactions. The others return plain values, and `build` makes a cassette
of these.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from ..errors import CassetteError
from .body_files import FetchBody, no_body_files
from .limits import LimitError, check_json, check_values, may_have_too_many_values
from .model import Cassette, Header
from .source_text import SourceText
from .yaml import fast_load

if TYPE_CHECKING:
    from .build import CassetteBuilder
    from .yaml.safe import InvalidYamlError

Deserialize: TypeAlias = Callable[[str], object]
"""Returns the plain values in the text of a file, as the `deserialize` of a vcrpy serializer."""


def parse(
    text: str,
    path: Path,
    deserialize: Deserialize | None = None,
    fetch_body: FetchBody = no_body_files,
) -> Cassette:
    """Return the cassette in `text`, which is YAML unless `deserialize` is given.

    `path` is used in messages only; `fetch_body` returns the content of a body file. Raises
    CassetteError, with line and repair, for a text that is not a cassette.
    """
    if deserialize:
        return read_by_serializer(SourceText(text, path, is_yaml=False), deserialize, fetch_body)
    source = SourceText(text, path)
    try:
        return read_own_format(source, fetch_body)
    except fast_load.NotOurFormatError:
        return read_any_yaml(source, fetch_body)


def read_own_format(source: SourceText, fetch_body: FetchBody) -> Cassette:
    """Return what `read_any_yaml` returns, for a text exactly as Reprise writes it.

    Raises NotOurFormatError for all others, CassetteError for a header that is wrong.
    """
    header, interactions = fast_load.load(source.text, fetch_body)
    if not isinstance(header, Header):
        header = _builder(source, fetch_body).header(header)
    return Cassette(interactions, header)


def read_any_yaml(source: SourceText, fetch_body: FetchBody) -> Cassette:
    """Return the cassette in a text that may be any YAML. Raises CassetteError."""
    # PyYAML takes 10 ms to import. Most replays do not need it.
    from .yaml.safe import InvalidYamlError, load

    try:
        document = load(source.text)
    except InvalidYamlError as error:
        raise _yaml_error(source, error) from error
    return _builder(source, fetch_body).cassette(document)


def read_by_serializer(
    source: SourceText, deserialize: Deserialize, fetch_body: FetchBody
) -> Cassette:
    """Return the cassette that a vcrpy serializer reads in the text. Raises CassetteError."""
    try:
        _check_limits(source.text)
        document = deserialize(source.text)
        check_values(document, len(source.text))
    except LimitError as error:
        raise source.error(error.line, error.problem) from error
    except Exception as error:  # a serializer of the suite may raise anything
        problem = f"the serializer cannot read it: {type(error).__name__}: {error}"
        raise source.error(1, problem) from error
    return _builder(source, fetch_body).cassette(document)


def _builder(source: SourceText, fetch_body: FetchBody) -> CassetteBuilder:
    from .build import CassetteBuilder  # most replays do not need it

    return CassetteBuilder(source, fetch_body)


def _check_limits(text: str) -> None:
    """Raise LimitError for a text whose values are too many, if it is JSON or YAML."""
    if text.lstrip()[:1] in ("{", "["):
        check_json(text)
    has_aliases = "&" in text and "*" in text
    if has_aliases or may_have_too_many_values(text):
        from .yaml.safe import InvalidYamlError, check

        try:
            check(text)
        except InvalidYamlError as error:
            if isinstance(error.__cause__, LimitError):
                raise error.__cause__ from None


def _yaml_error(source: SourceText, error: InvalidYamlError) -> CassetteError:
    from .yaml.safe import RepeatedKeyError

    if error.is_tag:
        repair = "Reprise builds no objects from a cassette; delete the file and record again."
        return source.error(error.line, f"an unsafe YAML tag: {error.problem}", repair)
    if isinstance(error, RepeatedKeyError):
        return source.error(error.line, error.problem, "Delete one of the two.")
    if isinstance(error.__cause__, LimitError):
        return source.error(error.line, error.problem)
    return source.error(error.line, f"not valid YAML, perhaps truncated: {error.problem}")
