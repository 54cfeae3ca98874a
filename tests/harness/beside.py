"""Runs the same small suites with plain pytest-recording and with Reprise, and compares them.

Many suites share one run of pytest, each as a module with paths of its own on the server, since a
process for each would take minutes.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path
from textwrap import dedent
from typing import Any, NamedTuple, Protocol, TypeAlias

import pytest
from vcr.serialize import deserialize
from vcr.serializers import jsonserializer, yamlserializer

from .installed import at_least
from .runs import Answer, Received, Run, Server, json_answer

CONFTEST = '''
import json
import os
import pathlib
import ssl

import httpx
import pytest

NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # a default one takes 15 ms to build
SEEN = {}


@pytest.fixture
def url(request):
    return os.environ["API_BASE_URL"] + "/" + request.node.path.stem.removeprefix("test_")


@pytest.fixture
def send(url):
    def send(method, path, **how):
        with httpx.Client(verify=NO_TLS) as client:
            return client.request(method, path if "://" in path else url + path, **how)

    return send


@pytest.fixture
def get(send):
    return lambda path, **how: send("GET", path, **how).json()["n"]


@pytest.fixture
def post(send):
    return lambda path, **how: send("POST", path, **how).json()["n"]


def seen_of(nodeid):
    module, _, test = nodeid.partition("::")
    tests = SEEN.setdefault(pathlib.Path(module).stem.removeprefix("test_"), {})
    return tests.setdefault(test, {"outcome": "p", "shown": []})


@pytest.fixture
def show(request):
    """Tells the outer test what this one saw."""
    return seen_of(request.node.nodeid)["shown"].append


def pytest_runtest_logreport(report):
    seen = seen_of(report.nodeid)
    if seen["outcome"] == "p" and not report.passed:
        seen["outcome"] = "s" if report.skipped else "f" if report.when == "call" else "e"


def pytest_sessionfinish():
    pathlib.Path(os.environ["SEEN"]).write_text(json.dumps(SEEN))
'''
HOOK = """

@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item):
    global running
    running = item.module


def pytest_recording_configure(config, vcr):
    getattr(running, "configure", lambda vcr: None)(vcr)
"""
"""Each module has its own `configure(vcr)`, though the hook is one for all."""
PRELUDE = """\
import json, os, re
import pytest

REPLAYING = os.environ["PHASE"] == "replay"
"""
VERSION_1 = """\
version: 1
interactions:
"""
CALL = """\
- request:
    body: {body}
    headers:
      accept: ['*/*']
    method: {method}
    uri: '{{url}}{path}'
  response:
    body: {{{{string: '{{{{"n": {n}}}}}'}}}}
    headers:
      content-type: [application/json]
    status: {{{{code: 200, message: OK}}}}
