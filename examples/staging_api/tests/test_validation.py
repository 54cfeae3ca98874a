import httpx
import pytest

from .aliases import Headers, Json, MakeEmail, MakeUser

pytestmark = pytest.mark.vcr


def fields(response: httpx.Response) -> list[str]:
    return [error["field"] for error in response.json()["errors"]]


@pytest.mark.parametrize(
    ("flaw", "field"),
    [
        pytest.param({"email": "nobody"}, "email", id="email: no @"),
        pytest.param({"email": "no body@example.com"}, "email", id="email: with a space"),
        pytest.param({"email": None}, "email", id="email: null"),
        pytest.param({"name": ""}, "name", id="name: empty"),
        pytest.param({"name": "x" * 81}, "name", id="name: 81/80 characters"),
        pytest.param({"name": 5}, "name", id="name: a number"),
        pytest.param({"role": "king"}, "role", id="role: unknown"),
        pytest.param({"password": "short"}, "password", id="password: too short"),
        pytest.param({"shoe_size": 42}, "shoe_size", id="unknown field"),
    ],
)
def test_flawed_user_is_refused(
    client: httpx.Client, auth_headers: Headers, make_email: MakeEmail, flaw: Json, field: str
) -> None:
    user = {"email": make_email(), "name": "Ada", "password": "analytical-engine"}

    response = client.post("/users", json=user | flaw, headers=auth_headers)

    assert response.status_code == 422
    assert fields(response) == [field]


def test_every_missing_field_is_named(client: httpx.Client, auth_headers: Headers) -> None:
    response = client.post("/users", json={}, headers=auth_headers)

    assert fields(response) == ["email", "name", "password"]


@pytest.mark.parametrize("field", ["email", "name", "role", "team"])
def test_patch_accepts_no_null(
    client: httpx.Client, auth_headers: Headers, make_user: MakeUser, field: str
) -> None:
    path = f"/users/{make_user()['id']}"

    response = client.patch(path, json={field: None}, headers=auth_headers)

    assert response.status_code == 422
    assert fields(response) == [field]


@pytest.mark.parametrize(
    ("items", "field"),
    [
        pytest.param([], "items", id="no items"),
        pytest.param([{"sku": "", "price": 1}], "items.0.sku", id="no sku"),
        pytest.param([{"sku": "pen", "price": -1}], "items.0.price", id="price < 0"),
        pytest.param(
            [{"sku": "pen", "price": 1}, {"sku": "ink", "price": 1, "quantity": 0}],
            "items.1.quantity",
            id="quantity = 0",
        ),
    ],
)
def test_flawed_order_is_refused(
    client: httpx.Client, auth_headers: Headers, items: list[Json], field: str
) -> None:
    response = client.post("/orders", json={"items": items}, headers=auth_headers)

    assert response.status_code == 422
    assert fields(response) == [field]


@pytest.mark.parametrize("query", ["page=0", "size=101", "sort=password", "colour=red"])
def test_flawed_query_is_refused(client: httpx.Client, auth_headers: Headers, query: str) -> None:
    response = client.get(f"/users?{query}", headers=auth_headers)

    assert response.status_code == 422
    assert fields(response) == [query.partition("=")[0]]


def test_broken_json_is_refused(client: httpx.Client) -> None:
    response = client.post(
        "/login", content=b'{"email": ', headers={"Content-Type": "application/json"}
    )

    assert response.status_code == 422


@pytest.mark.asyncio
@pytest.mark.parametrize("user_id", ["ada", "1.5"])
async def test_ids_are_whole_numbers(
    async_client: httpx.AsyncClient, auth_headers: Headers, user_id: str
) -> None:
    response = await async_client.get(f"/users/{user_id}", headers=auth_headers)

    assert response.status_code == 422
    assert fields(response) == ["user_id"]
