"""`--reprise-audit`: a run fails if its cassettes hold a secret, and shows where the secret is."""

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


def write_cassette_with_password(path: Path) -> Path:
    """Write a cassette as vcrpy writes it, with a password in its response."""
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


def audit_lines(result: pytest.RunResult) -> list[str]:
    """Return the lines of the audit; none of them may show the secret."""
    assert SECRET not in result.stdout.str() + result.stderr.str()
    lines = iter(result.outlines)
    for line in lines:
        if re.fullmatch("=+ reprise audit =+", line):
            break
    return [line for line in lines if line and not line.startswith(("=", "reprise: "))]


FOUND = "line 2: interaction 1, GET /x, response body: password [field] cor…-9 (23 characters)"


@pytest.mark.parametrize("cassette", ["cassettes/test_suite/a.yaml", "cassettes/@fixture.yaml"])
def test_a_finding_fails_the_run(
    suite: Suite, run: Run, pytester: pytest.Pytester, cassette: str
) -> None:
    suite(PLAIN)
    write_cassette_with_password(pytester.path / cassette)
    result = run("--reprise-audit")
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.assert_outcomes(passed=1)
    assert [line.strip() for line in audit_lines(result)] == [
        "These values look like secrets. Each is shown shortened.",
        cassette,
        FOUND,
        "1 finding in 1 of 1 cassette",
        "To fix: reprise audit --fix cassettes",
    ]


def test_a_run_without_findings_passes(suite: Suite, run: Run) -> None:
    suite(PLAIN)
    result = run("--reprise-audit")
    assert result.ret == pytest.ExitCode.OK
    assert audit_lines(result) == ["0 findings in 0 of 0 cassettes"]


def test_cassettes_are_not_audited_without_the_option(
    suite: Suite, run: Run, pytester: pytest.Pytester
) -> None:
    imported = """
        import sys

        def pytest_unconfigure():
            print("audit imported:", "pytest_reprise.audit" in sys.modules)
    """
    suite(PLAIN, conftest=imported)
    write_cassette_with_password(pytester.path / "cassettes/test_suite/a.yaml")
    result = run()
    assert result.ret == pytest.ExitCode.OK
    assert audit_lines(result) == []
    result.stdout.fnmatch_lines(["audit imported: False"])
    run("--reprise-audit").stdout.fnmatch_lines(["audit imported: True"])


def test_cassettes_recorded_in_the_same_run_are_audited(
    suite: Suite, run: Run, server: Server
) -> None:
    server.answers["/thing"] = json_answer({"password": SECRET, "page": 2})
    suite(RECORDED)
    result = run("--reprise-audit", "--record-mode=once")
    assert result.ret == pytest.ExitCode.OK
    assert audit_lines(result) == ["0 findings in 0 of 1 cassette"]


def test_the_cassette_of_a_session_fixture_is_audited(
    suite: Suite, run: Run, pytester: pytest.Pytester
) -> None:
    """Also when the run stops at a failure: the fixture is torn down last."""
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
    assert "0 findings in 0 of 2 cassettes" in audit_lines(result)


def test_only_the_cassette_directory_of_the_ini_file_is_audited(
    suite: Suite, run: Run, pytester: pytest.Pytester
) -> None:
    suite(PLAIN, ini="reprise_cassette_dir = tapes")
    write_cassette_with_password(pytester.path / "tapes/deep/a.yaml")
    write_cassette_with_password(pytester.path / "cassettes/b.yaml")
    assert "tapes/deep/a.yaml" in audit_lines(run("--reprise-audit"))
    assert "1 finding in 1 of 1 cassette" in audit_lines(run("--reprise-audit"))


def test_the_cassette_directory_from_a_fixture_is_audited(
    suite: Suite, run: Run, pytester: pytest.Pytester
) -> None:
    conftest = """
        import pytest

        @pytest.fixture(scope="module")
        def vcr_cassette_dir():
            return "own/directory"
    """
    source = "import pytest\n@pytest.mark.vcr\ndef test_it(): pass"
    suite(source, conftest=conftest)
    write_cassette_with_password(pytester.path / "own/directory/a.yaml")
    result = run("--reprise-audit")
    assert "own/directory/a.yaml" in audit_lines(result)
    assert result.ret == pytest.ExitCode.TESTS_FAILED


def test_only_directories_of_collected_tests_are_audited(
    suite: Suite, run: Run, pytester: pytest.Pytester
) -> None:
    suite(a__test_a=PLAIN, b__test_b=PLAIN)
    write_cassette_with_password(pytester.path / "b/cassettes/x.yaml")
    assert run("--reprise-audit", "a").ret == pytest.ExitCode.OK
    assert run("--reprise-audit", "a", "b").ret == pytest.ExitCode.TESTS_FAILED


def test_cassettes_of_fixtures_in_a_parent_directory_are_audited(
    suite: Suite, run: Run, pytester: pytest.Pytester
) -> None:
    suite(a__test_a=PLAIN)
    write_cassette_with_password(pytester.path / "cassettes/@fixture.yaml")
    assert "cassettes/@fixture.yaml" in audit_lines(run("--reprise-audit", "a"))


def test_an_interrupted_run_keeps_its_exit_status(
    suite: Suite, run: Run, pytester: pytest.Pytester
) -> None:
    suite("def test_it(): raise KeyboardInterrupt")
    write_cassette_with_password(pytester.path / "cassettes/a.yaml")
    result = run("--reprise-audit")
    assert result.ret == pytest.ExitCode.INTERRUPTED


def test_an_unreadable_file_fails_the_run(
    suite: Suite, run: Run, pytester: pytest.Pytester
) -> None:
    suite(PLAIN)
    (pytester.path / "cassettes").mkdir()
    (pytester.path / "cassettes/loop.yaml").symlink_to("loop.yaml")
    result = run("--reprise-audit")
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    assert audit_lines(result)[0].startswith("cassettes/loop.yaml: cannot be read: ")


def test_directories_of_all_workers_are_audited_once(
    suite: Suite, run: Run, pytester: pytest.Pytester
) -> None:
    suite(a__test_a=PLAIN, b__test_b=PLAIN)
    write_cassette_with_password(pytester.path / "a/cassettes/x.yaml")
    write_cassette_with_password(pytester.path / "b/cassettes/x.yaml")
    result = run("--reprise-audit", "-n", "2")
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    assert audit_lines(result).count("2 findings in 2 of 2 cassettes") == 1


def test_an_invalid_configuration_stops_the_run(suite: Suite, run: Run) -> None:
    suite(PLAIN)
    Path("reprise.toml").write_text("[scrub]\noff = ['feild']\n")
    result = run("--reprise-audit")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*unknown rule 'feild'*"])


def test_cassettes_are_audited_when_recording_is_disabled(
    suite: Suite, run: Run, pytester: pytest.Pytester
) -> None:
    suite(PLAIN)
    write_cassette_with_password(pytester.path / "cassettes/test_suite/a.yaml")
    assert run("--reprise-audit", "--disable-recording").ret == pytest.ExitCode.TESTS_FAILED
