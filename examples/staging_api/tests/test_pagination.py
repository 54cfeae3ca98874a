from collections.abc import AsyncIterator, Iterator

import httpx
import pytest

from .aliases import Headers, Json, MakeUser

pytestmark = pytest.mark.vcr

NAMES = ["Abacus", "Book", "Compass", "Drum", "Easel", "Flask", "Globe"]


@pytest.fixture(scope="module")
def products(client: httpx.Client, auth_headers: Headers) -> Iterator[str]:
    """The path of a catalogue with seven products, at 100, 200, … 700 cents."""
    created = client.post("/catalogues", json={"name": "School"}, headers=auth_headers)
    catalogue = created.raise_for_status().headers["Location"]
    for number, name in enumerate(NAMES, start=1):
        product = {"sku": f"P-{number}", "name": name, "price": number * 100}
        client.post(f"{catalogue}/products", json=product, headers=auth_headers)
    yield f"{catalogue}/products"
    client.delete(catalogue, headers=auth_headers).raise_for_status()


def names(response: httpx.Response) -> list[str]:
    return [item["name"] for item in response.json()["items"]]


def pages(client: httpx.Client, path: str, headers: Headers) -> Iterator[httpx.Response]:
    response = client.get(path, headers=headers)
    yield response
    while "next" in response.links:
        response = client.get(response.links["next"]["url"], headers=headers)
        yield response


async def pages_async(
    client: httpx.AsyncClient, path: str, headers: Headers
) -> AsyncIterator[httpx.Response]:
    response = await client.get(path, headers=headers)
    yield response
    while "next" in response.links:
        response = await client.get(response.links["next"]["url"], headers=headers)
        yield response


@pytest.mark.parametrize(
    ("size", "lengths"), [(3, [3, 3, 1]), (7, [7]), (1, [1] * 7)], ids=["7/3", "7/7", "7/1"]
)
def test_next_links_lead_through_all(
    client: httpx.Client, auth_headers: Headers, products: str, size: int, lengths: list[int]
) -> None:
    visited = [names(page) for page in pages(client, f"{products}?size={size}", auth_headers)]

    assert [len(page) for page in visited] == lengths
    assert [name for page in visited for name in page] == NAMES


@pytest.mark.asyncio
async def test_next_links_lead_through_all_async(
    async_client: httpx.AsyncClient, auth_headers: Headers, products: str
) -> None:
    visited = pages_async(async_client, f"{products}?size=2", auth_headers)

    assert [name async for page in visited for name in names(page)] == NAMES


def test_page_in_the_middle_links_everywhere(
    client: httpx.Client, auth_headers: Headers, products: str
) -> None:
    response = client.get(products, params={"page": 2, "size": 3}, headers=auth_headers)

    assert {relation: link["url"] for relation, link in response.links.items()} == {
        "first": f"{products}?size=3&page=1",
        "prev": f"{products}?size=3&page=1",
        "next": f"{products}?size=3&page=3",
        "last": f"{products}?size=3&page=3",
    }


def test_totals_are_in_the_body(client: httpx.Client, auth_headers: Headers, products: str) -> None:
    body = client.get(products, params={"page": 3, "size": 3}, headers=auth_headers).json()

    assert body.pop("items")
    assert body == {"page": 3, "size": 3, "total": 7, "pages": 3}


def test_page_beyond_the_last_is_empty(
    client: httpx.Client, auth_headers: Headers, products: str
) -> None:
    response = client.get(products, params={"page": 9, "size": 5}, headers=auth_headers)

    assert names(response) == []
    assert "next" not in response.links


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"min_price": 600}, ["Flask", "Globe"]),
        ({"min_price": 200, "max_price": 300}, ["Book", "Compass"]),
        ({"name_contains": "oo"}, ["Book"]),
        ({"sort": "-price", "size": 2}, ["Globe", "Flask"]),
        ({"sort": "price", "page": 2, "size": 6}, ["Globe"]),
        ({"name_contains": "%"}, []),
    ],
    ids=["min", "min and max", "name", "sort: -price", "sort: price, page 2/2", "nothing found"],
)
def test_filters_and_sorts(
    client: httpx.Client, auth_headers: Headers, products: str, query: Json, expected: list[str]
) -> None:
    assert names(client.get(products, params=query, headers=auth_headers)) == expected


def test_links_keep_the_filters(client: httpx.Client, auth_headers: Headers, products: str) -> None:
    path = f"{products}?name_contains=s&sort=-name&size=1"

    visited = [names(page) for page in pages(client, path, auth_headers)]

    assert visited == [["Flask"], ["Easel"], ["Compass"], ["Abacus"]]


def test_users_come_in_pages_too(
    client: httpx.Client, auth_headers: Headers, make_user: MakeUser, slug: str
) -> None:
    made = [make_user(team=slug)["id"] for _ in range(5)]

    path = f"/users?team={slug}&size=2"
    visited = list(pages(client, path, auth_headers))

    assert [user["id"] for page in visited for user in page.json()["items"]] == made
    assert visited[0].links["next"]["url"] == f"/users?team={slug}&size=2&page=2"
