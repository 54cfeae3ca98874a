"""Unrecorded tests, and mocks in recorded tests, behave as they do without Reprise installed."""

from __future__ import annotations

from textwrap import dedent

import pytest

from ..harness.installed import at_least
from ..harness.record_and_replay import CONFTEST, Shown, assert_same, read_shown
from ..harness.runs import Cassettes, Run, Server, Suite

NOT_NEEDED = ("anyio", "base_url")

MOCKS = ("-p", "respx", "-p", "pytest_httpx")
PLAIN = ("-p", "no:reprise")

TEST_FUNCTIONS = """
    import asyncio
    import socket
    import httpx
    import pytest
    import respx

    URL = "http://api.invalid/thing"


    async def asgi(scope, receive, send):
        await send({"type": "http.response.start", "status": 201, "headers": [(b"x-in", b"asgi")]})
        await send({"type": "http.response.body", "body": b"in process"})


    def wsgi(environ, start_response):
        start_response("202 Accepted", [("X-In", "wsgi")])
        return [b"in process"]


    def answer(request):
        return httpx.Response(203, text="in process")


    def ask(transport=None, url=URL):
        with httpx.Client(transport=transport) as client:
            response = client.get(url)
        return [response.status_code, response.text]


    def ask_async(transport=None, url=URL):
        async def send():
            async with httpx.AsyncClient(transport=transport) as client:
                response = await client.get(url)
                return [response.status_code, response.text]

        return asyncio.run(send())


    @respx.mock
    def respx_mocked(show):
        route = respx.get(URL).respond(204)
        show([ask(), ask_async(), route.call_count])


    def respx_incomplete(show, respx_mock):
        respx_mock.get("http://api.invalid/other").respond(204)
        with pytest.raises(respx.models.AllMockedAssertionError) as caught:
            ask()
        show(str(caught.value))
        ask(url="http://api.invalid/other")


    def httpx_mocked(show, httpx_mock):
        httpx_mock.add_response(status_code=206, text="mocked")
        httpx_mock.add_exception(httpx.ReadTimeout("as asked"))
        show([ask(), len(httpx_mock.get_requests())])
        with pytest.raises(httpx.ReadTimeout, match="as asked"):
            ask_async()


    def mock_transport(show):
        show([ask(httpx.MockTransport(answer)), ask_async(httpx.MockTransport(answer))])


    def asgi_transport(show):
        show(ask_async(httpx.ASGITransport(asgi)))


    def wsgi_transport(show):
        show(ask(httpx.WSGITransport(wsgi)))


    def live(show, base):
        show([ask(url=base + "/count"), ask_async(url=base + "/count")])


    def failing(show):
        with pytest.raises(httpx.ConnectError) as caught:
            with socket.socket() as bound:
                bound.bind(("127.0.0.1", 0))
                ask(url="http://127.0.0.1:%s/refused" % bound.getsockname()[1])
        show([str(caught.value), caught.value.request.url.path])
"""
RECORDED = """
    import httpx
    import pytest


    @pytest.mark.vcr
    def test_recorded(base):
        assert httpx.get(base + "/health").json() == {"status": "ok"}
"""


def source_with_tests(*kinds: str, mark: str = "") -> str:
    """Return a source in which these functions are tests."""
    source = dedent(TEST_FUNCTIONS)
    for kind in kinds:
        source = source.replace(f"def {kind}(", f"def test_{kind}(")
    return source + mark


UNRECORDED = source_with_tests(
    "respx_mocked",
    "respx_incomplete",
    "httpx_mocked",
    "mock_transport",
    "asgi_transport",
    "wsgi_transport",
    "live",
    "failing",
)


