"""The harness: a real HTTP server in this process, and whole pytest runs in processes of their own.

Requests are seen where they arrive, so that "nothing was sent" is the server's word, not ours.
Runs in this process would be faster, and wrong: pytester drops the modules that a run imported, and
the next one imports our lazy ones beside the copies that the package still holds.
"""

from __future__ import annotations

import json
import os
import re
import secrets
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from textwrap import dedent
from typing import Any, NamedTuple, Protocol, TypeAlias
from urllib.parse import urlsplit

import pytest
import yaml

from .installed import at_least

_INHERITED = re.compile(
    r"^PYTEST_(ADDOPTS|PLUGINS|XDIST|BASE_URL)|^BASE_URL$"
    r"|PASS|SECRET|TOKEN|KEY|CREDENTIAL|AUTH|JWT"
)
"""Variables of the outer run that a suite must not see: its options, and secrets."""
_NOT_NEEDED = ("randomly", "cacheprovider", "hypothesispytest", "respx", "pytest_httpx")
"""Two that would change what a run does, and three that take a second to import. A test that
wants one of them says so: `run("-p", "respx")`. A module that can do without more of them names
them in its `NOT_NEEDED`."""
LOOP_SCOPE = "loop_scope" if at_least("pytest-asyncio", "0.24") else "scope"
"""What pytest-asyncio calls it; once a fixture always ran in the loop of its own scope."""
_ECHOED = ("accept", "authorization", "content-type", "cookie", "idempotency-key", "user-agent")

Answer: TypeAlias = tuple[int, Mapping[str, str], bytes]
"""Status, headers and body. No header is added but the length, so that a test can fix `Date`."""


class Received(NamedTuple):
    """One request as it arrived; `path` holds the query, `headers` have lower-case names."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


def json_answer(value: object, status: int = 200, **headers: str) -> Answer:
    """An answer with a JSON body; `x_trace="1"` is the header `x-trace: 1`."""
    named = {name.replace("_", "-"): text for name, text in headers.items()}
    return status, {"Content-Type": "application/json", **named}, json.dumps(value).encode()


class Server:
    """A small API on a free port of the loopback interface.

    GET /count counts up, so that a live answer is told from a replayed one. POST /login hands out
    a new token each time, GET /me asks for one of them. POST /echo says what it was sent,
    /status/<code> answers so, DELETE of anything is 204. `answers` by path come before all these;
    a list of answers is used up in turn, and its last one stays.
    """

    def __init__(self) -> None:
        self.requests: list[Received] = []
        self.answers: dict[str, Answer | list[Answer]] = {}
        self.tokens: list[str] = []
        self.connections_to_drop = 0
        """How many connections to close unanswered, as a server that is only starting does."""
        self._lock = threading.Lock()
        self._count = 0
        self._listener: _Listener | None = _Listener(("127.0.0.1", 0), self)
        self._port = self._listener.server_address[1]
        self._reserved: socket.socket | None = None
        self._listener.run()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    @property
    def calls(self) -> list[str]:
        """What arrived, as "GET /count"."""
        return [f"{r.method} {r.path}" for r in self.requests]

    def stop(self) -> None:
        """From here on connections are refused; the port stays ours, so that nobody answers."""
        if self._listener is None:
            return
        self._listener.end()
        self._listener = None
        self._reserved = socket.socket()
        self._reserved.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._reserved.bind(("127.0.0.1", self._port))

    def start(self) -> None:
        """Listen again, on the same port."""
        self._release()
        self._listener = _Listener(("127.0.0.1", self._port), self)
        self._listener.run()

    def close(self) -> None:
        self.stop()
        self._release()

    def _release(self) -> None:
        if self._reserved:
            self._reserved.close()
            self._reserved = None

    def drops_connection(self) -> bool:
        with self._lock:
            self.connections_to_drop -= 1
            return self.connections_to_drop >= 0

    def answer(self, received: Received) -> Answer:
        with self._lock:
            self.requests.append(received)
            path = received.path.partition("?")[0]
            set_by_test = self.answers.get(path)
            if isinstance(set_by_test, list):
                return set_by_test.pop(0) if len(set_by_test) > 1 else set_by_test[0]
            return set_by_test or self._own_answer(received, path)

    def _own_answer(self, received: Received, path: str) -> Answer:
        if received.method == "DELETE":
            return 204, {}, b""
        if path.startswith("/status/"):
            status = int(path.removeprefix("/status/"))
            return json_answer({"status": status}, status)
        answers: dict[str, Callable[[Received], Answer]] = {
            "GET /count": self._counted,
            "POST /echo": _echo,
            "POST /login": self._log_in,
            "GET /me": self._me,
            "GET /health": lambda _: json_answer({"status": "ok"}),
        }
        answer = answers.get(f"{received.method} {path}")
        return answer(received) if answer else json_answer({"detail": "not found"}, 404)

    def _counted(self, _received: Received) -> Answer:
        self._count += 1
        return json_answer({"n": self._count})

    def _log_in(self, _received: Received) -> Answer:
        self.tokens.append(secrets.token_urlsafe(24))
        return json_answer({"access_token": self.tokens[-1]})

    def _me(self, received: Received) -> Answer:
        token = received.headers.get("authorization", "").removeprefix("Bearer ")
        known = token in self.tokens
        return json_answer({"name": "Ada"}) if known else json_answer({"detail": "who?"}, 401)


def _echo(received: Received) -> Answer:
    headers = {name: text for name, text in received.headers.items() if name in _ECHOED}
    body = received.body.decode()
    return json_answer(
        {"method": received.method, "path": received.path, "headers": headers, "body": body}
    )


class _Listener(ThreadingHTTPServer):
    """One life of the server: from a bind to a close, its connections included."""

    request_queue_size = 128

    def __init__(self, address: tuple[str, int], server: Server) -> None:
        super().__init__(address, _Handler)
        self.api = server
        self._connections: set[socket.socket] = set()
        self._thread = threading.Thread(target=self.serve_forever, args=(0.01,), daemon=True)

    def run(self) -> None:
        self._thread.start()

    def end(self) -> None:
        self.shutdown()
        self._thread.join()
        for connection in list(self._connections):
            self.shutdown_request(connection)
        self.server_close()

    def verify_request(self, request: Any, client_address: Any) -> bool:  # noqa: ARG002
        return not self.api.drops_connection()

    def process_request(self, request: Any, client_address: Any) -> None:
        self._connections.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        self._connections.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client went away amid its request; the test that cares sees it elsewhere."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _Listener

    def handle_any(self) -> None:
        length = int(self.headers.get("Content-Length", 0))
        headers = {name.lower(): text for name, text in self.headers.items()}
        received = Received(self.command, self.path, headers, self.rfile.read(length))
        self._send(*self.server.api.answer(received))

    def _send(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
        self.send_response_only(status)
        for name, text in headers.items():
            self.send_header(name, text)
        if status != 204:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def __getattr__(self, name: str) -> Callable[[], None]:
        if name.startswith("do_"):
            return self.handle_any
        raise AttributeError(name)

    def log_message(self, *_: object) -> None:
        """Nothing on stderr."""


@pytest.fixture
def server() -> Iterator[Server]:
    server = Server()
    yield server
    server.close()


class Run(Protocol):
    """Runs pytest on the suite in a process of its own."""

    def __call__(self, *args: str) -> pytest.RunResult: ...


@pytest.fixture
def run(
    request: pytest.FixtureRequest,
    pytester: pytest.Pytester,
    server: Server,
    monkeypatch: pytest.MonkeyPatch,
) -> Run:
    """Runs in the suite's directory, with API_BASE_URL, and with no secret in the environment."""
    for name in filter(_INHERITED.search, os.environ):
        monkeypatch.delenv(name)
    monkeypatch.setenv("API_BASE_URL", server.url)
    # Without byte code each run would compile pytest's plugins anew, which takes most of its time.
    monkeypatch.delenv("PYTHONDONTWRITEBYTECODE", raising=False)
    not_needed = (*_NOT_NEEDED, *getattr(request.module, "NOT_NEEDED", ()))
    without = [arg for plugin in not_needed for arg in ("-p", f"no:{plugin}")]

    def run_pytest(*args: str) -> pytest.RunResult:
        return pytester.runpytest_subprocess(*without, *args)

    return run_pytest


