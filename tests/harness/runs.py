"""Fixtures for whole runs: an HTTP server in this process, and pytest runs in other processes.

The server records what arrives, so a test can check that nothing was sent. Runs within this process
would be faster, but wrong: pytester removes the modules that a run has imported. The next run would
import Reprise's lazy modules again, next to the copies that the package still uses.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import socket
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from textwrap import dedent
from typing import Any, NamedTuple, Protocol, TypeAlias
from urllib.parse import urlsplit

import pytest
import yaml

from . import chance
from .fork_server import ForkServer
from .installed import at_least

_INHERITED = re.compile(
    r"^PYTEST_(ADDOPTS|PLUGINS|XDIST|BASE_URL)|^BASE_URL$"
    r"|PASS|SECRET|TOKEN|KEY|CREDENTIAL|AUTH|JWT"
)
"""Environment variables that a suite must not get: options of the outer run, and secrets."""
_NOT_NEEDED = (
    *("randomly", "cacheprovider", "hypothesispytest", "respx", "pytest_httpx"),
    *("django", "pytest-bdd", "repeat", "rerunfailures"),
)
"""Plugins that are not loaded. The first two change what a run does, the others take a second to
import. A test that needs one of them asks for it: `run("-p", "respx")`. A test module can name more
plugins in its own `NOT_NEEDED`, which makes its runs faster, and so does `FORKS = True`."""
LOOP_SCOPE = "loop_scope" if at_least("pytest-asyncio", "0.24") else "scope"
"""The name of pytest-asyncio's argument. Before 0.24, a fixture ran in the loop of its scope."""
_ECHOED = ("accept", "authorization", "content-type", "cookie", "idempotency-key", "user-agent")

Answer: TypeAlias = tuple[int, Mapping[str, str], bytes]
"""Status, headers and body. Only Content-Length is added, so that a test can set `Date`."""


