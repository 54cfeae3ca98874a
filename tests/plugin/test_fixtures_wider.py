"""Fixtures of a wider scope: each has a cassette of its own, and replays in any order."""

from __future__ import annotations

import pytest

from ..harness.runs import LOOP_SCOPE, Cassettes, Run, Server, Suite

TESTS = """
import pytest

pytestmark = pytest.mark.vcr

def test_use(client, thing):
    assert client.post("/echo", json=thing).json()["method"] == "POST"

class TestMore:
    def test_use(self, client, thing):
        client.post("/echo", json=thing)
"""
"""A fixture's value goes out in the body, so that replay has to give the recorded value."""

TESTS_IN_CLASSES = """
import pytest

@pytest.mark.vcr
class TestOne:
    def test_use(self, client, thing):
        client.post("/echo", json=thing)

    def test_again(self, client, thing):
        client.post("/echo", json=[thing])

class TestTwo(TestOne):
    pass
"""


def thing(scope: str) -> str:
    """A fixture with a request in its set-up and one in its teardown."""
    return f"""
import pytest

@pytest.fixture(scope="{scope}")
def thing(client):
    made = client.get("/count").json()
    yield made
    client.delete(f"/things/{{made['n']}}").raise_for_status()
"""


FUNCTIONS = """
import pytest

@pytest.mark.vcr
@pytest.mark.parametrize("times", [1, 2])
def test_use(client, thing, times):
    for _ in range(times):
        client.post("/echo", json=thing)
"""

ASYNC = """
import os
import httpx
import pytest
import pytest_asyncio

pytestmark = [pytest.mark.vcr, {mark}]

@{fixture}
async def thing():
    async with httpx.AsyncClient(base_url=os.environ["API_BASE_URL"]) as client:
        made = (await client.get("/count")).json()
        yield made
        await client.delete(f"/things/{{made['n']}}")

@pytest.mark.parametrize("times", [1, 2])
async def test_use(async_client, thing, times):
    for _ in range(times):
        await async_client.post("/echo", json=thing)

class TestMore:
    async def test_use(self, async_client, thing):
        await async_client.post("/echo", json=thing)
"""

ANYIO_BACKEND = """
import pytest

@pytest.fixture(scope="session")
def anyio_backend():
    return "asyncio"
"""


def with_asyncio(scope: str) -> str:
    fixture = f"pytest_asyncio.fixture(**{ {'scope': scope, LOOP_SCOPE: scope} })"
    return ASYNC.format(mark=f'pytest.mark.asyncio({LOOP_SCOPE}="{scope}")', fixture=fixture)


def with_anyio(scope: str) -> str:
    return ASYNC.format(mark="pytest.mark.anyio", fixture=f'pytest.fixture(scope="{scope}")')


PARAMETRISED = """
import pytest

pytestmark = pytest.mark.vcr

@pytest.fixture(scope="{scope}", params=[{params}])
def thing(client, request):
    yield {{"n": client.get("/count").json()["n"], "param": str(request.param)}}
    client.delete("/thing")

def test_one(client, thing):
    client.post("/echo", json=thing)

def test_two(client, thing):
    client.post("/echo", json=thing)
"""

ON_A_PARAMETRISED = """
import pytest

@pytest.fixture(scope="session", params=["a", "b"])
def role(request):
    return request.param

@pytest.fixture(scope="session")
def thing(client, role):
    yield {"role": role, **client.get("/count").json()}
    client.delete("/thing")
"""

INDIRECT = """
import pytest

pytestmark = pytest.mark.vcr

@pytest.fixture(scope="session")
def thing(client, request):
    yield {"param": request.param, **client.get("/count").json()}
    client.delete("/thing")

@pytest.mark.parametrize("thing", [{"role": "a"}, {"role": "b"}], indirect=True)
def test_one(client, thing):
    client.post("/echo", json=thing)

@pytest.mark.parametrize("thing", [{"role": "c"}, {"role": "d"}], indirect=True)
def test_two(client, thing):
    client.post("/echo", json=thing)
"""

