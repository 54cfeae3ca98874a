"""Concurrent requests get their own responses, whatever the order of the responses was.

Each suite runs three times, as in test_httpx.py. The server waits for all requests and answers
them in reverse order.
"""

from __future__ import annotations

from ..harness.record_and_replay import RecordAndReplay

HELPERS = """
    import asyncio
    from concurrent.futures import ThreadPoolExecutor

    import anyio
    import pytest

    pytestmark = pytest.mark.vcr


    def numbered(number):
        return {"headers": {"X-Request-Id": str(number)}}


    def in_threads(count, ask):
        with ThreadPoolExecutor(count) as pool:
            return list(pool.map(ask, range(count)))
"""


def test_requests_of_concurrent_tasks_get_their_own_responses(
    record_and_replay: RecordAndReplay,
) -> None:
    shown = record_and_replay(
        HELPERS
        + """
    def gathered(lib, base, urls):
        async def ask(client, number, url):
            return (await client.get(url, **numbered(number))).json()

        async def ask_all():
            async with lib.AsyncClient(base_url=base) as client:
                calls = (ask(client, number, url) for number, url in enumerate(urls))
                return await asyncio.gather(*calls)

        return asyncio.run(ask_all())


    def test_distinct(lib, base, show):
        show(gathered(lib, base, [f"/turns/distinct-{lib.__name__}/50?n={n}" for n in range(50)]))


    def test_identical(lib, base, show):
        show(gathered(lib, base, [f"/turns/like-{lib.__name__}/50"] * 50))


    @pytest.fixture(params=["asyncio", "trio"])
    def anyio_backend(request):
        return request.param


    @pytest.mark.anyio
    async def test_task_group(lib, base, show, request):
        answers = {}

        async def ask(client, number):
            url = f"/turns/{request.node.callspec.id}/20?n={number}"
            answers[number] = (await client.get(url, **numbered(number))).json()

        async with lib.AsyncClient(base_url=base) as client, anyio.create_task_group() as group:
            for number in range(20):
                group.start_soon(ask, client, number)
        show([answers[number] for number in range(20)])
    """
    )
    for [answers] in shown.values():
        assert [answer["number"] for answer in answers] == list(range(len(answers)))


def test_requests_of_concurrent_threads_get_their_own_responses(
    record_and_replay: RecordAndReplay,
) -> None:
    shown = record_and_replay(
        HELPERS
        + """
    def test_distinct(lib, base, show):
        with lib.Client(base_url=base) as client:
            def ask(number):
                url = f"/turns/distinct-{lib.__name__}/16?n={number}"
                return client.get(url, **numbered(number)).json()["number"]

            show(in_threads(16, ask))


    def test_identical(lib, base, show):
        # Which of the identical requests starts first is random, so the test sorts their responses.
        def ask(number):
            return lib.get(f"{base}/turns/like-{lib.__name__}/16", **numbered(number)).json()

        show(sorted(answer["number"] for answer in in_threads(16, ask)))


    def test_a_client_and_an_event_loop_for_each_thread(lib, base, show):
        def ask(number):
            async def send():
                async with lib.AsyncClient(base_url=base) as client:
                    url = f"/turns/loops-{lib.__name__}/8"
                    return (await client.post(url, json=number, **numbered(number))).json()

            return asyncio.run(send())["number"]

        show(in_threads(8, ask))
    """
    )
    for [numbers] in shown.values():
        assert numbers == list(range(len(numbers)))


def test_other_tasks_run_while_a_request_is_awaited(record_and_replay: RecordAndReplay) -> None:
    """Also in a replay, which could answer without giving control to the event loop."""
    shown = record_and_replay(
        HELPERS
        + """
    def test_meanwhile(lib, base, show):
        async def ask():
            done = []

            async def work():
                done.append("work")

            async with lib.AsyncClient(base_url=base) as client:
                task = asyncio.create_task(work())
                await client.get("/json")
                show(list(done))
                await task

        asyncio.run(ask())
    """
    )
    assert all(done == ["work"] for [done] in shown.values())
