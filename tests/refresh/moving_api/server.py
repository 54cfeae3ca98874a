"""The HTTP server: from bytes to `Asked`, from `Answer` to bytes."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
import uuid
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import NamedTuple
from urllib.parse import parse_qsl, urlsplit

from .answers import Answer, Asked, operation_of
from .applying import changed, refusal
from .changes import CHANGES, Change
from .operations import answer
from .state import State

REPOSITORY = Path(__file__).parents[3]
_OTHERS_WRITE = 0.3
"""Probability that other clients write before a request is served."""
_NO_BODY = (204, 304)


class Options(NamedTuple):
    """What can be chosen: the changes to apply, and what `State` documents.

    With `compresses` JSON is sent in gzip to clients that accept it. After `dies_after` requests
    the server closes each connection without an answer.
    """

    changes: tuple[Change, ...] = ()
    seed: int | None = None
    first_id: int | None = None
    compresses: bool = False
    dies_after: int | None = None


class MovingApi(ThreadingHTTPServer):
    """The API on a free port of the loopback interface."""

    request_queue_size = 128
    daemon_threads = True

    def __init__(self, options: Options, port: int = 0) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.options = options
        self.state = State(options.seed, options.first_id)
        self.served = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    @property
    def is_dead(self) -> bool:
        return self.options.dies_after is not None and self.served > self.options.dies_after

    def answer(self, asked: Asked) -> Answer:
        changes, state = self.options.changes, self.state
        with state.lock:
            state.requests += 1
            state.quota = state.quota - 1 or 5000
            if state.random.random() < _OTHERS_WRITE:
                state.let_others_write()
            found = refusal(changes, asked)
            if found is None:
                found = changed(changes, asked.operation, answer(state, asked))
            return found._replace(headers={**found.headers, **_moving_headers(state)})

    def handle_error(self, request: object, client_address: object) -> None:
        """Ignore clients that close their connection early."""


def _moving_headers(state: State) -> dict[str, str]:
    return {
        "Date": formatdate(usegmt=True),
        "X-Request-Id": str(uuid.uuid4()),
        "X-RateLimit-Remaining": str(state.quota),
        "X-RateLimit-Reset": str(state.random.randint(1, 60)),
        "Server-Timing": f"app;dur={state.random.uniform(0.1, 20):.2f}",
    }


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    server: MovingApi

    def __getattr__(self, name: str) -> Callable[[], None]:
        if name.startswith("do_"):
            return self._serve
        raise AttributeError(name)

    def _serve(self) -> None:
        content = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.server.served += 1
        if self.server.is_dead:
            self.close_connection = True
            return
        url = urlsplit(self.path)
        operation, ids = operation_of(self.command, url.path)
        asked = Asked(
            operation or f"{self.command} {url.path}",
            ids,
            dict(parse_qsl(url.query)),
            {name.lower(): text for name, text in self.headers.items()},
            json.loads(content) if content else None,
            self.server.url,
        )
        self._send(self.server.answer(asked))

    def _send(self, found: Answer) -> None:
        headers = dict(found.headers)
        body = encoded(found, headers)
        accepts = "gzip" in self.headers.get("Accept-Encoding", "")
        if self.server.options.compresses and accepts and not isinstance(found.value, bytes):
            body = gzip.compress(body) if body else body
            headers |= {"Content-Encoding": "gzip"} if body else {}
        self.send_response_only(found.status)
        for name, text in headers.items():
            self.send_header(name, text)
        if found.status not in _NO_BODY:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Print nothing."""


def encoded(found: Answer, headers: dict[str, str]) -> bytes:
    """Return the body of an answer, and add its Content-Type to `headers` if it needs one."""
    if isinstance(found.value, bytes):
        return found.value
    if found.value is None:
        return b""
    headers.setdefault("Content-Type", "application/json")
    return json.dumps(found.value).encode()


def changes_of(version: int, only: Collection[int] = ()) -> tuple[Change, ...]:
    """Return the changes of a version; with `only`, those in these rows of the table."""
    rows = CHANGES if version == 2 else ()
    return tuple(row for number, row in enumerate(rows) if not only or number in only)


@contextmanager
def running(*args: str) -> Iterator[str]:
    """Start the API in another process, with these arguments, and yield its base URL."""
    command = [sys.executable, "-m", "tests.refresh.moving_api", *args]
    with subprocess.Popen(command, cwd=REPOSITORY, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        try:
            yield process.stdout.readline().strip()
        finally:
            process.kill()
