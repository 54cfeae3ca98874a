"""Record secrets in every placement, and replay them in a second run that has other secrets.

After both runs every file below the directory of the suite is searched for the secrets, in all
encodings. A failure names the place and never the value. Values that only look like secrets must be
in the cassettes byte for byte.
"""

from __future__ import annotations

import base64
import html
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, TypeAlias
from urllib.parse import quote, quote_plus
from xml.etree import ElementTree

import pytest
import yaml

from ..harness.placements import (
    BENIGN,
    COMMON_VARIABLES,
    PLACEMENTS,
    Answer,
    Made,
    Mint,
    PlannedCall,
    needles,
    parts,
    plain,
)
from ..harness.raw_server import Call, RawServer

ROOT = Path(__file__).parents[2]
_KEPT_VARIABLES = ("PATH", "HOME", "TMPDIR", "TEMP", "SYSTEMROOT", "LANG", "LC_ALL")
_DISABLED_PLUGINS = (
    "randomly",
    "hypothesispytest",
    "respx",
    "pytest_httpx",
    "anyio",
    "base_url",
    "xdist",
)
"""Plugins that would change a run, or that take long to import."""

SUITE = """
import json
import os
import pathlib
import ssl
import zlib
from dataclasses import replace

import httpx
import pytest

from tests.harness.placements import BENIGN, PLACEMENTS, Answer, Mint, AnswerComparison

BASE = os.environ["API_BASE_URL"]
MADE = json.loads(pathlib.Path(os.environ["BENCH_FILE"]).read_text(encoding="utf-8"))
NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # a default one takes 15 ms to build
FRAMING = ("content-length", "transfer-encoding", "connection")


def answer_of(response):
    body = b"".join(response.iter_raw())
    length = response.headers.get("content-length", str(len(body)))
    if length != str(len(body)):
        pytest.fail("its length is not that of its body", pytrace=False)
    pairs = [(name.decode(), value.decode("latin-1")) for name, value in response.headers.raw]
    headers = tuple(pair for pair in pairs if pair[0].lower() not in FRAMING)
    return Answer(body, headers, response.status_code, response.reason_phrase)


def ask(planned_call, name, step):
    url = BASE.replace("://", "://" + planned_call.userinfo) + planned_call.target
    headers = [*planned_call.headers, ("X-Placement", name), ("X-Step", str(step))]
    headers = [(key.encode(), value.encode()) for key, value in headers]
    body = {"content": planned_call.body} if planned_call.body else {}
    with httpx.Client(verify=NO_TLS, trust_env=False) as client:
        with client.stream(planned_call.method, url, headers=headers, **body) as response:
            return replace(answer_of(response), piece=planned_call.answer.piece)


def difference(placement, step, got, made):
    one, two = Mint(made), Mint()
    mine, other = (placement.planned_calls(mint)[step].answer for mint in (one, two))
    if os.environ["BENCH_PHASE"] == "record":
        return "" if got == mine else "something in it"
    try:
        return AnswerComparison(mine, one.made, other, two.made).differs(got)
    except (ValueError, OSError, EOFError, zlib.error):
        return "the coding of its body"


@pytest.mark.vcr
@pytest.mark.parametrize("placement", [*PLACEMENTS, *BENIGN], ids=lambda placement: placement.id)
def test_call(placement):
    made = MADE[placement.key]
    steps = len(placement.planned_calls(Mint(made)))
    for step in range(steps):
        got = ask(placement.planned_calls(Mint(made))[step], placement.id, step)
        if found := difference(placement, step, got, made):
            pytest.fail(f"answer {step + 1} differs in {found}", pytrace=False)
        if step + 1 < steps:  # what is sent next is what this answer gave
            made = [(made[0][0], json.loads(got.body)["password"])]
"""

# --- runs of the inner suite ------------------------------------------------------------------


@dataclass(frozen=True)
class Outcome:
    """What became of one run: what went wrong in each test, "" where nothing did."""

    problems: Mapping[str, str]
    status: int
    output: str

    def problem(self, test: str) -> str:
        return self.problems.get(test, "it did not run")


def write_suite(inside: Path, source: str) -> None:
    (inside / "test_suite.py").write_text(source, encoding="utf-8")
    ini = "[pytest]\nasyncio_default_fixture_loop_scope = function\n"
    (inside / "pytest.ini").write_text(ini, encoding="utf-8")


