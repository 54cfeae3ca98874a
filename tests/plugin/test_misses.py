"""A missed request costs little, also with a big body, with retries, and inside an event loop."""

from __future__ import annotations

import json

import pytest

from ..harness.runs import Cassettes, Run, Server, Suite

NOT_NEEDED = ("anyio", "base_url", "xdist", "faker")
FORKS = True

COUNTS_SEARCHED_BYTES = """
import pytest
from pytest_reprise.matching import request_parts
from pytest_reprise.tape import miss

searched = {"bytes": 0, "messages": 0}


def counted(visit):
    def visit_and_count(request, walk):
        searched["bytes"] += len(request.body)
        return visit(request, walk)

    return visit_and_count


request_parts.visit_request = counted(request_parts.visit_request)


def counted_message(*args):
    searched["messages"] += 1
    return message(*args)


message, miss._message = miss._message, counted_message


def pytest_terminal_summary(terminalreporter):
    size, times = searched.values()
    terminalreporter.write_line(f"searched: {size} bytes, {times} times")
"""

SENDS_BIG_BODIES = """
import os

import httpx
import pytest

ITEMS = [{"id": n, "text": "some words " * 5} for n in range(4000)]


def send(number, attempt=0):
    headers = {"X-Retry-Count": str(attempt)}
    return httpx.post(URL + "/echo", json={"items": ITEMS, "number": number}, headers=headers)


@pytest.mark.vcr
def test_uploads():
    for number in range(5):
        if not os.environ.get("CHANGED") or number < 2:
            send(number)
    if not os.environ.get("CHANGED"):
        return
    for attempt in range(4):  # as an SDK does
        try:
            send(7, attempt)
        except Exception:
            pass
"""


def _searched(result: pytest.RunResult) -> tuple[int, int]:
    line = next(line for line in result.outlines if line.startswith("searched: "))
    words = line.split()
    return int(words[1]), int(words[3])


def test_miss_with_a_big_body_is_searched_a_few_times_also_when_a_client_tries_again(
    server: Server, suite: Suite, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    suite(SENDS_BIG_BODIES.replace("URL", repr(server.url)), COUNTS_SEARCHED_BYTES)
    run("--record-mode=once").assert_outcomes(passed=1)
    size = len(server.requests[0].body)
    assert size > 250_000
    monkeypatch.setenv("CHANGED", "1")
    result = run()
    result.assert_outcomes(failed=1)
    searched, messages = _searched(result)
    # Once for the request, and once for each recorded one; then for the message.
    assert searched <= (1 + 5 + 1 + 1_000_000 // size + 1) * size
    assert messages == 1
    result.stdout.fnmatch_lines(["*body.number: recorded 2, sent 7*"])
    assert (
        result.outlines.count(
            "E   POST /echo is not recorded: no interaction in the cassette matches it."
        )
        <= 1
    )


def test_miss_that_nobody_reads_gets_no_message(
    server: Server, suite: Suite, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    suite(SENDS_BIG_BODIES.replace("URL", repr(server.url)), COUNTS_SEARCHED_BYTES)
    run("--record-mode=once").assert_outcomes(passed=1)
    monkeypatch.setenv("CHANGED", "1")
    ini = ("-o", "reprise_missed=ignore", "-o", "reprise_unplayed=ignore")
    result = run(*ini)
    result.assert_outcomes(passed=1)
    assert _searched(result)[1] == 0


IN_AN_EVENT_LOOP = """
import httpx
import pytest
from blockbuster import blockbuster_ctx


@pytest.fixture
def no_blocking():
    with blockbuster_ctx():
        yield


@pytest.mark.vcr
@pytest.mark.asyncio
async def test_other_credentials(no_blocking):
    async with httpx.AsyncClient() as client:
        headers = {"Authorization": f"Bearer {TOKEN}-0123456789"}
        answer = await client.get(URL + "/count", headers=headers)
        assert answer.json() == {"n": 1}


@pytest.mark.vcr(missed="ignore", unplayed="ignore")
@pytest.mark.asyncio
async def test_caught_miss(no_blocking):
    async with httpx.AsyncClient() as client:
        try:
            await client.post(URL + "/echo", json={"token": TOKEN})
        except Exception as error:
            assert "Blocking" not in repr(error)


@pytest.mark.vcr(missed="ignore")
@pytest.mark.asyncio
async def test_miss_without_a_cassette(no_blocking):
    if TOKEN == "recorded":
        return
    async with httpx.AsyncClient() as client:
        try:
            await client.post(URL + "/echo", json={"token": TOKEN})
        except Exception as error:
            assert "Blocking" not in repr(error)


@pytest.mark.vcr("LEGACY")
@pytest.mark.asyncio
async def test_legacy(no_blocking):
    async with httpx.AsyncClient() as client:
        answer = await client.get("https://api.test/a", headers={"X-It": TOKEN})
        assert answer.json() == {"n": 1}
"""
LEGACY = {
    "version": 1,
    "interactions": [
        {
            "request": {"method": "GET", "uri": "https://api.test/a", "headers": {}, "body": ""},
            "response": {
                "status": {"code": 200, "message": "OK"},
                "headers": {"Content-Type": ["application/json"]},
                "body": {"string": '{"n": 1}'},
            },
        }
    ],
}


def test_replay_inside_an_event_loop_reads_no_file(
    server: Server, suite: Suite, run: Run, cassettes: Cassettes, pytester: pytest.Pytester
) -> None:
    pytest.importorskip("blockbuster")
    (pytester.path / ".env").write_text("API_PASSWORD=from-the-dotenv-file\n")
    legacy = pytester.path / "legacy.yaml"
    legacy.write_text(json.dumps(LEGACY))
    source = IN_AN_EVENT_LOOP.replace("URL", repr(server.url)).replace("LEGACY", str(legacy))
    suite("TOKEN = 'recorded'\n" + source.replace("no_blocking)", ")"))
    run("--record-mode=once").assert_outcomes(passed=4)
    assert len(cassettes()) == 2
    suite("TOKEN = 'replayed'\n" + source)
    sent = len(server.requests)
    run("--record-mode=none").assert_outcomes(passed=4)
    assert len(server.requests) == sent
