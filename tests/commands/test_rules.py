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
    assert main(["rules"]) == 0
    lines = {line.split()[0]: line for line in capsys.readouterr().out.splitlines()}
    assert lines["field"].endswith("by the last word of its name")
    assert lines["iban"].endswith("(off)")
    assert lines["email"].endswith("an e-mail address (personal)")
    assert lines["phone"].endswith("(personal, off)")
    assert {"environment", "ticket", "json-path", "github"} <= lines.keys()
