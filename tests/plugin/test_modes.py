"""Whole runs in every record mode: what reaches the server, and what happens to the cassette.

Most suites have one test for each mode, whose mark sets the mode. So one run covers all modes. The
first recording uses `--record-mode=once`, which overrides the marks.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from textwrap import dedent
from typing import NamedTuple

import pytest

from ..harness.runs import (
    Cassettes,
    Run,
    Server,
    Suite,
    json_answer,
    outcomes_by_test,
    recorded,
)

NOT_NEEDED = ("anyio", "base_url")
FORKS = True

RECORDING_MODES = ("once", "new_episodes", "all", "rewrite")


def requests(*paths: str) -> str:
    """Return a suite with one recorded test, which requests these paths."""
    return f"""
        import pytest

        @pytest.mark.vcr
        def test_one(client):
            for path in {list(paths)}:
                assert client.get(path).is_success
    """


def code_of_test(mode: str, body: str, decorators: str = "") -> str:
    """Return a test with these statements and decorators, and a mark that sets the mode."""
    lines = [
        f'@pytest.mark.vcr(record_mode="{mode}")',
        *dedent(decorators).split("\n"),
        f"def test_{mode}(client):",
        *(f"    {line}" for line in dedent(body).strip().split("\n")),
    ]
    return "\n".join(filter(None, lines)) + "\n\n"


def suite_for_modes(modes: Iterable[str], body: str, decorators: str = "") -> str:
    """Return a suite with one test for each mode; MODE in its code stands for the mode."""
    tests = (
        code_of_test(mode, body.replace("MODE", mode), decorators.replace("MODE", mode))
        for mode in modes
    )
    return "import pytest\n\n" + "".join(tests)


def printed(result: pytest.RunResult) -> list[str]:
    """Return what the tests of a run with -s printed after "printed"."""
    return [line.partition("printed ")[2] for line in result.outlines if "printed " in line]


def printed_by_mode(result: pytest.RunResult) -> dict[str, str]:
    """Return what each test printed after "printed" and its mode."""
    pairs = (line.partition(" ") for line in printed(result))
    return {mode: text for mode, _, text in pairs}


def sent_by_mode(server: Server) -> dict[str, list[str]]:
    """Return the received requests by their query `mode`, as "GET /path"."""
    sent: dict[str, list[str]] = {}
    for call in server.calls:
        request, _, mode = call.partition("?mode=")
        sent.setdefault(mode, []).append(request)
    return sent


def cassettes_by_mode(cassettes: Cassettes) -> dict[str, str]:
    """Return the texts of the cassettes of `suite_for_modes`."""
    return {name.removeprefix("test_suite/test_"): text for name, text in cassettes().items()}


def only_cassette(cassettes: Cassettes) -> str:
    """Return the text of the only cassette."""
    [text] = cassettes().values()
    return text


# --- with and without a cassette -----------------------------------------------------------------

SEND = """
for path in PATHS:
    assert client.get(f"{path}?mode=MODE").is_success
