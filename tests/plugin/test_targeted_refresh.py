"""`--reprise-refresh` and `--reprise-refresh-failed`: record a part of the suite again."""

from __future__ import annotations

import pytest

from ..harness.runs import Cassettes, Run, Server, Suite, json_answer, outcomes_by_test

NOT_NEEDED = ("faker", "timemachine", "base_url", "anyio")

CONFTEST = """
    import pytest

    @pytest.fixture(scope="session")
    def me(client):
        return client.get("/users/me").json()

    @pytest.fixture(scope="module")
    def team(client):
        return client.get("/teams/1").json()
"""
SOURCE = """
    import pytest

    @pytest.mark.vcr
    def test_user(client):
        assert client.get("/users/7?full=1").json()["id"]

    @pytest.mark.vcr
    def test_delete(client):
        assert client.delete("/users/8").status_code == 204

    @pytest.mark.vcr
    def test_of_fixture(client, me):
        assert client.get("/orders").json()["id"] == me["id"]

    @pytest.mark.vcr
    class TestTeam:
        @pytest.mark.parametrize("n", [1, 2])
        def test_member(self, client, team, n):
            assert client.get(f"/orders?n={n}").json()["id"] == team["id"]

    @pytest.mark.vcr
    @pytest.mark.default_cassette("named")
    def test_named(client):
        assert client.get("/orders").json()["id"]

    def test_not_recorded():
        pass
"""
MODULE = "cassettes/test_suite"
TESTS = {
    "user": "test_user",
    "delete": "test_delete",
    "of_fixture": "test_of_fixture",
    "1": "TestTeam::test_member[1]",
    "2": "TestTeam::test_member[2]",
    "named": "test_named",
}


@pytest.fixture
def changed(suite: Suite, run: Run, server: Server, cassettes: Cassettes) -> dict[str, str]:
    """The cassettes of SOURCE, after which every answer of the API has changed."""
    suite(SOURCE, CONFTEST)
    paths = ("/users/7", "/users/me", "/teams/1", "/orders")
    server.answers |= {path: json_answer({"id": 1, "name": "Ada"}) for path in paths}
    run("--record-mode=once").assert_outcomes(passed=7)
    server.answers |= {path: json_answer({"id": 1, "title": "Ada"}) for path in paths}
    return cassettes()


def test_the_tests_of_a_call_are_recorded_again_and_no_others(
    changed: dict[str, str], run: Run, cassettes: Cassettes
) -> None:
    for given, selected, written in [
        (["GET /users/*"], "user of_fixture", {"test_suite/test_user", "@me", "of_fixture"}),
        (["/users/8"], "delete", set()),
        (["get /teams/?", "--reprise-prove"], "1 2", {"@team", "[1]", "[2]"}),
        ([f"{MODULE}/named.yaml", "DELETE *"], "delete named", {"test_suite/named"}),
        ([f"{MODULE}/"], " ".join(TESTS), set()),
    ]:
        before = cassettes()
        options = (v if v.startswith("--") else f"--reprise-refresh={v}" for v in given)
        result = run("-v", *options)
        tests = {TESTS[name] for name in selected.split()}
        assert set(outcomes_by_test(result)) == tests, given
        assert result.ret == 0
        new = {name for name, text in cassettes().items() if before[name] != text}
        assert len(new) == len(written)
        assert all(any(end in name for name in new) for end in written)
    run().assert_outcomes(passed=7)
    assert cassettes().keys() == changed.keys()


