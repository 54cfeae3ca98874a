"""Runs a suite live, recording and replaying, and compares the values that its tests showed."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path
from typing import Any, Protocol, TypeAlias

import pytest

from .raw_server import RawServer
from .runs import Run, Suite

SHOW = '''
import json
import os
import pathlib

import pytest


@pytest.fixture
def show(request):
    """Write values of this test to a file, which the outer test reads."""
    shown = []
    yield shown.append
    with pathlib.Path(os.environ["SHOWN_FILE"]).open("a") as file:
        file.write(json.dumps([request.node.name, shown]) + "\\n")
'''

CONFTEST = (
    SHOW
    + '''
import asyncio
import importlib
import socket
import ssl

import pytest

NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # a default context takes 15 ms to create

def refuse(*_):
    raise AssertionError("a replay uses no network")


if os.environ.get("SHOWN_FILE", "").endswith("replayed.jsonl"):
    socket.socket.connect = socket.socket.connect_ex = refuse


@pytest.fixture(params=["httpx", "httpx2"])
def lib(request):
    return importlib.import_module(request.param)


@pytest.fixture
def base():
    return os.environ["API_BASE_URL"]


def headers_of(response):
    return [[part.decode("latin-1") for part in pair] for pair in response.headers.raw]


def head_of(response):
    return {
        "status": response.status_code,
        "reason": response.reason_phrase,
        "version": response.http_version,
        "headers": headers_of(response),
    }


def view(response, pieces):
    return {**head_of(response), "pieces": [piece.hex() for piece in pieces]}


def exchange_sync(lib, method, url, **how):
    with lib.Client(verify=NO_TLS) as client, client.stream(method, url, **how) as response:
        return view(response, response.iter_raw())


def exchange_async(lib, method, url, **how):
    async def exchange():
        async with lib.AsyncClient(verify=NO_TLS) as client:
            async with client.stream(method, url, **how) as response:
                return view(response, [piece async for piece in response.aiter_raw()])

    return asyncio.run(exchange())


@pytest.fixture(params=[exchange_sync, exchange_async], ids=["sync", "async"])
def exchange(request, lib, base):
    """Send one request; return status, headers and all chunks of the body of its response."""
    return lambda method, path, **how: request.param(lib, method, base + path, **how)
'''
)

Shown: TypeAlias = dict[str, list[Any]]
"""The values that the tests of one run showed, by the names of the tests."""


class RecordAndReplay(Protocol):
    def __call__(self, source: str, **files: str) -> Shown: ...


@pytest.fixture(name="record_and_replay")
def fixture_record_and_replay(
    suite: Suite, run: Run, pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> RecordAndReplay:
    """Run the suite without Reprise, recording, and replaying with the server stopped.

    All tests have to pass each time and show the same values, which are returned.
    """

    def run_phase(phase: str, url: str, *args: str) -> Shown:
        shown_file = pytester.path / f"{phase}.jsonl"
        monkeypatch.setenv("SHOWN_FILE", str(shown_file))
        monkeypatch.setenv("API_BASE_URL", url)
        result = run(*args)
        assert result.ret == 0, f"{phase}: see the output of the run"
        return read_shown(shown_file)

    def run_three_times(source: str, **files: str) -> Shown:
        suite(source, conftest=CONFTEST, **files)
        with closing(RawServer()) as server:
            live = run_phase("live", server.url, "-p", "no:reprise", "--disable-recording")
        with closing(RawServer()) as server:
            recorded = run_phase("recorded", server.url, "--record-mode=once")
            server.stop()
            replayed = run_phase("replayed", server.url)
        assert_same(live, recorded)
        assert_same(recorded, replayed)
        return recorded

    return run_three_times


def read_shown(shown_file: Path) -> Shown:
    shown = dict(json.loads(line) for line in shown_file.read_text(encoding="utf-8").splitlines())
    assert all(shown.values()), "a test showed no value, so there is nothing to compare"
    return shown


def assert_same(one: Shown, other: Shown) -> None:
    names = [*one, *(name for name in other if name not in one)]
    pairs = ((name, one.get(name), other.get(name)) for name in names)
    differing = [f"{name}:\n  {was}\n  {now}" for name, was, now in pairs if was != now]
    assert not differing, "\n".join(["these tests showed other values:", *differing])
