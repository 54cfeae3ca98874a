"""`max_age` and `on_expiry`: recordings that are too old are told, fail, or are recorded again."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_reprise.cassette.model import Header
from pytest_reprise.exchange import Interaction, Request, Response
from pytest_reprise.tape.ages import parse_age, recorded_at

from ..harness.runs import Cassettes, Run, Server, Suite, json_answer

NOT_NEEDED = ("faker", "base_url", "anyio")

SOURCE = """
    import pytest

    @pytest.fixture(scope="module")
    def me(client):
        return client.get("/users/me").json()

    @pytest.mark.vcr
    def test_old(client):
        assert client.get("/users/7").json()["id"]

    @pytest.mark.vcr
    @pytest.mark.parametrize("n", [1, 2])
    def test_of_fixture(client, me, n):
        assert client.get(f"/orders?n={n}").json()["id"] == me["id"]

    @pytest.mark.vcr(max_age="off")
    def test_any_age(client):
        assert client.get("/users/7").json()["id"]
"""
OLD = ("test_old", "@me")
MODULE = "cassettes/test_suite"


def make_older(name: str, days: float) -> str:
    """Move the time of a recording into the past; return the new text."""
    path = Path(MODULE, f"{name}.yaml")
    moment = (datetime.now(UTC) - timedelta(days=days)).isoformat()
    text = re.sub(r"recorded_at: .*", f"recorded_at: '{moment}'", path.read_text("utf-8"), count=1)
    path.write_text(text, encoding="utf-8")
    return text


def expired(result: pytest.RunResult) -> list[str]:
    """The lines about cassettes that are too old."""
    lines = result.stdout.str().splitlines()
    return [line for line in lines if "ago" in line or "older than max_age" in line]


@pytest.fixture
def recorded(suite: Suite, run: Run, server: Server) -> None:
    """The cassettes of SOURCE: two were recorded 45 days ago."""
    paths = ("/users/7", "/users/me", "/orders")
    server.answers |= {path: json_answer({"id": 1, "name": "Ada"}) for path in paths}
    suite(SOURCE)
    run("--record-mode=once").assert_outcomes(passed=4)
    for name in (*OLD, "test_any_age"):
        make_older(name, 45)
    server.answers |= {path: json_answer({"id": 1, "title": "Ada"}) for path in ("/users/7",)}


@pytest.mark.usefixtures("recorded")
def test_one_line_for_each_file_and_a_failed_run(
    suite: Suite, run: Run, server: Server, cassettes: Cassettes
) -> None:
    before = cassettes()
    server.stop()
    assert expired(run()) == []  # there is no limit
    told = [
        "older than max_age. Record again: pytest --record-mode=rewrite",
        *(f"reprise:   {MODULE}/{name}.yaml: recorded 45 days ago" for name in sorted(OLD)),
    ]
    suite(SOURCE, ini="reprise_max_age = 30d")
    for options in ([], ["-n2"]):
        result = run(*options)
        result.assert_outcomes(passed=4, warnings=0)
        assert result.ret == 0
        lines = expired(result)
        assert [lines[0].partition(" are ")[2], *lines[1:]] == told
    suite(SOURCE, ini="reprise_max_age = 30d\nreprise_on_expiry = fail")
    for options in ([], ["-n2"]):
        result = run(*options)
        result.assert_outcomes(passed=4)
        assert result.ret == pytest.ExitCode.TESTS_FAILED
        assert expired(result)[0].startswith("reprise: failed: 2 cassettes are older")
    assert run("-k", "any_age").ret == 0  # nothing that is too old was played
    suite(SOURCE)
    Path("reprise.toml").write_text('max_age = "44d"\non_expiry = "fail"\n', encoding="utf-8")
    assert run().ret == pytest.ExitCode.TESTS_FAILED
    suite(SOURCE, ini="reprise_max_age = 46d")  # the ini file is stronger
    assert expired(run()) == []
    assert cassettes() == before


@pytest.mark.usefixtures("recorded")
def test_what_is_too_old_is_recorded_again_and_counts_as_new(
    suite: Suite,
    run: Run,
    server: Server,
    cassettes: Cassettes,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ini = "reprise_max_age = 30d\nreprise_on_expiry = rerecord"
    suite(SOURCE, ini=ini)
    before, sent = cassettes(), len(server.calls)
    assert all(line.endswith("mode none records nothing") for line in expired(run())[1:])
    with monkeypatch.context() as patch:
        patch.setenv("CI", "true")
        lines = expired(run("--record-mode=once"))
        assert len(lines) == 3
        assert all("nothing is recorded in CI" in line for line in lines[1:])
    assert (cassettes(), len(server.calls)) == (before, sent)
    result = run("--record-mode=once")
    assert expired(result) == []
    result.stdout.fnmatch_lines(
        [
            "reprise: recording 3 tests again",
            "reprise: 1 API change (1 breaking); 1 cassette rewritten, 3 say the same",
            "*= 4 passed*3 recorded again in *",
        ]
    )
    after = cassettes()
    changed = {name for name in after if after[name] != before[name]}
    assert changed == {"test_suite/test_old", "test_suite/@me"}
    # The one that says the same has only the time at which it was confirmed.
    new, old = (set(text["test_suite/@me"].splitlines()) for text in (after, before))
    [line] = new - old
    assert line.strip().startswith("confirmed_at: ")
    server.stop()
    result = run()
    result.assert_outcomes(passed=4)
    assert expired(result) == []
    # It becomes too old once more, and a server that is down loses nothing.
    text = make_older("@me", 90).replace(
        "confirmed_at: '2", "confirmed_at: '1990-01-01T00:00:00+00:00' # 2"
    )
    Path(MODULE, "@me.yaml").write_text(text, encoding="utf-8")
    before = cassettes()
    result = run("--record-mode=once")
    result.assert_outcomes(passed=4, failed=0, errors=2)
    assert len(expired(result)) == 2
    assert cassettes() == before


@pytest.mark.usefixtures("recorded")
def test_a_refresh_confirms_what_is_too_old_and_leaves_the_rest(
    suite: Suite, run: Run, cassettes: Cassettes
) -> None:
    suite(SOURCE, ini="reprise_max_age = 30d")
    before = cassettes()
    run("--record-mode=rewrite", "-n2").assert_outcomes(passed=4)
    after = cassettes()
    changed = {name for name in after if after[name] != before[name]}
    assert changed == {f"test_suite/{name}" for name in (*OLD, "test_any_age")}
    assert "confirmed_at" not in after["test_suite/test_any_age"]
    assert expired(run()) == []
    again = run("--record-mode=rewrite")
    again.assert_outcomes(passed=4)
    assert cassettes() == after


def test_the_test_of_a_block_is_recorded_again(
    suite: Suite, run: Run, cassettes: Cassettes
) -> None:
    source = """
        from pytest_reprise import use_cassette

        def test_block(client):
            with use_cassette("cassettes/test_suite/block.yaml"):
                assert client.get("/count").json()["n"]
    """
    suite(source, ini="reprise_max_age = 30d\nreprise_on_expiry = rerecord")
    run("--record-mode=once").assert_outcomes(passed=1)
    make_older("block", 45)
    result = run("--record-mode=once")
    result.stdout.fnmatch_lines(["reprise: recording 1 test again"])
    assert expired(result) == []
    assert cassettes().keys() == {"test_suite/block"}
    assert expired(run()) == []


def test_when_an_interaction_was_recorded() -> None:
    began = datetime(2026, 1, 1, tzinfo=UTC)
    answered = Response(200, "OK", (("Date", "Thu, 01 Jan 2026 00:00:05 GMT"),))
    request = Request("GET", "https://api.test/")
    plain = Interaction(request, answered._replace(headers=()), at=3.0)
    header = Header(began, "tests")
    assert recorded_at(plain, header) == began.timestamp() + 3
    later = header._replace(confirmed_at=began + timedelta(days=1))
    assert recorded_at(plain, later) == began.timestamp() + 86400
    assert recorded_at(Interaction(request, answered), None) == began.timestamp() + 5
    assert recorded_at(plain, None) is None


@pytest.mark.parametrize(
    ("ini", "toml", "mark", "message"),
    [
        ("reprise_max_age = 30", "", "", "*invalid value max_age='30' in ini: expected a number*"),
        ("reprise_max_age = 0d", "", "", "*invalid value max_age='0d' in ini: *"),
        ("reprise_on_expiry = stop", "", "", "*invalid value on_expiry='stop' in ini: choose*"),
        ("", "max_age = 30", "", "*reprise.toml: max_age must be a string*"),
        ("", "max_age = '1y'", "", "*invalid value max_age='1y' in the configuration: expected*"),
        ("", "on_expiry = 'warm'", "", "*choose from warn, fail, rerecord. Did you mean 'warn'*"),
        ("", "", "max_age=30", "*invalid value max_age=30 in the vcr mark: expected a number*"),
    ],
)
def test_nonsense_names_the_place_and_the_form(
    suite: Suite, run: Run, ini: str, toml: str, mark: str, message: str
) -> None:
    source = f"import pytest\n@pytest.mark.vcr({mark})\ndef test_a(client):\n    pass\n"
    suite(source, ini=ini)
    Path("reprise.toml").write_text(toml, encoding="utf-8")
    result = run()
    assert result.ret != 0
    (result.stdout if mark else result.stderr).fnmatch_lines([message])


@given(st.text(st.sampled_from("0123456789.smhdw -"), max_size=12))
def test_an_age_is_a_positive_time_or_an_error(text: str) -> None:
    try:
        age = parse_age(text)
    except ValueError:
        return
    assert age
    assert age > timedelta()
