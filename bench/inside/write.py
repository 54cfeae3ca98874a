"""Write one large cassette with the code of a peer: arguments PEER PATH BASE KIND COUNT."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeAlias

import httpx

from .data import HEADERS, answer, document

RequestAndBody: TypeAlias = tuple[httpx.Request, bytes]
"""A request, and the body of its response."""


def requests_and_bodies(base: str, kind: str, count: int) -> list[RequestAndBody]:
    with httpx.Client(base_url=base, headers={"Connection": "keep-alive"}) as client:
        if kind == "polls":
            return [(client.build_request("GET", "/poll"), answer(n)) for n in range(count)]
        if kind == "documents":
            json = {"Content-Type": "application/json"}
            return [
                (
                    client.build_request("POST", "/documents", content=document(n), headers=json),
                    answer(n),
                )
                for n in range(count)
            ]
        return [(client.build_request("GET", f"/users/{n}"), answer(n)) for n in range(count)]


def _answered(body: bytes) -> list[tuple[str, str]]:
    return [*HEADERS, ("Content-Length", str(len(body)))]


def _named(headers: list[tuple[str, str]]) -> dict[str, list[str]]:
    return {name: [value] for name, value in headers}


def _sent(request: httpx.Request) -> list[tuple[str, str]]:
    return [(name.decode(), value.decode()) for name, value in request.headers.raw]


def reprise(path: Path, base: str, made: list[RequestAndBody]) -> None:
    from pytest_reprise.cassette.file import save
    from pytest_reprise.cassette.model import Cassette, Header
    from pytest_reprise.exchange import Interaction, Request, Response

    interactions = tuple(
        Interaction(
            Request(sent.method, str(sent.url), tuple(_sent(sent)), sent.content),
            Response(200, "OK", tuple(_answered(body)), body),
            at=n / 1000,
        )
        for n, (sent, body) in enumerate(made)
    )
    header = Header(datetime.now(UTC), "bench", seed=1, base_url=base)
    save(path, Cassette(interactions, header))


def vcrpy(path: Path, _base: str, made: list[RequestAndBody]) -> None:
    from vcr.persisters.filesystem import FilesystemPersister
    from vcr.request import Request
    from vcr.serializers import yamlserializer

    requests = [
        Request(sent.method, str(sent.url), sent.content, dict(_sent(sent))) for sent, _ in made
    ]
    responses = [
        {
            "status": {"code": 200, "message": "OK"},
            "headers": _named(_answered(body)),
            "body": {"string": body},
        }
        for _, body in made
    ]
    FilesystemPersister.save_cassette(
        path, {"requests": requests, "responses": responses}, yamlserializer
    )


def cassetter(path: Path, _base: str, made: list[RequestAndBody]) -> None:
    core: Any = importlib.import_module("cassetter._core")
    cassette = core.Cassette()
    for sent, body in made:
        media = sent.headers.get("Content-Type")
        request = core.HttpRequest(
            sent.method,
            str(sent.url),
            {name.lower(): values for name, values in _named(_sent(sent)).items()},
            core.process_body(sent.content, media, None),
        )
        headers = {name.lower(): values for name, values in _named(_answered(body)).items()}
        response = core.HttpResponse(
            200, headers, core.process_body(body, "application/json", None)
        )
        at = datetime.now(UTC).isoformat()
        cassette.add_interaction(core.HttpInteraction(request, response, at))
    path.parent.mkdir(parents=True, exist_ok=True)
    cassette.save(str(path))


WRITERS: dict[str, Callable[[Path, str, list[RequestAndBody]], None]] = {
    "reprise": reprise,
    "pytest-recording": vcrpy,
    "cassetter": cassetter,
}

if __name__ == "__main__":
    peer, path, base, kind, count = sys.argv[1:]
    WRITERS[peer](Path(path), base, requests_and_bodies(base, kind, int(count)))
