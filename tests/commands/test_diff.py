"""`reprise diff` of files, directories and git revisions."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from xml.etree import ElementTree

import pytest

from pytest_reprise.cassette.file import save
from pytest_reprise.cassette.model import Cassette, Header
from pytest_reprise.commands.main import main
from pytest_reprise.exchange import Interaction, Request, Response

from ..harness.strategies import Json

HEADER = Header(datetime(2026, 1, 31, tzinfo=UTC), "a test", base_url="https://api.test")
USER: Json = {"id": 7, "phone": "+49 30 123456"}
RENAMED: Json = {"id": 7, "phone_number": "+49 30 123456"}
LINE = "  breaking  GET /users/{id}  phone → phone_number  1 cassette\n"

Git = Callable[..., None]


@pytest.fixture(autouse=True)
def directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def git(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Git:
    for name in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{name}_NAME", "a")
        monkeypatch.setenv(f"GIT_{name}_EMAIL", "a@example.org")
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))

    def run(*arguments: str) -> None:
        subprocess.run(["git", *arguments], check=True, capture_output=True)

    run("init")
    return run


def _commit(git: Git) -> None:
    git("add", "-A")
    git("commit", "-m", "a")


def _write(name: str, value: Json, path: str = "/users/7", more: bytes = b"") -> None:
    Path(name).parent.mkdir(parents=True, exist_ok=True)
    json_type = (("content-type", "application/json"),)
    body = json.dumps(value).encode()
    found = [
        Interaction(Request("GET", f"https://api.test{path}"), Response(200, "OK", json_type, body))
    ]
    if more:
        request = Request("GET", "https://api.test/file")
        found.append(Interaction(request, Response(200, "OK", (), more)))
    save(Path(name), Cassette(tuple(found), HEADER), durable=False)


Diff = Callable[..., tuple[int, str]]


@pytest.fixture
def diff(capsys: pytest.CaptureFixture[str]) -> Diff:
    """Run the command; return the exit code and all output."""

    def run(*arguments: str) -> tuple[int, str]:
        code = main(["diff", *arguments])
        return code, "".join(capsys.readouterr())

    return run


def test_two_files(diff: Diff) -> None:
    _write("old.yaml", USER)
    _write("new.yaml", RENAMED)
    headline = "1 API change (1 breaking); 1 cassette differs, 0 say the same\n"
    assert diff("old.yaml", "new.yaml") == (1, headline + LINE)
    assert diff("old.yaml", "old.yaml") == (0, "")
    _write("called.yaml", USER, "/people/7")
    code, text = diff("old.yaml", "called.yaml")
    assert code == 1
    assert "breaking    GET /users/{id}   no longer called" in text
    assert "compatible  GET /people/{id}  new call" in text


def test_two_directories_and_what_only_one_of_them_has(diff: Diff) -> None:
    for side, value in (("old", USER), ("new", RENAMED)):
        _write(f"{side}/a/test_one.yaml", value)
        _write(f"{side}/test_same.yaml", USER)
        _write(f"{side}/test_{side}.yaml", value)
        Path(side, "data.yaml").write_text(f"{side}: 1")
    headline = (
        "1 API change (1 breaking); 1 cassette differs, 1 says the same, 1 new, 1 missing now\n"
    )
    assert diff("old", "new") == (1, headline + LINE)
    assert diff("old", "old") == (0, "3 cassettes say the same\n")


@pytest.mark.parametrize("below", [".", "tests/cassettes", "tests/cassettes/test_it.yaml"])
def test_a_git_revision_with_body_files(diff: Diff, git: Git, below: str) -> None:
    """The cassette that stays has the old field: it was not recorded again, and proves nothing."""
    name = "tests/cassettes/test_it.yaml"
    _write(name, USER, more=b"\xff\x00" * 600_000)
    _write("tests/cassettes/test_same.yaml", USER)
    assert [*Path("tests/cassettes").glob("*.body")]
    _commit(git)
    _write(name, RENAMED, more=b"\xff\x00" * 600_000)
    code, text = diff("--against", "HEAD", below)
    assert code == 1
    assert text.endswith(LINE)
    _commit(git)
    assert diff("--against", "HEAD", below)[0] == 0
    assert diff("--against", "HEAD~1", below)[0] == 1
    assert subprocess.run(["git", "status", "-s"], capture_output=True, check=True).stdout == b""


def test_formats_and_files(diff: Diff) -> None:
    _write("old.yaml", USER)
    _write("new.yaml", RENAMED)
    code, text = diff("old.yaml", "new.yaml", "--format", "json")
    assert (code, json.loads(text)["changes"][0]["kind"]) == (1, "field-renamed")
    assert diff("old.yaml", "new.yaml", "--out", "a.md") == (1, "")
    assert "- `GET /users/{id}`: `phone → phone_number`" in Path("a.md").read_text()
    assert diff("old.yaml", "new.yaml", "--out", "a.xml")[0] == 1
    assert ElementTree.parse("a.xml").getroot()[0].get("failures") == "1"
    assert diff("old.yaml", "new.yaml", "--out", "a.log", "--format", "text")[0] == 1
    assert Path("a.log").read_text().endswith(LINE)


def test_only_changes_that_are_grave_enough_count(diff: Diff) -> None:
    _write("old.yaml", USER)
    _write("new.yaml", {"id": 7, "phone": "+49 30 123456", "vat": "DE"})
    codes = [diff("old.yaml", "new.yaml", "--fail-on", s)[0] for s in ("breaking", "compatible")]
    assert codes == [0, 1]


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (["old.yaml"], "two paths are compared"),
        (["old.yaml", "old.yaml", "old.yaml"], "two paths are compared"),
        (["old.yaml", "."], "not one of each"),
        (["old.yaml", "nowhere.yaml"], "no such cassette: nowhere.yaml"),
        (["--against", "nope", "."], "git knows no revision 'nope'"),
        (["--against", "--help", "."], "git knows no revision '--help'"),
        (["--against", "", "."], "git knows no revision ''"),
        (["--against", "HEAD", "nowhere.yaml"], "neither now nor in HEAD"),
        (["old.yaml", "old.yaml", "--out", "a.pdf"], "unknown format of a.pdf"),
        (["old.yaml", "old.yaml", "--out", "no/a.md"], "no/a.md: No such file or directory"),
    ],
)
def test_wrong_arguments(diff: Diff, git: Git, arguments: list[str], error: str) -> None:
    _write("old.yaml", USER)
    _commit(git)
    if "--help" in arguments:
        arguments = ["--against=--help", "."]
    code, text = diff(*arguments)
    assert code == 2
    assert text.startswith("reprise: ")
    assert error in text


def test_outside_of_a_repository(diff: Diff, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(Path.cwd().parent))
    _write("old.yaml", USER)
    assert diff("--against", "HEAD", ".") == (2, "reprise: . is in no git repository\n")
    monkeypatch.setenv("PATH", "")
    code, text = diff("--against", "HEAD", ".")
    assert (code, text) == (2, "reprise: --against needs git, which is not installed\n")
