"""Some tests of this run, once more and offline, in a new process."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import pytest

from ..messages import display_path
from .proof_process import Result
from .selection import PROOF_TASK

_DROPPED = (
    "--reprise-prove",
    "--reprise-audit",
    "--reprise-drift",
    "--reprise-pending",
    "--reprise-refresh-failed",
    "--pdb",
    "--trace",
)
"""Options that mean nothing in a replay."""
_DROPPED_WITH_VALUE = "--reprise-refresh"
_ALWAYS = ("--record-mode=none", "--maxfail=0", "--reprise-report=", "--reprise-openapi=")
_OF_PLUGINS = {"junitxml": "--junitxml=", "xdist": "--numprocesses=0", "_cov": "--no-cov"}
"""Options that keep other plugins from writing reports, and from starting workers."""


_LEAST_SECONDS = 60.0
"""How long a replay of some tests may take in any case."""


class World(NamedTuple):
    """What the process gets of the world in which the tests were recorded."""

    removed: Collection[str] = ()
    """Environment variables that it does not get. Which of them a test asked for is noted."""
    staged: str = ""
    """The name of the directories with staged cassettes; "" for those that are visible."""
    ahead: float = 0.0
    """Seconds by which its clock is ahead."""
    timeout: float | None = None
    """Seconds after which it is stopped."""


class Replayed(NamedTuple):
    """What some tests did."""

    results: dict[str, Result]
    missed: Sequence[str]
    """As `Tally.missed` has them."""
    why_none: str
    """Why no test could run; "" if any did."""

    def replays(self, path: Path, nodeids: Collection[str], fixtures: Collection[Path]) -> bool:
        """Whether these tests, or the fixture that they use, replay from a cassette."""
        failed = [self.results[nodeid] for nodeid in nodeids if self.results[nodeid].failed]
        if path not in fixtures or not failed:
            return bool(nodeids) and not failed
        # Its test may have been edited, and miss a request of its own.
        name = display_path(path)
        is_other = any(not line.startswith(f"{name}: ") for line in self.missed)
        is_own = any(line.startswith(f"{name}: ") for line in self.missed)
        return not is_own and (is_other or all(result.phase == "call" for result in failed))


def replay(config: pytest.Config, nodeids: Collection[str], world: World) -> Replayed:
    """Return what each of the tests did. A test that did not run has failed."""
    environment = {n: value for n, value in os.environ.items() if n not in world.removed}
    with tempfile.TemporaryDirectory(prefix="reprise-") as directory:
        task, results = Path(directory, "task.json"), Path(directory, "results.json")
        described = {
            "tests": sorted(nodeids),
            "staged": world.staged,
            "watched": sorted(world.removed),
            "ahead": world.ahead,
            "results": str(results),
        }
        task.write_text(json.dumps(described), encoding="utf-8")
        why = _run(config, environment | {PROOF_TASK: str(task)}, world.timeout)
        try:
            told = json.loads(results.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            told = {"results": {}, "missed": []}
    found = told["results"]
    missing = Result(True, f"it did not run: {why}")
    done = {n: Result(*found[n]) if n in found else missing for n in nodeids}
    return Replayed(done, told["missed"], "" if found else why)


def still_replaying(
    config: pytest.Config,
    tests_of: Mapping[Path, Collection[str]],
    fixtures: Collection[Path],
    seconds: float,
) -> tuple[set[Path], str]:
    """Return those of the cassettes whose tests replay from what is visible now, and why no test
    could run if none did.

    The cassettes of `fixtures` are given with tests that use them. `seconds` is how long the run
    took; a replay that takes more than twice as long is stopped.
    """
    nodeids = {nodeid for nodeids in tests_of.values() for nodeid in nodeids}
    world = World(timeout=_LEAST_SECONDS + 2 * seconds)
    found = replay(config, nodeids, world) if nodeids else Replayed({}, (), "")
    replaying = {path for path, tests in tests_of.items() if found.replays(path, tests, fixtures)}
    return replaying, found.why_none


def _run(config: pytest.Config, environment: Mapping[str, str], timeout: float | None) -> str:
    """Run pytest, and return its last line: why a test did not run."""
    try:
        ended = subprocess.run(
            [sys.executable, "-m", "pytest", *_arguments(config)],
            cwd=config.invocation_params.dir,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=timeout,
        )
    except subprocess.TimeoutExpired:
        return f"stopped after {timeout:.0f} s"
    except Exception as error:  # no process can be started here, or a plugin forbids it
        return f"{type(error).__name__}: {error}"
    lines = (ended.stdout + ended.stderr).strip().splitlines()
    return lines[-1] if lines else str(ended.returncode)


def _arguments(config: pytest.Config) -> Iterable[str]:
    """The arguments of this run, so that the same tests are collected in the same way."""
    given = iter(map(str, config.invocation_params.args))
    for argument in given:
        if argument == _DROPPED_WITH_VALUE:
            next(given, None)
        elif argument not in _DROPPED and not argument.startswith(f"{_DROPPED_WITH_VALUE}="):
            yield argument
    yield from _ALWAYS
    has = config.pluginmanager.hasplugin
    yield from (option for plugin, option in _OF_PLUGINS.items() if has(plugin))
