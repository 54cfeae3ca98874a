"""Runs small suites with plain pytest-recording and with Reprise, and compares the results.

Many suites share one run of pytest, because a process for each would take minutes. Each suite is a
module and has its own paths on the server.
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

NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # a default context takes 15 ms to create
RESULTS = {}


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


def result_of(nodeid):
    module, _, test = nodeid.partition("::")
    tests = RESULTS.setdefault(pathlib.Path(module).stem.removeprefix("test_"), {})
    return tests.setdefault(test, {"outcome": "p", "shown": []})


@pytest.fixture
def show(request):
    """Keep values of this test for the outer test."""
    return result_of(request.node.nodeid)["shown"].append


def pytest_runtest_logreport(report):
    result = result_of(report.nodeid)
    if result["outcome"] == "p" and not report.passed:
        result["outcome"] = "s" if report.skipped else "f" if report.when == "call" else "e"


def pytest_sessionfinish():
    pathlib.Path(os.environ["RESULTS"]).write_text(json.dumps(RESULTS))
'''
HOOK = """

@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item):
    global running
    running = item.module


def pytest_recording_configure(config, vcr):
    getattr(running, "configure", lambda vcr: None)(vcr)
"""
"""The hook calls the `configure(vcr)` of the running module."""
PRELUDE = """\
import json, os, re
import pytest

REPLAYING = os.environ["PHASE"] == "replay"
"""
VERSION_1 = """\
version: 1
interactions:
"""
INTERACTION = """\
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


def cassette(*requests: str, body: str = "null") -> str:
    """Return a cassette as vcrpy writes it, for requests like "GET /a", answered 101, 102, …"""
    lines = [VERSION_1]
    for n, request in enumerate(requests, 101):
        method, path = request.split()
        lines.append(
            INTERACTION.format(method=method, path=path, n=n, body=body).format(url="{url}")
        )
    return "".join(lines)


class Case(NamedTuple):
    """One suite, and the expected outcomes of its tests in each phase.

    `outcomes` has one letter for each test, in order: p (passed), f (failed), e (error) or s
    (skipped), with a slash between phases. If Reprise differs on purpose, `difference` is the
    reason and `plain_outcomes` holds the outcomes with plain pytest-recording. These may be equal,
    if only the requests or the cassettes differ.
    """

    source: str
    outcomes: str
    difference: str = ""
    plain_outcomes: str = ""
    files: Mapping[str, str] = {}
    """Files to write, by path. `{url}` is the server's URL with the path of this case."""
    since: str = ""
    """The first vcrpy release for which plain pytest-recording behaves so. With an older one, only
    Reprise is checked."""
    outcomes_before: str = ""
    """The outcomes with Reprise and a vcrpy before `since`, if they differ."""


class Result(NamedTuple):
    """The result of a case with one tool."""

    outcomes: str
    shown: dict[str, list[Any]]
    requests: int
    cassettes: dict[str, Any]


class Phase(NamedTuple):
    name: str
    args: tuple[str, ...] = ()
    has_server: bool = True


class CaseServer(Server):
    """Counts requests for each case. The response holds this number and the request.

    /<case>/gzip is compressed, and /<case>/boom has status 500.
    """

    def __init__(self) -> None:
        super().__init__()
        self.counts: dict[str, int] = {}

    def _own_answer(self, received: Received, path: str) -> Answer:
        case, _, rest = path[1:].partition("/")
        self.counts[case] = self.counts.get(case, 0) + 1
        answer = {"n": self.counts[case], "asked": f"{received.method} {rest}"}
        if rest == "gzip":
            headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
            return 200, headers, gzip.compress(json.dumps(answer).encode(), mtime=0)
        return json_answer(answer, 500 if rest == "boom" else 200)


Cases: TypeAlias = Mapping[str, Case]


class CompareTools(Protocol):
    def __call__(self, cases: Cases, *phases: Phase, conftest: str = ...) -> None: ...


