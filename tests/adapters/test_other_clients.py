"""Clients other than httpx: their requests are recorded and replayed as those of httpx.

One suite uses all clients with one login. Further tests check each rule for each client.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from textwrap import dedent, indent
from typing import Any, TypeAlias

import pytest

from ..harness.installed import at_least
from ..harness.record_and_replay import SHOW, assert_same, read_shown
from ..harness.runs import Answer, Cassettes, Received, Run, Server, Suite, json_answer, recorded

NOT_NEEDED = ("asyncio", "base_url", "xdist", "Faker")

CONFTEST = (
    SHOW
    + '''
import asyncio
import os
import socket

import boto3
import pytest
import requests
from botocore.config import Config

if os.environ.get("OFFLINE"):
    def refuse(*_):
        raise AssertionError("a replay uses no network")

    socket.socket.connect = socket.socket.connect_ex = refuse


@pytest.fixture(scope="session")
def base():
    return os.environ["API_BASE_URL"]


@pytest.fixture(scope="session")
def token(base):
    """A token from a login: a secret, recorded in the cassette of this fixture."""
    answer = requests.post(base + "/login", json={"user": "ada", "password": "correct-horse-9"})
    return answer.json()["access_token"]


@pytest.fixture(scope="module")
def session(base, token):
    with requests.Session() as session:
        session.headers["Authorization"] = f"Bearer {token}"
        yield session


def aws(service, base):
    config = Config(retries={"total_max_attempts": 1}, s3={"addressing_style": "path"})
    return boto3.client(
        service, endpoint_url=base, region_name="eu-west-1", config=config,
        aws_access_key_id="AKIAIOSFODNN7EXAMPLE", aws_secret_access_key="wJalrXUtnFEMI/K7MDENG/x",
    )


@pytest.fixture
def s3(base):
    return aws("s3", base)


@pytest.fixture
def dynamodb(base):
    return aws("dynamodb", base)
'''
)
SUITE = '''
import asyncio
import concurrent.futures
import io
import json
import urllib.error
import urllib.parse
import urllib.request

import aiohttp
import httplib2
import httpx
import pytest
import requests
import tornado.httpclient
import urllib3

pytestmark = pytest.mark.vcr


def shown_file(answer):
    """What requests shows of an answer."""
    headers = {name: answer.headers.get(name) for name in ("content-type", "x-it", "set-cookie")}
    return [answer.status_code, answer.reason, headers, answer.text]


# --- requests ------------------------------------------------------------------------------------

def test_requests_get(base, show):
    show(shown_file(requests.get(base + "/count", params={"a": "1"})))

def test_requests_json(base, show):
    show(shown_file(requests.post(base + "/echo", json={"name": "Ada", "n": [1, 2]})))

def test_requests_form(base, show):
    show(shown_file(requests.post(base + "/echo", data={"a": "1", "b": "é"})))

def test_requests_upload(base, show):
    answer = requests.post(base + "/size", files={"file": ("a.txt", io.BytesIO(b"x" * 1000))})
    show(answer.json())

def test_requests_generator(base, show):
    show(shown_file(requests.post(base + "/chunked", data=iter([b"one", b"two"]))))

def test_requests_gzip(base, show):
    show([requests.get(base + "/gzip").json(), requests.get(base + "/gzip").headers["x-it"]])

def test_requests_binary(base, show):
    show(requests.get(base + "/binary").content.hex())

def test_requests_error(base, show):
    answer = requests.get(base + "/status/404")
    with pytest.raises(requests.HTTPError):
        answer.raise_for_status()
    show(shown_file(answer))

def test_requests_no_body(base, show):
    show(shown_file(requests.delete(base + "/users/1")))

def test_requests_head(base, show):
    show(shown_file(requests.head(base + "/count")))

def test_requests_redirect(base, show):
    answer = requests.get(base + "/moved")
    show([answer.url.removeprefix(base), [h.status_code for h in answer.history], answer.text])

def test_requests_cookies(base, show):
    with requests.Session() as session:
        session.get(base + "/cookies")
        show(sorted(session.cookies.keys()))
        show(session.post(base + "/echo").json()["headers"].get("cookie", "").count("="))

def test_requests_stream(base, show):
    with requests.get(base + "/binary", stream=True) as answer:
        show([piece.hex() for piece in answer.iter_content(100) if piece])
    with requests.get(base + "/lines", stream=True) as answer:
        show([line.decode() for line in answer.iter_lines()])

def test_requests_repeated(base, show):
    with requests.Session() as session:
        show([session.get(base + "/count").json() for _ in range(5)])

def test_requests_session_fixture(session, base, show):
    show(shown_file(session.get(base + "/me")))

def test_requests_session_fixture_again(session, base, show):
    show(shown_file(session.get(base + "/me")))

def test_requests_threads(base, show):
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        sent = [{"n": n} for n in range(12)]
        answers = pool.map(lambda body: requests.post(base + "/echo", json=body).json(), sent)
        show([json.loads(answer["body"]) for answer in answers])

def test_requests_threads_of_a_session(session, base, show):
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        sent = [{"n": n} for n in range(12)]
        answers = pool.map(lambda body: session.post(base + "/echo", json=body).json(), sent)
        show([json.loads(answer["body"]) for answer in answers])

def test_basic_auth(base, show):
    answer = requests.post(base + "/echo", auth=("ada", "correct-horse-9"))
    show(answer.json()["headers"]["authorization"].split()[0])


# --- urllib3 -------------------------------------------------------------------------------------

def json_of(answer):
    """In the place of a method that the answers of an older vcrpy do not have."""
    return answer.json() if hasattr(answer, "json") else json.loads(answer.data)

def test_urllib3(base, show):
    with urllib3.PoolManager() as pool:
        answer = pool.request("GET", base + "/count")
        show([answer.status, answer.reason, answer.headers["content-type"], json_of(answer)])

def test_urllib3_top_level(base, show):
    answer = urllib3.request("POST", base + "/echo", json={"a": 1})
    show([answer.status, json_of(answer)])

def test_urllib3_unread(base, show):
    with urllib3.PoolManager() as pool:
        answer = pool.request("GET", base + "/binary", preload_content=False)
        show([piece.hex() for piece in answer.stream(64) if piece])
        if hasattr(answer, "release_conn"):
            answer.release_conn()

def test_urllib3_redirect(base, show):
    with urllib3.PoolManager() as pool:
        show(json_of(pool.request("GET", base + "/moved")))

def test_urllib3_fields(base, show):
    with urllib3.PoolManager() as pool:
        show(json_of(pool.request("POST", base + "/size", fields={"a": "1", "b": "2"})))


# --- aiohttp -------------------------------------------------------------------------------------

def test_aiohttp(base, show):
    async def exchange():
        async with aiohttp.ClientSession() as session:
            async with session.get(base + "/count", params={"a": "1"}) as answer:
                return [answer.status, answer.reason, answer.content_type, await answer.json()]
    show(asyncio.run(exchange()))

@pytest.mark.parametrize("how", [
    {"json": {"a": [1]}}, {"json": [1, {"b": None}]}, {"data": {"a": "1", "b": "é"}},
    {"data": b"bytes"}, {"data": "text"}, {"data": [("a", "1"), ("a", "2")]}, {"json": "text"},
], ids=["object", "array", "form", "bytes", "text", "pairs", "json-text"])
def test_aiohttp_body(base, show, how):
    async def exchange():
        async with aiohttp.ClientSession(base) as session:
            async with session.post("/echo", **how) as answer:
                return (await answer.json())["body"]
    show(asyncio.run(exchange()))

def test_aiohttp_form_data(base, show):
    async def exchange():
        form = aiohttp.FormData()
        form.add_field("name", "Ada")
        form.add_field("role", "admin")
        async with aiohttp.ClientSession(base) as session:
            async with session.post("/echo", data=form) as answer:
                return (await answer.json())["body"]
    show(asyncio.run(exchange()))

def test_aiohttp_gather(base, show):
    async def exchange():
        async with aiohttp.ClientSession(base) as session:
            async def one(n):
                async with session.post("/echo", json={"n": n}) as answer:
                    return json.loads((await answer.json())["body"])["n"]
            return await asyncio.gather(*map(one, range(10)))
    show(asyncio.run(exchange()))

def test_aiohttp_redirect(base, show):
    async def exchange():
        async with aiohttp.ClientSession(base) as session:
            async with session.get("/moved") as answer:
                return [str(answer.url.path), len(answer.history), await answer.json()]
    show(asyncio.run(exchange()))

def test_aiohttp_redirect_twice(base, show):
    async def exchange():
        async with aiohttp.ClientSession(base) as session:
            found = []
            for _ in range(2):
                async with session.get("/moved") as answer:
                    found.append(await answer.json())
            return found
    show(asyncio.run(exchange()))

def test_aiohttp_stream(base, show):
    async def exchange():
        async with aiohttp.ClientSession(base) as session:
            async with session.get("/lines") as answer:
                return [line.decode() async for line in answer.content]
    show(asyncio.run(exchange()))

def test_aiohttp_error(base, show):
    async def exchange():
        async with aiohttp.ClientSession(base, raise_for_status=True) as session:
            try:
                await session.get("/status/500")
            except aiohttp.ClientResponseError as error:
                return [error.status, error.message]
    show(asyncio.run(exchange()))

def test_aiohttp_token(token, base, show):
    async def exchange():
        headers = {"Authorization": f"Bearer {token}"}
        async with aiohttp.ClientSession(base, headers=headers) as session:
            async with session.get("/me") as answer:
                return [answer.status, await answer.text()]
    show(asyncio.run(exchange()))


# --- httplib2 ------------------------------------------------------------------------------------

def test_httplib2(base, show):
    answer, content = httplib2.Http().request(base + "/count")
    show([answer.status, answer["content-type"], content.decode()])

def test_httplib2_post(base, show):
    http = httplib2.Http()
    for n in range(3):
        answer, content = http.request(base + "/echo", "POST", body=json.dumps({"n": n}),
                                       headers={"content-type": "application/json"})
        show(json.loads(content)["body"])


# --- boto3 ---------------------------------------------------------------------------------------

def test_s3_put(s3, show):
    show(s3.put_object(Bucket="bucket", Key="a/b.txt", Body=b"hello")["ETag"])

def test_s3_get(s3, show):
    answer = s3.get_object(Bucket="bucket", Key="a/b.txt")
    show([answer["ContentType"], answer["Body"].read().decode()])

def test_s3_missing(s3, show):
    with pytest.raises(s3.exceptions.NoSuchKey):
        s3.get_object(Bucket="bucket", Key="missing")
    show("no such key")

def test_dynamodb(dynamodb, show):
    item = {"id": {"S": "1"}, "name": {"S": "Ada"}}
    show(dynamodb.put_item(TableName="people", Item=item)["ResponseMetadata"]["HTTPStatusCode"])
    show(dynamodb.get_item(TableName="people", Key={"id": {"S": "1"}})["Item"])


# --- urllib.request ------------------------------------------------------------------------------

def test_urllib(base, show):
    with urllib.request.urlopen(base + "/count") as answer:
        show([answer.status, answer.headers["Content-Type"], answer.read().decode()])

def test_urllib_post(base, show):
    body = urllib.parse.urlencode({"a": "1"}).encode()
    request = urllib.request.Request(base + "/echo", data=body, headers={"X-It": "1"})
    show(json.loads(urllib.request.urlopen(request).read()))

def test_urllib_error(base, show):
    with pytest.raises(urllib.error.HTTPError) as error:
        urllib.request.urlopen(base + "/status/404")
    show([error.value.code, error.value.read().decode()])

def test_urllib_redirect(base, show):
    with urllib.request.urlopen(base + "/moved") as answer:
        show([answer.url.removeprefix(base), answer.read().decode()])


# --- Tornado -------------------------------------------------------------------------------------

def test_tornado(base, show):
    async def exchange():
        client = tornado.httpclient.AsyncHTTPClient()
        answer = await client.fetch(base + "/echo", method="POST", body="a=1")
        return [answer.code, answer.reason, json.loads(answer.body)["body"]]
    show(asyncio.run(exchange()))


# --- several at once -----------------------------------------------------------------------------

def test_mixed(base, session, show):
    show(httpx.get(base + "/count").json())
    show(session.get(base + "/count").json())
    show(json.loads(urllib.request.urlopen(base + "/count").read()))

    async def exchange():
        async with httpx.AsyncClient(base_url=base) as one, aiohttp.ClientSession(base) as other:
            first = await one.get("/count")
            async with other.get("/count") as second:
                return [first.json(), await second.json()]
    show(asyncio.run(exchange()))
'''


class ApiServer(Server):
    """Adds responses that test features of the clients."""

    def _own_answer(self, received: Received, path: str) -> Answer:
        answers: dict[str, Callable[[], Answer]] = {
            "/size": lambda: json_answer({"is_long": len(received.body) > 100}),
            "/chunked": lambda: json_answer({"method": received.method}),
            "/gzip": _gzipped,
            "/binary": lambda: (200, {"Content-Type": "image/png"}, bytes(range(256))),
            "/lines": lambda: (200, {"Content-Type": "text/plain"}, b"one\ntwo\nthree\n"),
            "/moved": lambda: (302, {"Location": "/count"}, b""),
            "/cookies": lambda: json_answer({}, set_cookie="session=abcdefghijklmnop0123; Path=/"),
            "/bucket/a/b.txt": lambda: self._object(received),
            "/bucket/missing": lambda: (404, {"Content-Type": "application/xml"}, NO_SUCH_KEY),
            "/": lambda: _item(received),
        }
        return answers[path]() if path in answers else super()._own_answer(received, path)

    def _object(self, received: Received) -> Answer:
        if received.method == "PUT":
            return 200, {"ETag": '"5d41402abc4b2a76b9719d911017c592"'}, b""
        return 200, {"Content-Type": "text/plain", "ETag": '"1"'}, b"hello"


NO_SUCH_KEY = b"<Error><Code>NoSuchKey</Code><Message>none</Message><Key>missing</Key></Error>"


def _gzipped() -> Answer:
    headers = {"Content-Type": "application/json", "Content-Encoding": "gzip", "X-It": "yes"}
    return 200, headers, gzip.compress(b'{"zipped": true}', mtime=0)


def _item(received: Received) -> Answer:
    is_get = received.headers.get("x-amz-target", "").endswith("GetItem")
    item = {"Item": {"id": {"S": "1"}, "name": {"S": "Ada"}}} if is_get else {}
    return 200, {"Content-Type": "application/x-amz-json-1.0"}, json.dumps(item).encode()


@pytest.fixture
def server() -> Iterator[Server]:
    server = ApiServer()
    yield server
    server.close()


Shown: TypeAlias = dict[str, list[Any]]


class RunPhase:
    """Runs the suite and returns the values that its tests showed."""

    def __init__(self, run: Run, top: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self._run = run
        self._top = top
        self._monkeypatch = monkeypatch

    def __call__(self, phase: str, *args: str, offline: bool = False) -> Shown:
        shown_file = self._top / f"{phase}.jsonl"
        self._monkeypatch.setenv("SHOWN_FILE", str(shown_file))
        self._monkeypatch.setenv("OFFLINE", "1" if offline else "")
        result = self._run(*args)
        assert result.ret == 0, f"{phase}: see the output of the run"
        return read_shown(shown_file)


@pytest.fixture
def run_phase(run: Run, pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> RunPhase:
    return RunPhase(run, pytester.path, monkeypatch)


def test_all_clients_are_recorded_and_replayed(
    suite: Suite, run_phase: RunPhase, server: Server, cassettes: Cassettes
) -> None:
    suite(SUITE, conftest=CONFTEST)
    # Counting starts again, so that the tests get the same numbers.
    vars(server)["_count"] = 0
    live = run_phase("live", "-p", "no:reprise", "--disable-recording")
    vars(server)["_count"] = 0
    shown = run_phase("recorded", "--record-mode=once")
    assert_same(live, shown)
    tokens = list(server.tokens)
    server.stop()
    for mode in ("none", "once", "new_episodes"):
        assert_same(shown, run_phase(mode, f"--record-mode={mode}", offline=True))
    written = "".join(cassettes().values())
    for secret in (*tokens, "correct-horse-9", "wJalrXUtnFEMI", "abcdefghijklmnop0123"):
        assert secret not in written


# --- the rules, for each client ------------------------------------------------------------------

CLIENTS = {
    "requests": "import requests\nrequests.{method}({url})",
    "session": "import requests\nrequests.Session().{method}({url})",
    "urllib3": 'import urllib3\nurllib3.PoolManager().request("{method}".upper(), {url})',
    "aiohttp": """
        import asyncio, aiohttp

        async def send():
            async with aiohttp.ClientSession() as session:
                async with session.{method}({url}) as answer:
                    await answer.read()

        asyncio.run(send())
        """,
    "httplib2": 'import httplib2\nhttplib2.Http().request({url}, "{method}".upper())',
    "urllib": """
        import urllib.request
        request = urllib.request.Request({url}, method="{method}".upper())
        urllib.request.urlopen(request).read()
        """,
    "http_client": """
        from http.client import HTTPConnection
        from urllib.parse import urlsplit
        parts = urlsplit({url})
        connection = HTTPConnection(parts.netloc)
        connection.request("{method}".upper(), parts.path)
        connection.getresponse().read()
        """,
    "tornado": """
        import asyncio, tornado.httpclient

        async def send():
            client = tornado.httpclient.AsyncHTTPClient(force_instance=True)
            await client.fetch({url}, method="{method}".upper())

        asyncio.run(send())
        """,
    "boto3": 's3.{s3}(Bucket="bucket", Key={key})',
}


def a_test(client: str, path: str = "/count", after: str = "") -> str:
    """Return a test that sends one request with the client, then runs the code `after`."""
    code = dedent(CLIENTS[client]).strip()
    key = "'a/b.txt'" if path == "/count" else repr(path)
    sends = code.format(method="get", url=f"base + {path!r}", s3="get_object", key=key)
    body = indent(f"{sends}\n{after}", "    ")
    return f"@pytest.mark.vcr\ndef test_{client}(base, request):\n{body}\n\n"


def suite_for_all_clients(**how: str) -> str:
    """Return a suite with one test for each client."""
    tests = "".join(a_test(client, **how) for client in CLIENTS)
    return "import pytest\n\n" + tests.replace("s3.", "request.getfixturevalue('s3').")


def test_a_miss_fails_its_test(suite: Suite, run: Run, server: Server) -> None:
    suite(suite_for_all_clients(), conftest=CONFTEST)
    run("--record-mode=once").assert_outcomes(passed=len(CLIENTS))
    sent = len(server.requests)
    suite(suite_for_all_clients(path="/other"), conftest=CONFTEST)
    result = run()
    result.assert_outcomes(failed=len(CLIENTS))
    text = result.stdout.str()
    message = "other is not recorded: no interaction in the cassette matches"
    assert text.count(message) >= len(CLIENTS)
    assert len(server.requests) == sent


def test_a_miss_fails_its_test_even_if_the_code_catches_the_error(
    suite: Suite, run: Run, server: Server
) -> None:
    suite(suite_for_all_clients(), conftest=CONFTEST)
    run("--record-mode=once").assert_outcomes(passed=len(CLIENTS))
    sent = len(server.requests)
    catching = suite_for_all_clients(path="/other").replace("def test_", "@catch_errors\ndef test_")
    suite(f"from conftest import catch_errors\n{catching}", conftest=CONFTEST + CATCH_ERRORS)
    run().assert_outcomes(failed=len(CLIENTS))
    assert len(server.requests) == sent


CATCH_ERRORS = """

