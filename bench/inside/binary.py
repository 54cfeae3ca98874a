"""Save and load a cassette with one large binary response: arguments PEER PATH BYTES.

Each peer flushes its file to the disk. The script prints CPU seconds and wall seconds.
"""

from __future__ import annotations

import importlib
import os
import random
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

URL = "http://api.test/image"
MEDIA = "application/octet-stream"


def floor(path: Path, body: bytes) -> bytes:
    path.write_bytes(body)
    _flush(path)
    return path.read_bytes()


def reprise(path: Path, body: bytes) -> bytes:
    from pytest_reprise.cassette.file import load, save
    from pytest_reprise.cassette.model import Cassette, Header
    from pytest_reprise.exchange import Interaction, Request, Response

    response = Response(200, "OK", (("Content-Type", MEDIA),), body)
    made = (Interaction(Request("GET", URL), response),)
    save(path, Cassette(made, Header(datetime.now(UTC), "bench")))
    cassette = load(path)
    assert cassette is not None
    outcome = cassette.interactions[0].outcome
    assert isinstance(outcome, Response)
    return outcome.body


def vcrpy(path: Path, body: bytes) -> bytes:
    from vcr.persisters.filesystem import FilesystemPersister
    from vcr.request import Request
    from vcr.serializers import yamlserializer

    response = {
        "status": {"code": 200, "message": "OK"},
        "headers": {"Content-Type": [MEDIA]},
        "body": {"string": body},
    }
    made = {"requests": [Request("GET", URL, None, {})], "responses": [response]}
    FilesystemPersister.save_cassette(path, made, yamlserializer)
    _flush(path)
    _, responses = FilesystemPersister.load_cassette(path, yamlserializer)
    found: bytes = responses[0]["body"]["string"]
    return found


def cassetter(path: Path, body: bytes) -> bytes:
    core: Any = importlib.import_module("cassetter._core")
    compare: Any = importlib.import_module("cassetter.compare")
    cassette = core.Cassette()
    response = core.HttpResponse(
        200, {"content-type": [MEDIA]}, core.process_body(body, MEDIA, None)
    )
    request = core.HttpRequest("GET", URL)
    at = datetime.now(UTC).isoformat()
    cassette.add_interaction(core.HttpInteraction(request, response, at))
    cassette.save(str(path))
    _flush(path)
    loaded = core.Cassette.load(str(path))
    found: bytes = compare.body_to_bytes(loaded.interactions[0].response.body)
    return found


def _flush(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())


ROUNDTRIPS: dict[str, Callable[[Path, bytes], bytes]] = {
    "floor": floor,
    "reprise": reprise,
    "pytest-recording": vcrpy,
    "cassetter": cassetter,
}

if __name__ == "__main__":
    peer, name, size = sys.argv[1:]
    roundtrip, path = ROUNDTRIPS[peer], Path(name)
    assert roundtrip(path, b"\xff\x00") == b"\xff\x00", "this first call also does the late imports"
    path.unlink()
    body = random.Random(1).randbytes(int(size))
    cpu, wall = time.process_time(), time.perf_counter()
    found = roundtrip(path, body)
    print(time.process_time() - cpu, time.perf_counter() - wall)
    assert found == body
