"""Cassettes on disk: each scenario ends well with Reprise and badly with plain pytest-recording."""

from __future__ import annotations

import difflib

import pytest

from ..harness.raw_server import RawServer
from ..harness.runs import Cassettes, Run, Server, Suite, json_answer
from ..harness.with_or_without import Tool

NOT_NEEDED = ("anyio", "base_url")

HEAD = """
    import os
    import httpx
    import pytest

    BASE = os.environ["API_BASE_URL"]
"""
SHARING = {
    "default_cassette": """
    @pytest.mark.vcr
    @pytest.mark.default_cassette("shared")
    @pytest.mark.parametrize("name", ["one", "two"])
    """,
    "equal file names": """
    @pytest.mark.vcr
    @pytest.mark.parametrize("name", ["a/b", "a:b"])
    """,
}
TEST = """
    def test_echo(name):
        assert httpx.get(BASE + "/echo", params={"name": name}).status_code == 404
"""


def test_a_failing_rewrite_keeps_the_cassettes(
    suite: Suite, tool: Tool, server: Server, cassettes: Cassettes
) -> None:
    suite(
        HEAD
        + """
    @pytest.mark.vcr
    @pytest.mark.parametrize("code", [200, 404])
    def test_status(code):
        assert httpx.get(f"{BASE}/status/{code}").status_code == code
    """
    )
    tool.record().assert_outcomes(passed=2)
    before = cassettes()
    assert len(before) == 2
    server.stop()
    tool.record("rewrite").assert_outcomes(failed=2)
    assert cassettes() == tool.expected(reprise=before, plain={})


@pytest.mark.parametrize("sharing", SHARING)
def test_two_tests_can_share_a_cassette(
    suite: Suite, tool: Tool, server: Server, sharing: str
) -> None:
    """With plain pytest-recording, only the interactions of the last recorded test remain."""
    suite(HEAD + SHARING[sharing] + TEST)
    tool.record("rewrite").assert_outcomes(passed=2)
    server.stop()
    one_lost = {"passed": 1, "failed": 1}
    tool.run().assert_outcomes(**tool.expected(reprise={"passed": 2}, plain=one_lost))


def test_a_misspelt_option_is_refused(
    suite: Suite, tool: Tool, server: Server, cassettes: Cassettes
) -> None:
    """With plain pytest-recording, the secret is written to disk without a warning."""
    suite(
        HEAD
        + """
    @pytest.fixture
    def vcr_config():
        return {"filter_header": ["x-odd-id"]}


    @pytest.mark.vcr
    def test_echo():
        httpx.get(BASE + "/count", headers={"X-Odd-Id": "private"})
    """
    )
    result = tool.record()
    assert result.ret == tool.expected(reprise=1, plain=0)
    assert len(server.requests) == tool.expected(reprise=0, plain=1)
    assert ("private" in str(cassettes())) is tool.expected(reprise=False, plain=True)
    if tool.has_reprise:
        result.stdout.fnmatch_lines(["*'filter_header' in vcr_config*Did you mean*filter_headers*"])


def test_the_error_for_a_broken_cassette_names_the_file(
    suite: Suite, tool: Tool, server: Server, pytester: pytest.Pytester
) -> None:
    """With plain pytest-recording, the error is a KeyError that does not name the file."""
    suite(
        HEAD
        + """
    @pytest.mark.vcr
    def test_count():
        httpx.get(BASE + "/count")
    """
    )
    path = pytester.path / "cassettes" / "test_suite" / "test_count.yaml"
    path.parent.mkdir(parents=True)
    request = "{method: GET, uri: http://localhost/, body: null, headers: {}}"
    broken = f"version: 1\ninteractions:\n- request: {request}\n"
    path.write_text(broken, encoding="utf-8")
    result = tool.record("new_episodes")
    assert result.ret == 1
    errors = result.outlines
    is_named = any("test_count.yaml:3:" in line and "response" in line for line in errors)
    assert is_named is tool.expected(reprise=True, plain=False)
    assert any(line.endswith(" KeyError: 'response'") for line in errors) is tool.expected(
        reprise=False, plain=True
    )
    assert not server.requests
    assert path.read_text(encoding="utf-8") == broken


def test_one_changed_field_changes_few_lines_of_the_cassette(
    suite: Suite, tool: Tool, server: Server, cassettes: Cassettes
) -> None:
    suite(
        HEAD
        + """
    @pytest.mark.vcr
    def test_list():
        assert len(httpx.get(BASE + "/items").json()) == 80
    """
    )
    items = [{"id": n, "name": f"item {n}", "tags": ["a", "b"], "price": n / 4} for n in range(80)]
    server.answers["/items"] = json_answer(items)
    tool.record().assert_outcomes(passed=1)
    [before] = cassettes().values()
    items[1]["name"] = "an item with a new name"
    server.answers["/items"] = json_answer(items)
    tool.record("rewrite").assert_outcomes(passed=1)
    [after] = cassettes().values()
    diff = difflib.ndiff(before.splitlines(), after.splitlines())
    changed = sum(line[0] in "+-" for line in diff)
    assert changed in tool.expected(reprise=range(1, 9), plain=range(30, 1000))


def test_workers_record_into_a_shared_cassette(
    suite: Suite,
    tool: Tool,
    monkeypatch: pytest.MonkeyPatch,
    cassettes: Cassettes,
    pytester: pytest.Pytester,
) -> None:
    """With plain pytest-recording, each worker replaces the shared cassette with its own."""
    suite(
        HEAD
        + """
    @pytest.mark.vcr
    @pytest.mark.default_cassette("shared")
    @pytest.mark.parametrize("number", [0, 1])
    def test_echo(number):
        headers = {"X-Request-Id": str(number)}
        response = httpx.get(f"{BASE}/turns/any/2?n={number}", headers=headers, timeout=40)
        assert response.json()["number"] == number
    """
    )
    # Two workers with plain pytest-recording may fail to make the directory at the same time.
    pytester.mkdir("cassettes").joinpath("test_suite").mkdir()
    raw_server = RawServer()
    monkeypatch.setenv("API_BASE_URL", raw_server.url)
    # The server answers when both requests have arrived, so no worker can wait for the other one.
    tool.run("-n", "2", "--record-mode=rewrite").assert_outcomes(passed=2)
    raw_server.close()
    assert len(cassettes()) == 1
    if tool.has_reprise:
        tool.run().assert_outcomes(passed=2)
    else:
        tool.run().assert_outcomes(passed=1, failed=1)


def test_a_replay_may_run_in_parallel(suite: Suite, run: Run, server: Server) -> None:
    """Plain pytest-recording can do this as well."""
    suite(HEAD + SHARING["default_cassette"] + TEST)
    run("--record-mode=rewrite").assert_outcomes(passed=2)
    server.stop()
    run("-n", "2").assert_outcomes(passed=2)


def test_workers_record_tests_with_equal_file_names(suite: Suite, run: Run, server: Server) -> None:
    suite(HEAD + SHARING["equal file names"] + TEST)
    run("-n", "2", "--record-mode=once").assert_outcomes(passed=2)
    server.stop()
    run().assert_outcomes(passed=2)
