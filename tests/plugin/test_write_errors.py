"""Whole runs on a full or broken disk: what cannot be written fails its test, and is reported."""

from __future__ import annotations

import os

import pytest

from ..harness.runs import Cassettes, Run, Server, Suite, failures_by_test, json_answer
from .test_summary import report_lines

NOT_NEEDED = ("anyio", "base_url")
ON_POSIX = pytest.mark.skipif(os.name != "posix", reason="limits of POSIX")

SUITE = """
    from pathlib import Path

    import pytest

    pytestmark = pytest.mark.vcr

    @pytest.fixture(scope="module")
    def wide(client):
        return client.get("/wide").json()

    def test_first(client):
        client.get("/count")

    def test_second(client):
        client.get("/second")

    def test_third(client, wide):
        client.get("/count")

    def test_plain_failure():
        assert 1 == 2
"""


@ON_POSIX
def test_a_cassette_for_which_the_disk_has_no_space_fails_its_test_or_fixture(
    suite: Suite, run: Run, server: Server, cassettes: Cassettes, pytester: pytest.Pytester
) -> None:
    big = "many words, " * 10_000
    server.answers["/second"] = server.answers["/wide"] = json_answer({"text": big})
    limit = """
        import resource, sys

        sys.dont_write_bytecode = True  # the limit would cut off the byte code of a package
        resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, 50_000))
    """
    suite(SUITE, conftest=limit)
    result = run("--record-mode=once", "--junitxml=junit.xml", "-p", "junitxml")
    result.assert_outcomes(passed=3, failed=1, errors=2)
    failures = failures_by_test(result)
    assert "1 == 2" in failures["test_plain_failure"]
    for test, file in (("test_second", "test_second.yaml"), ("test_plain_failure", "@wide.yaml")):
        assert "The cassette could not be written: File too large." in failures[test]
        assert f"  cassette   cassettes/test_suite/{file} (record mode once)" in failures[test]
    assert sorted(cassettes()) == ["test_suite/test_first", "test_suite/test_third"]
    assert (
        "2 recordings dropped, 4 interactions, 4 live requests, 2 cassettes written"
        in (report_lines(result)[-1])
    )
    assert "recording dropped, since the cassette could not be written: File too large" in (
        report_lines(result)
    )
    assert 'errors="2" failures="1"' in (pytester.path / "junit.xml").read_text()


def test_a_body_that_is_too_large_to_be_read_back_is_not_scrubbed_for_minutes(
    suite: Suite, run: Run, server: Server, cassettes: Cassettes
) -> None:
    server.answers["/second"] = json_answer({"text": "many words, " * 100})
    server.answers["/wide"] = json_answer({})
    conftest = """
        from pytest_reprise.scrub.scrubber import Scrubber
        from pytest_reprise.tape import writing

        scrub = Scrubber.scrub
        writing.MAX_BODY_FILE_SIZE = 1000

        def scrub_small_ones(scrubber, interactions, *old):
            assert all(len(i.outcome.body) <= 1000 for i in interactions)
            return scrub(scrubber, interactions, *old)

        Scrubber.scrub = scrub_small_ones
    """
    suite(SUITE, conftest=conftest)
    result = run("--record-mode=once")
    result.assert_outcomes(passed=3, failed=1, errors=1)
    problem = failures_by_test(result)["test_second"]
    assert "could not be written: too large: 1212 bytes, where 1000 are the limit." in problem
    assert "test_suite/test_second" not in cassettes()


BLOCKED = SUITE.replace(
    'client.get("/second")',
    'Path(__file__).parent.joinpath("cassettes/test_suite/test_second.yaml").mkdir(parents=True)\n'
    '        client.get("/second")',
)


@pytest.mark.parametrize("stops", [False, True])
def test_a_cassette_that_cannot_be_put_in_place_at_the_end_fails_its_test(
    suite: Suite, run: Run, cassettes: Cassettes, pytester: pytest.Pytester, stops: bool
) -> None:
    (pytester.path / "cassettes").mkdir()
    suite(BLOCKED.replace("assert 1 == 2", "raise KeyboardInterrupt") if stops else BLOCKED)
    result = run("--record-mode=once", "--junitxml=junit.xml", "-p", "junitxml")
    failures = failures_by_test(result)
    assert "The cassette could not be written: Is a directory." in failures["test_second"]
    assert "cassettes/test_suite/test_second.yaml" in failures["test_second"]
    (pytester.path / "cassettes/test_suite/test_second.yaml").rmdir()
    stays = ["test_suite/@wide", "test_suite/test_first", "test_suite/test_third"]
    assert sorted(cassettes()) == stays
    assert not list(pytester.path.rglob(".reprise-*"))
    assert result.ret == (2 if stops else 1)
    if not stops:
        assert "assert 1 == 2" in failures["test_plain_failure"]
        assert 'errors="1" failures="1"' in (pytester.path / "junit.xml").read_text()


def test_a_file_in_the_place_of_the_directory_fails_each_recorded_test(
    suite: Suite, run: Run, pytester: pytest.Pytester
) -> None:
    suite(SUITE)
    (pytester.path / "cassettes").write_text("not a directory")
    result = run("--record-mode=once")
    result.assert_outcomes(passed=3, failed=1, errors=4)
    for test in ("test_first", "test_second", "test_third"):
        assert "could not be written: Not a directory." in failures_by_test(result)[test]
    assert not list(pytester.path.rglob(".reprise-*"))


