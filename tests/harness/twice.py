"""Runs a suite against the odd server and then without it, and compares what its tests saw."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path
from typing import Any, Protocol, TypeAlias

import pytest

from .odd_servers import OddServer
from .runs import Run, Suite

SHOW = '''
import json
import os
import pathlib

import pytest


@pytest.fixture
def show(request):
    """Tells the outer test what this one saw."""
    shown = []
    yield shown.append
    with pathlib.Path(os.environ["SEEN"]).open("a") as file:
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

NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # a default one takes 15 ms to build

def refuse(*_):
    raise AssertionError("a replay touches no network")


if "replayed" in os.environ.get("SEEN", ""):
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


def sync_exchange(lib, method, url, **how):
    with lib.Client(verify=NO_TLS) as client, client.stream(method, url, **how) as response:
        return view(response, response.iter_raw())


def async_exchange(lib, method, url, **how):
    async def exchange():
        async with lib.AsyncClient(verify=NO_TLS) as client:
            async with client.stream(method, url, **how) as response:
                return view(response, [piece async for piece in response.aiter_raw()])

    return asyncio.run(exchange())


@pytest.fixture(params=[sync_exchange, async_exchange], ids=["sync", "async"])
def exchange(request, lib, base):
    """Sends one request, and gives all that its response says, its body piece by piece."""
    return lambda method, path, **how: request.param(lib, method, base + path, **how)
'''
)

Shown: TypeAlias = dict[str, list[Any]]
"""What the tests of one run showed, by their names."""


class Twice(Protocol):
    def __call__(self, source: str, **files: str) -> Shown: ...


@pytest.fixture(name="twice")
def fixture_twice(
    suite: Suite, run: Run, pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> Twice:
    """Runs the suite without us, recording, and replaying with the server gone: each time all
    tests have to pass, and to see the same. Returns what they saw."""

    def shown_by(phase: str, url: str, *args: str) -> Shown:
        seen = pytester.path / f"{phase}.jsonl"
        monkeypatch.setenv("SEEN", str(seen))
        monkeypatch.setenv("API_BASE_URL", url)
        result = run(*args)
        assert result.ret == 0, f"{phase}: see the output of the run"
        return read_shown(seen)

    def run_twice(source: str, **files: str) -> Shown:
        suite(source, conftest=CONFTEST, **files)
        with closing(OddServer()) as server:
            live = shown_by("live", server.url, "-p", "no:reprise", "--disable-recording")
        with closing(OddServer()) as server:
            recorded = shown_by("recorded", server.url, "--record-mode=once")
            server.stop()
            replayed = shown_by("replayed", server.url)
        assert_same(live, recorded)
        assert_same(recorded, replayed)
        return recorded

    return run_twice


def read_shown(seen: Path) -> Shown:
    shown = dict(json.loads(line) for line in seen.read_text(encoding="utf-8").splitlines())
    assert all(shown.values()), "a test that shows nothing proves nothing"
    return shown


def assert_same(one: Shown, other: Shown) -> None:
    names = [*one, *(name for name in other if name not in one)]
    pairs = ((name, one.get(name), other.get(name)) for name in names)
    differing = [f"{name}:\n  {was}\n  {now}" for name, was, now in pairs if was != now]
    assert not differing, "\n".join(["the tests saw something else:", *differing])
