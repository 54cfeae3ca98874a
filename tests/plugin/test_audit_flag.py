"""`--reprise-audit`: a run whose cassettes hold a secret fails, and says where."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
import yaml

from ..harness.runs import Run, Server, Suite, json_answer

NOT_NEEDED = ("anyio", "base_url")

SECRET = "correct-horse-battery-9"
RECORDED = """
    import pytest

    pytestmark = pytest.mark.vcr

    def test_it(client):
        assert client.get("/thing").status_code == 200
"""
PLAIN = "def test_plain(): pass"


def leaky(path: Path) -> Path:
    """A cassette of vcrpy's with a password in it."""
    request: dict[str, object] = {"method": "GET", "uri": "http://a.test/x", "headers": {}}
    response = {
        "status": {"code": 200, "message": "OK"},
        "headers": {},
        "body": {"string": json.dumps({"password": SECRET})},
    }
    document = {"interactions": [{"request": request, "response": response}], "version": 1}
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(yaml.safe_dump(document))
    return path


def told(result: pytest.RunResult) -> list[str]:
    """The lines of the audit."""
    assert SECRET not in result.stdout.str() + result.stderr.str()
    lines = iter(result.outlines)
    for line in lines:
        if re.fullmatch("=+ reprise audit =+", line):
            break
    return [line for line in lines if line and not line.startswith(("=", "reprise: "))]


FOUND = "line 2: interaction 1, GET /x, response body: password [field] cor…-9 (23 characters)"


@pytest.mark.parametrize("place", ["cassettes/test_suite/a.yaml", "cassettes/@fixture.yaml"])
def test_finding_fails_the_run(
    suite: Suite, run: Run, pytester: pytest.Pytester, place: str
) -> None:
    suite(PLAIN)
    leaky(pytester.path / place)
    result = run("--reprise-audit")
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.assert_outcomes(passed=1)
    assert [line.strip() for line in told(result)] == [
        "These values look like secrets. Each is shown shortened.",
        place,
        FOUND,
        "1 finding in 1 of 1 cassette",
        "To fix: reprise audit --fix cassettes",
    ]


def test_nothing_found_passes(suite: Suite, run: Run) -> None:
    suite(PLAIN)
    result = run("--reprise-audit")
    assert result.ret == pytest.ExitCode.OK
    assert told(result) == ["0 findings in 0 of 0 cassettes"]


def test_nothing_is_audited_without_the_flag(
    suite: Suite, run: Run, pytester: pytest.Pytester
) -> None:
    imported = """
        import sys

        def pytest_unconfigure():
            print("audit imported:", "pytest_reprise.audit" in sys.modules)
    """
    suite(PLAIN, conftest=imported)
    leaky(pytester.path / "cassettes/test_suite/a.yaml")
    result = run()
    assert result.ret == pytest.ExitCode.OK
    assert told(result) == []
    result.stdout.fnmatch_lines(["audit imported: False"])
    run("--reprise-audit").stdout.fnmatch_lines(["audit imported: True"])


def test_what_the_run_itself_recorded_is_audited(suite: Suite, run: Run, server: Server) -> None:
    server.answers["/thing"] = json_answer({"password": SECRET, "page": 2})
    suite(RECORDED)
    result = run("--reprise-audit", "--record-mode=once")
    assert result.ret == pytest.ExitCode.OK
    assert told(result) == ["0 findings in 0 of 1 cassette"]


def test_cassette_of_a_fixture_that_ends_with_the_session_is_audited(
    suite: Suite, run: Run, pytester: pytest.Pytester
) -> None:
    """Also where the run stops at a failure."""
    source = """
        import pytest

        pytestmark = pytest.mark.vcr

        @pytest.fixture(scope="session")
        def thing(client):
            client.get("/count")
            yield
            client.get("/count")

        def test_one(thing): pass
        def test_two(thing): assert False
        def test_three(thing): pass
    """
    suite(source)
    result = run("--reprise-audit", "--record-mode=once", "-x")
    assert len(list((pytester.path / "cassettes").rglob("*.yaml"))) == 2
    assert "0 findings in 0 of 2 cassettes" in told(result)


