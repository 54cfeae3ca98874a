"""`reprise rules` lists the rules and whether they are on."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_reprise.commands.main import main


def test_rules_are_listed_with_their_state(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "reprise.toml").write_text(
        "[scrub]\noff = ['iban']\npersonal = ['email']\njson_paths = ['$.note']\n"
        "[scrub.patterns]\nticket = 'T-[0-9]+'\n"
    )
    assert main(["rules", "secrets"]) == 0
    lines = {line.split()[0]: line for line in capsys.readouterr().out.splitlines()}
    assert lines["field"].endswith("by the last word of its name")
    assert lines["iban"].endswith("(off)")
    assert lines["email"].endswith("an e-mail address (personal)")
    assert lines["phone"].endswith("(personal, off)")
    assert {"environment", "ticket", "json-path", "github"} <= lines.keys()


def test_rules_of_noise_and_of_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "reprise.toml").write_text("volatile = ['$.meta.trace', 'header:X-Trace']")
    assert main(["rules", "noise"]) == 0
    assert "names ($.meta.trace, header:X-Trace)\n" in capsys.readouterr().out
    assert main(["rules", "changes"]) == 0
    assert "null              breaking: null in a place" in capsys.readouterr().out
    assert main(["rules"]) == 0
    text = capsys.readouterr().out
    assert [f"{topic}:\n" in text for topic in ("secrets", "noise", "changes")] == [True] * 3


@pytest.mark.parametrize(
    ("content", "error"),
    [
        ("volatile = 'a'", "volatile must be a list of non-empty strings"),
        ("volatile = ['']", "volatile must be a list of non-empty strings"),
        ("volatile = ['$.a[0]']", "volatile: unsupported path '$.a[0]'. Supported are"),
        ("volatil = ['a']", "unknown key volatil. Did you mean 'volatile'?"),
    ],
)
def test_an_invalid_volatile_place_is_an_error(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    content: str,
    error: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "reprise.toml").write_text(content)
    assert main(["rules"]) == 2
    assert error in capsys.readouterr().err