def run_suite(inside: Path, phase: str, environment: Mapping[str, str], *args: str) -> Outcome:
    """One run in a process of its own, with only the environment variables that it needs."""
    taken_over = {name: os.environ[name] for name in _KEPT_VARIABLES if name in os.environ}
    report = inside / f"{phase}.xml"
    without = [arg for plugin in _DISABLED_PLUGINS for arg in ("-p", f"no:{plugin}")]
    left = (f"--junit-xml={report}", f"--log-file={inside / f'{phase}.log'}")
    path = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", *without, *left, *args],
        cwd=inside,
        env={**taken_over, "PYTHONPATH": path, **environment},
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=120,
    )
    output = ran.stdout + ran.stderr
    assert report.exists(), output[-3000:]
    return Outcome(dict(_problems(report)), ran.returncode, output)


def _problems(report: Path) -> Iterator[tuple[str, str]]:
    found: dict[str, str] = {}
    for case in ElementTree.parse(report).iter("testcase"):
        output = [each.get("message", "") for each in case if each.tag in ("failure", "error")]
        name = case.get("name", "")
        found[name] = "; ".join(filter(None, [found.get(name, ""), *output]))
    yield from found.items()


# --- search -----------------------------------------------------------------------------------

_LEAST = 8
"""Characters of the shortest secret that is searched for everywhere, and not only in its body."""


def encodings_of(value: str) -> dict[bytes, str]:
    """Return each encoding of a value, with its name."""
    found: dict[bytes, str] = {}
    for name, encoded_value in _encodings_of(value):
        found.setdefault(encoded_value, name)
    return found


def _encodings_of(value: str) -> Iterator[tuple[str, bytes]]:
    percent = quote(value, safe="")
    escapes = "".join(f"\\u{ord(character):04x}" for character in value)
    doubled = json.dumps(json.dumps(value))[3:-3]
    texts = {
        "raw": value,
        "percent": percent,
        "percent but for slashes": quote(value),
        "percent in lower case": re.sub("%..", lambda found: found[0].lower(), percent),
        "percent throughout": "".join(f"%{byte:02X}" for byte in value.encode()),
        "percent throughout in lower case": "".join(f"%{byte:02x}" for byte in value.encode()),
        "form": quote_plus(value),
        "JSON in ASCII": json.dumps(value)[1:-1],
        "JSON": json.dumps(value, ensure_ascii=False)[1:-1],
        "JSON with slashes": json.dumps(value)[1:-1].replace("/", "\\/"),
        "JSON doubled": doubled,
        "JSON twice doubled": json.dumps(json.dumps(json.dumps(value)))[7:-7],
        "JSON escapes": escapes,
        "JSON escapes in upper case": escapes.upper().replace("\\U", "\\u"),
        "HTML": html.escape(value),
        "HTML with bare quotes": html.escape(value, quote=False),
        "HTML numbers": html.escape(value).encode("ascii", "xmlcharrefreplace").decode(),
    }
    for name, text in texts.items():
        yield name, text.encode()
    for encoding in ("utf-8", "latin-1", "utf-16-le", "utf-16-be"):
        encoded = value.encode(encoding)
        yield encoding, encoded
        yield f"hex of {encoding}", encoded.hex().encode()
        yield f"upper hex of {encoding}", encoded.hex().upper().encode()
        if encoding in ("utf-8", "latin-1"):
            yield from _base64_encodings(encoded, encoding)


