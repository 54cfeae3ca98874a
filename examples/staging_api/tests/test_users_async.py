import httpx
import pytest

from .aliases import Discard, Headers, MakeEmail, MakeUser

pytestmark = [pytest.mark.vcr, pytest.mark.asyncio]


async def test_lives_from_creation_to_deletion(
    async_client: httpx.AsyncClient,
    auth_headers: Headers,
    make_email: MakeEmail,
    discard: Discard,
) -> None:
    user = {"email": make_email(), "name": "Alan Turing", "password": "halting-problem"}

    created = await async_client.post("/users", json=user, headers=auth_headers)
    path = created.headers["Location"]
    discard(path)
    read = await async_client.get(path, headers=auth_headers)
    deleted = await async_client.delete(path, headers=auth_headers)
    gone = await async_client.get(path, headers=auth_headers)

    statuses = [response.status_code for response in (created, read, deleted, gone)]
    assert statuses == [201, 200, 204, 404]
    assert read.json() == created.json()


async def test_put_and_patch(
    async_client: httpx.AsyncClient, auth_headers: Headers, make_user: MakeUser
) -> None:
    user = make_user(team="bletchley")
    path = f"/users/{user['id']}"

    await async_client.put(
        path, json={"email": user["email"], "name": "A. M. Turing"}, headers=auth_headers
    )
    patched = await async_client.patch(path, json={"team": "npl"}, headers=auth_headers)

    assert patched.json()["name"] == "A. M. Turing"
    assert patched.json()["team"] == "npl"


async def test_lists_a_team(
    async_client: httpx.AsyncClient, auth_headers: Headers, make_user: MakeUser, slug: str
) -> None:
    made = [make_user(team=slug)["id"] for _ in range(2)]

    response = await async_client.get("/users", params={"team": slug}, headers=auth_headers)

    assert [user["id"] for user in response.json()["items"]] == made


async def test_unicode_names_survive(
    async_client: httpx.AsyncClient, auth_headers: Headers, make_user: MakeUser
) -> None:
    user = make_user(name="Žofie Nováková 🦊", team="tým №5")

    response = await async_client.get(f"/users/{user['id']}", headers=auth_headers)

    assert response.json()["name"] == "Žofie Nováková 🦊"
    assert response.json()["team"] == "tým №5"


async def test_member_may_not_delete(
    async_client: httpx.AsyncClient, make_user: MakeUser, member_headers: Headers
) -> None:
    response = await async_client.delete(f"/users/{make_user()['id']}", headers=member_headers)

    assert response.status_code == 403


@pytest.mark.parametrize("method", ["GET", "PATCH", "DELETE"])
async def test_stranger_learns_nothing(
    async_client: httpx.AsyncClient, make_user: MakeUser, method: str
) -> None:
    user = make_user()

    response = await async_client.request(method, f"/users/{user['id']}")

    assert response.status_code == 401
    assert user["email"] not in response.text
