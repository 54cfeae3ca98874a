"""An httpx client creates its connection pool and SSL context only when it has to connect.

In a replay it never connects, so a replay does not pay for them.
"""

from __future__ import annotations

from textwrap import dedent

from ..harness.installed import at_least
from ..harness.runs import Run, Server, Suite

NOT_NEEDED = ("anyio", "base_url", "asyncio", "xdist", "reverse", "faker")

CONFTEST = """
    import os
    import ssl
    import sys

    import pytest

    BASE = os.environ["API_BASE_URL"]
    contexts = []
    original = ssl.create_default_context


    def create_default_context(*args, **kwargs):
        contexts.append(args)
        return original(*args, **kwargs)


    ssl.create_default_context = create_default_context


    def pytest_unconfigure():
        print("contexts", len(contexts), "httpcore", "httpcore" in sys.modules)
"""

MANY_CLIENTS = """
    import asyncio
    import os

    import httpx
    import pytest

    BASE = os.environ["API_BASE_URL"]


    @pytest.mark.vcr
    @pytest.mark.parametrize("n", range(5))
    def test_many(n):
        with httpx.Client() as client:
            assert client.get(f"{BASE}/status/200?n={n}").is_success
        left_open = httpx.Client()
        assert left_open.get(f"{BASE}/status/201?n={n}").is_success

        async def ask():
            async with httpx.AsyncClient() as client:
                assert (await client.get(f"{BASE}/status/202?n={n}")).is_success
            closed = httpx.AsyncClient()
            await closed.aclose()

        asyncio.run(ask())
"""


def test_a_replay_creates_no_ssl_context(suite: Suite, run: Run, server: Server) -> None:
    suite(MANY_CLIENTS, conftest=CONFTEST)
    recorded = run("-s", "--record-mode=once")
    recorded.assert_outcomes(passed=5)
    recorded.stdout.fnmatch_lines("contexts * httpcore True")
    server.stop()

    replayed = run("-s")

    replayed.assert_outcomes(passed=5)
    imports = not at_least("httpx", "0.28")  # older releases import httpcore with httpx
    replayed.stdout.fnmatch_lines(f"contexts 0 httpcore {imports}")


SHARED_CLIENTS = """
    import asyncio
    import os
    import threading

    import httpx
    import pytest

    BASE = os.environ["API_BASE_URL"]
    NONE_KEPT = httpx.Limits(max_keepalive_connections=0)


    @pytest.fixture(scope="session")
    def clients():
        with httpx.Client() as client:
            yield client, httpx.AsyncClient(limits=NONE_KEPT), threading.Barrier(8)


    @pytest.mark.vcr
    def test_replayed(clients):
        client, async_client, _ = clients
        assert client.get(BASE + "/count").json() == {"n": 1}

        async def ask():
            return await async_client.get(BASE + "/count")

        assert asyncio.run(ask()).json() == {"n": 2}


    def test_live(clients):
        client, async_client, barrier = clients
        counts = []

        def ask():
            barrier.wait()
            counts.append(client.get(BASE + "/count").json()["n"])

        threads = [threading.Thread(target=ask) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(set(counts)) == 8

        async def ask_async():
            answer = await async_client.get(BASE + "/count")
            await async_client.aclose()
            return answer

        assert asyncio.run(ask_async()).json()["n"] == max(counts) + 1
"""


def test_a_client_that_only_replayed_can_connect_later(
    suite: Suite, run: Run, server: Server
) -> None:
    """An unrecorded test then sends requests with it from 8 threads at the same time."""
    suite(SHARED_CLIENTS)
    run("--record-mode=once").assert_outcomes(passed=2)
    server.requests.clear()

    run().assert_outcomes(passed=2)

    assert len(server.requests) == 9


CUSTOM_TRANSPORTS = """
    import os

    import httpx
    import pytest

    pytestmark = pytest.mark.vcr
    KEPT = []


    class Own(httpx.HTTPTransport):
        def __getattr__(self, name):
            return "own"


    def test_a_class_that_looks_for_attributes_itself():
        assert Own().anything == "own"
        with httpx.Client(transport=Own()) as client:
            assert client.get(os.environ["API_BASE_URL"] + "/count").is_success


    class WithPool(httpx.HTTPTransport):
        def __init__(self):
            super().__init__()
            self._pool = httpx.MockTransport(None)


    def test_what_a_class_sets_itself_stays():
        transport = WithPool()
        assert not hasattr(transport, "anything")
        assert isinstance(transport._pool, httpx.MockTransport)


    def test_what_is_wrong_is_said_at_once():
        with pytest.raises(OSError):
            httpx.Client(verify="no/such/file.pem")


    def test_attributes_are_there_for_who_asks():
        client = httpx.Client(limits=httpx.Limits(max_connections=7))
        assert client._transport._pool._max_connections == 7
        with pytest.raises(AttributeError, match="nothing"):
            httpx.HTTPTransport().nothing
        KEPT.append(httpx.HTTPTransport())
"""


def test_custom_transports_keep_their_attributes(suite: Suite, run: Run) -> None:
    kept = """
        def pytest_unconfigure():
            import test_suite
            [kept] = test_suite.KEPT
            print("kept", "_pool" in vars(kept))
    """
    suite(CUSTOM_TRANSPORTS, conftest=dedent(kept))
    run("--record-mode=once").assert_outcomes(passed=4)

    replayed = run("-s")

    replayed.assert_outcomes(passed=4)
    replayed.stdout.fnmatch_lines("kept True")