def _base64_encodings(encoded: bytes, encoding: str) -> Iterator[tuple[str, bytes]]:
    """Yield the base64 digits that do not depend on the bytes before and after."""
    for before in range(3):
        written = base64.b64encode(b"\0" * before + encoded)
        certain = written[(0, 2, 3)[before] : (before + len(encoded)) * 8 // 6]
        yield f"base64 of {encoding}, {before} behind", certain
        url_safe = certain.translate(bytes.maketrans(b"+/", b"-_"))
        yield f"base64url of {encoding}, {before} behind", url_safe


def _contains(encoded_value: bytes, text: bytes) -> bool:
    """Whether the text contains it; digits count only as a whole number."""
    if encoded_value not in text:
        return False
    return not encoded_value.isdigit() or bool(re.search(rb"(?<!\d)%b(?!\d)" % encoded_value, text))


Interaction: TypeAlias = dict[str, Any]


def leaves(value: object) -> Iterator[bytes]:
    """Yield texts and bytes of a loaded cassette, also of keys."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from leaves(key)
            yield from leaves(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from leaves(inner)
    else:
        yield value if isinstance(value, bytes) else str(value).encode()


def body_of(message: Interaction) -> bytes:
    """Return the body of a request or response as it is in the cassette."""
    body = message["body"]
    found = body["string"] if isinstance(body, dict) else body
    return found if isinstance(found, bytes) else (found or "").encode()


def headers_of(message: Interaction) -> list[tuple[str, str]]:
    return [(name, value) for name, values in message["headers"].items() for value in values]


def opened(message: Interaction) -> bytes:
    """Return the decompressed body, or the body itself if that fails."""
    body = body_of(message)
    with suppress(Exception):  # a broken body is searched as it is
        names = {"content-encoding": "Content-Encoding"}
        headers = tuple((names.get(name.lower(), name), v) for name, v in headers_of(message))
        return plain(Answer(body, headers))
    return body


_LOADED = ", loaded"
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def load(cassette: Path) -> list[Interaction]:
    found: list[Interaction] = yaml.load(cassette.read_bytes(), _LOADER)["interactions"]
    return found


def fail_if_any(*problems: str) -> None:
    """Fail with one line for each problem. A traceback would show secrets."""
    if output := [problem.partition("\n")[0][:200] for problem in problems if problem]:
        pytest.fail("\n".join(output), pytrace=False)


class Disk:
    """The files that runs left below a directory, and their output."""

    def __init__(self, inside: Path, output: Iterable[str]) -> None:
        self.texts: dict[str, bytes] = {}
        self.cassettes: dict[str, list[Interaction]] = {}
        for path in sorted(inside.rglob("*")):
            if path.is_file():
                self._add(path, str(path.relative_to(inside)))
        self.texts |= {f"output {n}": text.encode() for n, text in enumerate(output, 1)}

    def _add(self, path: Path, name: str) -> None:
        self.texts[name] = path.read_bytes()
        self.texts[f"the name of {name}"] = name.encode()
        if path.suffix == ".yaml":
            interactions = load(path)
            bodies = [opened(i[part]) for i in interactions for part in ("request", "response")]
            self.texts[name + _LOADED] = b"\n".join([*leaves(interactions), *bodies])
            self.cassettes[name] = interactions

    @cached_property
    def _all(self) -> bytes:
        return b"\n".join(self.texts.values())

    def traces(
        self, made: Iterable[Made], own: Iterable[Interaction] = (), only_in: str = ""
    ) -> list[str]:
        """Describe where parts of these secrets are; `only_in` limits the search to a file."""
        bodies = [opened(i[part]) for i in own for part in ("request", "response")]
        return [
            f"secret {n} ({form}): {trace}"
            for n, (form, value) in enumerate(made, 1)
            for trace in self._traces(form, value, bodies, only_in)
        ]

    def _traces(
        self, form: str, value: str, bodies: Iterable[bytes], only_in: str
    ) -> Iterator[str]:
        if len(value) < _LEAST:
            yield from ("its own body" for body in bodies if _contains(value.encode(), body))
            return
        encoded_value: dict[bytes, str] = {}
        for needle in needles(form, value):
            encoded_value |= encodings_of(needle)
        encoded_value |= {part.encode(): "a part" for part in parts(form, value)}
        for written, spelling in encoded_value.items():
            files = [name for name, text in self._files(written) if _contains(written, text)]
            files = [name for name in files if only_in in name]
            if files:
                yield f"{spelling} in {files[0]}, and {len(files) - 1} more"
                return  # other encodings are mostly the same bytes

    def _files(self, written: bytes) -> Iterable[tuple[str, bytes]]:
        return self.texts.items() if written in self._all else ()


# --- the bench --------------------------------------------------------------------------------


class Secrets:
    """The secrets of all placements, and the calls that are built from them."""

    def __init__(self) -> None:
        self.made: dict[str, list[Made]] = {}
        self.planned_calls: dict[str, list[PlannedCall]] = {}
        for placement in (*PLACEMENTS, *BENIGN):
            mint = Mint(self.made.get(placement.key))
            self.planned_calls[placement.id] = list(placement.planned_calls(mint))
            self.made[placement.key] = mint.made

    def environment(self) -> dict[str, str]:
        every = [e for planned_calls in self.planned_calls.values() for e in planned_calls]
        return dict(
            [
                *COMMON_VARIABLES,
                *(pair for planned_call in every for pair in planned_call.environment),
            ]
        )

    def dotenv(self) -> str:
        every = [e for planned_calls in self.planned_calls.values() for e in planned_calls]
        return "".join(f"{name}={value}\n" for e in every for name, value in e.dotenv)


class PlacementServer(RawServer):
    """Answers with the planned answer that the headers of the request name."""

    def __init__(self, planned_calls: Mapping[str, list[PlannedCall]]) -> None:
        self._exchanges = planned_calls
        super().__init__()

    def _answer(self, call: Call) -> None:
        answer = self._exchanges[call.headers["x-placement"]][int(call.headers["x-step"])].answer
        call.answer(f"{answer.status} {answer.reason}", *answer.head, body=answer.wire)


class Bench:
    """Both runs, their files and their output."""

    def __init__(self, inside: Path, outside: Path) -> None:
        write_suite(inside, SUITE)
        self._inside, self._outside = inside, outside
        self.secrets = Secrets()
        with closing(PlacementServer(self.secrets.planned_calls)) as server:
            self.recorded = self._run("record", self.secrets, server, "--record-mode=once")
            server.stop()
            self.replayed = self._run("replay", Secrets(), server, "--record-mode=none")
        self.disk = Disk(inside, (self.recorded.output, self.replayed.output))
        self.interactions: dict[str, list[Interaction]] = {}
        self._files: dict[str, str] = {}
        for file, interactions in self.disk.cassettes.items():
            name = dict(headers_of(interactions[0]["request"]))["X-Placement"]
            self.interactions[name], self._files[name] = interactions, file

    def _run(self, phase: str, known: Secrets, server: RawServer, *args: str) -> Outcome:
        file = self._outside / f"{phase}.json"
        file.write_text(json.dumps(known.made), encoding="utf-8")
        (self._inside / ".env").write_text(known.dotenv(), encoding="utf-8")
        bench = {
            "API_BASE_URL": server.url,
            "BENCH_FILE": str(file),
            "BENCH_PHASE": phase,
        }
        return run_suite(self._inside, phase, {**known.environment(), **bench}, *args)

    def traces(self, name: str) -> list[str]:
        """Describe where secrets of a placement are; shared ones in its own cassette only."""
        shared = [other for other in IDS if KEYS[other] == KEYS[name] != other]
        only_in = self._files[name] if shared else ""
        return self.disk.traces(self.secrets.made[KEYS[name]], self.interactions[name], only_in)


@pytest.fixture(scope="module", name="bench")
def fixture_bench(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    return Bench(tmp_path_factory.mktemp("inside"), tmp_path_factory.mktemp("outside"))


IDS = [placement.id for placement in PLACEMENTS]
BENIGN_IDS = [placement.id for placement in BENIGN]
KEYS = {placement.id: placement.key for placement in PLACEMENTS}


def test_the_table_is_wide() -> None:
    assert len(set(IDS)) == len(IDS) >= 160
    assert len(set(BENIGN_IDS)) == len(BENIGN_IDS) >= 85


def test_the_search_finds_what_is_there() -> None:
    """If the search found nothing, every test would pass."""
    secret = 'ab1é"<&\\cd2/+xy'
    texts = [json.dumps([json.dumps(secret)]), quote(secret), html.escape(secret)]
    blobs = [base64.b64encode(b"x" * n + secret.encode() + b"and more") for n in range(3)]
    utf_16 = [secret.encode("utf-16"), secret.encode("utf-16-be")]
    for written in [*(text.encode() for text in texts), *blobs, *utf_16]:
        assert any(encoded_value in written for encoded_value in encodings_of(secret)), written


def test_the_recording_ends_well(bench: Bench) -> None:
    """The status includes what is verified after the last test."""
    failed = [name for name, problem in bench.recorded.problems.items() if problem]
    assert (failed, bench.recorded.status) == ([], 0)


@pytest.mark.parametrize("name", IDS)
def test_no_secret_is_on_disk(bench: Bench, name: str) -> None:
    fail_if_any(bench.recorded.problem(f"test_call[{name}]"))
    assert len(bench.interactions[name]) == len(bench.secrets.planned_calls[name])
    fail_if_any(*bench.traces(name))


@pytest.mark.parametrize("name", IDS)
def test_replays_with_other_secrets(bench: Bench, name: str) -> None:
    fail_if_any(bench.replayed.problem(f"test_call[{name}]"))


@pytest.mark.parametrize("name", BENIGN_IDS)
def test_what_is_no_secret_stays(bench: Bench, name: str) -> None:
    [planned_call] = bench.secrets.planned_calls[name]
    fail_if_any(bench.recorded.problem(f"test_call[{name}]"))
    [interaction] = bench.interactions[name]
    fail_if_any(*differences(planned_call, interaction))
    fail_if_any(bench.replayed.problem(f"test_call[{name}]"))


def differences(planned_call: PlannedCall, interaction: Interaction) -> list[str]:
    """Return the parts of the cassette that differ from the call."""
    request, response = interaction["request"], interaction["response"]
    said, answered = headers_of(request), headers_of(response)
    status = response["status"]
    checks = {
        "URL": request["uri"].endswith(planned_call.target),
        "request's headers": all(header in said for header in planned_call.headers),
        "request's body": _is_body(body_of(request), planned_call.body),
        "status": (status["code"], status["message"])
        == (planned_call.answer.status, planned_call.answer.reason),
        "answer's headers": all(header in answered for header in planned_call.answer.headers),
        "answer's body": _is_body(body_of(response), planned_call.answer.body),
    }
    return [place for place, is_same in checks.items() if not is_same]


def _is_body(written: bytes, body: bytes) -> bool:
    """JSON may be written as an indented block, which is compact again in a replay."""
    if written == body:
        return True
    try:
        return bool(json.loads(written) == json.loads(body))
    except ValueError:
        return False
