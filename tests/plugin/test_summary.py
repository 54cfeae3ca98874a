"""What a run says of itself, and what it does on several workers of pytest-xdist."""

from __future__ import annotations

import re

import pytest

from ..harness.runs import Cassettes, Run, Server, Suite

NOT_NEEDED = ("anyio", "base_url")

TWO = """
    import pytest

    pytestmark = pytest.mark.vcr

    def test_one(client):
        client.get("/count")
        client.get("/count")

    def test_two(client):
        client.get("/status/200")
"""

WITH_FIXTURE = """
    import pytest

    pytestmark = pytest.mark.vcr

    @pytest.fixture(scope="session")
    def token(client):
        return client.post("/login").json()["access_token"]

    @pytest.mark.parametrize("n", range(8))
    def test_it(client, token, n):
        client.get(f"/me?n={n}", headers={"Authorization": f"Bearer {token}"})
"""


def told(result: pytest.RunResult) -> list[str]:
    """The lines of a run that are ours, the header left out."""
    lines = [line for line in result.outlines if line.startswith("reprise: ")]
    return [line.removeprefix("reprise: ") for line in lines if "record mode" not in line]


# --- header --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "ini", "header"),
    [
        ([], "", "record mode none, cassettes in cassettes beside each module"),
        (["--record-mode=once"], "", "record mode once, *"),
        ([], "reprise_record_mode = all", "record mode all, *"),
        (["--record-mode=none"], "reprise_record_mode = all", "record mode none, *"),
        ([], "reprise_cassette_dir = tapes", "record mode none, cassettes in tapes"),
    ],
)
def test_the_header_says_mode_and_place(
    suite: Suite, run: Run, options: list[str], ini: str, header: str
) -> None:
    suite("def test_plain(): pass", ini=ini)
    run(*options).stdout.fnmatch_lines([f"reprise: {header}"])


# --- summary -------------------------------------------------------------------------------------

RECORDED = (
    "2 tests recorded, 3 interactions, 3 live requests, 2 cassettes written, 0 kept, 0 unplayed"
)
REPLAYED = (
    "2 tests replayed, 3 interactions, 0 live requests, 0 cassettes written, 0 kept, 0 unplayed"
)
UNCHANGED = (
    "2 tests recorded, 3 interactions, 3 live requests, 1 cassette written, 1 unchanged, "
    "0 kept, 0 unplayed"
)


@pytest.mark.parametrize("mode", ["once", "all"])
def test_the_summary_of_a_recording(suite: Suite, run: Run, mode: str) -> None:
    suite(TWO)
    assert told(run(f"--record-mode={mode}"))[-1] == RECORDED


@pytest.mark.parametrize(
    ("mode", "summary"),
    [
        ("none", REPLAYED),
        ("new_episodes", REPLAYED),
        ("rewrite", UNCHANGED),
    ],
)
def test_the_summary_with_cassettes_at_hand(
    suite: Suite, run: Run, mode: str, summary: str
) -> None:
    suite(TWO)
    run("--record-mode=once").assert_outcomes(passed=2)
    assert told(run(f"--record-mode={mode}")) == [summary]


def test_a_first_recording_by_rewrite_has_no_changes_to_tell(suite: Suite, run: Run) -> None:
    suite(TWO)
    assert told(run("--record-mode=rewrite")) == [RECORDED]


def test_the_summary_counts_what_was_not_made(suite: Suite, run: Run) -> None:
    suite(TWO)
    run("--record-mode=once").assert_outcomes(passed=2)
    suite(TWO.replace('client.get("/count")\n', "", 1))
    expected = "2 tests replayed, 2 interactions, 0 live requests, 0 cassettes written"
    assert told(run()) == [f"{expected}, 0 kept, 1 unplayed"]


def test_the_summary_counts_one_in_the_singular(suite: Suite, run: Run) -> None:
    suite(TWO)
    summary = "1 test recorded, 1 interaction, 1 live request, 1 cassette written"
    assert told(run("--record-mode=once", "-k", "two")) == [f"{summary}, 0 kept, 0 unplayed"]


def test_a_fixture_counts_with_its_interactions_and_its_cassette(suite: Suite, run: Run) -> None:
    suite(WITH_FIXTURE)
    summary = "1 test recorded, 2 interactions, 2 live requests, 2 cassettes written"
    assert told(run("--record-mode=once", "-k", "0")) == [f"{summary}, 0 kept, 0 unplayed"]


def test_verbose_names_what_the_summary_counts(suite: Suite, run: Run, server: Server) -> None:
    suite(TWO)
    assert told(run("--record-mode=once", "-v"))[:-1] == [
        "written    cassettes/test_suite/test_one.yaml",
        "written    cassettes/test_suite/test_two.yaml",
    ]
    assert told(run("--record-mode=all", "-v"))[:-1] == [
        "written    cassettes/test_suite/test_one.yaml",
        "unchanged  cassettes/test_suite/test_two.yaml",
    ]
    suite(TWO.replace('client.get("/count")\n', "pass\n", 1).replace("/status/200", "/new"))
    assert told(run("-v"))[:-1] == [
        f"unplayed   cassettes/test_suite/test_one.yaml: GET {server.url}/count",
        f"unplayed   cassettes/test_suite/test_two.yaml: GET {server.url}/status/200",
    ]


def test_the_summary_stands_behind_the_dots(suite: Suite, run: Run) -> None:
    suite(TWO)
    run("--record-mode=once", "-q").stdout.fnmatch_lines(["..*", f"reprise: {RECORDED}"])


