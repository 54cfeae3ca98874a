"""Whole runs: where the report of a miss ends, and which remedy it names."""

from __future__ import annotations

import shlex

import pytest

from pytest_reprise.commands.main import main

from ..harness.runs import Run, Server, Suite, failures_by_test

NOT_NEEDED = ("anyio", "base_url", "asyncio", "xdist")

# --- tracebacks ----------------------------------------------------------------------------------

CALLERS = """
    import asyncio
    import os
    import sys
    import unittest

    import httpx
    import pytest
    import requests

    pytestmark = pytest.mark.vcr
    URL = os.environ["API_BASE_URL"]
    sys.path.append("site-packages")

    def fetch(client):
        return client.get("/missing")  # the line of the suite

    def test_sync(client):
        fetch(client)

    def test_requests():
        requests.get(URL + "/missing")  # the line of the suite

    def test_async(async_client):
        async def main():
            await async_client.get("/missing")  # the line of the suite

        asyncio.run(main())

    def test_group(async_client):
        async def get():
            await async_client.get("/missing")  # the line of the suite

        async def main():
            async with asyncio.TaskGroup() as group:
                group.create_task(get())

        asyncio.run(main())

    def test_chained(client):
        try:
            fetch(client)
        except Exception as error:
            raise LookupError("no user") from error

    def test_sdk(client):
        from sdk import fetch

        fetch(client)  # the line of the suite

    @pytest.fixture
    def user(client):
        return fetch(client)

    def test_fixture(user):
        pass

    class TestUnit(unittest.TestCase):
        def test_it(self):
            fetch(httpx.Client(base_url=URL))
"""
SDK = """
    class SdkError(Exception):
        pass

    def fetch(client):
        try:
            return client.get("/missing")
        except Exception as error:
            raise SdkError("no connection") from error
"""
CLIENT_CODE = (
    "_client.py",
    "sessions.py",
    "requests/adapters",
    "connectionpool",
    "httpx_transport",
)


@pytest.mark.parametrize("style", ["auto", "native"])
def test_the_traceback_of_a_miss_ends_at_the_line_of_the_suite(
    suite: Suite, run: Run, style: str
) -> None:
    suite(CALLERS, **{"site-packages__sdk": SDK})
    failures = failures_by_test(run(f"--tb={style}"))
    assert len(failures) == 8
    for test, text in failures.items():
        assert "GET /missing is not recorded" in text, test
        assert "# the line of the suite" in text, test
        assert [name for name in CLIENT_CODE if name in text] == [], (test, text)
        assert text.count("not recorded: there is no cassette yet") == 1, test
        # Python itself prints the tracebacks of a group, and of the style "native".
        assert style == "native" or test == "test_group" or "pytest_reprise/" not in text, text


def test_other_errors_keep_their_traceback(suite: Suite, run: Run, server: Server) -> None:
    suite(CALLERS)
    server.stop()
    failures = failures_by_test(run("--record-mode=once", "-k", "sync and not a"))
    assert "_client.py" in failures["test_sync"]


# --- a renamed test ------------------------------------------------------------------------------

OLD_NAMES = """
    import pytest

    pytestmark = pytest.mark.vcr

    @pytest.fixture(scope="module")
    def token(client):
        return client.post("/login").json()["access_token"]

    def test_count(client):
        client.get("/count")

    def test_stays(client):
        client.get("/count")
        client.get("/status/201")

    @pytest.mark.parametrize("n", [1, 2], ids=["one", "two"])
    def test_each(client, n):
        client.get(f"/status/20{n}")

    class TestUsers:
        def test_me(self, client, token):
            client.get("/me")
"""
NEW_NAMES = (
    OLD_NAMES.replace("test_count", "test_counter")
    .replace("token(", "api_token(")
    .replace("client, token", "client, api_token")
    .replace('"two"', '"second"')
    .replace("TestUsers", "TestPeople")
)


def _moves(result: pytest.RunResult) -> list[str]:
    """The commands that the messages of a run name, each once."""
    lines = (line.removeprefix("E").strip() for line in result.outlines)
    return list(dict.fromkeys(line for line in lines if line.startswith("reprise mv ")))


