"""Lists that other clients change as well, cursors, and values that vary."""

import pytest

pytestmark = pytest.mark.vcr


def cursor_of(page):
    return page.get("paging", page)["next_cursor"]


def test_the_newest_customer_is_listed(client, customer):
    page = client.get("/customers", params={"limit": 20}).json()
    assert customer["id"] in [row["id"] for row in page["items"]]


def test_a_page_has_a_limit(client):
    page = client.get("/customers", params={"limit": 2}).json()
    assert len(page["items"]) == 2


def test_two_pages_have_different_customers(client, make_customer):
    make_customer()
    first = client.get("/customers", params={"limit": 2}).json()
    second = client.get("/customers", params={"limit": 2, "cursor": cursor_of(first)}).json()
    ids = [row["id"] for page in (first, second) for row in page["items"]]
    assert len({*ids}) == 4


@pytest.mark.usefixtures("customer")
def test_the_cursor_of_a_page(client):
    """Fails with version 2."""
    assert client.get("/customers", params={"limit": 1}).json()["next_cursor"]


@pytest.mark.parametrize("limit", [1, 3])
def test_activity(client, limit):
    page = client.get("/activity", params={"limit": limit}).json()
    assert len(page["items"]) == limit


def test_statistics(client):
    found = client.get("/statistics").json()
    assert found["uptime"] > 0


@pytest.mark.usefixtures("customer")
def test_statistics_count(client):
    assert client.get("/statistics").json()["customers"] > 0


@pytest.mark.parametrize("symbol", ["ABC", "XYZ"])
def test_a_quote(client, symbol):
    found = client.get(f"/quotes/{symbol}").json()
    assert 10 <= found["price"] <= 99
