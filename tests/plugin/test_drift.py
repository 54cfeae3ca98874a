"""`--reprise-drift` and the reports: what they tell, write and refuse."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree

import pytest

from ..harness.runs import Cassettes, Run, Server, Suite, json_answer
from .test_summary import report_lines

NOT_NEEDED = ("faker", "timemachine", "base_url", "xdist")

USERS = """
    import os

    import pytest

    pytestmark = pytest.mark.vcr

    def test_name(client):
        assert client.get("/users/7").json()["name"] == "Ada"

    def test_status(client):
        assert client.get("/users/7").status_code == 200

    def test_health(client):
        assert client.get("/status/200").is_success
"""
OLD = {"id": 7, "name": "Ada", "phone": "+49 30 123456"}
NEW = {"id": 7, "title": "Ada", "phone": None}


@pytest.fixture
def recorded(suite: Suite, run: Run, server: Server, cassettes: Cassettes) -> dict[str, str]:
    """The cassettes of USERS, after which the API changes."""
    suite(USERS)
    server.answers["/users/7"] = json_answer(OLD)
    run("--record-mode=once").assert_outcomes(passed=3)
    server.answers["/users/7"] = json_answer(NEW, sunset="soon")
    return cassettes()


def test_changes_are_told_also_of_failed_tests_and_nothing_is_written(
    recorded: dict[str, str], run: Run, cassettes: Cassettes, pytester: pytest.Pytester
) -> None:
    result = run("--reprise-drift")
    result.assert_outcomes(passed=2, failed=1)
    told = "2 tests, 1 FAILED: its cassette stays"
    result.stdout.fnmatch_lines(
        [
            "reprise: 3 API changes (2 breaking, 1 compatible); 1 cassette differs, 0 written, "
            "1 says the same, 1 of failed tests kept",
            f"  breaking    GET /users/{{id}}  name → title * {told}",
            f'  breaking    GET /users/{{id}}  phone null, was "+49 30 123456" * {told}',
            f"  compatible  GET /users/{{id}}  header Sunset added * {told}",
        ]
    )
    assert "0 cassettes written" in report_lines(result)[-1]
    assert cassettes() == recorded
    assert not [*pytester.path.rglob(".reprise-*")]


def test_a_rewrite_tells_the_same_and_keeps_the_cassette_of_the_failed_test(
    recorded: dict[str, str], run: Run, cassettes: Cassettes, server: Server
) -> None:
    result = run(
        "--record-mode=rewrite", "--reprise-report=drift.json", "--reprise-fail-on=breaking"
    )
    result.stdout.fnmatch_lines(
        [
            "reprise: 3 API changes (2 breaking, 1 compatible); 1 cassette rewritten, "
            "1 says the same, 1 of failed tests kept",
            "  breaking    GET /users/{id}  name → title *",
            "reprise: failed: 2 API changes are breaking (fail-on=breaking)",
        ]
    )
    changed = {name for name, text in cassettes().items() if text != recorded[name]}
    assert changed == {"test_suite/test_status"}
    drift = json.loads(Path("drift.json").read_text())["drift"]
    assert drift["summary"] == {"changes": 3, "breaking": 2, "compatible": 1, "cosmetic": 0}
    assert drift["cassettes"]["rewritten"] == ["cassettes/test_suite/test_status.yaml"]
    renamed = drift["changes"][0]
    assert (renamed["kind"], renamed["place"]) == ("field-renamed", "$.name")
    assert renamed["tests"] == ["test_suite.py::test_name", "test_suite.py::test_status"]
    assert renamed["failed"] == ["test_suite.py::test_name"]
    server.answers["/users/7"] = json_answer(OLD)
    run("-k", "name").assert_outcomes(passed=1, deselected=2)


def test_an_unchanged_api(suite: Suite, run: Run, server: Server, cassettes: Cassettes) -> None:
    suite(USERS)
    server.answers["/users/7"] = json_answer(OLD)
    first = run("--reprise-drift")
    first.assert_outcomes(passed=3)
    assert cassettes() == {}
    run("--record-mode=once").assert_outcomes(passed=3)
    for option in ("--reprise-drift", "--record-mode=rewrite"):
        result = run(option, "--reprise-fail-on=cosmetic", "--reprise-report=drift.xml")
        assert result.ret == 0
        assert report_lines(result)[0] == "3 cassettes say the same, 0 written"


@pytest.mark.parametrize(("limit", "status"), [("breaking", 0), ("compatible", 1), ("cosmetic", 1)])
def test_the_run_fails_from_a_severity_on(
    suite: Suite, run: Run, server: Server, limit: str, status: int
) -> None:
    suite(USERS, ini=f"reprise_fail_on = {limit}\nreprise_report = drift.md")
    server.answers["/users/7"] = json_answer(OLD)
    run("--record-mode=once").assert_outcomes(passed=3)
    assert "What the API changed" not in Path("drift.md").read_text()
    server.answers["/users/7"] = json_answer({**OLD, "vat": "`DE1`"})
    result = run("--reprise-drift")
    result.assert_outcomes(passed=3)
    assert result.ret == status
    assert any("failed: 1 API change is" in line for line in report_lines(result)) == bool(status)
    text = Path("drift.md").read_text()
    assert "## Compatible\n\n- `GET /users/{id}`: `vat added` (2 tests)" in text


@pytest.mark.usefixtures("recorded")
def test_the_junit_report_has_a_case_for_each_change_and_each_other_operation(run: Run) -> None:
    run("--reprise-drift", "--reprise-report=drift.xml")
    _, suite = ElementTree.parse("drift.xml").getroot()
    assert suite.attrib == {"name": "API drift", "tests": "4", "failures": "2", "errors": "0"}
    cases = {(case.get("classname"), case.get("name")): case for case in suite}
    assert ("GET /status/{id}", "no change") in cases
    failure = cases["GET /users/{id}", "name → title"][0]
    assert (failure.tag, failure.get("type")) == ("failure", "field-renamed")
    assert "test_suite.py::test_status" in str(failure.text)


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ("--reprise-drift --record-mode=once", "*leave out --record-mode=once"),
        ("--reprise-drift --record-mode=rewrite", "*leave out --record-mode=rewrite"),
        ("--reprise-drift --disable-recording", "*leave out --disable-recording"),
        ("--reprise-drift --reprise-strict", "*leave out --reprise-strict"),
        ("--reprise-fail-on=breaking", "*--reprise-fail-on needs a run that records again*"),
        ("--reprise-drift --reprise-report=drift.txt", "*drift.txt: it has to end in .html, *"),
        ("--reprise-drift --reprise-report=no/drift.md", "*no/drift.md *: no such directory"),
        ("--reprise-drift --reprise-report=cassettes.json", "*is not writable"),
        ("--reprise-drift -p xdist -n 2", "*add -n 0 to the command"),
    ],
)
def test_options_that_make_no_sense_are_refused_before_any_request(
    suite: Suite, run: Run, server: Server, options: str, error: str
) -> None:
    suite(USERS)
    Path("cassettes.json").mkdir()
    result = run(*options.split())
    assert result.ret == 4
    result.stderr.fnmatch_lines([f"ERROR: {error}"])
    assert server.calls == []


def test_a_report_that_cannot_be_written_fails_the_run_and_loses_nothing(
    suite: Suite, run: Run, server: Server, cassettes: Cassettes
) -> None:
    suite(
        USERS
        + """
    def test_last(client):
        os.mkdir("drift.json")
