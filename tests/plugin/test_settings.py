"""Whole runs: settings, names of cassette files, and cassettes that cannot be read."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from fnmatch import fnmatch
from pathlib import Path
from textwrap import dedent, indent
from typing import NamedTuple

import pytest

from ..harness.installed import at_least
from ..harness.runs import Cassettes, Run, Server, Suite, failures_by_test, outcomes_by_test

NOT_NEEDED = ("anyio", "base_url")

ONE = """
    import pytest

    @pytest.mark.vcr
    def test_one(client):
        client.get("/count")
"""


SENDS = 'client.get("/count")'
CATCHES_ERRORS = """
    try:
        client.get("/count")
    except Exception:
        pass
"""
SENDS_NOTHING = "pass"


def module(tests: Mapping[str, str], **marks: str) -> str:
    """Return a module with recorded tests: bodies by name; `marks` are arguments of their marks."""
    return "import pytest\n\n" + "".join(
        f"@pytest.mark.vcr({marks.get(name, '')})\ndef test_{name}(client):\n"
        + indent(dedent(body).strip(), "    ")
        + "\n\n"
        for name, body in tests.items()
    )


# --- missed and unplayed -------------------------------------------------------------------------

OUTCOMES = {
    "missed": {"fail": ["FAILED"], "warn": ["PASSED"], "ignore": ["PASSED"]},
    "unplayed": {"fail": ["PASSED", "ERROR"], "warn": ["PASSED"], "ignore": ["PASSED"]},
}
MESSAGES = {
    "missed": "*is not recorded: there is no cassette yet.",
    "unplayed": "*A recorded call was not made: the test makes fewer calls than *",
}


def check_severities(result: pytest.RunResult, severities: Mapping[str, str]) -> None:
    """Check the outcomes, messages and warnings of test_missed and test_unplayed."""
    assert "traceback entries are hidden" not in result.stdout.str()
    assert outcomes_by_test(result) == {
        f"test_{setting}": OUTCOMES[setting][severity] for setting, severity in severities.items()
    }
    warnings = list(severities.values()).count("warn")
    assert result.parseoutcomes().get("warnings", 0) == warnings
    for setting, severity in severities.items():
        if severity == "ignore":
            # The details of -v name it in any case.
            lines = [line for line in result.outlines if not line.startswith("reprise: ")]
            assert not any(fnmatch(line, MESSAGES[setting]) for line in lines)
        else:
            path = f"*test_{setting}.yaml (*record mode none)"
            result.stdout.fnmatch_lines([MESSAGES[setting], path])


@pytest.fixture
def with_unplayed(suite: Suite, run: Run) -> None:
    """Record an interaction that test_unplayed does not request afterwards."""
    suite(module({"unplayed": SENDS}))
    run("--record-mode=once").assert_outcomes(passed=1)


MISSED_AND_UNPLAYED = {"missed": CATCHES_ERRORS, "unplayed": SENDS_NOTHING}


@pytest.mark.usefixtures("with_unplayed")
def test_the_ini_file_sets_the_severity_of_missed_and_unplayed(suite: Suite, run: Run) -> None:
    for missed, unplayed in (("fail", "warn"), ("warn", "ignore"), ("ignore", "fail")):
        ini = f"reprise_missed = {missed}\nreprise_unplayed = {unplayed}"
        suite(module(MISSED_AND_UNPLAYED), ini=ini)
        check_severities(run("-v"), {"missed": missed, "unplayed": unplayed})


@pytest.mark.usefixtures("with_unplayed")
def test_the_mark_overrides_the_severity_of_the_ini_file(suite: Suite, run: Run) -> None:
    for severity, ini in (("fail", "ignore"), ("warn", ""), ("ignore", "fail")):
        marks = {name: f'{name}="{severity}"' for name in MISSED_AND_UNPLAYED}
        lines = (f"reprise_{name} = {ini}" for name in MISSED_AND_UNPLAYED if ini)
        suite(module(MISSED_AND_UNPLAYED, **marks), ini="\n".join(lines))
        check_severities(run("-v"), dict.fromkeys(MISSED_AND_UNPLAYED, severity))


def test_a_miss_raises_an_error_whatever_the_setting(suite: Suite, run: Run) -> None:
    suite(ONE, ini="reprise_missed = ignore")
    result = run()
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["E *RequestNotRecorded: GET /count is not recorded: *"])


# --- invalid settings ----------------------------------------------------------------------------

VCR_CONFIG = """
    import pytest

    @pytest.fixture(scope="module")
    def vcr_config():
        return dict({options})
