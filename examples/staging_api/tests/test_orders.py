from collections.abc import Iterator

import httpx
import pytest

from .aliases import Discard, Headers, Json, LogIn, MakeOrder, MakeUser

pytestmark = pytest.mark.vcr


@pytest.fixture(scope="class")
def order(client: httpx.Client, auth_headers: Headers) -> Iterator[Json]:
    items = [{"sku": "pen", "quantity": 2, "price": 150}, {"sku": "ink", "price": 900}]
    response = client.post(
        "/orders", json={"items": items, "note": "No hurry."}, headers=auth_headers
    )
    order = response.raise_for_status().json()
    yield order
    client.delete(f"/orders/{order['id']}", headers=auth_headers).raise_for_status()


class TestOneOrder:
    """Reading an order that is not changed."""

    def test_starts_as_pending(self, order: Json) -> None:
        assert order["status"] == "pending"
        assert order["note"] == "No hurry."

    def test_adds_up(self, order: Json) -> None:
        assert [item["quantity"] for item in order["items"]] == [2, 1]
        assert order["total"] == 2 * 150 + 900

    def test_can_be_read_again(
        self, client: httpx.Client, auth_headers: Headers, order: Json
    ) -> None:
        assert client.get(f"/orders/{order['id']}", headers=auth_headers).json() == order

    @pytest.mark.asyncio
    async def test_can_be_read_again_async(
        self, async_client: httpx.AsyncClient, auth_headers: Headers, order: Json
    ) -> None:
        response = await async_client.get(f"/orders/{order['id']}", headers=auth_headers)

        assert response.json() == order

    def test_is_nobody_elses_business(
        self, client: httpx.Client, member_headers: Headers, order: Json
    ) -> None:
        response = client.get(f"/orders/{order['id']}", headers=member_headers)

        assert response.status_code == 403


class TestStatus:
    @pytest.mark.parametrize(
        "route",
        [
            pytest.param(["paid", "shipped", "delivered"], id="paid/shipped/delivered"),
            pytest.param(["paid", "cancelled"], id="paid/cancelled"),
            pytest.param(["cancelled"], id="cancelled"),
        ],
    )
    def test_follows_a_route(
        self,
        client: httpx.Client,
        auth_headers: Headers,
        make_order: MakeOrder,
        route: list[str],
    ) -> None:
        path = f"/orders/{make_order()['id']}"

        for status in route:
            moved = client.patch(path, json={"status": status}, headers=auth_headers)
            assert moved.json()["status"] == status

        assert client.get(path, headers=auth_headers).json()["status"] == route[-1]

    @pytest.mark.parametrize(
        ("route", "illegal"),
        [([], "shipped"), (["paid"], "pending"), (["paid"], "paid"), (["cancelled"], "paid")],
    )
    def test_refuses_a_leap(
        self,
        client: httpx.Client,
        auth_headers: Headers,
        make_order: MakeOrder,
        route: list[str],
        illegal: str,
    ) -> None:
        path = f"/orders/{make_order()['id']}"
        for status in route:
            client.patch(path, json={"status": status}, headers=auth_headers)

        response = client.patch(path, json={"status": illegal}, headers=auth_headers)

        assert response.status_code == 409


class TestIdempotency:
    def test_same_key_places_one_order(
        self, client: httpx.Client, auth_headers: Headers, slug: str, discard: Discard
    ) -> None:
        headers = auth_headers | {"Idempotency-Key": slug}
        order = {"items": [{"sku": "pen", "price": 150}]}

        first = client.post("/orders", json=order, headers=headers)
        discard(first.headers["Location"])
        second = client.post("/orders", json=order, headers=headers)

        assert first.json() == second.json()
        assert "Idempotent-Replayed" not in first.headers
        assert second.headers["Idempotent-Replayed"] == "true"

    def test_key_belongs_to_its_order(
        self, client: httpx.Client, auth_headers: Headers, slug: str, discard: Discard
    ) -> None:
        headers = auth_headers | {"Idempotency-Key": slug}
        first = client.post(
            "/orders", json={"items": [{"sku": "pen", "price": 150}]}, headers=headers
        )
        discard(first.headers["Location"])

        other = client.post(
            "/orders", json={"items": [{"sku": "ink", "price": 900}]}, headers=headers
        )

        assert other.status_code == 422

    def test_without_a_key_every_order_counts(self, make_order: MakeOrder) -> None:
        assert make_order()["id"] != make_order()["id"]


class TestListing:
    def test_everybody_sees_their_own(
        self, client: httpx.Client, make_order: MakeOrder, member_headers: Headers
    ) -> None:
        make_order()
        mine = [make_order(member_headers)["id"] for _ in range(2)]

        response = client.get("/orders", headers=member_headers)

        assert [order["id"] for order in response.json()["items"]] == mine

    def test_filters_by_status(
        self, client: httpx.Client, make_order: MakeOrder, member_headers: Headers
    ) -> None:
        paid, _ = make_order(member_headers), make_order(member_headers)
        client.patch(f"/orders/{paid['id']}", json={"status": "paid"}, headers=member_headers)

        response = client.get("/orders", params={"status": "paid"}, headers=member_headers)

        assert [order["id"] for order in response.json()["items"]] == [paid["id"]]

    def test_admin_sees_those_of_a_user(
        self,
        client: httpx.Client,
        auth_headers: Headers,
        make_user: MakeUser,
        log_in: LogIn,
        make_order: MakeOrder,
    ) -> None:
        user = make_user()
        order = make_order(log_in(user))

        response = client.get(f"/users/{user['id']}/orders", headers=auth_headers)

        assert response.json()["items"] == [order]

    @pytest.mark.asyncio
    async def test_member_does_not_see_those_of_a_user(
        self, async_client: httpx.AsyncClient, make_user: MakeUser, member_headers: Headers
    ) -> None:
        path = f"/users/{make_user()['id']}/orders"

        assert (await async_client.get(path, headers=member_headers)).status_code == 403


def test_orders_go_with_their_user(
    client: httpx.Client,
    auth_headers: Headers,
    make_user: MakeUser,
    log_in: LogIn,
    make_order: MakeOrder,
) -> None:
    user = make_user()
    order = make_order(log_in(user))

    client.delete(f"/users/{user['id']}", headers=auth_headers)

    assert client.get(f"/orders/{order['id']}", headers=auth_headers).status_code == 404
