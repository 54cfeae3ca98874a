"""Run the command in a directory of its own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

import pytest

from pytest_reprise.commands.main import main

Reprise: TypeAlias = Callable[..., tuple[int, str]]


@pytest.fixture(autouse=True)
def directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def reprise(capsys: pytest.CaptureFixture[str]) -> Reprise:
    """Run the command; return the exit code and all output."""

    def run(*arguments: str) -> tuple[int, str]:
        code = main([*arguments])
        return code, "".join(capsys.readouterr())

    return run