def catch_errors(test):
    import functools

    @functools.wraps(test)
    def catching(*args, **kwargs):
        try:
            test(*args, **kwargs)
        except Exception:
            pass

    return catching
"""


def test_a_failing_test_writes_nothing(
    suite: Suite, run: Run, server: Server, cassettes: Cassettes
) -> None:
    suite(suite_for_all_clients(after="assert False"), conftest=CONFTEST)
    run("--record-mode=once").assert_outcomes(failed=len(CLIENTS))
    assert len(server.requests) == len(CLIENTS)
    assert cassettes() == {}


def test_a_recorded_request_that_is_not_sent_fails_its_test(
    suite: Suite, run: Run, server: Server
) -> None:
    suite(suite_for_all_clients(), conftest=CONFTEST)
    run("--record-mode=once").assert_outcomes(passed=len(CLIENTS))
    tests = (f"@pytest.mark.vcr\ndef test_{client}():\n    pass\n\n" for client in CLIENTS)
    suite("import pytest\n\n" + "".join(tests), conftest=CONFTEST)
    server.stop()
    result = run()
    result.assert_outcomes(passed=len(CLIENTS), errors=len(CLIENTS))


def test_a_new_request_is_recorded_or_refused_as_the_mode_says(
    suite: Suite, run: Run, server: Server, cassettes: Cassettes
) -> None:
    suite(suite_for_all_clients(), conftest=CONFTEST)
    run("--record-mode=once")
    more = "import urllib.request; urllib.request.urlopen(base + '/new')"
    server.answers["/new"] = json_answer({})
    suite(suite_for_all_clients(after=more), conftest=CONFTEST)
    before, sent = cassettes(), len(server.requests)
    run("--record-mode=once").assert_outcomes(failed=len(CLIENTS))
    assert (cassettes(), len(server.requests)) == (before, sent)
    run("--record-mode=new_episodes").assert_outcomes(passed=len(CLIENTS))
    assert server.calls[sent:] == ["GET /new"] * len(CLIENTS)
    assert all(recorded(text)[1:] == ["GET /new"] for text in cassettes().values())
    for mode in ("all", "rewrite"):
        sent = len(server.requests)
        run(f"--record-mode={mode}").assert_outcomes(passed=len(CLIENTS))
        assert len(server.requests) == sent + 2 * len(CLIENTS)
    server.stop()
    run().assert_outcomes(passed=len(CLIENTS))


# --- patching of clients -------------------------------------------------------------------------

PATCHING = """
    import http.client
    import json
    import urllib.request

    import aiohttp
    import httplib2
    import pytest
    import requests
    import tornado.simple_httpclient
    import urllib3

    def patched_attributes():
        return [
            http.client.HTTPConnection.__init__, type(http.client.HTTPConnection("a.test")),
            urllib3.connection.HTTPConnection, urllib3.HTTPConnectionPool.ConnectionCls,
            urllib3.HTTPConnectionPool._get_conn, urllib3.HTTPConnectionPool._new_conn,
            aiohttp.ClientSession._request, httplib2.SCHEME_TO_CONNECTION,
            httplib2.HTTPConnectionWithTimeout,
            tornado.simple_httpclient.SimpleAsyncHTTPClient.fetch_impl,
        ]

    AT_IMPORT = patched_attributes()

    @pytest.fixture(scope="module")
    def shared():
        with requests.Session() as session:
            yield session

    def test_before(base, shared):
        assert shared.get(base + "/count").json() == {"n": 1}

    @pytest.mark.vcr
    def test_recorded(base, shared):
        shared.get(base + "/count")
        assert patched_attributes() != AT_IMPORT

    def test_after(base, shared):
        assert patched_attributes() == AT_IMPORT
        with shared.get(base + "/lines", stream=True) as answer:
            assert type(answer.raw) is urllib3.HTTPResponse
            assert answer.raw.read(4) == b"one" + bytes([10])
            assert answer.raw.version == 11
        with urllib.request.urlopen(base + "/lines") as answer:
            assert type(answer) is http.client.HTTPResponse

    @pytest.mark.vcr
    def test_recorded_again(base, shared):
        shared.get(base + "/count")