"""


class InvalidOption(NamedTuple):
    options: str
    message: str


INVALID_OPTIONS = [
    InvalidOption(
        'filter_header=["authorization"]',
        "unknown option 'filter_header' in {}. *'filter_headers'?*",
    ),
    InvalidOption(
        'record_mod="once"', "unknown option 'record_mod' in {}. Did you mean 'record_mode'?"
    ),
    InvalidOption('quite_unlike="it"', "unknown option 'quite_unlike' in {}"),
    InvalidOption(
        'record_mode="onec"',
        "invalid value record_mode='onec' in {}: choose from *. Did you mean 'once'?",
    ),
    InvalidOption(
        'missed="warm"',
        "invalid value missed='warm' in {}: choose from fail, warn, ignore. *'warn'?",
    ),
    InvalidOption(
        "unplayed=False", "invalid value unplayed=False in {}: choose from fail, warn, ignore"
    ),
    InvalidOption(
        "custom_patches=()", "'custom_patches' in {}: *does not support this *-p no:reprise"
    ),
]


def test_invalid_options_are_refused(
    suite: Suite, run: Run, server: Server, cassettes: Cassettes
) -> None:
    """Nothing is sent: otherwise data that the option should remove would be written to disk."""
    marks = {f"mark_{n}": case.options for n, case in enumerate(INVALID_OPTIONS)}
    messages = {
        f"test_mark_{n}": case.message.format("the vcr mark")
        for n, case in enumerate(INVALID_OPTIONS)
    }
    modules = {}
    for n, case in enumerate(INVALID_OPTIONS[::3]):
        config = dedent(VCR_CONFIG.format(options=case.options))
        modules[f"test_config_{n}"] = config + module({f"config_{n}": SENDS})
        messages[f"test_config_{n}"] = case.message.format("vcr_config")
    suite(
        module(dict.fromkeys(marks, SENDS), **marks),
        ini="reprise_record_mode = once",
        **modules,
    )
    result = run()
    assert result.parseoutcomes() == {"errors": len(messages)}
    assert_messages(result, messages)
    assert server.requests == []
    assert cassettes() == {}


def assert_messages(result: pytest.RunResult, messages: Mapping[str, str]) -> None:
    """Assert that the failure of each test has a line that matches its message."""
    failures = failures_by_test(result)
    assert failures.keys() == messages.keys()
    without_message = [
        name
        for name, message in messages.items()
        if not any(fnmatch(line, f"*{message}") for line in failures[name].splitlines())
    ]
    assert without_message == [], failures[without_message[0]]


def test_an_invalid_option_fails_a_test_that_catches_errors_or_sends_nothing(
    suite: Suite, run: Run
) -> None:
    tests = {"catches_errors": CATCHES_ERRORS, "sends_nothing": SENDS_NOTHING}
    suite(module(tests, **dict.fromkeys(tests, 'filter_header=["authorization"]')))
    result = run("--record-mode=once")
    assert {"failed", "errors"} & result.parseoutcomes().keys()
    message = "unknown option 'filter_header' in *"
    assert_messages(result, {f"test_{name}": message for name in tests})


def test_the_allowed_hosts_of_network_blocking_are_no_unknown_option(
    suite: Suite, run: Run
) -> None:
    suite(ONE, conftest=VCR_CONFIG.format(options='allowed_hosts=["127.0.0.1"]'))
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
def test_an_invalid_value_in_the_ini_file_stops_the_run(
    suite: Suite, run: Run, line: str, message: str
) -> None:
    suite(ONE, ini=line)
    result = run()
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([f"ERROR: *{message}"])


def test_the_ini_setting_record_all_records_unmarked_tests(
    suite: Suite, run: Run, cassettes: Cassettes
) -> None:
    suite(ONE.replace("@pytest.mark.vcr", ""), ini="reprise_record = all")
    run("--record-mode=once").assert_outcomes(passed=1)
    assert list(cassettes()) == ["test_suite/test_one"]


# --- file names ----------------------------------------------------------------------------------

PARAMETRISED = """
    import os
    import httpx
    import pytest

    @pytest.mark.vcr
    @pytest.mark.parametrize("param", {ids}, ids=str)
    def test_it(param):
        httpx.get(os.environ["API_BASE_URL"] + "/count", params={{"of": param[-9:]}})
