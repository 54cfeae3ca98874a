"""Inner pytest runs of a suite that this repository's tests write, and what became of each test."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

ROOT = Path(__file__).parents[2]
_KEPT_VARIABLES = ("PATH", "HOME", "TMPDIR", "TEMP", "SYSTEMROOT", "LANG", "LC_ALL")
_DISABLED_PLUGINS = (
    "randomly",
    "hypothesispytest",
    "respx",
    "pytest_httpx",
    "anyio",
    "base_url",
    "xdist",
    "django",
    "pytest-bdd",
    "repeat",
    "rerunfailures",
)
"""Plugins that would change a run, or that take long to import."""


@dataclass(frozen=True)
class Outcome:
    """What became of one run: what went wrong in each test, "" where nothing did."""

    problems: Mapping[str, str]
    status: int
    output: str

    def problem(self, test: str) -> str:
        return self.problems.get(test, "it did not run")


def write_suite(inside: Path, source: str) -> None:
    (inside / "test_suite.py").write_text(source, encoding="utf-8")
    ini = "[pytest]\nasyncio_default_fixture_loop_scope = function\n"
    (inside / "pytest.ini").write_text(ini, encoding="utf-8")


def run_suite(inside: Path, phase: str, environment: Mapping[str, str], *args: str) -> Outcome:
    """One run in a process of its own, with only the environment variables that it needs."""
    taken_over = {name: os.environ[name] for name in _KEPT_VARIABLES if name in os.environ}
    report = inside / f"{phase}.xml"
    without = [arg for plugin in _DISABLED_PLUGINS for arg in ("-p", f"no:{plugin}")]
    left = (f"--junit-xml={report}", f"--log-file={inside / f'{phase}.log'}")
    path = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", *without, *left, *args],
        cwd=inside,
        env={**taken_over, "PYTHONPATH": path, **environment},
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=300,
    )
    output = ran.stdout + ran.stderr
    assert report.exists(), output[-3000:]
    return Outcome(dict(_problems(report)), ran.returncode, output)


def _problems(report: Path) -> Iterator[tuple[str, str]]:
    found: dict[str, str] = {}
    for case in ElementTree.parse(report).iter("testcase"):
        output = [each.get("message", "") for each in case if each.tag in ("failure", "error")]
        name = case.get("name", "")
        found[name] = "; ".join(filter(None, [found.get(name, ""), *output]))
    yield from found.items()
