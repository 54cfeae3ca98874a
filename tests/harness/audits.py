"""Run `reprise audit` in a test, and write files for it."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

from pytest_reprise.cassette.body_files import MIN_BODY_FILE_SIZE
from pytest_reprise.cassette.file import save
from pytest_reprise.cassette.model import Cassette, Header
from pytest_reprise.exchange import Interaction, Request, Response

from .forms import (
    PASSWORD,
    interaction,
    response,
    vcrpy_yaml,
)


class Ran(NamedTuple):
    code: int
    out: str
    err: str

    @property
    def lines(self) -> list[str]:
        return self.out.splitlines()

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def found(self) -> list[tuple[str, str]]:
        """Location and rule of each finding, of a run with --format=json."""
        return [(finding["location"], finding["rule"]) for finding in self.json["findings"]]


Audit: TypeAlias = Callable[..., Ran]


def write(name: str, content: str | bytes) -> Path:
    path = Path(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def clean(body: object = '{"page": 2}') -> str:
    """Return a cassette without a secret."""
    made = interaction(None, response(body))
    made["request"]["uri"] = "https://api.test/pages?page=2"
    return vcrpy_yaml(made)


def answering(body: object, path: str = "/things", **headers: list[str]) -> str:
    """Return a cassette of one call with this response."""
    made = interaction(None, response(body, **headers))
    made["request"]["uri"] = f"https://api.test{path}"
    return vcrpy_yaml(made)


NOISE = bytes([0, *range(128, 256)]) * (MIN_BODY_FILE_SIZE // 128)
LEAKED = f" postgres://shop:{PASSWORD}@db.test/shop ".encode()


def body_in_file(body: bytes, name: str = "a.yaml", path: str = "/image") -> Path:
    """Save a cassette with a body in a file of its own, and return that file."""
    answered = Response(200, "OK", (("Content-Type", "application/octet-stream"),), body)
    made = (
        Interaction(Request("GET", "https://api.test/"), Response(204)),
        Interaction(Request("GET", f"https://api.test{path}"), answered),
    )
    save(Path(name), Cassette(made, Header(datetime(2026, 1, 31, tzinfo=UTC), "a test")))
    [file] = Path(name).parent.glob(f"{Path(name).stem}.*.body")
    return file
