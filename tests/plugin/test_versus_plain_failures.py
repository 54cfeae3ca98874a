"""Replays that have to fail: each scenario fails with Reprise and passes with plain
pytest-recording."""

from __future__ import annotations

import pytest

from ..harness.installed import at_least
from ..harness.runs import Cassettes, Server, Suite
from ..harness.with_or_without import Tool

NOT_NEEDED = ("anyio", "base_url")

HEAD = """
    import os
    import httpx
    import pytest

    BASE = os.environ["API_BASE_URL"]
"""
PASSED = {"passed": 1}
FAILED = {"failed": 1}


def test_a_changed_request_body_fails(suite: Suite, tool: Tool) -> None:
    """The message names the changed field."""
    source = """
    @pytest.mark.vcr
    def test_create():
        order = {"item": "book", "lines": [{"price": 10}]}
        assert httpx.post(BASE + "/echo", json=order).status_code == 200
    """
    suite(HEAD + source)
    tool.record().assert_outcomes(passed=1)
    suite(HEAD + source.replace("10", "1000"))
    result = tool.run()
    result.assert_outcomes(**tool.expected(reprise=FAILED, plain=PASSED))
    if tool.has_reprise:
        result.stdout.fnmatch_lines(["*body.lines[[]0].price: recorded 10, sent 1000"])


def test_a_recorded_request_that_is_not_sent_fails(suite: Suite, tool: Tool) -> None:
    source = """
    @pytest.mark.vcr
    def test_flow():
        assert httpx.get(BASE + "/count").json() == {"n": 1}
        httpx.delete(BASE + "/orders/7")
    """
    suite(HEAD + source)
    tool.record().assert_outcomes(passed=1)
    suite(HEAD + source.replace("httpx.delete", "str"))
    result = tool.run()
    result.assert_outcomes(**tool.expected(reprise={"passed": 1, "errors": 1}, plain=PASSED))
    if tool.has_reprise:
        result.stdout.fnmatch_lines(["*not made  DELETE http*/orders/7"])


def test_a_failed_test_is_not_reported_for_unplayed_interactions_too(
    suite: Suite, tool: Tool
) -> None:
    """The output shows only the failure of the test itself."""
    suite(
        HEAD
        + """
    @pytest.mark.vcr
    def test_flow():
        assert "FAIL" not in os.environ
        httpx.get(BASE + "/count")
    """
    )
    tool.record().assert_outcomes(passed=1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FAIL", "1")
        result = tool.run()
    result.assert_outcomes(failed=1)
    assert "not made" not in result.stdout.str()


def test_a_miss_fails_the_test_even_if_the_code_catches_the_error(suite: Suite, tool: Tool) -> None:
    suite(
        HEAD
        + """
    def notify(message):
        try:
            httpx.post(BASE + "/echo", json={"message": message})
        except Exception:
            pass


    @pytest.mark.vcr
    def test_notify():
        notify(os.environ.get("MESSAGE", "hello"))
        notify("always")
    """
    )
    tool.record().assert_outcomes(passed=1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MESSAGE", "something else")
        tool.run().assert_outcomes(**tool.expected(reprise=FAILED, plain=PASSED))


def test_a_miss_of_a_new_url_fails_the_test_even_if_the_code_catches_the_error(
    suite: Suite, tool: Tool
) -> None:
    """Here vcrpy too finds that nothing matches, since the path differs."""
    source = """
    @pytest.mark.vcr
    def test_notify():
        httpx.get(BASE + "/health")
        try:
            httpx.get(BASE + "/health/PATH")
        except Exception:
            pass
    """
    suite(HEAD + source)
    tool.record().assert_outcomes(passed=1)
    suite(HEAD + source.replace("PATH", "new"))
    tool.run().assert_outcomes(**tool.expected(reprise=FAILED, plain=PASSED))


def test_a_failed_test_writes_no_cassette(
    suite: Suite, tool: Tool, server: Server, cassettes: Cassettes
) -> None:
    source = """
    @pytest.mark.vcr
    def test_count():
        assert httpx.get(BASE + "/count").json() == {"n": 2}
    """
    suite(HEAD + source)
    tool.record().assert_outcomes(failed=1)
    assert len(cassettes()) == tool.expected(reprise=0, plain=1)
    tool.record().assert_outcomes(**tool.expected(reprise=PASSED, plain=FAILED))
    assert len(server.requests) == tool.expected(reprise=2, plain=1)


def test_new_episodes_does_not_replay_what_the_same_run_recorded(suite: Suite, tool: Tool) -> None:
    """A test with a cassette now also polls a URL."""
    source = """
    @pytest.mark.vcr
    def test_poll():
        assert httpx.get(BASE + "/health").status_code == 200
    """
    suite(HEAD + source)
    tool.record("new_episodes").assert_outcomes(passed=1)
    polling = """
        assert [httpx.get(BASE + "/count").json()["n"] for _ in range(3)] == [1, 2, 3]
    """
    suite(HEAD + source.rstrip() + polling)
    result = tool.record("new_episodes")
    result.assert_outcomes(**tool.expected(reprise=PASSED, plain=FAILED))


@pytest.mark.parametrize("source", ["mark", "vcr_config"])
def test_the_record_mode_of_the_command_line_overrides_mark_and_fixture(
    suite: Suite, tool: Tool, server: Server, source: str
) -> None:
    """Neither a mark nor a fixture can make a run in CI send requests to the real server."""
    suite(
        HEAD
        + f"""
    MODE = {{"record_mode": "once"}}


    @pytest.fixture
    def vcr_config():
        return MODE if {source == "vcr_config"} else {{}}


    @pytest.mark.vcr(**MODE if {source == "mark"} else {{}})
    def test_count():
        assert httpx.get(BASE + "/count").status_code == 200
    """
    )
    result = tool.run("--record-mode=none")
    result.assert_outcomes(**tool.expected(reprise=FAILED, plain=PASSED))
    assert server.calls == tool.expected(reprise=[], plain=["GET /count"])


def test_the_report_of_a_miss_holds_no_secret(
    suite: Suite, tool: Tool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither the message nor the arguments in the traceback that pytest prints. In vcrpy 7, no
    argument in that traceback holds the body."""
    suite(
        HEAD
        + """
    @pytest.mark.vcr
    def test_log_in():
        password = os.environ["SHOP_PASSWORD"]
        headers = {"Authorization": f"Bearer {password}"}
        form = {"user": "ada", "password": password, "n": os.environ["N"]}
        response = httpx.post(f"{BASE}/status/20{form['n']}", json=form, headers=headers)
        assert response.is_success
    """
    )
    monkeypatch.setenv("SHOP_PASSWORD", "hunter2-is-secret")
    monkeypatch.setenv("N", "0")
    tool.record().assert_outcomes(passed=1)
    monkeypatch.setenv("N", "1")
    result = tool.run()
    result.assert_outcomes(failed=1)
    is_shown = "hunter2-is-secret" in result.stdout.str()
    assert is_shown is tool.expected(reprise=False, plain=at_least("vcrpy", "8.0.0"))
