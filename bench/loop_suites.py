"""Suites that measure themselves: many requests in one test, with one cassette."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from .peers import CASSETTER, FLOOR, HTTPX_MOCK, RECORDING, RESPX, Peer
from .suites import fixture_of, mark_of, prepare
from .workshop import API, write_cassette

USERS, POLLS, DOCUMENTS, REORDERED = "users", "polls", "documents", "reordered"
"""Distinct URLs; one URL with another response each time; one URL with distinct bodies of 100 kB,
sent as recorded or with another order of their keys."""


@dataclass(frozen=True)
class Loop:
    """`tests` tests, each with a first request and then `count` requests in the measured loop."""

    kind: str
    count: int
    tests: int = 1

    def write(self, folder: Path, peer: Peer) -> None:
        by_url = peer is FLOOR and self.kind == USERS
        prepare(folder, API, range(self.count + 1) if by_url else ())
        (folder / "conftest.py").write_text(self._conftest(peer))
        prepared = _PREPARE[self.kind].get(peer, "")
        arguments = ", ".join(filter(None, ["client", "note", fixture_of(peer)]))
        copies = _COPIES if self.kind in _BODIES else ""
        tests = "".join(
            _TEST.format(
                test=n, arguments=arguments, prepare=prepared, copies=copies, send=_SEND[self.kind]
            )
            for n in range(self.tests)
        )
        head = _HEAD.format(count=self.count) + (_BODIES.get(self.kind, ""))
        mark = mark_of(peer, _LOOKS_AT_BODIES.get(peer, "") if self.kind in _BODIES else "")
        (folder / "test_loop.py").write_text(head + mark + tests)
        if peer.records:
            self._write_cassettes(folder / "cassettes" / "test_loop", peer)

    def _conftest(self, peer: Peer) -> str:
        transport = ", transport=httpx.MockTransport(answered)" if peer is FLOOR else ""
        content = "ANSWERS[str(request.url)]" if self.kind == USERS else "QUEUE.pop()"
        return _CONFTEST.format(transport=transport, content=content)

    def _write_cassettes(self, folder: Path, peer: Peer) -> None:
        kind = DOCUMENTS if self.kind == REORDERED else self.kind
        write_cassette(peer, folder / "test_0.yaml", API, kind, self.count + 1)
        written = (folder / "test_0.yaml").read_bytes()
        for n in range(1, self.tests):
            (folder / f"test_{n}.yaml").write_bytes(written)


_LOOKS_AT_BODIES = {
    RECORDING: 'match_on=["method", "uri", "body"]',
    CASSETTER: 'match_on=["method", "uri", "body"]',
}

_SEND = {
    USERS: 'client.get(f"/users/{number}")',
    POLLS: 'client.get("/poll")',
    DOCUMENTS: 'client.post("/documents", content=sent[number], headers=JSON)',
    REORDERED: 'client.post("/documents", content=sent[number], headers=JSON)',
}

_CONFTEST = """\
import json
import os
from pathlib import Path

import httpx
import pytest

from answers import ANSWERS, BASE
from data import HEADERS

QUEUE = []


def answered(request):
    return httpx.Response(200, headers=HEADERS, content={content})


@pytest.fixture(scope="session")
def client():
    with httpx.Client(base_url=BASE{transport}) as client:
        yield client


@pytest.fixture(scope="session")
def note():
    def note(**spent):
        with Path(os.environ["BENCH_REPORT"]).open("a") as report:
            report.write(json.dumps(spent) + "\\n")

    return note
"""

_HEAD = """\
import json
from time import process_time

import httpx
import pytest

from answers import ANSWERS, BASE
from conftest import QUEUE
from data import HEADERS, answer, document, user

COUNT = {count}
"""

_BODIES = {
    DOCUMENTS: """\
JSON = {"Content-Type": "application/json"}
BODIES = [document(number) for number in range(COUNT + 1)]
SENT = BODIES
""",
    REORDERED: """\
JSON = {"Content-Type": "application/json"}
BODIES = [document(number) for number in range(COUNT + 1)]
SENT = [document(number, reordered=True) for number in range(COUNT + 1)]
""",
}

_TEST = """

def test_{test}({arguments}):
    def check(number):
        response = {send}
        assert response.status_code == 200
        assert response.json() == user(number)

{prepare}{copies}    start = process_time()
    check(0)
    opened = process_time()
    for number in range(1, COUNT + 1):
        check(number)
    note(first=opened - start, loop=process_time() - opened)
"""

_COPIES = """\
    sent = [bytes(bytearray(body)) for body in SENT]  # new objects, without cached hashes
"""
_QUEUED = """\
    QUEUE[:] = [answer(number) for number in range(COUNT, -1, -1)]
"""


def _httpx_mock(matched: str) -> str:
    return f"""\
    for number in range(COUNT + 1):
        httpx_mock.add_response({matched}, headers=HEADERS, content=answer(number))
"""


def _respx_mock(matched: str) -> str:
    return f"""\
    for number in range(COUNT + 1):
        response = httpx.Response(200, headers=HEADERS, content=answer(number))
        respx_mock.{matched}.mock(return_value=response)
"""


_PREPARE = {
    USERS: {
        HTTPX_MOCK: _httpx_mock('url=f"{BASE}/users/{number}"'),
        RESPX: _respx_mock('get(f"{BASE}/users/{number}")'),
    },
    POLLS: {
        FLOOR: _QUEUED,
        HTTPX_MOCK: _httpx_mock('url=BASE + "/poll"'),
        RESPX: """\
    contents = [answer(number) for number in range(COUNT + 1)]
    responses = [httpx.Response(200, headers=HEADERS, content=content) for content in contents]
    respx_mock.get(BASE + "/poll").mock(side_effect=responses)
""",
    },
    DOCUMENTS: {
        FLOOR: _QUEUED,
        HTTPX_MOCK: _httpx_mock('url=BASE + "/documents", match_content=BODIES[number]'),
        RESPX: _respx_mock('post(BASE + "/documents", content=BODIES[number])'),
    },
    REORDERED: {
        FLOOR: _QUEUED,
        HTTPX_MOCK: _httpx_mock('url=BASE + "/documents", match_json=json.loads(BODIES[number])'),
        RESPX: _respx_mock('post(BASE + "/documents", json=json.loads(BODIES[number]))'),
    },
}
