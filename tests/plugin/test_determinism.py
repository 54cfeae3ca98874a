"""Whole runs: random values, the clock and `recorded` values are the same in each replay."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
import yaml

from ..harness.runs import Cassettes, Run, Server, Suite, json_answer

RANDOM_VALUES = """
    import os, random, secrets, uuid
    from uuid import uuid4
    import pytest

    @pytest.mark.vcr
    def test_random_values(client):
        sent = [str(uuid.uuid4()), str(uuid4()), str(uuid.uuid1()), random.random(),
                secrets.token_hex(8), os.urandom(4).hex()]
        answer = client.post("/echo", json=sent).json()
        assert answer["body"].replace(" ", "") == str(sent).replace("'", '"').replace(" ", "")
"""


def bodies(server: Server) -> list[str]:
    return [received.body.decode() for received in server.requests]


def header(text: str) -> dict[str, object]:
    """Return the header of a cassette: the value under `reprise:`."""
    found: dict[str, object] = yaml.safe_load(text)["reprise"]
    return found


def test_random_values_differ_between_recordings_and_repeat_in_a_replay(
    suite: Suite, run: Run, server: Server
) -> None:
    suite(RANDOM_VALUES)
    run("--record-mode=rewrite").assert_outcomes(passed=1)
    run("--record-mode=rewrite").assert_outcomes(passed=1)
    first, second = bodies(server)
    assert first != second
    server.stop()
    run().assert_outcomes(passed=1)


UUID_OF_A_FIXTURE = """
    import random
    import uuid
    import pytest

    pytestmark = pytest.mark.vcr

    @pytest.fixture(scope="session")
    def tenant(client):
        tenant = str(uuid.uuid1())
        client.post("/echo", json=[tenant, random.random()])
        return tenant

    @pytest.mark.parametrize("n", [1, 2])
    def test_tenant(client, tenant, n):
        assert tenant in client.post("/echo", json=[tenant, n]).json()["body"]
"""


def test_a_uuid_with_a_time_that_a_fixture_made_fits_the_tests_after_a_refresh(
    suite: Suite, run: Run, server: Server
) -> None:
    suite(UUID_OF_A_FIXTURE)
    run("--record-mode=rewrite").assert_outcomes(passed=2)
    run("--record-mode=rewrite").assert_outcomes(passed=2)
    server.stop()
    run().assert_outcomes(passed=2)


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
def test_a_session_fixture_without_requests_has_a_seed_too(
    suite: Suite, run: Run, server: Server, cassettes: Cassettes, selection: tuple[str, ...]
) -> None:
    suite(SHARED_VALUE)
    run("--record-mode=once").assert_outcomes(passed=2)
    assert yaml.safe_load(cassettes()["test_suite.@tenant"])["interactions"] == []
    server.stop()
    assert run(*selection).ret == 0


def test_random_values_of_a_test_do_not_depend_on_wider_fixtures(
    suite: Suite, run: Run, server: Server
) -> None:
    """A test that runs alone sets up the module's fixture itself; otherwise an earlier test did."""
    suite(
        """
        import random
        import pytest

        pytestmark = pytest.mark.vcr

        @pytest.fixture(scope="module")
        def noise():
            return [random.random() for _ in range(5)]

        @pytest.mark.parametrize("n", [1, 2])
        def test_random_body(client, noise, n):
            assert client.post("/echo", json=[random.random(), noise]).is_success
        """
    )
    run("--record-mode=once").assert_outcomes(passed=2)
    server.stop()
    run("-k", "2").assert_outcomes(passed=1, deselected=1)
    run("--reverse").assert_outcomes(passed=2)