"""


def test_without_a_cassette_each_mode_except_none_records(
    suite: Suite, run: Run, server: Server, cassettes: Cassettes
) -> None:
    suite(suite_for_modes(RECORDING_MODES, SEND.replace("PATHS", "['/count']")))
    run().assert_outcomes(passed=len(RECORDING_MODES))
    expected = {mode: ["GET /count"] for mode in RECORDING_MODES}
    assert sent_by_mode(server) == expected
    texts = cassettes_by_mode(cassettes)
    assert {mode: recorded(text) for mode, text in texts.items()} == expected


def test_without_a_cassette_mode_none_fails(
    suite: Suite, run: Run, server: Server, cassettes: Cassettes
) -> None:
    suite(requests("/count"))
    result = run()
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            "*is not recorded: there is no cassette yet.*",
            f"*GET {server.url}/count",
            "*cassettes/test_suite/test_one.yaml (does not exist; record mode none)",
            "*pytest test_suite.py::test_one --record-mode=once",
        ]
    )
    assert server.requests == []
    assert cassettes() == {}


def test_the_output_of_a_miss_shows_no_secret(suite: Suite, run: Run) -> None:
    """Neither the message nor the traceback shows it."""
    suite("""
        import pytest

        @pytest.mark.vcr
        def test_one(client):
            headers = {"Authorization": "Bearer " + "secret" * 3}
            client.post("/login", json={"password": "hunter" * 3}, headers=headers)
    """)
    result = run("-vv")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*is not recorded*"])
    result.stdout.no_re_match_line(".*(hunter|secret){3}")


class Expected(NamedTuple):
    """Outcomes of a test, the requests it sent, and the requests in its cassette afterwards."""

    outcomes: list[str]
    sent: list[str]
    recorded: list[str]


COUNT, NEW, OLD = "GET /count", "GET /status/201", "GET /status/202"
PASSED, FAILED = ["PASSED"], ["FAILED"]
FAILED_AFTER_TEARDOWN = ["PASSED", "ERROR"]
"""An unplayed interaction is known only after the teardown: the test passes, then has an error."""


def test_a_new_request_in_each_mode(
    suite: Suite, run: Run, server: Server, cassettes: Cassettes
) -> None:
    expected = {
        "none": Expected(FAILED, [], [COUNT]),
        "once": Expected(FAILED, [], [COUNT]),
        "new_episodes": Expected(PASSED, [NEW], [COUNT, NEW]),
        "all": Expected(PASSED, [COUNT, NEW], [COUNT, NEW]),
        "rewrite": Expected(PASSED, [COUNT, NEW], [COUNT, NEW]),
    }
    suite(suite_for_modes(expected, SEND.replace("PATHS", "['/count']")))
    run("--record-mode=once").assert_outcomes(passed=5)
    suite(suite_for_modes(expected, SEND.replace("PATHS", "['/count', '/status/201']")))
    check_modes(run, server, cassettes, expected)


def test_a_request_that_is_no_longer_sent_in_each_mode(
    suite: Suite, run: Run, server: Server, cassettes: Cassettes
) -> None:
    expected = {
        "none": Expected(FAILED_AFTER_TEARDOWN, [], [COUNT, OLD]),
        "once": Expected(FAILED_AFTER_TEARDOWN, [], [COUNT, OLD]),
        "new_episodes": Expected(PASSED, [], [COUNT, OLD]),
        "all": Expected(PASSED, [COUNT], [OLD, COUNT]),
        "rewrite": Expected(PASSED, [COUNT], [COUNT]),
    }
    suite(suite_for_modes(expected, SEND.replace("PATHS", "['/count', '/status/202']")))
    run("--record-mode=once").assert_outcomes(passed=5)
    suite(suite_for_modes(expected, SEND.replace("PATHS", "['/count']")))
    check_modes(run, server, cassettes, expected)


def check_modes(
    run: Run, server: Server, cassettes: Cassettes, expected: dict[str, Expected]
) -> None:
    """Run the tests, each in the mode of its mark, and compare with what is expected."""
    before = cassettes_by_mode(cassettes)
    server.requests.clear()
    outcomes = outcomes_by_test(run("-v"))
    after = cassettes_by_mode(cassettes)
    sent = sent_by_mode(server)
    found = {
        mode: Expected(outcomes[f"test_{mode}"], sent.get(mode, []), sorted(recorded(after[mode])))
        for mode in expected
    }
    assert found == {
        mode: each._replace(recorded=sorted(each.recorded)) for mode, each in expected.items()
    }
    unchanged = [mode for mode, each in expected.items() if not each.sent]
    assert {m: after[m] for m in unchanged} == {m: before[m] for m in unchanged}


def test_the_test_gets_the_recorded_response_or_the_new_one(
    suite: Suite, run: Run, cassettes: Cassettes
) -> None:
    suite(suite_for_modes(("once", "new_episodes", "rewrite"), COUNTING.format(1)))
    run("--record-mode=once").assert_outcomes(passed=3)
    numbers = {"once": 1, "new_episodes": 2, "rewrite": 4}
    assert printed_by_mode(run("-s")) == {mode: str([n]) for mode, n in numbers.items()}
    for mode, text in cassettes_by_mode(cassettes).items():
        assert f'"n": {numbers[mode]}' in text


COUNTING = "print('printed MODE', [client.get('/count').json()['n'] for _ in range({})])"


# --- interactions of the same run are not replayed -----------------------------------------------


def test_equal_requests_are_all_sent_in_each_recording_mode(
    suite: Suite, run: Run, server: Server
) -> None:
    suite(suite_for_modes(RECORDING_MODES, COUNTING.format(2)))
    numbers = {"once": "[1, 2]", "new_episodes": "[3, 4]", "all": "[5, 6]", "rewrite": "[7, 8]"}
    assert printed_by_mode(run("-s")) == numbers
    server.stop()
    assert printed_by_mode(run("-s", "--record-mode=none")) == numbers


def test_new_episodes_replays_only_the_earlier_recording(
    suite: Suite, run: Run, server: Server
) -> None:
    suite(suite_for_modes(["new_episodes"], COUNTING.format(1)))
    run("--record-mode=once").assert_outcomes(passed=1)
    suite(suite_for_modes(["new_episodes"], COUNTING.format(3)))
    assert printed(run("--record-mode=new_episodes", "-s")) == ["new_episodes [1, 2, 3]"]
    assert server.calls == ["GET /count"] * 3


SHARING = """
@pytest.mark.vcr(record_mode="MODE")
@pytest.mark.default_cassette("shared_MODE")
@pytest.mark.parametrize("name", ["a", "b"])
def test_MODE(client, name):
    print("printed MODE", name, client.get("/count").json()["n"])

