"""The mark and the fixture `fault`: recorded answers go wrong on purpose."""

from __future__ import annotations

import pytest

from ..harness.runs import (
    Cassettes,
    Run,
    Server,
    Suite,
    failures_by_test,
    outcomes_by_test,
    recorded,
)

NOT_NEEDED = ("base_url", "xdist", "Faker")

SUITE = """
    import os
    import httpx
    import pytest

    pytestmark = pytest.mark.vcr
    WITH_FAULTS = "FAULTS" in os.environ

    def fault(*args, **kwargs):
        return pytest.mark.fault(*args, **kwargs) if WITH_FAULTS else lambda function: function

    def ask(client, path="/count", attempts=3):
        seen = []
        for attempt in range(attempts):
            try:
                response = client.get(path)
                if response.is_success:
                    return seen, response.json()["n"]
                seen.append((response.status_code, response.headers.get("Retry-After")))
            except (httpx.TransportError, ValueError) as error:
                seen.append(type(error).__name__)
        return seen, None

    @fault("GET /count", httpx.ReadTimeout, 503)
    def test_a_retry_gets_the_recorded_answer(client):
        expected = ["ReadTimeout", (503, None)] if WITH_FAULTS else []
        first, number = ask(client)
        assert first == expected
        assert ask(client) == ([], number + 1)

    @fault("GET /count", "truncated", nth=2)
    def test_the_second_answer(client):
        _, number = ask(client)
        assert ask(client) == (["RemoteProtocolError"] if WITH_FAULTS else [], number + 1)
        assert ask(client) == ([], number + 2)

    @fault("* /c*", 429, retry_after=1.5)
    @fault("POST *", "reset")
    def test_two_marks(client):
        if WITH_FAULTS:
            with pytest.raises(httpx.ReadError, match="Connection reset by peer"):
                client.post("/echo", json={})
        assert client.post("/echo", json={}).is_success
        assert ask(client)[0] == ([(429, "1.5")] if WITH_FAULTS else [])

    @fault("GET /count", "timeout")
    def test_without_a_retry(client):
        if WITH_FAULTS:
            with pytest.raises(httpx.ReadTimeout):
                client.get("/count")
        else:
            assert client.get("/count").is_success

    @pytest.mark.default_cassette("shared")
    @pytest.mark.parametrize("kind", [httpx.ConnectError, 500, "corrupt", "disconnected"])
    def test_fixture(client, fault, kind):
        if WITH_FAULTS:
            fault("GET /count", kind)
        seen, number = ask(client)
        assert number
        assert len(seen) == WITH_FAULTS

    @fault("GET /count", httpx.PoolTimeout)
    @pytest.mark.anyio
    async def test_async(async_client):
        if WITH_FAULTS:
            with pytest.raises(httpx.PoolTimeout):
                await async_client.get("/count")
        assert (await async_client.get("/count")).json()["n"]
"""
CONFTEST = """
    import pytest

    @pytest.fixture
    def anyio_backend():
        return "asyncio"
"""


def test_faults_replace_recorded_answers(
    suite: Suite, run: Run, server: Server, cassettes: Cassettes, monkeypatch: pytest.MonkeyPatch
) -> None:
    suite(SUITE, CONFTEST)
    run("--record-mode=once").assert_outcomes(passed=9)
    before = cassettes()
    sent = len(server.requests)
    monkeypatch.setenv("FAULTS", "1")
    run("--strict-markers").assert_outcomes(passed=9)
    assert cassettes() == before
    assert len(server.requests) == sent


def test_a_test_can_be_recorded_with_its_faults(
    suite: Suite, run: Run, server: Server, cassettes: Cassettes
) -> None:
    suite(
        """
        import httpx
        import pytest

        @pytest.mark.vcr
        @pytest.mark.fault("GET /count", httpx.ReadTimeout)
        def test_retry(client):
            with pytest.raises(httpx.ReadTimeout):
                client.get("/count")
            assert client.get("/count").json()["n"] == 1

        @pytest.mark.vcr
        @pytest.mark.fault("GET /count", "corrupt")
        def test_corrupt(client):
            client.get("/count")
        """
    )
    result = run("--record-mode=once")
    result.assert_outcomes(passed=1, failed=1)
    assert (
        "changes a recorded answer, and there is none" in failures_by_test(result)["test_corrupt"]
    )
    assert server.calls == ["GET /count"]
    assert {name: recorded(text) for name, text in cassettes().items()} == {
        "test_suite/test_retry": ["GET /count"]
    }
    run("-k", "retry").assert_outcomes(passed=1)
    assert server.calls == ["GET /count"]


def test_faults_that_do_not_apply_are_errors(suite: Suite, run: Run) -> None:
    suite(
        """
        import pytest

        pytestmark = pytest.mark.vcr

        @pytest.mark.fault("GET /count", 503, nth=2)
        def test_too_few_calls(client):
            client.get("/count")

        @pytest.mark.fault("GET count", 503)
        def test_path(client):
            pass

        @pytest.mark.fault("GET /count", "time-out")
        def test_name(client):
            pass

        @pytest.mark.fault("GET /count", 299)
        def test_status(client):
            pass

        @pytest.mark.fault("GET /count")
        def test_no_kind(client):
            pass

        @pytest.mark.fault("GET /count", 503, nht=2)
        def test_keyword(client):
            pass

        @pytest.mark.fault
        def test_bare(client):
            pass
        """,
        free="""
        def test_not_recorded(fault):
            fault("GET /count", 503)
        """,
    )
    result = run("--record-mode=once", "-v", "free.py", "test_suite.py")
    texts = failures_by_test(result)
    expected = {
        "test_too_few_calls": "was not used: it is for call 2, and the test made 1 call that match",
        "test_path": "must be a method and a path, such as 'GET /orders/*'",
        "test_name": "invalid fault 'time-out': choose an error class of httpx, a status",
        "test_status": "invalid fault 299: it is not the status of an HTTP response",
        "test_no_kind": "say what goes wrong",
        "test_keyword": "nht",
        "test_bare": "must be a method and a path",
        "test_not_recorded": "The fixture fault needs a recorded test: add the mark vcr.",
    }
    assert set(outcomes_by_test(result)) == set(expected)
    for test, text in expected.items():
        assert text in texts[test], test
