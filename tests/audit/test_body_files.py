"""Secrets in bodies that have a file of their own."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_reprise.cassette.body_files import BODY_FILE_TAG
from pytest_reprise.cassette.file import load
from pytest_reprise.commands.main import main
from pytest_reprise.exchange import Response

from ..harness.audits import LEAKED, NOISE, Audit, answering, body_in_file, write
from ..harness.forms import (
    PASSWORD,
    TOKEN,
)


def test_secret_in_a_body_file_is_found_and_fixed(audit: Audit) -> None:
    file = body_in_file(NOISE[:600_000] + LEAKED + NOISE[600_000:])
    [finding] = audit("--format=json").json["findings"]
    assert (finding["file"], finding["interaction"]) == ("a.yaml", 2)
    assert finding["call"] == "GET /image"
    assert finding["location"].startswith("response body")
    assert Path("a.yaml").read_text().splitlines()[finding["line"] - 1] == "- request:"
    assert "a.yaml: 1 finding fixed" in audit("--fix", ".").lines
    assert not file.exists()
    [fixed] = Path().glob("*.body")
    assert PASSWORD.encode() not in fixed.read_bytes()
    assert fixed.stat().st_size == len(NOISE + LEAKED)
    assert fixed.read_bytes().endswith(NOISE[600_000:])
    cassette = load(Path("a.yaml"))
    assert cassette
    outcome = cassette.interactions[1].outcome
    assert isinstance(outcome, Response)
    assert outcome.body == fixed.read_bytes()
    before = _all_bytes()
    assert audit("--fix", ".").code == 0
    assert _all_bytes() == before


def _all_bytes() -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in Path().iterdir()}


def test_known_value_in_a_body_file_is_found(audit: Audit, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOP_PASSWORD", PASSWORD)
    body_in_file(NOISE + PASSWORD.encode())
    [finding] = audit("--format=json").json["findings"]
    assert (finding["interaction"], finding["rule"]) == (2, "environment")


def test_body_file_stays_if_something_else_is_fixed(audit: Audit) -> None:
    file = body_in_file(NOISE, path=f"/image?api_key={TOKEN}")
    assert audit("--fix", ".").code == 0
    assert TOKEN not in Path("a.yaml").read_text()
    assert file.read_bytes() == NOISE
    assert load(Path("a.yaml"))


def test_cassettes_that_share_a_body_file_are_both_fixed(audit: Audit) -> None:
    body_in_file(NOISE + LEAKED)
    write("b.yaml", Path("a.yaml").read_bytes())
    assert audit("--fix", ".").code == 0
    assert load(Path("a.yaml")) == load(Path("b.yaml")) is not None
    assert len(list(Path().glob("*.body"))) == 1


def test_missing_body_file_is_reported_and_fails(audit: Audit) -> None:
    file = body_in_file(NOISE, path=f"/image?api_key={TOKEN}")
    file.unlink()
    problem = f"a.yaml: interaction 2: the body file {file.name} is missing"
    ran = audit()
    assert ran.code == 1
    assert problem in ran.lines
    ran = audit("--fix", ".")
    assert ran.code == 2
    assert problem in ran.lines
    assert file.name in Path("a.yaml").read_text()


def test_body_file_with_other_content_is_reported_and_kept(audit: Audit) -> None:
    file = body_in_file(NOISE)
    file.write_bytes(PASSWORD.encode())
    before = _all_bytes()
    ran = audit("--fix", ".")
    assert ran.code == 2
    assert "not the recorded ones" in ran.out
    assert _all_bytes() == before


def test_body_file_with_a_secret_in_its_name_is_not_fixed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SHOP_PASSWORD", PASSWORD)
    body_in_file(NOISE, name=f"{PASSWORD}.yaml")
    before = _all_bytes()
    assert main(["audit", "--fix", "."]) == 1
    assert "a body file has a secret in its name: rename the test" in capsys.readouterr().out
    assert _all_bytes() == before


def test_body_file_tag_in_a_legacy_cassette_is_refused(audit: Audit) -> None:
    write(
        "a.yaml",
        answering("x").replace("string: x", f"string: {BODY_FILE_TAG} 'a.{'0' * 16}.body'"),
    )
    ran = audit()
    assert "could not determine a constructor for the tag" in ran.out


def test_failed_write_of_a_fixed_body_changes_nothing(
    audit: Audit, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(path: Path, *_: object) -> None:
        raise PermissionError(13, "Permission denied", str(path))

    body_in_file(NOISE + LEAKED)
    before = _all_bytes()
    monkeypatch.setattr("pytest_reprise.cassette.replace.replace_file", refuse)
    assert "a.yaml: cannot be written: Permission denied" in audit("--fix", ".").lines
    assert _all_bytes() == before
