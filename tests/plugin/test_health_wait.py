"""`wait_until_healthy`, tested with a real socket."""

from __future__ import annotations

import http.server
import socket
import threading
from collections.abc import Callable, Iterator

import pytest

from pytest_reprise.errors import RecordingRefused, ServerNotReady
from pytest_reprise.plugin.health import wait_until_healthy


class _Server:
    """Answers GET requests with the statuses of a list; the last one is repeated."""

    def __init__(self, statuses: list[int]) -> None:
        self.requested: list[str] = []
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outer.requested.append(self.path)
                self.send_response(statuses[min(len(outer.requested), len(statuses)) - 1])
                if self.path == "/moved":
                    self.send_header("Location", "/health")
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_args: object) -> None:
                """Print nothing."""

        self.http = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.http.server_port}/health"
        self._thread = threading.Thread(target=self.http.serve_forever, args=(0.01,))
        self._thread.start()

    def stop(self) -> None:
        self.http.shutdown()
        self._thread.join()
        self.http.server_close()


@pytest.fixture
def serve() -> Iterator[Callable[..., _Server]]:
    started: list[_Server] = []

    def start(*statuses: int) -> _Server:
        started.append(_Server(list(statuses)))
        return started[-1]

    yield start
    for server in started:
        server.stop()


@pytest.fixture
def closed_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


@pytest.mark.parametrize("status", [200, 204])
def test_a_healthy_server_gets_one_request(serve: Callable[..., _Server], status: int) -> None:
    server = serve(status)
    wait_until_healthy(server.url, 30)
    assert server.requested == ["/health"]


def test_requests_are_repeated_until_the_server_is_healthy(serve: Callable[..., _Server]) -> None:
    server = serve(503, 500, 200)
    wait_until_healthy(server.url, 30)
    assert server.requested == ["/health"] * 3


def test_a_redirect_is_followed(serve: Callable[..., _Server]) -> None:
    server = serve(302, 200)
    wait_until_healthy(server.url.replace("health", "moved"), 30)
    assert server.requested == ["/moved", "/health"]


@pytest.mark.parametrize(("status", "shown"), [(503, "503 Service"), (404, "404 Not Found")])
def test_an_unhealthy_server_raises_an_error_with_its_status(
    serve: Callable[..., _Server], status: int, shown: str
) -> None:
    server = serve(status)
    with pytest.raises(ServerNotReady) as caught:
        wait_until_healthy(server.url, 0)
    assert server.requested == ["/health"]
    assert f"GET {server.url}" in str(caught.value)
    assert shown in str(caught.value)
    assert "waited 0 s" in str(caught.value)
    assert "API_BASE_URL" in str(caught.value)
    assert isinstance(caught.value, RecordingRefused)


def test_a_refused_connection_raises_server_not_ready(closed_port: int) -> None:
    with pytest.raises(ServerNotReady, match="refused"):
        wait_until_healthy(f"http://127.0.0.1:{closed_port}/health", 0)


@pytest.mark.parametrize(
    "answer",
    [b"SSH-2.0-OpenSSH_9.6\r\n", b"\x15\x03\x01\x00\x02\x02\x16", b"", b"HTTP/1.1 abc\r\n"],
)
def test_a_server_without_http_raises_server_not_ready(answer: bytes) -> None:
    """For example a TLS port, or an SSH server."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def send_answer() -> None:
            connection, _ = listening.accept()
            with connection:
                connection.recv(65536)
                connection.sendall(answer)

        sender = threading.Thread(target=send_answer)
        sender.start()
        with pytest.raises(ServerNotReady):
            wait_until_healthy(f"http://127.0.0.1:{listening.getsockname()[1]}/health", 0)
        sender.join()


@pytest.mark.parametrize(
    "url", ["nonsense", "http://", "http://127.0.0.1:99999/", "http://127.0.0.1/hea lth", "a://b"]
)
def test_an_invalid_url_raises_server_not_ready(url: str) -> None:
    with pytest.raises(ServerNotReady):
        wait_until_healthy(url, 0)
