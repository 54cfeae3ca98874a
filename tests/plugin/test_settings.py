"""Settings, file names, and cassettes that cannot be read, as a user of a whole run meets them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from ..harness.installed import at_least
from ..harness.runs import Cassettes, Run, Server, Suite

NOT_NEEDED = ("anyio", "base_url")

ONE = """
    import pytest

    @pytest.mark.vcr
    def test_one(client):
        client.get("/count")
"""


def with_words(words: str, source: str = ONE) -> str:
    return source.replace("mark.vcr", f"mark.vcr({words})")


# --- missed and unplayed -------------------------------------------------------------------------

SWALLOWING = """
    import pytest

    @pytest.mark.vcr
    def test_one(client):
        try:
            client.get("/count")
        except Exception:
            pass
"""
DOING_LESS = """
    import pytest

    @pytest.mark.vcr
    def test_one(client):
        pass
"""
GREEN = {"passed": 1}
OUTCOMES = {
    "missed": {"fail": {"failed": 1}, "warn": {"passed": 1, "warnings": 1}, "ignore": GREEN},
    "unplayed": {
        "fail": {"passed": 1, "errors": 1},
        "warn": {"passed": 1, "warnings": 1},
        "ignore": GREEN,
    },
}
TOLD = {
    "missed": "*is not recorded: there is no cassette yet.",
    "unplayed": "*A recorded call was not made: the test makes fewer calls than *",
}


def _write(suite: Suite, run: Run, word: str, mark: str = "", ini: str = "") -> None:
    """A suite that meets a miss, or makes a call less than it did."""
    source = SWALLOWING
    if word == "unplayed":
        suite(ONE)
        run("--record-mode=once").assert_outcomes(passed=1)
        source = DOING_LESS
    words = f'{word}="{mark}"' if mark else ""
    suite(with_words(words, source), ini=f"reprise_{word} = {ini}" if ini else "")


def _check(result: pytest.RunResult, word: str, severity: str) -> None:
    assert result.parseoutcomes() == {**OUTCOMES[word][severity]}
    if severity == "ignore":
        result.stdout.no_fnmatch_line(TOLD[word])
    else:
        result.stdout.fnmatch_lines([TOLD[word], "*test_one.yaml (*record mode none)"])


@pytest.mark.parametrize("severity", ["fail", "warn", "ignore"])
@pytest.mark.parametrize("word", ["missed", "unplayed"])
def test_the_ini_file_says_what_becomes_of_it(
    suite: Suite, run: Run, word: str, severity: str
) -> None:
    _write(suite, run, word, ini=severity)
    _check(run(), word, severity)


@pytest.mark.parametrize(("mark", "ini"), [("fail", "ignore"), ("warn", ""), ("ignore", "fail")])
@pytest.mark.parametrize("word", ["missed", "unplayed"])
def test_the_mark_says_it_for_its_test(
    suite: Suite, run: Run, word: str, mark: str, ini: str
) -> None:
    _write(suite, run, word, mark, ini)
    _check(run(), word, mark)


def test_a_miss_is_raised_whatever_the_setting(suite: Suite, run: Run) -> None:
    suite(ONE, ini="reprise_missed = ignore")
    result = run()
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["E *RequestNotRecorded: GET /count is not recorded: *"])


# --- words that nobody knows, or that are not served ---------------------------------------------

VCR_CONFIG = """
    import pytest

    @pytest.fixture(scope="module")
    def vcr_config():
        return dict({words})
