import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from .aliases import Discard, Headers, Json, MakeEmail, MakeUser

pytestmark = pytest.mark.vcr


@pytest.fixture
def new_users(make_email: MakeEmail) -> list[Json]:
    return [
        {"email": make_email(), "name": f"Number {number}", "password": "analytical-engine"}
        for number in range(5)
    ]


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(max_workers=5) as pool:
        yield pool


class TestTasks:
    pytestmark = pytest.mark.asyncio

    async def test_each_user_is_made(
        self,
        async_client: httpx.AsyncClient,
        auth_headers: Headers,
        new_users: list[Json],
        discard: Discard,
    ) -> None:
        responses = await asyncio.gather(
            *(async_client.post("/users", json=user, headers=auth_headers) for user in new_users)
        )
        for response in responses:
            discard(response.headers["Location"])

        assert [response.json()["name"] for response in responses] == [
            user["name"] for user in new_users
        ]
        assert len({response.json()["id"] for response in responses}) == 5

    async def test_like_requests_get_like_answers(
        self, async_client: httpx.AsyncClient, auth_headers: Headers, make_user: MakeUser
    ) -> None:
        path = f"/users/{make_user()['id']}"

        responses = await asyncio.gather(
            *(async_client.get(path, headers=auth_headers) for _ in range(8))
        )

        assert len({response.text for response in responses}) == 1

    async def test_different_requests_get_their_own_answers(
        self, async_client: httpx.AsyncClient
    ) -> None:
        responses = await asyncio.gather(
            *(async_client.get("/echo", params={"number": number}) for number in range(10))
        )

        queries = [response.json()["query"] for response in responses]
        assert queries == [[["number", str(number)]] for number in range(10)]

    async def test_limit_holds_in_a_crowd(
        self, async_client: httpx.AsyncClient, slug: str, discard: Discard
    ) -> None:
        discard(f"/rate-limit/{slug}")
        params: Json = {"bucket": slug, "limit": 5}

        responses = await asyncio.gather(
            *(async_client.get("/rate-limit", params=params) for _ in range(8))
        )

        assert sorted(response.status_code for response in responses) == [200] * 5 + [429] * 3

    async def test_one_key_places_one_order_in_a_crowd(
        self,
        async_client: httpx.AsyncClient,
        auth_headers: Headers,
        slug: str,
        discard: Discard,
    ) -> None:
        order = {"items": [{"sku": "pen", "price": 150}]}
        headers = auth_headers | {"Idempotency-Key": slug}

        responses = await asyncio.gather(
            *(async_client.post("/orders", json=order, headers=headers) for _ in range(4))
        )
        discard(responses[0].headers["Location"])

        assert len({response.json()["id"] for response in responses}) == 1
        assert sum("Idempotent-Replayed" in response.headers for response in responses) == 3

    async def test_one_of_two_changes_wins(
        self, async_client: httpx.AsyncClient, auth_headers: Headers, make_user: MakeUser
    ) -> None:
        path = f"/users/{make_user()['id']}"
        headers = auth_headers | {"If-Match": '"1"'}

        responses = await asyncio.gather(
            *(
                async_client.patch(path, json={"name": name}, headers=headers)
                for name in ("Ada", "Grace")
            )
        )

        assert sorted(response.status_code for response in responses) == [200, 412]

    async def test_slow_answers_do_not_change_places_with_quick_ones(
        self, async_client: httpx.AsyncClient
    ) -> None:
        delays = [0.2, 0.1, 0.0]

        responses = await asyncio.gather(
            *(async_client.get("/slow", params={"seconds": delay}) for delay in delays)
        )

        assert [response.json()["slept"] for response in responses] == delays


class TestThreads:
    def test_each_user_is_made(
        self,
        client: httpx.Client,
        auth_headers: Headers,
        new_users: list[Json],
        discard: Discard,
        pool: ThreadPoolExecutor,
    ) -> None:
        def create(user: Json) -> httpx.Response:
            return client.post("/users", json=user, headers=auth_headers)

        responses = list(pool.map(create, new_users))
        for response in responses:
            discard(response.headers["Location"])

        assert [response.json()["email"] for response in responses] == [
            user["email"] for user in new_users
        ]

    def test_like_requests_get_like_answers(
        self, client: httpx.Client, auth_headers: Headers, pool: ThreadPoolExecutor
    ) -> None:
        calls = [pool.submit(client.get, "/me", headers=auth_headers) for _ in range(8)]

        assert {call.result().json()["role"] for call in calls} == {"admin"}

    def test_different_requests_get_their_own_answers(
        self, client: httpx.Client, pool: ThreadPoolExecutor
    ) -> None:
        def echoed(word: str) -> object:
            return client.post("/echo", content=word).json()["body"]

        words = ["one", "two", "three", "four", "five"]

        assert list(pool.map(echoed, words)) == words
