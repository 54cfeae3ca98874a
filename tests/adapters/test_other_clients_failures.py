"""Failures of clients other than httpx are recorded, and raised again on replay."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import ExitStack

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
    REFUSED, SILENT, DROPS = (os.environ[name] for name in ("REFUSED", "SILENT", "API_BASE_URL"))


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
    @pytest.mark.parametrize("url", [REFUSED, SILENT, DROPS], ids=["refused", "silent", "drops"])
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


    def test_cancelled(show):
        show("cancelled")

        async def send():
            async with aiohttp.ClientSession() as session:
                with pytest.raises(TimeoutError):
                    async with asyncio.timeout(0.2):
                        await session.get(SILENT + "/b")

        asyncio.run(send())
"""


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """REFUSED is the URL of a port without a listener, SILENT that of one that never answers."""
    with ExitStack() as stack:
        for name in ("REFUSED", "SILENT"):
            bound = stack.enter_context(socket.socket())
            bound.bind(("127.0.0.1", 0))
            if name == "SILENT":
                bound.listen(100)
            monkeypatch.setenv(name, f"http://127.0.0.1:{bound.getsockname()[1]}")
        yield


def test_failures_are_raised_again(
    suite: Suite,
    run: Run,
    server: Server,
    monkeypatch: pytest.MonkeyPatch,
    pytester: pytest.Pytester,
    environment: None,  # noqa: ARG001
) -> None:
    server.connections_to_drop = 10_000
    suite(FAILING, conftest=SHOW)
    shown = {}
    for phase, *args in [("recorded", "--record-mode=once"), ("replayed",)]:
        monkeypatch.setenv("SHOWN_FILE", str(pytester.path / phase))
        run(*args).assert_outcomes(passed=17)
        shown[phase] = read_shown(pytester.path / phase)
        server.connections_to_drop = 0  # a request of the replay would succeed
    assert_same(shown["recorded"], shown["replayed"])
    assert server.requests == []


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
