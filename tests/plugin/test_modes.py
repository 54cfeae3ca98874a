"""Every record mode in whole runs: what reaches the server, and what becomes of the cassette."""

from __future__ import annotations

from typing import NamedTuple

import pytest

from ..harness.runs import Cassettes, Run, Server, Suite, json_answer, recorded

NOT_NEEDED = ("anyio", "base_url")

RECORDING_MODES = ("once", "new_episodes", "all", "rewrite")


def calls(*paths: str) -> str:
    """A suite of one recorded test, which gets these paths."""
    return f"""
        import pytest

        @pytest.mark.vcr
        def test_one(client):
            for path in {list(paths)}:
                assert client.get(path).is_success
    """


def seen(result: pytest.RunResult) -> list[str]:
    """What the tests of a run with -s printed behind "seen"."""
    return [line.partition("seen ")[2] for line in result.outlines if "seen " in line]


def only(cassettes: Cassettes) -> str:
    """The text of the one cassette there is."""
    [text] = cassettes().values()
    return text


# --- the table --------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", RECORDING_MODES)
def test_without_a_cassette_it_records(
    suite: Suite, run: Run, server: Server, cassettes: Cassettes, mode: str
) -> None:
    suite(calls("/count"))
    run(f"--record-mode={mode}").assert_outcomes(passed=1)
    assert server.calls == ["GET /count"]
    assert recorded(only(cassettes)) == ["GET /count"]


def test_without_a_cassette_none_fails(
    suite: Suite, run: Run, server: Server, cassettes: Cassettes
) -> None:
    suite(calls("/count"))
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


def test_a_miss_prints_no_secret(suite: Suite, run: Run) -> None:
    """Neither in its message, nor in the traceback around it."""
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
    passes: bool
    sent: list[str]
    recorded: list[str]


COUNT, NEW, GONE = "GET /count", "GET /status/201", "GET /status/202"


@pytest.mark.parametrize(
    ("mode", "expected"),
    [
        ("none", Expected(False, [], [COUNT])),
        ("once", Expected(False, [], [COUNT])),
        ("new_episodes", Expected(True, [NEW], [COUNT, NEW])),
        ("all", Expected(True, [COUNT, NEW], [COUNT, NEW])),
        ("rewrite", Expected(True, [COUNT, NEW], [COUNT, NEW])),
    ],
)
def test_with_a_cassette_and_a_further_call(
    suite: Suite, run: Run, server: Server, cassettes: Cassettes, mode: str, expected: Expected
) -> None:
    suite(calls("/count"))
    run("--record-mode=once").assert_outcomes(passed=1)
    suite(calls("/count", "/status/201"))
    outcome = {"passed": 1} if expected.passes else {"failed": 1}
    _check(run, server, cassettes, mode, expected, outcome)


@pytest.mark.parametrize(
    ("mode", "expected"),
    [
        ("none", Expected(False, [], [COUNT, GONE])),
        ("once", Expected(False, [], [COUNT, GONE])),
        ("new_episodes", Expected(True, [], [COUNT, GONE])),
        ("all", Expected(True, [COUNT], [GONE, COUNT])),
        ("rewrite", Expected(True, [COUNT], [COUNT])),
    ],
)
def test_with_a_cassette_and_a_call_no_longer_made(
    suite: Suite, run: Run, server: Server, cassettes: Cassettes, mode: str, expected: Expected
) -> None:
    suite(calls("/count", "/status/202"))
    run("--record-mode=once").assert_outcomes(passed=1)
    suite(calls("/count"))
    # Known once the test is over, its teardown included: an error behind the pass.
    outcome = {"passed": 1} if expected.passes else {"passed": 1, "errors": 1}
    _check(run, server, cassettes, mode, expected, outcome)


