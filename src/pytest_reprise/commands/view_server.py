"""The server of `reprise view`: pages on the loopback interface, for reading only."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple, TypeAlias
from urllib.parse import parse_qs, urlsplit

_LONGEST_QUERY = 200
"""Characters of a search."""


class Answer(NamedTuple):
    """What is sent: a body with its media type. `name` makes it a file to save."""

    body: bytes
    media: str = "text/html; charset=utf-8"
    name: str = ""


class Site(NamedTuple):
    """What the server shows. Functions raise LookupError where there is nothing."""

    listing: Callable[[], str]
    cassette: Callable[[int], str]
    body: Callable[[int, int, str], Answer]
    search: Callable[[list[str]], list[tuple[int, int]]]


Route: TypeAlias = Callable[[Site, re.Match[str], str], Answer]


def _index(site: Site, _found: re.Match[str], _query: str) -> Answer:
    return Answer(site.listing().encode("utf-8", "backslashreplace"))


def _cassette(site: Site, found: re.Match[str], _query: str) -> Answer:
    return Answer(site.cassette(int(found[1])).encode("utf-8", "backslashreplace"))


def _body(site: Site, found: re.Match[str], _query: str) -> Answer:
    return site.body(int(found[1]), int(found[2]), found[3])


def _search(site: Site, _found: re.Match[str], query: str) -> Answer:
    text = parse_qs(query).get("q", [""])[0][:_LONGEST_QUERY]
    words = text.lower().split()
    return Answer(json.dumps(site.search(words) if words else []).encode(), "application/json")


_ROUTES: tuple[tuple[str, Route], ...] = (
    (r"/", _index),
    (r"/search", _search),
    (r"/c/([0-9]{1,7})", _cassette),
    (r"/b/([0-9]{1,7})/([0-9]{1,7})/(request|response)", _body),
)
"""Paths have numbers only, so that no path of a request becomes a path of a file."""
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store",
}
_NO_PAGE = "default-src 'none'; sandbox"
"""The policy of what is no page of ours, such as a body of a cassette."""


class ViewServer(ThreadingHTTPServer):
    """Listens on a free port of 127.0.0.1."""

    daemon_threads = True

    def __init__(self, site: Site, port: int = 0) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.site = site
        self.hosts = {f"{name}:{self.server_port}" for name in ("127.0.0.1", "localhost")}
        """The values of the header Host that are answered. A web page of another site, whose name
        resolves to this machine (DNS rebinding), sends another one."""

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Print no traceback for a browser that ended a request early."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)

    @property
    def url(self) -> str:
        """The address of the index."""
        return f"http://127.0.0.1:{self.server_port}/"


class _Handler(BaseHTTPRequestHandler):
    server: ViewServer
    server_version = "reprise"
    sys_version = ""

    def do_GET(self) -> None:
        """Answer with a page. All other methods get 501."""
        if self.headers.get("Host") not in self.server.hosts:
            self._send(HTTPStatus.MISDIRECTED_REQUEST, _message("another host"))
            return
        parts = urlsplit(self.path)
        for pattern, route in _ROUTES:
            if found := re.fullmatch(pattern, parts.path):
                self._answer(route, found, parts.query)
                return
        self._send(HTTPStatus.NOT_FOUND, _message("no such page"))

    def _answer(self, route: Route, found: re.Match[str], query: str) -> None:
        try:
            answer = route(self.server.site, found, query)
        except (LookupError, OSError):
            self._send(HTTPStatus.NOT_FOUND, _message("no such page"))
        else:
            self._send(HTTPStatus.OK, answer)

    def _send(self, status: HTTPStatus, answer: Answer) -> None:
        self.send_response(status)
        for name, value in _HEADERS.items():
            self.send_header(name, value)
        if not answer.media.startswith("text/html"):
            self.send_header("Content-Security-Policy", _NO_PAGE)
        if answer.name:
            self.send_header("Content-Disposition", f'attachment; filename="{answer.name}"')
        self.send_header("Content-Type", answer.media)
        self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        self.wfile.write(answer.body)

    def log_message(self, *_: object) -> None:
        """Print nothing."""


def _message(text: str) -> Answer:
    return Answer(f"{text}\n".encode(), "text/plain; charset=utf-8")
