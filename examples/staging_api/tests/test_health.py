import httpx
import pytest

pytestmark = pytest.mark.vcr


def test_is_healthy(client: httpx.Client) -> None:
    response = client.get("/health")

    assert response.status_code == 200
    assert response.json() == {"status": "ok"}


@pytest.mark.asyncio
async def test_is_healthy_async(async_client: httpx.AsyncClient) -> None:
    response = await async_client.get("/health")

    assert response.is_success
    assert response.json() == {"status": "ok"}


def test_head_has_headers_only(client: httpx.Client) -> None:
    response = client.head("/health")

    assert response.status_code == 200
    assert response.headers["Content-Type"] == "application/json"
    assert response.content == b""


def test_needs_no_client_of_its_own(base_url: str) -> None:
    assert httpx.get(f"{base_url}/health").json() == {"status": "ok"}