def _check(
    run: Run,
    server: Server,
    cassettes: Cassettes,
    mode: str,
    expected: Expected,
    outcome: dict[str, int],
) -> None:
    before = only(cassettes)
    server.requests.clear()
    run(f"--record-mode={mode}").assert_outcomes(**outcome)
    after = only(cassettes)
    assert server.calls == expected.sent
    assert sorted(recorded(after)) == sorted(expected.recorded)
    if not expected.sent:
        assert after == before


@pytest.mark.parametrize(
    ("mode", "number"),
    [("once", 1), ("new_episodes", 1), ("rewrite", 2)],
)
def test_whose_answer_the_test_sees(
    suite: Suite, run: Run, cassettes: Cassettes, mode: str, number: int
) -> None:
    suite(counting(1))
    run("--record-mode=once").assert_outcomes(passed=1)
    assert seen(run(f"--record-mode={mode}", "-s")) == [str([number])]
    assert f'"n": {number}' in only(cassettes)


def counting(times: int) -> str:
    return f"""
        import pytest

        @pytest.mark.vcr
        def test_one(client):
            print("seen", [client.get("/count").json()["n"] for _ in range({times})])
    """


# --- never answered from what the same run recorded -------------------------------------------


@pytest.mark.parametrize("mode", RECORDING_MODES)
def test_equal_requests_are_all_sent(suite: Suite, run: Run, server: Server, mode: str) -> None:
    suite(counting(2))
    assert seen(run(f"--record-mode={mode}", "-s")) == ["[1, 2]"]
    server.stop()
    assert seen(run("-s")) == ["[1, 2]"]


def test_new_episodes_answers_from_the_earlier_recording_only(
    suite: Suite, run: Run, server: Server
) -> None:
    suite(counting(1))
    run("--record-mode=once").assert_outcomes(passed=1)
    suite(counting(3))
    assert seen(run("--record-mode=new_episodes", "-s")) == ["[1, 2, 3]"]
    assert server.calls == ["GET /count"] * 3


SHARING = """
    import pytest

    @pytest.mark.vcr
    @pytest.mark.default_cassette("shared")
    @pytest.mark.parametrize("who", ["a", "b"])
    def test_sharing(client, who):
        print("seen", who, client.get("/count").json()["n"])
"""


@pytest.mark.parametrize("mode", ["once", "new_episodes", "rewrite"])
def test_tests_that_share_a_cassette_merge_and_replay(
    suite: Suite, run: Run, server: Server, cassettes: Cassettes, mode: str
) -> None:
    suite(SHARING)
    assert seen(run(f"--record-mode={mode}", "-s")) == ["a 1", "b 2"]
    assert list(cassettes()) == ["test_suite/shared"]
    server.stop()
    assert seen(run("-s")) == ["a 1", "b 2"]
    assert seen(run("-s", "--reverse")) == ["b 2", "a 1"]
    assert seen(run("-s", "-k", "b")) == ["b 2"]


def test_rewriting_one_of_two_leaves_the_others_calls(
    suite: Suite, run: Run, server: Server
) -> None:
    suite(SHARING)
    run("--record-mode=once").assert_outcomes(passed=2)
    run("--record-mode=rewrite", "-k", "b").assert_outcomes(passed=1, deselected=1)
    server.stop()
    assert seen(run("-s")) == ["a 1", "b 3"]


# --- who says the mode ------------------------------------------------------------------------

SOURCES = ("cli", "mark", "vcr_config", "record_mode", "ini")
"""The strongest first."""


def _write_suite(suite: Suite, words: dict[str, str]) -> None:
    """A suite in which each of the sources says its mode."""
    mark = f'record_mode="{words["mark"]}"' if "mark" in words else ""
    overrides = {
        "vcr_config": f'{{"record_mode": "{words.get("vcr_config")}"}}',
        "record_mode": f'"{words.get("record_mode")}"',
    }
    fixtures = [
        f"@pytest.fixture(scope='session')\ndef {name}():\n    return {value}\n"
        for name, value in overrides.items()
        if name in words
    ]
    suite(
        f"""
        import pytest

        @pytest.mark.vcr({mark})
        def test_one(client):
            assert client.get("/count").is_success
        """,
        conftest="import pytest\n\n" + "\n".join(fixtures),
        ini=f"reprise_record_mode = {words['ini']}" if "ini" in words else "",
    )


