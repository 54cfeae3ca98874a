"""Every placement of a secret, recorded in one run and replayed in another without the secrets.

After both runs each file below the suite's directory is searched, in every spelling. A failure
names the place and never the value. What only looks like a secret must be there byte for byte.
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

from ..harness.odd_servers import Call, OddServer
from ..harness.placements import (
    BENIGN,
    COMMON,
    PLACEMENTS,
    Answer,
    Exchange,
    Made,
    Mint,
    needles,
    parts,
    plain,
)

ROOT = Path(__file__).parents[2]
_TAKEN_OVER = ("PATH", "HOME", "TMPDIR", "TEMP", "SYSTEMROOT", "LANG", "LC_ALL")
_WITHOUT = ("randomly", "hypothesispytest", "respx", "pytest_httpx", "anyio", "base_url", "xdist")
"""Plugins that would change what a run does, or that take long to import."""

SUITE = """
import json
import os
import pathlib
import ssl
import zlib
from dataclasses import replace

import httpx
import pytest

from tests.harness.placements import BENIGN, PLACEMENTS, Answer, Mint, Twins

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


def ask(exchange, name, step):
    url = BASE.replace("://", "://" + exchange.userinfo) + exchange.target
    headers = [*exchange.headers, ("X-Placement", name), ("X-Step", str(step))]
    headers = [(key.encode(), value.encode()) for key, value in headers]
    body = {"content": exchange.body} if exchange.body else {}
    with httpx.Client(verify=NO_TLS, trust_env=False) as client:
        with client.stream(exchange.method, url, headers=headers, **body) as response:
            return replace(answer_of(response), piece=exchange.answer.piece)


def difference(placement, step, got, made):
    one, two = Mint(made), Mint()
    mine, other = (placement.exchanges(mint)[step].answer for mint in (one, two))
    if os.environ["BENCH_PHASE"] == "record":
        return "" if got == mine else "something in it"
    try:
        return Twins(mine, one.made, other, two.made).differs(got)
    except (ValueError, OSError, EOFError, zlib.error):
        return "the coding of its body"


@pytest.mark.vcr
@pytest.mark.parametrize("placement", [*PLACEMENTS, *BENIGN], ids=lambda placement: placement.id)
def test_exchange(placement):
    made = MADE[placement.key]
    steps = len(placement.exchanges(Mint(made)))
    for step in range(steps):
        got = ask(placement.exchanges(Mint(made))[step], placement.id, step)
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
    told: str

    def problem(self, test: str) -> str:
        return self.problems.get(test, "it did not run")


def write_suite(inside: Path, source: str) -> None:
    (inside / "test_suite.py").write_text(source, encoding="utf-8")
    ini = "[pytest]\nasyncio_default_fixture_loop_scope = function\n"
    (inside / "pytest.ini").write_text(ini, encoding="utf-8")


def run_suite(inside: Path, phase: str, environment: Mapping[str, str], *args: str) -> Outcome:
    """One run in a process of its own, with nothing of this one's environment that tells of it."""
    taken_over = {name: os.environ[name] for name in _TAKEN_OVER if name in os.environ}
    report = inside / f"{phase}.xml"
    without = [arg for plugin in _WITHOUT for arg in ("-p", f"no:{plugin}")]
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
    told = ran.stdout + ran.stderr
    assert report.exists(), told[-3000:]
    return Outcome(dict(_problems(report)), ran.returncode, told)


def _problems(report: Path) -> Iterator[tuple[str, str]]:
    found: dict[str, str] = {}
    for case in ElementTree.parse(report).iter("testcase"):
        told = [each.get("message", "") for each in case if each.tag in ("failure", "error")]
        name = case.get("name", "")
        found[name] = "; ".join(filter(None, [found.get(name, ""), *told]))
    yield from found.items()


# --- search -----------------------------------------------------------------------------------

_LEAST = 8
"""Characters of a needle that is looked for everywhere; shorter ones, in their own bodies."""


def spellings(value: str) -> dict[bytes, str]:
    """How a value may be written, each with the first name of it."""
    found: dict[bytes, str] = {}
    for name, spelled in _spellings(value):
        found.setdefault(spelled, name)
    return found


def _spellings(value: str) -> Iterator[tuple[str, bytes]]:
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
            yield from _base64_spellings(encoded, encoding)


