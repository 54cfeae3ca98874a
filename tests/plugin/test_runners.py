"""Tests that something other than pytest's own functions runs: they replay as any others.

One suite has tests of each runner. It is recorded once, and replayed in the recorded order, in
reverse, in parts, and on workers.
"""

from __future__ import annotations

import pytest

from ..harness.runs import (
    Cassettes,
    Run,
    Server,
    Suite,
    failures_by_test,
    recorded,
)

NOT_NEEDED = ("anyio", "base_url", "Faker")
FORKS = True

NONE = ("--record-mode=none", "--block-network", "--allowed-hosts=localhost")

HEAD = """
    import os

    import httpx
    import pytest

    URL = os.environ["API_BASE_URL"]
    FAILS = bool(os.environ.get("FAILS"))
    pytestmark = pytest.mark.vcr


    def count():
        return httpx.get(URL + "/count").json()["n"]


    def status(number):
        return httpx.get(f"{URL}/status/{number}").status_code
"""

UNITTEST = """
    import unittest


    class TestPlain(unittest.TestCase):
        @classmethod
        def setUpClass(cls):
            cls.first = count()
            cls.addClassCleanup(status, 202)

        def setUp(self):
            self.second = count()
            self.addCleanup(status, 204)

        def test_one(self):
            assert self.first < self.second < count()

        def test_subtests(self):
            for number in (200, 404):
                with self.subTest(number=number):
                    assert status(number) == number


    class TestAsync(unittest.IsolatedAsyncioTestCase):
        async def asyncSetUp(self):
            self.client = await self.enterAsyncContext(httpx.AsyncClient(base_url=URL))
            self.addAsyncCleanup(self.client.delete, "/orders/1")

        def setUp(self):
            self.before = count()

        async def test_one(self):
            assert self.before < (await self.client.get("/count")).json()["n"]

        async def test_two(self):
            assert (await self.client.get("/status/418")).status_code == 418
"""

FEATURE = """\
Feature: orders

  Background:
    Given a shop

  Scenario: one order
    When I ask for status 201
    Then it was 201

  Scenario Outline: many orders
    When I ask for status <number>
    Then it was <number>

    Examples:
      | number |
      | 202    |
      | 404    |
"""

BDD = """
    from pytest_bdd import given, parsers, scenarios, then, when

    scenarios("orders.feature")


    @given("a shop", target_fixture="shop")
    def shop():
        return count()


    @when(parsers.parse("I ask for status {number:d}"), target_fixture="answered")
    def ask(shop, number):
        return status(number)


    @then(parsers.parse("it was {number:d}"))
    def check(answered, number):
        assert answered == number
"""

HYPOTHESIS = """
    import uuid

    import constants
    from hypothesis import assume, given, settings
    from hypothesis import strategies as st
    from hypothesis.stateful import RuleBasedStateMachine, rule

    FEW = settings(max_examples=8, deadline=None)


    @FEW
    @given(number=st.integers(0, 10**6), flag=st.booleans())
    def test_numbers(number, flag):
        httpx.get(f"{URL}/numbers/{number}", params={"flag": flag, "id": uuid.uuid4()})
        assume(number % 5)
        assert not (FAILS and number > 50)


    @FEW
    @given(text=st.text(max_size=5))
    def test_texts(text):
        assert httpx.post(URL + "/echo", json={"text": text}).is_success
        first = count()
        assert count() > first
        assert not (FAILS and text)


    @pytest.mark.parametrize("kind", ["a", "b"])
    @FEW
    @given(data=st.data())
    def test_data(kind, data):
        httpx.get(f"{URL}/{kind}/{data.draw(st.integers(0, 99))}")


    class Machine(RuleBasedStateMachine):
        @rule(number=st.integers(200, 299))
        def ask(self, number):
            status(number)


    Machine.TestCase.settings = settings(max_examples=3, stateful_step_count=3, deadline=None)
    TestMachine = Machine.TestCase
"""

SUBTESTS = """
    def test_with_subtests(subtests):
        for number in (200, 404, 500):
            with subtests.test(number=number):
                assert status(number) == number
                assert not (FAILS and number == 404)
        assert count()
"""

APPS = """
    import flask
    from starlette.applications import Starlette
    from starlette.responses import JSONResponse
    from starlette.routing import Route
    from starlette.testclient import TestClient

    flask_app = flask.Flask(__name__)


    @flask_app.get("/total")
    def flask_total():
        return {"n": count()}


    async def starlette_total(request):
        async with httpx.AsyncClient() as client:
            answer = await client.get(URL + "/count")
        return JSONResponse(answer.json())


    def test_flask():
        client = flask_app.test_client()
        assert client.get("/total").json["n"] < client.get("/total").json["n"]


    def test_starlette():
        app = Starlette(routes=[Route("/total", starlette_total), Route("/sync", sync_total)])
        client = TestClient(app)
        assert client.get("/total").json()["n"] < client.get("/sync").json()["n"]


    def sync_total(request):
        return JSONResponse({"n": count()})
"""

