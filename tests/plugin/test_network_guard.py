"""A replay sends nothing, also where the patches of the clients do not see a request."""

from __future__ import annotations

import pytest

from ..harness.runs import Run, Server, Suite

NONE = "--record-mode=none"


@pytest.mark.parametrize("client", ["httpx", "requests", "urllib.request"])
def test_a_request_at_import_is_refused(
    suite: Suite, run: Run, server: Server, client: str
) -> None:
    send = "urlopen" if client == "urllib.request" else "get"
    suite(
        f"""
        import os
        import pytest
        import {client} as http_client

        http_client.{send}(os.environ["API_BASE_URL"] + "/count")

        @pytest.mark.vcr
        def test_a(): pass
        """
    )
    result = run(NONE)
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(
        [
            "*A request of * to 127.0.0.1:* was refused: in a replay nothing is sent.",
            "*  from      test_suite.py:*, in <module>",
            "*  while     test modules were imported",
            "*Make the request in a fixture, so that it can be recorded.",
        ]
    )
    assert server.calls == []


def test_a_thread_that_outlives_all_tests_is_refused(
    suite: Suite, run: Run, server: Server
) -> None:
    suite(
        """
        import threading
        import httpx, pytest

        session_ends = threading.Event()
        threads = []

        def poll(url):
            session_ends.wait()
            try:
                httpx.get(url)
            except Exception as error:
                print(error, flush=True)

        @pytest.mark.vcr
        def test_a(client):
            client.get("/count")
            threads.append(threading.Thread(target=poll, args=(f"{client.base_url}/late",)))
            threads[-1].start()
        """,
        conftest="""
        import pytest

        @pytest.hookimpl(trylast=True)
        def pytest_sessionfinish(session):
            import test_suite
            test_suite.session_ends.set()
            for thread in test_suite.threads:
                thread.join()
        """,
    )
    run("--record-mode=once").assert_outcomes(passed=1)
    before = len(server.requests)
    result = run("-s", NONE)
    result.stdout.fnmatch_lines(
        [
            "*GET /late was refused: what started its thread or task has ended.",
            "  started by  test_suite.py::test_a",
        ]
    )
    assert len(server.requests) == before


@pytest.mark.usefixtures("run")  # for its environment
def test_a_thread_that_outlives_the_session_is_refused(
    suite: Suite, server: Server, pytester: pytest.Pytester
) -> None:
    """The patches of the clients are gone then. Threads of the program itself may send."""
    suite(
        """
        import httpx, pytest, threading

        @pytest.mark.vcr
        def test_a(client):
            def send():
                threading.main_thread().join()
                try:
                    httpx.get(f"{client.base_url}/late")
                except Exception as error:
                    print(error, flush=True)

            client.get("/count")
            threading.Thread(target=send).start()
        """,
        program="""
        import os, threading
        import httpx, pytest

        def send():
            threading.main_thread().join()
            httpx.get(os.environ["API_BASE_URL"] + "/program")

        for mode in ("once", "none"):
            options = ["-p", "no:django"]  # which has a fixture `client`, too
            assert pytest.main(["-s", f"--record-mode={mode}", *options]) == 0
        threading.Thread(target=send).start()
        """,
    )
    result = pytester.runpython(pytester.path / "program.py")
    assert result.ret == 0
    refused = "A request of httpx to * was refused: what started its thread or task has ended."
    result.stdout.fnmatch_lines([refused, refused])
    assert server.calls == ["GET /count", "GET /program"]


def test_a_transport_that_avoids_the_patches_is_refused(
    suite: Suite, run: Run, server: Server
) -> None:
    suite(
        """
        import socket
        import httpx, pytest

        class Own(httpx.BaseTransport):
            def handle_request(self, request):
                address = request.url.host, request.url.port
                with socket.create_connection(address) as connection:
                    connection.sendall(b"GET /own HTTP/1.1\\r\\nHost: a\\r\\n\\r\\n")
                    connection.recv(10)
                return httpx.Response(200)

        @pytest.mark.vcr
        def test_a(client):
            client.get("/count")
            with httpx.Client(transport=Own(), base_url=client.base_url) as own:
                assert own.get("/own").is_success
        """
    )
    run("--record-mode=once").assert_outcomes(passed=1)
    before = len(server.requests)
    result = run()
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*  while     a recorded test was replayed"])
    assert len(server.requests) == before


@pytest.mark.parametrize("options", [[], [NONE], [NONE, "--block-network"]])
def test_other_connections_and_unrecorded_tests_are_free(
    suite: Suite, run: Run, server: Server, options: list[str]
) -> None:
    """A database is no HTTP client, and a test without the mark may send what it likes."""
    suite(
        """
        import socket
        import httpx, pytest

        @pytest.mark.vcr
        @pytest.mark.block_network(allowed_hosts=["127.*"])
        def test_recorded(client):
            client.get("/count")
            url = client.base_url
            socket.create_connection((url.host, url.port)).close()

        @pytest.mark.block_network(allowed_hosts=["127.*"])
        def test_unrecorded(client):
            assert httpx.get(client.base_url.join("/health")).is_success
        """
    )
    run("--record-mode=once").assert_outcomes(passed=2)
    before = len(server.requests)
    run(*options).assert_outcomes(passed=2)
    assert server.calls[before:] == ["GET /health"]
