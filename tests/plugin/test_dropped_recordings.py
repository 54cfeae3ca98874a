"""Whole runs: the summary names each recording that was dropped, with the reason."""

from __future__ import annotations

import json

import pytest

from pytest_reprise.scrub.replace.placeholders import is_placeholder

from ..harness.runs import Cassettes, Run, Server, Suite, json_answer
from .test_summary import report_lines

NOT_NEEDED = ("anyio", "base_url", "asyncio", "xdist")

FAILING = """
    import pytest

    pytestmark = pytest.mark.vcr

    @pytest.fixture
    def broken_teardown():
        yield
        raise ValueError("cannot clean up")

    @pytest.fixture(scope="module")
    def token(client):
        return client.post("/login").json()["access_token"]

    @pytest.fixture(scope="module")
    def broken(client):
        client.get("/count")
        raise LookupError("no such account")

    def test_passes(client):
        assert client.get("/count").json()

    def test_fails(client):
        assert client.get("/status/500").status_code == 200

    def test_of_the_teardown(client, broken_teardown):
        client.get("/count")

    def test_of_the_token(client, token):
        assert client.get("/me").status_code == 200

    def test_of_the_broken_fixture(client, broken):
        pass
"""


def test_a_failing_new_test_is_named_and_nothing_is_said_to_be_kept(
    suite: Suite, run: Run, cassettes: Cassettes
) -> None:
    suite(FAILING)
    lines = report_lines(run("--record-mode=once"))
    assert lines == [
        "recording dropped, since assert 500 == 200",
        "  test_suite.py::test_fails",
        "recording dropped, since ValueError: cannot clean up",
        "  test_suite.py::test_of_the_teardown",
        "recording dropped, since assert 401 == 200",
        "  test_suite.py::test_of_the_token",
        "recording dropped, since LookupError: no such account",
        "  fixture broken, set up for test_suite.py::test_of_the_broken_fixture",
        "recording dropped, since no test passed that used this fixture",
        "  fixture token, set up for test_suite.py::test_of_the_token",
        "1 test recorded, 5 recordings dropped, 6 interactions, 6 live requests, "
        "1 cassette written, 0 kept, 0 unplayed",
    ]
    assert list(cassettes()) == ["test_suite/test_passes"]


def test_a_failing_test_with_a_cassette_keeps_it(
    suite: Suite, run: Run, server: Server, cassettes: Cassettes
) -> None:
    one = """
        import pytest

        @pytest.mark.vcr
        def test_status(client):
            assert client.get("/item").status_code == 200
    """
    suite(one)
    server.answers["/item"] = json_answer({})
    run("--record-mode=once").assert_outcomes(passed=1)
    before = cassettes()
    server.answers["/item"] = json_answer({}, 500)
    result = run("--record-mode=rewrite")
    assert report_lines(result) == [
        "1 API change (1 breaking); 0 cassettes rewritten, 0 say the same, 1 of failed tests kept",
        "recording dropped, since assert 500 == 200",
        "  test_suite.py::test_status",
        "1 recording dropped, 1 interaction, 1 live request, 0 cassettes written, 1 kept, "
        "0 unplayed",
    ]
    change = "  breaking  GET /item  200 → 500  1 test FAILED, its cassette stays"
    assert change in result.outlines
    assert cassettes() == before


def test_a_dead_server_is_seen_in_the_summary(
    suite: Suite, run: Run, server: Server, pytester: pytest.Pytester
) -> None:
    suite(
        """
        import pytest

        @pytest.mark.vcr
        @pytest.mark.parametrize("n", range(25))
        def test_count(client, n):
            client.get("/count")
        """
    )
    server.stop()
    lines = report_lines(run("--record-mode=once", "--reprise-report=report.json"))
    assert lines[0].startswith("recording dropped, since httpx.ConnectError: ")
    assert lines[1:3] == ["  test_suite.py::test_count[0]", "  test_suite.py::test_count[1]"]
    assert lines[-2:] == [
        "  … and 5 more; all with -v",
        "25 recordings dropped, 25 interactions, 25 live requests (25 without an answer), "
        "0 cassettes written, 0 kept, 0 unplayed",
    ]
    report = json.loads((pytester.path / "report.json").read_text(encoding="utf-8"))
    assert len(report["dropped"]) == report["unanswered"] == 25
    assert len(report_lines(run("--record-mode=once", "-v"))) == 27


def test_a_reason_holds_no_secret(suite: Suite, run: Run, server: Server) -> None:
    suite(
        """
        import pytest

        @pytest.mark.vcr
        def test_token(client):
            raise ValueError(client.post("/login").json()["access_token"])
        """
    )
    result = run("--record-mode=once")
    # The placeholder has "_" and "-" where the token has them.
    reason = report_lines(result)[0].removeprefix("recording dropped, since ValueError: ")
    assert is_placeholder(reason)
    assert server.tokens[0] not in result.stdout.str()


def test_an_interrupted_test_is_named(suite: Suite, run: Run, cassettes: Cassettes) -> None:
    suite(
        """
        import pytest

        pytestmark = pytest.mark.vcr

        def test_first(client):
            client.get("/count")

        def test_interrupted(client):
            client.get("/count")
            raise KeyboardInterrupt
        """
    )
    result = run("--record-mode=once")
    assert result.ret == pytest.ExitCode.INTERRUPTED
    assert report_lines(result) == [
        "recording dropped, since the run was interrupted",
        "  test_suite.py::test_interrupted",
        "1 test recorded, 1 recording dropped, 2 interactions, 2 live requests, "
        "1 cassette written, 0 kept, 0 unplayed",
    ]
    assert list(cassettes()) == ["test_suite/test_first"]


def test_fixtures_that_go_live_for_a_new_test_are_not_said_to_be_kept(
    suite: Suite, run: Run
) -> None:
    source = """
        import pytest

        @pytest.fixture(scope="session")
        def token(client):
            return client.post("/login").json()["access_token"]

        @pytest.mark.vcr
        @pytest.mark.parametrize("n", range(COUNT))
        def test_it(client, token, n):
            client.get(f"/me?n={n}", headers={"Authorization": f"Bearer {token}"})
    """
    suite(source.replace("COUNT", "1"))
    run("--record-mode=once").assert_outcomes(passed=1)
    suite(source.replace("COUNT", "2"))
    assert report_lines(run("--record-mode=once", "-v")) == [
        "written    cassettes/test_suite/test_it[1].yaml",
        "1 test replayed, 1 test recorded, 3 interactions, 2 live requests, 1 cassette written, "
        "0 kept, 0 unplayed",
    ]