DJANGO = """
    from django.urls import path
    from django.http import JsonResponse
    from django.test import SimpleTestCase


    def total(request):
        return JsonResponse({"n": count()})


    urlpatterns = [path("total", total)]
    pytestmark = [pytest.mark.vcr, pytest.mark.urls(__name__)]


    def test_client(client):
        assert client.get("/total").json()["n"] < client.get("/total").json()["n"]


    async def ask(async_client):
        return (await async_client.get("/total")).json()["n"]


    def test_async_client(async_client):
        import asyncio

        assert asyncio.run(ask(async_client)) > 0


    @pytest.mark.vcr(ignore_hosts=["localhost"])
    def test_live_server(live_server):
        assert httpx.get(live_server.url + "/total").json()["n"] > 0


    class TestDjango(SimpleTestCase):
        def test_it(self):
            assert self.client.get("/total").json()["n"] > 0
"""

DJANGO_SETTINGS = """
    SECRET_KEY = "not-a-secret"
    ROOT_URLCONF = []
    ALLOWED_HOSTS = ["*"]
    DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}}
    USE_TZ = True
    STATIC_URL = "/static/"
"""

_NAMES = ("pytest-bdd", "hypothesispytest", "django")
PLUGINS = (*(arg for name in _NAMES for arg in ("-p", name)), "--ds=site_settings")


PART = ("-k", "TestAsync and two or many and 404 or texts or test_data and b or async_client")
"""Tests that are replayed without the others."""


@pytest.fixture
def every_runner(suite: Suite, pytester: pytest.Pytester) -> None:
    """Write the suite with tests of each runner."""
    parts = {"unit": UNITTEST, "bdd": BDD, "hypothesis": HYPOTHESIS, "subtests": SUBTESTS}
    parts |= {"apps": APPS, "django": DJANGO}
    suite(
        site_settings=DJANGO_SETTINGS,
        constants="LOCAL = [987654, 'local']",
        **{f"test_{name}": HEAD + source for name, source in parts.items()},
    )
    (pytester.path / "orders.feature").write_text(FEATURE, encoding="utf-8")
    (pytester.path / "manage.py").touch()  # by which workers find Django's settings


@pytest.mark.usefixtures("every_runner")
def test_tests_of_each_runner_replay_in_any_order(run: Run, server: Server) -> None:
    assert run(*PLUGINS, "--record-mode=once").ret == 0
    server.stop()
    for args in (("--reverse",), ("-n2",), PART):
        assert run(*PLUGINS, *NONE, *args).ret == 0, args


@pytest.mark.usefixtures("every_runner")
def test_an_attempt_that_fails_sends_nothing_and_keeps_its_cassette(
    run: Run, server: Server, cassettes: Cassettes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Hypothesis repeats a failing example to show it, and looks for no smaller one."""
    only = ("-p", "hypothesispytest", "test_hypothesis.py", "test_subtests.py")
    chosen = ("-k", "numbers or texts or with_subtests")
    run(*only, *chosen, "--record-mode=once").assert_outcomes(passed=3, deselected=3)
    before = cassettes()
    assert recorded(before["test_subtests/test_with_subtests"])[-1] == "GET /count"
    monkeypatch.setenv("FAILS", "1")

    live = len(server.requests)
    result = run("-v", *only, *chosen, "--record-mode=rewrite")
    for name, text in failures_by_test(result).items():
        assert "not recorded" not in text, name
    assert cassettes() == before
    assert len(server.requests) < live + 40

    server.stop()
    failures = failures_by_test(run("-v", *only, *chosen, *NONE))
    assert "number=" in failures["test_numbers"]
    assert "text=" in failures["test_texts"]
    for name, text in failures.items():
        assert "RequestNotRecorded" not in text, name


AGAIN = (
    HEAD
    + """
    import uuid

    ATTEMPTS = []


    @pytest.fixture(scope="module")
    def shop():
        return count()


    def test_flaky(shop, request):
        ATTEMPTS.append(request.node.name)
        assert httpx.post(URL + "/echo", json={"id": str(uuid.uuid4())}).is_success
        assert shop < count()
        assert count()
        assert "--reruns=2" not in request.config.invocation_params.args or len(ATTEMPTS) > 2


    @pytest.mark.parametrize("number", [201, 404])
    def test_number(number, shop):
        assert status(number) == number
"""
)


@pytest.mark.parametrize("recorded_with", ["--reruns=2", "--count=2"])
def test_a_second_attempt_starts_the_cassette_anew(
    suite: Suite, run: Run, server: Server, cassettes: Cassettes, recorded_with: str
) -> None:
    """It replays, however often the tests were attempted when they were recorded."""
    suite(AGAIN)
    plugins = ("-p", "rerunfailures", "-p", "repeat")
    assert run(*plugins, recorded_with, "--record-mode=once").ret == 0
    assert {name: recorded(text) for name, text in cassettes().items()} == {
        "test_suite/@shop": ["GET /count"],
        "test_suite/test_flaky": ["POST /echo", "GET /count", "GET /count"],
        "test_suite/test_number[201]": ["GET /status/201"],
        "test_suite/test_number[404]": ["GET /status/404"],
    }
    server.stop()
    run(*plugins, *NONE, "--count=3", "--reverse").assert_outcomes(passed=9)
    assert "2 rerun" in run(*plugins, *NONE, "--reruns=2").stdout.str()
    run(*plugins, *NONE, "-n2", "--count=2").assert_outcomes(passed=6)
