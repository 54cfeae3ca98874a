"""Find the operation of a recorded request: by host, base path, path template and method."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple
from urllib.parse import urljoin, urlsplit

from ..exchange import Request
from .document import Document
from .node import Node
from .operations import Operation

_PARAMETER = re.compile(r"\{([^{}/]+)\}")
_MOST_IN_SEGMENT = 4
"""Parameters in one segment of a path. Each one may end at any character."""


class Route(NamedTuple):
    """What a request asks for. Without an operation it asks for none that is documented.

    `path` has the parameters of the path as they were sent; `methods` are those that the path has.
    """

    operation: Operation | None = None
    path: Mapping[str, str] = {}
    template: str = ""
    methods: tuple[str, ...] = ()
    is_other_host: bool = False


class _Template(NamedTuple):
    """A path with parameters, and its operations by method."""

    path: str
    pattern: re.Pattern[str]
    names: tuple[str, ...]
    operations: dict[str, Operation]


class Routes:
    """The paths of a document. A path without a parameter comes before one with it."""

    def __init__(self, document: Document, operations: Iterable[Operation]) -> None:
        by_path: dict[str, dict[str, Operation]] = {}
        for operation in operations:
            by_path.setdefault(operation.path, {})[operation.method] = operation
        self._templates: dict[int, list[_Template]] = {}
        ordered = sorted(by_path, key=lambda path: ["{" in part for part in path.split("/")])
        for path in ordered:
            found = _template(document, path, by_path[path])
            self._templates.setdefault(path.count("/"), []).append(found)
        self._servers = [*_servers(document)]

    def find(self, request: Request, base_url: str) -> Route:
        """Return what a request asks for. `base_url` is that of its recording, or "".

        A host is that of the API if the document names it, or if it is that of the base URL. If the
        document names no host and the recording no base URL, every host is.
        """
        parts = urlsplit(request.url)
        prefixes = self._prefixes(parts.netloc, base_url)
        if prefixes is None:
            return Route(is_other_host=True)
        routes = [
            self._route(request.method, parts.path[len(prefix) :] or "/")
            for prefix in prefixes
            if parts.path.startswith((f"{prefix}/", prefix)) or not prefix
        ]
        return next(
            (route for route in routes if route.operation),
            next((route for route in routes if route.methods), Route()),
        )

    def _prefixes(self, host: str, base_url: str) -> list[str] | None:
        """Return the base paths that a request to a host may have, or None for another API."""
        of_host = [path for server, path in self._servers if server == host]
        if of_host:
            return of_host
        base = urlsplit(base_url)
        named = {server for server, _ in self._servers if server}
        if host != base.netloc and (base.netloc or named):
            return None
        found = [base.path.rstrip("/"), *(path for _, path in self._servers), ""]
        return [*dict.fromkeys(found)]

    def _route(self, method: str, path: str) -> Route:
        allowed: dict[str, None] = {}
        for template in self._templates.get(path.count("/"), ()):
            match = template.pattern.fullmatch(path)
            if not match:
                continue
            # A HEAD that is not documented is a GET without the body (RFC 9110, 9.3.2).
            for name in (method, "GET" if method == "HEAD" else method):
                if operation := template.operations.get(name):
                    values = dict(zip(template.names, match.groups(), strict=True))
                    return Route(operation, values, template.path)
            allowed |= dict.fromkeys(template.operations)
        return Route(methods=tuple(allowed))


def _template(document: Document, path: str, operations: dict[str, Operation]) -> _Template:
    node = next(iter(operations.values())).node
    pieces = _PARAMETER.split(path)
    if any(len(_PARAMETER.findall(part)) > _MOST_IN_SEGMENT for part in path.split("/")):
        problem = f"more than {_MOST_IN_SEGMENT} parameters between two slashes"
        raise document.error(Node(node.uri, ("paths", path), None), problem)
    pattern = "".join("([^/]+?)" if n % 2 else re.escape(part) for n, part in enumerate(pieces))
    return _Template(path, re.compile(pattern), tuple(pieces[1::2]), operations)


def _servers(document: Document) -> Iterable[tuple[str, str]]:
    """Yield the host, or "", and the base path of each server, with the defaults of variables."""
    servers = document.root.get("servers")
    found = [*servers.list()] if servers else []
    for node in found:
        url = node.value.get("url") if isinstance(node.value, dict) else None
        if not isinstance(url, str):
            raise document.error(node, "a server needs `url`, a text")
        plain = _with_defaults(node, url)
        try:
            # A relative URL is at the host of the document, if that was fetched.
            parts = urlsplit(urljoin(document.root.uri, plain))
        except ValueError:
            raise document.error(node.child("url"), f"{plain} is no URL") from None
        is_hostless = not urlsplit(plain).netloc and not document.root.uri.startswith("http")
        yield "" if is_hostless else parts.netloc, urlsplit(plain).path.rstrip("/")


def _with_defaults(node: Node, url: str) -> str:
    variables = node.get("variables")

    def default(match: re.Match[str]) -> str:
        variable = variables.get(match[1]) if variables else None
        found = (
            variable.value.get("default") if variable and isinstance(variable.value, dict) else None
        )
        return str(found) if found is not None else match[0]

    return re.sub(r"\{([^{}]+)\}", default, url)
