"""Exit codes of `reprise audit`, and its messages about wrong usage."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from pytest_reprise.commands.main import main

from ..harness.audits import Audit, Ran, clean, write
from ..harness.forms import (
    CASSETTES,
    SECRETS,
)


def test_no_such_path(audit: Audit) -> None:
    ran = audit("nowhere")
    assert ran == Ran(2, "", "reprise: no such file or directory: nowhere\n")


def test_invalid_configuration(audit: Audit) -> None:
    write("reprise.toml", "[scrub]\noff = ['feild']\n")
    write("a.yaml", clean())
    ran = audit()
    assert (ran.code, ran.out) == (2, "")
    assert "unknown rule 'feild'" in ran.err


@pytest.mark.parametrize("arguments", [[], ["--format=xml", "."]])
def test_bad_usage(arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["audit", *arguments])
    assert ended.value.code == 2


def test_as_a_process(tmp_path: Path) -> None:
    write("a.yaml", CASSETTES["vcrpy.yaml"])
    write("b.yaml", "a: [")
    code = "import sys; from pytest_reprise.commands.main import main; sys.exit(main())"
    ran = subprocess.run(
        [sys.executable, "-c", code, "audit", "."], capture_output=True, text=True, cwd=tmp_path
    )
    assert (ran.returncode, ran.stderr) == (1, "")
    assert "3 findings in 1 of 1 cassette (1 file left alone: not cassettes)" in ran.stdout
    assert not [secret for secret in SECRETS if secret in ran.stdout]
