"""Requests whose miss the code under test catches: telemetry, version checks, absent hosts."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ..harness.raw_server import refusing
from ..harness.runs import Cassettes, Run, Server, Suite, recorded

NOT_NEEDED = ("anyio", "base_url", "xdist", "Faker")

LEGACY = """\
interactions:
- request:
    body: ''
    headers:
      Accept:
      - '*/*'
    method: GET
    uri: http://api.test/answer
  response:
    body:
      string: '42'
    headers: {}
    status:
      code: 200
      message: OK
version: 1
"""

SDK = """
    import threading
    import urllib.request
    import httpx
    import pytest

    pytestmark = pytest.mark.vcr


    class ConnectionFailed(Exception):
        pass


    def report_usage():
        try:
            httpx.post("http://telemetry.test/events", json={"event": "used"})
        except Exception:
            pass


    def ask(url="http://api.test/answer"):
        for attempt in range(2):
            try:
                return httpx.get(url).text
            except Exception as error:
                failure = error
        raise ConnectionFailed from failure


    def test_telemetry():
        report_usage()
        assert ask() == "42"


    def test_telemetry_in_a_thread():
        thread = threading.Thread(target=report_usage)
        thread.start()
        thread.join()
        assert ask() == "42"


    def test_host_that_is_unreachable_on_purpose():
        with pytest.raises(ConnectionFailed):
            ask("http://no-such-host.test")


    def test_version_check_of_a_fixture(checked):
        assert ask() == "42"
"""
CONFTEST = """
    import httpx
    import pytest


    @pytest.fixture
    def checked():
        try:
            httpx.get("http://packages.test/sdk")
        except Exception:
            pass
"""
WITH_CASSETTE = ("telemetry", "telemetry_in_a_thread", "version_check_of_a_fixture")


def _write_legacy(suite: Suite, top: Path, ini: str = "") -> Path:
    suite(SDK, conftest=CONFTEST, ini=ini)
    directory = top / "cassettes/test_suite"
    directory.mkdir(parents=True, exist_ok=True)
    for name in WITH_CASSETTE:
        (directory / f"test_{name}.yaml").write_text(LEGACY, encoding="utf-8")
    return directory


@pytest.mark.parametrize("ini", ["", "filterwarnings = error"], ids=["plain", "warnings as errors"])
def test_swallowed_misses_of_legacy_cassettes_warn(
    suite: Suite, run: Run, pytester: pytest.Pytester, ini: str
) -> None:
    """As with vcrpy all pass, also the test that has no cassette since its requests failed."""
    _write_legacy(suite, pytester.path, ini)
    if not ini:
        run("-p", "no:reprise").assert_outcomes(passed=4)
    result = run()
    result.assert_outcomes(passed=4, warnings=4)
    result.stdout.fnmatch_lines(
        ["*RepriseWarning: POST /events is not recorded*", "*With `reprise_missed = fail`*"]
    )


def test_setting_decides_for_legacy_cassettes_too(
    suite: Suite, run: Run, pytester: pytest.Pytester
) -> None:
    _write_legacy(suite, pytester.path, "reprise_missed = fail")
    run().assert_outcomes(failed=3, errors=1)


def test_swallowed_misses_fail_beside_a_cassette_of_reprise(
    suite: Suite, run: Run, pytester: pytest.Pytester
) -> None:
    """A test without a cassette is a new test there, which was not recorded yet."""
    directory = _write_legacy(suite, pytester.path)
    header = "version: 1\nreprise:\n  version: 1\n  recorded_at: '2026-01-31T12:00:00+00:00'\n"
    header += "  recorded_with: a test\n"
    text = header + LEGACY.replace("version: 1\n", "") + "...\n"
    (directory / "test_telemetry.yaml").write_text(text, encoding="utf-8")
    result = run("-rA")
    result.assert_outcomes(passed=2, failed=2, warnings=2)
    result.stdout.fnmatch_lines(
        ["FAILED *::test_telemetry*", "FAILED *::test_host_that_is_unreachable_on_purpose*"],
    )


def test_failed_request_to_another_host_is_recorded(
    suite: Suite, run: Run, server: Server, cassettes: Cassettes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It failed at recording, and the code caught that. So the replay repeats the failure."""
    suite(
        """
        import asyncio
        import os
        import threading
        import httpx
        import pytest

        pytestmark = pytest.mark.vcr
        EVENTS = os.environ["TELEMETRY_URL"] + "/events"


        def report():
            try:
                httpx.post(EVENTS, json={"event": "used"})
            except httpx.ConnectError as error:
                return type(error)


        async def report_async():
            async with httpx.AsyncClient() as client:
                try:
                    await client.post(EVENTS, json={"event": "used"})
                except httpx.ConnectError as error:
                    return type(error)


        def test_sync():
            assert report() is httpx.ConnectError
            assert httpx.get(os.environ["API_BASE_URL"] + "/count").json() == {"n": 1}
            assert report() is httpx.ConnectError


        def test_async():
            assert asyncio.run(report_async()) is httpx.ConnectError


        def test_thread():
            thread = threading.Thread(target=report)
            thread.start()
            thread.join()
        """
    )
    with refusing() as refused:
        monkeypatch.setenv("TELEMETRY_URL", refused)
        run("--record-mode=once").assert_outcomes(passed=3)
    server.stop()
    sent = {name: recorded(text) for name, text in cassettes().items()}
    assert sent == {
        "test_suite/test_sync": ["POST /events", "GET /count", "POST /events"],
        "test_suite/test_async": ["POST /events"],
        "test_suite/test_thread": ["POST /events"],
    }
    run("--record-mode=none", "--block-network").assert_outcomes(passed=3)
    assert os.environ["TELEMETRY_URL"] == refused