def test_a_miss_of_a_renamed_test_names_its_cassette(
    suite: Suite, run: Run, server: Server, pytester: pytest.Pytester
) -> None:
    suite(OLD_NAMES)
    run("--record-mode=once").assert_outcomes(passed=5)
    server.stop()
    suite(NEW_NAMES)
    for _ in range(2):  # a test whose fixture is missing fails before its own request
        moves = _moves(run())
        for move in moves:
            assert main(shlex.split(move)[1:]) == 0
    run().assert_outcomes(passed=5)
    # The cassette of a test that still exists fits, too, and is not offered.
    (pytester.path / "cassettes/test_suite/test_counter.yaml").unlink()
    result = run()
    result.assert_outcomes(passed=4, failed=1)
    assert _moves(result) == []


def test_a_miss_of_a_renamed_module_names_the_directory(
    suite: Suite, run: Run, server: Server, pytester: pytest.Pytester
) -> None:
    suite(ini="reprise_cassette_dir = tapes", a__test_users=OLD_NAMES)
    run("--record-mode=once").assert_outcomes(passed=5)
    server.stop()
    (pytester.path / "a/test_users.py").rename(pytester.path / "a/test_people.py")
    result = run("-k", "test_count")
    result.assert_outcomes(failed=1, deselected=4)
    assert _moves(result) == ["reprise mv tapes/a/test_users tapes/a/test_people"]
    assert main(["mv", "a/test_users.py", "a/test_people.py"]) == 0
    run().assert_outcomes(passed=5)


def test_the_command_leaves_other_parameters_that_are_used(suite: Suite, run: Run) -> None:
    source = """
        import pytest

        @pytest.mark.vcr
        @pytest.mark.parametrize("n", [1, 2])
        def test_each(client, n):
            client.get(f"/status/20{n}")
    """
    suite(source)
    run("--record-mode=once").assert_outcomes(passed=2)
    first, second = source.replace("[1, 2]", "[1]"), source.replace("[1, 2]", "[2]")
    suite(first + second.replace("test_each", "test_other"))
    [move] = _moves(run())
    assert main(shlex.split(move)[1:]) == 0
    run().assert_outcomes(passed=2)


def test_a_selected_parameter_does_not_take_the_cassette_of_another(suite: Suite, run: Run) -> None:
    source = """
        import pytest

        @pytest.mark.vcr
        @pytest.mark.parametrize("n", IDS)
        def test_each(client, n):
            client.get("/count")
    """
    suite(source.replace("IDS", '["a", "b@c"]'))
    run("--record-mode=once").assert_outcomes(passed=2)
    suite(source.replace("IDS", '["a", "b@c", "new"]'))
    for options in ([], ["test_suite.py::test_each[new]"]):
        assert _moves(run(*options)) == []


# --- a number of calls that varies ---------------------------------------------------------------

HEARTBEAT = """
    import pytest

    pytestmark = pytest.mark.vcr

    @pytest.fixture(scope="module")
    def warm(client):
        for _ in range(BEATS):
            client.get("/count")

    def test_beat(client):
        for _ in range(BEATS):
            client.get("/count")

    def test_wider(warm):
        pass
"""


def test_calls_that_vary_in_number_name_the_remedy(
    suite: Suite, run: Run, pytester: pytest.Pytester
) -> None:
    suite(HEARTBEAT.replace("BEATS", "2"))
    run("--record-mode=once").assert_outcomes(passed=2)
    more = HEARTBEAT.replace("BEATS", "3")
    suite(more)
    failures = failures_by_test(run())
    remedy = "@pytest.mark.vcr(repeat_last=True)"
    assert remedy in failures["test_beat"]
    counted = "the recording has 2 answers to this call, this is the 3rd."
    assert counted in failures["test_beat"]
    assert counted in failures["test_wider"]
    remedy_of_fixture = 'return {"repeat_last": True} from the fixture vcr_config'
    assert remedy_of_fixture in failures["test_wider"]
    conftest = """
        import pytest

        @pytest.fixture(scope="session")
        def vcr_config():
            return {"repeat_last": True}
    """
    suite(more, conftest=conftest)
    run().assert_outcomes(passed=2)
    (pytester.path / "conftest.py").unlink()
    run("-o", "reprise_repeat_last=true").assert_outcomes(passed=2)
    own = more.replace("pytest.mark.vcr", "[pytest.mark.vcr(repeat_last=False)]")
    suite(own)
    run("-o", "reprise_repeat_last=true").assert_outcomes(failed=1, errors=1)
    suite(own.replace("False", "True"))
    run("-k", "test_beat").assert_outcomes(passed=1, deselected=1)

    suite(HEARTBEAT.replace("BEATS", "1"))
    failures = failures_by_test(run())
    assert '@pytest.mark.vcr(unplayed="ignore")' in failures["test_beat"]
