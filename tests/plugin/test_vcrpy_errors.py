"""A miss is vcrpy's error as well, for suites that expect it."""

from __future__ import annotations

from ..harness.runs import Run, Server, Suite

NOT_NEEDED = ("asyncio", "anyio", "base_url", "xdist", "Faker")

EXPECTING = """
    import os

    import httpx
    import pytest
    import requests
    from vcr.errors import CannotOverwriteExistingCassetteException

    from pytest_reprise import RequestNotRecorded

    URL = os.environ["API_BASE_URL"]


    @pytest.mark.vcr(missed="ignore")
    @pytest.mark.parametrize("get", [httpx.get, requests.get], ids=["httpx", "requests"])
    def test_missed(get):
        assert get(URL + "/count").json() == {"n": 1}
        for path, reason in [("/count", "already_played"), ("/other", "no_match")]:
            with pytest.raises(CannotOverwriteExistingCassetteException) as missed:
                get(URL + path, headers={"X-A": "b"})
            error = missed.value
            assert isinstance(error, RequestNotRecorded)
            assert (error.failed_request.uri, error.reason) == (URL + path, reason)
            assert len(error.cassette) == 1 and error.cassette.path.endswith(".yaml")
            assert error.similar_requests == []


    @pytest.mark.vcr
    def test_not_recorded():
        with pytest.raises(CannotOverwriteExistingCassetteException) as missed:
            httpx.get(URL + "/count")
        assert missed.value.reason == "cassette_not_found"
        raise missed.value
"""

RECORDING = """
    import httpx, os, pytest

    @pytest.mark.vcr
    @pytest.mark.parametrize("client", ["httpx", "requests"])
    def test_missed(client):
        pytest.importorskip(client).get(os.environ["API_BASE_URL"] + "/count")
"""


def test_a_miss_is_the_error_of_vcrpy_too(suite: Suite, run: Run, server: Server) -> None:
    server.answers["/count"] = 200, {"Content-Type": "application/json"}, b'{"n": 1}'
    suite(RECORDING)
    run("--record-mode=once").assert_outcomes(passed=2)
    sent = len(server.requests)
    suite(EXPECTING)
    result = run()
    result.assert_outcomes(passed=2, failed=1)
    result.stdout.fnmatch_lines(["E*pytest_reprise.errors.RequestNotRecorded: GET /count is not *"])
    assert result.stdout.str().count("GET /count is not recorded") == 1
    assert len(server.requests) == sent


def test_vcrpy_is_not_imported_for_it(suite: Suite, run: Run) -> None:
    suite(
        """
        import sys
        import pytest
        from pytest_reprise import RequestNotRecorded

        IS_IMPORTED = "vcr" in sys.modules  # older releases of pytest-recording import it

        @pytest.mark.vcr(missed="ignore")
        def test_a(client):
            with pytest.raises(RequestNotRecorded) as missed:
                client.get("/count")
            assert (type(missed.value) is RequestNotRecorded) is not IS_IMPORTED
            assert ("vcr" in sys.modules) is IS_IMPORTED
        """
    )
    run().assert_outcomes(passed=1)
