"""How much work a replay does, counted in calls and not in time: no stopwatch, and no luck.

The inner run counts the calls of our functions, of PyYAML's and of pytest's fixtures itself.
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
    """What one run did: calls by module and function, set-ups by fixture, modules it imported."""

    def __init__(self, result: pytest.RunResult) -> None:
        [line] = [line for line in result.outlines if line.startswith("work ")]
        calls, fixtures, modules = json.loads(line.removeprefix("work "))
        self.calls = Counter[str](calls)
        self.fixtures = Counter[str](fixtures)
        self.modules = set(modules)

    def of(self, *names: str) -> int:
        """The calls into these modules or functions of the package."""
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


class Counted(Protocol):
    """Records the first source, replays the second or else the first, and counts the work."""

    def __call__(self, recorded: str, replayed: str = "") -> Work: ...


@pytest.fixture
def counted(suite: Suite, run: Run) -> Counted:
    def count(recorded: str, replayed: str = "") -> Work:
        suite(recorded, conftest="# nothing is counted while recording")
        assert run("--record-mode=rewrite").ret == 0
        suite(replayed or recorded, conftest=COUNTING)
        result = run("-s")
        assert result.ret == 0
        return Work(result)

    return count


def test_a_replay_parses_no_yaml_and_scrubs_nothing(counted: Counted) -> None:
    work = counted(many_tests(20))

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


def test_a_recorded_test_sets_up_no_fixture_that_it_does_not_use(counted: Counted) -> None:
    work = counted(many_tests(20))

    assert work.fixtures == {"client": 1, "n": 20}


def test_a_test_that_is_not_recorded_costs_nothing(suite: Suite, run: Run) -> None:
    """In a session without recorded tests."""
    suite(many_tests(20, mark=""), conftest=COUNTING)

    work = Work(run("-s"))

    assert work.all == work.of("plugin.fixtures", "plugin.base_url")
    assert work.fixtures == {"client": 1, "n": 20}


def test_a_request_costs_the_same_in_a_cassette_of_any_size(counted: Counted) -> None:
    ten, hundred, thousand = (_playing(counted(many_requests(n))) for n in (10, 100, 1000))

    # Not less where it is larger, but for headers that are seen for the first time.
    assert (hundred - ten) * 10 >= thousand - hundred > (hundred - ten) * 9
    assert (thousand - hundred) / 900 <= _CALLS_PER_REQUEST


_CALLS_PER_REQUEST = 28
"""Of functions of ours, from the transport to the index and back."""


def _playing(work: Work) -> int:
    """All calls but those that load the cassette."""
    return work.all - work.of(
        "cassette.yaml.fast_load", "cassette.json_blocks", "cassette.load", "exchange"
    )


def test_other_order_of_keys_compares_each_body_once(counted: Counted) -> None:
    sent, recorded = "{'name': 'Ada', 'n': n}", "{'n': n, 'name': 'Ada'}"

    work = counted(many_requests(50, recorded), many_requests(50, sent))

    assert work.of("matching.key.canonical_body") <= 2 * 50 + 2
    # Headers alone are taken apart: those sent, and those recorded.
    assert work.of("matching.request_parts.split_request") <= 4


def test_other_credentials_take_only_headers_apart(counted: Counted) -> None:
    recorded, sent = (repr({"Authorization": f"Bearer {word}"}) for word in ("s3cr3t-a", "dummy"))

    work = counted(many_requests(50, headers=recorded), many_requests(50, headers=sent))

    assert work.of("matching.key.canonical_body") <= 4
    assert work.of("matching.request_parts.split_request") <= 4


def test_vcrpys_cassettes_are_read_by_events(
    suite: Suite, run: Run, pytester: pytest.Pytester
) -> None:
    """And none is left to the loader, which takes twice as long."""
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


def test_a_recording_writes_and_scrubs_each_call_once(suite: Suite, run: Run) -> None:
    suite(many_tests(20), conftest=COUNTING)

    work = Work(run("-s", "--record-mode=rewrite"))

    assert work.of("scrub.scrubber.visit_candidates") == 60
    assert work.of("cassette.dump.dump") == 20
    assert "pytest_reprise.cassette.yaml.safe" not in work.modules


def test_what_comes_again_is_judged_once_in_a_recording(suite: Suite, run: Run) -> None:
    """Headers above all; and what comes through as it was is not searched again."""
    suite(many_requests(100), conftest=COUNTING)

    work = Work(run("-s", "--record-mode=rewrite"))

    assert work.of("scrub.scrubber.visit_candidates") == 100
    assert work.of("scrub.walk.headers.visit_header_value") <= 30
    assert work.of("scrub.rules.names.secret_kind") <= 60
    assert work.of("scrub.content.texts.request_texts", "scrub.content.texts.outcome_texts") == 0
