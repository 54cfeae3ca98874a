"""Every httpx client is recorded, wherever it was created and whatever wraps its transport.

Each suite runs three times, as in test_httpx.py.
"""

from __future__ import annotations

from ..harness.record_and_replay import RecordAndReplay

NOT_NEEDED = ("anyio", "base_url")


def test_clients_created_anywhere_are_recorded(record_and_replay: RecordAndReplay) -> None:
    """At import, in an SDK, in a session fixture, several in one test, or no client at all."""
    record_and_replay(
        """
        import os
        import pytest
        import httpx
        import httpx2
        import sdk

        pytestmark = pytest.mark.vcr
        AT_IMPORT = {lib.__name__: lib.Client() for lib in (httpx, httpx2)}


        @pytest.fixture(scope="session")
        def shared():
            with httpx.Client() as client:
                yield client


        def test_at_import(lib, base, show):
            show(AT_IMPORT[lib.__name__].get(base + "/json").json())


        def test_in_an_sdk(show):
            show(sdk.fetch("/json"))


        def test_of_the_session(shared, base, show):
            show(shared.get(base + "/json").json())


        def test_of_the_session_again(shared, base, show):
            show(shared.get(base + "/nth/session").json())


        def test_several(base, show):
            with httpx.Client(base_url=base) as one, httpx2.Client(base_url=base) as two:
                show([client.get("/nth/several").json() for client in (one, two, one, two)])


        def test_top_level(lib, base, show):
            show([lib.get(base + "/nth/top").json(), lib.post(base + "/received").json()])


        def test_through_a_proxy(lib, base, show):
            # The server accepts any absolute URL, as a proxy does, and answers with 404.
            with lib.Client(proxy=base) as client:
                show(client.get("http://elsewhere.invalid/json").json())


        def test_built_request(lib, base, show):
            with lib.Client(base_url=base) as client:
                request = client.build_request("GET", "/json", headers={"X-Built": "by hand"})
                response = client.send(request)
            show([response.json(), response.request is request])
        """,
        sdk="""
        import os
        import httpx

        _client = httpx.Client(base_url=os.environ["API_BASE_URL"])


        def fetch(path):
            return _client.get(path).json()
        """,
    )


def test_each_attempt_of_a_retrying_transport_is_recorded(
    record_and_replay: RecordAndReplay,
) -> None:
    """For subclasses of a transport and for transports that wrap another one."""
    shown = record_and_replay("""
        import asyncio
        import pytest

        pytestmark = pytest.mark.vcr


        def subclass(lib):
            class Retrying(lib.HTTPTransport):
                def handle_request(self, request):
                    for _ in range(5):
                        try:
                            response = super().handle_request(request)
                        except lib.ReadError:
                            continue
                        if response.status_code < 500:
                            return response
                        response.close()
                    raise AssertionError("too many attempts")

            return Retrying()


        def wrapper(lib):
            class Retrying(lib.BaseTransport):
                def __init__(self):
                    self.inner = lib.HTTPTransport()

                def handle_request(self, request):
                    for _ in range(5):
                        try:
                            response = self.inner.handle_request(request)
                        except lib.TransportError:
                            continue
                        response.read()
                        if response.is_success:
                            return response
                    raise AssertionError("too many attempts")

                def close(self):
                    self.inner.close()

            return Retrying()


        @pytest.fixture(params=[subclass, wrapper], ids=["subclass", "wrapper"])
        def retrying(request, lib):
            return request.param(lib)


        def test_retrying(lib, retrying, base, show, request):
            with lib.Client(transport=retrying) as client:
                show(client.get(f"{base}/flaky/{request.node.callspec.id}").json())


        def test_mounts(lib, retrying, base, show, request):
            mounts = {base + "/": retrying, "all://elsewhere.example": lib.HTTPTransport()}
            with lib.Client(mounts=mounts) as client:
                show(client.get(f"{base}/flaky/{request.node.callspec.id}-mounted").json())


        def test_async(lib, base, show):
            class Retrying(lib.AsyncHTTPTransport):
                async def handle_async_request(self, request):
                    while True:
                        try:
                            response = await super().handle_async_request(request)
                        except lib.ReadError:
                            continue
                        if response.status_code == 200:
                            return response
                        await response.aclose()

            async def ask():
                async with lib.AsyncClient(transport=Retrying()) as client:
                    show((await client.get(f"{base}/flaky/async-{lib.__name__}")).json())

            asyncio.run(ask())
    """)
    assert all(third == {"nth": 3} for [third] in shown.values())


def test_streams_that_are_not_read_to_the_end(record_and_replay: RecordAndReplay) -> None:
    """The recording holds what the test has read."""
    shown = record_and_replay("""
        import asyncio
        import itertools
        import pytest

        pytestmark = pytest.mark.vcr


        def test_some_pieces(lib, base, show):
            with lib.stream("GET", base + "/chunks") as response:
                show([piece.hex() for piece in itertools.islice(response.iter_raw(), 2)])


        def test_endless(lib, base, show):
            with lib.stream("GET", base + "/sse") as response:
                show(list(itertools.islice(response.iter_lines(), 30)))


        def test_endless_async(lib, base, show):
            async def listen():
                lines = []
                async with lib.AsyncClient() as client, client.stream("GET", base + "/sse") as r:
                    async for line in r.aiter_lines():
                        lines.append(line)
                        if len(lines) == 30:
                            break
                show(lines)

            asyncio.run(listen())


        def test_only_the_head(exchange, lib, base, show):
            with lib.stream("GET", base + "/gzip") as response:
                show(response.status_code)


        def test_never_closed(lib, base, show):
            client = lib.Client()
            response = client.send(client.build_request("GET", base + "/gzip"), stream=True)
            show([response.status_code, response.is_closed])


        def test_never_closed_async(lib, base, show):
            async def ask():
                client = lib.AsyncClient()
                request = client.build_request("GET", base + "/sse")
                response = await client.send(request, stream=True)
                show([response.status_code, response.is_closed])

            asyncio.run(ask())


        def test_begun_and_never_closed_async(lib, base, show):
            async def ask():
                client = lib.AsyncClient()
                request = client.build_request("GET", base + "/chunks")
                response = await client.send(request, stream=True)
                pieces = response.aiter_raw()
                show([response.status_code, (await anext(pieces)).hex()])

            asyncio.run(ask())
    """)
    assert shown["test_endless[httpx]"][0][:5] == [
        "event: tick",
        "data: 0",
        "",
        "event: tick",
        "data: 1",
    ]
