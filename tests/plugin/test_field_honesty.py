"""What a green replay is worth: each scenario with Reprise, and with plain pytest-recording, where
it goes wrong."""

from __future__ import annotations

import pytest

from ..harness.field import Field, fixture_field  # noqa: F401  (a fixture)
from ..harness.installed import at_least
from ..harness.runs import Cassettes, Server, Suite

NOT_NEEDED = ("anyio", "base_url")

HEAD = """
    import os
    import httpx
    import pytest

    BASE = os.environ["API_BASE_URL"]
"""
PASSED = {"passed": 1}
FAILED = {"failed": 1}


def test_another_body_is_sent(suite: Suite, field: Field) -> None:
    """The message shows the field."""
    source = """
    @pytest.mark.vcr
    def test_create():
        order = {"item": "book", "lines": [{"price": 10}]}
        assert httpx.post(BASE + "/echo", json=order).status_code == 200
    """
    suite(HEAD + source)
    field.record().assert_outcomes(passed=1)
    suite(HEAD + source.replace("10", "1000"))
    result = field.run()
    result.assert_outcomes(**field.either(reprise=FAILED, plain=PASSED))
    if field.has_reprise:
        result.stdout.fnmatch_lines(["*body.lines[[]0].price: recorded 10, sent 1000"])


def test_a_recorded_call_is_no_longer_made(suite: Suite, field: Field) -> None:
    source = """
    @pytest.mark.vcr
    def test_flow():
        assert httpx.get(BASE + "/count").json() == {"n": 1}
        httpx.delete(BASE + "/orders/7")
    """
    suite(HEAD + source)
    field.record().assert_outcomes(passed=1)
    suite(HEAD + source.replace("httpx.delete", "str"))
    result = field.run()
    result.assert_outcomes(**field.either(reprise={"passed": 1, "errors": 1}, plain=PASSED))
    if field.has_reprise:
        result.stdout.fnmatch_lines(["*not made  DELETE http*/orders/7"])


def test_a_failed_test_owes_no_calls(suite: Suite, field: Field) -> None:
    """Its own failure is what there is to read."""
    suite(
        HEAD
        + """
    @pytest.mark.vcr
    def test_flow():
        assert "FAIL" not in os.environ
        httpx.get(BASE + "/count")
    """
    )
    field.record().assert_outcomes(passed=1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FAIL", "1")
        result = field.run()
    result.assert_outcomes(failed=1)
    assert "not made" not in result.stdout.str()


def test_the_code_swallows_the_miss(suite: Suite, field: Field) -> None:
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
    field.record().assert_outcomes(passed=1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MESSAGE", "something else")
        field.run().assert_outcomes(**field.either(reprise=FAILED, plain=PASSED))


def test_the_code_swallows_the_miss_of_a_new_call(suite: Suite, field: Field) -> None:
    """Also where a tool that does not look at bodies can see that nothing matches."""
    source = """
    @pytest.mark.vcr
    def test_notify():
        httpx.get(BASE + "/health")
        try:
            httpx.get(BASE + "/health/PLACE")
        except Exception:
            pass
    """
    suite(HEAD + source)
    field.record().assert_outcomes(passed=1)
    suite(HEAD + source.replace("PLACE", "elsewhere"))
    field.run().assert_outcomes(**field.either(reprise=FAILED, plain=PASSED))


def test_a_failed_test_leaves_no_cassette(
    suite: Suite, field: Field, server: Server, cassettes: Cassettes
) -> None:
    source = """
    @pytest.mark.vcr
    def test_count():
        assert httpx.get(BASE + "/count").json() == {"n": 2}
    """
    suite(HEAD + source)
    field.record().assert_outcomes(failed=1)
    assert len(cassettes()) == field.either(reprise=0, plain=1)
    field.record().assert_outcomes(**field.either(reprise=PASSED, plain=FAILED))
    assert len(server.requests) == field.either(reprise=2, plain=1)


def test_new_episodes_are_not_answered_from_this_run(suite: Suite, field: Field) -> None:
    """A test that has a cassette begins to poll."""
    source = """
    @pytest.mark.vcr
    def test_poll():
        assert httpx.get(BASE + "/health").status_code == 200
    """
    suite(HEAD + source)
    field.record("new_episodes").assert_outcomes(passed=1)
    polling = """
        assert [httpx.get(BASE + "/count").json()["n"] for _ in range(3)] == [1, 2, 3]
    """
    suite(HEAD + source.rstrip() + polling)
    result = field.record("new_episodes")
    result.assert_outcomes(**field.either(reprise=PASSED, plain=FAILED))


@pytest.mark.parametrize("where", ["mark", "vcr_config"])
def test_the_command_line_is_absolute(
    suite: Suite, field: Field, server: Server, where: str
) -> None:
    """The mark's mode, or the fixture's, does not send CI to the real server."""
    suite(
        HEAD
        + f"""
    MODE = {{"record_mode": "once"}}


    @pytest.fixture
    def vcr_config():
        return MODE if {where == "vcr_config"} else {{}}


    @pytest.mark.vcr(**MODE if {where == "mark"} else {{}})
    def test_count():
        assert httpx.get(BASE + "/count").status_code == 200
    """
    )
    result = field.run("--record-mode=none")
    result.assert_outcomes(**field.either(reprise=FAILED, plain=PASSED))
    assert server.calls == field.either(reprise=[], plain=["GET /count"])


def test_what_is_told_of_a_miss_holds_no_secret(
    suite: Suite, field: Field, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither the message nor the arguments that pytest shows in a traceback; where vcrpy 7 looks
    for an answer, no argument holds the body."""
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
    field.record().assert_outcomes(passed=1)
    monkeypatch.setenv("N", "1")
    result = field.run()
    result.assert_outcomes(failed=1)
    told = "hunter2-is-secret" in result.stdout.str()
    assert told is field.either(reprise=False, plain=at_least("vcrpy", "8.0.0"))
