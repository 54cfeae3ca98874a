"""Whole runs: several workers of pytest-xdist record, and the suite replays in any way."""

from __future__ import annotations

import re
import threading
from pathlib import Path

import pytest

from ..harness.moving_api import CONFTEST, MovingApi
from ..harness.runs import Answer, Cassettes, Received, Run, Server, Suite, json_answer
from .test_live_and_recorded import FACTORY
from .test_summary import WITH_FIXTURE

NOT_NEEDED = ("anyio", "base_url", "asyncio", "faker", "timemachine")

SUITE = """
    import random
    import uuid

    import pytest

    pytestmark = pytest.mark.vcr

    @pytest.mark.parametrize("n", range(3))
    def test_org(api, auth, org, n):
        assert api.get(f"/orgs/{org['id']}", headers=auth).json() == org

    @pytest.mark.parametrize("n", range(3))
    def test_member(api, auth, org, make_member, n):
        sent = {"name": f"Ada {random.random()} of {org['name']}", "ref": str(uuid.uuid4())}
        made = api.post(f"/orgs/{org['id']}/members", json=sent, headers=auth).json()
        assert made["parent"] == org
        assert api.get(f"/orgs/{org['id']}/members/{made['id']}", headers=auth).json() == made
        assert make_member(f"Eve {n}")["parent"] == org

    @pytest.mark.parametrize("n", range(3))
    def test_project(api, auth, org, project, n):
        assert project["parent"]["key"] == org["key"]
        path = f"/orgs/{org['id']}/projects/{project['id']}"
        assert api.get(path, headers=auth).json() == project

    class TestTeams:
        @pytest.mark.parametrize("n", range(3))
        def test_team(self, api, auth, org, team, n):
            path = f"/orgs/{org['id']}/teams/{team['id']}"
            assert api.get(path, headers=auth).json() == team

        def test_no_request(self, org):
            assert org["name"].startswith("Org ")
"""
COUNT = 13
NEW = """
    @pytest.mark.parametrize("n", range(2))
    def test_new(api, auth, org, make_member, n):
        made = make_member(org["ref"])
        path = f"/orgs/{org['id']}/members/{made['id']}"
        assert api.get(path, headers=auth).json() == made
"""


def test_fixtures_of_every_scope_on_four_workers(
    suite: Suite, run: Run, server: Server, cassettes: Cassettes
) -> None:
    """Each worker has its own log-in, and its own organisation, project and team."""
    api = MovingApi(server)
    suite(SUITE, CONFTEST + FACTORY)
    result = run("-n", "4", "--record-mode=once")
    result.assert_outcomes(passed=COUNT)
    assert api.calls.count("POST /login") == 4
    before = cassettes()
    assert len(set(re.findall("Bearer (.*)", "".join(before.values())))) == 1
    result.stdout.fnmatch_lines([f"reprise: {COUNT} tests recorded, *{len(before)} cassettes *"])

    for workers in ("2", "4"):
        result = run("-n", workers, "--record-mode=rewrite")
        result.assert_outcomes(passed=COUNT)
        assert cassettes() == before
        result.stdout.fnmatch_lines(["reprise: 17 cassettes say the same, 0 written"])
    suite(SUITE + NEW, CONFTEST + FACTORY)
    run("-n", "2", "--record-mode=once").assert_outcomes(passed=COUNT + 2)
    now = cassettes()
    assert [name for name in before if now[name] != before[name]] == ["@make_member"]
    server.stop()
    run("--reverse").assert_outcomes(passed=COUNT + 2)
    run("-n", "2").assert_outcomes(passed=COUNT + 2)
    run("-k", "test_new and 1").assert_outcomes(passed=1, deselected=COUNT + 1)


FAILS = """
    @pytest.mark.parametrize("n", range(2))
    def test_fields(api, auth, org, n):
        sent = {"name": f"Bob {n}"}
        made = api.post(f"/orgs/{org['id']}/members", json=sent, headers=auth).json()
        assert {*made} == {"id", "name", "key", "in", "made", "parent"}
"""


