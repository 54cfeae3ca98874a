"""A test gets the same responses live, while recording and in a replay.

Each suite runs three times: without Reprise, recording, and replaying with the server stopped. The
values that its tests show have to be the same each time, for httpx and httpx2, sync and async.
"""

from __future__ import annotations

from ..harness.record_and_replay import RecordAndReplay

NOT_NEEDED = ("anyio", "base_url")
FORKS = True


def test_responses_are_passed_on_unchanged(record_and_replay: RecordAndReplay) -> None:
    """Status, reason phrase, HTTP version, headers, and the chunks of the compressed body."""
    shown = record_and_replay("""
        import pytest

        pytestmark = pytest.mark.vcr

        PATHS = (
            "json reason no-reason http10 headers gzip chunks empty 204 304 binary text latin none"
        )


        @pytest.mark.parametrize("path", PATHS.split())
        def test_get(exchange, show, path):
            show(exchange("GET", f"/{path}"))


        @pytest.mark.parametrize("path", ["binary", "json"])
        def test_head(exchange, show, path):
            show(exchange("HEAD", f"/{path}"))
    """)
    [gzipped] = shown["test_get[sync-httpx-gzip]"]
    assert len(gzipped["pieces"]) > 3
    [old] = shown["test_get[async-httpx2-http10]"]
    assert old["version"] == "HTTP/1.0"


def test_repeated_headers_keep_their_order(record_and_replay: RecordAndReplay) -> None:
    """Also when other headers are between them."""
    [headers] = record_and_replay("""
        import httpx
        import pytest


        @pytest.mark.vcr
        def test_get(base, show):
            response = httpx.get(base + "/separated-headers")
            show([name.decode() for name, _ in response.headers.raw])
    """)["test_get"]
    assert headers[:4] == ["Link", "X-Between", "Link", "x-between"]


def test_decoded_responses(record_and_replay: RecordAndReplay) -> None:
    """Text, JSON, lines, and chunks of a given size."""
    record_and_replay("""
        import pytest

        pytestmark = pytest.mark.vcr


        @pytest.mark.parametrize("path", ["gzip", "text", "latin", "empty", "binary"])
        def test_decoded(lib, base, show, path):
            response = lib.get(f"{base}/{path}")
            show([response.encoding, response.text, response.content.hex()])
            show([response.is_success, response.has_redirect_location, len(response.history)])
            show([response.elapsed.total_seconds() >= 0, response.num_bytes_downloaded])


        def test_json(lib, base, show):
            show(lib.get(base + "/gzip").json()[299])


        def test_own_pieces(lib, base, show):
            with lib.stream("GET", base + "/gzip") as response:
                show([piece.hex() for piece in response.iter_bytes(777)])
            with lib.stream("GET", base + "/chunks") as response:
                show([piece.hex() for piece in response.iter_raw(50)])


        def test_lines(lib, base, show):
            with lib.stream("GET", base + "/text") as response:
                show(list(response.iter_lines()))


        def test_not_to_be_decoded(lib, base, show):
            with pytest.raises(lib.DecodingError) as caught:
                lib.get(base + "/bad-gzip")
            show([str(caught.value), caught.value.request.url.path])


        def test_raise_for_status(lib, base, show):
            with pytest.raises(lib.HTTPStatusError) as caught:
                lib.get(base + "/none").raise_for_status()
            show(str(caught.value).replace(base, ""))
    """)