IN_A_CLASS = """
import pytest

@pytest.mark.vcr
class TestOne:
    @pytest.fixture(scope="class")
    @classmethod
    def thing(cls, client):
        yield client.get("/count").json()
        client.delete("/thing")

    def test_use(self, client, thing):
        client.post("/echo", json=thing)

    def test_again(self, client, thing):
        client.post("/echo", json=[thing])

class TestTwo(TestOne):
    pass
"""

FINALIZERS = """
import pytest

@pytest.fixture(scope="module")
def thing(client, request):
    request.addfinalizer(lambda: client.delete("/first"))
    made = client.get("/count").json()
    request.addfinalizer(lambda: client.delete("/second"))
    return made
"""

ONLY_TEARDOWN = """
import pytest

@pytest.fixture(scope="module")
def thing(client):
    yield {"n": 0}
    client.delete("/thing")
"""

IN_THREADS = """
from concurrent.futures import ThreadPoolExecutor

import pytest

@pytest.fixture(scope="session")
def thing(client):
    with ThreadPoolExecutor() as pool:
        yield pool.submit(client.get, "/count").result().json()
        pool.submit(client.delete, "/thing").result()
"""

AUTOUSE = """
import pytest

@pytest.fixture(scope="session", autouse=True)
def thing(client):
    yield client.get("/count").json()
    client.delete("/thing")
"""

UNRECORDED = """
import pytest

def test_plain_first():
    pass

@pytest.mark.vcr
def test_use(client, thing):
    client.post("/echo", json=thing)

def test_plain_last(thing):
    assert thing
"""

GETFIXTUREVALUE = """
import pytest

@pytest.mark.vcr
def test_use(client, request):
    client.post("/echo", json=request.getfixturevalue("thing"))

@pytest.mark.vcr
def test_late(client, request):
    client.get("/status/200")
    client.post("/echo", json=request.getfixturevalue("thing"))
    client.get("/status/200")
"""

XUNIT = """
import os
import httpx
import pytest

URL = os.environ["API_BASE_URL"]
made = {}
pytestmark = pytest.mark.vcr

def setup_module():
    made["module"] = httpx.get(f"{URL}/count").json()

def teardown_module():
    httpx.delete(f"{URL}/module/{made['module']['n']}")

def test_function():
    httpx.post(f"{URL}/echo", json=made["module"])

class TestClass:
    @classmethod
    def setup_class(cls):
        made["class"] = httpx.get(f"{URL}/count").json()

    @classmethod
    def teardown_class(cls):
        httpx.delete(f"{URL}/class/{made['class']['n']}")

    def setup_method(self):
        httpx.get(f"{URL}/status/200")

    def test_method(self):
        httpx.post(f"{URL}/echo", json=made)

class TestOther(TestClass):
    pass
"""

UNITTEST = """
import os
import unittest
import httpx
import pytest

URL = os.environ["API_BASE_URL"]

@pytest.mark.vcr
class TestCase(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.made = httpx.get(f"{URL}/count").json()

    @classmethod
    def tearDownClass(cls):
        httpx.delete(f"{URL}/class/{cls.made['n']}")

    def setUp(self):
        httpx.get(f"{URL}/status/200")

    def test_one(self):
        httpx.post(f"{URL}/echo", json=self.made)

    def test_two(self):
        httpx.post(f"{URL}/echo", json=[self.made])
"""

NESTED = """
import pytest

@pytest.fixture(scope="session")
def top(client):
    yield client.get("/count").json()
    client.delete("/top")

@pytest.fixture(scope="package")
def middle(client, top):
    client.post("/echo", json=top)
    yield {**client.get("/count").json(), "top": top}
    client.delete("/middle")

@pytest.fixture(scope="module")
def thing(client, middle, request):
    low = request.getfixturevalue("low")
    client.post("/echo", json=[middle, low])
    yield {**client.get("/count").json(), "middle": middle}
    client.delete("/thing")

@pytest.fixture(scope="module")
def low(client):
    return client.get("/count").json()
"""

OVERRIDE_IN_CONFTEST = """
import pytest

@pytest.fixture(scope="session")
def thing(thing, client):
    yield [thing, client.get("/count").json()]
    client.delete("/conftest")
"""

OVERRIDE_IN_MODULE = """

@pytest.fixture(scope="{scope}")
def thing(thing, client):
    yield [thing, client.get("/count").json()]
    client.delete("/module")
"""