def test_a_shared_cassette_that_cannot_be_put_in_place_fails_all_its_tests(
    suite: Suite, run: Run, pytester: pytest.Pytester
) -> None:
    suite(
        """
        from pathlib import Path

        import pytest

        pytestmark = [pytest.mark.vcr, pytest.mark.default_cassette("shared")]

        @pytest.mark.parametrize("n", range(2))
        def test_it(client, n):
            client.get("/count")

        def test_last(client):
            client.get("/count")
            Path(__file__).parent.joinpath("cassettes/test_suite/shared.yaml").mkdir()
        """
    )
    result = run("--record-mode=once")
    result.assert_outcomes(passed=3, errors=3)
    assert "3 recordings dropped" in report_lines(result)[-1]
    assert not list(pytester.path.rglob(".reprise-*"))


FULL = """
    import os
    from pytest_reprise.cassette import replace, staging

    def fail_where_full(when, function):
        def wrapped(file, *args):
            size = len(args[0]) if args else file.stat().st_size
            if os.environ.get("FULL") == when and size > 50_000:
                raise OSError(28, "No space left on device")
            return function(file, *args)
        return wrapped

    replace.replace_file = fail_where_full("at its test", replace.replace_file)
    staging._flush = fail_where_full("at the end", staging._flush)

    def move(staged, path):
        if os.environ.get("FULL") == "while moving" and "second" in path.name:
            raise OSError(28, "No space left on device")
        return moved(staged, path)

    moved, staging.move_into_place = staging.move_into_place, move
    if os.environ.get("FULL") == "while moving":
        add = staging.Journal.add

        def add_nothing(journal, entry, durable=False):
            if "commit" in entry or "older" in entry or "done" in entry:
                raise OSError(28, "No space left on device")
            add(journal, entry, durable)

        staging.Journal.add = add_nothing
"""
TOGETHER = """
    import pytest

    pytestmark = pytest.mark.vcr

    @pytest.fixture(scope="session")
    def order(client):
        return client.get("/order").json()["n"]

    def test_first(client, order):
        assert client.get(f"/status/200?order={order}").status_code == 200

    def test_second(client, order):
        client.get(f"/second?order={order}")

    def test_alone(client):
        client.get("/alone")
"""


@ON_POSIX
@pytest.mark.parametrize("full", ["at its test", "at the end"])
@pytest.mark.parametrize("which", ["/second", "/order"])
def test_a_rewrite_that_the_disk_has_no_space_for_keeps_what_belongs_together(
    suite: Suite,
    run: Run,
    server: Server,
    cassettes: Cassettes,
    monkeypatch: pytest.MonkeyPatch,
    full: str,
    which: str,
) -> None:
    """The order of the fixture is in all cassettes, except in the one of the test without it."""
    suite(TOGETHER, conftest=FULL)
    server.answers["/order"] = json_answer({"n": 1})
    server.answers["/second"] = server.answers["/alone"] = json_answer({"text": "old"})
    run("--record-mode=once").assert_outcomes(passed=3)
    before = cassettes()
    server.answers["/order"] = json_answer({"n": 2})
    server.answers["/alone"] = json_answer({"text": "new"})
    server.answers[which] = json_answer({"n": 2, "text": "many words, " * 10_000})
    # Edited tests: else their new recordings would have the same meaning as the old ones.
    suite(TOGETHER.replace("?order", "?again=1&order"), conftest=FULL)
    monkeypatch.setenv("FULL", full)
    result = run("--record-mode=rewrite")
    monkeypatch.delenv("FULL")
    result.assert_outcomes(passed=3, errors=1)
    after = cassettes()
    changed = {name for name in before if after[name] != before[name]}
    assert changed == {"test_suite/test_alone"}
    assert any(
        "a cassette could not be written: 2 new cassettes were not saved, so that all" in line
        and line.endswith("stay of one recording. Record again: pytest --record-mode=rewrite")
        for line in report_lines(result)
    )
    assert "1 cassette written" in report_lines(result)[-1]
    suite(TOGETHER)
    run().assert_outcomes(passed=3)


@ON_POSIX
def test_the_next_runs_say_which_cassettes_are_older_until_they_were_recorded(
    suite: Suite,
    run: Run,
    server: Server,
    cassettes: Cassettes,
    monkeypatch: pytest.MonkeyPatch,
    pytester: pytest.Pytester,
) -> None:
    suite(TOGETHER, conftest=FULL)
    for path in ("/order", "/second", "/alone"):
        server.answers[path] = json_answer({"n": 1})
    run("--record-mode=once").assert_outcomes(passed=3)
    before = cassettes()
    for path in ("/order", "/second", "/alone"):
        server.answers[path] = json_answer({"n": 1, "text": "new"})
    monkeypatch.setenv("FULL", "while moving")
    run("--record-mode=rewrite").assert_outcomes(passed=3, errors=1)
    monkeypatch.delenv("FULL")
    after = cassettes()
    assert after["test_suite/test_second"] == before["test_suite/test_second"]
    assert after["test_suite/test_alone"] != before["test_suite/test_alone"]
    told = (
        "cassettes/test_suite/test_second.yaml could not be written by the last recording, and may "
        "not fit the cassettes that were. Record again: pytest --record-mode=rewrite"
    )
    for _ in range(2):
        assert told in report_lines(run())
    run("--record-mode=rewrite").assert_outcomes(passed=3)
    assert report_lines(run()) == [
        "3 tests replayed, 4 interactions, 0 live requests, 0 cassettes written, 0 kept, 0 unplayed"
    ]
    assert not list(pytester.path.rglob(".reprise-*"))
