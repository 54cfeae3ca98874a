"""What a migration will make fail: the suite is replayed twice, by both kinds of rules.

The difference is what the stricter rules find: bodies that differ, recorded calls that are not
made, and misses whose errors the code under test catches.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from ..errors import ConfigurationError

_SHOWN = (": recorded ", "  not made  ", "  request   ")
"""Parts of the lines of a message that say what is different."""
_MOST_LINES = 8
_KIND = re.compile(r"^.*\b(?:Failed|RequestNotRecorded\w*): ")
"""What pytest writes before the message of an error."""


class Outcomes(NamedTuple):
    """The tests of a run by their names in the JUnit report, and why those that failed did."""

    tests: frozenset[str]
    failures: dict[str, str]


class StrictReport(NamedTuple):
    """Tests that pass today and will fail after a migration, with the messages of the failures."""

    tests: int
    fail_today: int
    will_fail: dict[str, str]


def strict_report() -> StrictReport:
    """Replay the suite of the current directory twice. Raises ConfigurationError.

    Options of pytest can be given in PYTEST_ADDOPTS.
    """
    today, strict = _run(), _run("--reprise-strict")
    new = {name: text for name, text in strict.failures.items() if name not in today.failures}
    return StrictReport(len(today.tests), len(today.failures), new)


def _run(*options: str) -> Outcomes:
    with tempfile.TemporaryDirectory() as directory:
        report = Path(directory, "report.xml")
        command = [sys.executable, "-m", "pytest", "-q", "--record-mode=none", *options]
        ran = subprocess.run(
            [*command, f"--junitxml={report}"], capture_output=True, text=True, check=False
        )
        if not report.exists():
            last = (ran.stderr or ran.stdout).strip().splitlines()[-1:] or ["it wrote no report"]
            raise ConfigurationError(f"pytest did not run: {last[0]}")
        return _outcomes(ElementTree.parse(report).getroot())


def _outcomes(root: ElementTree.Element) -> Outcomes:
    names, failures = set[str](), dict[str, str]()
    for case in root.iter("testcase"):
        name = "::".join(filter(None, (case.get("classname"), case.get("name"))))
        names.add(name)
        for problem in (*case.findall("failure"), *case.findall("error")):
            failures[name] = f"{failures.get(name, '')}{problem.get('message')}\n{problem.text}\n"
    return Outcomes(frozenset(names), failures)


def described(report: StrictReport) -> Iterator[str]:
    """Yield the lines to print."""
    for name, text in report.will_fail.items():
        yield name
        yield from (f"  {line}" for line in _evidence(text))
    count = len(report.will_fail)
    yield f"{count} of {report.tests} tests would fail after a migration, and pass today"
    if report.fail_today:
        yield f"{report.fail_today} fail today already"


def _evidence(text: str) -> list[str]:
    """Return the first line of a failure, and those that say what is different."""
    lines = [line.removeprefix("E").rstrip() for line in text.splitlines() if line.strip()]
    found = [line.strip() for line in lines if any(part in line for part in _SHOWN)]
    headline = [_KIND.sub("", line).strip(' "') for line in lines[:1]]
    return list(dict.fromkeys([*headline, *found]))[:_MOST_LINES]