"""


def test_clients_are_not_patched_in_an_unrecorded_test(
    suite: Suite, run: Run, server: Server, cassettes: Cassettes
) -> None:
    suite(PATCHING, conftest=CONFTEST)
    run("--record-mode=once").assert_outcomes(passed=4)
    assert list(cassettes()) == ["test_suite/test_recorded", "test_suite/test_recorded_again"]
    assert server.calls == ["GET /count", "GET /count", "GET /lines", "GET /lines", "GET /count"]


def without_import_checks(source: str) -> str:
    """Drop the lines about imported modules for pytest-recording before 0.13.2.

    It imported vcrpy in every run, and vcrpy imports all clients.
    """
    if at_least("pytest-recording", "0.13.2"):
        return source
    return "".join(line for line in source.splitlines(True) if "sys.modules" not in line)


MINIMAL_CONFTEST = """
import os

import pytest


@pytest.fixture(scope="session")
def base():
    return os.environ["API_BASE_URL"]
"""
URLLIB_ONLY = """
    import sys
    import urllib.request
    from http.client import HTTPConnection, HTTPSConnection

    import pytest

    pytestmark = pytest.mark.vcr

    def test_httpx_alone(client):
        client.get("/count")
        assert "vcr" not in sys.modules

    def test_urllib(base):
        assert urllib.request.urlopen(base + "/count").status == 200
        assert "vcr" in sys.modules

    def test_https_can_still_be_made():
        HTTPSConnection("a.test")

    def test_httpx_still(client):
        client.get("/count")

    def test_urllib_again(base):
        assert urllib.request.urlopen(base + "/count").status == 200
