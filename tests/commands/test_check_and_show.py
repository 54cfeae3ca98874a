"""`reprise check`, `show` and `diff` on directories with files of every kind."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pytest_reprise.cassette.file import save
from pytest_reprise.cassette.model import Cassette, Header
from pytest_reprise.commands.main import main
from pytest_reprise.content_codings import compress_all
from pytest_reprise.exchange import Interaction, Request, Response

from ..harness.forms import FORMS

OTHERS: dict[str, bytes] = {
    "websocket.yaml": b"connections:\n- url: ws://api.test/\n  messages: [hi]\n",
    "model.json": b'{"model": {"interactions": [1, 2]}, "weights": [0.1]}',
    "list.json": b"[1, 2]",
    "template.yml": b"Resources:\n  Queue: !Ref Name\n",
    "several.yaml": b"a: 1\n---\nb: 2\n",
    "image.yaml": b"\x89PNG\r\n\x1a\n\xff\x00",
    "nothing.json": b"",
}
"""Files that are no cassettes; the key `interactions` of a model is not at the top."""
BROKEN: dict[str, tuple[bytes, str]] = {
    "cut.yaml": (FORMS["ours.yaml"][:300].encode(), "truncated"),
    "empty.yaml": (b"", "the cassette is empty"),
    "null.yml": (b"interactions:\n", "`interactions` is not a list"),
    "binary.yaml": (b"interactions: []\n# \xff\n", "not UTF-8"),
    "tag.yaml": (b"interactions:\n- !!python/name:os.system ''\n", "an unsafe YAML tag"),
    "cut.json": (FORMS["vcrpy.json"][:200].encode(), "the serializer cannot read it"),
}
SOUND = ("ours.yaml", "vcrpy.yaml", "vcrpy.json", "compact.json")


@pytest.fixture
def directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    directory = Path("cassettes")
    (directory / "a.yaml").mkdir(parents=True)
    contents = OTHERS | {name: content for name, (content, _) in BROKEN.items()}
    for name, content in contents.items():
        (directory / name).write_bytes(content)
    for name in SOUND:
        (directory / "a.yaml" / name).write_text(FORMS[name], encoding="utf-8")
    (directory / "b.yml").write_text(FORMS["vcrpy.yaml"], encoding="utf-8")
    return directory


def test_check_names_each_broken_cassette_and_leaves_other_files_alone(
    directory: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["check", str(directory)]) == 1
    lines = capsys.readouterr().out.splitlines()
    for name, (_, problem) in BROKEN.items():
        [line] = [line for line in lines if line.startswith(f"cassettes/{name}:")]
        assert problem in line
    assert lines[-2].startswith("not a cassette: 7 other files (cassettes/image.yaml, ")
    assert lines[-1] == "11 cassettes, 6 broken"


def test_show_lists_the_others_after_a_broken_cassette(
    directory: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["show", str(directory)]) == 2
    printed = capsys.readouterr()
    shown = {line for line in printed.out.splitlines() if not line.startswith(" ")}
    assert shown == {f"cassettes/a.yaml/{name}" for name in SOUND} | {"cassettes/b.yml"}
    assert printed.err.count("reprise: cassettes/") == len(BROKEN)
    assert printed.err.count("not a cassette: ") == 1


@pytest.mark.parametrize("name", OTHERS)
def test_a_file_that_is_named_is_taken_for_a_cassette(directory: Path, name: str) -> None:
    assert main(["check", str(directory / name)]) == 1


def test_check_counts_one_cassette(directory: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", str(directory / "b.yml")]) == 0
    assert capsys.readouterr().out == "1 cassette, 0 broken\n"
    assert main(["check", "--format=json", str(directory / "b.yml")]) == 2
    assert capsys.readouterr().err == "reprise: --format belongs to --openapi\n"


@pytest.mark.skipif(sys.platform == "win32", reason="needs symbolic links")
def test_a_dangling_link_is_one_broken_cassette(
    directory: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (directory / "link.yaml").symlink_to("nowhere.yaml")
    (directory / "loop.yaml").symlink_to("loop.yaml")
    assert main(["check", str(directory)]) == 1
    printed = capsys.readouterr().out
    assert "link.yaml:1: a link to a file that does not exist: nowhere.yaml" in printed
    assert "loop.yaml:1: cannot be read: " in printed
    assert printed.endswith("13 cassettes, 8 broken\n")
    assert main(["show", str(directory)]) == 2
    assert "  1 POST https://api.test/login" in capsys.readouterr().out


def test_diff_names_both_broken_cassettes(
    directory: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["diff", str(directory / "cut.yaml"), str(directory / "tag.yaml")]) == 2
    assert capsys.readouterr().err.count("reprise: cassettes/") == 2


def test_diff_reads_json(directory: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = json.dumps(json.loads(FORMS["vcrpy.json"]) | {"extra": "\U0001f600"})
    (directory / "old.json").write_text(text, encoding="utf-8")
    assert main(["diff", str(directory / "old.json"), str(directory / "b.yml")]) == 0
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("coding", ["gzip", "br", "zstd", "br, gzip"])
def test_show_prints_bodies_decompressed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], coding: str
) -> None:
    """Also those which are too large to be text in the cassette, and which cannot be restored."""
    answers = ['{"name": "Ada"}', "two\n::lines\n", json.dumps(["many words"] * 150_000)]
    headers = (("content-encoding", coding),)
    interactions = []
    for answer in answers:
        body = compress_all(answer.encode(), coding.split(", "))
        request = Request("POST", "http://api.test/", headers, compress_all(b"sent", ["deflate"]))
        interactions.append(Interaction(request, Response(200, "OK", headers, body)))
    interactions[0] = interactions[0]._replace(request=Request("GET", "http://api.test/"))
    path = tmp_path / "a.yaml"
    save(path, Cassette(tuple(interactions), Header(datetime.now(UTC), "a test")))
    assert main(["show", str(path), "--bodies"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[1].startswith("  1 GET http://api.test/ → 200, ")
    assert lines[2:6] == ["    response:", "      {", '        "name": "Ada"', "      }"]
    assert "      two" in lines
    assert "      :\\x3alines" in lines
    assert "    request:" in lines
    assert "      12 bytes that are not text" in lines  # it is not in the coding that it names
    assert lines.count('        "many words",') == 149_999
    assert main(["show", str(path)]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 4
