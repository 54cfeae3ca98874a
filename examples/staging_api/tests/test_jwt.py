import base64
import json
import time
from collections.abc import Generator

import httpx
import pytest

from .aliases import Json, MakeUser

pytestmark = pytest.mark.vcr


def claims(token: str) -> Json:
    """Return the claims of the token, without checking its signature."""
    part = token.split(".")[1]
    return dict(json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))))


class Renewing(httpx.Auth):
    """Logs in again if its token is valid for less than half a minute."""

    requires_response_body = True

    def __init__(self, base_url: str, credentials: Json, expires_in: int = 300) -> None:
        self.login_url = f"{base_url}/login/jwt"
        self.login = credentials | {"expires_in": expires_in}
        self.token = ""
        self.logins = 0

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        if not self.token or claims(self.token)["exp"] < time.time() + 30:
            response = yield httpx.Request("POST", self.login_url, json=self.login)
            self.token = response.json()["access_token"]
            self.logins += 1
        request.headers["Authorization"] = f"Bearer {self.token}"
        yield request


@pytest.fixture(scope="module")
def token(client: httpx.Client, admin_credentials: Json) -> str:
    response = client.post("/login/jwt", json=admin_credentials).raise_for_status()
    return str(response.json()["access_token"])


def test_says_how_long_it_holds(token: str) -> None:
    payload = claims(token)

    assert payload["iss"] == "staging-api"
    assert payload["exp"] - payload["iat"] == 300
    assert payload["iat"] <= time.time() < payload["exp"]


def test_has_three_parts(token: str) -> None:
    header, payload, signature = token.split(".")

    assert json.loads(base64.urlsafe_b64decode(header + "==")) == {"alg": "HS256", "typ": "JWT"}
    assert payload != signature


def test_lets_in(client: httpx.Client, token: str) -> None:
    assert claims(token)["exp"] > time.time()

    response = client.get("/me/jwt", headers={"Authorization": f"Bearer {token}"})

    assert response.json()["role"] == "admin"


def test_client_logs_in_once(client: httpx.Client, base_url: str, make_user: MakeUser) -> None:
    user = make_user()
    auth = Renewing(base_url, {"email": user["email"], "password": user["password"]})

    ids = [client.get("/me/jwt", auth=auth).json()["id"] for _ in range(3)]

    assert ids == [user["id"]] * 3
    assert auth.logins == 1


def test_client_renews_what_is_about_to_expire(
    client: httpx.Client, base_url: str, admin_credentials: Json
) -> None:
    auth = Renewing(base_url, admin_credentials, expires_in=20)

    statuses = [client.get("/me/jwt", auth=auth).status_code for _ in range(2)]

    assert statuses == [200, 200]
    assert auth.logins == 2


@pytest.mark.asyncio
async def test_client_logs_in_once_async(
    async_client: httpx.AsyncClient, base_url: str, admin_credentials: Json
) -> None:
    async_client.auth = auth = Renewing(base_url, admin_credentials)

    roles = [(await async_client.get("/me/jwt")).json()["role"] for _ in range(2)]

    assert roles == ["admin", "admin"]
    assert auth.logins == 1


def test_expired_token_is_refused(client: httpx.Client, admin_credentials: Json) -> None:
    login = client.post("/login/jwt", json=admin_credentials | {"expires_in": 0})
    token = login.json()["access_token"]

    response = client.get("/me/jwt", headers={"Authorization": f"Bearer {token}"})

    assert claims(token)["exp"] <= time.time()
    assert response.json()["detail"] == "The token has expired."


def test_forged_token_is_refused(client: httpx.Client, token: str) -> None:
    forged = f"{token.rpartition('.')[0]}.Zm9yZ2Vk"

    response = client.get("/me/jwt", headers={"Authorization": f"Bearer {forged}"})

    assert response.status_code == 401
    assert response.json()["detail"] == "The token is not valid."
