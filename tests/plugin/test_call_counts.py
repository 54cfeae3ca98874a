"""The work of a replay, measured as numbers of function calls; unlike times, they are exact.

The inner run itself counts calls of functions in Reprise and PyYAML, and set-ups of fixtures.
"""

from __future__ import annotations

import json
from collections import Counter
from typing import Protocol

import pytest

from ..harness.runs import Run, Suite

NOT_NEEDED = ("anyio", "base_url", "asyncio", "xdist", "reverse", "faker")

COUNTING = """
    import json, sys
    from collections import Counter

    import pytest

    calls, fixtures = Counter(), Counter()


    def count(frame, event, _):
        if event == "call":
            name = frame.f_globals.get("__name__", "")
            if name.startswith(("pytest_reprise", "yaml")):
                calls[f"{name}.{frame.f_code.co_name}"] += 1


    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(item):
        sys.setprofile(count)
        try:
            return (yield)
        finally:
            sys.setprofile(None)


    def pytest_fixture_setup(fixturedef):
        fixtures[fixturedef.argname] += 1


    def pytest_unconfigure():
        modules = [m for m in sys.modules if m.startswith("pytest_reprise")]
        print("work", json.dumps([calls, fixtures, modules]))
"""


class Work:
    """Counts of one run: calls by function, set-ups by fixture, and the imported modules."""

    def __init__(self, result: pytest.RunResult) -> None:
        [line] = [line for line in result.outlines if line.startswith("work ")]
        calls, fixtures, modules = json.loads(line.removeprefix("work "))
        self.calls = Counter[str](calls)
        self.fixtures = Counter[str](fixtures)
        self.modules = set(modules)

    def of(self, *names: str) -> int:
        """Return the number of calls of these modules or functions of the package."""
        wanted = tuple(f"pytest_reprise.{name}." for name in names)
        return sum(n for name, n in self.calls.items() if f"{name}.".startswith(wanted))

    @property
    def all(self) -> int:
        return sum(self.calls.values())


def many_tests(count: int, mark: str = "@pytest.mark.vcr") -> str:
    return f"""
        import httpx
        import pytest

        {mark}
        @pytest.mark.parametrize("n", range({count}))
        def test_many(client, n):
            assert client.get(f"/status/20{{n % 2}}", params={{"n": n}}).is_success
            assert client.post("/echo", json={{"n": n, "name": "Ada"}}).is_success
            assert client.delete(f"/items/{{n}}").status_code == 204
    """


def many_requests(count: int, sent: str = "{'n': n, 'name': 'Ada'}", headers: str = "{}") -> str:
    return f"""
        import pytest

        @pytest.mark.vcr
        def test_many(client):
            for n in range({count}):
                assert client.post("/echo", json={sent}, headers={headers}).is_success
    """


class CountWork(Protocol):
    """Records the first source, replays the second (by default the first) and counts the work."""

    def __call__(self, recorded: str, replayed: str = "") -> Work: ...


@pytest.fixture
def count_work(suite: Suite, run: Run) -> CountWork:
    def count(recorded: str, replayed: str = "") -> Work:
        suite(recorded, conftest="# nothing is count_work while recording")
        assert run("--record-mode=rewrite").ret == 0
        suite(replayed or recorded, conftest=COUNTING)
        result = run("-s")
        assert result.ret == 0
        return Work(result)

    return count


def test_a_replay_uses_neither_the_yaml_parser_nor_the_scrubber(count_work: CountWork) -> None:
    work = count_work(many_tests(20))

    assert work.of("cassette.yaml.fast_load.load") == 20
    assert work.of("cassette.yaml.events", "cassette.yaml.safe") == 0
    assert work.of("scrub", "drift", "tape.miss") == 0
    assert work.of("matching.key", "matching.request_parts", "matching.search") == 0
    for module in (
        "cassette.yaml.safe",
        "cassette.yaml.events",
        "scrub.scrubber",
        "matching.search",
        "tape.recording",
    ):
        assert f"pytest_reprise.{module}" not in work.modules
    assert len(work.modules) <= _MODULES_OF_A_REPLAY
    assert work.all <= 20 * _CALLS_PER_TEST


_MODULES_OF_A_REPLAY = 88
"""Modules of Reprise that a plain replay imports: 83 when this was written. Each takes 0.2 ms."""
_CALLS_PER_TEST = 380
"""Calls of Reprise's functions for a test with three requests: 353 when this was written."""


def test_a_recorded_test_sets_up_only_fixtures_it_uses(count_work: CountWork) -> None:
    work = count_work(many_tests(20))

    assert work.fixtures == {"client": 1, "n": 20}


