"""All of YAML, read and written by PyYAML.

The loader builds plain values only, never an object that a tag names. An error names its line.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from functools import reduce
from io import BytesIO
from typing import Any, TypeAlias

import yaml

from ..body_files import BODY_FILE_TAG, PLACES, BodyFileName, BodyFromFile
from ..json_blocks import Block
from ..limits import LimitError, may_have_too_many_values
from . import events
from .libyaml import INVALID_VALUE, Dumper, Loader, limit_numbers
from .size import check_yaml_events

Place: TypeAlias = tuple[Hashable, ...]
"""Where a value is in a document: keys and positions, from the top down."""

WIDTH = 2**31 - 1
"""Characters in a line: so many that no line is ever broken."""


class InvalidYamlError(Exception):
    """Text that is not the YAML of plain values.

    `line` counts from 1; `is_tag` says that the cause is an unsafe or unknown tag.
    """

    def __init__(self, problem: str, line: int, is_tag: bool = False) -> None:
        super().__init__(problem)
        self.problem = problem
        self.line = line
        self.is_tag = is_tag


class RepeatedKeyError(InvalidYamlError):
    """A mapping of a cassette of ours has the same key twice, in its last line.

    PyYAML takes the last value, so a replay would not do what a reader of the first one expects.
    vcrpy does the same, and a cassette of vcrpy may be merged by hand; so it is read as there.
    """


class CassetteDumper(Dumper):
    """The safe dumper with our tags. It writes equal values out each time, without aliases."""

    def ignore_aliases(self, _data: object) -> bool:
        return True


class CassetteLoader(Loader):
    """The safe loader with the few tags that older versions of vcrpy wrote."""

    def construct_object(self, node: yaml.Node, deep: bool = False) -> Any:
        try:
            return super().construct_object(node, deep)
        except INVALID_VALUE as error:
            problem = f"a value that cannot be read ({error})"
            raise yaml.MarkedYAMLError(problem=problem, problem_mark=node.start_mark) from error


def _construct_bytesio(loader: yaml.SafeLoader, node: yaml.MappingNode) -> bytes:
    state: Any = loader.construct_mapping(node, deep=True).get("state") or [b""]
    return BytesIO(state[0].encode() if isinstance(state[0], str) else state[0]).getvalue()


def _construct_iterator(loader: yaml.SafeLoader, node: yaml.MappingNode) -> bytes:
    args: Any = loader.construct_mapping(node, deep=True).get("args") or [[]]
    return b"".join(part.encode() if isinstance(part, str) else part for part in args[0])


limit_numbers(CassetteLoader)
_HARMLESS_TAGS: dict[str, Callable[[Any, Any], object]] = {
    "str": Loader.construct_scalar,
    "unicode": Loader.construct_scalar,
    "tuple": Loader.construct_sequence,
    "object/new:_io.BytesIO": _construct_bytesio,
    "object/apply:builtins.iter": _construct_iterator,
}
for _tag, _construct in _HARMLESS_TAGS.items():
    CassetteLoader.add_constructor(f"tag:yaml.org,2002:python/{_tag}", _construct)
CassetteDumper.add_representer(
    Block, lambda dumper, text: dumper.represent_scalar("tag:yaml.org,2002:str", str(text), "|")
)

CassetteDumper.add_representer(BodyFileName, lambda dumper, name: _in_file(dumper, str(name)))
CassetteDumper.add_representer(BodyFromFile, lambda dumper, body: _in_file(dumper, body.name))


def _in_file(dumper: CassetteDumper, name: str) -> yaml.ScalarNode:
    # Always with quotes: else libyaml would write none here, but PyYAML without libyaml would.
    return dumper.represent_scalar(BODY_FILE_TAG, name, "'")


def load(text: str) -> object:
    """Return the one document in `text`. Raises InvalidYamlError."""
    if may_have_too_many_values(text):
        check(text)
    try:
        return events.load_plain(text)
    except events.UnsupportedYamlError:
        return load_by_nodes(text)


def load_by_nodes(text: str) -> object:
    """Return what `load` returns, by PyYAML's loader alone. Raises InvalidYamlError."""
    check(text)
    with our_error(text):
        return _constructed(CassetteLoader(text))


def check(text: str) -> None:
    """Raise InvalidYamlError for a text that is above a limit (`limits`), or not valid YAML."""
    with our_error(text):
        check_yaml_events(text, yaml.parse(text, Loader=CassetteLoader))


@contextmanager
def our_error(text: str) -> Iterator[None]:
    """Raise InvalidYamlError for any error of PyYAML."""
    try:
        yield
    except LimitError as error:
        raise InvalidYamlError(error.problem, error.line) from error
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise InvalidYamlError(str(error.reason), line) from error
    except yaml.MarkedYAMLError as error:
        raise _not_yaml(error) from error
    except UnicodeEncodeError as error:  # bytes that no charset has are surrogates in the text
        raise InvalidYamlError("not UTF-8", text.count("\n", 0, error.start) + 1) from error
    except (yaml.YAMLError, RecursionError) as error:
        raise InvalidYamlError(f"it cannot be read ({type(error).__name__})", 1) from error


