"""Orders, notes, shipments and invoices: numeric ids."""

import random
import uuid

import pytest

pytestmark = pytest.mark.vcr


class TestBasket:
    def test_it_has_a_total(self, basket):
        assert basket["total"] == 3 * 150 + 900

    def test_it_can_be_read(self, client, basket):
        assert client.get(f"/orders/{basket['id']}").json()["id"] == basket["id"]

    def test_its_total_can_be_read(self, client, basket):
        """Fails with version 2."""
        assert client.get(f"/orders/{basket['id']}").json()["total"] == 1350

    def test_it_gets_a_note(self, client, basket):
        path = f"/orders/{basket['id']}/notes"
        assert client.post(path, json={"text": "Ring twice."}).json()["order_id"] == basket["id"]

    def test_it_is_shipped(self, client, basket):
        made = client.post(f"/orders/{basket['id']}/shipments", json={}).json()
        found = client.get(f"/shipments/{made['id']}").json()
        assert found["parcel"]["code"] == made["parcel"]["code"]


def test_an_order_is_pending(make_order, keeper):
    assert make_order(keeper)["status"] == "pending"


def test_an_order_is_cancelled(client, make_order, keeper):
    """Fails with version 2."""
    order = make_order(keeper)
    assert client.post(f"/orders/{order['id']}/cancel").json()["status"] == "cancelled"


def test_an_order_is_cancelled_twice(client, make_order, keeper):
    order = make_order(keeper)
    answers = [client.post(f"/orders/{order['id']}/cancel") for _ in range(2)]
    assert all(answer.is_success for answer in answers)


def test_an_order_of_any_size(make_order, keeper):
    qty = random.randint(2, 90)
    assert make_order(keeper, "ink", qty)["total"] == 620 * qty


def test_an_order_has_a_reference(client, make_order, keeper):
    order = make_order(keeper, reference=str(uuid.uuid4()))
    assert client.get(f"/orders/{order['id']}").json()["reference"] == order["reference"]


def test_orders_of_a_customer(client, make_order, customer):
    ids = [make_order(customer, sku)["id"] for sku in ("pen", "bag")]
    found = client.get("/orders", params={"customer_id": customer["id"]}).json()["items"]
    assert [order["id"] for order in found] == ids


def test_a_customer_without_orders(client, customer):
    found = client.get("/orders", params={"customer_id": customer["id"]}).json()["items"]
    assert found == []


def test_an_unknown_order(client):
    answer = client.get("/orders/7")
    assert answer.status_code == 404
    assert "order" in answer.text


def test_notes_of_an_order(client, make_order, keeper):
    path = f"/orders/{make_order(keeper)['id']}/notes"
    for text in ("One.", "Two."):
        client.post(path, json={"text": text})
    found = client.get(path).json()
    found = found["items"] if isinstance(found, dict) else found
    assert [note["text"] for note in found] == ["One.", "Two."]


def test_an_invoice(client, make_order, keeper):
    made = client.post("/invoices", json={"order_id": make_order(keeper)["id"]}).json()
    found = client.get(f"/invoices/{made['id']}").json()
    assert found["number"] == made["number"]


@pytest.mark.parametrize("sku", ["pen", "jar"])
def test_the_file_of_an_invoice(client, make_order, keeper, sku):
    order = make_order(keeper, sku)
    made = client.post("/invoices", json={"order_id": order["id"]}).json()
    content = client.get(made["pdf_url"]).content
    assert content.startswith(b"%PDF")
    assert made["id"].encode() in content


def test_a_link_without_a_signature(client):
    assert client.get("/files/a.pdf").status_code == 403
