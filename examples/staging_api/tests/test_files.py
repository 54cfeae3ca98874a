import hashlib
import io
from collections.abc import AsyncIterator, Iterator

import httpx
import pytest

from .aliases import Discard, Headers, Json

pytestmark = pytest.mark.vcr

CONTENT = bytes(range(256)) * 4
LINES = [f"line {number}\n".encode() for number in range(100)]


@pytest.fixture
def stored(client: httpx.Client, auth_headers: Headers, discard: Discard) -> Json:
    """A file of 1 kB on the server, in which every byte value occurs."""
    file = ("bytes.bin", CONTENT, "application/x-bytes")
    response = client.post("/files", files={"file": file}, headers=auth_headers)
    discard(response.headers["Location"])
    return {**response.json(), "path": response.headers["Location"]}


class TestUploading:
    def test_describes_what_came(self, stored: Json) -> None:
        assert stored["name"] == "bytes.bin"
        assert stored["content_type"] == "application/x-bytes"
        assert stored["size"] == 1024
        assert stored["sha256"] == hashlib.sha256(CONTENT).hexdigest()

    def test_takes_form_fields_as_well(
        self, client: httpx.Client, auth_headers: Headers, discard: Discard
    ) -> None:
        response = client.post(
            "/files",
            data={"description": "Notes on the engine"},
            files={"file": ("notes № G.txt", io.BytesIO(b"0 1 1 2 3 5"), "text/plain")},
            headers=auth_headers,
        )
        discard(response.headers["Location"])

        assert response.json()["name"] == "notes № G.txt"
        assert response.json()["description"] == "Notes on the engine"

    @pytest.mark.asyncio
    async def test_uploads_async(
        self, async_client: httpx.AsyncClient, auth_headers: Headers, discard: Discard
    ) -> None:
        files = {"file": ("empty.txt", b"", "text/plain")}

        response = await async_client.post("/files", files=files, headers=auth_headers)
        discard(response.headers["Location"])

        assert response.json()["size"] == 0

    def test_needs_a_file(self, client: httpx.Client, auth_headers: Headers) -> None:
        response = client.post("/files", data={"description": "None"}, headers=auth_headers)

        assert response.status_code == 422


class TestDownloading:
    def test_same_bytes_come_back(
        self, client: httpx.Client, auth_headers: Headers, stored: Json
    ) -> None:
        response = client.get(stored["path"], headers=auth_headers)

        assert response.content == CONTENT
        assert response.headers["Content-Type"] == "application/x-bytes"
        assert response.headers["Content-Disposition"].endswith("bytes.bin")

    @pytest.mark.asyncio
    async def test_same_bytes_come_back_in_chunks(
        self, async_client: httpx.AsyncClient, auth_headers: Headers, stored: Json
    ) -> None:
        async with async_client.stream("GET", stored["path"], headers=auth_headers) as response:
            chunks = [chunk async for chunk in response.aiter_bytes(chunk_size=100)]

        assert b"".join(chunks) == CONTENT
        assert [len(chunk) for chunk in chunks] == [100] * 10 + [24]

    @pytest.mark.parametrize(
        ("wanted", "part", "content_range"),
        [
            pytest.param("bytes=0-9", CONTENT[:10], "bytes 0-9/1024", id="bytes=0-9/1024"),
            pytest.param("bytes=1000-", CONTENT[1000:], "bytes 1000-1023/1024", id="the rest"),
            pytest.param("bytes=-24", CONTENT[-24:], "bytes 1000-1023/1024", id="the last 24"),
            pytest.param(
                "bytes=1020-5000", CONTENT[1020:], "bytes 1020-1023/1024", id="past the end"
            ),
        ],
    )
    def test_range(
        self,
        client: httpx.Client,
        auth_headers: Headers,
        stored: Json,
        wanted: str,
        part: bytes,
        content_range: str,
    ) -> None:
        response = client.get(stored["path"], headers=auth_headers | {"Range": wanted})

        assert response.status_code == 206
        assert response.headers["Content-Range"] == content_range
        assert response.content == part

    def test_ranges_add_up(self, client: httpx.Client, auth_headers: Headers, stored: Json) -> None:
        halves = [
            client.get(stored["path"], headers=auth_headers | {"Range": f"bytes={half}"}).content
            for half in ("0-511", "512-1023")
        ]

        assert b"".join(halves) == CONTENT

    @pytest.mark.parametrize("wanted", ["bytes=2000-", "bytes=9-5", "lines=1-2"])
    def test_range_that_is_not_there(
        self, client: httpx.Client, auth_headers: Headers, stored: Json, wanted: str
    ) -> None:
        response = client.get(stored["path"], headers=auth_headers | {"Range": wanted})

        assert response.status_code == 416
        assert response.headers["Content-Range"] == "bytes */1024"

    def test_head_knows_the_size(
        self, client: httpx.Client, auth_headers: Headers, stored: Json
    ) -> None:
        response = client.head(stored["path"], headers=auth_headers)

        assert response.headers["Content-Length"] == "1024"
        assert response.headers["Accept-Ranges"] == "bytes"
        assert response.content == b""

    def test_deleted_file_is_gone(
        self, client: httpx.Client, auth_headers: Headers, stored: Json
    ) -> None:
        assert client.delete(stored["path"], headers=auth_headers).status_code == 204
        assert client.get(stored["path"], headers=auth_headers).status_code == 404


class TestStreamingUpload:
    def test_from_a_generator(self, client: httpx.Client, auth_headers: Headers) -> None:
        def lines() -> Iterator[bytes]:
            yield from LINES

        response = client.post("/digests", content=lines(), headers=auth_headers)

        assert response.request.headers["Transfer-Encoding"] == "chunked"
        assert response.json()["sha256"] == hashlib.sha256(b"".join(LINES)).hexdigest()

    @pytest.mark.asyncio
    async def test_from_an_async_generator(
        self, async_client: httpx.AsyncClient, auth_headers: Headers
    ) -> None:
        async def lines() -> AsyncIterator[bytes]:
            for line in LINES:
                yield line

        response = await async_client.post("/digests", content=lines(), headers=auth_headers)

        assert response.json()["size"] == len(b"".join(LINES))

    def test_from_a_file(self, client: httpx.Client, auth_headers: Headers) -> None:
        response = client.post("/digests", content=io.BytesIO(CONTENT), headers=auth_headers)

        assert response.json()["sha256"] == hashlib.sha256(CONTENT).hexdigest()