SAME_NAME = """
import pytest

pytestmark = pytest.mark.vcr

@pytest.fixture(scope="session")
def thing(client):
    return client.get("/count").json()

def test_use(client, thing):
    client.post("/echo", json=thing)
"""

CASSETTE_DIR = """

@pytest.fixture(scope="module")
def vcr_cassette_dir(request):
    return "recordings/" + request.module.__name__
"""

SUITES: dict[str, dict[str, str]] = {
    "of each scope": {
        "test_class": TESTS_IN_CLASSES.replace("thing", "a_thing"),
        "test_module": TESTS.replace("thing", "b_thing"),
        "test_modules": TESTS.replace("thing", "b_thing"),
        "test_package": TESTS.replace("thing", "c_thing"),
        "test_session": TESTS.replace("thing", "d_thing"),
        "conftest": thing("class").replace("def thing", "def a_thing")
        + thing("module").replace("def thing", "def b_thing")
        + thing("package").replace("def thing", "def c_thing")
        + thing("session").replace("def thing", "def d_thing"),
    },
    "of class scope, for functions": {"source": FUNCTIONS, "conftest": thing("class")},
    "in packages": {
        "a____init__": "#",
        "a__conftest": thing("package"),
        "a__test_a": TESTS,
        "a__b____init__": "#",
        "a__b__test_b": TESTS,
        "c__test_c": TESTS,
        "c__conftest": thing("session"),
    },
    "in odd places": {
        "test_class": IN_A_CLASS,
        "test_finalizers": TESTS + FINALIZERS,
        "test_threads": TESTS + IN_THREADS,
        "test_late": GETFIXTUREVALUE + thing("session"),
    },
    "with requests in the teardown only": {"source": TESTS, "conftest": ONLY_TEARDOWN},
    "autouse, triggered by an unrecorded test": {"source": UNRECORDED, "conftest": AUTOUSE},
    "asyncio": {f"test_{scope}": with_asyncio(scope) for scope in ("module", "session")},
    "asyncio, of class scope": {"source": with_asyncio("class")},
    "anyio": {
        "conftest": ANYIO_BACKEND,
        **{f"test_{scope}": with_anyio(scope) for scope in ("module", "session")},
    },
    "parametrised": {
        "test_text": PARAMETRISED.format(scope="session", params='"a/b", "a:b", "a-b"'),
        "test_objects": PARAMETRISED.format(scope="module", params="{'a': 1}, (1, 2), None, 1.5"),
    },
    "on a parametrised one": {"source": TESTS, "conftest": ON_A_PARAMETRISED},
    "parametrised by the tests": {"source": INDIRECT},
    "xunit": {"test_xunit": XUNIT, "test_unittest": UNITTEST},
    "nested": {"source": TESTS, "conftest": NESTED, "test_two": TESTS},
    "conftest over plugin": {
        "source": TESTS,
        "conftest": OVERRIDE_IN_CONFTEST,
        "myplugin": thing("session"),
        "ini": "addopts = -p myplugin\npythonpath = .",
    },
    "module over conftest": {
        "source": TESTS + OVERRIDE_IN_MODULE.format(scope="session"),
        "test_two": TESTS + OVERRIDE_IN_MODULE.format(scope="module"),
        "conftest": thing("session"),
    },
    "of one name in two modules": {
        "source": SAME_NAME,
        "test_two": SAME_NAME,
        "sub__test_two": SAME_NAME,
        "ini": "addopts = --import-mode=importlib",
    },
    "with a vcr_cassette_dir": {
        "a__test_module": TESTS + CASSETTE_DIR,
        "a__conftest": thing("module"),
        "b__test_one": TESTS,
        "b__test_two": TESTS,
        "b__conftest": thing("module") + CASSETTE_DIR,
    },
    "with one cassette directory": {
        "a__test_a": TESTS,
        "b__test_a": TESTS,
        "b__conftest": OVERRIDE_IN_CONFTEST,
        "conftest": thing("session"),
        "ini": "addopts = --import-mode=importlib\nreprise_cassette_dir = tapes",
    },
}


