"""An OpenAPI document with the local files that it refers to."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import unquote, urldefrag, urljoin

from ..drift.body_values import Json
from . import sources
from .node import Node, SpecificationError

_MOST_FILES = 1000
_MOST_HOPS = 50
"""References that lead to references."""


class Document:
    """The values of all files, and what references mean. Nothing is read from the network."""

    def __init__(self, loaded: sources.Loaded) -> None:
        self.name = loaded.name
        self.root = Node(loaded.uri, (), loaded.root)
        self.files: dict[str, Json] = {loaded.uri: loaded.root}
        self.version = self._version()

    def _version(self) -> str:
        """Return "3.0" or "3.1". Raises SpecificationError for anything else."""
        if not isinstance(self.root.value, dict):
            raise self.error(self.root, "an OpenAPI document is an object")
        if "swagger" in self.root.value:
            raise self.error(self.root, "it is Swagger 2.0: convert it to OpenAPI 3")
        version = str(self.root.value.get("openapi", "missing"))
        for known in ("3.0", "3.1"):
            if version.startswith(f"{known}."):
                return known
        raise self.error(self.root, f"expected `openapi` 3.0.x or 3.1.x, seen {version}")

    def error(self, node: Node, problem: str) -> SpecificationError:
        """Return the error for a value, with its file and JSON path."""
        return SpecificationError(f"{self.file_name(node)}: {node.place}: {problem}")

    def file_name(self, node: Node) -> str:
        """Return the name of the file in which a value is."""
        return self.name if node.uri == self.root.uri else _file_name(node.uri)

    def location(self, node: Node) -> str:
        """Return where a value is, for messages; the file only if there are several."""
        is_main = node.uri == self.root.uri
        return node.place if is_main else f"{_file_name(node.uri)} {node.place}"

    def resolve(self, node: Node) -> Node:
        """Return the value itself, or what its `$ref` refers to. Raises SpecificationError."""
        found = node
        for _ in range(_MOST_HOPS):
            reference = found.value.get("$ref") if isinstance(found.value, dict) else None
            if not isinstance(reference, str):
                return found
            found = self.target(found, reference)
        raise self.error(node, "a $ref that leads to itself, or to too many others")

    def target(self, node: Node, reference: str) -> Node:
        """Return what a reference in a value refers to. Raises SpecificationError."""
        if reference.startswith("#"):
            uri, fragment = node.uri, reference[1:]
        else:
            uri, fragment = urldefrag(urljoin(node.uri, reference))
        root = self._file(node, uri, reference)
        steps = [_unescaped(step) for step in unquote(fragment).split("/")[1:]]
        if fragment and not fragment.startswith("/"):
            raise self.error(node, f"$ref {reference!r} is no JSON pointer, as #/components/…")
        found = Node(uri, (), root)
        for step in steps:
            below = _below(found, step)
            if below is None:
                raise self.error(node, f"$ref {reference!r} does not exist")
            found = below
        return found

    def _file(self, node: Node, uri: str, reference: str) -> Json:
        if uri in self.files:
            return self.files[uri]
        if not (uri.startswith("file:") and self.root.uri.startswith("file:")):
            raise self.error(
                node, f"$ref {reference!r}: only files beside a local document are followed"
            )
        if len(self.files) >= _MOST_FILES:
            raise self.error(node, f"it refers to more than {_MOST_FILES} files")
        try:
            self.files[uri] = sources.read_referenced(uri)
        except SpecificationError as error:
            raise self.error(node, f"$ref {reference!r}: {error}") from None
        return self.files[uri]


def read(given: str, directory: Path) -> Document:
    """Return the document that the user has named. Raises SpecificationError."""
    return Document(sources.load(given, directory))


def _below(node: Node, step: str) -> Node | None:
    if isinstance(node.value, list):
        is_position = step.isdecimal() and int(step) < len(node.value)
        return node.child(int(step)) if is_position else None
    return node.get(step)


def _unescaped(step: str) -> str:
    return step.replace("~1", "/").replace("~0", "~")


def _file_name(uri: str) -> str:
    return unquote(uri.rpartition("/")[2])