@pytest.fixture
def run_and_show(
    run: Run, server: Server, pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> RunAndShow:
    return RunAndShow(run, server, pytester, monkeypatch)


class RunAndShow:
    """Run the suite and return what its tests showed. The server counts from 1 in each run."""

    def __init__(
        self,
        run: Run,
        server: Server,
        pytester: pytest.Pytester,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        self._run = run
        self._server = server
        self._monkeypatch = monkeypatch
        self._shown_file = pytester.path / "shown.jsonl"

    def __call__(self, *args: str) -> Shown:
        self._monkeypatch.setenv("SHOWN_FILE", str(self._shown_file))
        self._shown_file.unlink(missing_ok=True)
        self._server.answers["/count"] = (200, {"X-From": "the server"}, b"live")
        result = self._run(*args)
        assert result.ret == 0
        return read_shown(self._shown_file)


@pytest.mark.parametrize("mode", [(), ("--record-mode=rewrite",)], ids=["none", "rewrite"])
def test_unrecorded_tests_behave_as_without_reprise(
    suite: Suite,
    run: Run,
    run_and_show: RunAndShow,
    server: Server,
    cassettes: Cassettes,
    mode: tuple[str, ...],
) -> None:
    """In a session with recorded tests, and in a session without any."""
    suite(UNRECORDED, conftest=CONFTEST, test_a_recorded=RECORDED, test_z_recorded=RECORDED)
    without_reprise = run_and_show(*MOCKS, *PLAIN, "test_suite.py")
    alone = run_and_show(*MOCKS, *mode, "test_suite.py")
    assert_same(without_reprise, alone)
    assert not cassettes()
    run("--record-mode=once", "test_a_recorded.py", "test_z_recorded.py")
    before = server.calls.count("GET /count")
    with_recorded_tests = run_and_show(*MOCKS, *mode)
    assert_same(without_reprise, with_recorded_tests)
    assert server.calls.count("GET /count") == before + 2
    assert list(cassettes()) == ["test_a_recorded/test_recorded", "test_z_recorded/test_recorded"]


@pytest.mark.parametrize(
    "kind", ["httpx_mocked", "mock_transport", "asgi_transport", "wsgi_transport"]
)
def test_mocks_in_recorded_tests_are_not_recorded(
    suite: Suite, run_and_show: RunAndShow, cassettes: Cassettes, kind: str
) -> None:
    """Mocked requests are not recorded, and they are no misses when there is no cassette."""
    marked = source_with_tests(kind, mark="\npytestmark = pytest.mark.vcr\n")
    suite(marked, conftest=CONFTEST)
    recorded = run_and_show(*MOCKS, "--record-mode=once")
    assert not cassettes()
    assert_same(recorded, run_and_show(*MOCKS))


@pytest.mark.parametrize("kind", ["mock_transport", "asgi_transport", "wsgi_transport"])
def test_in_process_apps_are_recorded_if_the_setting_asks_for_it(
    suite: Suite, run_and_show: RunAndShow, cassettes: Cassettes, kind: str
) -> None:
    marked = source_with_tests(kind, mark="\npytestmark = pytest.mark.vcr\n")
    suite(marked, conftest=CONFTEST, ini="reprise_in_process = true")
    recorded = run_and_show("--record-mode=once")
    assert list(cassettes()) == [f"test_suite/test_{kind}"]
    changed = marked.replace("in process", "has changed")
    suite(changed, conftest=CONFTEST, ini="reprise_in_process = true")
    assert_same(recorded, run_and_show())


@pytest.mark.skipif(
    not at_least("pytest-recording", "0.13.2"),
    reason="pytest-recording before 0.13.2 imports vcrpy in every run",
)
def test_a_replay_does_not_import_vcrpy(suite: Suite, run: Run, pytester: pytest.Pytester) -> None:
    conftest = """
        import pathlib
        import sys


        def pytest_unconfigure():
            loaded = {name.partition(".")[0] for name in sys.modules}
            pathlib.Path("loaded").write_text(str("vcr" in loaded))
    """
    suite(RECORDED, conftest=CONFTEST + dedent(conftest))
    loaded = pytester.path / "loaded"
    run("--record-mode=once").assert_outcomes(passed=1)
    run().assert_outcomes(passed=1)
    assert loaded.read_text() == "False"
    run(*PLAIN).assert_outcomes(passed=1)
    assert loaded.read_text() == "True"


def test_transports_are_restored_after_the_session(
    suite: Suite, run: Run, pytester: pytest.Pytester
) -> None:
    suite(RECORDED, conftest=CONFTEST)
    run("--record-mode=once").assert_outcomes(passed=1)
    script = pytester.makepyfile(
        script="""
        import httpx
        import httpx2
        import pytest

        CLASSES = [
            getattr(lib, name)
            for lib in (httpx, httpx2)
            for name in "HTTPTransport AsyncHTTPTransport ASGITransport WSGITransport".split()
        ]


        class Watch:
            def pytest_runtest_call(self):
                self.during = members()


        def members():
            return [dict(vars(each)) for each in CLASSES]


        before, watch = members(), Watch()
        assert pytest.main(["-q", "test_suite.py"], plugins=[watch]) == 0
        assert watch.during != before
        assert members() == before
        """
    )
    assert pytester.runpython(script).ret == 0
