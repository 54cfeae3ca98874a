import httpx
import pytest

from .aliases import Headers, Json

pytestmark = pytest.mark.vcr

NOBODY_LISTENS = "http://127.0.0.1:9"


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        pytest.param("GET", "/nowhere", 404, id="404: unknown path"),
        pytest.param("GET", "/users/999999999", 404, id="404: unknown user"),
        pytest.param("GET", "/orders/999999999", 404, id="404: unknown order"),
        pytest.param("GET", "/catalogues/999999999/products", 404, id="404: unknown catalogue"),
        pytest.param("GET", "/files/999999999", 404, id="404: unknown file"),
        pytest.param("DELETE", "/jobs/unknown", 404, id="404: unknown job"),
        pytest.param("PUT", "/health", 405, id="405: method not allowed"),
        pytest.param("GET", "/users/ada", 422, id="422: not an id"),
        pytest.param("GET", "/rate-limit", 422, id="422: no bucket"),
    ],
)
def test_errors_are_problems(
    client: httpx.Client, auth_headers: Headers, method: str, path: str, status: int
) -> None:
    response = client.request(method, path, headers=auth_headers)

    assert response.status_code == status
    assert response.headers["Content-Type"] == "application/problem+json"
    problem = response.json()
    assert problem.keys() >= {"type", "title", "status", "detail", "instance"}
    assert (problem["status"], problem["instance"]) == (status, path)


def test_method_not_allowed_names_the_others(client: httpx.Client) -> None:
    assert client.delete("/content/json").headers["Allow"] == "GET"


def test_error_can_be_raised(client: httpx.Client) -> None:
    response = client.get("/nowhere")

    with pytest.raises(httpx.HTTPStatusError, match="404 Not Found") as caught:
        response.raise_for_status()

    assert caught.value.response is response
    assert caught.value.request.url.path.endswith("/nowhere")


@pytest.mark.asyncio
async def test_error_can_be_raised_async(
    async_client: httpx.AsyncClient, admin_credentials: Json
) -> None:
    wrong = admin_credentials | {"password": "wrong"}

    response = await async_client.post("/login", json=wrong)

    with pytest.raises(httpx.HTTPStatusError, match="401 Unauthorized"):
        response.raise_for_status()


class TestTimeOut:
    def test_slow_answer(self, client: httpx.Client) -> None:
        with pytest.raises(httpx.ReadTimeout) as caught:
            client.get("/slow", params={"seconds": 5}, timeout=0.2)

        assert caught.value.request.url.path.endswith("/slow")

    @pytest.mark.asyncio
    async def test_slow_answer_async(self, async_client: httpx.AsyncClient) -> None:
        with pytest.raises(httpx.TimeoutException):
            await async_client.get("/slow", params={"seconds": 5}, timeout=0.2)

    def test_answer_in_time(self, client: httpx.Client) -> None:
        response = client.get("/slow", params={"seconds": 0.05}, timeout=5)

        assert response.json() == {"slept": 0.05}

    def test_client_works_on_after_it(self, client: httpx.Client) -> None:
        with pytest.raises(httpx.ReadTimeout):
            client.get("/slow", params={"seconds": 5}, timeout=0.2)

        assert client.get("/health").is_success


class TestNoConnection:
    def test_refused(self) -> None:
        with pytest.raises(httpx.ConnectError):
            httpx.get(f"{NOBODY_LISTENS}/health")

    @pytest.mark.asyncio
    async def test_refused_async(self) -> None:
        async with httpx.AsyncClient(base_url=NOBODY_LISTENS) as client:
            with pytest.raises(httpx.ConnectError):
                await client.post("/login", json={"email": "ada@example.com"})

    def test_url_without_a_scheme(self) -> None:
        with pytest.raises(httpx.UnsupportedProtocol):
            httpx.get("staging.example/health")


class TestBrokenConnection:
    def test_body_breaks_off(self, client: httpx.Client) -> None:
        with pytest.raises(httpx.RemoteProtocolError, match="peer closed connection"):
            client.get("/broken")

    @pytest.mark.asyncio
    async def test_body_breaks_off_async(self, async_client: httpx.AsyncClient) -> None:
        with pytest.raises(httpx.RemoteProtocolError):
            await async_client.get("/broken")

    def test_headers_arrive_before_it_breaks(self, client: httpx.Client) -> None:
        with client.stream("GET", "/broken") as response:
            assert response.status_code == 200
            assert response.headers["Content-Length"] == "1000"
            with pytest.raises(httpx.RemoteProtocolError):
                response.read()