def _constructed(loader: CassetteLoader) -> object:
    try:
        top = loader.get_single_node()
        if top and isinstance(child_node(top, "reprise"), yaml.MappingNode):
            _check_keys(top)
        for node in _body_file_names(top):
            loader.constructed_objects[node] = BodyFileName(node.value)
        return None if top is None else loader.construct_document(top)
    finally:
        loader.dispose()


def _check_keys(top: yaml.Node) -> None:
    """Raise RepeatedKeyError for a mapping with the same key twice."""
    left, seen = [top], set[yaml.Node]()
    while left:
        node = left.pop()
        if node in seen or isinstance(node, yaml.ScalarNode):
            continue
        seen.add(node)  # an alias is the node of its anchor
        keys = set[object]()
        for key, _ in _pairs(node):
            if isinstance(key, yaml.ScalarNode) and (key.tag, key.value) in keys:
                raise RepeatedKeyError(f"the key {key.value!r} is given twice", _line(key))
            keys.add((key.tag, key.value) if isinstance(key, yaml.ScalarNode) else key)
        left += [value for _, value in _pairs(node)]
        left += node.value if isinstance(node, yaml.SequenceNode) else []


def _body_file_names(top: yaml.Node | None) -> Iterator[yaml.Node]:
    """Return the nodes that may have BODY_FILE_TAG: bodies, in a cassette with our header."""
    items = child_node(top, "interactions")
    if isinstance(child_node(top, "reprise"), yaml.MappingNode):
        for item in items.value if isinstance(items, yaml.SequenceNode) else ():
            nodes = (reduce(child_node, place, item) for place in PLACES)
            yield from (
                n for n in nodes if isinstance(n, yaml.ScalarNode) and n.tag == BODY_FILE_TAG
            )


def dump(document: object, *, ascii_only: bool, width: int, start: bool, end: bool) -> str:
    """Return the text of plain values, with the keys of mappings in their order.

    `ascii_only` writes all other characters as escapes; `width` is the length from which a line is
    broken; `start` and `end` add the markers `---` and `...`. Raises ValueError for values that
    YAML cannot hold.
    """
    try:
        text: str = yaml.dump(
            document,
            Dumper=CassetteDumper,
            allow_unicode=not ascii_only,
            width=width,
            explicit_start=start,
            explicit_end=end,
            sort_keys=False,
        )
    except yaml.YAMLError as error:
        raise ValueError(f"a value that YAML cannot hold ({type(error).__name__})") from None
    return text


def dump_scalar(value: object) -> str:
    """Return the text of one value, as it is written after a key."""
    text = dump(value, ascii_only=False, width=WIDTH, start=False, end=False)
    return text.removesuffix("\n").removesuffix("\n...")


def lines_of_items(text: str, key: str) -> list[int]:
    """Return the line, from 1, of each item in the list under `key`. Raises InvalidYamlError."""
    check(text)
    with our_error(text):
        top = yaml.compose(text, Loader=CassetteLoader)
    items = child_node(top, key)
    found = items.value if isinstance(items, yaml.SequenceNode) else []
    return [item.start_mark.line + 1 for item in found]


def line_of(text: str, place: Place) -> int:
    """Return the line, from 1, of `place`, or of the deepest value above it that exists."""
    return _line(_node_at(text, place))


def line_of_key(text: str, place: Place) -> int:
    """Return the line, from 1, of the last key of `place`, or of the mapping without that key."""
    above = _node_at(text, place[:-1])
    return _line(next((key for key, _ in _pairs(above) if _is(key, place[-1])), above))


def _line(node: yaml.Node | None) -> int:
    return node.start_mark.line + 1 if node else 1


def _node_at(text: str, place: Place) -> yaml.Node | None:
    """Return the node at `place`, or the deepest one above it; None for invalid YAML."""
    try:
        node: yaml.Node | None = yaml.compose(text, Loader=CassetteLoader)
    except yaml.YAMLError:
        return None
    for step in place:
        child = child_node(node, step)
        if child is None:
            break
        node = child
    return node


def child_node(node: yaml.Node | None, step: Hashable) -> yaml.Node | None:
    if isinstance(node, yaml.SequenceNode):
        return node.value[step] if isinstance(step, int) and step < len(node.value) else None
    # As in a dict, the last of equal keys wins.
    return next((value for key, value in reversed(_pairs(node)) if _is(key, step)), None)


def _pairs(node: yaml.Node | None) -> list[tuple[yaml.Node, yaml.Node]]:
    return node.value if isinstance(node, yaml.MappingNode) else []


def _is(key: yaml.Node, step: Hashable) -> bool:
    """Whether a key of the YAML text is `step`, which is a number for the key `5:`."""
    return isinstance(key, yaml.ScalarNode) and key.value == str(step)


def _not_yaml(error: yaml.MarkedYAMLError) -> InvalidYamlError:
    mark = error.problem_mark or error.context_mark
    is_tag = isinstance(error, yaml.constructor.ConstructorError)
    is_tag = is_tag and "unhashable key" not in str(error.problem)  # a list as a key
    return InvalidYamlError(str(error.problem), mark.line + 1 if mark else 1, is_tag)
