"""Failures of clients other than httpx are recorded, and raised again on replay."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import ExitStack, closing

import pytest

from pytest_reprise.adapters.vcrpy.failures import as_error, failure_of
from pytest_reprise.exchange import Failure

from ..harness.record_and_replay import SHOW, assert_same, read_shown
from ..harness.runs import Cassettes, Run, Server, Suite

NOT_NEEDED = ("asyncio", "base_url", "xdist", "Faker")

FAILING = """
    import asyncio
    import os
    import urllib.request

    import aiohttp
    import httplib2
    import pytest
    import requests
    import urllib3

    pytestmark = pytest.mark.vcr
    REFUSED, SILENT, DROPS = (os.environ[name] for name in ("REFUSED", "SILENT", "DROPS"))
    UNKNOWN = "http://metrics.invalid"


    def with_urllib3(url, **how):
        return urllib3.PoolManager(retries=1).request("GET", url, **how)


    def with_httplib2(url, timeout):
        return httplib2.Http(timeout=timeout).request(url)


    def with_aiohttp(url, timeout):
        async def send():
            limit = aiohttp.ClientTimeout(total=timeout)
            async with aiohttp.ClientSession(timeout=limit) as session:
                await session.get(url)

        asyncio.run(send())


    CLIENTS = [requests.get, with_urllib3, urllib.request.urlopen, with_httplib2, with_aiohttp]


    @pytest.mark.parametrize("send", CLIENTS, ids=lambda send: send.__name__)
    @pytest.mark.parametrize(
        "url", [REFUSED, SILENT, DROPS, UNKNOWN], ids=["refused", "silent", "drops", "unknown"]
    )
    def test_failure(send, url, show):
        with pytest.raises(Exception) as caught:
            send(url + "/a", timeout=0.2)
        error = caught.value
        kinds = dict.fromkeys(kind.__name__ for kind in type(error).__mro__)
        show([list(kinds), str(error)])


    def test_then_an_answer(show):
        show("once more")
        for _ in range(2):
            with pytest.raises(requests.ConnectionError):
                requests.get(DROPS + "/a")
        with pytest.raises(requests.Timeout):
            requests.get(SILENT + "/a", timeout=0.1)


    @pytest.mark.parametrize("send", CLIENTS, ids=lambda send: send.__name__)
    def test_metrics_of_an_sdk(send, show, client):
        # It reports to another host, which is out of reach, and ignores the errors.
        for url in (UNKNOWN, REFUSED, SILENT):
            try:
                send(url + "/metrics", timeout=0.2)
            except Exception as error:
                show(type(error).__name__)
        show(client.get("/health").json())


    def test_cancelled(show):
        show("cancelled")

        async def send():
            async with aiohttp.ClientSession() as session:
                with pytest.raises(TimeoutError):
                    async with asyncio.timeout(0.2):
                        await session.get(SILENT + "/b")

        asyncio.run(send())
"""


NO_NAMES = """
import socket

getaddrinfo = socket.getaddrinfo

def resolve(host, *args, **how):
    # No name server is asked: neither at recording, nor on replay.
    if host not in ("127.0.0.1", b"127.0.0.1"):
        assert os.environ["PHASE"] == "recorded"
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
    return getaddrinfo(host, *args, **how)

socket.getaddrinfo = resolve
"""


@pytest.fixture
def dropping(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """A server that drops connections; its URL is DROPS.

    REFUSED is the URL of a port without a listener, SILENT that of one that never answers.
    """
    with ExitStack() as stack:
        for name in ("REFUSED", "SILENT"):
            bound = stack.enter_context(socket.socket())
            bound.bind(("127.0.0.1", 0))
            if name == "SILENT":
                bound.listen(100)
            monkeypatch.setenv(name, f"http://127.0.0.1:{bound.getsockname()[1]}")
        server = stack.enter_context(closing(Server()))
        server.connections_to_drop = 10_000
        monkeypatch.setenv("DROPS", server.url)
        yield server


def test_failures_are_raised_again(
    suite: Suite,
    run: Run,
    server: Server,
    monkeypatch: pytest.MonkeyPatch,
    pytester: pytest.Pytester,
    dropping: Server,
) -> None:
    suite(FAILING, conftest=SHOW + "\n\n" + NO_NAMES)
    shown = {}
    for phase, *args in [("recorded", "--record-mode=once"), ("replayed",)]:
        monkeypatch.setenv("PHASE", phase)
        monkeypatch.setenv("SHOWN_FILE", str(pytester.path / phase))
        run(*args).assert_outcomes(passed=27)
        shown[phase] = read_shown(pytester.path / phase)
        dropping.connections_to_drop = 0  # a request of the replay would succeed
        server.stop()
    assert_same(shown["recorded"], shown["replayed"])
    assert dropping.requests == []


UNKNOWN = """
    import os
    import http.client
    import pytest
    import requests
    import urllib3

    class OwnError(RuntimeError):
        pass

    def fail(*_, **__):
        raise OwnError

    @pytest.mark.vcr
    def test_own(monkeypatch):
        requests.get(os.environ["API_BASE_URL"] + "/count")
        monkeypatch.setattr(http.client.HTTPResponse, "begin", fail)
        with pytest.raises(OwnError):
            requests.get(os.environ["API_BASE_URL"] + "/own")
"""


def test_a_failure_that_cannot_be_recorded_is_refused(
    suite: Suite, run: Run, cassettes: Cassettes
) -> None:
    """Without it the test would replay red for ever."""
    suite(UNKNOWN)
    result = run("--record-mode=once")
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(
        [
            "A request failed in a way that cannot be recorded, so the test would not replay.",
            "  request   GET http://127.0.0.1:*/own",
            "  made by   test_suite.py::test_own",
        ]
    )
    assert cassettes() == {}


@pytest.mark.parametrize(
    "name",
    "builtins.SystemExit builtins.KeyboardInterrupt builtins.eval builtins.Exception os.system "
    "subprocess.CalledProcessError http.client.HTTPConnection urllib3.exceptions.HTTPWarning "
    "builtins. . ReadTimeout builtins.OSError.errno".split(),
)
def test_a_cassette_can_raise_errors_of_the_network_only(name: str) -> None:
    error = as_error(Failure(name, "the message"))
    assert type(error) in (ConnectionError, TimeoutError)
    assert str(error) == "the message"


@pytest.mark.parametrize(
    "error", [TimeoutError("timed out"), ConnectionRefusedError(111, "Connection refused")]
)
def test_an_error_of_python_keeps_its_number(error: OSError) -> None:
    failure = failure_of(error)
    assert failure
    made = as_error(failure)
    assert (type(made), made.args, str(made)) == (type(error), error.args, str(error))
