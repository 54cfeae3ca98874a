import httpx
import pytest

from .aliases import Headers, MakeUser

pytestmark = pytest.mark.vcr


@pytest.fixture
def path(make_user: MakeUser) -> str:
    return f"/users/{make_user()['id']}"


def test_etag_changes_with_the_user(client: httpx.Client, auth_headers: Headers, path: str) -> None:
    before = client.get(path, headers=auth_headers).headers["ETag"]
    changed = client.patch(path, json={"name": "Ada King"}, headers=auth_headers)
    after = client.get(path, headers=auth_headers).headers["ETag"]

    assert before != after
    assert changed.headers["ETag"] == after


def test_known_version_is_not_sent_again(
    client: httpx.Client, auth_headers: Headers, path: str
) -> None:
    etag = client.get(path, headers=auth_headers).headers["ETag"]

    response = client.get(path, headers=auth_headers | {"If-None-Match": etag})

    assert response.status_code == 304
    assert response.headers["ETag"] == etag
    assert response.content == b""


@pytest.mark.asyncio
async def test_known_version_is_not_sent_again_async(
    async_client: httpx.AsyncClient, auth_headers: Headers, path: str
) -> None:
    etag = (await async_client.get(path, headers=auth_headers)).headers["ETag"]

    response = await async_client.get(path, headers=auth_headers | {"If-None-Match": etag})

    assert response.status_code == httpx.codes.NOT_MODIFIED


def test_new_version_is_sent(client: httpx.Client, auth_headers: Headers, path: str) -> None:
    etag = client.get(path, headers=auth_headers).headers["ETag"]
    client.patch(path, json={"name": "Ada King"}, headers=auth_headers)

    response = client.get(path, headers=auth_headers | {"If-None-Match": etag})

    assert response.status_code == 200
    assert response.json()["name"] == "Ada King"


def test_head_tells_the_version(client: httpx.Client, auth_headers: Headers, path: str) -> None:
    head, get = client.head(path, headers=auth_headers), client.get(path, headers=auth_headers)

    assert head.headers["ETag"] == get.headers["ETag"]
    assert head.headers["Content-Length"] == str(len(get.content))
    assert head.content == b""


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
def test_change_of_the_current_version_goes_through(
    client: httpx.Client, auth_headers: Headers, path: str, method: str
) -> None:
    current = client.get(path, headers=auth_headers)
    changes = {"email": current.json()["email"], "name": "Ada King"}
    headers = auth_headers | {"If-Match": current.headers["ETag"]}

    assert client.request(method, path, json=changes, headers=headers).status_code == 200


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
def test_change_of_an_old_version_does_not(
    client: httpx.Client, auth_headers: Headers, path: str, method: str
) -> None:
    current = client.get(path, headers=auth_headers)
    changes = {"email": current.json()["email"], "name": "Ada King"}
    headers = auth_headers | {"If-Match": current.headers["ETag"]}
    client.patch(path, json={"team": "engines"}, headers=auth_headers)

    response = client.request(method, path, json=changes, headers=headers)

    assert response.status_code == 412
    assert client.get(path, headers=auth_headers).json()["name"] == "Ada Lovelace"


@pytest.mark.asyncio
async def test_change_of_an_old_version_does_not_async(
    async_client: httpx.AsyncClient, auth_headers: Headers, path: str
) -> None:
    headers = auth_headers | {"If-Match": '"0"'}

    response = await async_client.patch(path, json={"name": "Ada King"}, headers=headers)

    assert response.status_code == 412
