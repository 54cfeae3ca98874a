"""Interactions that a replay has to repeat: each scenario passes with Reprise and fails with plain
pytest-recording."""

from __future__ import annotations

from contextlib import closing

import pytest

from ..harness.raw_server import RawServer, refusing
from ..harness.runs import Server, Suite
from ..harness.with_or_without import Tool

NOT_NEEDED = ("anyio", "base_url")

HEAD = """
    import asyncio
    import os
    import httpx
    import pytest

    BASE = os.environ["API_BASE_URL"]
"""
PASSED = {"passed": 1}
FAILED = {"failed": 1}
MATCH_BODY = """
    import pytest


    @pytest.fixture(scope="session")
    def vcr_config():
        return {"match_on": ["method", "uri", "body"]}
"""


def test_a_login_in_a_session_fixture_replays(suite: Suite, tool: Tool, server: Server) -> None:
    suite(
        HEAD
        + """
    @pytest.fixture(scope="session")
    def auth():
        token = httpx.post(BASE + "/login", json={"name": "ada"}).json()["access_token"]
        return {"Authorization": f"Bearer {token}"}


    @pytest.mark.vcr
    def test_me(auth):
        assert httpx.get(BASE + "/me", headers=auth).json() == {"name": "Ada"}
    """
    )
    tool.record().assert_outcomes(passed=1)
    server.stop()
    tool.run().assert_outcomes(**tool.expected(reprise=PASSED, plain={"errors": 1}))


def test_identical_concurrent_requests_get_their_own_responses(
    suite: Suite, tool: Tool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The server answers them in reverse order; the replay keeps the right pairs."""
    suite(
        HEAD
        + """
    @pytest.mark.vcr
    def test_gather():
        async def ask(client, number):
            headers = {"X-Request-Id": str(number)}
            return (await client.get(BASE + "/turns/like/5", headers=headers)).json()["number"]

        async def ask_all():
            async with httpx.AsyncClient() as client:
                return await asyncio.gather(*(ask(client, number) for number in range(5)))

        assert asyncio.run(ask_all()) == [0, 1, 2, 3, 4]
    """
    )
    with closing(RawServer()) as server:
        monkeypatch.setenv("API_BASE_URL", server.url)
        tool.record().assert_outcomes(passed=1)
        server.stop()
        tool.run().assert_outcomes(**tool.expected(reprise=PASSED, plain=FAILED))


def test_connection_failures_are_recorded_and_replayed(
    suite: Suite, tool: Tool, monkeypatch: pytest.MonkeyPatch
) -> None:
    suite(
        HEAD
        + """
    pytestmark = pytest.mark.vcr


    def test_refused():
        with pytest.raises(httpx.ConnectError, match="refused"):
            httpx.get(os.environ["REFUSED"])


    def test_timeout():
        with pytest.raises(httpx.ReadTimeout):
            httpx.get(BASE + "/silent", timeout=0.1)


    def test_broken():
        with pytest.raises(httpx.RemoteProtocolError, match="received 4 bytes, expected 10"):
            httpx.get(BASE + "/broken")
    """
    )
    with refusing() as refused, closing(RawServer()) as server:
        monkeypatch.setenv("REFUSED", refused)
        monkeypatch.setenv("API_BASE_URL", server.url)
        tool.record().assert_outcomes(passed=3)
        server.stop()
        tool.run().assert_outcomes(**tool.expected(reprise={"passed": 3}, plain={"failed": 3}))


@pytest.mark.parametrize(
    ("sent", "sent_on_replay"),
    [
        ("files={'file': ('a.txt', b'content')}, data={'kind': 'odd'}", None),
        (
            """content=b'{"data": {"id": 1, "type": "order"}}', headers=JSON_API""",
            """content=b'{"data": {"type": "order", "id": 1}}', headers=JSON_API""",
        ),
    ],
    ids=["multipart", "json-api"],
)
def test_bodies_are_matched_by_content_and_not_by_bytes(
    suite: Suite, tool: Tool, server: Server, sent: str, sent_on_replay: str | None
) -> None:
    """Plain pytest-recording matches bodies only if `match_on` names them. It then fails because
    of the multipart boundary or the order of the keys."""
    source = """
    JSON_API = {"Content-Type": "application/vnd.api+json"}


    @pytest.mark.vcr
    def test_send():
        assert httpx.post(BASE + "/status/201", SENT).status_code == 201
    """
    conftest = tool.expected(reprise="", plain=MATCH_BODY)
    suite(HEAD + source.replace("SENT", sent), conftest=conftest)
    tool.record().assert_outcomes(passed=1)
    server.stop()
    suite(HEAD + source.replace("SENT", sent_on_replay or sent), conftest=conftest)
    tool.run().assert_outcomes(**tool.expected(reprise=PASSED, plain=FAILED))


def test_in_process_apps_are_not_recorded(suite: Suite, tool: Tool) -> None:
    """A replay runs the current code of the app, not the code at the time of recording."""
    source = """
    VERSION = "1"


    async def app(scope, receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": VERSION.encode()})


    @pytest.mark.vcr
    def test_app():
        async def ask():
            transport = httpx.ASGITransport(app)
            async with httpx.AsyncClient(transport=transport, base_url="http://app") as client:
                return (await client.get("/version")).text

        assert asyncio.run(ask()) == VERSION
    """
    suite(HEAD + source)
    tool.record().assert_outcomes(passed=1)
    suite(HEAD + source.replace('"1"', '"2"'))
    tool.run().assert_outcomes(**tool.expected(reprise=PASSED, plain=FAILED))


def test_the_http_version_of_a_response_is_recorded(
    suite: Suite, tool: Tool, monkeypatch: pytest.MonkeyPatch
) -> None:
    suite(
        HEAD
        + """
    @pytest.mark.vcr
    def test_old_server():
        assert httpx.get(BASE + "/http10").http_version == "HTTP/1.0"
    """
    )
    with closing(RawServer()) as server:
        monkeypatch.setenv("API_BASE_URL", server.url)
        tool.record().assert_outcomes(passed=1)
        server.stop()
        tool.run().assert_outcomes(**tool.expected(reprise=PASSED, plain=FAILED))