@pytest.mark.parametrize(("stronger", "weaker"), [("none", "all"), ("all", "none")])
@pytest.mark.parametrize("source", SOURCES)
def test_the_stronger_source_says_the_mode(
    suite: Suite, run: Run, server: Server, source: str, stronger: str, weaker: str
) -> None:
    weaker_sources = SOURCES[SOURCES.index(source) + 1 :]
    words = {source: stronger} | dict.fromkeys(weaker_sources, weaker)
    _write_suite(suite, words)
    result = run(f"--record-mode={words['cli']}") if "cli" in words else run()
    recording = stronger == "all"
    result.assert_outcomes(passed=int(recording), failed=int(not recording))
    assert server.calls == ["GET /count"] * recording


OPENED = """
    import sys
    from pathlib import Path

    def watch(event, args):
        if event in ("socket.connect", "socket.getaddrinfo"):
            with Path(__file__).with_name("opened").open("a") as file:
                print(event, args, file=file)

    sys.addaudithook(watch)
"""


@pytest.mark.parametrize("fixture", ["", "login"])
def test_none_on_the_command_line_opens_no_socket(
    suite: Suite, run: Run, server: Server, pytester: pytest.Pytester, fixture: str
) -> None:
    """Whatever mark, fixture and ini say, in tests and wider fixtures, sync and async."""
    suite(
        f"""
        import pytest

        pytestmark = pytest.mark.vcr(record_mode="all")

        @pytest.fixture(scope="session", autouse={bool(fixture)})
        def login(client):
            return client.post("/login").json()

        @pytest.fixture(scope="session")
        def vcr_config():
            return {{"record_mode": "all"}}

        def test_sync(client):
            client.get("/count")

        @pytest.mark.asyncio
        async def test_async(async_client):
            await async_client.get("/count")
        """,
        conftest=OPENED,
        ini="reprise_record_mode = all\nreprise_health_path = /health",
    )
    result = run("--record-mode=none")
    result.assert_outcomes(failed=0 if fixture else 2, errors=2 if fixture else 0)
    assert not (pytester.path / "opened").exists()
    assert server.requests == []


def test_the_watch_for_sockets_sees_them(suite: Suite, run: Run, pytester: pytest.Pytester) -> None:
    """Guards the test above, which would pass with a watch that sees nothing."""
    suite(calls("/count"), conftest=OPENED)
    run("--record-mode=once")
    assert "socket.connect" in (pytester.path / "opened").read_text()


# --- only what passed is kept -----------------------------------------------------------------

FAILING = {
    "set-up": ("assert not FAIL", "", ""),
    "call": ("", "assert not FAIL", ""),
    "teardown": ("", "", "assert not FAIL"),
}