def test_changes_that_failed_tests_saw_are_told(
    suite: Suite, run: Run, server: Server, cassettes: Cassettes
) -> None:
    api = MovingApi(server)
    suite(SUITE + FAILS, CONFTEST + FACTORY)
    run("--record-mode=once").assert_outcomes(passed=COUNT + 2)
    before = cassettes()
    api.extra = {"plan": "free"}
    in_one_process = run("--reprise-drift")
    on_workers = run("-n", "2", "--record-mode=rewrite")
    told = [line for line in in_one_process.outlines if line.startswith("  compatible")]
    assert [line for line in on_workers.outlines if line.startswith("  compatible")] == told
    assert sum("2 FAILED: their cassettes stay" in line for line in told) == 2
    now = cassettes()
    assert all(now[name] == before[name] for name in before if "test_fields" in name)
    server.stop()
    run("-k", "not test_fields").assert_outcomes(passed=COUNT, deselected=2)
    run("-k", "test_fields").assert_outcomes(passed=2, deselected=COUNT)


SECRET = "Zx81-qLp7-vvT3-99ab-Kd02"
LEARNS = """
    import pytest

    pytestmark = pytest.mark.vcr

    def test_learns(client):
        assert client.get("/key").json()["api_key"]

    def test_does_not(client):
        assert client.get("/note").json()["text"].startswith("use ")
"""
CLIENT = """
    import os

    import httpx
    import pytest

    @pytest.fixture
    def client():
        with httpx.Client(base_url=os.environ.get("API_BASE_URL", "http://nowhere.test")) as client:
            yield client
"""


def test_a_secret_of_one_worker_is_replaced_in_the_cassettes_of_all(
    suite: Suite, run: Run, server: Server, cassettes: Cassettes
) -> None:
    barrier = threading.Barrier(2, timeout=60)
    server.answers["/key"] = json_answer({"api_key": SECRET})
    server.answers["/note"] = json_answer({"text": f"use {SECRET} now"})
    answer = server.answer

    def both_at_once(received: Received) -> Answer:
        barrier.wait()
        return answer(received)

    server.answer = both_at_once  # type: ignore[method-assign]
    suite(LEARNS, CLIENT)
    run("-n", "2", "--record-mode=once").assert_outcomes(passed=2)
    texts = cassettes()
    assert SECRET not in "".join(texts.values())
    [placeholder] = re.findall('"api_key": "(.*)"', texts["test_suite/test_learns"])
    assert f"use {placeholder} now" in texts["test_suite/test_does_not"]
    assert not [*Path().rglob(".reprise-*")]
    server.stop()
    run("-n", "2").assert_outcomes(passed=2)


LOCKED = """
    import random

    import pytest

    pytestmark = pytest.mark.vcr

    @pytest.fixture(scope="session")
    def lock(api):
        assert api.post("/lock").status_code == 201

    @pytest.fixture(scope="session")
    def number():
        return random.randrange(10**9)

    @pytest.fixture
    def sends_number(api, number):
        assert api.post("/echo", json={"number": number}).is_success

    def test_1_lock(lock): pass
    def test_2_number(sends_number): pass
    def test_3_lock(lock): pass
    def test_4_number(sends_number): pass
"""


def test_fixtures_that_cannot_be_set_up_on_two_workers(
    suite: Suite, run: Run, server: Server, cassettes: Cassettes
) -> None:
    """One takes a lock; one makes random values, which only tests send."""
    server.answers["/lock"] = [json_answer({}, 201), json_answer({"detail": "locked"}, 409)]
    suite(LOCKED, CONFTEST)
    result = run("-n", "2", "--record-mode=once")
    result.assert_outcomes(passed=3, errors=2)
    result.stdout.fnmatch_lines(
        [
            "This cannot be recorded on several workers: the fixture number made random values *",
            "  test_suite.py::test_?_number",
            "  pytest -n 0 --record-mode=once",
            "reprise: the fixture lock failed on one worker and passed on another. *-n 0 *",
        ]
    )
    assert len(cassettes()) == 4
    server.answers["/lock"] = json_answer({}, 201)
    run("-n", "0", "--record-mode=once").assert_outcomes(passed=4)
    server.stop()
    run("-n", "2").assert_outcomes(passed=4)


