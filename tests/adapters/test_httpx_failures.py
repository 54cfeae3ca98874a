"""A connection failure is recorded, and a replay raises the same error.

Each suite runs three times, as in test_httpx.py.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ..harness.raw_server import refusing, unreachable
from ..harness.record_and_replay import RecordAndReplay

DESCRIBE = """
    import os
    import asyncio
    import pytest

    pytestmark = pytest.mark.vcr


    def describe(error):
        cause = type(error)
        request = error.request
        return [cause.__module__, cause.__name__, str(error), request.method, request.url.path]
"""


@pytest.fixture(autouse=True)
def _unusable_ports(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with refusing() as refused, unreachable() as full:
        monkeypatch.setenv("REFUSED", refused)
        monkeypatch.setenv("FULL", full)
        yield


def test_failures_before_the_response_are_replayed(
    record_and_replay: RecordAndReplay, pytester: pytest.Pytester
) -> None:
    shown = record_and_replay(
        DESCRIBE
        + """
    PATHS = "hangup reset garbage silent".split()
    IMPATIENT = {"timeout": 0.3}


    @pytest.mark.parametrize("path", PATHS)
    def test_answer(exchange, lib, show, path):
        with pytest.raises(lib.TransportError) as caught:
            exchange("POST", f"/{path}", json={"n": 1}, **IMPATIENT if path == "silent" else {})
        show(describe(caught.value))


    @pytest.fixture(params=["sync", "async"])
    def get(request, lib):
        def get_async(url, **how):
            async def ask():
                async with lib.AsyncClient() as client:
                    await client.get(url, **how)

            asyncio.run(ask())

        return lib.get if request.param == "sync" else get_async


    def test_refused(get, lib, show):
        with pytest.raises(lib.ConnectError) as caught:
            get(os.environ["REFUSED"] + "/refused")
        show(describe(caught.value))


    def test_unreachable(get, lib, show):
        with pytest.raises(lib.ConnectTimeout) as caught:
            get(os.environ["FULL"] + "/full", timeout=0.3)
        show(describe(caught.value))


    def test_of_another_kind(get, lib, show):
        with pytest.raises(lib.UnsupportedProtocol) as caught:
            get("gopher://127.0.0.1/old")
        show(describe(caught.value))
    """
    )
    kinds = {name.partition("[")[2][:-1]: of[0][1] for name, of in shown.items()}
    assert kinds["sync-httpx-hangup"] == kinds["async-httpx2-garbage"] == "RemoteProtocolError"
    assert kinds["sync-httpx2-reset"] == "ReadError"
    assert kinds["async-httpx-silent"] == "ReadTimeout"
    assert_loaded_by_vcrpy(pytester, len(shown))


def test_failures_within_the_body_are_replayed(
    record_and_replay: RecordAndReplay, pytester: pytest.Pytester
) -> None:
    """The test first gets the part of the body that arrived before the failure."""
    shown = record_and_replay(
        DESCRIBE
        + """
    PATHS = ["broken", "broken-chunks", "stalled"]


    @pytest.mark.parametrize("path", PATHS)
    def test_sync(lib, base, show, path):
        pieces = []
        with pytest.raises(lib.TransportError) as caught:
            with lib.stream("GET", f"{base}/{path}", timeout=0.5) as response:
                show([response.status_code, response.reason_phrase])
                for piece in response.iter_raw():
                    pieces.append(piece.decode())
        show([pieces, describe(caught.value)])


    @pytest.mark.parametrize("path", PATHS)
    def test_async(lib, base, show, path):
        async def ask():
            async with lib.AsyncClient(timeout=0.5) as client:
                async with client.stream("GET", f"{base}/{path}") as response:
                    async for piece in response.aiter_raw():
                        show(piece.decode())

        with pytest.raises(lib.TransportError) as caught:
            asyncio.run(ask())
        show(describe(caught.value))


    def test_read_at_once(lib, base, show):
        with pytest.raises(lib.RemoteProtocolError) as caught:
            lib.get(base + "/broken")
        show(describe(caught.value))


    def test_reset(lib, base, show):
        with pytest.raises(lib.ReadError) as caught:
            with lib.stream("GET", f"{base}/held/{lib.__name__}") as response:
                pieces = response.iter_raw()
                show(next(pieces).decode())
                show(lib.get(f"{base}/release/{lib.__name__}").json())
                next(pieces)
        show(describe(caught.value))
    """
    )
    assert shown["test_sync[httpx-broken]"][1][0] == ["half"]
    assert_loaded_by_vcrpy(pytester, len(shown))


def test_pool_timeouts_are_replayed(record_and_replay: RecordAndReplay) -> None:
    record_and_replay(
        DESCRIBE
        + """
    def test_pool(lib, base, show):
        patience = lib.Timeout(10, pool=0.1)
        with lib.Client(limits=lib.Limits(max_connections=1), timeout=patience) as client:
            with client.stream("GET", base + "/chunks") as response:
                pieces = response.iter_raw()
                next(pieces)
                with pytest.raises(lib.PoolTimeout) as caught:
                    client.get(base + "/json")
        show(describe(caught.value))
    """
    )


def test_cancelled_requests_are_replayed(
    record_and_replay: RecordAndReplay, pytester: pytest.Pytester
) -> None:
    """The request is cancelled in the replay too, and the next request is answered."""
    shown = record_and_replay(
        DESCRIBE
        + """
    import anyio


    def run(lib, base, scenario):
        async def main():
            async with lib.AsyncClient(base_url=base, timeout=60) as client:
                await scenario(client)

        asyncio.run(main())


    def test_wait_for(lib, base, show):
        async def scenario(client):
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(client.get("/silent"), 0.05)
            show((await client.get("/json")).json())

        run(lib, base, scenario)


    def test_cancelled_within_the_body(lib, base, show):
        async def scenario(client):
            async def listen():
                async with client.stream("GET", "/stalled") as response:
                    async for piece in response.aiter_raw():
                        show(piece.decode())
                        asyncio.get_running_loop().call_soon(task.cancel)

            task = asyncio.create_task(listen())
            await asyncio.gather(task, return_exceptions=True)
            show(task.cancelled())

        run(lib, base, scenario)


    def test_cancelled(lib, base, show):
        async def scenario(client):
            task = asyncio.create_task(client.get("/silent"))
            await asyncio.sleep(0)
            assert task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            show([task.cancelled(), (await client.get("/json")).json()])

        run(lib, base, scenario)


    def test_first_answer_wins(lib, base, show):
        async def scenario(client):
            tasks = [asyncio.create_task(client.get(path)) for path in ("/silent", "/json")]
            done, pending = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in pending:
                task.cancel()
            await asyncio.gather(*pending, return_exceptions=True)
            show([[task.result().json() for task in done], len(pending)])

        run(lib, base, scenario)


    @pytest.fixture(params=["asyncio", "trio"])
    def anyio_backend(request):
        return request.param


    @pytest.mark.anyio
    async def test_fail_after(lib, base, show):
        async with lib.AsyncClient(base_url=base, timeout=60) as client:
            with pytest.raises(TimeoutError), anyio.fail_after(0.05):
                await client.get("/silent")
            show((await client.get("/json")).json())


    @pytest.mark.anyio
    async def test_cancelled_stream(lib, base, show):
        async with lib.AsyncClient(base_url=base, timeout=60) as client:
            with anyio.CancelScope() as scope:
                async with client.stream("GET", "/stalled") as response:
                    async for piece in response.aiter_raw():
                        show(piece.decode())
                        scope.cancel()
            show(scope.cancelled_caught)
    """
    )
    assert shown["test_cancelled_stream[trio-httpx]"] == ["half", True]
    assert_loaded_by_vcrpy(pytester, len(shown))


def assert_loaded_by_vcrpy(pytester: pytest.Pytester, count: int) -> None:
    import vcr  # slow to import, and only needed here

    cassettes = sorted(pytester.path.rglob("*.yaml"))
    assert len(cassettes) == count
    for path in cassettes:
        with vcr.use_cassette(str(path), record_mode="none") as cassette:
            assert len(cassette), path.name