"""
    )
    server.answers["/users/7"] = json_answer(OLD)
    result = run("--record-mode=rewrite", "--reprise-report=drift.json")
    result.assert_outcomes(passed=4)
    assert result.ret == 1
    result.stdout.fnmatch_lines(["reprise: the report *drift.json could not be written: Is a dir*"])
    assert len(cassettes()) == 3


TOKEN = "sk_live_9aF0bX21kZq7Lm2Zt9RkX4Vw"
SECRETS = """
    import pytest

    @pytest.mark.vcr
    def test_login(client):
        client.post("/token", json={"password": "correct-horse-Vq7Lm2Zt9"})
"""


def test_no_secret_is_in_any_report(suite: Suite, run: Run, server: Server) -> None:
    """The token changes its type, its place and the status; each new one is unknown before."""
    suite(SECRETS)
    server.answers["/token"] = json_answer({"access_token": f"{TOKEN}A", "note": "none"})
    run("--record-mode=once").assert_outcomes(passed=1)
    answers = [
        json_answer({"access_token": {"value": f"{TOKEN}B"}, "note": f"Use {TOKEN}B as a token"}),
        json_answer({"token": f"{TOKEN}C", "note": f"correct-horse-Vq7Lm2Zt9 and {TOKEN}C"}),
        json_answer({"error": f"token {TOKEN}D is required", "access_token": f"{TOKEN}D"}, 422),
    ]
    for suffix, answer in zip(("json", "md", "xml"), answers, strict=True):
        server.answers["/token"] = answer
        result = run("--reprise-drift", "-v", f"--reprise-report=drift.{suffix}")
        shown = Path(f"drift.{suffix}").read_text() + result.stdout.str()
        assert "API change" in shown
        assert TOKEN not in shown
        assert "correct-horse" not in shown


def test_volatile_places_are_no_change_and_stay_in_the_file(
    suite: Suite, run: Run, server: Server, cassettes: Cassettes
) -> None:
    """The body and the header are in no form that a rule of noise knows."""
    suite(USERS)
    server.answers["/users/7"] = json_answer({**OLD, "meta": {"node": "a"}}, x_node="blue")
    run("--record-mode=once").assert_outcomes(passed=3)
    before = cassettes()
    server.answers["/users/7"] = json_answer({**OLD, "meta": {"node": "b"}}, x_node="red")
    assert "2 API changes" in report_lines(run("--reprise-drift"))[0]
    Path("reprise.toml").write_text('volatile = ["$.meta", "header:X-Node"]')
    result = run("--record-mode=rewrite")
    assert report_lines(result)[0] == "3 cassettes say the same, 0 written"
    assert cassettes() == before


def test_a_replay_imports_nothing_of_it(suite: Suite, run: Run, server: Server) -> None:
    suite(
        USERS
        + """
    def test_last():
        import sys

        loaded = {name for name in sys.modules if name.startswith("pytest_reprise.")}
        unneeded = ("pytest_reprise.drift", "drift_report", "drift_options", "recorded_again")
        assert not {n for n in loaded if n.startswith(unneeded) or n.endswith(unneeded)}
"""
    )
    server.answers["/users/7"] = json_answer(OLD)
    run("--record-mode=once")
    run().assert_outcomes(passed=4)


def test_an_interrupted_comparison_tells_what_it_has(
    recorded: dict[str, str], suite: Suite, run: Run, cassettes: Cassettes
) -> None:
    suite(
        USERS.replace(
            "def test_health(client):", "def test_health(client):\n        raise KeyboardInterrupt"
        )
    )
    result = run("--reprise-drift")
    assert result.ret == 2
    result.stdout.fnmatch_lines(["  breaking    GET /users/{id}  name → title *"])
    assert cassettes() == recorded
