"""Fixtures with a scope wider than a test: each has its own cassette and replays in any order."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

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
"""The value of the fixture is sent in a body, so a replay needs the recorded value."""

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
    """Return a fixture with one request in its set-up and one in its teardown."""
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

FORKS = True

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
    "of class scope for functions": {"source": FUNCTIONS, "conftest": thing("class")},
    "in packages": {
        "a____init__": "#",
        "a__conftest": thing("package"),
        "a__test_a": TESTS,
        "a__b____init__": "#",
        "a__b__test_b": TESTS,
        "c__test_c": TESTS,
        "c__conftest": thing("session"),
    },
    "in a class, a module, threads and a late request": {
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
    "that use a parametrised fixture": {"source": TESTS, "conftest": ON_A_PARAMETRISED},
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
    "with the same name in two modules": {
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


LEFT_OUT = ["asyncio, of class scope"] if LOOP_SCOPE == "scope" else []
"""pytest-asyncio before 0.24 has no event loop of class scope for a function."""


def in_directories(suites: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    """Return the files of several suites, each in its own directory.

    Modules get the number of their suite, because pytest needs distinct names of modules.
    """
    files = {}
    for number, (name, suite_files) in enumerate(suites.items()):
        top = re.sub(r"\W+", "_", name)
        for path, text in suite_files.items():
            path = "test_suite" if path == "source" else path
            is_module = path.rpartition("__")[2].startswith("test_")
            files[f"{top}__{path}_{number}" if is_module else f"{top}__{path}"] = text
    return files


WITH_OWN_INI = [name for name, files in SUITES.items() if "ini" in files]
TOGETHER = [name for name in SUITES if name not in WITH_OWN_INI and name not in LEFT_OUT]
"""Suites that share one run. Each has its own directory, so its fixtures are its own too."""


def test_fixtures_replay_in_every_order_and_subset(suite: Suite, run: Run, server: Server) -> None:
    suite(**in_directories({name: SUITES[name] for name in TOGETHER}))
    passed = record(run)
    server.stop()
    assert_replays(run, passed)


@pytest.mark.parametrize("name", WITH_OWN_INI)
def test_fixtures_replay_in_every_order_and_subset_with_ini_options(
    suite: Suite, run: Run, server: Server, name: str
) -> None:
    suite(**SUITES[name])
    passed = record(run)
    server.stop()
    assert_replays(run, passed)


def record(run: Run) -> int:
    """Record all tests and return their number; all of them have to pass."""
    result = run("--record-mode=once", "-q")
    outcomes = result.parseoutcomes()
    assert list(outcomes) == ["passed"], "see the output of the run"
    return outcomes["passed"]


def assert_replays(run: Run, passed: int) -> None:
    """Replay all tests in order, in reverse and on two workers, then single tests of each suite.

    The first run of single tests has the first test of each directory, the second the last one.
    """
    for options in ([], ["--reverse"], ["-n", "2"]):
        run(*options).assert_outcomes(passed=passed)
    listed = run("--collect-only", "-q", "-m", "vcr").outlines
    by_suite: dict[str, list[str]] = {}
    for test in (line for line in listed if "::" in line):
        by_suite.setdefault(_top_directory(test), []).append(test)
    for place in (0, -1):
        chosen = [tests[place] for tests in by_suite.values()]
        run(*chosen).assert_outcomes(passed=len(chosen))


def _top_directory(test: str) -> str:
    """Return the directory of `in_directories`, or "" for a suite that is alone."""
    top, _, rest = test.partition("::")[0].partition("/")
    return top if rest and top not in ("a", "b", "c", "sub") else ""


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


def test_the_cassette_of_a_fixture_is_next_to_its_definition(
    suite: Suite, run: Run, cassettes: Cassettes
) -> None:
    """Its name is @fixture; the name of a module or plugin comes before it."""
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


# --- fixtures that fail or skip ------------------------------------------------------------------

USERS = """
import pytest

pytestmark = pytest.mark.vcr

def test_one(client, thing):
    client.post("/echo", json=thing)

def test_two(client, thing):
    client.post("/echo", json=[thing])
"""

FAILING = """
import pytest

