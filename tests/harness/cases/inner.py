"""The inner suite: it makes the calls of one set of cases, in a run that records or replays."""

from __future__ import annotations

import json
import os
import ssl
import zlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from ..placements import Answer, AnswerComparison, Made, PlannedCall
from .checks import Api, Check
from .forms import CaseMint
from .kept import Kept
from .rows import Case
from .tables import CASES, CHECKS, KEPT

_BASE = os.environ.get("API_BASE_URL", "")
_FILE = os.environ.get("CASES_FILE", "")
_MADE: dict[str, list[Made]] = json.loads(Path(_FILE).read_text(encoding="utf-8")) if _FILE else {}
PHASE = os.environ.get("CASES_PHASE", "record")
"""record, replay (with other secrets), or absent (every secret is "dummy")."""
_FRAMING = ("content-length", "transfer-encoding", "connection")


@pytest.fixture(scope="session", name="client")
def fixture_client() -> Iterator[httpx.Client]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # a default one takes 15 ms to build
    with httpx.Client(verify=context, trust_env=False) as client:
        yield client


def _answer(response: httpx.Response) -> Answer:
    body = b"".join(response.iter_raw())
    length = response.headers.get("content-length", str(len(body)))
    if length != str(len(body)):
        pytest.fail("Content-Length is not that of the body", pytrace=False)
    pairs = [(name.decode(), value.decode("latin-1")) for name, value in response.headers.raw]
    headers = tuple(pair for pair in pairs if pair[0].lower() not in _FRAMING)
    return Answer(body, headers, response.status_code, response.reason_phrase)


def _ask(client: httpx.Client, call: PlannedCall, name: str, step: int) -> Answer:
    url = _BASE.replace("://", "://" + call.userinfo) + call.target
    headers = [*call.headers, ("X-Placement", name), ("X-Step", str(step))]
    encoded = [(key.encode(), value.encode()) for key, value in headers]
    body = call.body or None
    with client.stream(call.method, url, headers=encoded, content=body) as response:
        return replace(_answer(response), piece=call.answer.piece)


@pytest.mark.vcr
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_case(case: Case, client: httpx.Client) -> None:
    made = _MADE[case.key]
    for step, call in enumerate(case.planned_calls(CaseMint(made))):
        got = _ask(client, call, case.id, step)
        if PHASE != "absent" and (found := _difference(case, step, got, made)):
            pytest.fail(f"answer {step + 1} differs in {found}", pytrace=False)


def _difference(case: Case, step: int, got: Answer, made: list[Made]) -> str:
    one, two = CaseMint(made), CaseMint()
    mine, other = (case.planned_calls(mint)[step].answer for mint in (one, two))
    if PHASE == "record":
        return "" if got == mine else "something in it"
    try:
        if unpack := case.unpack:
            mine, other, got = (
                replace(each, body=unpack(each.body)) for each in (mine, other, got)
            )
        return AnswerComparison(mine, one.made, other, two.made).differs(got)
    except (ValueError, OSError, EOFError, zlib.error) as error:
        return f"the coding of its body: {type(error).__name__}"


@pytest.mark.vcr
@pytest.mark.parametrize("row", KEPT, ids=lambda row: row.id)
def test_kept(row: Kept, client: httpx.Client) -> None:
    [call] = row.planned_calls(CaseMint(_MADE[row.key]))
    got = _ask(client, call, row.id, 0)
    if got != call.answer:
        pytest.fail("the answer differs", pytrace=False)


@pytest.mark.vcr
@pytest.mark.parametrize("row", CHECKS, ids=lambda row: row.id)
def test_check(row: Check, client: httpx.Client) -> None:
    try:
        result = row.test(Api(_BASE, row.id, client))
    except Exception as error:
        pytest.fail(f"{type(error).__name__}: {error}"[:120], pytrace=False)
    if not result:  # also None, which re.fullmatch returns where nothing matches
        pytest.fail("false", pytrace=False)
