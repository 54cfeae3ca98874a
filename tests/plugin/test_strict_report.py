"""What will fail after a migration is known before it."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from pytest_reprise.commands.main import main
from pytest_reprise.commands.progress import Progress

from ..harness.forms import vcrpy_yaml
from ..harness.runs import Run, Server, Suite, outcomes_by_test

NOT_NEEDED = ("anyio", "base_url", "xdist", "Faker")
FORKS = True

SUITE = """
    import httpx
    import pytest

    pytestmark = pytest.mark.vcr
    URL = "http://api.test"


    def post(body):
        return httpx.post(URL + "/a", json=body).json()["n"]


    def test_same():
        assert [post({"a": 1}), post({"a": 2})] == [1, 2]


    def test_with_a_secret():
        headers = {"Authorization": "Bearer not-the-recorded-one-1"}
        assert httpx.post(URL + "/a", json={"a": 1}, headers=headers).json()["n"] == 1
        assert post({"a": 2}) == 2


    def test_another_body():
        assert [post({"a": 1}), post({"a": 3})] == [1, 2]


    def test_fewer_calls():
        assert post({"a": 1}) == 1


    def test_swallowed():
        assert [post({"a": 1}), post({"a": 2})] == [1, 2]
        try:
            httpx.post("http://telemetry.test/")
        except Exception:
            pass


    def test_without_a_cassette():
        try:
            httpx.get("http://no-such-host.test/")
        except Exception:
            pass


    def test_that_fails_today():
        assert post({"a": 1}) == 0
"""
NOTHING_IS_SCRUBBED_WHOLE = """
    import pytest
    from pytest_reprise.scrub.scrubber import Scrubber


    def scrub(*_):
        raise AssertionError("to scrub answers takes longer than to replay them")


    Scrubber.scrub = scrub


    @pytest.fixture(autouse=True)
    def note(request):
        with open("ran.txt", "a") as file:
            file.write(f"{request.node.name}\\n")
"""
WILL_FAIL = {"another_body", "fewer_calls", "swallowed", "without_a_cassette"}
FAIL_TODAY = {"that_fails_today"}


def _call(n: int, **headers: list[str]) -> dict[str, object]:
    request = {
        "method": "POST",
        "uri": "http://api.test/a",
        "body": json.dumps({"a": n}),
        "headers": {"Accept": ["*/*"], "Content-Type": ["application/json"], **headers},
    }
    status = {"code": 200, "message": "OK"}
    body = {"string": json.dumps({"n": n})}
    return {"request": request, "response": {"status": status, "headers": {}, "body": body}}


def _write(suite: Suite, top: Path) -> dict[Path, bytes]:
    suite(SUITE)
    directory = top / "cassettes/test_suite"
    directory.mkdir(parents=True)
    for name in (*WILL_FAIL - {"without_a_cassette"}, *FAIL_TODAY, "same", "with_a_secret"):
        headers = {"Authorization": ["Bearer 3f9Kq27LmZx81RtYw0Bn"]} if "secret" in name else {}
        text = vcrpy_yaml(_call(1, **headers), _call(2))
        (directory / f"test_{name}.yaml").write_text(text, encoding="utf-8")
    return {path: path.read_bytes() for path in directory.iterdir()}


def _failed(result: pytest.RunResult) -> set[str]:
    outcomes = outcomes_by_test(result)
    return {n.removeprefix("test_") for n, o in outcomes.items() if {"FAILED", "ERROR"} & {*o}}


def test_strict_report_lists_what_fails_after_the_migration(
    suite: Suite,
    run: Run,
    pytester: pytest.Pytester,
    server: Server,
    capsys: pytest.CaptureFixture[str],
) -> None:
    before = _write(suite, pytester.path)
    assert _failed(run("-v")) == FAIL_TODAY
    conftest = pytester.makeconftest(NOTHING_IS_SCRUBBED_WHOLE)
    assert _failed(run("-v", "--reprise-strict")) == FAIL_TODAY | WILL_FAIL
    ran = pytester.path / "ran.txt"
    ran.unlink()
    capsys.readouterr()
    assert main(["migrate", "--strict-report", "cassettes"]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert {path: path.read_bytes() for path in before} == before
    assert {
        line.removeprefix("test_suite.py::test_") for line in lines if "::" in line
    } == WILL_FAIL
    assert "  POST /a is not recorded: no interaction in the cassette matches it." in lines
    assert "  body.a: recorded 2, sent 3" in lines
    assert "  not made  POST http://api.test/a" in lines
    assert lines[-2:] == [
        "4 of 7 tests would fail after a migration, and pass today",
        "1 fail today already",
    ]
    assert ran.read_text().count("test_") == 7 + len(FAIL_TODAY | WILL_FAIL)
    conftest.unlink()
    assert main(["migrate", "cassettes"]) == 0
    assert _failed(run("-v")) == FAIL_TODAY | WILL_FAIL
    assert _failed(run("-v", "-p", "no:reprise")) == FAIL_TODAY
    assert server.requests == []


PERSISTER = """
    from vcr.persisters.filesystem import FilesystemPersister


    class Own:
        load_cassette = FilesystemPersister.load_cassette
        save_cassette = FilesystemPersister.save_cassette


    def pytest_recording_configure(config, vcr):
        vcr.register_persister(Own)
"""


def test_what_a_persister_of_the_suite_loads_keeps_the_rules_of_vcrpy(
    suite: Suite, run: Run, pytester: pytest.Pytester
) -> None:
    """It gives no header to a replay, whatever is in the file."""
    _write(suite, pytester.path)
    pytester.makeconftest(PERSISTER)
    before = _failed(run("-v", "--reprise-strict"))
    assert before == FAIL_TODAY | {"without_a_cassette"}
    assert main(["migrate", "cassettes"]) == 0
    assert _failed(run("-v")) == before


def test_strict_run_does_not_record(suite: Suite, run: Run) -> None:
    suite(SUITE)
    result = run("--reprise-strict", "--record-mode=once")
    result.stderr.fnmatch_lines(["*--reprise-strict only replays: leave out --record-mode*"])
    assert result.ret == pytest.ExitCode.USAGE_ERROR


def test_suite_that_cannot_run_is_an_error_of_the_strict_report(
    pytester: pytest.Pytester, capsys: pytest.CaptureFixture[str]
) -> None:
    pytester.makepyfile("import no_such_module")
    assert main(["migrate", "--strict-report", "."]) == 2
    assert "pytest did not run: " in capsys.readouterr().err


def test_only_a_terminal_is_told_how_far_it_is(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("pytest_reprise.commands.progress._SILENT", 0)
    monkeypatch.setattr("pytest_reprise.commands.progress._EVERY", 0)
    with Progress("reading") as progress:
        assert [*progress.each("ab")] == ["a", "b"]
    assert capsys.readouterr().err == ""
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    with Progress("reading") as progress:
        assert [*progress.each("ab")] == ["a", "b"]
        progress.show(3, None)
    clear = "\r\x1b[K"
    shown = ["", "reading: 0 of 2", "reading: 1 of 2", "reading: 3", ""]
    assert capsys.readouterr().err.split(clear) == shown
