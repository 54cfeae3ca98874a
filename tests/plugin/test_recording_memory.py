"""Whole runs: what is recorded waits on the disk for the end of the run, and not in memory."""

from __future__ import annotations

import os
import random
import re
import shutil

import pytest

from ..harness.runs import Run, Server, Suite

NOT_NEEDED = ("anyio", "base_url", "xdist", "reverse", "faker")
MEGABYTE = 1_000_000

SUITE = """
    import pytest

    @pytest.mark.vcr
    @pytest.mark.parametrize("n", range({}))
    def test_download(client, n):
        assert len(client.get(f"/download?n={{n}}").content) > 1000
"""
PRINT_PEAK = """
    import gc, resource, sys

    def pytest_runtest_logfinish():
        gc.collect()  # responses of httpx refer to themselves

    def pytest_terminal_summary(terminalreporter):
        unit = 1 if sys.platform == "darwin" else 1024
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
        terminalreporter.write_line(f"peak: {peak}")
"""


@pytest.mark.skipif(os.name != "posix", reason="getrusage of POSIX")
def test_memory_does_not_grow_with_the_number_of_cassettes(
    suite: Suite, run: Run, server: Server
) -> None:
    body = random.Random(1).randbytes(2 * MEGABYTE)
    server.answers["/download"] = 200, {"Content-Type": "application/octet-stream"}, body
    peaks = []
    for count in (3, 18):
        shutil.rmtree("cassettes", ignore_errors=True)
        suite(SUITE.format(count), conftest=PRINT_PEAK)
        result = run("--record-mode=once", "-q")
        result.assert_outcomes(passed=count)
        [peak] = re.findall(r"peak: (\d+)", result.stdout.str())
        peaks.append(int(peak))
    assert peaks[1] - peaks[0] < 10 * MEGABYTE