"""


def sharing(*modes: str) -> str:
    """Return a suite with two tests for each mode, which share a cassette."""
    return "import pytest\n\n" + "".join(SHARING.replace("MODE", mode) for mode in modes)


def test_tests_that_share_a_cassette_record_and_replay(
    suite: Suite, run: Run, server: Server, cassettes: Cassettes
) -> None:
    modes = ("once", "new_episodes", "rewrite")
    suite(sharing(*modes))
    numbers = [f"{mode} {name}" for mode in modes for name in "ab"]
    expected = [f"{test} {n}" for n, test in enumerate(numbers, 1)]
    assert printed(run("-s")) == expected
    assert list(cassettes()) == sorted(f"test_suite/shared_{mode}" for mode in modes)
    server.stop()
    replay = ("-s", "--record-mode=none")
    assert printed(run(*replay)) == expected
    assert printed(run(*replay, "--reverse")) == expected[::-1]
    only_second = ("-k", "[b]")
    assert printed(run(*replay, *only_second)) == expected[1::2]


def test_rewriting_one_of_two_tests_keeps_the_interactions_of_the_other(
    suite: Suite, run: Run, server: Server
) -> None:
    suite(sharing("none"))
    run("--record-mode=once").assert_outcomes(passed=2)
    run("--record-mode=rewrite", "-k", "[b]").assert_outcomes(passed=1, deselected=1)
    server.stop()
    assert printed(run("-s")) == ["none a 1", "none b 3"]


# --- precedence of the sources of the mode -------------------------------------------------------


def module_with_modes(**sources: str) -> str:
    """Return a module in which mark and fixtures set these modes; the test has the query `mode`."""
    mark = f'record_mode="{sources["mark"]}"' if "mark" in sources else ""
    values = {
        "vcr_config": f'{{"record_mode": "{sources.get("vcr_config")}"}}',
        "record_mode": f'"{sources.get("record_mode")}"',
    }
    fixtures = [
        f"@pytest.fixture(scope='module')\ndef {name}():\n    return {value}\n\n"
        for name, value in values.items()
        if name in sources
    ]
    test = f"""
@pytest.mark.vcr({mark})
def test_one(client, request):
    assert client.get(f"/count?mode={{request.path.stem}}").is_success
"""
    return "import pytest\n\n" + "".join(fixtures) + test


@pytest.mark.parametrize(("stronger", "weaker"), [("none", "all"), ("all", "none")])
def test_command_line_mark_config_fixture_and_ini_override_each_other_in_this_order(
    suite: Suite,
    run: Run,
    server: Server,
    pytester: pytest.Pytester,
    stronger: str,
    weaker: str,
) -> None:
    fixtures = {"vcr_config": weaker, "record_mode": weaker}
    modules = {
        "test_all_weaker": {"mark": weaker, **fixtures},
        "test_mark": {**fixtures, "mark": stronger},
        "test_vcr_config": {**fixtures, "vcr_config": stronger},
        "test_record_mode": {"record_mode": stronger},
        "test_ini": {},
    }
    sources = {name: module_with_modes(**modes) for name, modes in modules.items()}
    suite(**sources, ini=f"reprise_record_mode = {weaker}")
    by_source = {"test_mark", "test_vcr_config", "test_record_mode"}
    sending = by_source if stronger == "all" else set(modules) - by_source
    run().assert_outcomes(passed=len(sending), failed=len(modules) - len(sending))
    assert sent_by_mode(server) == {name: ["GET /count"] for name in sending}

    server.requests.clear()
    shutil.rmtree(pytester.path / "cassettes")
    sending = set(modules) if stronger == "all" else set()
    result = run(f"--record-mode={stronger}")
    result.assert_outcomes(passed=len(sending), failed=len(modules) - len(sending))
    assert sent_by_mode(server) == {name: ["GET /count"] for name in sending}


OPENED = """
    import sys
    from pathlib import Path

    def log_connects(event, args):
        if event in ("socket.connect", "socket.getaddrinfo"):
            with Path(__file__).with_name("opened").open("a") as file:
                print(event, args, file=file)

    sys.addaudithook(log_connects)
