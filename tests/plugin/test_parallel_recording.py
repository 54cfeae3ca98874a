"""Whole runs: recording on several workers of pytest-xdist is refused before anything is sent."""

from __future__ import annotations

import pytest

from ..harness.runs import Cassettes, Run, Server, Suite
from .test_summary import WITH_FIXTURE

NOT_NEEDED = ("anyio", "base_url")

# Each way to ask for several workers and a mode: options, lines of the ini file, PYTEST_ADDOPTS.
WAYS = {
    "options": ("-n 2 --record-mode={mode}", "", ""),
    "ini": ("-n 2", "reprise_record_mode = {mode}", ""),
    "addopts": ("", "addopts = -n 2 --record-mode={mode}", ""),
    "environment": ("", "", "-n 2 --record-mode={mode}"),
    "one worker": ("--record-mode={mode}", "addopts = -n 1", ""),
    "distribution": ("--dist=loadfile --tx=2*popen", "", "--record-mode={mode}"),
}


def ask(
    suite: Suite, monkeypatch: pytest.MonkeyPatch, way: str, mode: str, source: str = WITH_FIXTURE
) -> list[str]:
    """Write the suite with the settings of a way; return the options of its run."""
    options, ini, environment = (part.format(mode=mode) for part in WAYS[way])
    suite(source, ini=ini)
    monkeypatch.setenv("PYTEST_ADDOPTS", environment)
    return options.split()


@pytest.mark.parametrize(
    ("mode", "way"),
    [*(("rewrite", way) for way in WAYS), ("new_episodes", "options"), ("all", "ini")],
)
def test_a_mode_that_sends_always_is_refused_at_the_start(
    suite: Suite,
    run: Run,
    server: Server,
    cassettes: Cassettes,
    monkeypatch: pytest.MonkeyPatch,
    mode: str,
    way: str,
) -> None:
    result = run(*ask(suite, monkeypatch, way, mode))
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(
        ["ERROR: Recording in parallel is refused: *", f"  pytest -n 0 --record-mode={mode}"]
    )
    assert server.requests == []
    assert cassettes() == {}


def refuse(result: pytest.RunResult, server: Server) -> None:
    """Check that workers stopped the run at the first test that would have been recorded."""
    assert result.ret == pytest.ExitCode.INTERRUPTED
    result.stdout.fnmatch_lines(
        [
            "*Recording in a worker of pytest-xdist is refused: *",
            "*pytest -n 0 --record-mode=*",
            "!* Recording in a worker of pytest-xdist is refused: *!",
        ]
    )
    assert server.requests == []


@pytest.mark.parametrize("way", ["ini", "addopts", "environment"])
def test_a_worker_that_has_to_record_stops_the_run(
    suite: Suite,
    run: Run,
    server: Server,
    cassettes: Cassettes,
    monkeypatch: pytest.MonkeyPatch,
    way: str,
) -> None:
    refuse(run(*ask(suite, monkeypatch, way, "once")), server)
    assert cassettes() == {}


SETTINGS = {
    "mark": ('(record_mode="rewrite")', ""),
    "vcr_config": ("", 'vcr_config(): return {"record_mode": "all"}'),
    "fixture": ("", 'record_mode(): return "new_episodes"'),
}


@pytest.mark.parametrize("setting", SETTINGS)
def test_a_mode_that_the_suite_sets_stops_the_run(
    suite: Suite, run: Run, server: Server, cassettes: Cassettes, setting: str
) -> None:
    arguments, fixture = SETTINGS[setting]
    conftest = f"import pytest\n@pytest.fixture(scope='session')\ndef {fixture}\n"
    suite(
        WITH_FIXTURE.replace("mark.vcr", f"mark.vcr{arguments}"),
        conftest=conftest if fixture else "",
    )
    refuse(run("-n", "2"), server)
    assert cassettes() == {}


def test_one_missing_cassette_stops_the_workers_and_writes_nothing(
    suite: Suite, run: Run, server: Server, cassettes: Cassettes
) -> None:
    suite(WITH_FIXTURE)
    run("--record-mode=once", "-k", "not 5").assert_outcomes(passed=7, deselected=1)
    before = cassettes()
    server.requests.clear()
    refuse(run("-n", "2", "--record-mode=once"), server)
    assert cassettes() == before


def test_a_worker_records_neither_values_nor_seeds(
    suite: Suite, run: Run, server: Server, cassettes: Cassettes
) -> None:
    suite(
        """
        import random

        import pytest

        pytestmark = pytest.mark.vcr

        @pytest.fixture(scope="session")
        def number():
            return random.random()

        @pytest.mark.parametrize("n", range(4))
        def test_seed(number, n):
            pass
        """
    )
    run("-n", "2", "--record-mode=once").assert_outcomes(passed=4)
    assert cassettes() == {}
    suite(
        """
        import pytest

        @pytest.mark.vcr
        def test_value(recorded):
            recorded("number", lambda: 1)
        """
    )
    refuse(run("-n", "2", "--record-mode=once"), server)
    assert cassettes() == {}
