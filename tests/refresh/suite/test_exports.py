"""Exports that are polled, coupons, echoes."""

import random
import time
import uuid

import pytest

pytestmark = pytest.mark.vcr
NAMES = ["Quiet", "Loud", "Green", "Round"]


@pytest.mark.parametrize("format", ["csv", "json", "xlsx"])
def test_an_export_is_polled(client, format):
    export = client.post("/exports", json={"format": format}).json()
    while (found := client.get(export["href"]).json())["status"] != "done":
        time.sleep(0)
    assert found["format"] == format


def test_two_exports_are_polled(client):
    links = [client.post("/exports", json={"format": f}).json()["href"] for f in ("csv", "json")]
    for link in links:
        while client.get(link).json()["status"] != "done":
            time.sleep(0)


def test_an_export_begins(client):
    """Fails with version 2."""
    assert client.post("/exports", json={"format": "csv"}).status_code == 202


def test_an_unknown_export(client):
    assert client.get(f"/exports/{uuid.uuid4()}").status_code == 404


def test_a_coupon(client):
    made = client.post("/coupons", json={"percent": 15}).json()
    assert client.get(f"/coupons/{made['id']}").json() == made


def test_a_coupon_of_any_size(client):
    percent = random.randint(1, 50)
    made = client.post("/coupons", json={"percent": percent}).json()
    assert client.get(f"/coupons/{made['id']}").json()["percent"] == percent


def test_an_echo(client):
    sent = {"name": random.choice(NAMES), "amount": random.randint(1, 1000), "tag": "x"}
    assert client.post("/echo", json=sent).json()["echo"] == sent