def _base64_spellings(encoded: bytes, encoding: str) -> Iterator[tuple[str, bytes]]:
    """The characters that do not depend on what stands before and behind, at each alignment."""
    for before in range(3):
        written = base64.b64encode(b"\0" * before + encoded)
        certain = written[(0, 2, 3)[before] : (before + len(encoded)) * 8 // 6]
        yield f"base64 of {encoding}, {before} behind", certain
        url_safe = certain.translate(bytes.maketrans(b"+/", b"-_"))
        yield f"base64url of {encoding}, {before} behind", url_safe


def _stands_in(spelled: bytes, text: bytes) -> bool:
    """Digits count only as a number of their own."""
    if spelled not in text:
        return False
    return not spelled.isdigit() or bool(re.search(rb"(?<!\d)%b(?!\d)" % spelled, text))


Interaction: TypeAlias = dict[str, Any]


def leaves(value: object) -> Iterator[bytes]:
    """Texts and bytes of a loaded cassette, keys included."""
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
    """The body of a request or response as the cassette has it."""
    body = message["body"]
    found = body["string"] if isinstance(body, dict) else body
    return found if isinstance(found, bytes) else (found or "").encode()


def headers_of(message: Interaction) -> list[tuple[str, str]]:
    return [(name, value) for name, values in message["headers"].items() for value in values]


def opened(message: Interaction) -> bytes:
    """A body without its content codings, where they can be undone."""
    body = body_of(message)
    with suppress(Exception):  # one of many ways to be broken; it is searched as it is, too
        names = {"content-encoding": "Content-Encoding"}
        headers = tuple((names.get(name.lower(), name), v) for name, v in headers_of(message))
        return plain(Answer(body, headers))
    return body


_LOADED = ", loaded"
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def load(cassette: Path) -> list[Interaction]:
    found: list[Interaction] = yaml.load(cassette.read_bytes(), _LOADER)["interactions"]
    return found


def expect_none(*problems: str) -> None:
    """One line for each, and no values: a traceback would show them."""
    if told := [problem.partition("\n")[0][:200] for problem in problems if problem]:
        pytest.fail("\n".join(told), pytrace=False)


class Disk:
    """All that runs left below a directory, and what they said."""

    def __init__(self, inside: Path, told: Iterable[str]) -> None:
        self.texts: dict[str, bytes] = {}
        self.cassettes: dict[str, list[Interaction]] = {}
        for path in sorted(inside.rglob("*")):
            if path.is_file():
                self._add(path, str(path.relative_to(inside)))
        self.texts |= {f"output {n}": text.encode() for n, text in enumerate(told, 1)}

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
        """Where something of these secrets stands, in words; `only_in` names a file."""
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
            yield from ("its own body" for body in bodies if _stands_in(value.encode(), body))
            return
        spelled: dict[bytes, str] = {}
        for needle in needles(form, value):
            spelled |= spellings(needle)
        spelled |= {part.encode(): "a part" for part in parts(form, value)}
        for written, spelling in spelled.items():
            files = [name for name, text in self._files(written) if _stands_in(written, text)]
            files = [name for name in files if only_in in name]
            if files:
                yield f"{spelling} in {files[0]}, and {len(files) - 1} more"
                return  # what else is found is mostly the same bytes

    def _files(self, written: bytes) -> Iterable[tuple[str, bytes]]:
        return self.texts.items() if written in self._all else ()


# --- the bench --------------------------------------------------------------------------------


class Secrets:
    """The secrets of all placements, and the exchanges that are built from them."""

    def __init__(self) -> None:
        self.made: dict[str, list[Made]] = {}
        self.exchanges: dict[str, list[Exchange]] = {}
        for placement in (*PLACEMENTS, *BENIGN):
            mint = Mint(self.made.get(placement.key))
            self.exchanges[placement.id] = list(placement.exchanges(mint))
            self.made[placement.key] = mint.made

    def environment(self) -> dict[str, str]:
        every = [e for exchanges in self.exchanges.values() for e in exchanges]
        return dict([*COMMON, *(pair for exchange in every for pair in exchange.environment)])

    def dotenv(self) -> str:
        every = [e for exchanges in self.exchanges.values() for e in exchanges]
        return "".join(f"{name}={value}\n" for e in every for name, value in e.dotenv)


class PlacementServer(OddServer):
    """Answers as the placement says that the request names."""

    def __init__(self, exchanges: Mapping[str, list[Exchange]]) -> None:
        self._exchanges = exchanges
        super().__init__()

    def _answer(self, call: Call) -> None:
        answer = self._exchanges[call.headers["x-placement"]][int(call.headers["x-step"])].answer
        call.answer(f"{answer.status} {answer.reason}", *answer.head, body=answer.wire)


class Bench:
    """Both runs, and what they left."""

    def __init__(self, inside: Path, outside: Path) -> None:
        write_suite(inside, SUITE)
        self._inside, self._outside = inside, outside
        self.secrets = Secrets()
        with closing(PlacementServer(self.secrets.exchanges)) as server:
            self.recorded = self._run("record", self.secrets, server, "--record-mode=once")
            server.stop()
            self.replayed = self._run("replay", Secrets(), server, "--record-mode=none")
        self.disk = Disk(inside, (self.recorded.told, self.replayed.told))
        self.interactions: dict[str, list[Interaction]] = {}
        self._files: dict[str, str] = {}
        for file, interactions in self.disk.cassettes.items():
            name = dict(headers_of(interactions[0]["request"]))["X-Placement"]
            self.interactions[name], self._files[name] = interactions, file

    def _run(self, phase: str, known: Secrets, server: OddServer, *args: str) -> Outcome:
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
        """Where the secrets of a placement stand; of a shared one, in its own cassette only."""
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
    """A search that finds nothing would let everything pass."""
    secret = 'ab1é"<&\\cd2/+xy'
    texts = [json.dumps([json.dumps(secret)]), quote(secret), html.escape(secret)]
    blobs = [base64.b64encode(b"x" * n + secret.encode() + b"and more") for n in range(3)]
    utf_16 = [secret.encode("utf-16"), secret.encode("utf-16-be")]
    for written in [*(text.encode() for text in texts), *blobs, *utf_16]:
        assert any(spelled in written for spelled in spellings(secret)), written


def test_the_recording_ends_well(bench: Bench) -> None:
    """What is verified at its end, too."""
    failed = [name for name, problem in bench.recorded.problems.items() if problem]
    assert (failed, bench.recorded.status) == ([], 0)


@pytest.mark.parametrize("name", IDS)
def test_no_secret_is_on_disk(bench: Bench, name: str) -> None:
    expect_none(bench.recorded.problem(f"test_exchange[{name}]"))
    assert len(bench.interactions[name]) == len(bench.secrets.exchanges[name])
    expect_none(*bench.traces(name))


@pytest.mark.parametrize("name", IDS)
def test_replays_with_other_secrets(bench: Bench, name: str) -> None:
    expect_none(bench.replayed.problem(f"test_exchange[{name}]"))


@pytest.mark.parametrize("name", BENIGN_IDS)
def test_what_is_no_secret_stays(bench: Bench, name: str) -> None:
    [exchange] = bench.secrets.exchanges[name]
    expect_none(bench.recorded.problem(f"test_exchange[{name}]"))
    [interaction] = bench.interactions[name]
    expect_none(*differences(exchange, interaction))
    expect_none(bench.replayed.problem(f"test_exchange[{name}]"))


def differences(exchange: Exchange, interaction: Interaction) -> list[str]:
    """Where the cassette says something else than was said."""
    request, response = interaction["request"], interaction["response"]
    said, answered = headers_of(request), headers_of(response)
    status = response["status"]
    checks = {
        "URL": request["uri"].endswith(exchange.target),
        "request's headers": all(header in said for header in exchange.headers),
        "request's body": _is_body(body_of(request), exchange.body),
        "status": (status["code"], status["message"])
        == (exchange.answer.status, exchange.answer.reason),
        "answer's headers": all(header in answered for header in exchange.answer.headers),
        "answer's body": _is_body(body_of(response), exchange.answer.body),
    }
    return [place for place, is_same in checks.items() if not is_same]


def _is_body(written: bytes, body: bytes) -> bool:
    """JSON may be written as an indented block, which the replay turns back."""
    if written == body:
        return True
    try:
        return bool(json.loads(written) == json.loads(body))
    except ValueError:
        return False
