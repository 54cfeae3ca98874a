import httpx
import pytest


@pytest.fixture(scope="package")
def coupon(client: httpx.Client) -> str:
    """A coupon for all tests of this package."""
    return str(client.post("/coupons", json={"percent": 5}).raise_for_status().json()["id"])
