"""The network is blocked as pytest-recording blocks it, and a replay never uses it."""

from __future__ import annotations

from textwrap import dedent

import pytest

from ..harness.record_and_replay import CONFTEST, assert_same
from ..harness.runs import Run, Server, Suite
from .test_unrecorded_tests import PLAIN, RECORDED, RunAndShow, run_and_show  # noqa: F401  (a fixture)

NOT_NEEDED = ("anyio", "base_url")

REACHING = """
    import unittest

    import httpx
    import pytest

    THIS_HOST_ALLOWED = pytest.mark.block_network(allowed_hosts=["127.0.0.1"])
    OTHER_HOSTS_ALLOWED = pytest.mark.block_network(allowed_hosts=["other.example", "10."])


    def reach():
        try:
            return httpx.get(os.environ["API_BASE_URL"] + "/health").json()
        except Exception as error:
            return repr(error)


    def reach_async():
        async def ask():
            async with httpx.AsyncClient() as client:
                return (await client.get(os.environ["API_BASE_URL"] + "/health")).json()

        try:
            return asyncio.run(ask())
        except Exception as error:
            return repr(error)


    def test_unmarked(show):
        show([reach(), reach_async()])


    @pytest.mark.block_network
    def test_blocked(show):
        show([reach(), reach_async()])


    @THIS_HOST_ALLOWED
    def test_allowed(show):
        show([reach(), reach_async()])


    @OTHER_HOSTS_ALLOWED
    def test_others_allowed(show):
        show([reach(), reach_async()])


    @pytest.fixture(scope="session")
    def of_session():
        return reach()


    @pytest.fixture(scope="module")
    def of_module(of_session):
        return [of_session, reach()]


    @pytest.fixture
    def of_test(show, of_module):
        show(of_module)
        show(reach())
        yield
        show(["teardown", reach()])


    @pytest.mark.block_network
    @pytest.mark.parametrize("_", range(2))
    def test_fixtures(of_test, show, _):
        show(reach())


    @pytest.mark.block_network
    class TestClass:
        def setup_method(self):
            self.at_setup = reach()

        def test_of_class(self, show):
            show([self.at_setup, reach()])

        @THIS_HOST_ALLOWED
        def test_own_mark(self, show):
            show([self.at_setup, reach()])


    @OTHER_HOSTS_ALLOWED
    class UnitTest(unittest.TestCase):
        @pytest.fixture(autouse=True)
        def keep(self, show):
            self.show = show

        def setUp(self):
            self.show(reach())

        def test_unit(self):
            self.show(reach())


    def test_after_all(show):
        show(reach())
"""
HEAD = "import asyncio\nimport os\n"
CONFIGS = {
    "nothing": "",
    "vcr_config": """
        @pytest.fixture
        def vcr_config():
            return {"allowed_hosts": ["127.0.0.1"]}
    """,
    "vcr_config of the session": """
        @pytest.fixture(scope="session")
        def vcr_config():
            return {"allowed_hosts": "localhost,127.0.0"}
    """,
    "vcr_config for every test": """
        @pytest.fixture(autouse=True)
        def hosts():
            return ["127.0.0.1"]

        @pytest.fixture(autouse=True)
        def vcr_config(hosts):
            return {"allowed_hosts": hosts}
    """,
    "allowed_hosts for every test": """
        @pytest.fixture(autouse=True)
        def hosts(request):
            return ["127.0.0.1"] if "fixtures" in request.node.name else ["other"]

        @pytest.fixture(autouse=True)
        def allowed_hosts(hosts):
            return hosts
    """,
    "allowed_hosts": """
        @pytest.fixture
        def allowed_hosts(request):
            return ["127.0.0.1"] if "fixtures" in request.node.name else ["other"]
    """,
}


@pytest.mark.parametrize(
    ("config", "args"),
    [
        ("nothing", ""),
        ("nothing", "--block-network"),
        ("nothing", "--block-network --allowed-hosts=127.0.0.1"),
        ("nothing", "--block-network --allowed-hosts=other.example,127."),
        ("nothing", "--allowed-hosts=other"),
        ("nothing", "--block-network --disable-recording"),
        ("nothing", "--block-network --record-mode=rewrite"),
        ("vcr_config", "--block-network"),
        ("vcr_config of the session", "--block-network"),
        ("vcr_config", "--block-network --allowed-hosts=other"),
        ("vcr_config for every test", ""),
        ("vcr_config for every test", "--block-network"),
        ("allowed_hosts for every test", "--block-network"),
        ("allowed_hosts", "--block-network"),
    ],
)
def test_blocking_works_as_in_pytest_recording(
    suite: Suite,
    run_and_show: RunAndShow,  # noqa: F811
    config: str,
    args: str,
) -> None:
    suite(HEAD + dedent(REACHING), conftest=CONFTEST + dedent(CONFIGS[config]))
    without_reprise = run_and_show(*PLAIN, *args.split())
    shown = run_and_show(*args.split())
    assert "Network is disabled" in str(without_reprise["test_others_allowed"])
    assert_same(without_reprise, shown)


