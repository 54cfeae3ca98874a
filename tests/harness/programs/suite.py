"""The test module of the inner run. It is copied there, and imports nothing of this repository."""

from __future__ import annotations

import asyncio
import importlib
import json
import os
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from pathlib import Path
from typing import Any, TypeAlias

import anyio
import pytest

from pytest_reprise import use_cassette

Json: TypeAlias = Any
HERE = Path(__file__).parent
PROGRAMS: list[Json] = json.loads((HERE / "programs.json").read_text(encoding="utf-8"))
BASES = {"server": os.environ["API_BASE_URL"], "refused": os.environ["REFUSED"]}
SHOWN_FILE = Path(os.environ["SHOWN_FILE"])


class Performer:
    """Does the steps of one program, and keeps what each request saw by its name."""

    def __init__(self, lib: Any, run: str) -> None:
        self.lib = lib
        self.run = run
        self.shown: dict[str, Json] = {}

    def cassette(self, node: Json) -> use_cassette:
        return use_cassette(f"cassettes/blocks/{self.run}-{node['name']}.yaml")

    def request(self, node: Json) -> dict[str, Any]:
        """The arguments of httpx."""
        kind, value = node["body"]
        named = [*node["headers"], ("X-Run", self.run)]
        headers = [(name.encode(), value.encode("latin-1")) for name, value in named]
        url = BASES[node["base"]] + node["path"]
        arguments: dict[str, Any] = {"method": node["method"], "url": url, "headers": headers}
        if kind in ("json", "data"):
            arguments[kind] = value
        elif kind == "content":
            arguments["content"] = bytes.fromhex(value)
        elif kind == "files":
            arguments["files"] = {name: (name, bytes.fromhex(of)) for name, of in value.items()}
        return arguments

    def options(self, node: Json) -> dict[str, Any]:
        """The arguments of a client."""
        timeout = self.lib.Timeout(30, read=node["read_timeout"])
        return {"timeout": timeout, "follow_redirects": True, "verify": False}

    def head(self, response: Any) -> Json:
        """What can be seen without reading the body."""
        return {
            "status": response.status_code,
            "reason": response.reason_phrase,
            "version": response.http_version,
            "path": response.url.path,
            "headers": [[part.decode("latin-1") for part in pair] for pair in response.headers.raw],
            "history": [(hop.status_code, hop.url.path) for hop in response.history],
            "cookies": dict(response.cookies),
        }

    def body(self, response: Any) -> Json:
        """What can be seen of a body that was read."""
        return [response.content.hex(), response.text, response.encoding]

    def failed(self, node: Json, error: Exception) -> None:
        kind = type(error)
        seen = self.shown.setdefault(node["id"], {})
        seen["error"] = [kind.__module__, kind.__name__, str(error)]


class Threaded(Performer):
    """With sync clients and threads."""

    def __init__(self, lib: Any, run: str) -> None:
        super().__init__(lib, run)
        self.client = lib.Client(verify=False)

    def perform(self, program: Json) -> None:
        with self.client:
            self.do(program["node"])

    def do(self, node: Json) -> None:
        if node["do"] == "ask":
            self.ask(node)
        elif node["do"] == "together":
            ways = (self.in_pool, self.in_threads)
            ways[node["how"] % len(ways)](node["of"])
        elif node["do"] == "cassette":
            with self.cassette(node):
                self.each(node["of"])
        elif node["do"] == "race":
            self.do(node["of"][0])  # a thread cannot be cancelled
        else:  # also equal requests: which of two threads is first is not certain
            self.each(node["of"])

    def each(self, nodes: list[Json]) -> None:
        for node in nodes:
            self.do(node)

    def in_pool(self, nodes: list[Json]) -> None:
        with ThreadPoolExecutor(len(nodes)) as pool:
            list(pool.map(self.do, nodes))

    def in_threads(self, nodes: list[Json]) -> None:
        threads = [threading.Thread(target=self.do, args=(node,)) for node in nodes]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def ask(self, node: Json) -> None:
        try:
            if node["client"] == "shared":
                self.shared(node)
            elif node["client"] == "function" and node["read"] == "all":
                response = self.lib.request(**self.request(node), **self.options(node))
                self.shown[node["id"]] = {**self.head(response), "body": self.body(response)}
            else:
                with self.lib.Client(**self.options(node)) as client:
                    self.read(node, client)
        except (self.lib.HTTPError, self.lib.StreamError) as error:
            self.failed(node, error)

    def shared(self, node: Json) -> None:
        options = self.options(node)
        self.read(node, self.client, follow_redirects=True, timeout=options["timeout"])

    def read(self, node: Json, client: Any, **how: Any) -> None:
        arguments = self.request(node)
        if node["body"][0] == "pieces":
            arguments["content"] = map(bytes.fromhex, node["body"][1])
        with client.stream(**arguments, **how) as response:
            seen = self.shown[node["id"]] = self.head(response)
            if node["read"] in ("all", "text"):
                response.read()
                seen["body"] = self.body(response)
            elif node["read"] != "head":
                pieces = seen["pieces"] = []
                for piece in pieces_of(response, node["read"]):
                    pieces.append(piece if isinstance(piece, str) else piece.hex())