"""


def cassette(*calls: str, body: str = "null") -> str:
    """A cassette as vcrpy writes it, of calls like "GET /a"; the first is answered with 101."""
    lines = [VERSION_1]
    for n, call in enumerate(calls, 101):
        method, path = call.split()
        lines.append(CALL.format(method=method, path=path, n=n, body=body).format(url="{url}"))
    return "".join(lines)


class Row(NamedTuple):
    """One suite. `outcomes` are those of its tests in each phase, in order: p, f, e or s.

    Where Reprise differs on purpose, `differs` is the reason, and `theirs` the outcomes with plain
    pytest-recording; these may be the same, where the server or the cassette tells.
    """

    source: str
    outcomes: str
    differs: str = ""
    theirs: str = ""
    files: Mapping[str, str] = {}
    """Prepared files by path; {url} is the server's, with the row's own paths."""
    since: str = ""
    """The first vcrpy with which plain pytest-recording does so; where an older one is installed,
    only Reprise is looked at."""
    older: str = ""
    """The outcomes with Reprise then, where they are others."""


class Seen(NamedTuple):
    """What came of a row with one tool."""

    outcomes: str
    shown: dict[str, list[Any]]
    requests: int
    cassettes: dict[str, Any]


class Phase(NamedTuple):
    name: str
    args: tuple[str, ...] = ()
    has_server: bool = True


class RowsServer(Server):
    """Counts for each row apart. /<row>/gzip is compressed, /<row>/boom is a 500; all other paths
    say how many requests of the row came so far, and what came."""

    def __init__(self) -> None:
        super().__init__()
        self.counts: dict[str, int] = {}

    def _own_answer(self, received: Received, path: str) -> Answer:
        row, _, rest = path[1:].partition("/")
        self.counts[row] = self.counts.get(row, 0) + 1
        told = {"n": self.counts[row], "asked": f"{received.method} {rest}"}
        if rest == "gzip":
            headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
            return 200, headers, gzip.compress(json.dumps(told).encode(), mtime=0)
        return json_answer(told, 500 if rest == "boom" else 200)


Rows: TypeAlias = Mapping[str, Row]


class Beside(Protocol):
    def __call__(self, rows: Rows, *phases: Phase, conftest: str = ...) -> None: ...


@pytest.fixture(name="beside")
def fixture_beside(pytester: pytest.Pytester, run: Run, monkeypatch: pytest.MonkeyPatch) -> Beside:
    """Runs the rows with each tool, and asserts what each of them says."""

    def run_with(tool: str, rows: Rows, phases: tuple[Phase, ...], conftest: str) -> list[Any]:
        top = pytester.path / tool
        with closing(RowsServer()) as server:
            _write(top, rows, server.url, conftest)
            monkeypatch.chdir(top)
            monkeypatch.setenv("API_BASE_URL", server.url)
            found: list[Any] = []
            for phase in phases:
                monkeypatch.setenv("PHASE", phase.name)
                monkeypatch.setenv("SEEN", str(top / "seen.json"))
                server.start() if phase.has_server and found else None
                None if phase.has_server else server.stop()
                run(*(("-p", "no:reprise") if tool == "theirs" else ()), *phase.args)
                found.append(json.loads((top / "seen.json").read_text(encoding="utf-8")))
            return [_seen(top, name, found, server) for name in rows]

    def compare(rows: Rows, *phases: Phase, conftest: str = CONFTEST + HOOK) -> None:
        theirs = run_with("theirs", rows, phases, conftest)
        ours = run_with("ours", rows, phases, conftest)
        wrong = [
            f"{name}: {problem}"
            for (name, row), one, other in zip(rows.items(), theirs, ours, strict=True)
            for problem in _problems(row, one, other)
        ]
        assert not wrong, "\n".join(["rows that are not as they say:", *wrong])

    return compare


def _write(top: Path, rows: Rows, url: str, conftest: str) -> None:
    files = {"conftest.py": conftest, "pytest.ini": "[pytest]\n"}
    for name, row in rows.items():
        files[f"test_{name}.py"] = PRELUDE + dedent(row.source)
        for path, text in row.files.items():
            files[path] = text.replace("{url}", f"{url}/{name}")
    for path, text in files.items():
        (top / path).parent.mkdir(parents=True, exist_ok=True)
        (top / path).write_text(text, encoding="utf-8")


def _seen(top: Path, name: str, found: list[Any], server: RowsServer) -> Seen:
    tests = [phase.get(name, {}) for phase in found]
    return Seen(
        "/".join("".join(test["outcome"] for test in phase.values()) for phase in tests),
        {f"{n} {k}": t["shown"] for n, phase in enumerate(tests) for k, t in phase.items()},
        server.counts.get(name, 0),
        dict(_cassettes(top, name, server.url)),
    )


_TOLD = frozenset(("authorization", "cookie", "content-type", "content-encoding"))


def _cassettes(top: Path, name: str, url: str) -> Iterator[tuple[str, Any]]:
    """What vcrpy finds in the cassettes of a row, which lie in a directory of its name."""
    for path in sorted(top.rglob(f"test_{name}/**/*")):
        reader = {".yaml": yamlserializer, ".json": jsonserializer}.get(path.suffix)
        if not path.is_file() or path.suffix in (".py", ".pyc"):
            continue
        text = path.read_text(encoding="utf-8").replace(url, "").replace(url[7:], "here")
        found: Any = text if reader is None else list(_calls(text, reader))
        yield str(path.relative_to(top)), found


def _calls(text: str, reader: object) -> Iterator[tuple[Any, ...]]:
    requests, responses, *_ = deserialize(text, reader)
    for request, response in zip(requests, responses, strict=True):
        body = request.body or b""
        yield (
            f"{request.method} {request.uri}",
            _plain(body if isinstance(body, bytes) else str(body).encode()),
            _told(request.headers),
            response["status"]["code"],
            _told(response["headers"]),
            _plain(response["body"]["string"] or b""),
        )


def _told(headers: Mapping[str, Any]) -> dict[str, Any]:
    lowered = {name.lower(): value for name, value in headers.items()}
    return {n: v for n, v in lowered.items() if n in _TOLD or n.startswith("x-")}


def _plain(body: bytes) -> Any:
    """JSON by its meaning, since ours stands indented in a cassette."""
    try:
        return json.loads(body)
    except ValueError:
        return body


def _problems(row: Row, theirs: Seen, ours: Seen) -> Iterator[str]:
    if row.since and not at_least("vcrpy", row.since):
        if ours.outcomes != (row.older or row.outcomes):
            yield f"with Reprise it was {ours.outcomes}, and not {row.older or row.outcomes}"
        return
    for tool, seen, expected in (
        ("Reprise", ours, row.outcomes),
        ("pytest-recording", theirs, row.theirs or row.outcomes),
    ):
        if seen.outcomes != expected:
            yield f"with {tool} it was {seen.outcomes}, and not {expected}"
    if row.differs and theirs == ours:
        yield "it says that they differ, and they do not"
    for part in () if row.differs else ("shown", "requests", "cassettes"):
        one, other = getattr(theirs, part), getattr(ours, part)
        if one != other:
            yield f"{part}:\n  pytest-recording {one}\n  Reprise          {other}"