NEEDED = {
    "asyncio, of class scope": pytest.mark.skipif(
        LOOP_SCOPE == "scope",
        reason="pytest-asyncio before 0.24 has no loop of class scope for a function",
    )
}


@pytest.mark.parametrize(
    "files",
    [pytest.param(files, id=name, marks=NEEDED.get(name, ())) for name, files in SUITES.items()],
)
def test_it_replays_alike_in_every_order_and_subset(
    suite: Suite, run: Run, server: Server, files: dict[str, str]
) -> None:
    suite(**files)
    passed = record(run)
    server.stop()
    assert_replays(run, passed)


def record(run: Run) -> int:
    """Record all tests, which have to pass; returns how many."""
    outcomes = run("--record-mode=once").parseoutcomes()
    assert list(outcomes) == ["passed"]
    return outcomes["passed"]


def assert_replays(run: Run, passed: int) -> None:
    """In full, in reverse, on two workers, and the first and the last test on their own."""
    for options in ([], ["--reverse"], ["-n", "2"]):
        run(*options).assert_outcomes(passed=passed)
    listed = run("--collect-only", "-q", "-m", "vcr").outlines
    tests = [line for line in listed if "::" in line]
    for test in (tests[0], tests[-1]):
        run(test).assert_outcomes(passed=1)


SESSION = """
import os
import httpx
import pytest
import pytest_asyncio

@pytest.fixture(scope="session")
def {name}(client):
    client.get("/count")
"""
ASYNC_SESSION = f"""
@pytest_asyncio.fixture(**{ {"scope": "session", LOOP_SCOPE: "session"} })
async def in_async():
    async with httpx.AsyncClient(base_url=os.environ["API_BASE_URL"]) as client:
        await client.get("/count")
"""


def test_a_fixtures_cassette_lies_with_its_definition(
    suite: Suite, run: Run, cassettes: Cassettes
) -> None:
    """As @name beside the conftest.py, behind its module's name where a module or plugin is it."""
    suite(
        f"""
        import pytest

        @pytest.fixture(scope="session")
        def in_module(client):
            client.get("/count")

        @pytest.fixture(scope="class")
        def of_class(client):
            client.get("/count")

        @pytest.mark.vcr
        @pytest.mark.asyncio({LOOP_SCOPE}="session")
        class TestOne:
            async def test_one(self, in_conftest, in_async, in_module, in_plugin, of_class):
                pass
        """,
        conftest=SESSION.format(name="in_conftest") + ASYNC_SESSION,
        myplugin=SESSION.format(name="in_plugin"),
        ini="addopts = -p myplugin\npythonpath = .",
    )
    assert record(run) == 1
    assert sorted(cassettes()) == [
        "@in_async",
        "@in_conftest",
        "myplugin.@in_plugin",
        "test_suite.@in_module",
        "test_suite/TestOne.@of_class",
        "test_suite/TestOne.test_one",
    ]


# --- what a fixture's own fate means for its cassette --------------------------------------------

USERS = """
import pytest

pytestmark = pytest.mark.vcr

def test_one(client, thing):
    client.post("/echo", json=thing)

def test_two(client, thing):
    client.post("/echo", json=[thing])
"""

FATED = """
import pytest

@pytest.fixture(scope="{scope}")
def thing(client):
    made = client.get("/count").json()
    {in_setup}
    yield made
    client.delete("/thing")
    {in_teardown}
"""


def fated(scope: str, in_setup: str = "", in_teardown: str = "") -> str:
    return FATED.format(scope=scope, in_setup=in_setup, in_teardown=in_teardown)


SCOPES = ("module", "session")
FAIL = 'raise RuntimeError("no luck")'


@pytest.mark.parametrize("scope", SCOPES)
def test_a_failing_set_up_writes_nothing(
    suite: Suite, run: Run, cassettes: Cassettes, scope: str
) -> None:
    suite(USERS, conftest=fated(scope, in_setup=FAIL))
    result = run("--record-mode=once")
    result.assert_outcomes(errors=2)
    result.stdout.fnmatch_lines(["E *RuntimeError: no luck"])
    assert cassettes() == {}
    result.stdout.fnmatch_lines(["reprise: *0 cassettes written, 1 kept*"])


