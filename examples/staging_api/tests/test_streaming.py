import gzip
import itertools
import json
from collections.abc import AsyncIterable, Iterable, Iterator

import httpx
import pytest

pytestmark = pytest.mark.vcr


def numbers(lines: Iterable[str]) -> Iterator[int]:
    """Return the numbers in the data lines of an event stream."""
    for line in lines:
        if line.startswith("data: "):
            yield json.loads(line.removeprefix("data: "))["number"]


async def first_lines(lines: AsyncIterable[str], count: int) -> list[str]:
    seen: list[str] = []
    async for line in lines:
        seen.append(line)
        if len(seen) == count:
            break
    return seen


class TestFiniteEvents:
    def test_come_one_by_one(self, client: httpx.Client) -> None:
        with client.stream("GET", "/events") as response:
            assert response.headers["Content-Type"].startswith("text/event-stream")
            assert list(numbers(response.iter_lines())) == [1, 2, 3, 4, 5]

    @pytest.mark.asyncio
    async def test_come_one_by_one_async(self, async_client: httpx.AsyncClient) -> None:
        async with async_client.stream("GET", "/events", params={"count": 3}) as response:
            lines = [line async for line in response.aiter_lines()]

        assert list(numbers(lines)) == [1, 2, 3]

    def test_have_ids_and_names(self, client: httpx.Client) -> None:
        response = client.get("/events", params={"count": 1})

        assert response.text == 'id: 1\nevent: tick\ndata: {"number": 1}\n\n'

    def test_may_be_none_at_all(self, client: httpx.Client) -> None:
        assert client.get("/events", params={"count": 0}).content == b""


class TestEndlessEvents:
    def test_can_be_left_early(self, client: httpx.Client) -> None:
        with client.stream("GET", "/events/endless") as response:
            events = numbers(response.iter_lines())
            assert list(itertools.islice(events, 3)) == [1, 2, 3]

    def test_client_works_on_after_leaving(self, client: httpx.Client) -> None:
        with client.stream("GET", "/events/endless") as response:
            assert next(numbers(response.iter_lines())) == 1

        assert client.get("/health").is_success

    @pytest.mark.asyncio
    async def test_can_be_left_early_async(self, async_client: httpx.AsyncClient) -> None:
        async with async_client.stream("GET", "/events/endless") as response:
            lines = await first_lines(response.aiter_lines(), 11)

        assert list(numbers(lines)) == [1, 2, 3]


class TestReading:
    def test_body_waits_to_be_read(self, client: httpx.Client) -> None:
        with client.stream("GET", "/content/json") as response:
            with pytest.raises(httpx.ResponseNotRead):
                _ = response.content
            assert json.loads(response.read())["greetings"][0] == "Hello"

    def test_body_is_gone_when_the_stream_is(self, client: httpx.Client) -> None:
        with client.stream("GET", "/content/json") as response:
            pass

        with pytest.raises(httpx.StreamClosed):
            response.read()

    def test_raw_bytes_are_as_they_were_sent(self, client: httpx.Client) -> None:
        with client.stream("GET", "/content/gzip") as response:
            raw = b"".join(response.iter_raw())

        assert len(raw) == int(response.headers["Content-Length"])
        assert json.loads(gzip.decompress(raw)) == client.get("/content/json").json()

    @pytest.mark.asyncio
    async def test_raw_bytes_are_as_they_were_sent_async(
        self, async_client: httpx.AsyncClient
    ) -> None:
        async with async_client.stream("GET", "/content/gzip") as response:
            raw = b"".join([chunk async for chunk in response.aiter_raw()])

        assert raw.startswith(b"\x1f\x8b")

    def test_text_comes_decoded(self, client: httpx.Client) -> None:
        with client.stream("GET", "/content/latin-1") as response:
            assert "".join(response.iter_text()) == "Grüße"
