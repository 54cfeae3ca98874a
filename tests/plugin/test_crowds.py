"""A crowd of calls on one cassette: each gets an answer of its own, and each answer is given once.

Recorded one after the other, replayed all at once: by tasks, by threads, alike and distinct, with
the bytes that were recorded and with others that mean the same.
"""

from __future__ import annotations

import pytest

from ..harness.runs import Run, Server, Suite

NOT_NEEDED = ("base_url", "asyncio", "xdist", "reverse", "faker")

CALLS = """
    import asyncio, json, os
    from concurrent.futures import ThreadPoolExecutor

    import httpx
    import pytest

    pytestmark = pytest.mark.vcr
    MANY, WAY = 1000, os.environ.get("WAY", "in turn")


    @pytest.fixture(scope="module")
    def base():
        return os.environ["API_BASE_URL"]


    def body(number):
        named = {"number": number, "name": "Ada", "list": [number]}
        return dict(reversed(named.items())) if WAY == "reordered" else named


    def all_of(base, method, path, bodies):
        if WAY == "gathered":
            return asyncio.run(gathered(base, method, path, bodies))
        with httpx.Client(base_url=base) as client:
            def ask(body):
                return client.request(method, path, json=body).json()
            with ThreadPoolExecutor(1 if WAY == "in turn" else 16) as pool:
                return list(pool.map(ask, bodies))


    async def gathered(base, method, path, bodies):
        async with httpx.AsyncClient(base_url=base) as client:
            calls = (client.request(method, path, json=body) for body in bodies)
            return [answer.json() for answer in await asyncio.gather(*calls)]


    def test_alike(base):
        answers = all_of(base, "GET", "/count", [None] * MANY)
        assert sorted(answer["n"] for answer in answers) == list(range(1, MANY + 1))


    def test_distinct(base):
        answers = all_of(base, "POST", "/echo", map(body, range(MANY)))
        assert [json.loads(answer["body"])["number"] for answer in answers] == list(range(MANY))
"""


def test_each_call_gets_its_own_answer(
    suite: Suite, run: Run, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    suite(CALLS)
    run("--record-mode=once").assert_outcomes(passed=2)
    recorded = len(server.calls)

    for way in ("gathered", "threads", "reordered"):
        monkeypatch.setenv("WAY", way)
        run().assert_outcomes(passed=2)

    assert len(server.calls) == recorded == 2000
