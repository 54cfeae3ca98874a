"""Secrets from the environment, in every part of a request."""

import os
from collections.abc import Iterator

import httpx
import pytest

from .aliases import Json

pytestmark = pytest.mark.vcr

API_KEY = os.environ.get("STAGING_API_KEY")
ROWS = b"sku,price\npen,150\n"


@pytest.fixture
def hook() -> str:
    return f"/hooks/{os.getenv('STAGING_HOOK_TOKEN')}"


@pytest.fixture
def upload_token() -> str | None:
    return os.getenv("STAGING_UPLOAD_TOKEN")


@pytest.fixture
def admin_login() -> Json:
    return {"email": "admin@example.com", "password": os.getenv("STAGING_ADMIN_PASSWORD")}


class TestHeader:
    def test_lets_in(self, client: httpx.Client, report_key: str) -> None:
        assert client.get("/reports", headers={"X-Api-Key": report_key}).status_code == 200

    def test_of_the_client(self, base_url: str) -> None:
        headers = {"X-Api-Key": f"{API_KEY}"}
        with httpx.Client(base_url=base_url, headers=headers) as reader:
            assert [reader.get("/reports").status_code for _ in range(2)] == [200, 200]

    def test_is_needed(self, client: httpx.Client) -> None:
        assert client.get("/reports").status_code == 401

    def test_wrong_one_does_not_do(self, client: httpx.Client) -> None:
        assert client.get("/reports", headers={"X-Api-Key": "made-up"}).status_code == 401


class TestQuery:
    def test_lets_in(self, client: httpx.Client) -> None:
        response = client.get("/reports", params={"api_key": os.getenv("STAGING_API_KEY")})

        assert response.status_code == 200

    def test_by_hand(self, client: httpx.Client) -> None:
        assert client.get(f"/reports?api_key={API_KEY}").status_code == 200

    def test_of_the_client(self, base_url: str) -> None:
        with httpx.Client(base_url=base_url, params={"api_key": API_KEY}) as reader:
            assert reader.get("/reports").status_code == 200

    def test_wrong_one_does_not_do(self, client: httpx.Client) -> None:
        keys = [os.environ.get("STAGING_API_KEY", ""), "made-up"]

        statuses = [client.get("/reports", params={"api_key": k}).status_code for k in keys]

        assert statuses == [200, 401]

    @pytest.mark.asyncio
    async def test_lets_in_async(self, async_client: httpx.AsyncClient) -> None:
        response = await async_client.get("/reports", params={"api_key": API_KEY})

        assert response.status_code == 200


class TestCookie:
    @pytest.fixture
    def reader(self, base_url: str, report_key: str) -> Iterator[httpx.Client]:
        with httpx.Client(base_url=base_url, cookies={"api_key": report_key}) as reader:
            yield reader

    def test_lets_in(self, reader: httpx.Client) -> None:
        assert reader.get("/reports").status_code == 200

    def test_among_others(self, reader: httpx.Client) -> None:
        reader.cookies.set("theme", "dark")

        response = reader.get("/reports")

        assert response.status_code == 200
        assert "theme=dark" in response.request.headers["Cookie"]


class TestPath:
    def test_lets_in(self, client: httpx.Client, hook: str) -> None:
        event = b'{"event":"paid"}'  # httpx releases write JSON with different spaces
        headers = {"Content-Type": "application/json"}

        response = client.post(hook, content=event, headers=headers)

        assert response.status_code == 202
        assert response.json()["size"] == len(event)

    def test_wrong_one_does_not_do(self, client: httpx.Client) -> None:
        assert client.post("/hooks/made-up", json={"event": "paid"}).status_code == 404

    def test_in_the_base_url(self, base_url: str, hook: str) -> None:
        with httpx.Client(base_url=f"{base_url}{hook}") as hooked:
            assert hooked.post("/paid", json={"order": 1}).status_code == 202

    def test_may_be_missing(self, client: httpx.Client) -> None:
        path = "/hooks/" + os.environ.get("STAGING_HOOK_TOKEN", "")

        assert client.post(path, json={"event": "shipped"}).is_success

    @pytest.mark.asyncio
    async def test_lets_in_async(self, async_client: httpx.AsyncClient, hook: str) -> None:
        assert (await async_client.post(hook, json={"event": "paid"})).status_code == 202


class TestUserInfo:
    @pytest.fixture
    def url(self, base_url: str) -> httpx.URL:
        password = os.environ.get("STAGING_ADMIN_PASSWORD", "")
        return httpx.URL(base_url).copy_with(username="admin@example.com", password=password)

    def test_lets_in(self, url: httpx.URL) -> None:
        with httpx.Client(base_url=url) as admin:
            assert admin.get("/me/basic").json()["role"] == "admin"

    def test_of_one_request(self, base_url: str) -> None:
        url = httpx.URL(f"{base_url}/me/basic")
        password = os.getenv("STAGING_ADMIN_PASSWORD")

        response = httpx.get(url.copy_with(userinfo=f"admin%40example.com:{password}".encode()))

        assert response.json()["email"] == "admin@example.com"

    def test_as_basic_credentials(self, client: httpx.Client) -> None:
        auth = ("admin@example.com", os.environ.get("STAGING_ADMIN_PASSWORD", ""))

        assert client.get("/me/basic", auth=auth).json()["role"] == "admin"


class TestForm:
    def test_lets_in(self, client: httpx.Client, admin_login: Json) -> None:
        response = client.post("/login/form", data=admin_login)

        assert response.json()["token_type"] == "bearer"

    @pytest.mark.asyncio
    async def test_lets_in_async(self, async_client: httpx.AsyncClient, admin_login: Json) -> None:
        response = await async_client.post("/login/form", data=admin_login)

        assert response.status_code == 200

    def test_wrong_one_does_not_do(self, client: httpx.Client, admin_login: Json) -> None:
        response = client.post("/login/form", data=admin_login | {"password": "made-up"})

        assert response.status_code == 401


class TestJson:
    def test_lets_in(self, client: httpx.Client, admin_login: Json) -> None:
        token = client.post("/login", json=admin_login).json()["access_token"]

        me = client.get("/me", headers={"Authorization": f"Bearer {token}"})

        assert me.json()["email"] == "admin@example.com"

    def test_wrong_one_does_not_do(self, client: httpx.Client, admin_login: Json) -> None:
        logins = [admin_login, admin_login | {"password": "made-up"}]

        statuses = [client.post("/login", json=login).status_code for login in logins]

        assert statuses == [200, 401]


class TestMultipart:
    def test_lets_in(self, client: httpx.Client, upload_token: str | None) -> None:
        response = client.post(
            "/imports",
            data={"upload_token": upload_token},
            files={"file": ("prices.csv", ROWS, "text/csv")},
        )

        assert response.status_code == 202
        assert response.json()["size"] == len(ROWS)

    @pytest.mark.asyncio
    async def test_lets_in_async(
        self, async_client: httpx.AsyncClient, upload_token: str | None
    ) -> None:
        files = {"file": ("prices.csv", ROWS, "text/csv")}

        response = await async_client.post(
            "/imports", data={"upload_token": upload_token}, files=files
        )

        assert response.status_code == 202

    def test_wrong_one_does_not_do(self, client: httpx.Client) -> None:
        response = client.post(
            "/imports", data={"upload_token": "made-up"}, files={"file": ("prices.csv", ROWS)}
        )

        assert response.status_code == 401