@pytest.fixture(name="compare_tools")
def fixture_compare_tools(
    pytester: pytest.Pytester, run: Run, monkeypatch: pytest.MonkeyPatch
) -> CompareTools:
    """Return a function that runs all cases with both tools and checks what each case expects."""

    def run_with(tool: str, cases: Cases, phases: tuple[Phase, ...], conftest: str) -> list[Any]:
        top = pytester.path / tool
        with closing(CaseServer()) as server:
            _write(top, cases, server.url, conftest)
            monkeypatch.chdir(top)
            monkeypatch.setenv("API_BASE_URL", server.url)
            found: list[Any] = []
            for phase in phases:
                monkeypatch.setenv("PHASE", phase.name)
                monkeypatch.setenv("RESULTS", str(top / "results.json"))
                server.start() if phase.has_server and found else None
                None if phase.has_server else server.stop()
                run(*(("-p", "no:reprise") if tool == "plain" else ()), *phase.args)
                found.append(json.loads((top / "results.json").read_text(encoding="utf-8")))
            return [_result(top, name, found, server) for name in cases]

    def compare(cases: Cases, *phases: Phase, conftest: str = CONFTEST + HOOK) -> None:
        plain = run_with("plain", cases, phases, conftest)
        reprise = run_with("reprise", cases, phases, conftest)
        problems = [
            f"{name}: {problem}"
            for (name, case), one, other in zip(cases.items(), plain, reprise, strict=True)
            for problem in _problems(case, one, other)
        ]
        assert not problems, "\n".join(["cases with other results than expected:", *problems])

    return compare


def _write(top: Path, cases: Cases, url: str, conftest: str) -> None:
    files = {"conftest.py": conftest, "pytest.ini": "[pytest]\n"}
    for name, case in cases.items():
        files[f"test_{name}.py"] = PRELUDE + dedent(case.source)
        for path, text in case.files.items():
            files[path] = text.replace("{url}", f"{url}/{name}")
    for path, text in files.items():
        (top / path).parent.mkdir(parents=True, exist_ok=True)
        (top / path).write_text(text, encoding="utf-8")


def _result(top: Path, name: str, found: list[Any], server: CaseServer) -> Result:
    tests = [phase.get(name, {}) for phase in found]
    return Result(
        "/".join("".join(test["outcome"] for test in phase.values()) for phase in tests),
        {f"{n} {k}": t["shown"] for n, phase in enumerate(tests) for k, t in phase.items()},
        server.counts.get(name, 0),
        dict(_cassettes(top, name, server.url)),
    )


_COMPARED_HEADERS = frozenset(("authorization", "cookie", "content-type"))


def _cassettes(top: Path, name: str, url: str) -> Iterator[tuple[str, Any]]:
    """Yield the cassettes of a case as vcrpy loads them; they are in a directory with its name."""
    for path in sorted(top.rglob(f"test_{name}/**/*")):
        reader = {".yaml": yamlserializer, ".json": jsonserializer}.get(path.suffix)
        if not path.is_file() or path.suffix in (".py", ".pyc"):
            continue
        text = path.read_text(encoding="utf-8").replace(url, "").replace(url[7:], "here")
        found: Any = text if reader is None else list(_interactions(text, reader))
        yield str(path.relative_to(top)), found


def _interactions(text: str, reader: object) -> Iterator[tuple[Any, ...]]:
    requests, responses, *_ = deserialize(text, reader)
    for request, response in zip(requests, responses, strict=True):
        body = request.body or b""
        yield (
            f"{request.method} {request.uri}",
            _plain(body if isinstance(body, bytes) else str(body).encode()),
            _compared(request.headers),
            response["status"]["code"],
            _compared(response["headers"]),
            _plain(response["body"]["string"] or b""),
        )


def _compared(headers: Mapping[str, Any]) -> dict[str, Any]:
    lowered = {name.lower(): value for name, value in headers.items()}
    return {n: v for n, v in lowered.items() if n in _COMPARED_HEADERS or n.startswith("x-")}


def _plain(body: bytes) -> Any:
    """Parse JSON, since Reprise indents it in a cassette, and stores gzip as text."""
    body = gzip.decompress(body) if body.startswith(b"\x1f\x8b") else body
    try:
        return json.loads(body)
    except ValueError:
        return body


def _problems(case: Case, plain: Result, reprise: Result) -> Iterator[str]:
    if case.since and not at_least("vcrpy", case.since):
        expected = case.outcomes_before or case.outcomes
        if reprise.outcomes != expected:
            yield f"with Reprise: {reprise.outcomes}, expected {expected}"
        return
    for tool, result, expected in (
        ("Reprise", reprise, case.outcomes),
        ("pytest-recording", plain, case.plain_outcomes or case.outcomes),
    ):
        if result.outcomes != expected:
            yield f"with {tool}: {result.outcomes}, expected {expected}"
    if case.difference and plain == reprise:
        yield "the two tools should differ, but they do not"
    for part in () if case.difference else ("shown", "requests", "cassettes"):
        one, other = getattr(plain, part), getattr(reprise, part)
        if one != other:
            yield f"{part}:\n  pytest-recording {one}\n  Reprise          {other}"