"""


class Wrong(NamedTuple):
    words: str
    message: str


WRONG = [
    Wrong(
        'filter_header=["authorization"]',
        "unknown option 'filter_header' in {}. *'filter_headers'?*",
    ),
    Wrong('record_mod="once"', "unknown option 'record_mod' in {}. Did you mean 'record_mode'?"),
    Wrong('quite_unlike="it"', "unknown option 'quite_unlike' in {}"),
    Wrong(
        'record_mode="onec"',
        "invalid value record_mode='onec' in {}: choose from *. Did you mean 'once'?",
    ),
    Wrong(
        'missed="warm"',
        "invalid value missed='warm' in {}: choose from fail, warn, ignore. *'warn'?",
    ),
    Wrong("unplayed=False", "invalid value unplayed=False in {}: choose from fail, warn, ignore"),
    Wrong("custom_patches=()", "'custom_patches' in {}: *does not support this *-p no:reprise"),
]


@pytest.mark.parametrize(
    ("source", "wrong"),
    [*(("the vcr mark", wrong) for wrong in WRONG), *(("vcr_config", w) for w in WRONG[::3])],
    ids=lambda value: getattr(value, "words", value),
)
def test_what_cannot_be_meant_is_refused(
    suite: Suite, run: Run, server: Server, cassettes: Cassettes, source: str, wrong: Wrong
) -> None:
    """Nothing is sent, since what the setting should have kept out would be on disk."""
    ini = "reprise_record_mode = once"
    if source == "vcr_config":
        suite(ONE, conftest=VCR_CONFIG.format(words=wrong.words), ini=ini)
    else:
        suite(with_words(wrong.words), ini=ini)
    result = run()
    assert "errors" in result.parseoutcomes()
    result.stdout.fnmatch_lines([f"*{wrong.message.format(source)}"])
    assert server.requests == []
    assert cassettes() == {}


@pytest.mark.parametrize("source", [SWALLOWING, DOING_LESS], ids=["swallowed", "no request"])
def test_a_wrong_word_fails_a_test_that_would_not_notice(
    suite: Suite, run: Run, source: str
) -> None:
    suite(with_words('filter_header=["authorization"]', source))
    result = run("--record-mode=once")
    assert {"failed", "errors"} & result.parseoutcomes().keys()
    result.stdout.fnmatch_lines(["*unknown option 'filter_header' in *"])


def test_the_word_that_blocking_reads_is_let_pass(suite: Suite, run: Run) -> None:
    suite(ONE, conftest=VCR_CONFIG.format(words='allowed_hosts=["127.0.0.1"]'))
    run("--record-mode=once", "--block-network").assert_outcomes(passed=1)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (
            "reprise_record = some",
            "invalid value 'some' for reprise_record: choose from marked, all",
        ),
        (
            "reprise_record_mode = onec",
            "invalid value record_mode='onec' in ini: *Did you mean 'once'?",
        ),
        (
            "reprise_missed = never",
            "invalid value missed='never' in ini: choose from fail, warn, ignore",
        ),
        ("reprise_unplayed = fial", "invalid value unplayed='fial' in ini: *Did you mean 'fail'?"),
        ("reprise_health_timeout = soon", "*reprise_health_timeout*'soon'*"),
        ("reprise_in_process = perhaps", "*reprise_in_process*'perhaps'*"),
    ],
)
def test_a_bad_ini_value_stops_the_run(suite: Suite, run: Run, line: str, message: str) -> None:
    suite(ONE, ini=line)
    result = run()
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([f"ERROR: {message}"])


def test_the_ini_file_can_record_every_test(suite: Suite, run: Run, cassettes: Cassettes) -> None:
    suite(ONE.replace("@pytest.mark.vcr", ""), ini="reprise_record = all")
    run("--record-mode=once").assert_outcomes(passed=1)
    assert list(cassettes()) == ["test_suite/test_one"]


# --- file names ----------------------------------------------------------------------------------


def parametrised(*ids: str) -> str:
    return f"""
        import os
        import httpx
        import pytest

        @pytest.mark.vcr
        @pytest.mark.parametrize("param", {list(ids)}, ids=str)
        def test_it(param):
            httpx.get(os.environ["API_BASE_URL"] + "/count", params={{"of": param[-9:]}})
    """


def names(cassettes: Cassettes) -> list[str]:
    return [name.removeprefix("test_suite/") for name in cassettes()]


@pytest.mark.parametrize(
    ("ids", "unchanged"),
    [
        (["a/b", "a:b"], []),
        (["a/b", "a:b", "a-b", "a b"], ["test_it[a-b]", "test_it[a b]"]),
        (["a?", "a*", 'a"'], []),
        (["a", "A", "b"], ["test_it[b]"]),
        (["é", "É"], []),
        (["x" * 300, "x" * 301, "y"], ["test_it[y]"]),
        (["ü" * 200 + "1", "ü" * 200 + "2"], []),
    ],
    ids=["two", "four", "wild", "case", "accents", "long", "long in bytes"],
)
def test_no_two_tests_have_one_file(
    suite: Suite,
    run: Run,
    server: Server,
    cassettes: Cassettes,
    ids: list[str],
    unchanged: list[str],
) -> None:
    suite(parametrised(*ids))
    run("--record-mode=once").assert_outcomes(passed=len(ids))
    found = names(cassettes)
    # There are file systems that do not tell case apart.
    assert len({name.casefold() for name in found}) == len(ids)
    assert set(unchanged) <= set(found)
    assert all(len(f"{name}.yaml".encode()) <= 255 for name in found)
    server.stop()
    run().assert_outcomes(passed=len(ids))
    run("--reverse").assert_outcomes(passed=len(ids))


def test_a_test_keeps_its_file_when_it_is_run_alone(suite: Suite, run: Run, server: Server) -> None:
    """A name that depended on the other tests of the run would be another one here."""
    suite(parametrised("a/b", "a:b"))
    run("--record-mode=once").assert_outcomes(passed=2)
    server.stop()
    run("-k", "a:b").assert_outcomes(passed=1, deselected=1)
    run("test_suite.py::test_it[a/b]").assert_outcomes(passed=1)


NAMESAKES = {
    "nested classes": """
        class TestA:
            class TestInner:
                def test_it(self, call): call("a")
        class TestB:
            class TestInner:
                def test_it(self, call): call("b")
        class TestInner:
            def test_it(self, call): call("c")
        def test_it(call): call("d")
    """,
    "functions that differ in case": """
        def test_it(call): call("a")
        def test_IT(call): call("b")
    """,
    "classes that differ in case": """
        class TestIt:
            def test_it(self, call): call("a")
        class TestIT:
            def test_it(self, call): call("b")
    """,
}
CALL = """
    import pytest

    pytestmark = pytest.mark.vcr

    @pytest.fixture
    def call(client):
        return lambda path: client.get(f"/{path}")
