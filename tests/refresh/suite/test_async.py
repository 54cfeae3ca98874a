"""Async tests, one after the other and at the same time."""

import asyncio
import random

import pytest

pytestmark = [pytest.mark.vcr, pytest.mark.asyncio]


async def test_me(async_client):
    assert (await async_client.get("/me")).json()["role"] == "admin"


async def test_products_at_the_same_time(async_client):
    skus = ["pen", "cup", "bag", "ink"]
    answers = await asyncio.gather(*(async_client.get(f"/products/{sku}/price") for sku in skus))
    assert [answer.json()["sku"] for answer in answers] == skus


async def test_orders_at_the_same_time(async_client, keeper):
    async def order(sku):
        sent = {"customer_id": keeper["id"], "lines": [{"sku": sku, "qty": 1}]}
        made = (await async_client.post("/orders", json=sent)).json()
        return (await async_client.get(f"/orders/{made['id']}")).json()

    orders = await asyncio.gather(*map(order, ["pen", "cup", "bag"]))
    assert len({order["id"] for order in orders}) == 3


async def test_a_customer(async_client, organisation):
    email = f"eve.{random.randint(100, 99999)}@example.org"
    sent = {"name": "Eve", "email": email, "organisation_id": organisation["id"]}
    made = (await async_client.post("/customers", json=sent)).json()
    found = (await async_client.get(f"/customers/{made['id']}")).json()
    assert found["email"] == sent["email"]
    assert (await async_client.delete(f"/customers/{made['id']}")).is_success


async def test_an_export(async_client):
    export = (await async_client.post("/exports", json={"format": "csv"})).json()
    while (await async_client.get(export["href"])).json()["status"] != "done":
        await asyncio.sleep(0)


async def test_equal_requests_at_the_same_time(async_client):
    answers = await asyncio.gather(*(async_client.get("/quotes/DEF") for _ in range(8)))
    assert all(answer.is_success for answer in answers)
