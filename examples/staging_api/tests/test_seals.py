import hashlib
import hmac
import json
import os
import time
import uuid
from collections.abc import Generator

import httpx
import pytest

pytestmark = pytest.mark.vcr

JSON = {"Content-Type": "application/json"}
"""Headers for bodies as text, whose size is known: httpx releases write JSON differently."""


class Seal(httpx.Auth):
    """Signs each request when it is sent."""

    requires_request_body = True

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        now = int(time.time())
        request.headers["X-Timestamp"] = str(now)
        request.headers["X-Signature"] = signature(now, request.content)
        yield request


@pytest.fixture
def body() -> bytes:
    return json.dumps({"id": str(uuid.uuid4()), "sent_at": time.time()}).encode()


def signature(timestamp: int, body: bytes) -> str:
    key = os.environ.get("STAGING_SIGNING_KEY", "")
    return hmac.new(key.encode(), str(timestamp).encode() + body, hashlib.sha256).hexdigest()


def in_headers(timestamp: int, body: bytes) -> dict[str, str]:
    return {"X-Timestamp": str(timestamp), "X-Signature": signature(timestamp, body)}


def in_query(timestamp: int, body: bytes) -> dict[str, str]:
    return {"timestamp": str(timestamp), "signature": signature(timestamp, body)}


def test_seal_in_headers(client: httpx.Client, body: bytes) -> None:
    response = client.post("/signed", content=body, headers=in_headers(int(time.time()), body))

    assert response.status_code == 200
    assert abs(response.json()["timestamp"] - time.time()) < 5


def test_seal_in_query(client: httpx.Client, body: bytes) -> None:
    response = client.post("/signed", content=body, params=in_query(int(time.time()), body))

    assert response.status_code == 200
    assert response.json()["size"] == pytest.approx(len(body), abs=8)


def test_client_that_seals_each_request(client: httpx.Client) -> None:
    numbers = [str(uuid.uuid4()) for _ in range(3)]

    responses = [client.post("/signed", json={"id": n}, auth=Seal()) for n in numbers]

    assert [response.status_code for response in responses] == [200] * 3
    assert len({response.json()["id"] for response in responses}) == 3


@pytest.mark.asyncio
async def test_client_that_seals_each_request_async(async_client: httpx.AsyncClient) -> None:
    order = json.dumps({"reference": uuid.uuid4().hex}, separators=(",", ":"))

    response = await async_client.post("/signed", content=order, headers=JSON, auth=Seal())

    assert response.status_code == 200
    assert response.json()["size"] == len(order)


def test_seal_grows_old(client: httpx.Client, body: bytes) -> None:
    then = int(time.time()) - 120

    responses = [
        client.post("/signed", content=body, headers=in_headers(then, body)),
        client.post("/signed", content=body, params=in_query(then, body)),
    ]

    assert [response.status_code for response in responses] == [401, 401]
    assert {response.json()["detail"] for response in responses} == {"The signature is too old."}


def test_seal_of_something_else(client: httpx.Client, body: bytes) -> None:
    headers = in_headers(int(time.time()), body + b" ")

    response = client.post("/signed", content=body, headers=headers)

    assert response.status_code == 401
    assert response.json()["detail"] == "The signature is wrong."


def test_no_seal(client: httpx.Client, body: bytes) -> None:
    assert client.post("/signed", content=body).status_code == 401