def test_the_random_state_is_restored_after_a_recorded_test(
    suite: Suite, run: Run, server: Server
) -> None:
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
def test_pytest_randomly_does_not_change_the_recorded_seed(
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


def test_seeders_of_the_pytest_randomly_entry_point_group_are_called(
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


# --- the clock -----------------------------------------------------------------------------------

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


def make_recording_old(pytester: pytest.Pytester) -> None:
    """Change the header and the times of the recording to a date in 2020."""
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
        make_recording_old(pytester)

    return record


def test_a_replay_uses_the_recorded_clock(old_recording: Callable[..., None], run: Run) -> None:
    old_recording()
    run().assert_outcomes(passed=1)


def test_a_replay_can_use_the_real_clock(old_recording: Callable[..., None], run: Run) -> None:
    old_recording(ini="reprise_clock = real")
    run().assert_outcomes(failed=1)


def test_reports_of_pytest_use_the_real_clock(
    old_recording: Callable[..., None], run: Run, pytester: pytest.Pytester
) -> None:
    """Times and durations in the reports are the real ones, also in a replay."""
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


def test_a_recorded_test_may_use_time_machine_itself(
    suite: Suite, run: Run, server: Server
) -> None:
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


def test_a_replayed_response_is_never_dated_after_the_current_time(
    suite: Suite, run: Run, server: Server
) -> None:
    """A slow server dates its response later than a fast replay sends the request."""
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


# --- values of the `recorded` fixture ------------------------------------------------------------

RECORDED_VALUE = """
    import os
    import pytest

    @pytest.mark.vcr
    def test_recorded_value(client, recorded):
        reference = recorded("reference", lambda: {"pid": os.getpid(), "tags": ["a", None, 1.5]})
        assert client.post("/echo", json=reference).is_success
"""


def test_a_recorded_value_is_made_once_and_repeated_in_a_replay(
    suite: Suite, run: Run, server: Server
) -> None:
    suite(RECORDED_VALUE)
    run("--record-mode=once").assert_outcomes(passed=1)
    server.stop()
    run().assert_outcomes(passed=1)


def test_a_value_that_was_not_recorded_fails_the_test_and_is_named(
    suite: Suite, run: Run, server: Server
) -> None:
    suite(RECORDED_VALUE)
    run("--record-mode=once").assert_outcomes(passed=1)
    server.stop()
    suite(RECORDED_VALUE.replace('"reference"', '"order-ref"'))
    result = run()
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*The value 'order-ref' is not recorded.*", "*--record-mode=*"])


def test_in_an_unrecorded_test_the_value_is_always_made(suite: Suite, run: Run) -> None:
    suite("def test_plain(recorded):\n    assert recorded('n', lambda: 42) == 42\n")
    run().assert_outcomes(passed=1)


# --- legacy cassettes ----------------------------------------------------------------------------


def test_a_legacy_cassette_replays_with_real_random_values_and_clock(
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


FIRST_USE = """
    import asyncio
    import os
    import random
    import tempfile
    import uuid

    import httpx
    import pytest

    pytestmark = pytest.mark.vcr
    FIRST = [True]
    LOCALHOST = os.environ["API_BASE_URL"].replace("127.0.0.1", "localhost")


    def draw_at_first_use():
        import drawing_module
        tempfile._name_sequence = None if FIRST else tempfile._name_sequence
        FIRST.clear()
        next(tempfile._get_candidate_names())  # it makes its generator at its first use


    @pytest.mark.parametrize("number", [1, 2])
    def test_library(client, number):
        client.post("/echo", json=str(uuid.uuid4()))
        draw_at_first_use()
        client.post("/echo", json=[str(uuid.uuid4()), random.Random().random()])


    def test_looking_up_a_name():
        async def send():
            async with httpx.AsyncClient() as client:
                await client.post(LOCALHOST + "/echo", json="first")
                loop = asyncio.get_running_loop()
                drawn = await loop.run_in_executor(None, uuid.uuid4)
                await client.post(LOCALHOST + "/echo", json=str(drawn))

        asyncio.run(send())
"""

DRAWING_MODULE = """
    import os
    import random
    import uuid

    AT_IMPORT = uuid.uuid4(), os.urandom(8), random.Random()
"""


def test_what_a_library_draws_at_its_first_use_moves_no_value(
    suite: Suite, run: Run, server: Server
) -> None:
    """While recording, the first test imports a module; alone, each other test imports it."""
    suite(FIRST_USE, drawing_module=DRAWING_MODULE)
    run("--record-mode=once").assert_outcomes(passed=3)
    server.stop()
    run("-k", "test_library and 2").assert_outcomes(passed=1)
    run().assert_outcomes(passed=3)


STRIPE_ID = """
    import pathlib, secrets

    FILE = pathlib.Path(__file__).with_name("telemetry_id")
    loaded = False

    def get():
        global loaded
        if not loaded and not FILE.exists():
            FILE.write_text(secrets.token_hex(16))
        loaded = True
"""


def test_what_a_library_draws_once_on_a_machine_moves_no_value(
    suite: Suite, run: Run, server: Server, pytester: pytest.Pytester
) -> None:
    """stripe keeps the id of a machine in a file: a recording on another machine draws none."""
    suite(
        """
        import uuid
        import pytest
        from stripe import _telemetry_id

        @pytest.mark.vcr
        @pytest.mark.parametrize("number", [1, 2])
        def test_send(client, number):
            _telemetry_id.get()
            client.post("/echo", headers={"Idempotency-Key": str(uuid.uuid4())})
        """,
        stripe___telemetry_id=STRIPE_ID,
    )
    run("--record-mode=once").assert_outcomes(passed=2)
    server.stop()
    run().assert_outcomes(passed=2)
    (pytester.path / "stripe/telemetry_id").unlink()
    run("-k", "2").assert_outcomes(passed=1, deselected=1)