def test_nonsense_is_refused_with_an_example(
    changed: dict[str, str], run: Run, cassettes: Cassettes
) -> None:
    call = "--reprise-refresh=GET /users/*"
    for options, message in [
        (["--reprise-refresh=users"], "*invalid value 'users' for --reprise-refresh*"),
        (["--reprise-refresh=GET"], "*invalid value 'GET' for --reprise-refresh*"),
        (["--reprise-refresh=cassettes/none.yaml"], "*invalid value 'cassettes/none.yaml'*"),
        (["--reprise-refresh=GET /userz/*"], "*selects no test: none of the 6 recorded tests*"),
        (["--reprise-refresh=GET /userz/*"], "*  GET /users/me*"),
        ([call, "--record-mode=none"], "*leave out --record-mode=none*"),
        ([call, "--disable-recording"], "*leave out --disable-recording*"),
    ]:
        result = run(*options)
        assert result.ret == pytest.ExitCode.USAGE_ERROR
        result.stderr.fnmatch_lines([message])
    drift = run(call, "--reprise-drift")
    drift.assert_outcomes(passed=2, deselected=5)
    drift.stdout.fnmatch_lines(["reprise: 3 API changes*3 cassettes differ, 0 written*"])
    assert cassettes() == changed


def test_a_test_that_names_its_cassette_by_a_fixture_is_mentioned(
    changed: dict[str, str], suite: Suite, run: Run
) -> None:
    assert changed
    named = """
        import pytest

        @pytest.fixture
        def default_cassette_name():
            return "mine"

        @pytest.mark.vcr
        def test_mine(client):
            client.get("/users/7")
    """
    suite(SOURCE, CONFTEST, test_mine=named)
    result = run("--reprise-refresh=GET /users/7")
    result.assert_outcomes(passed=1, deselected=7)
    result.stdout.fnmatch_lines(["reprise: 1 test not selected by --reprise-refresh: *"])


# --- --reprise-refresh-failed -----------------------------------------------------------------

FAILED = "--reprise-refresh-failed"


def test_tests_that_missed_are_recorded_again_in_the_same_run(
    changed: dict[str, str],
    suite: Suite,
    run: Run,
    server: Server,
    cassettes: Cassettes,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    edited = (
        SOURCE.replace("?full=1", "?full=2")
        + """
    def test_block(client):
        from pytest_reprise import use_cassette

        with use_cassette("cassettes/test_suite/block.yaml"):
            assert client.get("/orders?block=1").json()["id"]

    @pytest.mark.vcr
    def test_new(client):
        assert client.get("/orders?new=1").json()["id"]

    @pytest.mark.vcr
    def test_fails(client):
        assert client.get("/orders?new=2").json()["id"] == 2

    def test_fails_too():
        raise ValueError
    """
    )
    suite(edited, CONFTEST.replace("/teams/1", "/teams/2"))
    server.answers["/teams/2"] = json_answer({"id": 1})
    sent = len(server.calls)
    result = run(FAILED, "-v", "--reprise-prove")
    result.stdout.fnmatch_lines(
        [
            "reprise: recording 6 tests again",
            "*= 2 failed, 4 passed,* 6 missed, 5 recorded again in *",
        ]
    )
    assert result.stdout.str().count(" MISSED") == 6
    assert result.ret == 1
    assert sorted(server.calls[sent:]) == sorted(
        [
            *("GET /orders?n=1", "GET /orders?n=2", "GET /orders?new=1", "GET /orders?new=2"),
            "GET /orders?block=1",
            *("GET /teams/2", "GET /users/7?full=2"),
        ]
    )
    kept = ("@me", "test_suite/named", "test_suite/test_delete", "test_suite/test_of_fixture")
    assert {name: text for name, text in cassettes().items() if name in kept}.items() <= (
        changed.items()
    )
    server.stop()
    run().assert_outcomes(passed=9, failed=2)
    monkeypatch.setenv("CI", "true")
    result = run(FAILED)
    result.assert_outcomes(passed=9, failed=2)
    result.stdout.fnmatch_lines([f"reprise: {FAILED} has no effect: nothing is recorded in CI*"])


def test_a_run_without_misses_records_nothing_and_nonsense_is_refused(
    changed: dict[str, str], run: Run, server: Server, cassettes: Cassettes
) -> None:
    server.stop()
    result = run(FAILED)
    result.assert_outcomes(passed=7)
    assert "again" not in result.stdout.str()
    for option in ("--record-mode=none", "--reprise-drift", "-n2"):
        result = run(FAILED, option)
        assert result.ret == pytest.ExitCode.USAGE_ERROR
        assert FAILED in result.stderr.str()
    assert cassettes() == changed
