"""Fixtures for tests of `reprise audit`."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from pytest_reprise.commands.main import main

from ..harness.audits import Audit, Ran
from ..harness.forms import (
    SECRETS,
)

_SECRET_VARIABLE = re.compile("PASS|SECRET|TOKEN|KEY|CREDENTIAL|AUTH|JWT|URL|DSN")


@pytest.fixture(autouse=True)
def _project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty project, in an environment without secrets."""
    for name in filter(_SECRET_VARIABLE.search, os.environ):
        monkeypatch.delenv(name)
    (tmp_path / "pyproject.toml").touch()
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def audit(capsys: pytest.CaptureFixture[str]) -> Audit:
    """Runs `reprise audit`, and checks each time that no planted secret is shown."""

    def run(*arguments: str) -> Ran:
        is_pathless = all(argument.startswith("-") for argument in arguments)
        code = main(["audit", *arguments, *["."] * is_pathless])
        printed = capsys.readouterr()
        assert not [secret for secret in SECRETS if secret in printed.out + printed.err]
        return Ran(code, printed.out, printed.err)

    return run
