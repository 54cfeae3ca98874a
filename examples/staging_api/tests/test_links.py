"""Absolute links, which begin with the address of the server."""

import re
from collections.abc import AsyncIterator, Iterator

import httpx
import pytest

from .aliases import Discard, Headers, Json

pytestmark = pytest.mark.vcr


@pytest.fixture
def note(client: httpx.Client, auth_headers: Headers, slug: str, discard: Discard) -> Json:
    response = client.post("/notes", json={"topic": slug, "text": "First."}, headers=auth_headers)
    discard(response.headers["Location"])
    return dict(response.json())


@pytest.fixture
def topic(client: httpx.Client, auth_headers: Headers, slug: str, discard: Discard) -> str:
    """The path of a list with five notes."""
    for number in range(1, 6):
        new = {"topic": slug, "text": f"No. {number}"}
        discard(client.post("/notes", json=new, headers=auth_headers).headers["Location"])
    return f"/notes?topic={slug}"


def texts(response: httpx.Response) -> list[str]:
    return [note["text"] for note in response.json()["items"]]


def pages(client: httpx.Client, url: str | None, headers: Headers) -> Iterator[httpx.Response]:
    while url:
        yield (response := client.get(url, headers=headers))
        url = response.json()["links"]["next"]


async def pages_async(
    client: httpx.AsyncClient, url: str | None, headers: Headers
) -> AsyncIterator[httpx.Response]:
    while url:
        yield (response := await client.get(url, headers=headers))
        url = response.json()["links"]["next"]


def test_are_absolute(base_url: str, note: Json) -> None:
    assert note["links"]["self"] == f"{base_url}/notes/{note['id']}"
    assert note["links"]["topic"] == f"{base_url}/notes?topic={note['topic']}"


def test_location_is_absolute(
    client: httpx.Client, auth_headers: Headers, base_url: str, slug: str, discard: Discard
) -> None:
    response = client.post("/notes", json={"topic": slug, "text": "Here."}, headers=auth_headers)
    location = response.headers["Location"]
    discard(location)

    assert location == f"{base_url}/notes/{response.json()['id']}"
    assert client.get(location, headers=auth_headers).json() == response.json()


def test_self_leads_to_itself(client: httpx.Client, auth_headers: Headers, note: Json) -> None:
    assert client.get(note["links"]["self"], headers=auth_headers).json() == note


def test_topic_leads_there_and_back(
    client: httpx.Client, auth_headers: Headers, note: Json
) -> None:
    found = client.get(note["links"]["topic"], headers=auth_headers).json()
    again = client.get(found["links"]["self"], headers=auth_headers).json()

    assert found["items"] == again["items"] == [note]


@pytest.mark.asyncio
async def test_can_be_deleted_by_its_link_async(
    async_client: httpx.AsyncClient, auth_headers: Headers, note: Json
) -> None:
    url = note["links"]["self"]

    deleted = await async_client.delete(url, headers=auth_headers)
    gone = await async_client.get(url, headers=auth_headers)

    assert (deleted.status_code, gone.status_code) == (204, 404)


@pytest.mark.parametrize(("size", "lengths"), [(2, [2, 2, 1]), (5, [5])])
def test_next_leads_through_all(
    client: httpx.Client, auth_headers: Headers, topic: str, size: int, lengths: list[int]
) -> None:
    visited = [texts(page) for page in pages(client, f"{topic}&size={size}", auth_headers)]

    assert [len(page) for page in visited] == lengths
    assert [text for page in visited for text in page] == [f"No. {n}" for n in range(1, 6)]


@pytest.mark.asyncio
async def test_next_leads_through_all_async(
    async_client: httpx.AsyncClient, auth_headers: Headers, topic: str
) -> None:
    visited = pages_async(async_client, f"{topic}&size=3", auth_headers)

    assert [len(texts(page)) async for page in visited] == [3, 2]


def test_header_links_too(
    client: httpx.Client, auth_headers: Headers, base_url: str, topic: str
) -> None:
    first = client.get(f"{topic}&size=4", headers=auth_headers)
    second = client.get(first.links["next"]["url"], headers=auth_headers)

    assert first.links["next"]["url"].startswith(f"{base_url}/notes?")
    assert first.links["next"]["url"] == first.json()["links"]["next"]
    assert texts(second) == ["No. 5"]
    assert "next" not in second.links


def test_redirect_leads_to_the_latest(
    client: httpx.Client, auth_headers: Headers, base_url: str, topic: str
) -> None:
    path = topic.replace("/notes", "/notes/latest")

    redirect = client.get(path, headers=auth_headers)
    latest = client.get(path, headers=auth_headers, follow_redirects=True)

    assert redirect.status_code == 303
    assert redirect.headers["Location"].startswith(f"{base_url}/notes/")
    assert latest.json()["text"] == "No. 5"
    assert str(latest.url) == latest.json()["links"]["self"] == redirect.headers["Location"]


def test_link_in_a_page(client: httpx.Client, auth_headers: Headers, note: Json) -> None:
    page = client.get(f"/notes/{note['id']}/page", headers=auth_headers)
    link = re.search('href="([^"]+)"', page.text)

    assert link
    assert client.get(link[1], headers=auth_headers).json() == note


def test_client_without_a_base_url(auth_headers: Headers, note: Json) -> None:
    with httpx.Client(headers=auth_headers) as client:
        assert client.get(note["links"]["self"]).json() == note


def test_link_inside_a_request(
    client: httpx.Client, auth_headers: Headers, note: Json, discard: Discard
) -> None:
    answer = {"topic": note["topic"], "text": f"See {note['links']['self']}."}

    response = client.post("/notes", json=answer, headers=auth_headers)
    discard(response.headers["Location"])

    assert response.json()["text"] == answer["text"]