"""


@pytest.mark.parametrize("source", NAMESAKES.values(), ids=NAMESAKES)
def test_no_two_namesakes_have_one_file(
    suite: Suite, run: Run, server: Server, cassettes: Cassettes, source: str
) -> None:
    suite(CALL + source.replace("\n    ", "\n"))
    tests = source.count("call(")
    run("--record-mode=once").assert_outcomes(passed=tests)
    assert len({name.casefold() for name in names(cassettes)}) == tests
    server.stop()
    run("--reverse").assert_outcomes(passed=tests)


PLAIN = """
    import os
    import httpx
    import pytest

    pytestmark = pytest.mark.vcr

    def get():
        httpx.get(os.environ["API_BASE_URL"] + "/count")

    def test_function():
        get()

    @pytest.mark.parametrize("param", ["a/b", "x y", "ü"])
    def test_parametrised(param):
        get()

    @pytest.mark.default_cassette("named")
    def test_named():
        get()

    @pytest.mark.default_cassette("suffix.yaml")
    def test_with_suffix():
        get()

    class TestClass:
        def test_method(self):
            get()
"""
TOO_LONG = """
    @pytest.mark.parametrize("param", ["x" * 300])
    def test_long(param):
        get()
"""
"""Before 0.13.3 pytest-recording could not write the cassette of such a test."""


def test_unique_names_are_those_of_pytest_recording(
    suite: Suite, run: Run, cassettes: Cassettes, pytester: pytest.Pytester
) -> None:
    cuts_names = at_least("pytest-recording", "0.13.3")
    suite(PLAIN + TOO_LONG if cuts_names else PLAIN)
    passed = 8 if cuts_names else 7
    run("-p", "no:reprise", "--record-mode=once").assert_outcomes(passed=passed)
    theirs = names(cassettes)
    (pytester.path / "cassettes").rename(pytester.path / "theirs")
    run("--record-mode=once").assert_outcomes(passed=passed)
    assert names(cassettes) == theirs


# --- cassettes that cannot be read ---------------------------------------------------------------

GOOD = """\
version: 1
reprise:
  version: 1
  recorded_at: '2026-01-01T00:00:00Z'
  recorded_with: pytest-reprise 0.1.0, httpx 0.28.1
