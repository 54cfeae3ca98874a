"""Products: constants, samples and sets."""

import pytest

pytestmark = pytest.mark.vcr


def test_all_products(client):
    assert len(client.get("/products").json()["items"]) == 6


def test_products_are_counted(client):
    """Fails with version 2."""
    assert client.get("/products").headers["X-Total-Count"] == "6"


@pytest.mark.parametrize("sku", ["pen", "jar"])
def test_a_product(client, sku):
    found = client.get(f"/products/{sku}").json()
    assert {*found["colours"]} == {"red", "green", "blue"}
    assert len(found["related"]) == 3


def test_the_description_of_a_product(client):
    """Fails with version 2."""
    assert "blue" in client.get("/products/pen").json()["description"]


def test_a_price(client):
    assert client.get("/products/pen/price").json()["amount"] > 1


def test_an_unknown_product(client):
    assert client.get("/products/none").status_code == 404


def test_the_coupon_of_the_package(client, coupon):
    assert client.get(f"/coupons/{coupon}").json()["percent"] == 5


def test_a_basket_in_the_shop(client, basket, coupon):
    sent = {"text": f"Coupon {coupon}"}
    note = client.post(f"/orders/{basket['id']}/notes", json=sent).json()
    assert note["text"] == sent["text"]
