"""Customers: made-up names and addresses, ETags, tags in any order."""

import random
import uuid

import pytest

pytestmark = pytest.mark.vcr


def test_a_customer_has_what_was_sent(make_customer):
    name = f"Customer {uuid.uuid4()}"
    assert make_customer(name=name)["name"] == name


def test_a_customer_can_be_read(client, customer):
    found = client.get(f"/customers/{customer['id']}").json()
    assert found["email"] == customer["email"]


def test_the_phone_of_a_customer(client, customer):
    """Fails with version 2."""
    assert client.get(f"/customers/{customer['id']}").json()["phone"].startswith("+44")


def test_a_made_up_phone(make_customer):
    phone = f"+44 20 7946 {random.randint(1000, 9999)}"
    assert make_customer(phone=phone)["phone"] == phone


def test_tags_have_any_order(client, customer):
    found = client.get(f"/customers/{customer['id']}").json()
    assert {*found["tags"]} == {"new", "trial", "web", "eu"}


def test_an_unchanged_customer_is_not_sent_again(client, customer):
    path = f"/customers/{customer['id']}"
    etag = client.get(path).headers["ETag"]
    assert client.get(path, headers={"If-None-Match": etag}).status_code == 304


def test_a_customer_is_changed_with_its_etag(client, customer):
    path = f"/customers/{customer['id']}"
    etag = client.get(path).headers["ETag"]
    sent = {"name": "Ada King"}
    assert client.patch(path, json=sent, headers={"If-Match": etag}).json()["name"] == "Ada King"
    assert client.patch(path, json=sent, headers={"If-Match": etag}).status_code == 412


def test_a_deleted_customer_is_not_found(client, make_customer):
    path = f"/customers/{make_customer()['id']}"
    assert client.delete(path).is_success
    assert client.get(path).status_code == 404


def test_a_deletion_has_no_content(client, make_customer):
    """Fails with version 2."""
    assert client.delete(f"/customers/{make_customer()['id']}").status_code == 204


@pytest.mark.parametrize("email", ["", "ada", "ada.example.org"])
def test_an_email_is_checked(client, email):
    answer = client.post("/customers", json={"name": "Ada", "email": email})
    assert answer.status_code == 422
    assert answer.json()["error"] == "invalid"


def test_two_customers_have_two_ids(make_customer):
    assert make_customer()["id"] != make_customer()["id"]


def test_the_customer_of_the_module(client, keeper):
    assert client.get(f"/customers/{keeper['id']}").json()["name"] == "Keeper"


def test_the_customer_of_the_module_has_an_organisation(client, keeper, organisation):
    found = client.get(f"/customers/{keeper['id']}").json()
    assert found["organisation_id"] == organisation["id"]
