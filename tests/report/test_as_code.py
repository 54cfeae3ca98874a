"""A recorded request as code: what the code sends is what was recorded."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from pytest_reprise.exchange import Headers, Request
from pytest_reprise.messages import printable_lines
from pytest_reprise.report.as_code import as_curl, as_httpx

from ..harness.runs import Server

JSON = ("Content-Type", "application/json")
TEXT = ("Content-Type", "text/plain")
HOSTILE = "'; touch planted; echo \"$(touch planted)`touch planted`\\\n#{[1-3]}%s"

REQUESTS: dict[str, tuple[str, str, Headers, bytes]] = {
    "plain": ("GET", "/a?x=1&y=%20", (("Accept", "*/*"),), b""),
    "json": ("POST", "/a", (JSON,), '{"a":[1,2.5,null,true],"ü":"ß"}'.encode()),
    "json in another style": ("PUT", "/a", (JSON,), b'{ "a": 1 }'),
    "no JSON after all": ("PATCH", "/a", (JSON,), b"{nonsense"),
    "a body without a type": ("POST", "/a", (), b"@/etc/passwd"),
    "hostile": ("DELETE", "/{a,b}[1-3]?q='$(x)", (("X-A", "$(touch planted)'"),), HOSTILE.encode()),
    "binary": ("POST", "/a", (TEXT,), bytes(range(256))),
    "repeated headers": ("GET", "/a", (("X-A", "1"), ("X-A", "2"), ("X-Empty", "")), b""),
}
_ADDED = {"accept", "accept-encoding", "connection", "content-length", "host", "user-agent"}


@pytest.mark.parametrize("tool", ["curl", "httpx"])
def test_the_code_sends_what_was_recorded(server: Server, tmp_path: Path, tool: str) -> None:
    if tool == "curl" and not shutil.which("curl"):
        pytest.skip("curl is not installed")
    requests = [
        Request(method, server.url + path, (*headers, ("Host", server.url[7:])), body)
        for method, path, headers, body in REQUESTS.values()
    ]
    (tmp_path / "body.bin").write_bytes(REQUESTS["binary"][-1])
    command = ["sh", "-ec", "\n".join(map(as_curl, requests))]
    if tool == "httpx":
        command = [sys.executable, "-c", "\n".join(map(as_httpx, requests))]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True, timeout=60)
    for received, (name, case) in zip(server.requests, REQUESTS.items(), strict=True):
        method, _, headers, body = case
        assert (received.method, received.body) == (method, body), name
        sent = {key: text for key, text in received.headers.items() if key not in _ADDED}
        recorded = {key.lower(): text for key, text in headers if key != "Accept"}
        assert sent == recorded, name
    assert [file.name for file in tmp_path.iterdir()] == ["body.bin"]


def test_code_of_a_request_that_is_nonsense() -> None:
    """A cassette can be edited by hand: the code is still one command, and one program."""
    request = Request("G\nET", "--config\nx", (("@file", "x"), ("A B", "c"), ("N", "ü\u20ac")))
    assert as_curl(request).startswith("curl --globoff --request 'G\nET' \\\n  --url '--config\nx'")
    compile(as_httpx(request), "program", "exec")
    assert "@file" not in as_curl(request) + as_httpx(request)


def test_what_a_terminal_or_a_ci_system_would_obey_is_escaped() -> None:
    body = "a\x1b[31m'\\\\ 12\n::error::x ##[x] é\u202e 34\n"
    for code in (as_curl, as_httpx):
        written = code(Request("POST", "http://api.test/", (), body.encode()))
        assert printable_lines(written) == written
    if shell := shutil.which("bash"):
        command = as_curl(Request("POST", "http://api.test/", (), body.encode()))
        program = f"curl() {{ printf '%s|' \"$@\"; }}\n{command}"
        done = subprocess.run([shell, "-c", program], check=True, capture_output=True, timeout=60)
        assert done.stdout.decode().endswith(f"--data-raw|{body}|")
