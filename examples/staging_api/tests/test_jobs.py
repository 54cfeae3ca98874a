from collections.abc import AsyncIterator, Iterator

import httpx
import pytest

from .aliases import Discard, Headers, Json

pytestmark = pytest.mark.vcr


@pytest.fixture
def job(client: httpx.Client, auth_headers: Headers, discard: Discard) -> httpx.Response:
    response = client.post("/jobs", json={"task": "report"}, headers=auth_headers)
    discard(response.headers["Location"])
    return response


def polls(client: httpx.Client, path: str, headers: Headers) -> Iterator[Json]:
    """Poll without a pause until the job is finished."""
    while True:
        job = client.get(path, headers=headers).json()
        yield job
        if job["status"] == "done":
            return


async def polls_async(
    client: httpx.AsyncClient, path: str, headers: Headers
) -> AsyncIterator[Json]:
    while True:
        job = (await client.get(path, headers=headers)).json()
        yield job
        if job["status"] == "done":
            return


def test_is_accepted(job: httpx.Response) -> None:
    assert job.status_code == 202
    assert job.json()["status"] == "pending"
    assert job.headers["Location"] == f"/jobs/{job.json()['id']}"
    assert job.headers["Retry-After"] == "0"


def test_is_done_in_the_end(
    client: httpx.Client, auth_headers: Headers, job: httpx.Response
) -> None:
    *pending, done = polls(client, job.headers["Location"], auth_headers)

    assert [poll["status"] for poll in pending] == ["pending", "pending"]
    assert done["result"] == "report is ready"


@pytest.mark.asyncio
async def test_is_done_in_the_end_async(
    async_client: httpx.AsyncClient, auth_headers: Headers, job: httpx.Response
) -> None:
    seen = polls_async(async_client, job.headers["Location"], auth_headers)

    assert [poll["status"] async for poll in seen] == ["pending", "pending", "done"]


def test_stays_done(client: httpx.Client, auth_headers: Headers, job: httpx.Response) -> None:
    path = job.headers["Location"]
    *_, done = polls(client, path, auth_headers)

    again = client.get(path, headers=auth_headers)

    assert again.json() == done
    assert "Retry-After" not in again.headers


def test_jobs_do_not_hurry_each_other(
    client: httpx.Client, auth_headers: Headers, discard: Discard
) -> None:
    paths = [
        client.post("/jobs", json={"task": "report"}, headers=auth_headers).headers["Location"]
        for _ in range(2)
    ]
    for path in paths:
        discard(path)

    statuses = [
        client.get(path, headers=auth_headers).json()["status"] for path in paths for _ in range(3)
    ]

    assert statuses == ["pending", "pending", "done"] * 2


def test_deleted_job_is_gone(
    client: httpx.Client, auth_headers: Headers, job: httpx.Response
) -> None:
    path = job.headers["Location"]

    assert client.delete(path, headers=auth_headers).status_code == 204
    assert client.get(path, headers=auth_headers).status_code == 404
