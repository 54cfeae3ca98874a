"""Damaged, unusual and unreadable files."""

from __future__ import annotations

import gzip
import json
import os
import re
from pathlib import Path

import pytest

from ..harness.audits import Audit, answering, clean, write
from ..harness.forms import (
    CASSETTES,
    PASSWORD,
    interaction,
    response,
)

SOON = f'{{"a": [1, {{"password": "{PASSWORD}"'
ODD: dict[str, str | bytes] = {
    "truncated JSON": answering(SOON),
    "broken gzip": answering(
        gzip.compress(f"{SOON}}}]}}".encode())[:-9], content_encoding=["gzip"]
    ),
    "no gzip at all": answering(f"{SOON}}}]}}", content_encoding=["gzip"]),
    "wrong charset": answering(
        f'{{"ä": "ö", "password": "{PASSWORD}"}}'.encode("latin-1"),
        content_type=["application/json; charset=utf-8"],
    ),
    "unknown charset": answering(
        f"{SOON}}}]}}", content_type=["application/json; charset=klingon"]
    ),
    "deep JSON": answering("[" * 3000 + SOON + "}]}" + "]" * 3000),
    "UTF-16": answering(f"{SOON}}}]}}".encode("utf-16")),
    "CRLF": answering(f"{SOON}}}]}}").replace("\n", "\r\n"),
    "byte order mark": "\ufeff" + answering(f"{SOON}}}]}}"),
    "a file in UTF-16": answering(f"{SOON}}}]}}").encode("utf-16"),
    "not a URL": answering(f"{SOON}}}]}}").replace("https://api.test/", "http://[1"),
    "a cut cassette": answering(f"{SOON}}}]}}")[:-40] + "\n: [",
}


@pytest.mark.parametrize("name", ODD)
def test_secret_is_found_in_an_odd_file(audit: Audit, name: str) -> None:
    write("odd.yaml", ODD[name])
    write("z.yaml", CASSETTES["vcrpy.yaml"])
    ran = audit("--format=json")
    files = [finding["file"] for finding in ran.json["findings"]]
    assert files.count("odd.yaml") == 1
    assert files.count("z.yaml") == 3
    assert "Traceback" not in ran.out + ran.err


@pytest.mark.parametrize("name", ODD)
def test_odd_file_is_fixed(audit: Audit, name: str) -> None:
    path = write("odd.yaml", ODD[name])
    assert audit("--fix").code == 0
    fixed = path.read_bytes()
    assert fixed != (ODD[name] if isinstance(ODD[name], bytes) else str(ODD[name]).encode())
    assert audit("--fix") == audit()
    assert path.read_bytes() == fixed


UNREADABLE: dict[str, str | bytes] = {
    "too large": "a: &a [x]\n"
    + "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}' if n else '*a'] * 30)}]\n" for n in range(6))
    + "interactions: []\n",
    "nested too deeply": "interactions: " + "[" * 50_000,
    "tag": "interactions:\n- !!python/object/apply:os.system [true]\n",
    "interaction 1 cannot be read": "interactions: [5]\n",
    "it is not UTF-8": b"interactions: []\n# \xff\n",
    "line 2: not UTF-8": "interactions: []\n# é".encode()[:-1],
}


@pytest.mark.parametrize("problem", UNREADABLE)
def test_unreadable_file_is_one_line(audit: Audit, problem: str) -> None:
    write("odd.yaml", UNREADABLE[problem])
    write("z.yaml", clean())
    ran = audit()
    assert ran.code == 0
    assert len(ran.lines) == 2
    assert ran.lines[0].startswith("odd.yaml: not readable as a cassette: ")
    assert problem in ran.lines[0]
    assert ran.lines[1] == "0 findings in 0 of 1 cassette (1 file that is not a cassette)"


def test_file_that_is_not_regular_is_reported_and_fails(audit: Audit) -> None:
    Path("directory.yaml").mkdir()
    Path("loop.yaml").symlink_to("loop.yaml")
    Path("up").symlink_to(".", target_is_directory=True)
    os.mkfifo("pipe.yaml")
    write("z.yaml", CASSETTES["vcrpy.yaml"])
    ran = audit("--format=json")
    assert ran.code == 1
    assert [problem["file"] for problem in ran.json["not_examined"]] == ["loop.yaml", "pipe.yaml"]
    assert len(ran.found) == 3
    Path("z.yaml").unlink()
    assert audit().code == 2


def test_file_that_may_not_be_read(audit: Audit, monkeypatch: pytest.MonkeyPatch) -> None:
    """The system call is patched, because root may read every file."""
    real_open = os.open

    def refuse(path: Path, *flags: int) -> int:
        if Path(path).name == "secret.yaml":
            raise PermissionError(13, "Permission denied")
        return real_open(path, *flags)

    monkeypatch.setattr(os, "open", refuse)
    write("secret.yaml", clean())
    write("z.yaml", CASSETTES["vcrpy.yaml"])
    for arguments in ([], ["--fix"]):
        ran = audit(*arguments, ".")
        assert "secret.yaml: cannot be read: Permission denied" in ran.lines
    assert "z.yaml: 3 findings fixed" in ran.lines


def test_error_in_a_rule_is_one_line(audit: Audit, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise ValueError(PASSWORD)

    monkeypatch.setattr("pytest_reprise.scrub.walk.interaction.visit_body", fail)
    write("a.yaml", CASSETTES["vcrpy.yaml"])
    ran = audit()
    assert ran.code == 2
    problem = r"a\.yaml: interaction 1: scan raised ValueError in test_odd_files\.py, line \d+"
    assert re.fullmatch(problem, ran.lines[0])
    before = Path("a.yaml").read_bytes()
    ran = audit("--fix", ".")
    assert ran.code == 2
    assert "a.yaml: interaction 1: scrubbing it raised ValueError" in ran.out
    assert Path("a.yaml").read_bytes() == before


def test_secret_at_the_end_of_a_large_body_is_found(audit: Audit) -> None:
    things: list[object] = [{"id": n, "note": "lorem ipsum " * 30} for n in range(25_000)]
    made = interaction(None, response(json.dumps([*things, {"password": PASSWORD}])))
    path = write("a.json", json.dumps({"interactions": [made], "version": 1}))
    assert path.stat().st_size > 9_000_000
    assert ("response body: [].password", "field") in audit("--format=json").found


def test_lines_are_not_computed_without_findings(
    audit: Audit, monkeypatch: pytest.MonkeyPatch
) -> None:
    write("a.yaml", clean())
    monkeypatch.setattr(
        "pytest_reprise.cassette.document_text.item_lines", lambda *_: pytest.fail("asked")
    )
    assert audit().code == 0
