"""What a miss says: only differences that were compared, and a command that helps."""

from __future__ import annotations

import shlex

import pytest

from ..harness.runs import Run, Server, Suite, failures_by_test

NOT_NEEDED = ("asyncio", "anyio", "base_url", "xdist", "Faker")
FORKS = True

CONFTEST = """
    import os
    import httpx
    import pytest


    @pytest.fixture(scope="session")
    def vcr_config():
        return {"filter_headers": ["accept", "x-api-key"], "filter_query_parameters": ["run"]}


    @pytest.fixture
    def post():
        with httpx.Client(base_url=os.environ["API_BASE_URL"]) as client:
            yield client.post
"""
SUITE = """
    import os
    import pytest

    AGAIN = bool(os.environ.get("AGAIN"))
    pytestmark = pytest.mark.vcr


    def test_filtered(post):
        headers = {"X-Api-Key": "k-1234567890abcdef", "Accept": "text/plain" if AGAIN else "a/b"}
        run = "2" if AGAIN else "1"
        post(f"/status/201?run={run}", json={"n": 2 if AGAIN else 1}, headers=headers)


    def test_upload(post):
        name = "b.txt" if AGAIN else "a.txt"
        data = {"kind": "odd"}
        post("/status/201", files={"file": (name, b"content")}, data=data)


    @pytest.mark.vcr(match_on=["method", "path"])
    def test_matched_by_path(post):
        post("/status/202" if AGAIN else "/status/201", json={"n": 2 if AGAIN else 1})
"""
SHARED = """
    import os
    import pytest


    @pytest.mark.vcr
    @pytest.mark.default_cassette("shared.yaml")
    def test_that_records(post):
        post("/status/201", json={"n": 1})


    @pytest.mark.vcr("shared.yaml")
    def test_with_a_named_cassette(post):
        post("/status/201", json={"n": 2})


    @pytest.mark.vcr("absent.yaml")
    def test_with_an_absent_cassette(post):
        post("/status/201", json={"n": 2})
"""


def _lines(text: str) -> list[str]:
    """Return the lines of a message, without the marks and frames of a traceback."""
    return [line.removeprefix("E").strip() for line in text.splitlines()]


def _differences(text: str) -> list[str]:
    return [line for line in _lines(text) if ": recorded " in line]


def test_differences_are_those_that_were_compared(
    suite: Suite, run: Run, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not a header or parameter that the configuration filters, and no multipart boundary."""
    suite(SUITE, conftest=CONFTEST)
    run("--record-mode=once").assert_outcomes(passed=3)
    server.stop()
    monkeypatch.setenv("AGAIN", "1")
    result = run()
    result.assert_outcomes(failed=3)
    failures = failures_by_test(result)
    assert _differences(failures["test_filtered"]) == ["body.n: recorded 1, sent 2"]
    assert _differences(failures["test_upload"]) == [
        "body.file.filename: recorded 'a.txt', sent 'b.txt'"
    ]
    assert _differences(failures["test_matched_by_path"]) == [
        "path: recorded '/status/201', sent '/status/202'"
    ]


def test_cassettes_that_the_mark_names_are_named_and_the_command_helps(
    suite: Suite, run: Run, server: Server
) -> None:
    suite(SHARED, conftest=CONFTEST)
    run("-k", "records", "--record-mode=once").assert_outcomes(passed=1)
    result = run()
    result.assert_outcomes(passed=1, failed=2)
    failures = failures_by_test(result)
    named = _lines(failures["test_with_a_named_cassette"])
    own = "cassettes/test_suite/test_with_a_named_cassette.yaml"
    assert f"cassette  {own} (does not exist; record mode none)" in named
    assert (
        "and       cassettes/test_suite/shared.yaml (1 interaction; the vcr mark names it)" in named
    )
    absent = _lines(failures["test_with_an_absent_cassette"])
    assert (
        "and       cassettes/test_suite/absent.yaml (does not exist; the vcr mark names it)"
        in absent
    )
    for lines in (named, absent):
        [command] = [line for line in lines if line.startswith("pytest test_suite.py::")]
        run(*shlex.split(command)[1:]).assert_outcomes(passed=1)
    server.stop()
    run().assert_outcomes(passed=3)
