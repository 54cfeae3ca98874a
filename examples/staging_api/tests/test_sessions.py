import httpx
import pytest

from .aliases import Json, MakeUser

pytestmark = pytest.mark.vcr


@pytest.fixture
def user(make_user: MakeUser) -> Json:
    return make_user()


@pytest.fixture
def credentials(user: Json) -> Json:
    return {"email": user["email"], "password": user["password"]}


def test_sets_a_cookie_scripts_cannot_read(browser: httpx.Client, credentials: Json) -> None:
    response = browser.post("/session", json=credentials)

    assert response.status_code == 201
    assert "session_id" in response.cookies
    assert "HttpOnly" in response.headers["Set-Cookie"]


def test_cookie_speaks_for_the_user(browser: httpx.Client, user: Json, credentials: Json) -> None:
    browser.post("/session", json=credentials)

    response = browser.get("/session")

    assert response.request.headers["Cookie"].startswith("session_id=")
    assert response.json()["id"] == user["id"]


def test_session_can_be_ended(browser: httpx.Client, credentials: Json) -> None:
    browser.post("/session", json=credentials)

    assert browser.delete("/session").status_code == 204

    assert not browser.cookies
    assert browser.get("/session").status_code == 401


def test_ended_session_is_of_no_use(browser: httpx.Client, credentials: Json) -> None:
    browser.post("/session", json=credentials)
    stolen = browser.cookies["session_id"]
    browser.delete("/session")

    browser.cookies.set("session_id", stolen)

    assert browser.get("/session").status_code == 401


def test_there_is_none_to_begin_with(browser: httpx.Client) -> None:
    assert browser.get("/session").status_code == 401


def test_wrong_password_sets_no_cookie(browser: httpx.Client, credentials: Json) -> None:
    response = browser.post("/session", json=credentials | {"password": "wrong"})

    assert response.status_code == 401
    assert not response.cookies


@pytest.mark.asyncio
async def test_sessions_async(
    async_client: httpx.AsyncClient, user: Json, credentials: Json
) -> None:
    await async_client.post("/session", json=credentials)

    response = await async_client.get("/session")

    assert response.json()["email"] == user["email"]


def test_cookies_add_up(browser: httpx.Client) -> None:
    response = browser.get("/headers/repeated")

    assert len(response.headers.get_list("Set-Cookie")) == 2
    assert dict(browser.cookies) == {"theme": "dark", "language": "en"}
