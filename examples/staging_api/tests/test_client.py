"""Features of a client: its own authentication, hooks and defaults."""

from collections.abc import Generator

import httpx
import pytest

from .aliases import Json, MakeUser

pytestmark = pytest.mark.vcr


class LogInWhenAsked(httpx.Auth):
    """Logs in at the first 401 and uses the token from then on."""

    requires_response_body = True

    def __init__(self, base_url: str, user: Json) -> None:
        self.login_url = f"{base_url}/login"
        self.credentials = {"email": user["email"], "password": user["password"]}
        self.token = ""
        self.logins = 0

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        self.sign(request)
        response = yield request
        if response.status_code == 401:
            login = yield httpx.Request("POST", self.login_url, json=self.credentials)
            self.logins += 1
            self.token = login.json()["access_token"]
            self.sign(request)
            yield request

    def sign(self, request: httpx.Request) -> None:
        if self.token:
            request.headers["Authorization"] = f"Bearer {self.token}"


class TestAuthFlow:
    @pytest.fixture
    def auth(self, base_url: str, make_user: MakeUser) -> LogInWhenAsked:
        return LogInWhenAsked(base_url, make_user(name="Grace Hopper"))

    def test_logs_in_once(self, client: httpx.Client, auth: LogInWhenAsked) -> None:
        names = [client.get("/me", auth=auth).json()["name"] for _ in range(3)]

        assert names == ["Grace Hopper"] * 3
        assert auth.logins == 1

    def test_logs_in_again_after_logging_out(
        self, client: httpx.Client, auth: LogInWhenAsked
    ) -> None:
        client.post("/logout", auth=auth)

        assert client.get("/me", auth=auth).status_code == 200
        assert auth.logins == 2

    def test_does_not_log_in_where_nobody_asks(
        self, client: httpx.Client, auth: LogInWhenAsked
    ) -> None:
        client.get("/health", auth=auth)

        assert auth.logins == 0

    @pytest.mark.asyncio
    async def test_logs_in_once_async(
        self, async_client: httpx.AsyncClient, auth: LogInWhenAsked
    ) -> None:
        async_client.auth = auth

        first, second = await async_client.get("/me"), await async_client.get("/orders")

        assert (first.status_code, second.status_code) == (200, 200)
        assert auth.logins == 1


def last_part(request: httpx.Request) -> str:
    """Return the end of the path, which may begin with the path of the base URL."""
    return request.url.path.rpartition("/")[2]


class TestHooks:
    def test_see_requests_and_responses(self, browser: httpx.Client) -> None:
        seen: list[str] = []
        browser.event_hooks = {
            "request": [lambda request: seen.append(f"{request.method} {last_part(request)}")],
            "response": [lambda response: seen.append(str(response.status_code))],
        }

        browser.get("/health")
        browser.get("/nowhere")

        assert seen == ["GET health", "200", "GET nowhere", "404"]

    def test_see_each_redirect(self, browser: httpx.Client) -> None:
        seen: list[str] = []
        browser.event_hooks["request"] = [lambda request: seen.append(last_part(request))]

        browser.get("/redirects/chain/2", follow_redirects=True)

        assert seen == ["2", "1", "echo"]

    @pytest.mark.asyncio
    async def test_may_raise(self, async_client: httpx.AsyncClient) -> None:
        async def refuse_errors(response: httpx.Response) -> None:
            await response.aread()
            response.raise_for_status()

        async_client.event_hooks["response"] = [refuse_errors]

        with pytest.raises(httpx.HTTPStatusError) as caught:
            await async_client.get("/nowhere")
        assert caught.value.response.json()["title"] == "Not Found"


class TestDefaults:
    def test_are_merged_with_what_a_request_says(self, base_url: str) -> None:
        defaults = {"lang": "en"}
        with httpx.Client(base_url=base_url, params=defaults) as client:
            response = client.get("/echo", params={"page": 2})

        assert response.json()["query"] == [["lang", "en"], ["page", "2"]]

    def test_request_can_be_built_first(self, client: httpx.Client) -> None:
        request = client.build_request("POST", "/echo", json={"built": True})

        response = client.send(request)

        assert response.request is request
        assert response.json()["body"] == '{"built":true}'
