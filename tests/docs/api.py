"""The API that the examples of the documentation talk to, on the loopback interface."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, TypeAlias
from urllib.parse import parse_qsl, urlsplit

from ..harness import chance

Value: TypeAlias = dict[str, Any]

PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 8
"""An image as far as the examples look at it: bytes that are no text."""
SLOW = 2.0
"""Seconds that GET /reports takes, longer than the clients in the examples wait."""


class Handler(BaseHTTPRequestHandler):
    """Each answer is new where that of a real API would be: tokens, ids, times."""

    protocol_version = "HTTP/1.1"
    ids = iter(range(1, 1_000_000))

    def do_GET(self) -> None:
        pages: dict[str, Callable[[], None]] = {
            "/avatar.png": lambda: self._send(200, "image/png", PNG),
            "/events": self._stream,
            "/me": self._me,
            "/reports": self._wait,
            "/search": lambda: self._json({"found": ["Ada"], "page": self._query.get("page")}),
            "/time": lambda: self._json({"now": time.time()}),
        }
        answer = pages.get(urlsplit(self.path).path)
        if answer:
            answer()
        elif self.path.startswith("/status/"):
            self._json({"error": "as asked"}, int(self.path.rpartition("/")[2]))
        elif self.path.startswith("/users/"):
            self._json({"id": int(self.path.rpartition("/")[2]), "name": "Ada"})
        else:
            self._json({"status": "ok"})

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.path == "/login":
            self._json({"access_token": chance.token_urlsafe(24)})
        elif self.path == "/graphql":
            self._json({"data": {"user": {"name": "Ada", **json.loads(body)["variables"]}}})
        elif self.path == "/files":
            self._json({"id": next(self.ids), "size": len(body)}, 201)
        elif self.path == "/keys":
            self._json({"id": next(self.ids), "plain": f"acme_{chance.token_hex(16)}"}, 201)
        else:
            self._json({"id": next(self.ids), "created_at": time.time(), **_value(body)}, 201)

    @property
    def _query(self) -> dict[str, str]:
        return dict(parse_qsl(urlsplit(self.path).query))

    def _me(self) -> None:
        known = self.headers.get("Authorization", "").startswith("Bearer ")
        self._json({"name": "Ada"} if known else {"error": "who?"}, 200 if known else 401)

    def _wait(self) -> None:
        time.sleep(SLOW)
        self._json({"rows": []})

    def _stream(self) -> None:
        """Server-sent events without end, as of a feed."""
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Connection", "close")
        self.end_headers()
        for number in range(1000):
            self.wfile.write(f'data: {{"n": {number}}}\n\n'.encode())
            time.sleep(0.01)

    def _json(self, value: object, status: int = 200) -> None:
        self._send(status, "application/json", json.dumps(value).encode())

    def _send(self, status: int, kind: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nothing on stderr."""


def _value(body: bytes) -> Value:
    try:
        found = json.loads(body or b"{}")
    except ValueError:
        found = {}
    return found if isinstance(found, dict) else {"items": found}


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def handle_error(self, request: Any, client_address: Any) -> None:
        """The client of a stream or of a slow answer went away."""


class Api:
    """Is there while `up` is entered, always at the same address."""

    def __init__(self) -> None:
        self.received = 0
        with self._bound(0) as server:
            self.port: int = server.server_address[1]

    def _bound(self, port: int) -> _Server:
        return _Server(("127.0.0.1", port), Handler)

    @contextmanager
    def up(self) -> Iterator[None]:
        with self._bound(self.port) as server:
            thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
            thread.start()
            try:
                yield
            finally:
                server.shutdown()
                thread.join()