def test_without_recorded_tests_nothing_is_told_and_nothing_is_registered(
    suite: Suite, run: Run, server: Server
) -> None:
    suite(
        """
        import sys

        def test_plain(client, request):
            assert client.get("/count").json() == {"n": 1}
            transport = type(client._transport)
            assert not hasattr(transport.handle_request, "__wrapped__")
            names = [name for name, _ in request.config.pluginmanager.list_name_plugin()]
            assert not {"reprise-recording", "reprise-blocking"} & set(names)
            ours = {n for n in sys.modules if n.startswith("pytest_reprise.")}
            heavy = (".tape.tape", ".httpx_transport", ".recording_hooks")
            assert not {n for n in ours if n.endswith(heavy)}
        """
    )
    result = run("--record-mode=once", "-v")
    result.assert_outcomes(passed=1)
    assert told(result) == []
    assert server.calls == ["GET /count"]


def test_deselected_recorded_tests_do_not_count(suite: Suite, run: Run) -> None:
    suite(TWO + "\n    def test_plain(): pass\n    test_plain.pytestmark = []\n")
    assert told(run("-m", "not vcr")) == []


# --- on several workers --------------------------------------------------------------------------


def test_the_counts_of_workers_are_added_up(suite: Suite, run: Run, server: Server) -> None:
    suite(WITH_FIXTURE)
    run("--record-mode=once").assert_outcomes(passed=8)
    server.stop()
    [one_process] = told(run())
    [two_workers] = told(run("-n", "2"))
    assert one_process.startswith("8 tests replayed, 9 interactions, 0 live requests, ")
    # Each of the workers that got a test replays the log-in for itself.
    assert re.match(r"8 tests replayed, (9|10) interactions, 0 live requests, ", two_workers)


def test_workers_name_what_they_did(suite: Suite, run: Run, server: Server) -> None:
    suite(TWO)
    run("--record-mode=once").assert_outcomes(passed=2)
    suite(TWO.replace('client.get("/count")\n', "pass\n", 1))
    assert told(run("-n", "2", "-v")) == [
        f"unplayed   cassettes/test_suite/test_one.yaml: GET {server.url}/count",
        REPLAYED.replace("3 interactions", "2 interactions").replace("0 unplayed", "1 unplayed"),
    ]


def test_workers_without_recorded_tests_tell_nothing(suite: Suite, run: Run) -> None:
    suite("def test_plain(): pass")
    result = run("-n", "2")
    result.assert_outcomes(passed=1)
    assert told(result) == []


@pytest.mark.parametrize("by_ini", [False, True], ids=["option", "ini"])
@pytest.mark.parametrize("mode", ["new_episodes", "all", "rewrite"])
def test_recording_on_workers_is_refused_at_the_start(
    suite: Suite, run: Run, server: Server, cassettes: Cassettes, mode: str, by_ini: bool
) -> None:
    suite(WITH_FIXTURE, ini=f"reprise_record_mode = {mode}" if by_ini else "")
    result = run("-n", "2", *([] if by_ini else [f"--record-mode={mode}"]))
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(
        ["ERROR: Recording in parallel is refused: *", f"  pytest -n 0 --record-mode={mode}"]
    )
    assert server.requests == []
    assert cassettes() == {}


def test_recording_with_no_workers_is_not_refused(suite: Suite, run: Run) -> None:
    suite(TWO)
    run("-n", "0", "--record-mode=rewrite").assert_outcomes(passed=2)


@pytest.mark.parametrize("marked", [False, True], ids=["option", "mark"])
def test_a_worker_that_would_record_stops_the_run(
    suite: Suite, run: Run, server: Server, cassettes: Cassettes, marked: bool
) -> None:
    words = '(record_mode="rewrite")' if marked else ""
    suite(WITH_FIXTURE.replace("mark.vcr", f"mark.vcr{words}"))
    result = run("-n", "2", *([] if marked else ["--record-mode=once"]))
    assert result.ret == pytest.ExitCode.INTERRUPTED
    result.stdout.fnmatch_lines(
        [
            "*Recording in a worker of pytest-xdist is refused: *",
            "*pytest -n 0 --record-mode=*",
            "!* Recording in a worker of pytest-xdist is refused: *!",
        ]
    )
    # Each worker stops at the first test that would have been recorded.
    assert result.parseoutcomes().keys() <= {"error", "errors", "failed"}
    assert sum(result.parseoutcomes().values()) <= 2
    assert server.requests == []
    assert cassettes() == {}


def test_one_missing_cassette_stops_workers_and_nothing_is_written(
    suite: Suite, run: Run, server: Server, cassettes: Cassettes
) -> None:
    suite(WITH_FIXTURE)
    run("--record-mode=once", "-k", "not 5").assert_outcomes(passed=7, deselected=1)
    before = cassettes()
    server.requests.clear()
    result = run("-n", "2", "--record-mode=once")
    assert result.ret == pytest.ExitCode.INTERRUPTED
    result.stdout.fnmatch_lines(["!* Recording in a worker of pytest-xdist is refused: *!"])
    assert server.requests == []
    assert cassettes() == before


def test_once_with_all_cassettes_replays_on_workers(suite: Suite, run: Run, server: Server) -> None:
    suite(WITH_FIXTURE)
    run("--record-mode=once").assert_outcomes(passed=8)
    server.stop()
    run("-n", "2", "--record-mode=once").assert_outcomes(passed=8)