@pytest.fixture(scope="{scope}")
def thing(client):
    made = client.get("/count?in={directory}").json()
    {in_setup}
    yield made
    client.delete("/thing")
    {in_teardown}
"""


def with_code(scope: str, in_setup: str = "", in_teardown: str = "", directory: str = "") -> str:
    """Return a conftest.py with a fixture that runs this code in its set-up and teardown."""
    return FAILING.format(
        scope=scope, in_setup=in_setup, in_teardown=in_teardown, directory=directory
    )


SCOPES = ("module", "session")
FAIL = 'raise RuntimeError("no luck")'


def for_scopes(tests: str, in_setup: str = "") -> dict[str, str]:
    """Return the files of a suite with one directory for each scope."""
    suites = {scope: {"source": tests, "conftest": with_code(scope, in_setup)} for scope in SCOPES}
    return in_directories(suites)


def test_a_failing_set_up_writes_no_cassette(suite: Suite, run: Run) -> None:
    suite(**for_scopes(USERS, in_setup=FAIL))
    result = run("--record-mode=once")
    result.assert_outcomes(errors=4)
    assert result.outlines.count("E       RuntimeError: no luck") == 4
    assert cassette_texts() == {}
    result.stdout.fnmatch_lines(["reprise: 2 recordings dropped, *0 cassettes written, 0 kept*"])
    # The report shows the fixture, and not the hooks around it.
    assert "pytest_reprise" not in result.stdout.str()


def test_a_failing_fixture_keeps_its_old_cassette(suite: Suite, run: Run, server: Server) -> None:
    cases = {f"{scope}_{place}": (scope, place) for scope in SCOPES for place in PLACES}
    files = {
        name: {"source": USERS, "conftest": with_code(scope, directory=name)}
        for name, (scope, _) in cases.items()
    }
    suite(**in_directories(files))
    assert record(run) == 2 * len(cases)
    before = fixture_cassettes()
    assert before.keys() == cases.keys()
    for name, (scope, place) in cases.items():
        files[name]["conftest"] = with_code(scope, **{place: FAIL}, directory=name)
    suite(**in_directories(files))
    result = run("--record-mode=rewrite", "-v")
    for name in cases:
        assert server.calls.count(f"GET /count?in={name}") == 2
        assert any(line.startswith(f"{name}/") and " ERROR " in line for line in result.outlines)
    assert fixture_cassettes() == before


PLACES = ("in_setup", "in_teardown")


def fixture_cassettes() -> dict[str, str]:
    """Return the cassette of the fixture in each directory of the suite."""
    paths = Path().rglob("cassettes/**/@*.yaml")
    return {path.parts[0]: path.read_text(encoding="utf-8") for path in paths}


def test_a_fixture_whose_tests_all_failed_writes_no_cassette(suite: Suite, run: Run) -> None:
    suite(**for_scopes(USERS.replace("client.post", "assert not client.post")))
    run("--record-mode=once").assert_outcomes(failed=4)
    assert cassette_texts() == {}


def test_a_fixture_writes_its_cassette_if_one_of_its_tests_passed(
    suite: Suite, run: Run, server: Server
) -> None:
    suite(**for_scopes(USERS.replace("json=thing)", "json=thing).json().clear()[0]")))
    run("--record-mode=once").assert_outcomes(passed=2, failed=2)
    written = [path.parts[0] for path in cassette_texts()]
    assert sorted(written) == ["module", "module", "session", "session"]
    server.stop()
    run("-k", "two").assert_outcomes(passed=2, deselected=2)


def test_a_skip_in_the_set_up_is_replayed(suite: Suite, run: Run, server: Server) -> None:
    """A suite asks the server whether it has a feature, and skips its tests if not."""
    skip = 'if made["n"] <= 2: pytest.skip("not on this server")'
    suite(**for_scopes(USERS, in_setup=skip))
    run("--record-mode=once").assert_outcomes(skipped=4)
    server.stop()
    run().assert_outcomes(skipped=4)


def test_a_fixture_used_only_by_unrecorded_tests_is_not_recorded(
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


def test_a_miss_in_a_fixture_names_the_cassette_of_the_fixture(suite: Suite, run: Run) -> None:
    suite(USERS, conftest=with_code("session"))
    assert record(run) == 2
    suite(conftest=with_code("session").replace("count?in=", "count?page=2"))
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


def test_a_miss_fails_the_test_even_if_the_fixture_catches_the_error(
    suite: Suite, run: Run
) -> None:
    suite(USERS, conftest=with_code("session"))
    assert record(run) == 2
    catch_errors = "\n    ".join(
        ("try:", "    client.get('/new')", "except Exception:", "    pass")
    )
    suite(conftest=with_code("session", in_setup=catch_errors))
    result = run()
    assert result.parseoutcomes()["errors"]
    result.stdout.fnmatch_lines(["*is not recorded*", "*GET http://*/new"])


# --- a new test that uses a recorded login -------------------------------------------------------

LOGIN = """
import pytest