"""
NONE_OVERRIDES_ALL = """
    import pytest

    pytestmark = pytest.mark.vcr(record_mode="all")

    @pytest.fixture(scope="module", autouse={autouse})
    def login(client):
        return client.post("/login").json()

    @pytest.fixture(scope="module")
    def vcr_config():
        return {{"record_mode": "all"}}

    def test_sync(client):
        client.get("/count")

    @pytest.mark.asyncio
    async def test_async(async_client):
        await async_client.get("/count")
"""


def test_none_on_the_command_line_opens_no_socket(
    suite: Suite, run: Run, server: Server, pytester: pytest.Pytester
) -> None:
    """Whatever mark, fixture and ini file set, in tests and wider fixtures, sync and async."""
    suite(
        test_without_fixture=NONE_OVERRIDES_ALL.format(autouse=False),
        test_with_fixture=NONE_OVERRIDES_ALL.format(autouse=True),
        conftest=OPENED,
        ini="reprise_record_mode = all\nreprise_health_path = /health",
    )
    result = run("--record-mode=none")
    result.assert_outcomes(failed=2, errors=2)
    assert not (pytester.path / "opened").exists()
    assert server.requests == []


def test_the_audit_hook_of_the_test_above_sees_sockets(
    suite: Suite, run: Run, pytester: pytest.Pytester
) -> None:
    suite(requests("/count"), conftest=OPENED)
    run("--record-mode=once")
    assert "socket.connect" in (pytester.path / "opened").read_text()


# --- failed tests keep their cassettes -----------------------------------------------------------

FAILING = {
    "setup": ("assert not FAIL", "", ""),
    "call": ("", "assert not FAIL", ""),
    "teardown": ("", "", "assert not FAIL"),
}


def failing_module(place: str, mode: str, fail: bool) -> str:
    """Return a module with one test that fails in this place, if `fail`."""
    in_setup, in_call, in_teardown = FAILING[place]
    return f"""
        import pytest

        FAIL = {fail}

        @pytest.fixture
        def thing(client):
            number = client.get("/count").json()["n"]
            {in_setup}
            yield number
            client.delete("/thing")
            {in_teardown}

        @pytest.mark.vcr(record_mode="{mode}")
        def test_one(client, thing):
            client.get("/status/201")
            {in_call}
    """


def failing_modules(cases: list[tuple[str, str]], fail: bool) -> dict[str, str]:
    return {f"test_{place}_{mode}": failing_module(place, mode, fail) for place, mode in cases}


def test_a_failed_test_writes_no_first_cassette(
    suite: Suite, run: Run, cassettes: Cassettes
) -> None:
    cases = [*((place, "once") for place in FAILING), *(("call", m) for m in RECORDING_MODES[1:])]
    suite(**failing_modules(cases, fail=True))
    result = run()
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    assert list(cassettes()) == []
    result.stdout.fnmatch_lines(
        [f"reprise: {len(cases)} recordings dropped, *0 cassettes written, 0 kept*"]
    )


def test_a_failed_test_keeps_its_old_cassette(
    suite: Suite, run: Run, server: Server, cassettes: Cassettes
) -> None:
    cases = [*((place, "rewrite") for place in FAILING), ("call", "all"), ("call", "new_episodes")]
    modules = failing_modules(cases, fail=False)
    suite(**{name: text.replace("/status/201", "/status/200") for name, text in modules.items()})
    run("--record-mode=once").assert_outcomes(passed=len(cases))
    before = cassettes()
    modules = failing_modules(cases, fail=True)
    changed = {n: text.replace('"/count"', f'"/count?in={n}"') for n, text in modules.items()}
    suite(**changed)
    result = run("-v")
    assert cassettes() == before
    for name in modules:
        assert f"GET /count?in={name}" in server.calls
        result.stdout.re_match_lines(
            [rf"reprise: kept .* cassettes/{name}/test_one\.yaml \(recording it failed\)"]
        )
    result.stdout.fnmatch_lines([f"reprise: *0 cassettes written, {len(cases)} kept*"])


ENDINGS = """
import pytest

