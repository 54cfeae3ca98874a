"""Random data, which is new in each run and which the server stores."""

import asyncio
import importlib
import os
import random
import secrets
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from os import urandom
from secrets import token_hex
from typing import Any
from uuid import uuid4

import httpx
import numpy as np
import pytest
from faker import Faker

from .aliases import Discard, Headers, Join, Json, MakeOrder, MakeUser, Recorded

pytestmark = pytest.mark.vcr

fake = Faker()
# The library's own type hints are not usable.
factory: Any = importlib.import_module("factory")


def address() -> str:
    return f"{fake.bothify('???????.########').lower()}@example.com"


MemberFactory = factory.make_factory(
    dict,
    email=factory.LazyFunction(address),
    name=factory.Faker("name"),
    reference=factory.Faker("isbn13"),
)


@pytest.fixture
def sku() -> str:
    return f"sku-{token_hex(4)}"


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(max_workers=4) as pool:
        yield pool


class TestStandardLibrary:
    @pytest.mark.parametrize(
        "make",
        [
            pytest.param(lambda: uuid.uuid1().hex, id="uuid1"),
            pytest.param(lambda: uuid.uuid4().hex, id="uuid4"),
            pytest.param(lambda: uuid4().hex, id="uuid4 by name"),
            pytest.param(lambda: os.urandom(12).hex(), id="urandom"),
            pytest.param(lambda: urandom(12).hex(), id="urandom by name"),
            pytest.param(lambda: secrets.token_urlsafe(12), id="token_urlsafe"),
            pytest.param(lambda: token_hex(12), id="token_hex by name"),
            pytest.param(lambda: secrets.randbelow(10**18), id="randbelow"),
            pytest.param(lambda: random.randint(10**11, 10**12), id="randint"),
            pytest.param(lambda: random.getrandbits(64), id="getrandbits"),
            pytest.param(lambda: "".join(random.choices("abcdefgh", k=24)), id="choices"),
            pytest.param(lambda: random.randbytes(12).hex(), id="randbytes"),
            pytest.param(lambda: random.Random().random(), id="Random()"),
            pytest.param(lambda: random.SystemRandom().random(), id="SystemRandom()"),
        ],
    )
    def test_makes_up_addresses(self, join: Join, make: Callable[[], object]) -> None:
        first, second = (f"{make()}@example.com" for _ in range(2))

        assert first != second
        assert [join(first)["email"], join(second)["email"]] == [first, second]

    def test_fixture_and_test_make_up_different_things(
        self, make_order: MakeOrder, sku: str
    ) -> None:
        other = f"sku-{token_hex(4)}"

        order = make_order(items=[{"sku": sku, "price": 1}, {"sku": other, "price": 2}])

        assert sku != other
        assert [item["sku"] for item in order["items"]] == [sku, other]

    def test_random_prices_add_up(self, make_order: MakeOrder) -> None:
        prices = random.sample(range(1, 10_000), k=5)
        random.shuffle(prices)

        order = make_order(items=[{"sku": "pen", "price": price} for price in prices])

        assert order["total"] == sum(prices)

    def test_own_seed_is_respected(self, make_order: MakeOrder) -> None:
        random.seed(7)
        first = random.random()
        random.seed(7)

        order = make_order(note=str(random.random()))

        assert order["note"] == str(first)

    def test_key_places_one_order(
        self, client: httpx.Client, auth_headers: Headers, sku: str, discard: Discard
    ) -> None:
        headers = auth_headers | {"Idempotency-Key": str(uuid4())}
        order = {"items": [{"sku": sku, "price": 150}]}

        first, second = (client.post("/orders", json=order, headers=headers) for _ in range(2))
        discard(first.headers["Location"])

        assert first.json() == second.json()
        assert second.headers["Idempotent-Replayed"] == "true"

    def test_another_key_places_another_order(
        self, client: httpx.Client, auth_headers: Headers, sku: str, discard: Discard
    ) -> None:
        order = {"items": [{"sku": sku, "price": 150}]}
        ids = set()
        for _ in range(2):
            headers = auth_headers | {"Idempotency-Key": str(uuid4())}
            response = client.post("/orders", json=order, headers=headers)
            discard(response.headers["Location"])
            ids.add(response.json()["id"])

        assert len(ids) == 2

    def test_file_of_noise(
        self, client: httpx.Client, auth_headers: Headers, discard: Discard
    ) -> None:
        name, content = f"{uuid4()}.bin", urandom(256)

        response = client.post("/files", files={"file": (name, content)}, headers=auth_headers)
        path = response.headers["Location"]
        discard(path)

        assert response.json()["name"] == name
        assert client.get(path, headers=auth_headers).content == content

    def test_password_lets_in(
        self, client: httpx.Client, make_user: MakeUser, suite_tag: str
    ) -> None:
        password = secrets.token_urlsafe(16)
        user = make_user(email=f"{suite_tag}-{uuid4()}@example.com", password=password)

        response = client.post("/login", json={"email": user["email"], "password": password})

        assert response.status_code == 200


class TestParametrised:
    @pytest.mark.parametrize("role", ["admin", "member"])
    def test_role_and_address(self, make_user: MakeUser, role: str) -> None:
        email = f"{role}-{uuid4()}@example.com"

        user = make_user(email=email, role=role)

        assert (user["email"], user["role"]) == (email, role)

    @pytest.mark.parametrize("count", [1, 2, 3])
    def test_so_many_items(self, make_order: MakeOrder, count: int) -> None:
        items = [{"sku": token_hex(4), "price": random.randrange(1000)} for _ in range(count)]

        order = make_order(items=items)

        assert [item["sku"] for item in order["items"]] == [item["sku"] for item in items]

    @pytest.mark.parametrize("member", range(3))
    def test_member_by_member(self, join: Join, organisation: Json, member: int) -> None:
        email = f"{member}-{uuid.uuid1()}@example.com"

        assert join(email)["organisation_id"] == organisation["id"]


