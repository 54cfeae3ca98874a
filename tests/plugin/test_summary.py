"""Whole runs: header and summary in the terminal, and runs on several workers of pytest-xdist."""

from __future__ import annotations

import re

import pytest

from ..harness.runs import Run, Server, Suite, json_answer

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


def report_lines(result: pytest.RunResult) -> list[str]:
    """Return the lines that Reprise prints in a run, without prefix and header."""
    lines = [line for line in result.outlines if line.startswith("reprise: ")]
    return [line.removeprefix("reprise: ") for line in lines if "record mode" not in line]


# --- header --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "ini", "header"),
    [
        ([], "", "record mode none, cassettes beside the tests"),
        (["--record-mode=once"], "", "record mode once, *"),
        ([], "reprise_record_mode = all", "record mode all, *"),
        (["--record-mode=none"], "reprise_record_mode = all", "record mode none, *"),
        ([], "reprise_cassette_dir = tapes", "record mode none, cassettes in tapes"),
    ],
)
def test_the_header_shows_record_mode_and_cassette_directory(
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
# The numbers of GET /count differ in each recording.
ALL_SAME = (
    "2 tests recorded, 3 interactions, 3 live requests, 0 cassettes written, 2 unchanged, "
    "0 kept, 0 unplayed"
)
UNCHANGED = (
    "2 tests recorded, 3 interactions, 3 live requests, 1 cassette written, 1 unchanged, "
    "0 kept, 0 unplayed"
)


@pytest.mark.parametrize("mode", ["once", "all"])
def test_the_summary_of_a_recording(suite: Suite, run: Run, mode: str) -> None:
    suite(TWO)
    assert report_lines(run(f"--record-mode={mode}"))[-1] == RECORDED


def test_the_summary_with_existing_cassettes(suite: Suite, run: Run, server: Server) -> None:
    suite(TWO)
    server.answers["/status/200"] = json_answer({"status": 200})
    # A first recording with rewrite has no changes to report.
    assert report_lines(run("--record-mode=rewrite")) == [RECORDED]
    for mode, summary in (("none", REPLAYED), ("new_episodes", REPLAYED), ("rewrite", ALL_SAME)):
        assert (mode, report_lines(run(f"--record-mode={mode}"))[-1]) == (mode, summary)
    server.answers["/status/200"] = json_answer({"code": "OK"})
    assert report_lines(run("--record-mode=rewrite"))[-1] == UNCHANGED


def test_the_summary_counts_unplayed_interactions(suite: Suite, run: Run) -> None:
    suite(TWO)
    run("--record-mode=once").assert_outcomes(passed=2)
    suite(TWO.replace('client.get("/count")\n', "", 1))
    expected = "2 tests replayed, 2 interactions, 0 live requests, 0 cassettes written"
    assert report_lines(run()) == [f"{expected}, 0 kept, 1 unplayed"]


def test_the_summary_uses_the_singular_for_one_and_follows_the_dots(suite: Suite, run: Run) -> None:
    suite(TWO)
    summary = "1 test recorded, 1 interaction, 1 live request, 1 cassette written"
    result = run("--record-mode=once", "-q", "-k", "two")
    assert report_lines(result) == [f"{summary}, 0 kept, 0 unplayed"]
    result.stdout.fnmatch_lines([".*", f"reprise: {summary}*"])


def test_the_summary_counts_interactions_and_cassettes_of_fixtures(suite: Suite, run: Run) -> None:
    suite(WITH_FIXTURE)
    summary = "1 test recorded, 2 interactions, 2 live requests, 2 cassettes written"
    assert report_lines(run("--record-mode=once", "-k", "0")) == [f"{summary}, 0 kept, 0 unplayed"]


def test_the_option_v_lists_the_cassettes_that_the_summary_counts(
    suite: Suite, run: Run, server: Server
) -> None:
    suite(TWO)
    assert report_lines(run("--record-mode=once", "-v"))[:-1] == [
        "written    cassettes/test_suite/test_one.yaml",
        "written    cassettes/test_suite/test_two.yaml",
    ]
    assert report_lines(run("--record-mode=all", "-v"))[:-1] == [
        "written    cassettes/test_suite/test_one.yaml",
        "unchanged  cassettes/test_suite/test_two.yaml",
    ]
    suite(TWO.replace('client.get("/count")\n', "pass\n", 1).replace("/status/200", "/new"))
    missed = "GET /new is not recorded: no interaction in the cassette matches it."
    assert report_lines(run("-v"))[:-1] == [
        f"missed     cassettes/test_suite/test_two.yaml: {missed}",
        f"unplayed   cassettes/test_suite/test_one.yaml: GET {server.url}/count",
        f"unplayed   cassettes/test_suite/test_two.yaml: GET {server.url}/status/200",
    ]


def test_a_run_without_recorded_tests_prints_and_registers_nothing(
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
            loaded = {n for n in sys.modules if n.startswith("pytest_reprise.")}
            heavy = (".tape.tape", ".httpx_transport", ".recording_hooks")
            assert not {n for n in loaded if n.endswith(heavy)}
        """
    )
    result = run("--record-mode=once", "-v")
    result.assert_outcomes(passed=1)
    assert report_lines(result) == []
    assert server.calls == ["GET /count"]


def test_deselected_recorded_tests_are_not_counted(suite: Suite, run: Run) -> None:
    suite(TWO + "\n    def test_plain(): pass\n    test_plain.pytestmark = []\n")
    assert report_lines(run("-m", "not vcr")) == []


# --- on several workers --------------------------------------------------------------------------


def test_the_counts_of_workers_are_added_up(suite: Suite, run: Run, server: Server) -> None:
    suite(WITH_FIXTURE)
    run("--record-mode=once").assert_outcomes(passed=8)
    server.stop()
    [one_process] = report_lines(run())
    [two_workers] = report_lines(run("-n", "2"))
    assert one_process.startswith("8 tests replayed, 9 interactions, 0 live requests, ")
    # Each worker that runs a test replays the login itself.
    assert re.match(r"8 tests replayed, (9|10) interactions, 0 live requests, ", two_workers)
    # The mode once is allowed on workers if all cassettes exist.
    run("-n", "2", "--record-mode=once").assert_outcomes(passed=8)


def test_the_option_v_lists_unplayed_interactions_of_workers(
    suite: Suite, run: Run, server: Server
) -> None:
    suite(TWO)
    run("--record-mode=once").assert_outcomes(passed=2)
    suite(TWO.replace('client.get("/count")\n', "pass\n", 1))
    assert report_lines(run("-n", "2", "-v")) == [
        f"unplayed   cassettes/test_suite/test_one.yaml: GET {server.url}/count",
        REPLAYED.replace("3 interactions", "2 interactions").replace("0 unplayed", "1 unplayed"),
    ]


def test_workers_without_recorded_tests_print_nothing(suite: Suite, run: Run) -> None:
    suite("def test_plain(): pass")
    result = run("-n", "2")
    result.assert_outcomes(passed=1)
    assert report_lines(result) == []


def test_recording_with_zero_workers_is_allowed(suite: Suite, run: Run) -> None:
    suite(TWO)
    run("-n", "0", "--record-mode=rewrite").assert_outcomes(passed=2)
