import httpx
import pytest

pytestmark = pytest.mark.vcr


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_is_not_followed_unasked(client: httpx.Client, status: int) -> None:
    response = client.get(f"/redirects/{status}")

    assert response.status_code == status
    assert response.is_redirect
    assert response.headers["Location"] == "/echo"


@pytest.mark.parametrize(
    ("status", "method", "body"),
    [(302, "GET", ""), (303, "GET", ""), (307, "POST", "hello"), (308, "POST", "hello")],
)
def test_post_stays_a_post_if_the_status_says_so(
    client: httpx.Client, status: int, method: str, body: str
) -> None:
    response = client.post(f"/redirects/{status}", content="hello", follow_redirects=True)

    assert response.json()["method"] == method
    assert response.json()["body"] == body


def test_history_tells_the_way(client: httpx.Client) -> None:
    response = client.get("/redirects/chain/3", follow_redirects=True)

    assert response.url.path == "/echo"
    assert [past.url.path.rpartition("/chain/")[2] for past in response.history] == ["3", "2", "1"]


@pytest.mark.asyncio
async def test_history_tells_the_way_async(async_client: httpx.AsyncClient) -> None:
    response = await async_client.get("/redirects/chain/2", follow_redirects=True)

    assert response.is_success
    assert [past.status_code for past in response.history] == [302, 302]


def test_can_be_followed_by_hand(client: httpx.Client) -> None:
    response = client.get("/redirects/302", params={"to": "/content/json"})

    assert response.next_request is not None
    assert client.send(response.next_request).json()["greetings"]


def test_patience_has_an_end(base_url: str) -> None:
    with (
        httpx.Client(base_url=base_url, follow_redirects=True, max_redirects=2) as client,
        pytest.raises(httpx.TooManyRedirects),
    ):
        client.get("/redirects/chain/3")


def test_query_survives(client: httpx.Client) -> None:
    response = client.get(
        "/redirects/307", params={"to": "/echo?colour=blue&size=5/8"}, follow_redirects=True
    )

    assert response.json()["query"] == [["colour", "blue"], ["size", "5/8"]]
