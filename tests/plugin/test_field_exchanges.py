"""Exchanges that a replay has to give back: each scenario with Reprise, and with plain
pytest-recording, where it goes wrong."""

from __future__ import annotations

from contextlib import closing

import pytest

from ..harness.field import Field, fixture_field  # noqa: F401  (a fixture)
from ..harness.odd_servers import OddServer, refusing
from ..harness.runs import Server, Suite

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


def test_a_session_fixture_logs_in(suite: Suite, field: Field, server: Server) -> None:
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
    field.record().assert_outcomes(passed=1)
    server.stop()
    field.run().assert_outcomes(**field.either(reprise=PASSED, plain={"errors": 1}))


def test_gathered_calls_that_look_alike(
    suite: Suite, field: Field, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The server answers the last one first; each has to get its own answer again."""
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
    with closing(OddServer()) as server:
        monkeypatch.setenv("API_BASE_URL", server.url)
        field.record().assert_outcomes(passed=1)
        server.stop()
        field.run().assert_outcomes(**field.either(reprise=PASSED, plain=FAILED))


def test_failures_are_outcomes(suite: Suite, field: Field, monkeypatch: pytest.MonkeyPatch) -> None:
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
    with refusing() as refused, closing(OddServer()) as server:
        monkeypatch.setenv("REFUSED", refused)
        monkeypatch.setenv("API_BASE_URL", server.url)
        field.record().assert_outcomes(passed=3)
        server.stop()
        field.run().assert_outcomes(**field.either(reprise={"passed": 3}, plain={"failed": 3}))


@pytest.mark.parametrize(
    ("sent", "rearranged"),
    [
        ("files={'file': ('a.txt', b'content')}, data={'kind': 'odd'}", None),
        (
            """content=b'{"data": {"id": 1, "type": "order"}}', headers=JSON_API""",
            """content=b'{"data": {"type": "order", "id": 1}}', headers=JSON_API""",
        ),
    ],
    ids=["multipart", "json-api"],
)
def test_bodies_are_matched_by_meaning(
    suite: Suite, field: Field, server: Server, sent: str, rearranged: str | None
) -> None:
    """Plain pytest-recording has to be told to look at bodies at all; then it sees the boundary,
    or the order of the keys."""
    source = """
    JSON_API = {"Content-Type": "application/vnd.api+json"}


    @pytest.mark.vcr
    def test_send():
        assert httpx.post(BASE + "/status/201", SENT).status_code == 201
    """
    conftest = field.either(reprise="", plain=MATCH_BODY)
    suite(HEAD + source.replace("SENT", sent), conftest=conftest)
    field.record().assert_outcomes(passed=1)
    server.stop()
    suite(HEAD + source.replace("SENT", rearranged or sent), conftest=conftest)
    field.run().assert_outcomes(**field.either(reprise=PASSED, plain=FAILED))


def test_apps_in_this_process_are_not_recorded(suite: Suite, field: Field) -> None:
    """A replay runs the code as it is now, and not as it was when it was recorded."""
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
    field.record().assert_outcomes(passed=1)
    suite(HEAD + source.replace('"1"', '"2"'))
    field.run().assert_outcomes(**field.either(reprise=PASSED, plain=FAILED))


def test_the_http_version_is_kept(
    suite: Suite, field: Field, monkeypatch: pytest.MonkeyPatch
) -> None:
    suite(
        HEAD
        + """
    @pytest.mark.vcr
    def test_old_server():
        assert httpx.get(BASE + "/http10").http_version == "HTTP/1.0"
    """
    )
    with closing(OddServer()) as server:
        monkeypatch.setenv("API_BASE_URL", server.url)
        field.record().assert_outcomes(passed=1)
        server.stop()
        field.run().assert_outcomes(**field.either(reprise=PASSED, plain=FAILED))