def test_an_unrecorded_test_calls_no_function_of_reprise(suite: Suite, run: Run) -> None:
    """In a session without recorded tests, except for the fixtures that Reprise defines."""
    suite(many_tests(20, mark=""), conftest=COUNTING)

    work = Work(run("-s"))

    assert work.all == work.of("plugin.client_fixtures", "plugin.base_url")
    assert work.fixtures == {"client": 1, "n": 20}


def test_calls_for_each_request_do_not_depend_on_the_cassette_size(count_work: CountWork) -> None:
    few, some, many = (_calls_without_loading(count_work(many_requests(n))) for n in (10, 50, 250))

    # Calls grow linearly. Only a header that appears for the first time needs more of them.
    assert (some - few) * 5 >= many - some > (some - few) * 4.5
    assert (many - some) // 200 <= _CALLS_PER_REQUEST


_CALLS_PER_REQUEST = 20
"""Calls of Reprise's functions, from the transport to the index and back."""


def _calls_without_loading(work: Work) -> int:
    """Return the number of calls, except those that load the cassette."""
    return work.all - work.of(
        "cassette.yaml.fast_load", "cassette.json_blocks", "cassette.load", "exchange"
    )


def test_another_order_of_json_keys_parses_each_body_once(count_work: CountWork) -> None:
    sent, recorded = "{'name': 'Ada', 'n': n}", "{'n': n, 'name': 'Ada'}"

    work = count_work(many_requests(50, recorded), many_requests(50, sent))

    assert work.of("matching.key.canonical_body") <= 2 * 50 + 2
    # Only headers are split: those sent and those recorded.
    assert work.of("matching.request_parts.split_request") <= 4


def test_other_credentials_split_only_headers(count_work: CountWork) -> None:
    recorded, sent = (repr({"Authorization": f"Bearer {word}"}) for word in ("s3cr3t-a", "dummy"))

    work = count_work(many_requests(50, headers=recorded), many_requests(50, headers=sent))

    # Each recorded body once, to find an earlier request that differs in its bytes only.
    assert work.of("matching.key.canonical_body") <= 50 + 6
    assert work.of("matching.request_parts.split_request") <= 4


def test_legacy_cassettes_are_read_from_yaml_events(
    suite: Suite, run: Run, pytester: pytest.Pytester
) -> None:
    """The loader that builds YAML nodes takes twice as long, and is not used."""
    suite(_LEGACY_SUITE, conftest=COUNTING)
    cassette = pytester.path / "cassettes" / "test_suite" / "test_legacy.yaml"
    cassette.parent.mkdir(parents=True)
    interactions = "".join(_LEGACY.format(n) for n in range(50))
    cassette.write_text(f"interactions:\n{interactions}version: 1\n", encoding="utf-8")

    work = Work(run("-s"))

    assert work.of("cassette.yaml.events.load_plain") == 1
    assert work.of("cassette.yaml.safe.load_by_nodes") == 0


_LEGACY_SUITE = """
    import pytest

    @pytest.mark.vcr
    def test_legacy(client):
        assert client.get("http://api.test/items/7").json() == {"id": 7}
"""
_LEGACY = """\
- request:
    body: ''
    headers: {{accept: ['*/*']}}
    method: GET
    uri: http://api.test/items/{0}
  response:
    body: {{string: '{{"id": {0}}}'}}
    headers: {{content-type: [application/json]}}
    status: {{code: 200, message: OK}}
"""


def test_a_recording_scrubs_and_writes_each_interaction_once(suite: Suite, run: Run) -> None:
    suite(many_tests(20), conftest=COUNTING)

    work = Work(run("-s", "--record-mode=rewrite"))

    assert work.of("scrub.scrubber.visit_candidates") == 60
    assert work.of("cassette.dump.dump") == 20
    assert "pytest_reprise.cassette.yaml.safe" not in work.modules


def test_a_recording_checks_repeated_headers_once(suite: Suite, run: Run) -> None:
    """A text in which nothing was replaced is not searched a second time."""
    suite(many_requests(100), conftest=COUNTING)

    work = Work(run("-s", "--record-mode=rewrite"))

    assert work.of("scrub.scrubber.visit_candidates") == 100
    assert work.of("scrub.walk.headers.visit_header_value") <= 30
    assert work.of("scrub.rules.names.secret_kind") <= 60
    assert work.of("scrub.content.texts.request_texts", "scrub.content.texts.outcome_texts") == 0
