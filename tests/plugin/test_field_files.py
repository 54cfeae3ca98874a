"""What happens to cassettes on disk: each scenario with Reprise, and with plain pytest-recording,
where it goes wrong."""

from __future__ import annotations

import difflib

import pytest

from ..harness.field import Field, fixture_field  # noqa: F401  (a fixture)
from ..harness.odd_servers import OddServer
from ..harness.runs import Cassettes, Run, Server, Suite, json_answer

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
    "alike file names": """
    @pytest.mark.vcr
    @pytest.mark.parametrize("name", ["a/b", "a:b"])
    """,
}
ASK = """
    def test_ask(name):
        assert httpx.get(BASE + "/echo", params={"name": name}).status_code == 404
"""


def test_a_rewrite_that_fails_keeps_the_cassettes(
    suite: Suite, field: Field, server: Server, cassettes: Cassettes
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
    field.record().assert_outcomes(passed=2)
    before = cassettes()
    assert len(before) == 2
    server.stop()
    field.record("rewrite").assert_outcomes(failed=2)
    assert cassettes() == field.either(reprise=before, plain={})


@pytest.mark.parametrize("sharing", SHARING)
def test_tests_that_share_a_cassette(
    suite: Suite, field: Field, server: Server, sharing: str
) -> None:
    """With plain pytest-recording the one that was recorded last is what is left."""
    suite(HEAD + SHARING[sharing] + ASK)
    field.record("rewrite").assert_outcomes(passed=2)
    server.stop()
    one_lost = {"passed": 1, "failed": 1}
    field.run().assert_outcomes(**field.either(reprise={"passed": 2}, plain=one_lost))


def test_a_misspelt_option_is_refused(
    suite: Suite, field: Field, server: Server, cassettes: Cassettes
) -> None:
    """With plain pytest-recording the secret goes to disk, and nobody hears of it."""
    suite(
        HEAD
        + """
    @pytest.fixture
    def vcr_config():
        return {"filter_header": ["x-odd-id"]}


    @pytest.mark.vcr
    def test_ask():
        httpx.get(BASE + "/count", headers={"X-Odd-Id": "private"})
    """
    )
    result = field.record()
    assert result.ret == field.either(reprise=1, plain=0)
    assert len(server.requests) == field.either(reprise=0, plain=1)
    assert ("private" in str(cassettes())) is field.either(reprise=False, plain=True)
    if field.has_reprise:
        result.stdout.fnmatch_lines(["*'filter_header' in vcr_config*Did you mean*filter_headers*"])


def test_a_broken_cassette_is_named(
    suite: Suite, field: Field, server: Server, pytester: pytest.Pytester
) -> None:
    """With plain pytest-recording a bare KeyError, and a search through all cassettes."""
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
    result = field.record("new_episodes")
    assert result.ret == 1
    errors = result.outlines
    named = any("test_count.yaml:3:" in line and "response" in line for line in errors)
    assert named is field.either(reprise=True, plain=False)
    assert any(line.endswith(" KeyError: 'response'") for line in errors) is field.either(
        reprise=False, plain=True
    )
    assert not server.requests
    assert path.read_text(encoding="utf-8") == broken


def test_one_changed_field_is_a_small_diff(
    suite: Suite, field: Field, server: Server, cassettes: Cassettes
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
    field.record().assert_outcomes(passed=1)
    [before] = cassettes().values()
    items[1]["name"] = "an item with a new name"
    server.answers["/items"] = json_answer(items)
    field.record("rewrite").assert_outcomes(passed=1)
    [after] = cassettes().values()
    diff = difflib.ndiff(before.splitlines(), after.splitlines())
    changed = sum(line[0] in "+-" for line in diff)
    assert changed in field.either(reprise=range(1, 9), plain=range(30, 1000))


def test_parallel_recording_is_refused(
    suite: Suite, field: Field, monkeypatch: pytest.MonkeyPatch, cassettes: Cassettes
) -> None:
    """With plain pytest-recording each worker writes the shared cassette with its own calls."""
    suite(
        HEAD
        + """
    @pytest.mark.vcr
    @pytest.mark.default_cassette("shared")
    @pytest.mark.parametrize("number", [0, 1])
    def test_ask(number):
        headers = {"X-Request-Id": str(number)}
        response = httpx.get(f"{BASE}/turns/any/2?n={number}", headers=headers, timeout=40)
        assert response.json()["number"] == number
    """
    )
    odd_server = OddServer()
    monkeypatch.setenv("API_BASE_URL", odd_server.url)
    # The server answers when both have asked, so that no worker can wait for the other's cassette.
    result = field.run("-n", "2", "--record-mode=rewrite")
    odd_server.close()
    if field.has_reprise:
        assert result.ret == pytest.ExitCode.USAGE_ERROR
        result.stderr.fnmatch_lines(["*Recording in parallel is refused*", "*pytest -n 0*"])
        assert not cassettes()
    else:
        result.assert_outcomes(passed=2)
        field.run().assert_outcomes(passed=1, failed=1)


def test_a_replay_may_be_parallel(suite: Suite, run: Run, server: Server) -> None:
    """What is left to do in parallel; plain pytest-recording does this as well."""
    suite(HEAD + SHARING["default_cassette"] + ASK)
    run("--record-mode=rewrite").assert_outcomes(passed=2)
    server.stop()
    run("-n", "2").assert_outcomes(passed=2)


def test_a_worker_that_would_record_is_stopped(
    suite: Suite, run: Run, server: Server, cassettes: Cassettes
) -> None:
    """`once` replays what there is, so that it is known late that something has to be recorded."""
    suite(HEAD + SHARING["alike file names"] + ASK)
    result = run("-n", "2", "--record-mode=once")
    assert result.ret != 0
    assert "Recording in a worker of pytest-xdist is refused" in result.stdout.str()
    assert not server.requests
    assert not cassettes()
