"""One recording in each form of cassette that vcrpy or its users write, with the same secrets."""

from __future__ import annotations

import gzip
import importlib
import json
import zlib
from collections.abc import Callable
from datetime import UTC, datetime
from io import BytesIO
from typing import Any

import yaml

from pytest_reprise.cassette.dump import dump
from pytest_reprise.cassette.model import Cassette, Header
from pytest_reprise.exchange import Interaction, Request, Response

PASSWORD = "correct-horse-battery-9"
TOKEN = "tok-Zq81kd03Lmx7Qa55Yb"
KEY = "9f8e7d6c5b4a39281706f5e4"
SECRETS = (PASSWORD, TOKEN, KEY)

JSON_TYPE = "application/json"
SENT = {"user": "augusta", "password": PASSWORD}
ANSWERED = {"access_token": TOKEN, "scope": "read write"}
URL = f"https://api.test/login?api_key={KEY}&page=2"


def interaction(request_body: object, response: dict[str, Any], **more: object) -> dict[str, Any]:
    """Return an interaction in vcrpy's version 1; `more` are keys that vcrpy does not know."""
    length = len(request_body) if isinstance(request_body, (str, bytes)) else 0
    request = {
        "body": request_body,
        "headers": {"Content-Type": [JSON_TYPE], "Content-Length": [str(length)]},
        "method": "POST",
        "uri": URL,
    }
    return {"request": request, "response": response, **more}


def response(body: object, **headers: list[str]) -> dict[str, Any]:
    """Return a response of status 200; keywords such as `content_encoding=["gzip"]` are headers."""
    named = {name.replace("_", "-").title(): values for name, values in headers.items()}
    return {
        "body": {"string": body},
        "headers": {"Content-Type": [JSON_TYPE], **named},
        "status": {"code": 200, "message": "OK"},
    }


def vcrpy_yaml(*interactions: dict[str, Any], **more: object) -> str:
    """Return the text that vcrpy writes."""
    document = {"interactions": list(interactions), "version": 1, **more}
    text: str = yaml.dump(document, Dumper=yaml.Dumper)
    return text


_SENT, _ANSWERED = json.dumps(SENT), json.dumps(ANSWERED)
_PLAIN = interaction(_SENT, response(_ANSWERED))
_BYTES = _ANSWERED.encode()


def _parsed(sent: object, answered: object) -> str:
    """Return the text of a serializer that writes JSON bodies as YAML values."""
    made = interaction(None, response(""))
    for side, body in (("request", sent), ("response", answered)):
        del made[side]["body"]
        made[side]["parsed_body"] = body
    return yaml.safe_dump(
        {"interactions": [made], "version": 1}, allow_unicode=True, width=120, sort_keys=True
    )


def _first_httpx() -> str:
    answered = {
        "content": _ANSWERED,
        "headers": {"Content-Type": [JSON_TYPE]},
        "http_version": "HTTP/1.1",
        "status_code": 200,
    }
    return vcrpy_yaml(interaction(_SENT, answered))


def _ours() -> str:
    request = Request("POST", URL, (("Content-Type", JSON_TYPE),), _SENT.encode())
    answered = Response(200, "OK", (("Content-Type", JSON_TYPE),), _BYTES)
    header = Header(datetime(2026, 1, 31, 12, tzinfo=UTC), "pytest-reprise 0.1.0", seed=7)
    return dump(Cassette((Interaction(request, answered, at=0.25),), header))


def _brotli(body: bytes) -> bytes:
    packed: bytes = importlib.import_module("brotli").compress(body)
    return packed


def _zstd(body: bytes) -> bytes:
    packed: bytes = importlib.import_module("zstandard").ZstdCompressor().compress(body)
    return packed


CODINGS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "deflate": zlib.compress,
    "br": _brotli,
    "zstd": _zstd,
}
PACKAGES = {"br": "brotli", "zstd": "zstandard"}


def coded(coding: str) -> str:
    """Return a cassette whose response is compressed by this content coding."""
    body = CODINGS[coding](_BYTES)
    return vcrpy_yaml(interaction(_SENT, response(body, content_encoding=[coding])))


FORMS: dict[str, str] = {
    "ours.yaml": _ours(),
    "vcrpy.yaml": vcrpy_yaml(_PLAIN),
    "vcrpy.json": json.dumps({"version": 1, "interactions": [_PLAIN]}, indent=4) + "\n",
    "compact.json": json.dumps({"version": 1, "interactions": [_PLAIN]}, separators=(",", ":")),
    "binary.yaml": vcrpy_yaml(interaction(_SENT.encode(), response(_BYTES))),
    "bytesio.yaml": vcrpy_yaml(interaction(BytesIO(_SENT.encode()), response(_ANSWERED))),
    "iterator.yaml": vcrpy_yaml(interaction(iter([_SENT.encode()]), response(_ANSWERED))),
    "httpx.yaml": _first_httpx(),
    "parsed.yaml": _parsed(SENT, ANSWERED),
    "extra.yaml": vcrpy_yaml(
        {**_PLAIN, "recorded_at": "2026-01-31T12:00:00", "serializer": {"name": "own"}},
        metadata={"suite": "shop", "password": PASSWORD},
    ),
    "text.yaml": "request:\n  password: " + PASSWORD + f"\n  url: {URL}\n  access_token: {TOKEN}\n",
    "text.json": json.dumps({"a": {"password": PASSWORD}, "url": URL, "access_token": TOKEN}),
    "cut.yaml": f'interactions:\n- request: {{uri: "{URL}"\n  password: {PASSWORD}\n'
    f"  access_token: {TOKEN}\n",
}
"""Texts by file name. The last three are not cassettes, and the last one is not valid YAML."""
CASSETTES = {name: text for name, text in FORMS.items() if not name.startswith(("text", "cut"))}