"""


def test_urllib_is_recorded_when_no_other_client_is_imported(
    suite: Suite, run: Run, server: Server, cassettes: Cassettes
) -> None:
    suite(without_import_checks(URLLIB_ONLY), conftest=MINIMAL_CONFTEST)
    run("--record-mode=once").assert_outcomes(passed=5)
    assert len(cassettes()) == 4
    server.stop()
    run().assert_outcomes(passed=5)


LATE_IMPORT = """
    import sys

    import pytest

    pytestmark = pytest.mark.vcr

    def test_{name}(base, client):
        assert not {{"vcr", "requests", "urllib3", "aiohttp", "botocore"}} & sys.modules.keys()
        {imports}
        {sends}
        client.get("/count")
"""
IMPORTED_LATE = {
    "requests": ("import requests", "requests.get(base + '/count')"),
    "urllib3": ("import urllib3", "urllib3.PoolManager().request('GET', base + '/count')"),
    "boto3": (
        "import boto3",
        "boto3.client('s3', endpoint_url=base, region_name='eu-west-1', aws_access_key_id='a', "
        "aws_secret_access_key='b').get_object(Bucket='bucket', Key='a/b.txt')",
    ),
    "vcr": ("import vcr", "client.get('/count')"),
}


@pytest.mark.parametrize("name", IMPORTED_LATE)
def test_a_client_first_imported_within_a_test_is_recorded(
    suite: Suite, run: Run, server: Server, cassettes: Cassettes, name: str
) -> None:
    imports, sends = IMPORTED_LATE[name]
    source = without_import_checks(LATE_IMPORT).format(name=name, imports=imports, sends=sends)
    suite(source, conftest=MINIMAL_CONFTEST)
    run("--record-mode=once").assert_outcomes(passed=1)
    [text] = cassettes().values()
    assert len(recorded(text)) == 2
    server.stop()
    run().assert_outcomes(passed=1)


def test_looking_at_vcrs_requests_does_not_let_a_request_out(
    suite: Suite, run: Run, server: Server
) -> None:
    """`vcr.requests` imports vcrpy, and that imports requests, which is not imported before."""
    suite(
        """
        import pytest

        @pytest.fixture
        def item(client):
            yield
            client.delete("/items/1")

        @pytest.mark.vcr
        def test_look(client, vcr, item):
            client.get("/count")
            assert [r.path for r in vcr.requests][:1] in ([], ["/count"])
            assert len(vcr.responses) == len(vcr.data) == len(vcr)
        """
    )
    run("--record-mode=once").assert_outcomes(passed=1)
    assert server.calls == ["GET /count", "DELETE /items/1"]
    result = run("--record-mode=none")
    result.assert_outcomes(passed=1)
    assert len(server.calls) == 2


def test_headers_stay_in_the_order_in_which_the_server_sent_them(
    suite: Suite, run: Run, server: Server, cassettes: Cassettes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """vcrpy holds their names in a set, whose order is another one in each process."""
    names = [f"X-{letter}" for letter in "QWERTYUIOP"]
    server.answers["/many"] = (200, dict.fromkeys(names, "1"), b"{}")
    suite(
        f"""
        import os
        import pytest, requests

        @pytest.mark.vcr
        def test_many():
            found = requests.get(os.environ["API_BASE_URL"] + "/many").headers
            assert [name for name in found if name.startswith("X-")] == {names}
        """
    )
    monkeypatch.setenv("PYTHONHASHSEED", "1")
    run("--record-mode=once").assert_outcomes(passed=1)
    before = cassettes()
    for number in "23":
        monkeypatch.setenv("PYTHONHASHSEED", number)
        run().assert_outcomes(passed=1)
    run("--record-mode=rewrite").assert_outcomes(passed=1)
    assert cassettes() == before
