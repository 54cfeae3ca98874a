"""Record secrets in every placement, and replay them in a second run that has other secrets.

After both runs every file below the directory of the suite is searched for the secrets, in all
encodings. A failure names the place and never the value. Values that only look like secrets must be
in the cassettes byte for byte.
"""

from __future__ import annotations

import base64
import html
import json
from collections.abc import Mapping
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from urllib.parse import quote

import pytest

from pytest_reprise.cassette.compressed_bodies import restored

from ..harness.inner_suites import Outcome, run_suite, write_suite
from ..harness.placements import (
    BENIGN,
    COMMON_VARIABLES,
    PLACEMENTS,
    Made,
    Mint,
    PlannedCall,
    plain,
)
from ..harness.raw_server import Call, RawServer
from ..harness.secret_search import (
    Disk,
    Interaction,
    body_of,
    encodings_of,
    fail_if_any,
    headers_of,
)

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
    sent, stored = planned_call.answer, body_of(response)
    if recipe := (interaction.get("reprise") or {}).get("response_coding"):
        _, with_coding = restored(stored, tuple(answered), recipe)
        answered, sent = list(with_coding), replace(sent, body=plain(sent))
    status = response["status"]
    checks = {
        "URL": request["uri"].endswith(planned_call.target),
        "request's headers": all(header in said for header in planned_call.headers),
        "request's body": _is_body(body_of(request), planned_call.body),
        "status": (status["code"], status["message"])
        == (planned_call.answer.status, planned_call.answer.reason),
        "answer's headers": all(header in answered for header in sent.headers),
        "answer's body": _is_body(stored, sent.body),
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
