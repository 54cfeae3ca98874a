"""Recording on several workers of pytest-xdist, from a server that takes 100 ms for each answer.

Run it alone on the machine: `python -m bench.workers`. It prints the seconds of a recording on one
process and on four, and how many requests the server had at the same time.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

TESTS = 200
LATENCY = 0.1
"""Seconds."""
SUITE = f"""\
import os

import httpx
import pytest

pytestmark = pytest.mark.vcr


@pytest.fixture(scope="session")
def api():
    with httpx.Client(base_url=os.environ["API_BASE_URL"]) as client:
        client.get("/login")
        yield client


@pytest.mark.parametrize("n", range({TESTS}))
def test_get(api, n):
    assert api.get(f"/things/{{n}}").is_success
"""


class _Server(ThreadingHTTPServer):
    """Counts the requests that it has at the same time."""

    request_queue_size = 128
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.lock = threading.Lock()
        self.in_flight = self.most_in_flight = 0


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def do_GET(self) -> None:
        with self.server.lock:
            self.server.in_flight += 1
            self.server.most_in_flight = max(self.server.most_in_flight, self.server.in_flight)
        time.sleep(LATENCY)
        with self.server.lock:
            self.server.in_flight -= 1
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *_: object) -> None:
        """Print nothing."""


def _seconds(workers: int) -> tuple[float, int]:
    """Record on so many workers; return the seconds, and the most requests at the same time."""
    server = _Server()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with tempfile.TemporaryDirectory() as directory:
        Path(directory, "test_latency.py").write_text(SUITE, encoding="utf-8")
        Path(directory, "pytest.ini").write_text("[pytest]\n", encoding="utf-8")
        command = [sys.executable, "-m", "pytest", "-q", f"-n{workers}", "--record-mode=once"]
        environment = os.environ | {"API_BASE_URL": f"http://127.0.0.1:{server.server_port}"}
        began = time.perf_counter()
        subprocess.run(command, cwd=directory, env=environment, check=True, capture_output=True)
        seconds = time.perf_counter() - began
    server.shutdown()
    return seconds, server.most_in_flight


def main() -> None:
    alone, _ = _seconds(0)
    together, in_flight = _seconds(4)
    print(f"{TESTS} tests, {LATENCY * 1000:.0f} ms for each answer")
    print(f"  one process     {alone:5.1f} s")
    print(f"  four workers    {together:5.1f} s, {in_flight} requests at the same time")
    print(f"  ratio           {together / alone:5.2f}")


if __name__ == "__main__":
    main()