interactions:
- request:
    method: GET
    uri: {url}/count
    body: ''
    headers:
      Accept:
      - '*/*'
  response:
    status:
      code: 200
      message: OK
    headers:
      Content-Type:
      - application/json
    body:
      string: |-
        {
          "n": 1
        }
  reprise:
    response_json: spaced
- request:
    method: GET
    uri: {url}/count
    body: ''
    headers:
      Accept:
      - '*/*'
  response:
    status:
      code: 204
      message: No Content
    headers: {}
    body:
      string: ''
...
"""
TWICE = """
    import pytest

    @pytest.mark.vcr
    def test_one(client):
        client.get("/count")
        client.get("/count")
"""


class Broken(NamedTuple):
    """How the good one is broken, and how the error begins: the line, and what is wrong."""

    change: Callable[[str], str | bytes]
    error: str


def replaced(old: str, new: str) -> Callable[[str], str]:
    def change(good: str) -> str:
        assert old in good
        return good.replace(old, new, 1)

    return change


def cut_before(mark: str) -> Callable[[str], str]:
    return lambda good: good[: good.rindex(mark)]


OURS = "<<<<<<< HEAD\n  message: OK\n=======\n  message: Fine\n>>>>>>> main\n"
BROKEN = {
    "empty": Broken(lambda _: "", "1: the cassette is empty"),
    "blank": Broken(lambda _: "\n\n", "1: the cassette is empty"),
    "cut between interactions": Broken(cut_before("- request"), "28: the cassette is truncated: *"),
    "cut in an interaction": Broken(cut_before("/count"), "30: the cassette is truncated: *"),
    "cut in a quoted text": Broken(cut_before("*/*"), "34: not valid YAML, perhaps truncated: *"),
    "cut at the last line": Broken(cut_before("..."), "*: the cassette is truncated: *"),
    "another version": Broken(
        replaced("version: 1", "version: 2"), "1: `version: 2` where `version: 1` is expected"
    ),
    "no version": Broken(
        replaced("version: 1\n", ""), "1: no `version` where `version: 1` is expected"
    ),
    "a newer Reprise": Broken(
        replaced("  version: 1", "  version: 9"), "3: written by a newer Reprise *9*"
    ),
    "conflict": Broken(replaced("      message: OK\n", OURS), "17: an unresolved merge conflict"),
    "not UTF-8": Broken(
        lambda good: good.encode().replace(b"No Content", b"Kein \xe4"), "38: not UTF-8"
    ),
    "a tag that runs code": Broken(
        replaced("message: OK", "message: !!python/object/apply:os.getcwd []"),
        "17: a YAML tag that is not safe to load: *",
    ),
    "an unknown tag": Broken(
        replaced("message: OK", "message: !ours OK"), "17: a YAML tag that is not safe to load: *"
    ),
    "JSON that is none": Broken(
        replaced('"n": 1', '"n": 1,'), "22: the body is not valid JSON: *"
    ),
    "a list": Broken(lambda _: "- a\n- b\n", "1: a cassette is a mapping * not a list"),
    "no interactions": Broken(
        replaced("interactions:", "other:"), "*: `interactions` is not a list"
    ),
    "a call without a URL": Broken(
        replaced("    uri: {url}/count\n    body", "    body"),
        "*: interaction 1, request, uri is missing where text is expected",
    ),
    "a status that is none": Broken(replaced("code: 200", "code: fine"), "16: the status code *"),
}  # fmt: skip


@pytest.fixture
def cassette(pytester: pytest.Pytester) -> Path:
    """Where the cassette of test_one belongs."""
    path = pytester.path / "cassettes/test_suite/test_one.yaml"
    path.parent.mkdir(parents=True)
    return path


def broken_text(broken: Broken, url: str) -> bytes:
    text = broken.change(GOOD)
    return (text if isinstance(text, bytes) else text.encode()).replace(b"{url}", url.encode())


def test_the_cassette_that_is_broken_below_is_a_good_one(
    suite: Suite, run: Run, server: Server, cassette: Path
) -> None:
    suite(TWICE)
    cassette.write_text(GOOD.replace("{url}", server.url))
    run().assert_outcomes(passed=1)


@pytest.mark.parametrize("broken", BROKEN.values(), ids=BROKEN)
def test_a_broken_cassette_is_named_with_line_and_repair(
    suite: Suite, run: Run, server: Server, cassette: Path, broken: Broken
) -> None:
    suite(TWICE)
    before = broken_text(broken, server.url)
    cassette.write_bytes(before)
    # `once` would record, had it taken the broken file for none.
    result = run("--record-mode=once")
    assert "errors" in result.parseoutcomes()
    result.stdout.fnmatch_lines([f"*{cassette}:{broken.error}", "  *[.)]"])
    assert server.requests == []
    assert cassette.read_bytes() == before


@pytest.mark.parametrize("mode", ["none", "new_episodes", "all", "rewrite"])
@pytest.mark.parametrize("how", ["cut between interactions", "conflict"])
def test_no_mode_overwrites_a_broken_cassette(
    suite: Suite, run: Run, server: Server, cassette: Path, how: str, mode: str
) -> None:
    suite(TWICE)
    before = broken_text(BROKEN[how], server.url)
    cassette.write_bytes(before)
    result = run(f"--record-mode={mode}")
    assert "errors" in result.parseoutcomes()
    result.stdout.fnmatch_lines([f"*{cassette}:{BROKEN[how].error}"])
    assert server.requests == []
    assert cassette.read_bytes() == before


@pytest.mark.parametrize("mode", ["none", "once", "rewrite"])
def test_a_directory_in_the_place_of_the_cassette(
    suite: Suite, run: Run, server: Server, cassette: Path, mode: str
) -> None:
    suite(ONE)
    cassette.mkdir()
    result = run(f"--record-mode={mode}")
    assert "errors" in result.parseoutcomes()
    result.stdout.fnmatch_lines([f"*{cassette}:1: cannot be read: Is a directory"])
    assert server.requests == []
    assert cassette.is_dir()


@pytest.mark.parametrize("source", [SWALLOWING, DOING_LESS], ids=["swallowed", "no request"])
@pytest.mark.parametrize("mode", ["none", "rewrite"])
def test_a_broken_cassette_fails_a_test_that_would_not_notice(
    suite: Suite, run: Run, cassette: Path, mode: str, source: str
) -> None:
    suite(source)
    cassette.write_text("")
    result = run(f"--record-mode={mode}")
    assert {"failed", "errors"} & result.parseoutcomes().keys()
    result.stdout.fnmatch_lines([f"*{cassette}:1: the cassette is empty"])
    assert cassette.read_text() == ""


@pytest.mark.parametrize("mode", ["once", "rewrite"])
def test_a_broken_cassette_of_a_fixture_is_named_too(
    suite: Suite, run: Run, server: Server, pytester: pytest.Pytester, mode: str
) -> None:
    suite(
        ONE,
        conftest="""
        import pytest

        @pytest.fixture(scope="session", autouse=True)
        def login(client):
            client.post("/login")
        """,
    )
    path = pytester.path / "cassettes/@login.yaml"
    path.parent.mkdir()
    path.write_text("version: 1\n")
    result = run(f"--record-mode={mode}")
    assert result.parseoutcomes().keys() == {"errors"}
    result.stdout.fnmatch_lines([f"*{path}:1: `interactions` is not a list"])
    assert server.requests == []
    assert path.read_text() == "version: 1\n"


def test_nothing_is_left_behind_where_a_cassette_cannot_be_written(
    suite: Suite, run: Run, pytester: pytest.Pytester
) -> None:
    suite(ONE)
    (pytester.path / "cassettes").write_text("a file")
    result = run("--record-mode=once")
    assert {"failed", "errors"} & result.parseoutcomes().keys()
    result.stdout.fnmatch_lines(["*cassettes*"])
    assert (pytester.path / "cassettes").read_text() == "a file"