class Received(NamedTuple):
    """A received request. `path` includes the query; names of `headers` are in lower case."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


def json_answer(value: object, status: int = 200, **headers: str) -> Answer:
    """Return a response with a JSON body; `x_trace="1"` is the header `x-trace: 1`."""
    named = {name.replace("_", "-"): text for name, text in headers.items()}
    return status, {"Content-Type": "application/json", **named}, json.dumps(value).encode()


class Server:
    """A small API on a free port of the loopback interface.

    GET /count returns the next number, so that live and replayed responses differ. POST /login
    returns a new token each time, and GET /me requires one of them. POST /echo returns the request,
    /status/<code> has that status, and DELETE of any path gives 204. `answers` overrides these by
    path; a list of answers is used one by one, and the last one is repeated.
    """

    def __init__(self) -> None:
        self.requests: list[Received] = []
        self.answers: dict[str, Answer | list[Answer]] = {}
        self.tokens: list[str] = []
        self.connections_to_drop = 0
        """Number of connections to close without a response, as a starting server may do."""
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
        """The requests that arrived, as "GET /count"."""
        return [f"{r.method} {r.path}" for r in self.requests]

    def stop(self) -> None:
        """Refuse connections from now on. The port stays bound, so no other process can answer."""
        if self._listener is None:
            return
        self._listener.end()
        self._listener = None
        self._reserved = socket.socket()
        self._reserved.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._reserved.bind(("127.0.0.1", self._port))

    def start(self) -> None:
        """Listen again on the same port."""
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
        self.tokens.append(chance.token_urlsafe(24))
        return json_answer({"access_token": self.tokens[-1]})

    def _me(self, received: Received) -> Answer:
        token = received.headers.get("authorization", "").removeprefix("Bearer ")
        known = token in self.tokens
        return (
            json_answer({"name": "Ada"}) if known else json_answer({"detail": "who are you?"}, 401)
        )


def _echo(received: Received) -> Answer:
    headers = {name: text for name, text in received.headers.items() if name in _ECHOED}
    body = received.body.decode()
    return json_answer(
        {"method": received.method, "path": received.path, "headers": headers, "body": body}
    )


class _Listener(ThreadingHTTPServer):
    """The server from `start` to `stop`, with its connections."""

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
        """Ignore clients that close their connection early."""


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
        """Print nothing."""


@pytest.fixture
def server() -> Iterator[Server]:
    server = Server()
    yield server
    server.close()


class Run(Protocol):
    """Runs pytest on the suite in another process."""

    def __call__(self, *args: str) -> pytest.RunResult: ...


@pytest.fixture
def run(
    request: pytest.FixtureRequest,
    pytester: pytest.Pytester,
    server: Server,
    monkeypatch: pytest.MonkeyPatch,
) -> Run:
    """Return a function that runs pytest in the suite's directory.

    The environment has API_BASE_URL, and no secrets.
    """
    for name in filter(_INHERITED.search, os.environ):
        monkeypatch.delenv(name)
    for name in ("CI", "BUILD_NUMBER"):  # with these, pytest prints each message twice
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("API_BASE_URL", server.url)
    # Without byte code each run compiles pytest's plugins again, which takes most of its time.
    monkeypatch.delenv("PYTHONDONTWRITEBYTECODE", raising=False)
    not_needed = (*_NOT_NEEDED, *getattr(request.module, "NOT_NEEDED", ()))
    without = [arg for plugin in not_needed for arg in ("-p", f"no:{plugin}")]

    forks = getattr(request.module, "FORKS", False)

    def run_pytest(*args: str) -> pytest.RunResult:
        if forks:
            return run_fork(pytester, *without, *args)
        return pytester.runpytest_subprocess(*without, *args)

    return run_pytest


_forks = ForkServer()


def pytest_unconfigure() -> None:
    """End the process whose forks are the inner runs."""
    _forks.stop()


def run_fork(pytester: pytest.Pytester, *args: str) -> pytest.RunResult:
    """Do what `runpytest_subprocess` does, where possible in a fork."""
    path = os.pathsep.join(filter(None, [str(Path.cwd()), os.environ.get("PYTHONPATH")]))
    environment = {**os.environ, "PYTHONPATH": path}
    if not _forks.fits(environment):
        return pytester.runpytest_subprocess(*args)
    temporary = tempfile.mkdtemp(prefix="runpytest-", dir=pytester.path)
    all_args = (f"--basetemp={temporary}", *args)
    print("running: pytest", *all_args)
    files = [pytester.path / name for name in ("stdout", "stderr")]
    began = time.monotonic()
    code = _forks.run(all_args, environment, files[0], files[1])
    seconds = time.monotonic() - began
    out, err = (file.read_text(encoding="utf-8").splitlines() for file in files)
    print(*out, *err, sep="\n")
    with contextlib.suppress(ValueError):
        code = pytest.ExitCode(code)
    return pytest.RunResult(code, out, err, seconds)


class Suite(Protocol):
    """Writes a suite: `test_suite.py` from `source`, and the other named files."""

    def __call__(
        self, source: str = "", conftest: str = "", ini: str = "", **files: str
    ) -> None: ...


def _delete_byte_code(path: Path) -> None:
    """Delete byte code of an older source, which Python would use if second and size are equal."""
    for compiled in path.parent.glob(f"__pycache__/{path.stem}.*"):
        compiled.unlink()


@pytest.fixture
def suite(pytester: pytest.Pytester) -> Suite:
    """Return a function that writes a suite.

    `ini` holds lines of pytest.ini. A key `a__test_b` of `files` stands for a/test_b.py.
    """

    def write(source: str = "", conftest: str = "", ini: str = "", **files: str) -> None:
        named = {"test_suite": source, "conftest": conftest, **files}
        for name, text in named.items():
            path = pytester.path / f"{name.replace('__', '/')}.py"
            if text:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(dedent(text), encoding="utf-8")
                _delete_byte_code(path)
        # pytest-asyncio warns without this option, and releases before 0.24 warn with it.
        loop = "asyncio_default_fixture_loop_scope = function" if LOOP_SCOPE == "loop_scope" else ""
        pytester.makeini(f"[pytest]\n{loop}\n{dedent(ini)}")

    return write


Cassettes: TypeAlias = Callable[[], dict[str, str]]


@pytest.fixture
def cassettes(pytester: pytest.Pytester) -> Cassettes:
    """Return a function that reads all cassettes: text by path below cassettes/, no suffix."""

    def read() -> dict[str, str]:
        top = pytester.path / "cassettes"
        return {
            str(path.relative_to(top).with_suffix("")): path.read_text(encoding="utf-8")
            for path in sorted(top.rglob("*.yaml"))
        }

    return read


def recorded(cassette: str) -> list[str]:
    """Return the requests recorded in the text of a cassette, as "GET /count"."""
    requests = [i["request"] for i in yaml.safe_load(cassette)["interactions"]]
    return [f"{r['method']} {urlsplit(r['uri']).path}" for r in requests]


_RESULT = re.compile(r"^\S+?\.py::(.+?) (PASSED|FAILED|ERROR|SKIPPED|XFAIL|XPASS)\b")
_TITLE = re.compile(r"_{3,} (?:ERROR at (?:setup|teardown) of )?(\S.*?) _{3,}")


def outcomes_by_test(result: pytest.RunResult) -> dict[str, list[str]]:
    """Return the outcomes of a run with -v, by test, without module."""
    outcomes: dict[str, list[str]] = {}
    for name, outcome in (match.groups() for match in map(_RESULT.match, result.outlines) if match):
        outcomes.setdefault(name, []).append(outcome)
    return outcomes


def failures_by_test(result: pytest.RunResult) -> dict[str, str]:
    """Return the texts that pytest prints about failures and errors, by test, without module."""
    failures: dict[str, str] = {}
    name = ""
    for line in result.outlines:
        if title := _TITLE.fullmatch(line):
            name = title[1]
        elif line.startswith("==="):
            name = ""
        if name:
            failures[name] = f"{failures.get(name, '')}{line}\n"
    return failures