"""
PARAMETERS: dict[str, tuple[list[str], list[str]]] = {
    "two": (["a/b", "a:b"], []),
    "four": (["a/b", "a:b", "a-b", "a b"], ["test_it[a-b]", "test_it[a b]"]),
    "forbidden": (["a?", "a*", 'a"'], []),
    "case": (["a", "A", "b"], ["test_it[b]"]),
    "accents": (["é", "É"], []),
    "long": (["x" * 300, "x" * 301, "y"], ["test_it[y]"]),
    "long_in_bytes": (["ü" * 200 + "1", "ü" * 200 + "2"], []),
}
"""Parameters of a test, and the names of cassettes that stay as they are."""


def cassettes_by_module(cassettes: Cassettes) -> dict[str, list[str]]:
    """Return the names of the cassettes, by module without `test_`."""
    names: dict[str, list[str]] = {}
    for path in cassettes():
        directory, _, name = path.partition("/")
        names.setdefault(directory.removeprefix("test_"), []).append(name)
    return names


def test_parametrised_tests_never_share_a_cassette_file(
    suite: Suite, run: Run, server: Server, cassettes: Cassettes
) -> None:
    suite(**{f"test_{case}": PARAMETRISED.format(ids=ids) for case, (ids, _) in PARAMETERS.items()})
    passed = sum(len(ids) for ids, _ in PARAMETERS.values())
    run("--record-mode=once").assert_outcomes(passed=passed)
    found = cassettes_by_module(cassettes)
    for case, (ids, unchanged) in PARAMETERS.items():
        # Some file systems ignore case.
        assert len({name.casefold() for name in found[case]}) == len(ids), case
        assert set(unchanged) <= set(found[case]), case
        assert all(len(f"{name}.yaml".encode()) <= 255 for name in found[case]), case
    server.stop()
    run().assert_outcomes(passed=passed)
    run("--reverse").assert_outcomes(passed=passed)


def test_a_test_uses_the_same_cassette_when_it_runs_alone(
    suite: Suite, run: Run, server: Server
) -> None:
    """The name must not depend on the other tests of the run."""
    suite(PARAMETRISED.format(ids=["a/b", "a:b"]))
    run("--record-mode=once").assert_outcomes(passed=2)
    server.stop()
    run("-k", "a:b").assert_outcomes(passed=1, deselected=1)
    run("test_suite.py::test_it[a/b]").assert_outcomes(passed=1)


SAME_NAMES = {
    "nested_classes": """
class TestA:
    class TestInner:
        def test_it(self, send): send("a")
class TestB:
    class TestInner:
        def test_it(self, send): send("b")
class TestInner:
    def test_it(self, send): send("c")
def test_it(send): send("d")
""",
    "functions_that_differ_in_case": """
def test_it(send): send("a")
def test_IT(send): send("b")
""",
    "classes_that_differ_in_case": """
class TestIt:
    def test_it(self, send): send("a")
class TestIT:
    def test_it(self, send): send("b")
""",
}
SEND_FIXTURE = """
import pytest

pytestmark = pytest.mark.vcr

@pytest.fixture
def send(client):
    return lambda path: client.get(f"/{path}")