@pytest.mark.parametrize("scope", SCOPES)
@pytest.mark.parametrize("place", ["in_setup", "in_teardown"])
def test_a_failing_fixture_keeps_its_old_cassette(
    suite: Suite, run: Run, server: Server, cassettes: Cassettes, scope: str, place: str
) -> None:
    suite(USERS, conftest=fated(scope))
    assert record(run) == 2
    [fixture] = [name for name in cassettes() if "@" in name]
    before = cassettes()[fixture]
    suite(conftest=fated(scope, **{place: FAIL}))
    result = run("--record-mode=rewrite")
    assert server.calls.count("GET /count") == 2
    assert "errors" in result.parseoutcomes()
    assert cassettes()[fixture] == before


@pytest.mark.parametrize("scope", SCOPES)
def test_a_fixture_none_of_whose_tests_passed_writes_nothing(
    suite: Suite, run: Run, cassettes: Cassettes, scope: str
) -> None:
    suite(USERS.replace("client.post", "assert not client.post"), conftest=fated(scope))
    run("--record-mode=once").assert_outcomes(failed=2)
    assert cassettes() == {}


@pytest.mark.parametrize("scope", SCOPES)
def test_a_fixture_is_written_where_one_of_its_tests_passed(
    suite: Suite, run: Run, server: Server, cassettes: Cassettes, scope: str
) -> None:
    failing_first = USERS.replace("json=thing)", "json=thing).json().clear()[0]")
    suite(failing_first, conftest=fated(scope))
    run("--record-mode=once").assert_outcomes(passed=1, failed=1)
    assert len(cassettes()) == 2
    server.stop()
    run("-k", "two").assert_outcomes(passed=1, deselected=1)


@pytest.mark.parametrize("scope", SCOPES)
def test_a_skipping_set_up_skips_in_replay(
    suite: Suite, run: Run, server: Server, scope: str
) -> None:
    """A suite asks the server whether it has a feature, and skips where it has not."""
    skip = 'if made["n"] == 1: pytest.skip("not on this server")'
    suite(USERS, conftest=fated(scope, in_setup=skip))
    run("--record-mode=once").assert_outcomes(skipped=2)
    server.stop()
    run().assert_outcomes(skipped=2)


def test_a_fixture_of_unrecorded_tests_only_is_left_alone(
    suite: Suite, run: Run, server: Server, cassettes: Cassettes
) -> None:
    suite(
        """
        import pytest

        @pytest.fixture(scope="session")
        def other(client):
            return client.get("/count").json()

        def test_plain(other):
            pass

        @pytest.mark.vcr
        def test_recorded(client):
            client.get("/status/200")
        """
    )
    assert record(run) == 2
    assert list(cassettes()) == ["test_suite/test_recorded"]
    server.requests.clear()
    run().assert_outcomes(passed=2)
    assert server.calls == ["GET /count"]


def test_a_miss_in_a_fixture_names_its_cassette(suite: Suite, run: Run) -> None:
    suite(USERS, conftest=fated("session"))
    assert record(run) == 2
    suite(conftest=fated("session").replace('"/count"', '"/count?page=2"'))
    result = run("-k", "one")
    result.assert_outcomes(errors=1, deselected=1)
    result.stdout.fnmatch_lines(
        [
            "*is not recorded: no interaction in the cassette matches it.",
            "*GET http://127.0.0.1:*/count?page=2",
            "*cassettes/@thing.yaml (2 interactions; record mode none)",
            "*query.page: recorded nothing, sent '2'",
            "*pytest test_suite.py::test_one --record-mode=rewrite",
        ]
    )


def test_a_miss_that_a_fixture_swallows_fails_its_test(suite: Suite, run: Run) -> None:
    suite(USERS, conftest=fated("session"))
    assert record(run) == 2
    swallow = "\n    ".join(("try:", "    client.get('/new')", "except Exception:", "    pass"))
    suite(conftest=fated("session", in_setup=swallow))
    result = run()
    assert result.parseoutcomes()["errors"]
    result.stdout.fnmatch_lines(["*is not recorded*", "*GET http://*/new"])


# --- a new test beside a recorded log-in ---------------------------------------------------------

