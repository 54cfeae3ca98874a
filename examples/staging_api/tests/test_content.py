from xml.etree import ElementTree

import httpx
import pytest

pytestmark = pytest.mark.vcr


class TestResponses:
    def test_json(self, client: httpx.Client) -> None:
        response = client.get("/content/json")

        assert response.json() == {"greetings": ["Hello", "Grüße", "你好", "👋"]}

    def test_gzip_is_unpacked(self, client: httpx.Client) -> None:
        response = client.get("/content/gzip")

        assert response.headers["Content-Encoding"] == "gzip"
        assert response.json() == client.get("/content/json").json()

    @pytest.mark.asyncio
    async def test_gzip_is_unpacked_async(self, async_client: httpx.AsyncClient) -> None:
        response = await async_client.get("/content/gzip")

        assert response.json()["greetings"][1] == "Grüße"
        assert response.num_bytes_downloaded == int(response.headers["Content-Length"])

    def test_xml(self, client: httpx.Client) -> None:
        response = client.get("/content/xml")

        assert response.headers["Content-Type"] == "application/xml"
        assert ElementTree.fromstring(response.text).findtext("to") == "Ada"

    def test_other_charset(self, client: httpx.Client) -> None:
        response = client.get("/content/latin-1")

        assert response.text == "Grüße"
        assert response.content == "Grüße".encode("latin-1")

    def test_every_byte(self, client: httpx.Client) -> None:
        assert client.get("/content/bytes").content == bytes(range(256))

    def test_nothing(self, client: httpx.Client) -> None:
        response = client.get("/content/empty")

        assert response.status_code == 204
        assert response.content == b""

    def test_repeated_headers(self, browser: httpx.Client) -> None:
        response = browser.get("/headers/repeated")

        assert response.headers.get_list("Vary") == ["Accept", "Accept-Language"]
        assert response.headers["Vary"] == "Accept, Accept-Language"
        assert [name for name, _ in response.headers.multi_items()].count("set-cookie") == 2


class TestRequests:
    def test_query(self, client: httpx.Client) -> None:
        params = {"tag": ["a/b", "c d"], "q": "x&y=ž", "empty": ""}

        response = client.get("/echo", params=params)

        assert response.json()["query"] == [
            ["tag", "a/b"],
            ["tag", "c d"],
            ["q", "x&y=ž"],
            ["empty", ""],
        ]

    def test_form(self, client: httpx.Client) -> None:
        response = client.post("/echo", data={"name": "Ada", "colours": ["red", "blue"]})

        assert response.json()["content_type"] == "application/x-www-form-urlencoded"
        assert response.json()["body"] == "name=Ada&colours=red&colours=blue"

    def test_text(self, client: httpx.Client) -> None:
        response = client.put("/echo", content="Grüße", headers={"Content-Type": "text/plain"})

        assert response.json()["content_type"] == "text/plain"
        assert response.json()["body"] == "Grüße"

    def test_repeated_headers(self, client: httpx.Client) -> None:
        headers = [("Accept", "application/json"), ("Accept", "text/plain")]

        response = client.get("/echo", headers=headers)

        assert response.json()["accept"] == ["application/json", "text/plain"]

    @pytest.mark.asyncio
    @pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE"])
    async def test_methods_async(self, async_client: httpx.AsyncClient, method: str) -> None:
        response = await async_client.request(method, "/echo")

        assert response.json()["method"] == method