@pytest.fixture(scope="session")
def token(client):
    client.get("/count?scope={scope}")
    yield client.post("/login?scope={scope}", json={"user": "ada"}).json()["access_token"]
    client.delete("/session?scope={scope}")

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


@pytest.mark.parametrize("options", [[], ["--reverse"]], ids=["before", "after"])
def test_a_new_test_gets_the_real_token(
    suite: Suite, run: Run, server: Server, options: list[str]
) -> None:
    """The fixture that uses the token has session scope in one directory, else function scope."""
    scopes = ("session", "function")
    old = {
        scope: {
            "source": LOGGED_IN.format(name=f"old_{scope}"),
            "conftest": LOGIN.replace("{scope}", scope),
        }
        for scope in scopes
    }
    suite(**in_directories(old))
    assert record(run) == len(scopes)
    before = cassette_texts()
    server.requests.clear()
    new = {
        scope: {**files, "source": files["source"] + LOGGED_IN.format(name=f"new_{scope}")}
        for scope, files in old.items()
    }
    suite(**in_directories(new))
    run("--record-mode=once", *options).assert_outcomes(passed=2 * len(scopes))
    for scope in scopes:
        login = [f"GET /count?scope={scope}", f"POST /login?scope={scope}"]
        test = [f"GET /me?of=new_{scope}", f"DELETE /session?scope={scope}"]
        assert [call for call in server.calls if call.endswith(scope)] == [*login, *test]
    assert len(server.calls) == 4 * len(scopes)
    after = cassette_texts()
    assert {path: after[path] for path in before} == before
    assert not any(token in text for token in server.tokens for text in after.values())
    server.stop()
    assert_replays(run, 2 * len(scopes))


def cassette_texts() -> dict[Path, str]:
    """Return the texts of all cassettes of the suite, by path."""
    paths = Path().rglob("cassettes/**/*.yaml")
    return {path: path.read_text(encoding="utf-8") for path in paths}


def test_once_with_all_cassettes_does_not_log_in(suite: Suite, run: Run, server: Server) -> None:
    suite(LOGGED_IN.format(name="old"), conftest=LOGIN.replace("{scope}", "session"))
    assert record(run) == 1
    server.stop()
    assert record(run) == 1


def test_a_placeholder_is_never_sent_to_the_real_server(
    suite: Suite, run: Run, server: Server, cassettes: Cassettes
) -> None:
    """A mark can make a test record while its fixture is replayed and returns a placeholder."""
    suite(LOGGED_IN.format(name="old"), conftest=LOGIN.replace("{scope}", "session"))
    assert record(run) == 1
    before = cassettes()
    new = LOGGED_IN.format(name="new").replace("mark.vcr", 'mark.vcr(record_mode="all")')
    suite(LOGGED_IN.format(name="old") + new)
    server.requests.clear()
    result = run()
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(
        ["*This request would send the placeholder Redacted* to the real server.*"]
    )
    assert server.requests == []
    assert cassettes() == before


def test_once_sends_nothing_if_a_test_without_requests_has_no_cassette(
    suite: Suite, run: Run, server: Server
) -> None:
    """A test that only reads the value of a fixture is recorded too, without interactions."""
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


def test_a_fixture_that_an_unrecorded_test_uses_first_is_recorded(
    suite: Suite, run: Run, server: Server, cassettes: Cassettes
) -> None:
    """Other fixtures give its cassette directory; they are set up within its own set-up."""
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