class TestFaker:
    def test_instance_of_the_module(self, join: Join) -> None:
        email, name = address(), fake.name()

        member = join(email, name)

        assert (member["email"], member["name"]) == (email, name)

    def test_instance_of_the_test(self, join: Join) -> None:
        czech = Faker("cs_CZ")
        name = czech.name()

        assert join(address(), name)["name"] == name

    def test_fixture(self, join: Join, faker: Faker) -> None:
        name, reference = faker.name(), faker.uuid4()

        member = join(address(), name, reference=reference)

        assert (member["name"], member["reference"]) == (name, reference)

    def test_unique_values(self, make_order: MakeOrder) -> None:
        skus = [fake.unique.ean13() for _ in range(4)]

        order = make_order(items=[{"sku": sku, "price": 100} for sku in skus])

        assert [item["sku"] for item in order["items"]] == skus

    @pytest.mark.asyncio
    async def test_instance_of_the_module_async(
        self, async_client: httpx.AsyncClient, auth_headers: Headers, members: str
    ) -> None:
        member = {"email": address(), "name": fake.name()}

        response = await async_client.post(members, json=member, headers=auth_headers)

        assert response.json().items() >= member.items()


class TestFactories:
    def test_one(self, join: Join) -> None:
        member = MemberFactory()

        assert join(**member).items() >= member.items()

    def test_batch(self, join: Join) -> None:
        members = MemberFactory.build_batch(3)

        joined = [join(**member) for member in members]

        assert [member["email"] for member in joined] == [member["email"] for member in members]
        assert len({member["reference"] for member in joined}) == 3


class TestNumpy:
    def test_global_generator(self, make_order: MakeOrder) -> None:
        prices = np.random.randint(1, 10_000, size=4).tolist()

        order = make_order(items=[{"sku": "pen", "price": price} for price in prices])

        assert [item["price"] for item in order["items"]] == prices

    def test_new_generator(self, make_order: MakeOrder) -> None:
        prices = np.random.default_rng().integers(1, 10_000, size=4).tolist()

        order = make_order(items=[{"sku": "pen", "price": price} for price in prices])

        assert order["total"] == sum(prices)

    def test_measurements(self, client: httpx.Client) -> None:
        series = np.random.normal(size=8).round(6).tolist()

        response = client.post("/echo", json=series)

        assert response.json()["body"] == str(series).replace(" ", "")


class TestThreads:
    def test_jobs_of_a_pool(self, join: Join, pool: ThreadPoolExecutor) -> None:
        def newcomer(number: int) -> tuple[str, str]:
            email = f"{number}-{uuid4()}@example.com"
            return email, join(email)["email"]

        pairs = list(pool.map(newcomer, range(8)))

        assert [sent for sent, _ in pairs] == [known for _, known in pairs]

    def test_two_values_in_each_job(self, join: Join, pool: ThreadPoolExecutor) -> None:
        def referred_newcomer() -> bool:
            email, reference = f"{token_hex(12)}@example.com", urandom(4).hex()
            return bool(join(email, reference=reference)["reference"] == reference)

        jobs = [pool.submit(referred_newcomer) for _ in range(6)]

        assert all(job.result() for job in jobs)

    def test_threads_by_hand(self, join: Join) -> None:
        joined: dict[str, Json] = {}

        def newcomer() -> None:
            email = f"{uuid4()}@example.com"
            joined[email] = join(email)

        threads = [threading.Thread(target=newcomer) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert [member["email"] for member in joined.values()] == list(joined)

    def test_value_from_outside(self, join: Join, pool: ThreadPoolExecutor) -> None:
        emails = [address() for _ in range(4)]

        assert [member["email"] for member in pool.map(join, emails)] == emails


class TestTasks:
    pytestmark = pytest.mark.asyncio

    async def test_gathered(
        self, async_client: httpx.AsyncClient, auth_headers: Headers, members: str
    ) -> None:
        async def newcomer(number: int) -> bool:
            email = f"{number}-{uuid4()}@example.com"
            await async_client.get("/echo", params={"greeted": email})
            member = {"email": email, "name": "Ada", "reference": token_hex(8)}
            response = await async_client.post(members, json=member, headers=auth_headers)
            return bool(response.json().items() >= member.items())

        assert all(await asyncio.gather(*map(newcomer, range(6))))

    async def test_in_threads(self, join: Join) -> None:
        def newcomer() -> Json:
            return join(f"{uuid4()}@example.com")

        joined = await asyncio.gather(*(asyncio.to_thread(newcomer) for _ in range(4)))

        assert len({member["id"] for member in joined}) == 4


class TestByHand:
    """A value that neither the seed nor the clock can repeat."""

    def test_value(self, join: Join, recorded: Recorded) -> None:
        mark = recorded("mark", lambda: f"{os.getpid()}-{time.perf_counter_ns()}")

        assert join(f"{mark}@example.com")["email"] == f"{mark}@example.com"

    def test_values_of_any_kind(self, client: httpx.Client, recorded: Recorded) -> None:
        machine = recorded("machine", lambda: {"load": os.getloadavg(), "pid": os.getpid()})

        response = client.post("/echo", json=machine)

        assert str(machine["pid"]) in response.json()["body"]
        assert len(machine["load"]) == 3
