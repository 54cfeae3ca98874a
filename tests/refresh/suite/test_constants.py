"""What hardly ever changes."""

import pytest

pytestmark = pytest.mark.vcr


def test_settings(client):
    assert "EUR" in client.get("/settings").json()["currencies"]


def test_limits(client):
    found = client.get("/limits").json()
    assert found.get("data", found)["burst"] == 20


def test_plans(client):
    assert [plan["code"] for plan in client.get("/plans").json()["items"]] == ["free", "team"]


def test_a_report(client):
    assert client.get("/reports/daily").text.splitlines()[0] == "sku,sold"


def test_all_endpoints_answer(client):
    for path in client.get("/").json()["endpoints"]:
        assert client.get(path).is_success


def test_a_ping(client):
    assert client.get("/ping", follow_redirects=True).json() == {"status": "ok"}


def test_legacy_customers(client):
    """Fails with version 2."""
    assert client.get("/legacy/customers").is_success


def test_status(client):
    assert client.get("/status").json() == {"status": "ok"}


def test_no_such_endpoint(client):
    assert client.get("/nonsense").status_code == 404