def test_requests_with_each_kind_of_body_and_method(record_and_replay: RecordAndReplay) -> None:
    """The server gets the same request as without Reprise."""
    shown = record_and_replay("""
        import io
        import pytest

        pytestmark = pytest.mark.vcr

        FILE = ("a.bin", b"\\x00\\x01--\\r\\n", "application/x-odd")
        HOW = {
            "nothing": lambda: {},
            "json": lambda: {"json": {"name": "zażółć", "n": [1, 2.5, None]}},
            "form": lambda: {"data": {"a": ["1", "2"], "b": "x y"}},
            "bytes": lambda: {"content": bytes(range(256))},
            "multipart": lambda: {"data": {"kind": "odd"}, "files": {"file": FILE}},
            "open file": lambda: {"files": [("f", ("f.txt", io.BytesIO(b"from a file")))]},
            "query": lambda: {"params": {"q": "a b", "tag": ["x", "y"]}},
        }


        @pytest.mark.parametrize("how", HOW)
        def test_send(exchange, show, how):
            show(exchange("PUT", "/received", **HOW[how]()))


        @pytest.mark.parametrize("method", ["DELETE", "OPTIONS", "PATCH", "PURGE"])
        def test_method(exchange, show, method):
            show(exchange(method, "/received"))
    """)
    [multipart] = shown["test_send[sync-httpx-multipart]"]
    sent = b"".join(map(bytes.fromhex, multipart["pieces"]))
    assert b"application/x-odd" in sent


def test_uploads_from_generators_are_sent_in_chunks(record_and_replay: RecordAndReplay) -> None:
    shown = record_and_replay("""
        import asyncio
        import pytest

        pytestmark = pytest.mark.vcr


        def pieces():
            yield b"one "
            yield b"two"


        async def async_pieces():
            for piece in pieces():
                yield piece


        def test_sync(lib, base, show):
            show(lib.post(base + "/received", content=pieces()).json())


        def test_async(lib, base, show):
            async def send():
                async with lib.AsyncClient(base_url=base) as client:
                    show((await client.post("/received", content=async_pieces())).json())

            asyncio.run(send())
    """)
    for [received] in shown.values():
        assert received["body"] == "one two"
        assert received["transfer-encoding"] == "chunked"


def test_a_generator_body_cannot_be_sent_twice(record_and_replay: RecordAndReplay) -> None:
    """After a redirect httpx cannot send the generator again; the test gets httpx's own error."""
    shown = record_and_replay("""
        import asyncio
        import pytest

        pytestmark = pytest.mark.vcr


        def test_sync(lib, base, show):
            with pytest.raises(lib.StreamConsumed) as caught:
                pieces = (piece for piece in (b"one ", b"two"))
                lib.post(base + "/redirect/again", content=pieces, follow_redirects=True)
            show(str(caught.value))


        def test_async(lib, base, show):
            async def pieces():
                yield b"one "

            async def send():
                async with lib.AsyncClient(follow_redirects=True) as client:
                    await client.post(base + "/redirect/again", content=pieces())

            with pytest.raises(lib.StreamConsumed) as caught:
                asyncio.run(send())
            show(str(caught.value))
    """)
    assert len(shown) == 4


def test_redirects_and_cookies(record_and_replay: RecordAndReplay) -> None:
    shown = record_and_replay("""
        import asyncio
        import pytest

        pytestmark = pytest.mark.vcr


        def trace(response, client):
            history = [(r.status_code, r.url.path) for r in response.history]
            next_request = response.next_request and response.next_request.url.path
            return [history, response.json(), dict(client.cookies), next_request]


        def test_sync(lib, base, show):
            with lib.Client(base_url=base, follow_redirects=True) as client:
                show(trace(client.post("/redirect", data={"a": "1"}), client))
                show(trace(client.get("/received"), client))


        def test_async(lib, base, show):
            async def follow():
                async with lib.AsyncClient(base_url=base, follow_redirects=True) as client:
                    show(trace(await client.post("/redirect", data={"a": "1"}), client))
                    show(trace(await client.get("/received"), client))

            asyncio.run(follow())


        def test_redirect_loop(lib, base, show):
            with lib.Client(base_url=base, follow_redirects=True, max_redirects=3) as client:
                with pytest.raises(lib.TooManyRedirects) as caught:
                    client.get("/redirect/round")
            show(str(caught.value))


        def test_step_by_step(lib, base, show):
            with lib.Client(base_url=base) as client:
                first = client.get("/redirect")
                second = client.send(first.next_request)
                show([first.headers["location"], second.status_code, second.cookies["hop"]])
    """)
    [followed, after] = shown["test_sync[httpx]"]
    assert followed[0] == [[302, "/redirect"], [307, "/redirect/again"]]
    assert after[1]["cookie"] == "hop=1"


