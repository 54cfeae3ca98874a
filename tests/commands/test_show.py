"""`reprise show`: the list, one interaction, code and JSON; colours, patterns, the pager."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pytest_reprise.cassette.file import save
from pytest_reprise.cassette.model import Cassette, Header
from pytest_reprise.commands.main import main
from pytest_reprise.exchange import Failure, Interaction, Request, Response

if sys.platform != "win32":
    import pty

JSON = (("Content-Type", "application/json"),)
INTERACTIONS = (
    Interaction(
        Request("POST", "https://api.test/users", JSON, b'{"name": "Ada"}'),
        Response(201, "Created", JSON, b'{"id": 7}'),
    ),
    Interaction(Request("GET", "https://api.test/7"), Response(404, "Not Found", (), b"\xff\x00")),
    Interaction(Request("GET", "https://api.test/8"), Failure("ReadTimeout", "timed\x1b[2J out")),
)


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("FORCE_COLOR", raising=False)
    path = Path("tests/cassettes/test_users/test_create.yaml")
    save(path, Cassette(INTERACTIONS, Header(datetime(2026, 1, 2, tzinfo=UTC), "a test")))
    return path


def shown(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main(["show", *arguments]) == 0
    return capsys.readouterr().out


def test_the_list(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert shown(capsys, "tests") == (
        "tests/cassettes/test_users/test_create.yaml\n"
        "  1 POST https://api.test/users → 201, 9 bytes\n"
        "  2 GET https://api.test/7 → 404, 2 bytes\n"
        "  3 GET https://api.test/8 → ReadTimeout: timed\\x1b[2J out\n"
    )
    assert shown(capsys, "tests/**/*create*") == shown(capsys, "tests") == shown(capsys, str(path))
    assert shown(capsys, str(path.absolute().parents[1] / "*"))
    for nothing in ("tests/**/*delete*", "a**b", "["):
        assert main(["show", nothing]) == 2
        assert capsys.readouterr().err == f"reprise: no such file or directory: {nothing}\n"


def test_one_interaction_whole(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert shown(capsys, str(path), "--interaction", "1").splitlines()[1:] == [
        "  1 POST https://api.test/users → 201, 9 bytes",
        "    request:",
        "      Content-Type: application/json",
        "",
        "      {",
        '        "name": "Ada"',
        "      }",
        "    response:",
        "      Content-Type: application/json",
        "",
        "      {",
        '        "id": 7',
        "      }",
    ]
    assert "2 bytes that are not text" in shown(capsys, str(path), "-i", "2")
    for number in ("0", "-1", "4"):
        assert main(["show", str(path), "-i", number]) == 2
        error = capsys.readouterr().err
        assert error == f"reprise: there is no interaction {number}: {path} has 3 interactions\n"


def test_requests_as_code(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    curl = shown(capsys, str(path), "--curl")
    assert curl.startswith(f"# {path}, interaction 1\ncurl --globoff \\\n  --url https://api.test/")
    assert curl.count("curl --globoff") == 3
    python = shown(capsys, str(path), "--python", "-i", "1")
    compile(python, "program", "exec")
    assert "json={'name': 'Ada'}" not in python  # httpx itself would write it without the blank


def test_a_body_alone(path: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    assert main(["show", str(path), "-i", "2", "--response-body"]) == 0
    assert capfdbinary.readouterr().out == b"\xff\x00"
    assert main(["show", str(path), "-i", "1", "--request-body"]) == 0
    assert capfdbinary.readouterr().out == b'{"name": "Ada"}'
    assert main(["show", str(path), "-i", "3", "--response-body"]) == 0
    assert main(["show", str(path), "--request-body"]) == 2
    assert capfdbinary.readouterr().out == b""


def test_json(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = shown(capsys, "tests", "--json")
    assert "\x1b" not in text
    [cassette] = json.loads(text)
    assert (cassette["path"], cassette["recorded_at"]) == (str(path), "2026-01-02T00:00:00+00:00")
    created, missing, failed = cassette["interactions"]
    assert created["request"]["body"] == {"json": {"name": "Ada"}}
    assert created["response"]["status"] == 201
    assert missing["response"]["body"] == {"base64": "/wA="}
    assert failed["failure"] == {"error": "ReadTimeout", "message": "timed\x1b[2J out"}


def test_colours(
    path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "\x1b" not in shown(capsys, str(path))
    coloured = shown(capsys, str(path), "--color", "yes")
    assert "\x1b[32m201\x1b[0m" in coloured
    assert "\x1b[31mReadTimeout: timed\\x1b[2J out\x1b[0m" in coloured
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert shown(capsys, str(path)) == coloured
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b" not in shown(capsys, str(path))


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")
def test_a_pager_on_a_terminal(path: Path) -> None:
    assert printed_on_a_terminal(path, "sed s/^/paged:/").startswith("paged:")
    assert "paged" not in printed_on_a_terminal(path, "sed s/^/paged:/", "--no-pager")
    # A pager that is missing, or that ends early.
    assert "POST" in printed_on_a_terminal(path, "no-such-pager")
    assert "POST" in printed_on_a_terminal(path, 'less "')
    assert printed_on_a_terminal(path, "true") == ""


def test_a_body_that_would_control_the_terminal(path: Path) -> None:
    arguments = ("--response-body", "-i", "2")
    assert "not written to a terminal" in printed_on_a_terminal(path, "less", *arguments)
    arguments = ("--request-body", "-i", "1")
    assert printed_on_a_terminal(path, "less", *arguments) == '{"name": "Ada"}'


def printed_on_a_terminal(path: Path, pager: str, *arguments: str) -> str:
    command = [sys.executable, "-c", "from pytest_reprise.commands.main import main; main()"]
    terminal, its_end = pty.openpty()
    process = subprocess.Popen(
        [*command, "show", str(path), *arguments],
        stdout=its_end,
        stderr=subprocess.STDOUT,
        env={**os.environ, "PAGER": pager, "NO_COLOR": "1"},
    )
    os.close(its_end)
    found = b""
    with contextlib.suppress(OSError):  # Linux reports the end of a terminal as an error
        while piece := os.read(terminal, 4096):
            found += piece
    os.close(terminal)
    assert process.wait() == 0, found
    return found.decode()
