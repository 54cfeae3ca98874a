"""Cassettes and OpenAPI documents for tests."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from pytest_reprise.cassette.file import save
from pytest_reprise.cassette.model import Cassette, Header
from pytest_reprise.exchange import Interaction, Request, Response

from ..harness.strategies import Json

BASE = "https://api.test"
JSON_TYPE = (("content-type", "application/json"),)
DAY = datetime(2026, 1, 31, tzinfo=UTC)


def call(
    target: str = "GET /users/7",
    answer: Json = None,
    status: int = 200,
    *,
    sent: Json = None,
    headers: Mapping[str, str] | None = None,
) -> Interaction:
    """Return a recorded call with JSON bodies; None is no body."""
    method, _, path = target.partition(" ")
    given = tuple((headers or {}).items())
    url = path if path.startswith("http") else f"{BASE}{path}"
    request = Request(method, url, given + (JSON_TYPE if sent is not None else ()), _json(sent))
    found = JSON_TYPE if answer is not None else ()
    return Interaction(request, Response(status, "", found, _json(answer)))


def _json(value: Json) -> bytes:
    return b"" if value is None else json.dumps(value).encode()


def write(name: str, *calls: Interaction, at: datetime | None = DAY, base: str = BASE) -> Path:
    """Write a cassette; without a time it is one of vcrpy."""
    path = Path(name)
    header = Header(at, "a test", base_url=base) if at else None
    save(path, Cassette(calls, header), durable=False)
    return path


def document(paths: Json, version: str = "3.1.0", **more: Json) -> dict[str, Json]:
    """Return an OpenAPI document."""
    return {"openapi": version, "info": {"title": "API", "version": "1"}, "paths": paths, **more}


def write_document(value: Json, name: str = "openapi.json") -> str:
    Path(name).write_text(json.dumps(value), encoding="utf-8")
    return name


def answering(
    schema: Json, path: str = "/users/{id}", version: str = "3.1.0", **more: Json
) -> dict[str, Json]:
    """Return a document with one operation, whose answer has a schema."""
    content: Json = {"application/json": {"schema": schema}}
    operation: Json = {"responses": {"200": {"description": "", "content": content}}}
    return document({path: {"get": operation}}, version, **more)