ENDS = """
    import os

    import pytest

    pytestmark = pytest.mark.vcr

    @pytest.mark.parametrize("n", range(6))
    def test_org(api, auth, org, n):
        if n == 3 and os.environ.get("END") == "kill":
            os._exit(1)
        if n == 3 and os.environ.get("END") == "interrupt":
            raise KeyboardInterrupt
        assert api.get(f"/orgs/{org['id']}", headers=auth).json() == org
"""


@pytest.mark.parametrize("end", ["kill", "interrupt"])
def test_a_worker_that_ends_early_leaves_a_suite_that_replays(
    suite: Suite,
    run: Run,
    server: Server,
    cassettes: Cassettes,
    monkeypatch: pytest.MonkeyPatch,
    end: str,
) -> None:
    MovingApi(server)
    suite(ENDS, CONFTEST)
    monkeypatch.setenv("END", end)
    result = run("-n", "2", "--record-mode=once")
    assert result.ret
    if end == "kill":
        result.stdout.fnmatch_lines(["reprise: recordings of gw? were not saved, *=once"])
    recorded = [name for name in cassettes() if "test_org" in name]
    assert "test_suite/test_org[3]" not in recorded
    monkeypatch.setenv("END", "")
    run("-n", "2", "--record-mode=once").assert_outcomes(passed=6)
    before = cassettes()
    monkeypatch.setenv("END", end)
    assert run("-n", "2", "--record-mode=rewrite").ret
    assert cassettes() == before
    monkeypatch.setenv("END", "")
    server.stop()
    run("-n", "2").assert_outcomes(passed=6)


WAYS = {
    "ini": ("-n 2", "reprise_record_mode = once", ""),
    "environment": ("", "", "-n 2 --record-mode=new_episodes"),
    "distribution": ("--dist=loadfile --tx=2*popen", "", "--record-mode=all"),
}
"""Ways to ask for several workers and a mode: options, a line of the ini file, PYTEST_ADDOPTS."""


@pytest.mark.parametrize("way", WAYS)
def test_each_way_to_ask_for_workers_and_a_mode(
    suite: Suite, run: Run, server: Server, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    options, ini, environment = WAYS[way]
    suite(WITH_FIXTURE, ini=ini)
    monkeypatch.setenv("PYTEST_ADDOPTS", environment)
    run(*options.split()).assert_outcomes(passed=8)
    server.stop()
    run("-n", "0", "--record-mode=none").assert_outcomes(passed=8)


NOT_IN_WORKERS = """
    import json

    import pytest

    class Upper:
        serialize = staticmethod(json.dumps)
        deserialize = staticmethod(json.loads)

    @pytest.fixture(scope="module")
    def vcr(vcr):
        vcr.register_serializer("own", Upper)
        return vcr

    def pytest_recording_configure(config, vcr):
        vcr.register_serializer("own", Upper)
"""


def test_what_workers_cannot_record_is_refused_before_anything_is_sent(
    suite: Suite, run: Run, server: Server, cassettes: Cassettes
) -> None:
    marked = WITH_FIXTURE.replace("mark.vcr", 'mark.vcr(record_mode="rewrite")')
    suite(marked)
    result = run("-n", "2")
    assert result.ret == pytest.ExitCode.INTERRUPTED
    result.stdout.fnmatch_lines(["*Recording in this worker of pytest-xdist is refused*"])
    suite(WITH_FIXTURE.replace("mark.vcr", 'mark.vcr(serializer="own")'), NOT_IN_WORKERS)
    result = run("-n", "2", "--record-mode=once")
    result.assert_outcomes(errors=8)
    result.stdout.fnmatch_lines(["*A worker of pytest-xdist cannot record this test*"])
    assert server.requests == []
    assert cassettes() == {}
