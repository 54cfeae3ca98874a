"""What a migration will make fail: the suite is replayed by the stricter rules.

What fails then is replayed by the rules of today. The difference is what the stricter rules find:
bodies that differ, recorded calls that are not made, and misses whose errors the code under test
catches.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import NamedTuple

from ..errors import ConfigurationError
from .progress import Progress

_SHOWN = (": recorded ", "  not made  ", "  request   ")
"""Parts of the lines of a message that say what is different."""
_MOST_LINES = 8
_MISS = re.compile(r"\bRequestNotRecorded\w*: (.+)")
"""The first line of a miss. A client may have caught it and raised an error of its own."""
_ERROR = re.compile(r"^E +(.+)", re.MULTILINE)
"""The first line of the message of an error with a traceback."""
_KIND = re.compile(r"^(?:\w+\.)*(?:Failed|\w+Error|\w+Exception): ")
"""What pytest writes before the message."""
_POLL = 0.3
"""Seconds between two looks at the outcomes of a run that is not finished."""
_RUN = ("--record-mode=none", "-q", "--tb=short", "--maxfail=0")
_FINISHED = (0, 1)
"""Exit codes of pytest: all tests passed, or some failed."""


class StrictReport(NamedTuple):
    """Tests that pass today and will fail after a migration, with the messages of the failures."""

    tests: int
    fail_today: int
    """How many fail by both kinds of rules."""
    will_fail: dict[str, str]


def strict_report(is_quiet: bool) -> StrictReport:
    """Replay the suite of the current directory; show progress, unless `is_quiet`.

    Raises ConfigurationError.

    Options of pytest can be given in PYTEST_ADDOPTS.
    """
    progress = Progress("replaying by the rules after a migration", is_quiet)
    strict = _run(progress, "--reprise-strict")
    fails = {name: text for name, text in strict.items() if text is not None}
    progress = Progress("replaying what failed by the rules of today", is_quiet)
    today = _run(progress, only=fails) if fails else {}
    will_fail = {name: text for name, text in fails.items() if today.get(name) is None}
    return StrictReport(len(strict), len(fails) - len(will_fail), will_fail)


def _run(
    progress: Progress, *options: str, only: Collection[str] | None = None
) -> dict[str, str | None]:
    """Run pytest; return the messages of the tests that failed, and None for all others."""
    with tempfile.TemporaryDirectory() as directory:
        log, wanted, printed = (Path(directory, name) for name in ("log", "wanted", "printed"))
        plugin = ("-p", "pytest_reprise.plugin.outcome_log", f"--reprise-outcome-log={log}")
        selected = [f"--reprise-only-tests={wanted}"] if only is not None else []
        wanted.write_text("".join(f"{json.dumps(name)}\n" for name in only or ()), "utf-8")
        command = [sys.executable, "-m", "pytest", *_RUN, *plugin, *selected, *options]
        with printed.open("wb") as output, progress:
            process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT)
            while _is_running(process):
                if progress.is_due:
                    progress.show(*_reached(log))
        if process.returncode not in _FINISHED:
            last = printed.read_text("utf-8", "replace").strip().splitlines()[-1:]
            raise ConfigurationError(f"pytest did not run: {(last or ['it printed nothing'])[0]}")
        return dict(_outcomes(log))


def _is_running(process: subprocess.Popen[bytes]) -> bool:
    try:
        process.wait(_POLL)
    except subprocess.TimeoutExpired:
        return True
    except BaseException:  # Ctrl-C
        process.terminate()
        process.wait()
        raise
    return False


def _reached(log: Path) -> tuple[int, int | None]:
    """Return how many tests are done, and how many there are, if that is known."""
    lines = log.read_bytes().splitlines() if log.exists() else []
    counts = [int(line) for line in lines if line.isdigit()]
    return len(lines) - len(counts), counts[0] if counts else None


def _outcomes(log: Path) -> Iterator[tuple[str, str | None]]:
    for line in log.read_text("utf-8").splitlines():
        if isinstance(found := json.loads(line), list):
            name, text = found
            yield name, text


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
    if miss := _MISS.search(text):
        first = miss[1]
    else:
        error = _ERROR.search(text)
        first = _KIND.sub("", error[1] if error else text.strip().partition("\n")[0])
    lines = (line.removeprefix("E").rstrip() for line in text.splitlines())
    found = (line.strip() for line in lines if any(part in line for part in _SHOWN))
    return list(dict.fromkeys([first, *found]))[:_MOST_LINES]
