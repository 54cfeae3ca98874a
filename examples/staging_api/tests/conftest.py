"""The fixtures of the tests: clients, logins, and data that is deleted after the test."""

import itertools
import os
import re
import secrets
import uuid
from collections.abc import AsyncIterator, Iterator

import httpx
import pytest
import pytest_asyncio

from .aliases import Discard, Headers, Join, Json, LogIn, MakeEmail, MakeOrder, MakeUser


@pytest.fixture(scope="session")
def base_url(base_url: str | None) -> str:
    return base_url or os.environ.get("API_BASE_URL") or "http://127.0.0.1:8000"


@pytest.fixture(scope="session")
def client(base_url: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=base_url, timeout=10) as client:
        yield client


@pytest_asyncio.fixture
async def async_client(base_url: str) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=base_url, timeout=10) as client:
        yield client


@pytest.fixture
def browser(base_url: str) -> Iterator[httpx.Client]:
    """A client for this test only, so that tests do not share cookies."""
    with httpx.Client(base_url=base_url, timeout=10) as browser:
        yield browser


@pytest.fixture(scope="session")
def admin_credentials() -> Json:
    password = os.environ.get("STAGING_ADMIN_PASSWORD", "")
    return {"email": "admin@example.com", "password": password}


@pytest.fixture(scope="session")
def admin_token(client: httpx.Client, admin_credentials: Json) -> str:
    response = client.post("/login", json=admin_credentials).raise_for_status()
    return str(response.json()["access_token"])


@pytest.fixture(scope="session")
def auth_headers(admin_token: str) -> Headers:
    return {"Authorization": f"Bearer {admin_token}"}


@pytest.fixture(scope="session")
def auditor_headers(client: httpx.Client, admin_credentials: Json) -> Iterator[Headers]:
    """Headers of a second login, which logs out at the end of the session."""
    response = client.post("/login", json=admin_credentials).raise_for_status()
    headers = {"Authorization": f"Bearer {response.json()['access_token']}"}
    yield headers
    client.post("/logout", headers=headers).raise_for_status()


@pytest.fixture
def slug(request: pytest.FixtureRequest) -> str:
    """The name of the test in a form for e-mail addresses, keys and buckets."""
    name = f"{request.path.stem} {request.node.getmodpath()}"
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")


@pytest.fixture
def make_email(slug: str) -> MakeEmail:
    numbers = itertools.count(1)
    return lambda: f"{slug}-{next(numbers)}@example.com"


@pytest.fixture
def discard(client: httpx.Client, auth_headers: Headers) -> Iterator[Discard]:
    """Return a function that takes paths to delete after the test, the last one first."""
    paths: list[str] = []
    yield paths.append
    for path in reversed(paths):
        client.delete(path, headers=auth_headers)


@pytest.fixture
def make_user(
    client: httpx.Client, auth_headers: Headers, make_email: MakeEmail, discard: Discard
) -> MakeUser:
    def make(**overrides: object) -> Json:
        user: Json = {
            "email": make_email(),
            "name": "Ada Lovelace",
            "password": "analytical-engine",
        }
        user |= overrides
        response = client.post("/users", json=user, headers=auth_headers).raise_for_status()
        discard(response.headers["Location"])
        return {**response.json(), "password": user["password"]}

    return make


@pytest.fixture
def log_in(client: httpx.Client) -> LogIn:
    def headers_for(user: Json) -> Headers:
        credentials = {"email": user["email"], "password": user["password"]}
        response = client.post("/login", json=credentials).raise_for_status()
        return {"Authorization": f"Bearer {response.json()['access_token']}"}

    return headers_for


@pytest.fixture
def member_headers(make_user: MakeUser, log_in: LogIn) -> Headers:
    return log_in(make_user(role="member"))


@pytest.fixture
def make_order(client: httpx.Client, auth_headers: Headers, discard: Discard) -> MakeOrder:
    def make(headers: Headers = auth_headers, **overrides: object) -> Json:
        order = {"items": [{"sku": "pen", "quantity": 2, "price": 150}]} | overrides
        response = client.post("/orders", json=order, headers=headers).raise_for_status()
        discard(response.headers["Location"])
        return dict(response.json())

    return make


@pytest.fixture(scope="session")
def suite_tag() -> str:
    """A random tag for the data of this run; this fixture sends no request."""
    return f"run-{secrets.token_hex(4)}"


@pytest.fixture(scope="session")
def organisation(client: httpx.Client, auth_headers: Headers) -> Json:
    """A new organisation. It cannot be deleted, so its name has to be new in each run."""
    name = f"Society {uuid.uuid4()}"
    response = client.post("/organisations", json={"name": name}, headers=auth_headers)
    return dict(response.raise_for_status().json())


@pytest.fixture(scope="session")
def members(organisation: Json) -> str:
    """The path of the organisation's members."""
    return f"/organisations/{organisation['id']}/members"


@pytest.fixture
def join(client: httpx.Client, auth_headers: Headers, members: str) -> Join:
    """Return a function that adds a member. It cannot be deleted, so its address has to be new."""

    def join(email: str, name: str = "Ada Lovelace", **more: object) -> Json:
        member = {"email": email, "name": name} | more
        response = client.post(members, json=member, headers=auth_headers)
        return dict(response.raise_for_status().json())

    return join


@pytest.fixture(scope="session")
def report_key() -> str:
    return os.environ.get("STAGING_API_KEY", "")
