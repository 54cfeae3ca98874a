import httpx
import pytest

from .aliases import Headers, Json, LogIn, MakeUser

pytestmark = pytest.mark.vcr


def log_in_with(client: httpx.Client, user: Json, **more: object) -> httpx.Response:
    return client.post(
        "/login", json={"email": user["email"], "password": user["password"], **more}
    )


def test_hands_out_a_bearer_token(client: httpx.Client, make_user: MakeUser) -> None:
    response = log_in_with(client, make_user())

    assert response.status_code == 200
    assert response.json().keys() == {"access_token", "token_type", "expires_in"}
    assert response.json()["token_type"] == "bearer"
    assert response.json()["expires_in"] == 3600


def test_hands_out_another_token_each_time(client: httpx.Client, make_user: MakeUser) -> None:
    user = make_user()

    tokens = {log_in_with(client, user).json()["access_token"] for _ in range(3)}

    assert len(tokens) == 3


def test_says_who_has_logged_in(client: httpx.Client, make_user: MakeUser, log_in: LogIn) -> None:
    user = make_user(name="Grace Hopper")

    response = client.get("/me", headers=log_in(user))

    assert response.json()["email"] == user["email"]
    assert response.json()["name"] == "Grace Hopper"


@pytest.mark.asyncio
async def test_says_who_has_logged_in_async(
    async_client: httpx.AsyncClient, make_user: MakeUser
) -> None:
    user = make_user()
    credentials = {"email": user["email"], "password": user["password"]}

    token = (await async_client.post("/login", json=credentials)).json()["access_token"]
    me = await async_client.get("/me", headers={"Authorization": f"Bearer {token}"})

    assert me.json()["id"] == user["id"]


def test_auditor_is_an_admin(client: httpx.Client, auditor_headers: Headers) -> None:
    assert client.get("/me", headers=auditor_headers).json()["role"] == "admin"


def test_auditor_has_a_token_of_their_own(
    client: httpx.Client, auditor_headers: Headers, auth_headers: Headers
) -> None:
    assert auditor_headers != auth_headers
    assert client.get("/me", headers=auth_headers).is_success


@pytest.mark.parametrize("flaw", [{"password": "wrong"}, {"email": "nobody@example.com"}])
def test_refuses_wrong_credentials(client: httpx.Client, make_user: MakeUser, flaw: Json) -> None:
    response = log_in_with(client, make_user() | flaw)

    assert response.status_code == 401
    assert response.headers["WWW-Authenticate"] == "Bearer"


def test_expired_token_is_refused(client: httpx.Client, make_user: MakeUser) -> None:
    token = log_in_with(client, make_user(), expires_in=0).json()["access_token"]

    response = client.get("/me", headers={"Authorization": f"Bearer {token}"})

    assert response.status_code == 401
    assert response.json()["detail"] == "The token has expired."


def test_token_is_worthless_after_logging_out(
    client: httpx.Client, member_headers: Headers
) -> None:
    assert client.post("/logout", headers=member_headers).status_code == 204

    assert client.get("/me", headers=member_headers).status_code == 401


def test_logging_out_ends_one_token_only(
    client: httpx.Client, make_user: MakeUser, log_in: LogIn
) -> None:
    user = make_user()
    phone, laptop = log_in(user), log_in(user)

    client.post("/logout", headers=phone)

    assert client.get("/me", headers=laptop).status_code == 200