"""


def test_tests_with_the_same_name_never_share_a_cassette_file(
    suite: Suite, run: Run, server: Server, cassettes: Cassettes
) -> None:
    suite(**{f"test_{case}": SEND_FIXTURE + source for case, source in SAME_NAMES.items()})
    counts = {case: source.count(' send("') for case, source in SAME_NAMES.items()}
    run("--record-mode=once").assert_outcomes(passed=sum(counts.values()))
    found = cassettes_by_module(cassettes)
    assert {case: len({name.casefold() for name in found[case]}) for case in found} == counts
    server.stop()
    run("--reverse").assert_outcomes(passed=sum(counts.values()))


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
"""pytest-recording before 0.13.3 cannot write the cassette of such a test."""


def test_unambiguous_cassette_names_are_those_of_pytest_recording(
    suite: Suite, run: Run, cassettes: Cassettes, pytester: pytest.Pytester
) -> None:
    cuts_names = at_least("pytest-recording", "0.13.3")
    suite(PLAIN + TOO_LONG if cuts_names else PLAIN)
    passed = 8 if cuts_names else 7
    run("-p", "no:reprise", "--record-mode=once").assert_outcomes(passed=passed)
    with_plain = list(cassettes())
    (pytester.path / "cassettes").rename(pytester.path / "plain")
    run("--record-mode=once").assert_outcomes(passed=passed)
    assert list(cassettes()) == with_plain


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


class Broken(NamedTuple):
    """A change to the valid cassette, and how the error begins: its line and the reason."""

    change: Callable[[str], str | bytes]
    error: str


def replace(old: str, new: str) -> Callable[[str], str]:
    def change(good: str) -> str:
        assert old in good
        return good.replace(old, new, 1)

    return change


def cut_before(mark: str) -> Callable[[str], str]:
    return lambda good: good[: good.rindex(mark)]


CONFLICT = "<<<<<<< HEAD\n  message: OK\n=======\n  message: Fine\n>>>>>>> main\n"
BROKEN = {
    "empty": Broken(lambda _: "", "1: the cassette is empty"),
    "blank": Broken(lambda _: "\n\n", "1: the cassette is empty"),
    "cut between interactions": Broken(cut_before("- request"), "28: the cassette is truncated: *"),
    "cut in an interaction": Broken(cut_before("/count"), "30: the cassette is truncated: *"),
    "cut in a quoted text": Broken(cut_before("*/*"), "34: not valid YAML, perhaps truncated: *"),
    "cut at the last line": Broken(cut_before("..."), "*: the cassette is truncated: *"),
    "another version": Broken(
        replace("version: 1", "version: 2"), "1: `version: 2` where `version: 1` is expected"
    ),
    "no version": Broken(
        replace("version: 1\n", ""), "1: no `version` where `version: 1` is expected"
    ),
    "a newer Reprise": Broken(
        replace("  version: 1", "  version: 9"), "3: written by a newer Reprise *9*"
    ),
    "conflict": Broken(
        replace("      message: OK\n", CONFLICT), "17: an unresolved merge conflict"
    ),
    "not UTF-8": Broken(
        lambda good: good.encode().replace(b"No Content", b"Kein \xe4"), "38: not UTF-8"
    ),
    "a tag that runs code": Broken(
        replace("message: OK", "message: !!python/object/apply:os.getcwd []"),
        "17: an unsafe YAML tag: *",
    ),
    "an unknown tag": Broken(
        replace("message: OK", "message: !custom OK"), "17: an unsafe YAML tag: *"
    ),
    "invalid JSON": Broken(
        replace('"n": 1', '"n": 1,'), "22: the body is not valid JSON: *"
    ),
    "a list": Broken(lambda _: "- a\n- b\n", "1: a cassette is a mapping * not a list"),
    "no interactions": Broken(
        replace("interactions:", "other:"), "*: `interactions` is not a list"
    ),
    "a request without a URL": Broken(
        replace("    uri: {url}/count\n    body", "    body"),
        "*: interaction 1, request, uri is missing where text is expected",
    ),
    "an invalid status": Broken(replace("code: 200", "code: fine"), "16: the status code *"),
}  # fmt: skip


TWO_REQUESTS = """
client.get("/count")
client.get("/count")
"""


def cassette_path(name: str) -> Path:
    """Return the path of the cassette of a test in test_suite.py."""
    path = Path("cassettes/test_suite", f"test_{name}.yaml").absolute()
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


def broken_text(broken: Broken, url: str) -> bytes:
    text = broken.change(GOOD)
    return (text if isinstance(text, bytes) else text.encode()).replace(b"{url}", url.encode())


def test_the_cassette_that_the_tests_below_break_is_valid(
    suite: Suite, run: Run, server: Server
) -> None:
    suite(module({"one": TWO_REQUESTS}))
    cassette_path("one").write_text(GOOD.replace("{url}", server.url))
    run().assert_outcomes(passed=1)


def test_a_broken_cassette_is_reported_with_line_and_reason(
    suite: Suite, run: Run, server: Server
) -> None:
    cases = {name.replace(" ", "_").replace("-", "_"): broken for name, broken in BROKEN.items()}
    suite(module(dict.fromkeys(cases, TWO_REQUESTS)))
    before = {name: broken_text(broken, server.url) for name, broken in cases.items()}
    for name, text in before.items():
        cassette_path(name).write_bytes(text)
    # The mode `once` would record if it treated the broken file as missing.
    result = run("--record-mode=once")
    assert result.parseoutcomes() == {"errors": len(cases)}
    errors = {f"test_{n}": f"{cassette_path(n)}:{broken.error}" for n, broken in cases.items()}
    assert_messages(result, errors)
    how_to_fix = re.compile(r"^  .*[.)]$", re.MULTILINE)
    failures = failures_by_test(result)
    assert [name for name, text in failures.items() if not how_to_fix.search(text)] == []
    assert server.requests == []
    assert {name: cassette_path(name).read_bytes() for name in cases} == before


def test_no_record_mode_overwrites_a_broken_cassette(
    suite: Suite, run: Run, server: Server
) -> None:
    cases = {
        f"{mode}_{kind.split()[0]}": (mode, BROKEN[kind])
        for mode in ("none", "new_episodes", "all", "rewrite")
        for kind in ("cut between interactions", "conflict")
    }
    marks = {name: f'record_mode="{mode}"' for name, (mode, _) in cases.items()}
    suite(module(dict.fromkeys(cases, TWO_REQUESTS), **marks))
    before = {name: broken_text(broken, server.url) for name, (_, broken) in cases.items()}
    for name, text in before.items():
        cassette_path(name).write_bytes(text)
    result = run()
    assert result.parseoutcomes() == {"errors": len(cases)}
    errors = {f"test_{n}": f"{cassette_path(n)}:{broken.error}" for n, (_, broken) in cases.items()}
    assert_messages(result, errors)
    assert server.requests == []
    assert {name: cassette_path(name).read_bytes() for name in cases} == before


def test_a_directory_with_the_name_of_the_cassette_is_reported(
    suite: Suite, run: Run, server: Server
) -> None:
    modes = ("none", "once", "rewrite")
    marks = {mode: f'record_mode="{mode}"' for mode in modes}
    suite(module(dict.fromkeys(modes, SENDS), **marks))
    for mode in modes:
        cassette_path(mode).mkdir()
    result = run()
    assert result.parseoutcomes() == {"errors": len(modes)}
    error = "{}:1: cannot be read: Is a directory"
    assert_messages(result, {f"test_{mode}": error.format(cassette_path(mode)) for mode in modes})
    assert server.requests == []
    assert all(cassette_path(mode).is_dir() for mode in modes)


def test_a_broken_cassette_fails_a_test_that_catches_errors_or_sends_nothing(
    suite: Suite, run: Run
) -> None:
    bodies = {"catches_errors": CATCHES_ERRORS, "sends_nothing": SENDS_NOTHING}
    modes = ("none", "rewrite")
    tests = {f"{mode}_{name}": body for mode in modes for name, body in bodies.items()}
    marks = {f"{mode}_{name}": f'record_mode="{mode}"' for mode in modes for name in bodies}
    suite(module(tests, **marks))
    for name in tests:
        cassette_path(name).write_text("")
    result = run()
    assert {"failed", "errors"} & result.parseoutcomes().keys()
    error = "{}:1: the cassette is empty"
    assert_messages(result, {f"test_{name}": error.format(cassette_path(name)) for name in tests})
    assert [cassette_path(name).read_text() for name in tests] == [""] * len(tests)


@pytest.mark.parametrize("mode", ["once", "rewrite"])
def test_a_broken_cassette_of_a_fixture_is_reported(
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


def test_no_temporary_file_remains_if_a_cassette_cannot_be_written(
    suite: Suite, run: Run, pytester: pytest.Pytester
) -> None:
    suite(ONE)
    (pytester.path / "cassettes").write_text("a file")
    result = run("--record-mode=once")
    assert {"failed", "errors"} & result.parseoutcomes().keys()
    result.stdout.fnmatch_lines(["*cassettes*"])
    assert (pytester.path / "cassettes").read_text() == "a file"


def test_without_pytest_recording_the_run_stops(suite: Suite, run: Run, server: Server) -> None:
    """It would go live without a word: the record modes are options of that plugin."""
    suite(ONE)
    result = run("-p", "no:recording")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*pytest --disable-recording", "*pytest -p no:reprise"])
    assert server.calls == []