pytestmark = pytest.mark.vcr

@pytest.fixture
def send(client, request):
    print("printed", request.node.name, client.get("/count").json()["n"])

@pytest.mark.xfail
def test_xfail(send):
    assert False

def test_xfail_in_the_body(send):
    pytest.xfail("known")

@pytest.mark.xfail
def test_xpass(send):
    pass

def test_skip_in_the_body(send):
    pytest.skip("not today")
"""


def test_xfail_and_skip_after_a_request_are_recorded_and_replayed(
    suite: Suite, run: Run, server: Server
) -> None:
    expected = {
        "test_xfail": ["XFAIL"],
        "test_xfail_in_the_body": ["XFAIL"],
        "test_xpass": ["XPASS"],
        "test_skip_in_the_body": ["SKIPPED"],
    }
    suite(ENDINGS)
    assert outcomes_by_test(run("-v", "--record-mode=once")) == expected
    server.stop()
    result = run("-v", "--record-mode=none")
    assert outcomes_by_test(result) == expected
    printed_lines = printed(run("-s", "--record-mode=none"))
    assert printed_lines == [f"{test} {n}" for n, test in enumerate(expected, 1)]


def test_a_test_that_did_not_run_or_passed_against_its_mark_keeps_its_cassette(
    suite: Suite, run: Run, cassettes: Cassettes
) -> None:
    marks = {"skip": "skip", "no_run": "xfail(run=False)", "strict": "xfail(strict=True)"}
    test = (
        "{}\n@pytest.mark.vcr\ndef test_{}(client):\n    assert client.get('/count').is_success\n"
    )
    suite("import pytest\n" + "".join(test.format("", name) for name in marks))
    run("--record-mode=once").assert_outcomes(passed=3)
    before = cassettes()
    marked = (test.format(f"@pytest.mark.{mark}", name) for name, mark in marks.items())
    suite("import pytest\n" + "".join(marked))
    run("--record-mode=rewrite")
    assert cassettes() == before


def test_a_skip_before_the_first_request_keeps_the_cassette(
    suite: Suite, run: Run, cassettes: Cassettes
) -> None:
    modes = ("all", "rewrite")
    send = SEND.replace("PATHS", "['/count']")
    suite(suite_for_modes(modes, send))
    run("--record-mode=once").assert_outcomes(passed=2)
    before = cassettes()
    suite(suite_for_modes(modes, f"pytest.skip('not today'){send}"))
    run().assert_outcomes(skipped=2)
    assert cassettes() == before


# --- rewrite -------------------------------------------------------------------------------------

THREE = """
    import pytest

    @pytest.mark.vcr
    @pytest.mark.parametrize("path", ["a", "b", "c"])
    def test_it(client, path):
        client.get(f"/{path}")
