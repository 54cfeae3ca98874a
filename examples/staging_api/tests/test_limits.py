from collections.abc import Iterator

import httpx
import pytest

from .aliases import Discard

pytestmark = pytest.mark.vcr


class RetryOn503(httpx.BaseTransport):
    """Sends a request again as long as the server is unavailable."""

    def __init__(self, attempts: int) -> None:
        self.attempts = attempts
        self.statuses: list[int] = []
        self.transport = httpx.HTTPTransport()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        for _ in range(self.attempts):
            response = self.transport.handle_request(request)
            self.statuses.append(response.status_code)
            if response.status_code != 503:
                break
            response.close()
        return response

    def close(self) -> None:
        self.transport.close()


class TestRateLimit:
    @pytest.fixture
    def bucket(self, slug: str, discard: Discard) -> str:
        discard(f"/rate-limit/{slug}")
        return slug

    def call(self, client: httpx.Client, bucket: str, limit: int = 3) -> httpx.Response:
        return client.get("/rate-limit", params={"bucket": bucket, "limit": limit})

    @pytest.mark.parametrize("limit", [1, 3])
    def test_calls_run_out(self, client: httpx.Client, bucket: str, limit: int) -> None:
        statuses = [self.call(client, bucket, limit).status_code for _ in range(limit + 2)]

        assert statuses == [200] * limit + [429, 429]

    def test_tells_what_is_left(self, client: httpx.Client, bucket: str) -> None:
        left = [self.call(client, bucket).headers["RateLimit-Remaining"] for _ in range(4)]

        assert left == ["2", "1", "0", "0"]

    def test_tells_when_to_come_back(self, client: httpx.Client, bucket: str) -> None:
        self.call(client, bucket, limit=0)
        refused = self.call(client, bucket, limit=0)

        assert refused.status_code == 429
        assert refused.headers["Retry-After"] == "1"

    def test_buckets_can_be_emptied(self, client: httpx.Client, bucket: str) -> None:
        assert self.call(client, bucket, limit=1).status_code == 200
        assert self.call(client, bucket, limit=1).status_code == 429

        client.delete(f"/rate-limit/{bucket}").raise_for_status()

        assert self.call(client, bucket, limit=1).status_code == 200

    @pytest.mark.asyncio
    async def test_calls_run_out_async(self, async_client: httpx.AsyncClient, bucket: str) -> None:
        params = {"bucket": bucket}

        statuses = [
            (await async_client.get("/rate-limit", params=params)).status_code for _ in range(4)
        ]

        assert statuses == [200, 200, 200, 429]


class TestFlaky:
    @pytest.fixture
    def key(self, slug: str, discard: Discard) -> str:
        discard(f"/flaky/{slug}")
        return slug

    @pytest.fixture
    def transport(self) -> RetryOn503:
        return RetryOn503(attempts=3)

    @pytest.fixture
    def patient_client(self, base_url: str, transport: RetryOn503) -> Iterator[httpx.Client]:
        with httpx.Client(base_url=base_url, transport=transport) as client:
            yield client

    def test_fails_once(self, client: httpx.Client, key: str) -> None:
        first, second, third = (client.get("/flaky", params={"key": key}) for _ in range(3))

        assert (first.status_code, first.headers["Retry-After"]) == (503, "0")
        assert second.json() == {"attempt": 2}
        assert third.json() == {"attempt": 3}

    @pytest.mark.asyncio
    async def test_fails_once_async(self, async_client: httpx.AsyncClient, key: str) -> None:
        first = await async_client.get("/flaky", params={"key": key})
        second = await async_client.get("/flaky", params={"key": key})

        assert (first.status_code, second.status_code) == (503, 200)

    def test_retrying_helps(
        self, patient_client: httpx.Client, transport: RetryOn503, key: str
    ) -> None:
        response = patient_client.get("/flaky", params={"key": key})

        assert response.json() == {"attempt": 2}
        assert transport.statuses == [503, 200]

    def test_retrying_is_not_always_needed(
        self, patient_client: httpx.Client, transport: RetryOn503
    ) -> None:
        assert patient_client.get("/health").is_success
        assert transport.statuses == [200]
