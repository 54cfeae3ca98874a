"""Before its first live request, a run waits until the server is healthy."""

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


# --- the server becomes healthy ------------------------------------------------------------------


def test_recording_waits_until_the_server_is_healthy(
    suite: Suite, run: Run, server: Server
) -> None:
    server.answers["/health"] = [STARTING, STARTING, json_answer({"status": "ok"})]
    suite(THREE, ini=HEALTH)
    run("--record-mode=once").assert_outcomes(passed=3)
    assert server.calls == ["GET /health"] * 3 + CALLS


def test_recording_waits_until_the_server_answers_connections(
    suite: Suite, run: Run, server: Server
) -> None:
    server.connections_to_drop = 2
    suite(THREE, ini=HEALTH)
    run("--record-mode=once").assert_outcomes(passed=3)
    assert server.calls == ["GET /health", *CALLS]


SIGNALS_SECOND_CONNECT = """
    import os
    import socket
    import sys

    signal = socket.create_connection(("127.0.0.1", int(os.environ["SIGNAL_PORT"])))
    connects = []

    def watch(event, args):
        if event == "socket.connect":
            connects.append(args)
            if len(connects) == 2:
                signal.sendall(b"?")
                signal.recv(1)

    sys.addaudithook(watch)
"""
"""Signals the second attempt to connect; it shows that the first attempt failed."""


def test_recording_waits_until_the_server_starts(
    suite: Suite, run: Run, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.stop()
    suite(THREE, conftest=SIGNALS_SECOND_CONNECT, ini=HEALTH)
    with socket.create_server(("127.0.0.1", 0)) as signal:
        monkeypatch.setenv("SIGNAL_PORT", str(signal.getsockname()[1]))
        starter = threading.Thread(target=_start_on_signal, args=(signal, server), daemon=True)
        starter.start()
        run("--record-mode=once").assert_outcomes(passed=3)
        starter.join()
    assert server.calls == ["GET /health", *CALLS]


def _start_on_signal(signal: socket.socket, server: Server) -> None:
    connection, _ = signal.accept()
    with connection:
        if connection.recv(1):
            server.start()
            connection.sendall(b"!")


@pytest.mark.parametrize(
    ("source", "recorded_requests"),
    [
        pytest.param(THREE, [["GET /count"]] * 3, id="test"),
        # Tests that only use the fixture have cassettes without interactions.
        pytest.param(WITH_FIXTURE, [[], [], [], ["GET /count"]], id="fixture"),
    ],
)
def test_the_health_check_is_sent_once_and_not_recorded(
    suite: Suite,
    run: Run,
    server: Server,
    cassettes: Cassettes,
    source: str,
    recorded_requests: list[list[str]],
) -> None:
    suite(source, ini=HEALTH)
    result = run("--record-mode=once")
    result.assert_outcomes(passed=3)
    assert server.calls.count("GET /health") == 1
    assert server.calls[0] == "GET /health"
    live = server.calls.count("GET /count")
    result.stdout.fnmatch_lines([f"reprise: * {live} live request*"])
    assert sorted(map(recorded, cassettes().values())) == recorded_requests


# --- the server does not become healthy ----------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "outcome"),
    [(THREE, {"failed": 1}), (WITH_FIXTURE, {"errors": 1})],
    ids=["test", "fixture"],
)
def test_a_server_that_never_starts_gives_one_clear_failure(
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


def test_the_failure_shows_the_last_response_of_the_server(
    suite: Suite, run: Run, server: Server
) -> None:
    server.answers["/health"] = STARTING
    suite(THREE, ini=IMPATIENT)
    result = run("--record-mode=once")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["* answer * 503 Service Unavailable (waited 0.3 s)"])
    assert set(server.calls) == {"GET /health"}


def test_the_test_fails_even_if_its_code_catches_the_error(
    suite: Suite, run: Run, server: Server
) -> None:
    server.answers["/health"] = STARTING
    swallowing = THREE.replace("assert client", "pass\n        try: client").replace(
        ".is_success", "\n        except Exception: pass"
    )
    suite(swallowing, ini=IMPATIENT)
    result = run("--record-mode=once")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*The server to record against is not ready.*"])
    assert set(server.calls) == {"GET /health"}


# --- when and where the health check is sent -----------------------------------------------------


def test_a_replay_sends_no_health_check(suite: Suite, run: Run, server: Server) -> None:
    suite(THREE, ini=IMPATIENT)
    run("--record-mode=once").assert_outcomes(passed=3)
    server.stop()
    run().assert_outcomes(passed=3)


def test_without_the_setting_no_health_check_is_sent(
    suite: Suite, run: Run, server: Server
) -> None:
    suite(THREE)
    run("--record-mode=once").assert_outcomes(passed=3)
    assert server.calls == CALLS


def test_unrecorded_tests_do_not_wait_for_the_server(
    suite: Suite, run: Run, server: Server
) -> None:
    suite(THREE.replace("@pytest.mark.vcr", ""), ini=HEALTH)
    run("--record-mode=once").assert_outcomes(passed=3)
    assert server.calls == CALLS


BASE_URL = """
    import pytest

    @pytest.fixture(scope="session")
    def base_url():
        return "{url}"
"""


@pytest.mark.parametrize("source", ["API_BASE_URL", "BASE_URL", "--base-url", "base_url"])
def test_the_health_check_goes_to_the_base_url_and_not_to_the_first_url(
    suite: Suite,
    run: Run,
    server: Server,
    other_server: Server,
    monkeypatch: pytest.MonkeyPatch,
    source: str,
) -> None:
    """A suite may send its first request to another host, for example to get a token."""
    monkeypatch.delenv("API_BASE_URL")
    if source.isupper():
        monkeypatch.setenv(source, server.url)
    suite(
        f"""
        import httpx
        import pytest

        @pytest.mark.vcr
        def test_one(client):
            httpx.get("{other_server.url}/count")
            client.get("/count")
        """,
        conftest=BASE_URL.format(url=server.url) if source == "base_url" else "",
        ini=HEALTH,
    )
    options = [f"--base-url={server.url}"] if source == "--base-url" else []
    run("--record-mode=once", *options).assert_outcomes(passed=1)
    assert server.calls == ["GET /health", "GET /count"]
    assert other_server.calls == ["GET /count"]


def test_without_a_base_url_the_health_check_goes_to_the_first_host(
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
