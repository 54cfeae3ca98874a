"""The measured suites: the same text for all peers, except for a few lines."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from .inside.data import answer
from .peers import FLOOR, HTTPX_MOCK, RESPX, Peer

PER_MODULE = 50
_INSIDE = Path(__file__).with_name("inside")


@dataclass(frozen=True)
class Suite:
    """`tests` tests with `requests` requests each; each test requests other users.

    `client` is "session" (one client for all tests), "test" (one for each test) or "async" (an
    asynchronous one for each test). `live` suites send requests to the server, also for the floor.
    `credentials` adds an Authorization header to each request.
    """

    base: str
    tests: int = 1000
    requests: int = 3
    client: str = "session"
    live: bool = False
    credentials: bool = False

    def write(self, folder: Path, peer: Peer) -> None:
        mocked = peer is FLOOR and not self.live
        transport = ", transport=httpx.MockTransport(answered)" if mocked else ""
        if self.credentials:
            transport += f", headers={_CREDENTIALS!r}"
        needs_answers = mocked or peer in _PREPARE
        prepare(folder, self.base, range(self.tests * self.requests if needs_answers else 0))
        (folder / "conftest.py").write_text(_CONFTEST + _client(self.client, transport))
        for start in range(0, self.tests, PER_MODULE):
            tests = range(start, min(start + PER_MODULE, self.tests))
            text = "".join(self._test(peer, test, transport) for test in tests)
            name = f"test_users_{start // PER_MODULE}.py"
            (folder / name).write_text(_HEAD + mark_of(peer) + text)

    def _test(self, peer: Peer, test: int, transport: str) -> str:
        numbers = tuple(range(test * self.requests, (test + 1) * self.requests))
        shape = _ASYNC if self.client == "async" else _SYNC
        return shape.format(
            test=test,
            numbers=_tuple(numbers),
            arguments=_arguments(self.client, peer),
            prepare=_PREPARE.get(peer, "").format(numbers=_tuple(numbers)),
            transport=transport,
        )


def prepare(folder: Path, base: str, numbers: Sequence[int]) -> None:
    """Write the modules that the tests import: the responses of the API."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "pytest.ini").write_text("[pytest]\n")
    shutil.copy(_INSIDE / "data.py", folder)
    answers = "".join(f'    BASE + "/users/{n}": {answer(n)!r},\n' for n in numbers)
    (folder / "answers.py").write_text(f"BASE = {base!r}\nANSWERS = {{\n{answers}}}\n")


def mark_of(peer: Peer, options: str = "") -> str:
    return "" if peer in (FLOOR, *_PREPARE) else f"pytestmark = pytest.mark.vcr({options})\n"


def fixture_of(peer: Peer) -> str:
    return {HTTPX_MOCK: "httpx_mock", RESPX: "respx_mock"}.get(peer, "")


def _arguments(client: str, peer: Peer) -> str:
    names = ["" if client == "async" else "client", fixture_of(peer)]
    return ", ".join(filter(None, names))


def _tuple(numbers: tuple[int, ...]) -> str:
    return f"range({numbers[0]}, {numbers[-1] + 1})" if len(numbers) > 9 else repr(numbers)


_CREDENTIALS = {"Authorization": "Bearer 8f14e45fceea167a5a36dedd4bea2543"}

_CONFTEST = """\
import httpx
import pytest

from answers import ANSWERS, BASE
from data import HEADERS


def answered(request):
    return httpx.Response(200, headers=HEADERS, content=ANSWERS[str(request.url)])

"""


def _client(kind: str, transport: str) -> str:
    if kind == "async":
        return ""
    scope = "session" if kind == "session" else "function"
    return f'''
@pytest.fixture(scope="{scope}")
def client():
    with httpx.Client(base_url=BASE{transport}) as client:
        yield client
'''


_HEAD = """\
import asyncio

import httpx
import pytest

from answers import ANSWERS, BASE
from conftest import answered
from data import HEADERS, user

"""

_SYNC = """

def test_{test}({arguments}):
{prepare}    for number in {numbers}:
        response = client.get(f"/users/{{number}}")
        assert response.status_code == 200
        assert response.json() == user(number)
"""

_ASYNC = """

def test_{test}({arguments}):
{prepare}    async def body():
        async with httpx.AsyncClient(base_url=BASE{transport}) as client:
            for number in {numbers}:
                response = await client.get(f"/users/{{number}}")
                assert response.status_code == 200
                assert response.json() == user(number)

    asyncio.run(body())
"""

_PREPARE = {
    HTTPX_MOCK: """\
    for number in {numbers}:
        url = f"{{BASE}}/users/{{number}}"
        httpx_mock.add_response(url=url, headers=HEADERS, content=ANSWERS[url])
""",
    RESPX: """\
    for number in {numbers}:
        url = f"{{BASE}}/users/{{number}}"
        answer = httpx.Response(200, headers=HEADERS, content=ANSWERS[url])
        respx_mock.get(url).mock(return_value=answer)
""",
}
