"""Logins, organisations, addresses."""

import os
import uuid

import pytest

pytestmark = pytest.mark.vcr


def test_a_login_gives_a_token(anonymous):
    credentials = {"email": "tester@moving.example", "password": os.environ["MOVING_PASSWORD"]}
    answer = anonymous.post("/login", json=credentials).json()
    assert answer["token_type"] == "bearer"
    assert 3000 < answer["expires_in"] <= 3600


def test_a_wrong_password_is_refused(anonymous):
    credentials = {"email": "tester@moving.example", "password": "wrong"}
    assert anonymous.post("/login", json=credentials).status_code == 401


def test_a_token_of_this_test_works(anonymous):
    credentials = {"email": "tester@moving.example", "password": os.environ["MOVING_PASSWORD"]}
    token = anonymous.post("/login", json=credentials).json()["access_token"]
    answer = anonymous.get("/status", headers={"Authorization": f"Bearer {token}"})
    assert answer.json() == {"status": "ok"}


def test_without_a_token_nothing_is_shown(anonymous):
    assert anonymous.get("/plans").status_code == 401


def test_me(client):
    assert client.get("/me").json()["email"] == "tester@moving.example"


def test_me_counts_requests(client):
    first, second = (client.get("/me").json()["requests"] for _ in range(2))
    assert second > first


def test_my_role(client):
    """Fails with version 2."""
    assert client.get("/me").json()["legacy_role"] == "superuser"


def test_the_organisation_can_be_read(client, organisation):
    found = client.get(f"/organisations/{organisation['id']}").json()
    assert found["name"] == organisation["name"]


def test_the_owner_of_an_organisation(client, organisation):
    """Fails with version 2."""
    found = client.get(f"/organisations/{organisation['id']}").json()
    assert found["owner"] == "tester@moving.example"


def test_an_organisation_of_this_test(client):
    name = f"Club {uuid.uuid4()}"
    made = client.post("/organisations", json={"name": name}).json()
    found = client.get(f"/organisations/{made['id']}").json()
    assert found["slug"] == name.lower().replace(" ", "-")


def test_an_unknown_organisation(client):
    assert client.get(f"/organisations/{uuid.uuid4()}").status_code == 404


@pytest.mark.parametrize("country", [None, "FR"])
def test_an_address(client, organisation, country):
    """Fails with version 2 without a country."""
    sent = {"street": "Rue Cler 1", "city": "Paris"} | ({"country": country} if country else {})
    answer = client.post(f"/organisations/{organisation['id']}/addresses", json=sent)
    assert answer.status_code == 201
    assert answer.json()["organisation_id"] == organisation["id"]


def test_addresses(client):
    made = client.post("/organisations", json={"name": f"Guild {uuid.uuid4()}"}).json()
    path = f"/organisations/{made['id']}/addresses"
    sent = [{"street": "Main Street", "city": city, "country": "IE"} for city in ("Cork", "Bray")]
    ids = [client.post(path, json=address).json()["id"] for address in sent]
    assert [address["id"] for address in client.get(path).json()] == ids