def _failing(place: str, fail: bool) -> str:
    """A test of one call, which ends badly in this place."""
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

        @pytest.mark.vcr
        def test_one(client, thing):
            client.get("/status/201")
            {in_call}
    """


@pytest.mark.parametrize(
    ("place", "mode"),
    [*((place, "once") for place in FAILING), *(("call", m) for m in RECORDING_MODES[1:])],
)
def test_a_test_that_failed_writes_no_first_cassette(
    suite: Suite, run: Run, cassettes: Cassettes, place: str, mode: str
) -> None:
    suite(_failing(place, fail=True))
    result = run(f"--record-mode={mode}")
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    assert cassettes() == {}
    result.stdout.fnmatch_lines(["reprise: *0 cassettes written, 1 kept*"])


@pytest.mark.parametrize(
    ("place", "mode"),
    [*((place, "rewrite") for place in FAILING), ("call", "all"), ("call", "new_episodes")],
)
def test_a_test_that_failed_keeps_its_old_cassette(
    suite: Suite, run: Run, server: Server, cassettes: Cassettes, place: str, mode: str
) -> None:
    suite(_failing(place, fail=False).replace("/status/201", "/status/200"))
    run("--record-mode=once").assert_outcomes(passed=1)
    before = cassettes()
    suite(_failing(place, fail=True).replace('"/count"', '"/count?page=2"'))
    result = run(f"--record-mode={mode}", "-v")
    assert "GET /count?page=2" in server.calls
    assert cassettes() == before
    result.stdout.fnmatch_lines(
        [
            "reprise: kept * cassettes/test_suite/test_one.yaml (recording it failed)",
            "reprise: *0 cassettes written, 1 kept*",
        ]
    )


ENDINGS = {
    "xfail": ("@pytest.mark.xfail", "assert False", {"xfailed": 1}),
    "xfail in the body": ("", 'pytest.xfail("known")', {"xfailed": 1}),
    "xpass": ("@pytest.mark.xfail", "pass", {"xpassed": 1}),
    "skip in the body": ("", 'pytest.skip("not today")', {"skipped": 1}),
}


@pytest.mark.parametrize(("mark", "end", "outcome"), ENDINGS.values(), ids=ENDINGS)
def test_xfail_and_skip_after_a_request_replay_as_they_were(
    suite: Suite, run: Run, server: Server, mark: str, end: str, outcome: dict[str, int]
) -> None:
    suite(f"""
        import pytest

        @pytest.mark.vcr
        {mark}
        def test_one(client):
            print("seen", client.get("/count").json())
            {end}
    """)
    run("--record-mode=once").assert_outcomes(**outcome)
    server.stop()
    result = run("-rA", "-s", "--record-mode=none")
    result.assert_outcomes(**outcome)
    assert seen(result)[0] == "{'n': 1}"


@pytest.mark.parametrize(
    "ending",
    ["@pytest.mark.skip", "@pytest.mark.xfail(run=False)", "@pytest.mark.xfail(strict=True)"],
)
def test_a_test_that_did_not_run_well_keeps_its_cassette(
    suite: Suite, run: Run, cassettes: Cassettes, ending: str
) -> None:
    suite(calls("/count"))
    run("--record-mode=once").assert_outcomes(passed=1)
    before = cassettes()
    suite(calls("/count").replace("@pytest.mark.vcr", f"@pytest.mark.vcr\n        {ending}"))
    run("--record-mode=rewrite")
    assert cassettes() == before


@pytest.mark.parametrize("mode", ["all", "rewrite"])
def test_a_skip_before_the_first_request_keeps_the_cassette(
    suite: Suite, run: Run, cassettes: Cassettes, mode: str
) -> None:
    suite(calls("/count"))
    run("--record-mode=once").assert_outcomes(passed=1)
    before = cassettes()
    suite(calls("/count").replace("for path", 'pytest.skip("not today")\n            for path'))
    run(f"--record-mode={mode}").assert_outcomes(skipped=1)
    assert cassettes() == before


# --- rewrite ----------------------------------------------------------------------------------

THREE = """
    import pytest

    @pytest.mark.vcr
    @pytest.mark.parametrize("path", ["a", "b", "c"])
    def test_it(client, path):
        client.get(f"/{path}")