LOGIN = """
import pytest

@pytest.fixture(scope="session")
def token(client):
    client.get("/count")
    yield client.post("/login", json={"user": "ada"}).json()["access_token"]
    client.delete("/session")

@pytest.fixture(scope="{scope}")
def auth(token):
    return {"Authorization": f"Bearer {token}"}
"""

LOGGED_IN = """
import pytest

@pytest.mark.vcr
def test_{name}(client, auth):
    response = client.get("/me?of={name}", headers=auth)
    assert response.status_code == 200, response.json()
    assert response.json() == {{"name": "Ada"}}
"""


@pytest.mark.parametrize("scope", ["session", "function"])
@pytest.mark.parametrize("options", [[], ["--reverse"]], ids=["before", "after"])
def test_a_new_test_gets_the_real_token(
    suite: Suite, run: Run, server: Server, cassettes: Cassettes, options: list[str], scope: str
) -> None:
    suite(LOGGED_IN.format(name="old"), conftest=LOGIN.replace("{scope}", scope))
    assert record(run) == 1
    before = cassettes()
    server.requests.clear()
    suite(LOGGED_IN.format(name="old") + LOGGED_IN.format(name="new"))
    run("--record-mode=once", *options).assert_outcomes(passed=2)
    login = ["GET /count", "POST /login"]
    assert server.calls == [*login, "GET /me?of=new", "DELETE /session"]
    after = cassettes()
    assert {name: after[name] for name in before} == before
    assert not any(token in text for token in server.tokens for text in after.values())
    server.stop()
    assert_replays(run, 2)


def test_once_with_all_cassettes_there_does_not_log_in(
    suite: Suite, run: Run, server: Server
) -> None:
    suite(LOGGED_IN.format(name="old"), conftest=LOGIN.replace("{scope}", "session"))
    assert record(run) == 1
    server.stop()
    assert record(run) == 1


def test_a_placeholder_is_not_sent_to_the_real_server(
    suite: Suite, run: Run, server: Server, cassettes: Cassettes
) -> None:
    """The value of a replayed fixture is of no use there; a mark can lead to that."""
    suite(LOGGED_IN.format(name="old"), conftest=LOGIN.replace("{scope}", "session"))
    assert record(run) == 1
    before = cassettes()
    new = LOGGED_IN.format(name="new").replace("mark.vcr", 'mark.vcr(record_mode="all")')
    suite(LOGGED_IN.format(name="old") + new)
    server.requests.clear()
    result = run()
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(
        ["*This request would send the placeholder Redacted-token-1 to the real server.*"]
    )
    assert server.requests == []
    assert cassettes() == before


def test_once_stays_offline_where_a_test_makes_no_calls(
    suite: Suite, run: Run, server: Server
) -> None:
    """A test that only looks at what a fixture brought is recorded too, and lacks nothing."""
    suite(
        """
        import pytest

        pytestmark = pytest.mark.vcr

        @pytest.fixture(scope="session")
        def answer(client):
            return client.get("/count").json()

        def test_looks(answer):
            assert answer == {"n": 1}

        def test_calls(client, answer):
            assert client.post("/echo", json=answer).is_success
        """
    )
    run("--record-mode=once").assert_outcomes(passed=2)
    server.stop()
    run("--record-mode=once").assert_outcomes(passed=2)


def test_a_fixture_that_an_unrecorded_test_sets_up_first(
    suite: Suite, run: Run, server: Server, cassettes: Cassettes
) -> None:
    """Where its cassette lies is said by fixtures too, which then are set up within its own."""
    suite(
        """
        import pytest

        @pytest.fixture(scope="module")
        def top(request):
            return request.path.parent / "cassettes"

        @pytest.fixture(scope="module")
        def vcr_cassette_dir(top):
            return str(top / "here")

        @pytest.fixture(scope="module")
        def answer(client):
            return client.get("/count").json()

        def test_unrecorded(answer):
            assert answer == {"n": 1}

        @pytest.mark.vcr
        def test_recorded(answer):
            assert answer == {"n": 1}
        """
    )
    run("--record-mode=once").assert_outcomes(passed=2)
    assert "here/@answer" in cassettes()
    server.stop()
    run().assert_outcomes(passed=2)
