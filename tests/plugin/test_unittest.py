"""Whole runs: what fails where in the tests of unittest and in set-up methods, in each report."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import pytest

from ..harness.runs import Run, Server, Suite

NOT_NEEDED = ("anyio", "base_url", "asyncio", "xdist")

PLACES = """
    import os
    import unittest

    import httpx
    import pytest

    pytestmark = pytest.mark.vcr

    def get():
        httpx.get(os.environ["API_BASE_URL"] + "/PATH")

    def try_to_get():
        try:
            get()
        except Exception:
            pass

    class InSetUp(unittest.TestCase):
        def setUp(self):
            send()

        def test_one(self):
            pass

    class InTearDown(unittest.TestCase):
        def tearDown(self):
            send()

        def test_one(self):
            pass

    class InSetUpClass(unittest.TestCase):
        @classmethod
        def setUpClass(cls):
            send()

        def test_one(self):
            pass

        def test_two(self):
            pass

    class InTearDownClass(unittest.TestCase):
        @classmethod
        def tearDownClass(cls):
            send()

        def test_one(self):
            pass

    class InAsyncSetUp(unittest.IsolatedAsyncioTestCase):
        async def asyncSetUp(self):
            send()

        async def test_one(self):
            pass

    class TestInSetupMethod:
        def setup_method(self):
            send()

        def test_one(self):
            pass

    class TestInSetupClass:
        @classmethod
        def setup_class(cls):
            send()

        def test_one(self):
            pass

        def test_two(self):
            pass

    class TestInFixtures:
        @pytest.fixture
        def own(self):
            send()

        @pytest.fixture(scope="class")
        def shared(self):
            send()

        def test_one(self, own):
            pass

        def test_two(self, shared):
            pass

        def test_three(self, shared):
            pass

    class InTest(unittest.TestCase):
        def test_one(self):
            send()
"""
EXPECTED = {
    "InSetUp.test_one": "failure",  # as in every run of pytest: setUp belongs to the call
    "InTearDown.test_one": "failure",
    "InSetUpClass.test_one": "error",
    "InSetUpClass.test_two": "error",
    "InTearDownClass.test_one": "error",
    "InAsyncSetUp.test_one": "failure",
    "TestInSetupMethod.test_one": "error",
    "TestInSetupClass.test_one": "error",
    "TestInSetupClass.test_two": "error",
    "TestInFixtures.test_one": "error",
    "TestInFixtures.test_two": "error",
    "TestInFixtures.test_three": "error",
    "InTest.test_one": "failure",
}


def reported(file: Path) -> dict[str, str]:
    """Return what a JUnit file says about each test: `failure`, `error` or `passed`."""
    found = {}
    for case in ElementTree.parse(file).iter("testcase"):
        name = f"{str(case.get('classname')).rpartition('.')[2]}.{case.get('name')}"
        found[name] = next((part.tag for part in case if part.tag in EXPECTED.values()), "passed")
    return found


@pytest.mark.parametrize("send", ["get", "try_to_get"])
def test_an_error_at_set_up_stays_an_error(
    suite: Suite, run: Run, server: Server, pytester: pytest.Pytester, send: str
) -> None:
    source = PLACES.replace("send()", f"{send}()")
    suite(source.replace("PATH", "count"))
    run("--record-mode=once").assert_outcomes(passed=len(EXPECTED))
    server.stop()
    suite(source.replace("PATH", "missing"))
    result = run("--junitxml=report.xml")
    assert reported(pytester.path / "report.xml") == EXPECTED
    counts = {kind: list(EXPECTED.values()).count(kind) for kind in ("failure", "error")}
    # The test before the error in tearDownClass passed.
    result.assert_outcomes(failed=counts["failure"], errors=counts["error"], passed=1)


def test_an_error_of_reprise_before_a_test_is_an_error(
    suite: Suite, run: Run, pytester: pytest.Pytester
) -> None:
    suite(
        """
        import unittest

        import pytest

        @pytest.mark.vcr
        class Broken(unittest.TestCase):
            def test_one(self):
                pass

        @pytest.mark.vcr(record_modus="none")
        class Misspelt(unittest.TestCase):
            def test_one(self):
                pass
        """
    )
    cassette = pytester.path / "cassettes/test_suite/Broken.test_one.yaml"
    cassette.parent.mkdir(parents=True)
    cassette.write_text("interactions: [", encoding="utf-8")
    run("--junitxml=report.xml").assert_outcomes(errors=2)
    assert set(reported(pytester.path / "report.xml").values()) == {"error"}


def test_directory_from_a_fixture_of_function_scope_in_a_class_of_unittest(
    suite: Suite, run: Run, pytester: pytest.Pytester, server: Server
) -> None:
    """Also for a wider fixture, which pytest would not let ask for it."""
    pytester.makeconftest("""
        import pytest

        @pytest.fixture
        def vcr_cassette_dir():
            return "recorded"

        @pytest.fixture
        def vcr_config():
            return {"match_on": ["method", "path"]}
        """)
    suite("""
        import os
        import unittest

        import httpx
        import pytest

        URL = os.environ["API_BASE_URL"]

        @pytest.mark.vcr
        class TestUnit(unittest.TestCase):
            def test_it(self):
                assert httpx.get(URL + "/unit").status_code == 404

        @pytest.fixture(scope="class")
        def user():
            return httpx.get(URL + "/user").status_code

        @pytest.mark.vcr
        class TestPlain:
            def test_it(self, user):
                assert user == 404
        """)
    run("--record-mode=once").assert_outcomes(passed=2)
    written = sorted(path.name for path in (pytester.path / "recorded").rglob("*.yaml"))
    assert written == ["TestPlain.@user.yaml", "TestPlain.test_it.yaml", "TestUnit.test_it.yaml"]
    server.requests.clear()
    run().assert_outcomes(passed=2)
    assert server.requests == []