"""


@pytest.mark.parametrize("mode", ["new_episodes", "all", "rewrite"])
def test_with_the_server_down_nothing_is_lost(
    suite: Suite, run: Run, server: Server, cassettes: Cassettes, mode: str
) -> None:
    suite(THREE)
    run("--record-mode=once").assert_outcomes(passed=3)
    before = cassettes()
    server.stop()
    result = run(f"--record-mode={mode}")
    if mode == "new_episodes":
        result.assert_outcomes(passed=3)
    else:
        result.assert_outcomes(failed=3)
        result.stdout.fnmatch_lines(["reprise: *0 cassettes written, 3 kept*"])
    assert cassettes() == before


def test_rewrite_names_what_changed(suite: Suite, run: Run, server: Server) -> None:
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
    assert [line for line in result.outlines if line.startswith("reprise:")][1:] == [
        "reprise: cassettes/test_suite/test_it[a].yaml",
        "reprise:   GET /a: field full_name added",
        "reprise:   GET /a: field tags[].at added",
        "reprise:   GET /a: field name removed",
        "reprise: cassettes/test_suite/test_it[b].yaml",
        "reprise:   GET /b: status 200 → 201",
        "reprise: 3 tests recorded, 3 interactions, 3 live requests, 2 cassettes written, "
        "1 unchanged, 0 kept, 0 unplayed",
    ]


def test_rewrite_names_what_changed_for_each_who_shares_a_cassette(
    suite: Suite, run: Run, server: Server
) -> None:
    shared = '@pytest.mark.default_cassette("shared")\n    @pytest.mark.parametrize'
    suite(THREE.replace("@pytest.mark.parametrize", shared))
    server.answers |= {"/a": json_answer({}), "/b": json_answer({})}
    run("--record-mode=once").assert_outcomes(passed=3)
    server.answers |= {"/a": json_answer({}, 201), "/b": json_answer({}, 202)}
    run("--record-mode=rewrite").stdout.fnmatch_lines(
        [
            "reprise: cassettes/test_suite/shared.yaml",
            "reprise:   GET /a: status 200 → 201",
            "reprise:   GET /b: status 200 → 202",
            "reprise: *, 1 cassette written, *",
        ]
    )


def test_rewrite_names_calls_that_came_or_went(suite: Suite, run: Run) -> None:
    suite(calls("/count", "/status/201"))
    run("--record-mode=once").assert_outcomes(passed=1)
    suite(calls("/count", "/status/202"))
    run("--record-mode=rewrite").stdout.fnmatch_lines(
        [
            "reprise: cassettes/test_suite/test_one.yaml",
            "reprise:   GET /status/202: new call",
            "reprise:   GET /status/201: no longer called",
        ]
    )


def test_rewrite_of_a_test_that_makes_no_calls_any_more(
    suite: Suite, run: Run, cassettes: Cassettes
) -> None:
    suite(calls("/count"))
    run("--record-mode=once").assert_outcomes(passed=1)
    suite(calls())
    run("--record-mode=rewrite").assert_outcomes(passed=1)
    assert [recorded(text) for text in cassettes().values()] in ([], [[]])
    run("--record-mode=none").assert_outcomes(passed=1)


@pytest.mark.parametrize("mode", ["all", "rewrite"])
def test_an_equivalent_recording_leaves_the_file_as_it_is(
    suite: Suite, run: Run, server: Server, cassettes: Cassettes, mode: str
) -> None:
    def answer_at(second: int, n: int = 1) -> None:
        date = f"Thu, 01 Jan 2026 00:00:0{second} GMT"
        server.answers["/it"] = json_answer({"n": n}, date=date, x_request_id=f"r{second}")

    suite(calls("/it"))
    answer_at(1)
    run("--record-mode=once").assert_outcomes(passed=1)
    before = cassettes()
    answer_at(2)
    result = run(f"--record-mode={mode}")
    result.stdout.fnmatch_lines(["reprise: *0 cassettes written, 1 unchanged*"])
    assert cassettes() == before
    answer_at(3, n=2)
    run(f"--record-mode={mode}")
    assert "00:00:03" in only(cassettes)


# --- off --------------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", ["none", "rewrite"])
def test_disabled_it_is_out_of_the_way(
    suite: Suite, run: Run, cassettes: Cassettes, mode: str
) -> None:
    suite(counting(1))
    run("--record-mode=once").assert_outcomes(passed=1)
    before = cassettes()
    result = run("--disable-recording", f"--record-mode={mode}", "-s")
    result.assert_outcomes(passed=1)
    assert seen(result) == ["[2]"]
    result.stdout.no_fnmatch_line("*reprise: *")
    assert cassettes() == before
