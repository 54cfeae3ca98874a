"""Fixtures of every scope. Each value that has to be new in each run is made at random."""

from __future__ import annotations

import os
import random
import uuid
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import httpx
import pytest
import pytest_asyncio

Json = dict[str, Any]
NAMES = ["Ada", "Grace", "Katherine", "Dorothy", "Margaret", "Barbara"]


@pytest.fixture
def anonymous() -> Iterator[httpx.Client]:
    """A client of this test only: with cookies of others, a request depends on their order."""
    with httpx.Client(base_url=os.environ["API_BASE_URL"]) as client:
        yield client


@pytest.fixture(scope="session")
def token() -> str:
    credentials = {"email": "tester@moving.example", "password": os.environ["MOVING_PASSWORD"]}
    answer = httpx.post(f"{os.environ['API_BASE_URL']}/login", json=credentials)
    return str(answer.raise_for_status().json()["access_token"])


@pytest.fixture(scope="session")
def client(token: str) -> Iterator[httpx.Client]:
    headers = {"Authorization": f"Bearer {token}"}
    with httpx.Client(base_url=os.environ["API_BASE_URL"], headers=headers) as client:
        yield client


@pytest_asyncio.fixture
async def async_client(token: str) -> AsyncIterator[httpx.AsyncClient]:
    headers = {"Authorization": f"Bearer {token}"}
    base_url = os.environ["API_BASE_URL"]
    async with httpx.AsyncClient(base_url=base_url, headers=headers) as client:
        yield client


@pytest.fixture(scope="session")
def organisation(client: httpx.Client) -> Json:
    sent = {"name": f"Society {uuid.uuid4()}"}
    return dict(client.post("/organisations", json=sent).raise_for_status().json())


@pytest.fixture(scope="module")
def keeper(client: httpx.Client, organisation: Json) -> Json:
    """A customer for all tests of a module."""
    sent = {"name": "Keeper", "email": made_email(), "organisation_id": organisation["id"]}
    return dict(client.post("/customers", json=sent).raise_for_status().json())


@pytest.fixture(scope="class")
def basket(client: httpx.Client, keeper: Json) -> Json:
    """An order for all tests of a class."""
    lines = [{"sku": "pen", "qty": 3}, {"sku": "cup", "qty": 1}]
    sent = {"customer_id": keeper["id"], "lines": lines}
    return dict(client.post("/orders", json=sent).raise_for_status().json())


@pytest.fixture
def customer(make_customer: Callable[..., Json]) -> Json:
    return make_customer()


@pytest.fixture
def make_customer(client: httpx.Client, organisation: Json) -> Iterator[Callable[..., Json]]:
    """Return a function that makes a customer, which is deleted after the test."""
    made: list[str] = []

    def make(**more: object) -> Json:
        name = random.choice(NAMES)
        sent = {"name": name, "email": made_email(name), "organisation_id": organisation["id"]}
        answer = client.post("/customers", json=sent | more).raise_for_status()
        made.append(answer.headers["Location"])
        return dict(answer.json())

    yield make
    for path in reversed(made):
        client.delete(path)


@pytest.fixture
def make_order(client: httpx.Client) -> Callable[..., Json]:
    def make(customer: Json, sku: str = "pen", qty: int = 2, **more: object) -> Json:
        sent = {"customer_id": customer["id"], "lines": [{"sku": sku, "qty": qty}], **more}
        return dict(client.post("/orders", json=sent).raise_for_status().json())

    return make


def made_email(name: str = "Keeper") -> str:
    return f"{name.lower()}.{random.randint(100, 99999)}@example.org"
