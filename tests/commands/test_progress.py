"""Commands that take long tell a person at a terminal how far they are; `--quiet` tells nothing."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from pytest_reprise.commands import progress
from pytest_reprise.commands.main import main

from ..harness.forms import FORMS


@pytest.mark.parametrize(
    ("command", "doing"), [(["audit"], "searching"), (["migrate", "--check"], "reading")]
)
def test_progress_on_a_terminal_unless_it_is_quiet(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    command: list[str],
    doing: str,
) -> None:
    for name in ("a.yaml", "b.yaml"):
        (tmp_path / name).write_text(FORMS["vcrpy.yaml"], encoding="utf-8")
    monkeypatch.setattr(progress, "_SILENT", 0.0)
    monkeypatch.setattr(progress, "_EVERY", 0.0)
    assert main([*command, str(tmp_path)]) == 1
    assert capsys.readouterr().err == ""  # no terminal
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    assert main([*command, str(tmp_path)]) == 1
    assert f"{doing}: 1 of 2" in capsys.readouterr().err
    assert main([*command, "--quiet", str(tmp_path)]) == 1
    assert capsys.readouterr().err == ""
