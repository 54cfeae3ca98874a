"""Tests that depend on the clock, in what they send and in what they expect."""

import asyncio
import json
import time
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from datetime import datetime as imported_datetime
from email.utils import formatdate
from time import time as imported_time

import httpx
import pytest

from .aliases import Discard, Headers, Join, Json, MakeOrder, MakeUser

pytestmark = pytest.mark.vcr

MOMENT = timedelta(seconds=5)


def age(made: Json) -> timedelta:
    return datetime.now(UTC) - datetime.fromisoformat(made["created_at"])


@pytest.fixture
def reader(base_url: str, report_key: str) -> Iterator[httpx.Client]:
    headers = {"X-Api-Key": report_key}
    with httpx.Client(base_url=base_url, headers=headers, timeout=10) as reader:
        yield reader


class TestCreatedJustNow:
    def test_user(self, make_user: MakeUser) -> None:
        assert timedelta(0) <= age(make_user()) < MOMENT

    def test_order(self, make_order: MakeOrder) -> None:
        assert timedelta(0) <= age(make_order()) < MOMENT

    def test_member(self, join: Join) -> None:
        before = datetime.now(UTC)

        member = join(f"{uuid.uuid4()}@example.com")

        created_at = datetime.fromisoformat(member["created_at"])
        assert before - MOMENT < created_at <= datetime.now(UTC)

    def test_one_after_the_other(self, make_order: MakeOrder) -> None:
        first, second = age(make_order()), age(make_order())

        assert abs(first - second) < MOMENT

    def test_organisation_is_of_today(self, organisation: Json) -> None:
        assert timedelta(0) <= age(organisation) < timedelta(hours=1)

    @pytest.mark.asyncio
    async def test_order_async(
        self, async_client: httpx.AsyncClient, auth_headers: Headers, discard: Discard
    ) -> None:
        order = {"items": [{"sku": "pen", "price": 150}]}

        responses = await asyncio.gather(
            *(async_client.post("/orders", json=order, headers=auth_headers) for _ in range(3))
        )
        for response in responses:
            discard(response.headers["Location"])

        ages = [age(response.json()) for response in responses]
        assert timedelta(0) <= min(ages) <= max(ages) < MOMENT

    def test_answer_has_a_date(self, client: httpx.Client) -> None:
        sent_at = time.time()

        answered = datetime.strptime(
            client.get("/health").headers["Date"], "%a, %d %b %Y %H:%M:%S GMT"
        )

        assert abs(answered.replace(tzinfo=UTC).timestamp() - sent_at) < MOMENT.total_seconds()


