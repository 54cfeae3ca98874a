import httpx
import pytest

from .aliases import Headers, LogIn, MakeUser

pytestmark = pytest.mark.vcr

protected = pytest.mark.parametrize(
    ("method", "path"),
    [
        pytest.param(method, path, id=f"{method} {path}")
        for method, path in [
            ("GET", "/me"),
            ("POST", "/logout"),
            ("GET", "/users"),
            ("POST", "/users"),
            ("DELETE", "/users/1"),
            ("GET", "/orders"),
            ("PATCH", "/orders/1"),
            ("POST", "/catalogues"),
            ("GET", "/files/1"),
            ("POST", "/jobs"),
        ]
    ],
)


@protected
def test_needs_a_token(client: httpx.Client, method: str, path: str) -> None:
    response = client.request(method, path)

    assert response.status_code == 401
    assert response.headers["WWW-Authenticate"] == "Bearer"


@protected
@pytest.mark.asyncio
async def test_needs_a_valid_token(async_client: httpx.AsyncClient, method: str, path: str) -> None:
    headers = {"Authorization": "Bearer made-up"}

    response = await async_client.request(method, path, headers=headers)

    assert response.status_code == 401
    assert response.json()["detail"] == "The token is not valid."


@pytest.mark.parametrize("authorization", ["made-up", "Basic YWRhOmFkYQ==", "Bearer made up"])
def test_needs_the_bearer_scheme(client: httpx.Client, authorization: str) -> None:
    response = client.get("/me", headers={"Authorization": authorization})

    assert response.status_code == 401


def test_basic_credentials_are_no_token(client: httpx.Client) -> None:
    assert client.get("/me", auth=("ada@example.com", "analytical-engine")).status_code == 401


@pytest.mark.parametrize("path", ["/health", "/echo", "/content/json"])
def test_some_things_are_public(client: httpx.Client, path: str) -> None:
    assert client.get(path).status_code == 200


def test_each_token_speaks_for_its_user(
    client: httpx.Client, make_user: MakeUser, log_in: LogIn, auth_headers: Headers
) -> None:
    user = make_user()

    assert client.get("/me", headers=log_in(user)).json()["id"] == user["id"]
    assert client.get("/me", headers=auth_headers).json()["id"] != user["id"]
