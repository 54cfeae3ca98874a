"""Whole runs that are killed or stopped: cassettes stay of one recording, and nothing is left."""

from __future__ import annotations

import os
import signal

import pytest

from ..harness.runs import Cassettes, Run, Server, Suite
from .test_summary import report_lines

NOT_NEEDED = ("anyio", "base_url")
ON_POSIX = pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")

SUITE = """
    import pytest

    pytestmark = pytest.mark.vcr

    @pytest.fixture(scope="session")
    def order(client):
        return client.get("/count").json()["n"]

    def test_first(client, order):
        assert client.get(f"/status/200?order={order}").status_code == 200

    def test_second(client, order):
        assert client.get(f"/status/201?order={order}").status_code == 201

    def test_third(client, order):
        assert client.get(f"/status/202?order={order}").status_code == 202

    def test_alone(client):
        client.get("/count")
"""
KILLS = """
    import os, signal

    import pytest
    from pytest_reprise.cassette import staging

    # A shell ignores this signal in what it starts in the background, as CI may be.
    signal.signal(signal.SIGINT, signal.default_int_handler)

    @pytest.hookimpl(trylast=True)
    def pytest_runtest_teardown(item):
        if os.environ.get("STOP_AFTER") == item.name:
            os.kill(os.getpid(), int(os.environ["SIGNAL"]))

    left = [0] * int(os.environ.get("MOVES", 1000))
    move = staging.move_into_place

    def move_or_die(*args):
        if not left:
            os.kill(os.getpid(), signal.SIGKILL)
        left.pop()
        move(*args)

    staging.move_into_place = move_or_die
"""


def _generations(cassettes: dict[str, str]) -> list[str]:
    """Return the number of the order in each cassette."""
    texts = [text for name, text in cassettes.items() if not name.endswith("_alone")]
    return sorted({text.partition("order=")[2].split()[0] for text in texts if "order=" in text})


@ON_POSIX
@pytest.mark.parametrize("signal_number", [signal.SIGKILL, signal.SIGTERM], ids=lambda s: s.name)
def test_a_run_killed_before_its_end_changes_nothing_and_the_next_run_says_so(
    suite: Suite,
    run: Run,
    cassettes: Cassettes,
    monkeypatch: pytest.MonkeyPatch,
    pytester: pytest.Pytester,
    signal_number: signal.Signals,
) -> None:
    suite(SUITE, conftest=KILLS)
    run("--record-mode=once").assert_outcomes(passed=4)
    before = cassettes()
    assert _generations(before) == ["1"]
    monkeypatch.setenv("STOP_AFTER", "test_second")
    monkeypatch.setenv("SIGNAL", str(int(signal_number)))
    assert run("--record-mode=rewrite").ret == -signal_number
    assert list(pytester.path.rglob(".reprise-*"))
    monkeypatch.delenv("STOP_AFTER")
    result = run()
    result.assert_outcomes(passed=4)
    assert cassettes() == before
    assert report_lines(result)[-2] == (
        "the last recording was interrupted, and dropped (1 cassette). Older cassettes were not "
        "changed. Record again: pytest --record-mode=rewrite"
    )
    assert not list(pytester.path.rglob(".reprise-*"))
    assert "interrupted" not in run().stdout.str()


@ON_POSIX
@pytest.mark.parametrize("moves", range(5))
def test_a_run_killed_while_its_cassettes_are_moved_is_completed_by_the_next_run(
    suite: Suite,
    run: Run,
    server: Server,
    cassettes: Cassettes,
    monkeypatch: pytest.MonkeyPatch,
    pytester: pytest.Pytester,
    moves: int,
) -> None:
    suite(SUITE, conftest=KILLS)
    run("--record-mode=once").assert_outcomes(passed=4)
    server.requests.clear()
    # Edited tests: else their new recordings would have the same meaning as the old ones.
    edited = SUITE.replace("?order", "?again=1&order").replace('"/count"', '"/count?again=1"')
    suite(edited, conftest=KILLS)
    monkeypatch.setenv("MOVES", str(moves))
    assert run("--record-mode=rewrite").ret == -signal.SIGKILL
    monkeypatch.delenv("MOVES")
    result = run("-n", "2", "-p", "xdist") if moves == 2 else run()
    result.assert_outcomes(passed=4)
    assert _generations(cassettes()) == ["3"]
    counted = f"{5 - moves} cassettes" if moves < 4 else "1 cassette"
    assert report_lines(result)[-2] == (
        f"the last recording was interrupted while it was saved, and is complete now ({counted} "
        f"saved)"
    )
    assert not list(pytester.path.rglob(".reprise-*"))


@ON_POSIX
@pytest.mark.parametrize("stops", ["SIGINT", "-x"])
def test_a_rewrite_that_stops_early_keeps_what_belongs_together(
    suite: Suite,
    run: Run,
    cassettes: Cassettes,
    monkeypatch: pytest.MonkeyPatch,
    pytester: pytest.Pytester,
    stops: str,
) -> None:
    """The order of the fixture is in all cassettes, except in the one of the test without it."""
    suite(SUITE, conftest=KILLS)
    run("--record-mode=once").assert_outcomes(passed=4)
    before = cassettes()
    options = ["--record-mode=rewrite", "-v"]
    if stops == "-x":
        suite(SUITE.replace("== 202", "== 203"), conftest=KILLS)
        options += ["-x", "-k", "not first"]
    else:
        suite(SUITE, conftest=KILLS)
        monkeypatch.setenv("STOP_AFTER", "test_second")
        monkeypatch.setenv("SIGNAL", str(int(signal.SIGINT)))
    result = run(*options)
    assert "the recording stopped early: " in report_lines(result)[-2]
    assert "Record again: pytest --record-mode=rewrite" in report_lines(result)[-2]
    monkeypatch.delenv("STOP_AFTER", raising=False)
    assert cassettes() == before
    suite(SUITE)
    run().assert_outcomes(passed=4)
    assert not list(pytester.path.rglob(".reprise-*"))


@ON_POSIX
def test_a_first_recording_that_is_interrupted_keeps_the_tests_that_passed(
    suite: Suite, run: Run, cassettes: Cassettes, monkeypatch: pytest.MonkeyPatch
) -> None:
    suite(SUITE, conftest=KILLS)
    monkeypatch.setenv("STOP_AFTER", "test_third")
    monkeypatch.setenv("SIGNAL", str(int(signal.SIGINT)))
    result = run("--record-mode=once")
    monkeypatch.delenv("STOP_AFTER")
    assert "1 test did not run" in report_lines(result)[-2]
    names = ["test_suite.@order", "test_suite/test_first", "test_suite/test_second"]
    assert sorted(cassettes()) == names
    run("--record-mode=rewrite")
    run().assert_outcomes(passed=4)