def test_authentication_flows(record_and_replay: RecordAndReplay) -> None:
    """Both the 401 response and the second request with credentials are recorded."""
    shown = record_and_replay("""
        import asyncio
        import pytest

        pytestmark = pytest.mark.vcr


        def bearer(lib):
            class BearerAuth(lib.Auth):
                requires_response_body = True

                def auth_flow(self, request):
                    response = yield request
                    if response.status_code == 401:
                        request.headers["Authorization"] = f"Bearer {response.json()['detail']}"
                        yield request

            return BearerAuth()


        AUTH = {
            "basic": lambda lib: lib.BasicAuth("ada", "s3cret"),
            "digest": lambda lib: lib.DigestAuth("ada", "s3cret"),
            "bearer": bearer,
        }


        @pytest.fixture(params=AUTH)
        def auth(request, lib):
            return request.param, AUTH[request.param](lib)


        def test_sync(lib, base, show, auth):
            name, flow = auth
            with lib.Client(base_url=base, auth=flow) as client:
                for _ in range(2):
                    response = client.get(f"/auth/{name}")
                    show([response.json(), [r.status_code for r in response.history]])


        def test_async(lib, base, show, auth):
            name, flow = auth

            async def ask():
                async with lib.AsyncClient(base_url=base, auth=flow) as client:
                    response = await client.get(f"/auth/{name}")
                    show([response.json(), [r.status_code for r in response.history]])

            asyncio.run(ask())
    """)
    assert shown["test_sync[httpx-digest]"][0] == [{"scheme": "Digest"}, [401]]


def test_event_hooks_of_a_client(record_and_replay: RecordAndReplay) -> None:
    """A header that a hook adds is sent, and a hook can read the body of a response."""
    shown = record_and_replay("""
        import asyncio
        import pytest

        pytestmark = pytest.mark.vcr


        def test_sync(lib, base, show):
            def add(request):
                request.headers["X-Hook"] = "added"

            def read(response):
                show(["hook", response.status_code, response.read().decode()])

            with lib.Client(event_hooks={"request": [add], "response": [read]}) as client:
                show(client.get(base + "/received").json())


        def test_async(lib, base, show):
            async def add(request):
                request.headers["X-Hook"] = "added"

            async def read(response):
                show(["hook", response.status_code, (await response.aread()).decode()])

            async def ask():
                hooks = {"request": [add], "response": [read]}
                async with lib.AsyncClient(event_hooks=hooks) as client:
                    show((await client.get(base + "/received")).json())

            asyncio.run(ask())
    """)
    assert shown["test_async[httpx2]"][1]["x-hook"] == "added"


def test_extensions_of_a_response(record_and_replay: RecordAndReplay) -> None:
    """The connection is gone on replay, and the code that asks for it still runs."""
    record_and_replay("""
        import asyncio
        import os
        import pytest

        from pytest_reprise import RequestNotRecorded

        pytestmark = pytest.mark.vcr
        IS_REPLAY = os.environ["SHOWN_FILE"].endswith("replayed.jsonl")


        def seen(response):
            stream = response.extensions["network_stream"]
            host, port = stream.get_extra_info("server_addr")
            tls = stream.get_extra_info("ssl_object")
            return [sorted(response.extensions), host, port == response.url.port, tls]


        def test_sync(lib, base, show):
            with lib.Client() as client, client.stream("GET", base + "/received") as response:
                show(seen(response))
                if IS_REPLAY:
                    with pytest.raises(RequestNotRecorded, match="is replayed"):
                        response.extensions["network_stream"].read(10)
                    response.extensions["network_stream"].close()


        def test_async(lib, base, show):
            async def ask():
                async with lib.AsyncClient() as client:
                    async with client.stream("GET", base + "/received") as response:
                        show(seen(response))
                        if IS_REPLAY:
                            with pytest.raises(RequestNotRecorded, match="is replayed"):
                                await response.extensions["network_stream"].write(b"it")
                            await response.extensions["network_stream"].aclose()

            asyncio.run(ask())
    """)