def pieces_of(response: Any, how: str) -> Iterator[bytes | str]:
    """Read the body of a response in a way that was drawn."""
    ways: dict[str, Callable[[], Iterator[bytes | str]]] = {
        "raw": response.iter_raw,
        "some": lambda: islice(response.iter_raw(), 1),
        "bytes": lambda: response.iter_bytes(7),
        "lines": response.iter_lines,
    }
    return ways[how]()


class Concurrent(Performer):
    """With async clients and tasks."""

    def __init__(self, lib: Any, run: str) -> None:
        super().__init__(lib, run)
        self.client = lib.AsyncClient(verify=False)

    def perform(self, program: Json) -> None:
        async def main() -> None:
            async with self.client:
                await self.do(program["node"])

        asyncio.run(main())

    async def do(self, node: Json) -> None:
        if node["do"] == "ask":
            await self.ask(node)
        elif node["do"] == "together":
            ways = (self.gathered, self.in_group, self.in_task_group, self.in_threads)
            await ways[node["how"] % len(ways)](node["of"])
        elif node["do"] == "cassette":
            async with self.cassette(node):
                await self.each(node["of"])
        elif node["do"] == "gather":
            await self.gathered(node["of"])
        elif node["do"] == "race":
            await self.race(node["of"])
        else:
            await self.each(node["of"])

    async def each(self, nodes: list[Json]) -> None:
        for node in nodes:
            await self.do(node)

    async def gathered(self, nodes: list[Json]) -> None:
        await asyncio.gather(*map(self.do, nodes))

    async def in_group(self, nodes: list[Json]) -> None:
        async with asyncio.TaskGroup() as group:
            for node in nodes:
                group.create_task(self.do(node))

    async def in_task_group(self, nodes: list[Json]) -> None:
        async with anyio.create_task_group() as group:
            for node in nodes:
                group.start_soon(self.do, node)

    async def in_threads(self, nodes: list[Json]) -> None:
        def do_in_thread(node: Json) -> None:
            other = Concurrent(self.lib, self.run)
            other.shown = self.shown
            other.perform({"node": node})

        await asyncio.gather(*(asyncio.to_thread(do_in_thread, node) for node in nodes))

    async def race(self, nodes: list[Json]) -> None:
        """Cancel all others when the first one is done."""
        tasks = [asyncio.create_task(self.do(node)) for node in nodes]
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)

    async def ask(self, node: Json) -> None:
        try:
            if node["client"] == "shared":
                timeout = self.options(node)["timeout"]
                await self.read(node, self.client, follow_redirects=True, timeout=timeout)
            else:
                async with self.lib.AsyncClient(**self.options(node)) as client:
                    await self.read(node, client)
        except (self.lib.HTTPError, self.lib.StreamError) as error:
            self.failed(node, error)

    async def read(self, node: Json, client: Any, **how: Any) -> None:
        arguments = self.request(node)
        if node["body"][0] == "pieces":
            arguments["content"] = self.sent_pieces(node["body"][1])
        async with client.stream(**arguments, **how) as response:
            seen = self.shown[node["id"]] = self.head(response)
            if node["read"] in ("all", "text"):
                await response.aread()
                seen["body"] = self.body(response)
            elif node["read"] != "head":
                pieces = seen["pieces"] = []
                async for piece in async_pieces_of(response, node["read"]):
                    pieces.append(piece if isinstance(piece, str) else piece.hex())

    async def sent_pieces(self, pieces: list[str]) -> AsyncIterator[bytes]:
        for piece in pieces:
            yield bytes.fromhex(piece)


async def async_pieces_of(response: Any, how: str) -> AsyncIterator[bytes | str]:
    """Read the body of a response in a way that was drawn."""
    ways: dict[str, Callable[[], AsyncIterator[bytes | str]]] = {
        "raw": response.aiter_raw,
        "some": response.aiter_raw,
        "bytes": lambda: response.aiter_bytes(7),
        "lines": response.aiter_lines,
    }
    async for piece in ways[how]():
        yield piece
        if how == "some":
            break


def perform(number: int, lib: str, kind: type[Threaded | Concurrent]) -> None:
    """Carry out one program, and write down what it saw."""
    run = f"{number}-{lib}-{kind.__name__}"
    performer = kind(importlib.import_module(lib), run)
    performer.perform(PROGRAMS[number])
    with SHOWN_FILE.open("a", encoding="utf-8") as file:
        file.write(json.dumps([run, performer.shown]) + "\n")


def numbers(is_marked: bool) -> list[int]:
    return [n for n, program in enumerate(PROGRAMS) if program["is_marked"] is is_marked]


LIBS = pytest.mark.parametrize("lib", ["httpx", "httpx2"])
KINDS = pytest.mark.parametrize("kind", [Threaded, Concurrent])


@pytest.mark.vcr
@KINDS
@LIBS
@pytest.mark.parametrize("number", numbers(True))
def test_marked(number: int, lib: str, kind: type[Threaded | Concurrent]) -> None:
    perform(number, lib, kind)


@KINDS
@LIBS
@pytest.mark.parametrize("number", numbers(False))
def test_unmarked(number: int, lib: str, kind: type[Threaded | Concurrent]) -> None:
    perform(number, lib, kind)
