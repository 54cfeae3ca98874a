"""What is told about the API on which everything moves: nothing if it is the same, and each change
of its version 2 with its severity."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from .moving_api.changes import CHANGES, Change, operations_of
from .moving_api.operations import PASSWORD
from .moving_api.server import running

KINDS = {
    "required": "field-required",
    "constant": "value",
}
"""Where our id of a kind is not the table's name with a hyphen."""

RunSuite = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture(scope="module")
def suite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the suite, recorded with version 1."""
    directory = tmp_path_factory.mktemp("drift") / "suite"
    shutil.copytree(Path(__file__).parent / "suite", directory)
    (directory / "pytest.ini").write_text("[pytest]\nasyncio_mode = auto\n")
    with running("--seed", "1") as url:
        ran = _run(directory, url, "--record-mode=once")
    assert ran.returncode == 0, ran.stdout
    return directory


def _run(directory: Path, url: str, *options: str) -> subprocess.CompletedProcess[str]:
    plugins = ("-p", "no:randomly", "-p", "no:cacheprovider")
    command = [sys.executable, "-m", "pytest", "-q", "--tb=no", *plugins, *options]
    secret = {"API_BASE_URL": url, "MOVING_PASSWORD": PASSWORD}
    environment = {n: v for n, v in os.environ.items() if not n.startswith("PYTEST_")} | secret
    return subprocess.run(
        command, cwd=directory, env=environment, capture_output=True, text=True, check=False
    )


def _content(directory: Path) -> dict[Path, bytes]:
    files = (path for path in directory.rglob("*") if "__pycache__" not in path.parts)
    return {path: path.read_bytes() for path in files if path.is_file()}


def test_on_the_same_api_nothing_is_told_and_nothing_is_written(suite: Path) -> None:
    before = _content(suite)
    with running("--seed", "2") as url:
        ran = _run(suite, url, "--reprise-drift", "--reprise-fail-on=cosmetic")
    assert ran.returncode == 0, ran.stdout
    assert re.search(r"^reprise: (no API change|\d+ cassettes say the same)", ran.stdout, re.M)
    assert _content(suite) == before


def test_each_change_is_told_once_with_its_severity_and_nothing_else(suite: Path) -> None:
    report = suite / "drift.json"
    with running("--seed", "3", "--version", "2") as url:
        ran = _run(suite, url, "--record-mode=rewrite", f"--reprise-report={report}")
    content = report.read_text(encoding="utf-8")
    changes = json.loads(content)["drift"]["changes"]
    report.unlink()
    not_told = [row for row in CHANGES if not any(_is_told(row, found) for found in changes)]
    assert not_told == [], changes
    others = [found for found in changes if not any(_is_told(row, found) for row in CHANGES)]
    assert others == []
    assert len(changes) == len(CHANGES)
    assert re.search(r"^reprise: 33 API changes \(24 breaking, 6 compatible, 3", ran.stdout, re.M)
    failed = {test for found in changes for test in found["failed"]}
    assert failed == set(re.findall(r"^FAILED (\S+)", ran.stdout, re.M))
    assert PASSWORD not in content + ran.stdout


def _is_told(row: Change, found: dict[str, Any]) -> bool:
    operations = {re.sub(r"\{\w+\}", "{id}", operation) for operation in operations_of(row)}
    place = row.place.replace("header ", "header:")
    is_place = place in ("status", "body", "path") or found["place"].startswith(place)
    kind = KINDS.get(row.kind, row.kind.replace(" ", "-"))
    expected = operations, kind, row.severity, True
    return (set(found["operations"]), found["kind"], found["severity"], is_place) == expected
