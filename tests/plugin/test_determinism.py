"""Seed, clock and values by hand, in whole runs: made up while recording, the same on replay."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
import yaml

from ..harness.runs import Cassettes, Run, Server, Suite, json_answer

MADE_UP = """
    import os, random, secrets, uuid
    from uuid import uuid4
    import pytest

    @pytest.mark.vcr
    def test_made_up(client):
        sent = [str(uuid.uuid4()), str(uuid4()), str(uuid.uuid1()), random.random(),
                secrets.token_hex(8), os.urandom(4).hex()]
        answer = client.post("/echo", json=sent).json()
        assert answer["body"].replace(" ", "") == str(sent).replace("'", '"').replace(" ", "")
"""


def bodies(server: Server) -> list[str]:
    return [received.body.decode() for received in server.requests]


def header(text: str) -> dict[str, object]:
    """What stands under `reprise:` in the text of a cassette."""
    found: dict[str, object] = yaml.safe_load(text)["reprise"]
    return found


def test_made_up_values_are_new_at_each_recording_and_the_same_on_replay(
    suite: Suite, run: Run, server: Server
) -> None:
    suite(MADE_UP)
    run("--record-mode=rewrite").assert_outcomes(passed=1)
    run("--record-mode=rewrite").assert_outcomes(passed=1)
    first, second = bodies(server)
    assert first != second
    server.stop()
    run().assert_outcomes(passed=1)


SHARED_VALUE = """
    import uuid
    import pytest

    pytestmark = pytest.mark.vcr

    @pytest.fixture(scope="session")
    def tenant():
        return f"tenant-{uuid.uuid4()}"

    @pytest.mark.parametrize("n", [1, 2])
    def test_tenant(client, tenant, n):
        assert client.post("/echo", json={"tenant": tenant, "n": n}).is_success
"""


@pytest.mark.parametrize("selection", [(), ("-k", "2"), ("--reverse",), ("-n", "2")])
def test_session_fixture_that_only_makes_a_value_has_a_seed_too(
    suite: Suite, run: Run, server: Server, cassettes: Cassettes, selection: tuple[str, ...]
) -> None:
    suite(SHARED_VALUE)
    run("--record-mode=once").assert_outcomes(passed=2)
    assert yaml.safe_load(cassettes()["test_suite.@tenant"])["interactions"] == []
    server.stop()
    assert run(*selection).ret == 0


def test_wider_fixtures_do_not_disturb_what_a_test_draws(
    suite: Suite, run: Run, server: Server
) -> None:
    """Alone, a test sets up the module's fixture; after another one, it finds it there."""
    suite(
        """
        import random
        import pytest

        pytestmark = pytest.mark.vcr

        @pytest.fixture(scope="module")
        def noise():
            return [random.random() for _ in range(5)]

        @pytest.mark.parametrize("n", [1, 2])
        def test_draws(client, noise, n):
            assert client.post("/echo", json=[random.random(), noise]).is_success
        """
    )
    run("--record-mode=once").assert_outcomes(passed=2)
    server.stop()
    run("-k", "2").assert_outcomes(passed=1, deselected=1)
    run("--reverse").assert_outcomes(passed=2)


def test_chance_is_put_back_after_a_recorded_test(suite: Suite, run: Run, server: Server) -> None:
    suite(
        """
        import random, uuid
        import pytest

        def test_before():
            random.seed(7)
            test_before.drawn = random.random()
            random.seed(7)

        @pytest.mark.vcr
        def test_recorded(client):
            assert client.post("/echo", json=random.random()).is_success

        def test_after():
            assert random.random() == test_before.drawn
            assert uuid.uuid4() != uuid.uuid4()
        """
    )
    run("--record-mode=once").assert_outcomes(passed=3)
    server.stop()
    run().assert_outcomes(passed=3)


FAKER = """
    import pytest
    from faker import Faker

    made_early = Faker()

    @pytest.mark.vcr
    def test_fake(client, faker):
        people = [made_early.email(), Faker().email(), faker.email()]
        assert client.post("/echo", json=people).is_success
"""


@pytest.mark.parametrize("seeds", [("1", "2"), ("3", "4")])
def test_pytest_randomly_shuffles_tests_and_leaves_the_seed(
    suite: Suite, run: Run, server: Server, seeds: tuple[str, str]
) -> None:
    suite(FAKER)
    run("-p", "randomly", f"--randomly-seed={seeds[0]}", "--record-mode=once").assert_outcomes(
        passed=1
    )
    server.stop()
    run("-p", "randomly", f"--randomly-seed={seeds[1]}").assert_outcomes(passed=1)


SEEDER = """
    import seeders
    import pytest

    @pytest.mark.vcr
    def test_seeded(client):
        assert client.post("/echo", json=seeders.state).is_success
"""


def test_seeders_of_the_entry_point_group_are_called(
    suite: Suite, run: Run, server: Server, pytester: pytest.Pytester
) -> None:
    suite(SEEDER, seeders="state = []\n\ndef reseed(seed):\n    state[:] = [seed]\n")
    info = pytester.path / "seeders-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: seeders\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[pytest_randomly.random_seeder]\nmy = seeders:reseed\n")
    pytester.syspathinsert()
    run("--record-mode=once").assert_outcomes(passed=1)
    assert json.loads(bodies(server)[0])
    server.stop()
    run().assert_outcomes(passed=1)


# --- the clock --------------------------------------------------------------------------------

CLOCK = """
    import datetime, time
    import pytest

    @pytest.mark.vcr
    def test_time(client):
        answer = client.get("/now").json()
        assert 0 <= time.time() - answer["now"] < 60
        today = datetime.datetime.now(datetime.timezone.utc).date().isoformat()
        assert client.post(f"/echo?day={today}", json={"at": time.time()}).is_success
"""
OLD = "2020-02-29T12:00:00+00:00"
OLD_SECONDS = 1582977600