def test_the_one_place_of_the_ini_file(suite: Suite, run: Run, pytester: pytest.Pytester) -> None:
    suite(PLAIN, ini="reprise_cassette_dir = tapes")
    leaky(pytester.path / "tapes/deep/a.yaml")
    leaky(pytester.path / "cassettes/b.yaml")
    assert "tapes/deep/a.yaml" in told(run("--reprise-audit"))
    assert "1 finding in 1 of 1 cassette" in told(run("--reprise-audit"))


def test_place_that_a_fixture_says(suite: Suite, run: Run, pytester: pytest.Pytester) -> None:
    conftest = """
        import pytest

        @pytest.fixture(scope="module")
        def vcr_cassette_dir():
            return "own/place"
    """
    source = "import pytest\n@pytest.mark.vcr\ndef test_it(): pass"
    suite(source, conftest=conftest)
    leaky(pytester.path / "own/place/a.yaml")
    result = run("--reprise-audit")
    assert "own/place/a.yaml" in told(result)
    assert result.ret == pytest.ExitCode.TESTS_FAILED


def test_other_directories_are_left_alone(
    suite: Suite, run: Run, pytester: pytest.Pytester
) -> None:
    suite(a__test_a=PLAIN, b__test_b=PLAIN)
    leaky(pytester.path / "b/cassettes/x.yaml")
    assert run("--reprise-audit", "a").ret == pytest.ExitCode.OK
    assert run("--reprise-audit", "a", "b").ret == pytest.ExitCode.TESTS_FAILED


def test_cassettes_of_wider_fixtures_lie_above(
    suite: Suite, run: Run, pytester: pytest.Pytester
) -> None:
    suite(a__test_a=PLAIN)
    leaky(pytester.path / "cassettes/@fixture.yaml")
    assert "cassettes/@fixture.yaml" in told(run("--reprise-audit", "a"))


def test_failed_run_stays_failed(suite: Suite, run: Run, pytester: pytest.Pytester) -> None:
    suite("def test_it(): raise KeyboardInterrupt")
    leaky(pytester.path / "cassettes/a.yaml")
    result = run("--reprise-audit")
    assert result.ret == pytest.ExitCode.INTERRUPTED


def test_file_that_cannot_be_looked_at_fails_the_run(
    suite: Suite, run: Run, pytester: pytest.Pytester
) -> None:
    suite(PLAIN)
    (pytester.path / "cassettes").mkdir()
    (pytester.path / "cassettes/loop.yaml").symlink_to("loop.yaml")
    result = run("--reprise-audit")
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    assert told(result)[0].startswith("cassettes/loop.yaml: cannot be read: ")


def test_workers_say_which_directories(suite: Suite, run: Run, pytester: pytest.Pytester) -> None:
    suite(a__test_a=PLAIN, b__test_b=PLAIN)
    leaky(pytester.path / "a/cassettes/x.yaml")
    leaky(pytester.path / "b/cassettes/x.yaml")
    result = run("--reprise-audit", "-n", "2")
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    assert told(result).count("2 findings in 2 of 2 cassettes") == 1


def test_configuration_that_cannot_be_meant_ends_the_run(suite: Suite, run: Run) -> None:
    suite(PLAIN)
    Path("reprise.toml").write_text("[scrub]\noff = ['feild']\n")
    result = run("--reprise-audit")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*unknown rule 'feild'*"])


def test_it_works_beside_plain_pytest_recording(
    suite: Suite, run: Run, pytester: pytest.Pytester
) -> None:
    suite(PLAIN)
    leaky(pytester.path / "cassettes/test_suite/a.yaml")
    assert run("--reprise-audit", "--disable-recording").ret == pytest.ExitCode.TESTS_FAILED