@pytest.mark.parametrize(
    ("mark", "options", "args"),
    [
        ("vcr", "", "--record-mode=once"),
        ("vcr(record_mode='new_episodes')", "", ""),
        ("vcr", "{'record_mode': 'once'}", ""),
        ("vcr", "", ""),
        ("vcr(record_mode='once')", "", "--record-mode=none"),
    ],
)
def test_only_a_test_that_records_may_use_the_blocked_network(
    suite: Suite, run: Run, server: Server, mark: str, options: str, args: str
) -> None:
    """The record mode may come from the command line, the mark or the fixture."""
    conftest = f"""
        import pytest


        @pytest.fixture
        def vcr_config():
            return {options or "{}"}
    """
    suite(RECORDED.replace("vcr", mark), conftest=CONFTEST + dedent(conftest))
    may_record = "once" in (args + options).replace("none", "") or "new_episodes" in mark
    blocked = ("--block-network", *args.split())
    run(*blocked).assert_outcomes(passed=int(may_record), failed=int(not may_record))
    assert len(server.requests) == int(may_record)


@pytest.mark.parametrize("mark", ["block_network('here')", "block_network(hosts=['here'])"])
@pytest.mark.parametrize("plugin", [(), PLAIN], ids=["reprise", "plain"])
def test_invalid_arguments_of_the_block_network_mark_are_refused(
    suite: Suite, run: Run, mark: str, plugin: tuple[str, ...]
) -> None:
    suite(f"""
        import pytest


        @pytest.mark.{mark}
        def test_marked():
            pass
    """)
    result = run(*plugin)
    assert result.ret == 1
    result.stdout.fnmatch_lines(["*Invalid arguments to `block_network`*"])


def test_a_replay_uses_no_network(suite: Suite, run: Run, server: Server) -> None:
    """No socket connects and no name is looked up: sync and async, in tests and in fixtures."""
    conftest = """
        import os
        import socket

        import pytest


        def refuse(*_):
            raise AssertionError("the network was used")


        if os.environ.get("OFFLINE"):
            socket.socket.connect = socket.socket.connect_ex = refuse
            socket.getaddrinfo = socket.create_connection = refuse


        @pytest.fixture
        def base():
            return os.environ["API_BASE_URL"]
    """
    source = """
        import asyncio
        import os
        import httpx
        import pytest

        pytestmark = pytest.mark.vcr


        @pytest.fixture(scope="session")
        def token():
            response = httpx.post(os.environ["API_BASE_URL"] + "/login")
            yield response.json()["access_token"]
            httpx.delete(os.environ["API_BASE_URL"] + "/login")


        def test_sync(base, token):
            headers = {"Authorization": f"Bearer {token}"}
            assert httpx.get(base + "/me", headers=headers).json() == {"name": "Ada"}


        def test_async(base):
            async def ask():
                async with httpx.AsyncClient(base_url=base) as client:
                    return await asyncio.gather(*(client.get("/count") for _ in range(3)))

            assert {r.json()["n"] for r in asyncio.run(ask())} == {1, 2, 3}
    """
    suite(source, conftest=conftest)
    run("--record-mode=once").assert_outcomes(passed=2)
    sent = len(server.requests)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OFFLINE", "1")
        run().assert_outcomes(passed=2)
        run("--block-network").assert_outcomes(passed=2)
        run("--record-mode=rewrite").assert_outcomes(failed=1, errors=1)
    assert len(server.requests) == sent


LOCALHOST = """
    import os
    import httpx
    import pytest

    URL = os.environ["API_BASE_URL"].replace("127.0.0.1", "localhost")
    ALLOWED = pytest.mark.block_network(allowed_hosts=["localhost"])

    def get(url):
        return httpx.get(url + "/health").is_success

    async def aget(url):
        async with httpx.AsyncClient() as client:
            return (await client.get(url + "/health")).is_success

    @ALLOWED
    def test_by_name():
        assert get(URL)

    @ALLOWED
    @pytest.mark.anyio
    async def test_async():
        assert await aget(URL)

    @ALLOWED
    def test_by_address():
        assert get(os.environ["API_BASE_URL"])

    @pytest.mark.block_network(allowed_hosts=["api.example"])
    def test_a_name_that_was_looked_up():
        import socket
        with pytest.raises(RuntimeError, match="Network is disabled"):
            get(URL)
        host = socket.getaddrinfo("api.example", 80)[0][4][0]
        assert host == "127.0.0.1" and get(os.environ["API_BASE_URL"])

    @pytest.mark.block_network(allowed_hosts=["other"])
    def test_blocked_after_others():
        with pytest.raises(RuntimeError, match="Network is disabled"):
            get(URL)
"""


def test_an_allowed_host_may_be_a_name(suite: Suite, run: Run) -> None:
    """The blocking sees addresses only, and must know those of the names that are allowed."""
    resolver = """
        import socket
        look_up = socket.getaddrinfo
        names = {"api.example": "127.0.0.1"}
        socket.getaddrinfo = lambda host, *args, **how: look_up(names.get(host, host), *args, **how)
    """
    suite(LOCALHOST, conftest=resolver)
    run("-p", "anyio").assert_outcomes(passed=6)