def age(pytester: pytest.Pytester) -> None:
    """Make the recording old: its header, and the times in it."""
    [path] = (pytester.path / "cassettes").rglob("*.yaml")
    document = yaml.safe_load(path.read_text(encoding="utf-8"))
    document["reprise"]["recorded_at"] = OLD
    now, echo = document["interactions"]
    now["response"]["body"]["string"] = json.dumps({"now": OLD_SECONDS})
    now["reprise"]["response_json"] = "spaced"
    echo["request"]["uri"] = echo["request"]["uri"].partition("=")[0] + "=2020-02-29"
    echo["request"]["body"] = json.dumps({"at": OLD_SECONDS + 1.5})
    path.write_text(yaml.safe_dump(document) + "...\n", encoding="utf-8")


@pytest.fixture
def old_recording(
    suite: Suite, run: Run, server: Server, pytester: pytest.Pytester
) -> Callable[..., None]:
    def record(ini: str = "", conftest: str = "") -> None:
        import time

        server.answers["/now"] = json_answer({"now": time.time()})
        suite(CLOCK, conftest=conftest, ini=ini)
        run("--record-mode=once").assert_outcomes(passed=1)
        server.stop()
        age(pytester)

    return record


def test_replay_runs_on_the_recorded_clock(old_recording: Callable[..., None], run: Run) -> None:
    old_recording()
    run().assert_outcomes(passed=1)


def test_clock_can_be_left_alone(old_recording: Callable[..., None], run: Run) -> None:
    old_recording(ini="reprise_clock = real")
    run().assert_outcomes(failed=1)


def test_pytests_own_times_are_real(
    old_recording: Callable[..., None], run: Run, pytester: pytest.Pytester
) -> None:
    """Reports carry the time between the phases of a test, and durations measure them."""
    old_recording(
        conftest="""
        import time
        STARTED = time.time()

        def pytest_runtest_logreport(report):
            assert STARTED - 1 <= report.start <= report.stop <= time.time()
            assert 0 <= report.duration < 60
        """
    )
    run("--junitxml=junit.xml").assert_outcomes(passed=1)
    assert "2020" not in (pytester.path / "junit.xml").read_text(encoding="utf-8")


def test_a_test_may_travel_by_itself(suite: Suite, run: Run, server: Server) -> None:
    suite(
        """
        import time, time_machine
        import pytest

        @pytest.fixture
        def in_1970():
            with time_machine.travel(0.0):
                yield

        @pytest.mark.vcr
        def test_travels(client, in_1970):
            assert client.get("/count").is_success
            assert time.time() < 60

        def test_after():
            assert time.time() > 1_600_000_000
        """
    )
    run("--record-mode=once").assert_outcomes(passed=2)
    server.stop()
    run().assert_outcomes(passed=2)


def test_answers_do_not_come_from_the_future(suite: Suite, run: Run, server: Server) -> None:
    """A slow server stamps its answer later than a quick replay would ask for it."""
    suite(
        """
        import time
        import pytest

        @pytest.mark.vcr
        def test_age(client):
            assert client.get("/count").is_success
            print("passed", time.time())
        """
    )
    run("--record-mode=once").assert_outcomes(passed=1)
    server.stop()
    run().assert_outcomes(passed=1)


# --- values by hand ---------------------------------------------------------------------------

BY_HAND = """
    import os
    import pytest

    @pytest.mark.vcr
    def test_by_hand(client, recorded):
        reference = recorded("reference", lambda: {"pid": os.getpid(), "tags": ["a", None, 1.5]})
        assert client.post("/echo", json=reference).is_success
"""


def test_value_is_made_while_recording_and_repeated_on_replay(
    suite: Suite, run: Run, server: Server
) -> None:
    suite(BY_HAND)
    run("--record-mode=once").assert_outcomes(passed=1)
    server.stop()
    run().assert_outcomes(passed=1)


def test_value_that_was_not_recorded_fails_with_its_name(
    suite: Suite, run: Run, server: Server
) -> None:
    suite(BY_HAND)
    run("--record-mode=once").assert_outcomes(passed=1)
    server.stop()
    suite(BY_HAND.replace('"reference"', '"order-ref"'))
    result = run()
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*The value 'order-ref' is not recorded.*", "*--record-mode=*"])


def test_value_in_a_test_that_is_not_recorded_is_simply_made(suite: Suite, run: Run) -> None:
    suite("def test_plain(recorded):\n    assert recorded('n', lambda: 42) == 42\n")
    run().assert_outcomes(passed=1)


# --- legacy -----------------------------------------------------------------------------------


def test_cassette_without_seed_and_time_replays_as_it_did(
    suite: Suite, run: Run, server: Server, pytester: pytest.Pytester
) -> None:
    suite(
        """
        import random, time
        import pytest

        @pytest.mark.vcr
        def test_legacy(client):
            before = random.getstate(), time.time()
            assert client.get("/count").json() == {"n": 1}
            assert random.getstate() == before[0]
            assert 0 <= time.time() - before[1] < 60
        """
    )
    run("--record-mode=once").assert_outcomes(passed=1)
    [path] = (pytester.path / "cassettes").rglob("*.yaml")
    document = yaml.safe_load(path.read_text(encoding="utf-8"))
    del document["reprise"]
    for interaction in document["interactions"]:
        del interaction["reprise"]
    path.write_text(yaml.safe_dump(document), encoding="utf-8")
    server.stop()
    run().assert_outcomes(passed=1)