"""


def test_a_recording_without_the_server_keeps_all_cassettes(
    suite: Suite, run: Run, server: Server, cassettes: Cassettes
) -> None:
    modes = ("new_episodes", "all", "rewrite")
    suite(suite_for_modes(modes, "for path in 'abc':\n    client.get(f'/{path}')"))
    run("--record-mode=once").assert_outcomes(passed=3)
    before = cassettes()
    server.stop()
    result = run("-v")
    assert outcomes_by_test(result) == {
        "test_new_episodes": PASSED,
        "test_all": FAILED,
        "test_rewrite": FAILED,
    }
    result.stdout.fnmatch_lines(["reprise: *0 cassettes written, 2 kept*"])
    assert cassettes() == before


def test_rewrite_reports_changed_fields_and_status(suite: Suite, run: Run, server: Server) -> None:
    server.answers |= {
        "/a": json_answer({"id": 1, "name": "Ada", "tags": [{"id": 1}]}),
        "/b": json_answer({"id": 1}),
        "/c": json_answer({"id": 1}),
    }
    suite(THREE)
    run("--record-mode=once").assert_outcomes(passed=3)
    server.answers |= {
        "/a": json_answer({"id": 1, "full_name": "Ada", "tags": [{"id": 1, "at": 2}]}),
        "/b": json_answer({"id": 1}, status=201),
    }
    result = run("--record-mode=rewrite")
    result.stdout.fnmatch_lines(
        [
            "  breaking    GET /a  name → full_name  1 test",
            "  breaking    GET /b  200 → 201         1 test",
            "  compatible  GET /a  tags[[]].at added   1 test",
        ]
    )
    assert [line for line in result.outlines if line.startswith("reprise:")][1:] == [
        "reprise: 3 API changes (2 breaking, 1 compatible); 2 cassettes rewritten, 1 says the same",
        "reprise: 3 tests recorded, 3 interactions, 3 live requests, 2 cassettes written, "
        "1 unchanged, 0 kept, 0 unplayed",
    ]


def test_rewrite_reports_changes_of_all_tests_that_share_a_cassette(
    suite: Suite, run: Run, server: Server
) -> None:
    shared = '@pytest.mark.default_cassette("shared")\n    @pytest.mark.parametrize'
    suite(THREE.replace("@pytest.mark.parametrize", shared))
    server.answers |= {"/a": json_answer({}), "/b": json_answer({})}
    run("--record-mode=once").assert_outcomes(passed=3)
    server.answers |= {"/a": json_answer({}, 201), "/b": json_answer({}, 202)}
    run("--record-mode=rewrite").stdout.fnmatch_lines(
        [
            "reprise: 2 API changes (2 breaking); 1 cassette rewritten, 0 say the same",
            "  breaking  GET /a  200 → 201  3 tests",
            "  breaking  GET /b  200 → 202  3 tests",
            "reprise: *, 1 cassette written, *",
        ]
    )


def test_rewrite_reports_no_change_of_the_calls_of_the_test_itself(
    suite: Suite, run: Run, server: Server, cassettes: Cassettes
) -> None:
    server.answers |= {"/a": json_answer({"a": 1}), "/b": json_answer({"b": 1})}
    suite(requests("/count", "/a"))
    run("--record-mode=once").assert_outcomes(passed=1)
    suite(requests("/count", "/b"))
    result = run("--record-mode=rewrite")
    result.stdout.fnmatch_lines(["reprise: no API change; 1 cassette rewritten, 0 say the same"])
    (text,) = cassettes().values()
    assert "/b" in text
    assert "/a" not in text.replace("/application", "")
    server.stop()
    run("--record-mode=none").assert_outcomes(passed=1)


def test_rewrite_of_a_test_that_sends_no_request_any_more(
    suite: Suite, run: Run, cassettes: Cassettes
) -> None:
    suite(requests("/count"))
    run("--record-mode=once").assert_outcomes(passed=1)
    suite(requests())
    run("--record-mode=rewrite").assert_outcomes(passed=1)
    assert [recorded(text) for text in cassettes().values()] in ([], [[]])
    run("--record-mode=none").assert_outcomes(passed=1)


def test_an_equivalent_recording_leaves_the_file_unchanged(
    suite: Suite, run: Run, server: Server, cassettes: Cassettes
) -> None:
    def answer_at(second: int, n: int = 1) -> None:
        date = f"Thu, 01 Jan 2026 00:00:0{second} GMT"
        server.answers["/it"] = json_answer({"n": n}, date=date, x_request_id=f"r{second}")

    suite(suite_for_modes(("all", "rewrite"), "client.get('/it')"))
    answer_at(1)
    run("--record-mode=once").assert_outcomes(passed=2)
    before = cassettes()
    answer_at(2)
    run().stdout.fnmatch_lines(["reprise: *0 cassettes written, 2 unchanged*"])
    assert cassettes() == before
    answer_at(3, n=2)
    run()
    for mode, text in cassettes_by_mode(cassettes).items():
        assert '"n": 2' in text, mode
        assert "00:00:01" in text, mode  # the date alone is no change


# --- recording disabled --------------------------------------------------------------------------


def test_with_recording_disabled_all_requests_are_sent_and_nothing_is_written(
    suite: Suite, run: Run, cassettes: Cassettes
) -> None:
    suite(suite_for_modes(["once"], COUNTING.format(1)))
    run("--record-mode=once").assert_outcomes(passed=1)
    before = cassettes()
    for number, mode in ((2, "none"), (3, "rewrite")):
        result = run("--disable-recording", f"--record-mode={mode}", "-s")
        result.assert_outcomes(passed=1)
        assert printed(result) == [f"once [{number}]"]
        result.stdout.no_fnmatch_line("*reprise: *")
        assert cassettes() == before
