"""The operations of a document as values: parameters, bodies and answers. Bad parts are errors."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from .document import Document
from .node import Node

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
PLACES = ("path", "query", "header", "cookie")
REFUSALS = frozenset((404, 405, 501))
"""Statuses by which an API says that it does not have a path, or a method of a path."""
_STYLES = {"path": "simple", "header": "simple", "query": "form", "cookie": "form"}
_IGNORED_HEADERS = frozenset(("accept", "content-type", "authorization"))
"""Parameters of these names have no effect (OpenAPI 3.1, section 4.8.12.2.1)."""


class Media(NamedTuple):
    """A body in one media type, which may be a range as `text/*`."""

    name: str
    schema: Node | None
    node: Node


class Parameter(NamedTuple):
    """A parameter of a request, or a header of an answer. `place` is one of PLACES.

    With `content` its value is a body, as JSON; without, it is written in a style (RFC 6570).
    """

    name: str
    place: str
    is_required: bool
    schema: Node | None
    style: str
    explode: bool
    content: Media | None
    node: Node

    @property
    def title(self) -> str:
        """The parameter in words: `query parameter page`."""
        return f"{self.place} parameter {self.name}"


class Answer(NamedTuple):
    """A documented answer. `status` is `200`, a range as `4XX`, or `default`."""

    status: str
    media: tuple[Media, ...]
    headers: tuple[Parameter, ...]
    node: Node


class Operation(NamedTuple):
    """A method of a path."""

    method: str
    path: str
    parameters: tuple[Parameter, ...]
    body: tuple[Media, ...]
    is_body_required: bool
    answers: tuple[Answer, ...]
    node: Node

    @property
    def name(self) -> str:
        return f"{self.method} {self.path}"

    def answer(self, status: int) -> Answer | None:
        """Return what is documented for a status: the status itself, its range, or `default`."""
        by_status = {answer.status.upper(): answer for answer in self.answers}
        for key in (str(status), f"{status // 100}XX", "DEFAULT"):
            if key in by_status:
                return by_status[key]
        return None


def read_operations(document: Document) -> Iterator[Operation]:
    """Yield all operations of a document. Raises SpecificationError."""
    paths = document.root.get("paths")
    if paths is None:
        return
    _require(document, paths, dict)
    for path, item in paths.items():
        if not path.startswith("/"):
            raise document.error(item, "a path begins with /")
        found = document.resolve(item)
        _require(document, found, dict)
        for method in METHODS:
            if operation := found.get(method):
                yield _operation(document, path, found, operation)


def _operation(document: Document, path: str, item: Node, node: Node) -> Operation:
    _require(document, node, dict)
    # An operation's parameter replaces the one of the path with the same name and place.
    found: dict[tuple[str, str], Parameter] = {}
    for parent in (item, node):
        if parameters := parent.get("parameters"):
            _require(document, parameters, list)
            for each in parameters.list():
                parameter = _parameter(document, each)
                found[parameter.name, parameter.place] = parameter
    parameters_ = tuple(
        p
        for p in found.values()
        if not (p.place == "header" and p.name.lower() in _IGNORED_HEADERS)
    )
    body = node.get("requestBody")
    body = document.resolve(body) if body else None
    return Operation(
        str(node.steps[-1]).upper(),
        path,
        parameters_,
        _media(document, body) if body else (),
        bool(body and body.value.get("required")),  # type: ignore[union-attr]
        tuple(_answers(document, node)),
        node,
    )


def _parameter(document: Document, given: Node) -> Parameter:
    node = document.resolve(given)
    _require(document, node, dict)
    for key in ("name", "in"):
        if not isinstance(node.value.get(key), str):  # type: ignore[union-attr]
            raise document.error(node, f"a parameter needs `{key}`, a text")
    place = str(node.child("in").value)
    if place not in PLACES:
        raise document.error(node, f"expected `in` one of {', '.join(PLACES)}, seen {place}")
    return _written(document, node, str(node.child("name").value), place)


def _written(document: Document, node: Node, name: str, place: str) -> Parameter:
    assert isinstance(node.value, dict)
    style = str(node.value.get("style", _STYLES[place]))
    content = _media(document, node)
    schema = node.get("schema")
    return Parameter(
        name,
        place,
        is_required=bool(node.value.get("required")) or place == "path",
        schema=schema,
        style=style,
        explode=bool(node.value.get("explode", style == "form")),
        content=content[0] if content else None,
        node=node,
    )


def _answers(document: Document, operation: Node) -> Iterator[Answer]:
    responses = operation.get("responses")
    if responses is None:
        return
    _require(document, responses, dict)
    for status, given in responses.items():
        node = document.resolve(given)
        _require(document, node, dict)
        headers = node.get("headers")
        found = [
            _written(document, _object(document, header), name, "header")
            for name, header in (headers.items() if headers else ())
            if name.lower() != "content-type"
        ]
        yield Answer(status, _media(document, node), tuple(found), node)


def _object(document: Document, given: Node) -> Node:
    node = document.resolve(given)
    _require(document, node, dict)
    return node


def _media(document: Document, node: Node) -> tuple[Media, ...]:
    content = node.get("content")
    if content is None:
        return ()
    _require(document, content, dict)
    return tuple(
        Media(name.partition(";")[0].strip().lower(), found.get("schema"), found)
        for name, found in ((name, _object(document, each)) for name, each in content.items())
    )


def _require(document: Document, node: Node, kind: type) -> None:
    if not isinstance(node.value, kind):
        name = "an object" if kind is dict else "a list"
        raise document.error(node, f"expected {name}")
