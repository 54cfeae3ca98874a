"""Before the first live request, a run waits until the server to record against is up."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator

import pytest

from ..harness.runs import Cassettes, Run, Server, Suite, json_answer, recorded

NOT_NEEDED = ("anyio",)

THREE = """
    import pytest

    @pytest.mark.vcr
    @pytest.mark.parametrize("n", range(3))
    def test_it(client, n):
        assert client.get("/count").is_success
"""
WITH_FIXTURE = """
    import pytest

    @pytest.fixture(scope="session")
    def thing(client):
        return client.get("/count").json()

    @pytest.mark.vcr
    @pytest.mark.parametrize("n", range(3))
    def test_it(thing, n):
        pass
"""
HEALTH = "reprise_health_path = /health"
IMPATIENT = f"{HEALTH}\nreprise_health_timeout = 0.3"
STARTING = json_answer({"status": "starting"}, status=503)
CALLS = ["GET /count"] * 3


@pytest.fixture
def other_server() -> Iterator[Server]:
    server = Server()
    yield server
    server.close()


# --- it comes up ------------------------------------------------------------------------------


def test_it_waits_until_the_server_is_healthy(suite: Suite, run: Run, server: Server) -> None:
    server.answers["/health"] = [STARTING, STARTING, json_answer({"status": "ok"})]
    suite(THREE, ini=HEALTH)
    run("--record-mode=once").assert_outcomes(passed=3)
    assert server.calls == ["GET /health"] * 3 + CALLS


def test_it_waits_until_connections_are_answered(suite: Suite, run: Run, server: Server) -> None:
    server.connections_to_drop = 2
    suite(THREE, ini=HEALTH)
    run("--record-mode=once").assert_outcomes(passed=3)
    assert server.calls == ["GET /health", *CALLS]


RINGS = """
    import os
    import socket
    import sys

    bell = socket.create_connection(("127.0.0.1", int(os.environ["BELL"])))
    looks = []

    def watch(event, args):
        if event == "socket.connect":
            looks.append(args)
            if len(looks) == 2:
                bell.sendall(b"?")
                bell.recv(1)

    sys.addaudithook(watch)
