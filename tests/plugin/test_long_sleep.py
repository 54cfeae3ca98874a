"""A rate limiter of a module, which compares times of different clocks, does not wait for years."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from pytest_reprise.commands.main import main

from ..harness.runs import Run, Server, Suite

LIMITER = """
    import asyncio
    import time
    from time import sleep

    noted = time.time()


    def wait():
        global noted
        if (left := noted + 0.01 - time.time()) > 0:
            sleep(left)
        noted = time.time()


    async def wait_async():
        global noted
        if (left := noted + 0.01 - time.time()) > 0:
            assert await asyncio.sleep(left, result="slept") == "slept"
        noted = time.time()
"""
SUITE = """
    import asyncio
    import threading
    import time

    import limiter
    import pytest

    pytestmark = pytest.mark.vcr


    @pytest.fixture(autouse=True)
    def year(client):
        yield lambda: time.gmtime(time.time()).tm_year
        limiter.wait()
        client.get("/count")


    def test_2021(client, year):
        client.get("/count")
        limiter.wait()
        print("year", year())


    def test_2025(client, year):
        limiter.wait()
        client.get("/count")
        print("year", year())


    def test_2022_async(client, year):
        client.get("/count")
        asyncio.run(limiter.wait_async())
        print("year", year())


    def test_2020_thread(client, year):
        client.get("/count")
        thread = threading.Thread(target=limiter.wait)
        thread.start()
        thread.join()
        print("year", year())


    def test_2024_seconds(client, year):
        started = time.monotonic(), time.time()
        client.get("/count")
        time.sleep(0.02)
        assert time.monotonic() - started[0] >= 0.02
        assert time.time() - started[1] < 30
        print("year", year())
"""
ENDS = "import signal; signal.alarm(40)"
"""A failure does not last for years."""


def _move_to_their_years(cassettes: Path) -> None:
    for path in cassettes.glob("*/test_2*.yaml"):
        year = path.stem.split("_")[1]
        moved = re.sub(r"(recorded_at: ')\d{4}-\d\d", rf"\g<1>{year}-06", path.read_text())
        path.write_text(moved)


def test_a_rate_limiter_of_a_module_does_not_wait_for_years(
    suite: Suite, run: Run, server: Server, pytester: pytest.Pytester
) -> None:
    suite(SUITE, conftest=ENDS, limiter=LIMITER, ini="filterwarnings = error")
    run("--record-mode=once").assert_outcomes(passed=5)
    server.stop()
    _move_to_their_years(pytester.path / "cassettes")
    for order in ([], ["-p", "reverse", "--reverse"]):
        result = run("-rP", *order)
        result.assert_outcomes(passed=5)
        years = [line for line in result.outlines if line.startswith("year ")]
        assert sorted(years) == [f"year {n}" for n in (2020, 2021, 2022, 2024, 2025)]
        result.stdout.fnmatch_lines(
            ["*A sleep of * years passed at once, at limiter.py:*", "*`reprise_clock = real`*"]
        )


LEGACY = """\
interactions:
- request: {{body: null, headers: {{}}, method: GET, uri: '{}/{}'}}
  response:
    body: {{string: ok}}
    headers: {{{}}}
    status: {{code: 200, message: OK}}
version: 1
"""


def test_only_a_known_time_sets_the_clock_of_a_migrated_cassette(
    suite: Suite, run: Run, server: Server, pytester: pytest.Pytester
) -> None:
    """A cassette of vcrpy never sets it. After a migration a Date does, but not that of a mock."""
    headers = {
        "unknown": "",
        "mock": "Date: ['Thu, 01 Jan 1970 00:00:00 GMT']",
        "known": "Date: ['Mon, 02 Jun 2025 12:00:00 GMT']",
        "cached": "Date: ['Mon, 02 Jun 2025 12:00:00 GMT'], Age: ['86400']",
    }
    suite(
        f"""
        import time
        import pytest

        @pytest.mark.vcr
        @pytest.mark.parametrize("name", {list(headers)})
        def test_day(client, name):
            assert client.get(f"/{{name}}").text == "ok"
            print("day", name, time.strftime("%Y-%m-%d", time.gmtime(time.time())), end=".")
        """
    )
    directory = pytester.path / "cassettes/test_suite"
    directory.mkdir(parents=True)
    for name, lines in headers.items():
        file = directory / f"test_day[{name}].yaml"
        file.write_text(LEGACY.format(server.url, name, lines))
    server.stop()
    legacy = run("-rP")
    legacy.assert_outcomes(passed=4)
    assert "2025" not in legacy.stdout.str()
    assert main(["migrate", "cassettes"]) == 0
    assert all("reprise:" in path.read_text() for path in directory.glob("*.yaml"))
    result = run("-rP")
    result.assert_outcomes(passed=4)
    found = dict(re.findall(r"day (\w+) (\S+)\.", result.stdout.str()))
    assert (found["known"], found["cached"]) == ("2025-06-02", "2025-06-03")
    assert not any(found[name].startswith(("1970", "2025")) for name in ("unknown", "mock"))
