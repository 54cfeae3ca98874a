"""1000 concurrent requests on one cassette: each recorded response is replayed exactly once.

The requests are recorded one after the other. They are replayed at the same time, by tasks and by
threads, with the recorded bytes and with the same JSON in another order of keys.
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
    MANY, ORDER = 1000, os.environ.get("ORDER", "one by one")


    @pytest.fixture(scope="module")
    def base():
        return os.environ["API_BASE_URL"]


    def body(number):
        named = {"number": number, "name": "Ada", "list": [number]}
        return dict(reversed(named.items())) if ORDER == "reordered" else named


    def send_all(base, method, path, bodies):
        if ORDER == "gathered":
            return asyncio.run(gathered(base, method, path, bodies))
        with httpx.Client(base_url=base) as client:
            def ask(body):
                return client.request(method, path, json=body).json()
            with ThreadPoolExecutor(1 if ORDER == "one by one" else 16) as pool:
                return list(pool.map(ask, bodies))


    async def gathered(base, method, path, bodies):
        async with httpx.AsyncClient(base_url=base) as client:
            calls = (client.request(method, path, json=body) for body in bodies)
            return [answer.json() for answer in await asyncio.gather(*calls)]


    def test_identical_requests(base):
        answers = send_all(base, "GET", "/count", [None] * MANY)
        assert sorted(answer["n"] for answer in answers) == list(range(1, MANY + 1))


    def test_distinct_requests(base):
        answers = send_all(base, "POST", "/echo", map(body, range(MANY)))
        assert [json.loads(answer["body"])["number"] for answer in answers] == list(range(MANY))
"""


def test_each_recorded_response_is_replayed_once(
    suite: Suite, run: Run, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    suite(CALLS)
    run("--record-mode=once").assert_outcomes(passed=2)
    recorded = len(server.calls)

    for order in ("gathered", "threads", "reordered"):
        monkeypatch.setenv("ORDER", order)
        run().assert_outcomes(passed=2)

    assert len(server.calls) == recorded == 2000
