"""`skip_sleep`: sleep passes at once in a replay, and the recorded clock goes on."""

from __future__ import annotations

import pytest

from ..harness.runs import Run, Server, Suite

SUITE = """
    import asyncio
    import os
    import threading
    import time
    from time import sleep

    import anyio
    import httpx
    import pytest
    import trio

    URL = os.environ["API_BASE_URL"]
    SECONDS = float(os.environ["SECONDS"])
    REAL = time.sleep


    def get():
        assert httpx.get(URL + "/health").is_success


    @pytest.fixture(scope="session")
    def server():
        ended, slept = threading.Event(), []

        def serve():
            while not ended.is_set():
                started = time.monotonic()
                time.sleep(0.002)
                slept.append(time.monotonic() - started)

        thread = threading.Thread(target=serve)
        thread.start()
        yield slept
        ended.set()
        thread.join()


    @pytest.mark.vcr
    def test_threads(server):
        get()
        started = time.time()
        sleep(SECONDS / 2)
        job = threading.Thread(target=time.sleep, args=[SECONDS / 2])
        job.start()
        job.join()
        assert time.time() - started >= SECONDS
        with pytest.raises(ValueError):
            time.sleep(-1)
        assert min(server, default=1) >= 0.001


    @pytest.mark.vcr
    @pytest.mark.parametrize("module", [asyncio, anyio, trio])
    def test_tasks(module):
        async def main():
            get()
            await module.sleep(SECONDS)

        started = time.time()
        anyio.run(main, backend="trio" if module is trio else "asyncio")
        assert time.time() - started >= SECONDS


    @pytest.mark.vcr(skip_sleep=False)
    def test_not_with_this_mark():
        get()
        assert time.sleep is sleep is REAL


    def test_not_recorded():
        assert time.sleep is sleep is REAL
"""


def test_two_hours_pass_at_once_in_a_replay(
    suite: Suite, run: Run, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    suite(SUITE, ini="reprise_skip_sleep = true")
    monkeypatch.setenv("SECONDS", "0")
    run("--record-mode=once").assert_outcomes(passed=6)
    server.stop()
    monkeypatch.setenv("SECONDS", "7200")
    run("--record-mode=none").assert_outcomes(passed=6)
    run("--record-mode=none", "-o", "reprise_skip_sleep=maybe").stderr.fnmatch_lines(
        ["*reprise_skip_sleep in the ini file*maybe*"]
    )