"""
"""Rings at its second look for the server, which shows that the first one was in vain."""


def test_it_waits_until_the_server_starts(
    suite: Suite, run: Run, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.stop()
    suite(THREE, conftest=RINGS, ini=HEALTH)
    with socket.create_server(("127.0.0.1", 0)) as bell:
        monkeypatch.setenv("BELL", str(bell.getsockname()[1]))
        starter = threading.Thread(target=_start_when_rung, args=(bell, server), daemon=True)
        starter.start()
        run("--record-mode=once").assert_outcomes(passed=3)
        starter.join()
    assert server.calls == ["GET /health", *CALLS]


def _start_when_rung(bell: socket.socket, server: Server) -> None:
    connection, _ = bell.accept()
    with connection:
        if connection.recv(1):
            server.start()
            connection.sendall(b"!")


@pytest.mark.parametrize(
    ("source", "held"),
    [
        pytest.param(THREE, [["GET /count"]] * 3, id="test"),
        # The tests that only use the fixture have cassettes without a call.
        pytest.param(WITH_FIXTURE, [[], [], [], ["GET /count"]], id="fixture"),
    ],
)
def test_it_asks_once_and_records_nothing_of_it(
    suite: Suite,
    run: Run,
    server: Server,
    cassettes: Cassettes,
    source: str,
    held: list[list[str]],
) -> None:
    suite(source, ini=HEALTH)
    result = run("--record-mode=once")
    result.assert_outcomes(passed=3)
    assert server.calls.count("GET /health") == 1
    assert server.calls[0] == "GET /health"
    live = server.calls.count("GET /count")
    result.stdout.fnmatch_lines([f"reprise: * {live} live request*"])
    assert sorted(map(recorded, cassettes().values())) == held


# --- it never comes ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "outcome"),
    [(THREE, {"failed": 1}), (WITH_FIXTURE, {"errors": 1})],
    ids=["test", "fixture"],
)
def test_one_clear_failure_when_it_never_starts(
    suite: Suite,
    run: Run,
    server: Server,
    cassettes: Cassettes,
    source: str,
    outcome: dict[str, int],
) -> None:
    server.stop()
    suite(source, ini=IMPATIENT)
    result = run("--record-mode=once")
    result.assert_outcomes(**outcome)
    result.stdout.fnmatch_lines(
        [
            "*The server to record against is not ready.",
            f"* health * GET {server.url}/health",
            "* answer * (waited 0.3 s)",
            "*API_BASE_URL=*",
            "!* The server to record against is not ready. !*",
        ]
    )
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    assert cassettes() == {}


def test_the_failure_says_what_the_server_answered(suite: Suite, run: Run, server: Server) -> None:
    server.answers["/health"] = STARTING
    suite(THREE, ini=IMPATIENT)
    result = run("--record-mode=once")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["* answer * 503 Service Unavailable (waited 0.3 s)"])
    assert set(server.calls) == {"GET /health"}


def test_code_that_swallows_it_does_not_go_on(suite: Suite, run: Run, server: Server) -> None:
    server.answers["/health"] = STARTING
    swallowing = THREE.replace("assert client", "pass\n        try: client").replace(
        ".is_success", "\n        except Exception: pass"
    )
    suite(swallowing, ini=IMPATIENT)
    result = run("--record-mode=once")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*The server to record against is not ready.*"])
    assert set(server.calls) == {"GET /health"}


# --- when and whom it asks --------------------------------------------------------------------


def test_replay_asks_nobody(suite: Suite, run: Run, server: Server) -> None:
    suite(THREE, ini=IMPATIENT)
    run("--record-mode=once").assert_outcomes(passed=3)
    server.stop()
    run().assert_outcomes(passed=3)


def test_it_is_off_by_default(suite: Suite, run: Run, server: Server) -> None:
    suite(THREE)
    run("--record-mode=once").assert_outcomes(passed=3)
    assert server.calls == CALLS


def test_unrecorded_tests_do_not_wait(suite: Suite, run: Run, server: Server) -> None:
    suite(THREE.replace("@pytest.mark.vcr", ""), ini=HEALTH)
    run("--record-mode=once").assert_outcomes(passed=3)
    assert server.calls == CALLS


BASE_URL = """
    import pytest

    @pytest.fixture(scope="session")
    def base_url():
        return "{url}"
"""


@pytest.mark.parametrize("said_by", ["API_BASE_URL", "BASE_URL", "--base-url", "base_url"])
def test_it_asks_the_base_url_whoever_is_called_first(
    suite: Suite,
    run: Run,
    server: Server,
    other_server: Server,
    monkeypatch: pytest.MonkeyPatch,
    said_by: str,
) -> None:
    """As a suite does that gets its token from another host."""
    monkeypatch.delenv("API_BASE_URL")
    if said_by.isupper():
        monkeypatch.setenv(said_by, server.url)
    suite(
        f"""
        import httpx
        import pytest

        @pytest.mark.vcr
        def test_one(client):
            httpx.get("{other_server.url}/count")
            client.get("/count")
        """,
        conftest=BASE_URL.format(url=server.url) if said_by == "base_url" else "",
        ini=HEALTH,
    )
    options = [f"--base-url={server.url}"] if said_by == "--base-url" else []
    run("--record-mode=once", *options).assert_outcomes(passed=1)
    assert server.calls == ["GET /health", "GET /count"]
    assert other_server.calls == ["GET /count"]


def test_without_a_base_url_it_asks_whoever_is_called_first(
    suite: Suite, run: Run, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("API_BASE_URL")
    suite(
        f"""
        import httpx
        import pytest

        @pytest.mark.vcr
        def test_one():
            httpx.get("{server.url}/count?page=1")
        """,
        ini=HEALTH,
    )
    run("--record-mode=once").assert_outcomes(passed=1)
    assert server.calls == ["GET /health", "GET /count?page=1"]
