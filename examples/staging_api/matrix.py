"""Record the example suite once, then replay it in many conditions.

Run it with ``make matrix``. It works in a temporary directory and does not change the committed
cassettes.
"""

import os
import re
import secrets
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

from examples.staging_api.server.keys import DEFAULTS
from examples.staging_api.server.server import REPOSITORY, SUITE, running

CORES = os.cpu_count() or 1
# For a failed run, lines that begin so are printed; if there are none, its last lines.
IMPORTANT = ("E  ", "FAILED", "ERROR")
TAIL = 40

# Modules whose tests are all replayed alone. Of the other modules, every twentieth test is.
ALONE = "test_clock test_jwt test_made_up test_secrets"
# Importing these plugins takes longer than running one test.
LEFT_OUT_ALONE = ("-p", "no:hypothesispytest", "-p", "no:xdist")


class Condition(NamedTuple):
    """Environment and options of a replay, and the recording that it uses."""

    name: str
    environment: dict[str, str]
    options: tuple[str, ...] = ()
    recording: str = "first"


class Outcome(NamedTuple):
    passed: int
    has_failed: bool
    output: str


class Runner:
    """Runs pytest on the suite; all files are written below `scratch`."""

    def __init__(self, scratch: Path) -> None:
        self.scratch = scratch

    def run(self, condition: Condition, tests: str = SUITE) -> Outcome:
        cassettes = self.scratch / condition.recording
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
        done = subprocess.run(
            [*command, "-o", f"reprise_cassette_dir={cassettes}", *condition.options, tests],
            cwd=REPOSITORY,
            env=self._environment() | condition.environment,
            capture_output=True,
            text=True,
        )
        counts = re.findall(r"(\d+) passed", done.stdout) or [0]
        return Outcome(int(counts[-1]), done.returncode != 0, done.stderr + done.stdout)

    def run_all(self, conditions: list[Condition]) -> Iterator[Outcome]:
        with ThreadPoolExecutor(CORES) as pool:
            yield from pool.map(self.run, conditions)

    def run_alone(self, environment: dict[str, str]) -> tuple[Outcome, int]:
        """Run a sample of tests, each in its own process; also return how many."""
        condition = Condition("alone", environment, LEFT_OUT_ALONE)
        tests = _sample(self._collected(environment))
        with ThreadPoolExecutor(CORES) as pool:
            outcomes = list(pool.map(lambda test: self.run(condition, test), tests))
        failed = [outcome.output for outcome in outcomes if outcome.has_failed]
        passed = sum(outcome.passed for outcome in outcomes)
        return Outcome(passed, bool(failed), "\n".join(failed)), len(tests)

    def _collected(self, environment: dict[str, str]) -> list[str]:
        listing = self.run(Condition("list", environment, ("--collect-only",))).output
        return [line for line in listing.splitlines() if "::" in line]

    def _environment(self) -> dict[str, str]:
        """Return the environment without variables for pytest or the suite."""
        removed = ("PYTEST_", "STAGING_", "API_BASE_URL", "BASE_URL", "PYTHONDONTWRITEBYTECODE")
        kept = {name: value for name, value in os.environ.items() if not name.startswith(removed)}
        return kept | {"PYTHONPYCACHEPREFIX": str(self.scratch / "bytecode")}


def main() -> int:
    start = time.perf_counter()
    shared = {name: f"matrix-{secrets.token_urlsafe(15)}" for name in DEFAULTS}
    with tempfile.TemporaryDirectory(prefix="matrix-") as scratch:
        are_good = list(_lines(Runner(Path(scratch)), shared))
    print(f"{time.perf_counter() - start:.0f} s")
    return 0 if all(are_good) else 1


def _lines(runner: Runner, shared: dict[str, str]) -> Iterator[bool]:
    """Run all conditions and print a line for each; yield whether it went well."""
    os.environ.update(shared)  # the server reads them too
    with running() as url:
        usual = shared | {"API_BASE_URL": url}
        recorded = runner.run(Condition("recorded", usual, ("--record-mode=once",)))
        count = recorded.passed
        yield _print_outcome("recorded", recorded, count)
        shutil.copytree(runner.scratch / "first", runner.scratch / "second")
        again = Condition("recorded again", usual, ("--record-mode=rewrite",), "second")
        yield _print_outcome("recorded again, same server", runner.run(again), count)
    conditions = _conditions(shared, url)
    outcomes = runner.run_all(conditions)
    for condition, outcome in zip(conditions, outcomes, strict=True):
        yield _print_outcome(condition.name, outcome, count)
    alone, expected = runner.run_alone(usual)
    yield _print_outcome("one test at a time", alone, expected)
    yield _print_leaks(runner.scratch, shared)


def _conditions(shared: dict[str, str], url: str) -> list[Condition]:
    recorded_as = {"API_BASE_URL": url}
    other_url = {"API_BASE_URL": "http://api.example.test:9/some/path"}
    usual = shared | recorded_as
    later = ("-p", "examples.staging_api.two_years_ahead")
    shuffled = ("-p", "randomly")
    return [
        Condition("as recorded", usual),
        Condition("no base URL", shared),
        Condition("another host and path", shared | other_url),
        Condition("no secrets", recorded_as),
        Condition("empty secrets", recorded_as | dict.fromkeys(shared, "")),
        Condition("dummy secrets", recorded_as | dict.fromkeys(shared, "dummy")),
        Condition("two years later", usual, later),
        Condition("two processes", usual, ("-n", "2")),
        Condition("random order, seed 1", usual, (*shuffled, "--randomly-seed=1")),
        Condition("random order, seed 2", usual, (*shuffled, "--randomly-seed=2")),
        Condition("reverse order", usual, ("--reverse",)),
        Condition("network blocked", usual, ("--block-network",)),
        Condition("second recording", usual, recording="second"),
        Condition(
            "all conditions at once",
            {},
            (*later, *shuffled, "-n", "2", "--block-network"),
            "second",
        ),
    ]


def _sample(tests: list[str]) -> list[str]:
    modules = ALONE.split()
    alone = [test for test in tests if Path(test.partition("::")[0]).stem in modules]
    others = [test for test in tests if test not in alone]
    return alone + others[::20]


def _print_outcome(name: str, outcome: Outcome, expected: int) -> bool:
    is_good = not outcome.has_failed and outcome.passed == expected > 0
    print(f"{name:28} {outcome.passed:4} passed   {'ok' if is_good else 'FAILED'}", flush=True)
    if not is_good:
        lines = outcome.output.splitlines()
        important = [line for line in lines if line.startswith(IMPORTANT)]
        print("\n".join(important or lines[-TAIL:]), flush=True)
    return is_good


def _print_leaks(scratch: Path, shared: dict[str, str]) -> bool:
    files = [file for suffix in ("yaml", "body") for file in scratch.rglob(f"*.{suffix}")]
    texts = [file.read_bytes() for file in files]
    leaks = sum(any(secret.encode() in text for secret in shared.values()) for text in texts)
    print(f"{'secrets':28} in {leaks} of {len(texts)} files", flush=True)
    return leaks == 0


if __name__ == "__main__":
    sys.exit(main())