class TestTimesInRequests:
    @pytest.mark.parametrize(
        "moment",
        [
            pytest.param(lambda: datetime.now(UTC).isoformat(), id="iso"),
            pytest.param(lambda: imported_datetime.now(UTC).isoformat(), id="iso, imported"),
            pytest.param(lambda: datetime.now().isoformat(), id="iso, local"),
            pytest.param(lambda: str(datetime.now(UTC)), id="iso, with a blank"),
            pytest.param(lambda: f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}", id="iso, seconds"),
            pytest.param(lambda: f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}", id="iso, basic"),
            pytest.param(lambda: formatdate(usegmt=True), id="http"),
            pytest.param(time.time, id="epoch"),
            pytest.param(imported_time, id="epoch, imported"),
            pytest.param(lambda: int(time.time()), id="epoch, seconds"),
            pytest.param(lambda: time.time_ns() // 1_000_000, id="epoch, milliseconds"),
            pytest.param(lambda: date.today().isoformat(), id="today"),
            pytest.param(lambda: time.strftime("%A, %d.%m.%Y", time.gmtime()), id="in words"),
        ],
    )
    def test_arrive(self, client: httpx.Client, moment: Callable[[], object]) -> None:
        responses = [
            client.get("/echo", params={"at": str(moment())}),
            client.post("/echo", json={"at": moment()}),
            client.post("/echo", data={"at": moment()}),
            client.post("/echo", content=f"It is {moment()}."),
        ]

        assert [response.status_code for response in responses] == [200] * 4
        assert all(str(moment())[:2] in response.text for response in responses)

    def test_deadline(self, make_order: MakeOrder) -> None:
        deadline = datetime.now(UTC) + timedelta(days=7)

        order = make_order(note=json.dumps({"deliver_before": deadline.isoformat()}))

        left = datetime.fromisoformat(json.loads(order["note"])["deliver_before"]) - deadline
        assert abs(left) < MOMENT

    def test_clocks_agree(self, client: httpx.Client) -> None:
        response = client.get("/clock", headers={"X-Request-Time": datetime.now(UTC).isoformat()})

        assert 0 <= response.json()["age"] < MOMENT.total_seconds()
        now = datetime.fromisoformat(response.json()["now"])
        assert timedelta(0) <= datetime.now(UTC) - now < MOMENT

    def test_clocks_disagree(self, client: httpx.Client) -> None:
        yesterday = datetime.now(UTC) - timedelta(days=1)

        response = client.get("/clock", headers={"X-Request-Time": yesterday.isoformat()})

        assert response.status_code == 400

    def test_time_in_an_address(self, join: Join) -> None:
        made_at = uuid.uuid1()

        member = join(f"{made_at}@example.com")

        since_1582 = timedelta(microseconds=made_at.time // 10)
        minted = datetime(1582, 10, 15, tzinfo=UTC) + since_1582
        assert abs(datetime.fromisoformat(member["created_at"]) - minted) < MOMENT


class TestExpiry:
    def test_token_lasts_an_hour(self, client: httpx.Client, admin_credentials: Json) -> None:
        token = client.post("/login", json=admin_credentials).json()
        expires_at = time.time() + token["expires_in"]

        response = client.get("/me", headers={"Authorization": f"Bearer {token['access_token']}"})

        assert response.status_code == 200
        assert expires_at - time.time() == pytest.approx(3600, abs=5)


class TestDatedReports:
    def test_of_today(self, reader: httpx.Client) -> None:
        today = datetime.now(UTC).date()

        response = reader.get(f"/reports/{today:%Y/%m/%d}")

        assert response.json() == {"day": str(today), "title": f"What happened on {today:%A}"}

    def test_of_yesterday(self, reader: httpx.Client) -> None:
        yesterday = datetime.now(UTC).date() - timedelta(days=1)

        response = reader.get(f"/reports/{yesterday.year}/{yesterday.month}/{yesterday.day}")

        assert response.json()["day"] == yesterday.isoformat()

    def test_of_the_last_week(self, reader: httpx.Client) -> None:
        today = datetime.now(UTC).date()
        week = [today - timedelta(days=number) for number in range(7)]

        titles = [reader.get(f"/reports/{day:%Y/%m/%d}").json()["title"] for day in week]

        assert titles == [f"What happened on {day:%A}" for day in week]

    def test_of_next_week_is_still_to_come(self, reader: httpx.Client) -> None:
        next_week = datetime.now(UTC).date() + timedelta(days=7)

        response = reader.get(f"/reports/{next_week:%Y/%m/%d}")

        assert response.status_code == 404
        assert str(next_week) in response.json()["detail"]

    def test_latest_is_of_today(self, reader: httpx.Client) -> None:
        assert reader.get("/reports").json()["day"] == str(datetime.now(UTC).date())

    def test_is_not_sent_twice(self, reader: httpx.Client) -> None:
        path = f"/reports/{datetime.now(UTC):%Y/%m/%d}"
        headers = {"If-Modified-Since": formatdate(usegmt=True)}

        assert reader.get(path, headers=headers).status_code == 304

    @pytest.mark.asyncio
    async def test_of_today_async(self, async_client: httpx.AsyncClient, report_key: str) -> None:
        today = datetime.now(UTC).date()

        response = await async_client.get(
            f"/reports/{today:%Y/%m/%d}", headers={"X-Api-Key": report_key}
        )

        assert response.json()["day"] == today.isoformat()