class Suite(Protocol):
    """Writes a suite: `test_suite.py` from the source, and what else is named."""

    def __call__(
        self, source: str = "", conftest: str = "", ini: str = "", **files: str
    ) -> None: ...


def _forget_byte_code(path: Path) -> None:
    """Python would take it for the new one's, where the second and the size are the same."""
    for compiled in path.parent.glob(f"__pycache__/{path.stem}.*"):
        compiled.unlink()


@pytest.fixture
def suite(pytester: pytest.Pytester) -> Suite:
    """`ini` are lines of pytest.ini; of `files`, `a__test_b` is a/test_b.py."""

    def write(source: str = "", conftest: str = "", ini: str = "", **files: str) -> None:
        named = {"test_suite": source, "conftest": conftest, **files}
        for name, text in named.items():
            path = pytester.path / f"{name.replace('__', '/')}.py"
            if text:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(dedent(text), encoding="utf-8")
                _forget_byte_code(path)
        # pytest-asyncio warns where it is not told, and before 0.24 where it is.
        loop = "asyncio_default_fixture_loop_scope = function" if LOOP_SCOPE == "loop_scope" else ""
        pytester.makeini(f"[pytest]\n{loop}\n{dedent(ini)}")

    return write


Cassettes: TypeAlias = Callable[[], dict[str, str]]


@pytest.fixture
def cassettes(pytester: pytest.Pytester) -> Cassettes:
    """The cassettes on disk now: names below cassettes/ without suffix, and texts."""

    def read() -> dict[str, str]:
        top = pytester.path / "cassettes"
        return {
            str(path.relative_to(top).with_suffix("")): path.read_text(encoding="utf-8")
            for path in sorted(top.rglob("*.yaml"))
        }

    return read


def recorded(cassette: str) -> list[str]:
    """The calls in the text of a cassette, as "GET /count"."""
    requests = [i["request"] for i in yaml.safe_load(cassette)["interactions"]]
    return [f"{r['method']} {urlsplit(r['uri']).path}" for r in requests]
