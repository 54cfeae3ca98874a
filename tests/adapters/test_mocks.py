"""What a mock answers is not recorded, and the mock answers on replay, too."""

from __future__ import annotations

import pytest

from ..harness.runs import Cassettes, Run, Server, Suite, recorded

NOT_NEEDED = ("asyncio", "base_url", "xdist", "Faker")

MOCKED = """
    import os

    import httpx
    import pytest
    import respx

    pytestmark = [pytest.mark.vcr, pytest.mark.anyio]
    URL = os.environ["API_BASE_URL"]


    def get(path, **how):
        with httpx.Client(**how) as client:
            return client.get(URL + path).text


    async def aget(path, **how):
        async with httpx.AsyncClient(**how) as client:
            return (await client.get(URL + path)).text


    @pytest.fixture(scope="module")
    def anyio_backend():
        return "asyncio"


    @pytest.mark.parametrize("using", ["httpcore", "httpx"])
    async def test_respx(using):
        with respx.mock(using=using) as mock:
            mocked = mock.get(URL + "/mocked").respond(text="by respx")
            failing = mock.get(URL + "/fails").mock(side_effect=httpx.ReadTimeout)
            mock.get(host="127.0.0.1").pass_through()
            for _ in range(2):
                assert (get("/mocked"), await aget("/mocked")) == ("by respx", "by respx")
                with pytest.raises(httpx.ReadTimeout):
                    get("/fails")
                with pytest.raises(httpx.ReadTimeout):
                    await aget("/fails")
            assert (mocked.call_count, failing.call_count) == (4, 4)
            assert (get("/passed"), await aget("/passed")) == ("real", "real")
        assert (get("/mocked"), await aget("/mocked")) == ("real", "real")


    async def test_fixture(respx_mock):
        get_it = respx_mock.get(URL + "/mocked").respond(204)
        get("/mocked")
        await aget("/mocked")
        assert get_it.call_count == 2


    async def test_httpx_mock(httpx_mock):
        httpx_mock.add_response(text="mocked", is_reusable=True)
        assert (get("/mocked"), await aget("/mocked")) == ("mocked", "mocked")


    @pytest.mark.httpx_mock(should_mock=lambda request: request.url.path == "/mocked")
    async def test_httpx_mock_passes_on(httpx_mock):
        httpx_mock.add_response(text="mocked", is_reusable=True)
        assert (get("/mocked"), await aget("/mocked")) == ("mocked", "mocked")
        assert (get("/passed"), await aget("/passed")) == ("real", "real")


    def wsgi(environ, start_response):
        start_response("202 Accepted", [])
        return [b"wsgi"]


    async def test_transports():
        mock = httpx.MockTransport(lambda request: httpx.Response(200, text="mock"))
        assert get("/mocked", transport=mock) == await aget("/mocked", transport=mock) == "mock"
        assert get("/mocked", transport=httpx.WSGITransport(wsgi)) == "wsgi"
        assert get("/real") == "real"
"""


@pytest.mark.parametrize("in_process", [False, True])
def test_mocks_answer_while_recording_and_on_replay(
    suite: Suite, run: Run, server: Server, cassettes: Cassettes, in_process: bool
) -> None:
    for path in ("mocked", "passed", "real"):
        server.answers[f"/{path}"] = 200, {}, b"real"
    suite(MOCKED, ini="reprise_in_process = true" if in_process else "")
    plugins = ("-p", "respx", "-p", "pytest_httpx")
    run(*plugins, "--record-mode=once").assert_outcomes(passed=6)
    calls = {name.partition("/")[2]: recorded(text) for name, text in cassettes().items()}
    of_respx = ["GET /passed"] * 2 + ["GET /mocked"] * 2
    in_transports = ["GET /mocked"] * 3 if in_process else []
    assert calls == {
        "test_respx[httpcore]": of_respx,
        "test_respx[httpx]": of_respx,
        "test_httpx_mock_passes_on": ["GET /passed"] * 2,
        "test_transports": [*in_transports, "GET /real"],
    }
    server.stop()
    run(*plugins).assert_outcomes(passed=6)
