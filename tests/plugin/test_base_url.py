"""Whole runs: a cassette recorded with one base URL replays with another."""

from __future__ import annotations

import pytest

from ..harness.runs import Cassettes, Run, Server, Suite, json_answer

LINKS = """
    import os
    import httpx, pytest

    @pytest.fixture(scope="session")
    def base_url():
        return os.environ.get("API_BASE_URL") or "http://localhost:8000"

    @pytest.mark.vcr
    def test_links(client, base_url):
        first = client.get("/first")
        assert first.json()["next"] == f"{base_url}/second"
        assert first.headers["Location"] == f"{base_url}/second"
        assert client.get(first.json()["next"]).json() == {"done": True}
        assert client.post("/echo", json={"callback": f"{base_url}/hook"}).is_success
"""


def answer_with_links(server: Server) -> None:
    second = f"{server.url}/second"
    server.answers["/first"] = json_answer({"next": second}, location=second)
    server.answers["/second"] = json_answer({"done": True})


@pytest.mark.parametrize(
    "new_base_url", ["http://localhost:9", "https://api.example.com/some/path", None]
)
def test_a_cassette_replays_with_another_base_url(
    suite: Suite,
    run: Run,
    server: Server,
    monkeypatch: pytest.MonkeyPatch,
    new_base_url: str | None,
) -> None:
    answer_with_links(server)
    suite(LINKS)
    run("--record-mode=once").assert_outcomes(passed=1)
    server.stop()
    if new_base_url:
        monkeypatch.setenv("API_BASE_URL", new_base_url)
    else:
        monkeypatch.delenv("API_BASE_URL")
    result = run()
    result.assert_outcomes(passed=1)
    current = new_base_url or "http://localhost:8000"
    result.stdout.fnmatch_lines([f"*recorded as {server.url}, replayed as {current}"])


OWN_VARIABLE = """
    import os
    import httpx, pytest

    @pytest.mark.vcr
    def test_own(client):
        with httpx.Client(base_url=os.environ["SHOP_URL"]) as shop:
            assert shop.get("/count").json() == {"n": 1}
"""


def test_the_only_origin_is_the_base_url_when_none_is_configured(
    suite: Suite, run: Run, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    suite(OWN_VARIABLE)
    monkeypatch.delenv("API_BASE_URL")
    monkeypatch.setenv("SHOP_URL", server.url)
    run("--record-mode=once").assert_outcomes(passed=1)
    server.stop()
    monkeypatch.setenv("SHOP_URL", "http://localhost:9")
    run().assert_outcomes(passed=1)


def test_other_origins_have_to_match_exactly(
    suite: Suite, run: Run, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    suite(
        """
        import httpx, os, pytest

        @pytest.mark.vcr
        def test_two(client):
            assert client.get("/count").is_success
            assert httpx.get(os.environ["AUTH_URL"] + "/count").is_success
        """
    )
    monkeypatch.setenv("AUTH_URL", server.url.replace("127.0.0.1", "localhost"))
    run("--record-mode=once").assert_outcomes(passed=1)
    server.stop()
    run().assert_outcomes(passed=1)
    monkeypatch.setenv("API_BASE_URL", "http://api.example.com")
    monkeypatch.setenv("AUTH_URL", "http://auth.example.com")
    run().assert_outcomes(failed=1)


def test_rewriting_with_another_base_url_leaves_the_cassette_unchanged(
    suite: Suite, run: Run, server: Server, cassettes: Cassettes, monkeypatch: pytest.MonkeyPatch
) -> None:
    suite(
        """
        import pytest

        @pytest.mark.vcr
        def test_health(client):
            assert client.get("/health").is_success
        """
    )
    run("--record-mode=rewrite").assert_outcomes(passed=1)
    before = cassettes()
    monkeypatch.setenv("API_BASE_URL", server.url.replace("127.0.0.1", "localhost"))
    result = run("--record-mode=rewrite")
    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(["*1 unchanged*"])
    assert cassettes() == before


def test_the_base_url_can_be_hidden_in_the_cassette(
    suite: Suite, run: Run, server: Server, cassettes: Cassettes
) -> None:
    answer_with_links(server)
    suite(LINKS, ini="reprise_hide_base_url = true")
    run("--record-mode=once").assert_outcomes(passed=1)
    [text] = cassettes().values()
    assert server.url not in text
    assert "127.0.0.1" not in text
    server.stop()
    run().assert_outcomes(passed=1)


WITHOUT_BASE_URL = """
    import pytest

    @pytest.fixture(scope="session")
    def token(client):
        return client.post("/login", json={"user": "ada"}).json()["access_token"]

    @pytest.mark.vcr
    def test_me(client, token):
        headers = {"Authorization": f"Bearer {token}"}
        assert client.get("/me", headers=headers).json() == {"name": "Ada"}

    @pytest.mark.vcr
    @pytest.mark.asyncio
    async def test_async(async_client):
        response = await async_client.get("/count", params={"a": 1})
        assert response.json() == {"n": 1}
        assert response.request.url.path == "/count"
"""


OWN_CLIENTS = """
    import os

    import httpx
    import pytest

    BASE = os.environ.get("API_BASE_URL", "")

    @pytest.fixture(scope="session")
    def client():
        return httpx.Client(base_url=BASE)

    @pytest.fixture
    def async_client():
        return httpx.AsyncClient(base_url=BASE)
"""


@pytest.mark.parametrize("conftest", ["", OWN_CLIENTS], ids=["our clients", "own clients"])
def test_replays_without_any_base_url(
    suite: Suite, run: Run, server: Server, monkeypatch: pytest.MonkeyPatch, conftest: str
) -> None:
    """Recorded with API_BASE_URL=…, then plain `pytest`: as the README does it."""
    suite(WITHOUT_BASE_URL, conftest=conftest)
    run("--record-mode=once").assert_outcomes(passed=2)
    server.stop()
    monkeypatch.delenv("API_BASE_URL")
    result = run()
    result.assert_outcomes(passed=2)
    result.stdout.no_fnmatch_line("*base-url-not-set*")


@pytest.mark.parametrize("conftest", ["", OWN_CLIENTS], ids=["our clients", "own clients"])
def test_recording_without_any_base_url_says_what_to_set(
    suite: Suite, run: Run, cassettes: Cassettes, monkeypatch: pytest.MonkeyPatch, conftest: str
) -> None:
    suite(WITHOUT_BASE_URL, conftest=conftest)
    monkeypatch.delenv("API_BASE_URL")
    result = run("--record-mode=once")
    result.stdout.fnmatch_lines(
        [
            "*This request has no server to go to: the base URL is not set.",
            "*  request   POST /login",
            "*  API_BASE_URL=https://staging.example.com pytest --record-mode=once",
        ]
    )
    assert not cassettes()


@pytest.mark.parametrize("base", ["staging.example.com", "localhost:8000", "/api"])
def test_recording_with_a_base_url_without_scheme_says_what_is_missing(
    suite: Suite, run: Run, cassettes: Cassettes, monkeypatch: pytest.MonkeyPatch, base: str
) -> None:
    suite(WITHOUT_BASE_URL)
    monkeypatch.setenv("API_BASE_URL", base)
    result = run("--record-mode=once")
    result.stdout.fnmatch_lines([f"*no server to go to: the base URL {base} has no scheme."])
    assert not cassettes()
