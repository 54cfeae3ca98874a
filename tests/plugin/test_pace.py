"""`pace`: the latency of each answer is recorded, and a replay waits for it if it is asked to."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from ..harness.runs import Cassettes, Run, Server, Suite, json_answer

FORKS = True
HEADERS, BODY = 3600, 7200
SUITE = """
    import os
    import time

    import aiohttp
    import anyio
    import httpx
    import httpx2
    import pytest
    import requests

    URL = os.environ["API_BASE_URL"]
    HEADERS, BODY, AFTER = (float(word) for word in os.environ["SECONDS"].split())


    @pytest.fixture
    def started():
        return time.time()


    def passed(started):
        return time.time() - started


    @pytest.mark.vcr
    @pytest.mark.parametrize("module", [httpx, httpx2])
    def test_sync(module, started):
        answer = module.get(f"{URL}/count")
        assert passed(started) >= AFTER
        if BODY:
            assert answer.elapsed.total_seconds() == BODY


    @pytest.mark.vcr
    @pytest.mark.parametrize("module", [httpx, httpx2])
    @pytest.mark.parametrize("backend", ["asyncio", "trio"])
    def test_async(module, backend, started):
        async def main():
            async with module.AsyncClient() as client:
                return await client.get(f"{URL}/count")

        answer = anyio.run(main, backend=backend)
        assert passed(started) >= AFTER
        if BODY:
            assert answer.elapsed.total_seconds() == BODY


    @pytest.mark.vcr
    def test_stream(started):
        with httpx.stream("GET", f"{URL}/count") as answer:
            until_headers = passed(started)
            [*answer.iter_bytes()]
        if AFTER:
            assert HEADERS <= until_headers < BODY
        assert passed(started) >= AFTER
        if BODY:
            assert answer.elapsed.total_seconds() == BODY


    @pytest.mark.vcr
    def test_requests(started):
        requests.get(f"{URL}/count")
        assert passed(started) >= AFTER


    @pytest.mark.vcr
    def test_aiohttp(started):
        async def main():
            async with aiohttp.ClientSession() as session:
                await (await session.get(f"{URL}/count")).read()

        anyio.run(main)
        assert passed(started) >= AFTER


    @pytest.mark.vcr
    def test_failure(started):
        with pytest.raises(httpx.ConnectError):
            httpx.get("http://127.0.0.1:1/")
        assert passed(started) >= AFTER / 2  # it has no body


    @pytest.mark.vcr(pace="full")
    def test_at_full_speed(started):
        assert httpx.get(f"{URL}/count").elapsed.total_seconds() >= BODY
        assert passed(started) < 3600
"""


def _slow_down(cassette: Path) -> None:
    """Write the latencies of a slow server into a cassette."""
    text = cassette.read_text(encoding="utf-8")
    text = re.sub(r"    latency_of_body: .*\n", "", text)
    body = f"    latency_of_body: {BODY}.0\n" if "failure:" not in text else ""
    text, count = re.subn(
        r"    latency: [0-9.]+\n", f"    latency: {HEADERS}.0\n{body}", text, flags=re.MULTILINE
    )
    assert count == 1
    cassette.write_text(text, encoding="utf-8")


@pytest.fixture
def slow(
    suite: Suite, run: Run, pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A recorded suite with the latencies of a slow server."""
    suite(SUITE)
    monkeypatch.setenv("SECONDS", "0 0 0")
    run("--record-mode=once").assert_outcomes(passed=11)
    for cassette in pytester.path.rglob("cassettes/**/*.yaml"):
        _slow_down(cassette)


@pytest.mark.usefixtures("slow")
def test_a_replay_waits_if_it_is_asked_to(
    run: Run, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.stop()
    monkeypatch.setenv("SECONDS", f"{HEADERS} {BODY} 0")
    run("--record-mode=none").assert_outcomes(passed=11)  # at full speed
    monkeypatch.setenv("SECONDS", f"{HEADERS} {BODY} {BODY}")
    paced = ("-o", "reprise_pace=recorded", "-o", "reprise_skip_sleep=true")
    run("--record-mode=none", *paced).assert_outcomes(passed=11)
    # Without skip_sleep a replay really waits: 7200 * 0.00001 seconds.
    monkeypatch.setenv("SECONDS", f"0 {BODY} 0.072")
    run("-o", "reprise_pace=0.00001", "-o", "reprise_clock=real").assert_outcomes(passed=11)
    for wrong in ("fast", "-1", "nan", "inf"):
        refused = run("-o", f"reprise_pace={wrong}").stderr.str()
        assert f"invalid value pace='{wrong}' in ini: expected recorded, full, or a" in refused


@pytest.mark.usefixtures("slow")
def test_latency_is_noise_for_a_refresh(
    run: Run, server: Server, cassettes: Cassettes, pytester: pytest.Pytester
) -> None:
    """Also where the old recording has none. A changed answer keeps the old latency."""
    named = "cassettes/test_suite/test_requests.yaml"
    without = pytester.path / named
    text = without.read_text(encoding="utf-8")
    without.write_text(re.sub(r"    latency\w*: .*\n", "", text), encoding="utf-8")
    before = cassettes()
    run("--record-mode=rewrite", "-k", "sync or requests").assert_outcomes(passed=7, deselected=4)
    assert cassettes() == before
    server.answers["/count"] = json_answer({"n": 1, "added": True})
    run("--record-mode=rewrite", "-k", "test_sync or requests").assert_outcomes(
        passed=3, deselected=8
    )
    after = cassettes()
    changed = sorted(name for name in after if after[name] != before[name])
    assert changed == [
        f"test_suite/test_{name}" for name in ("requests", "sync[httpx2]", "sync[httpx]")
    ]
    assert ["latency: 3600.0" in after[name] for name in changed] == [False, True, True]
    assert "latency" not in after[changed[0]]


def test_what_is_recorded(suite: Suite, run: Run, cassettes: Cassettes) -> None:
    suite(
        """
        import os
        import time
        import httpx
        import pytest

        URL = os.environ["API_BASE_URL"]

        @pytest.mark.vcr
        def test_it():
            with httpx.stream("GET", f"{URL}/count") as answer:
                time.sleep(0.02)
                answer.read()
            httpx.get(f"{URL}/count")
        """
    )
    run("--record-mode=once").assert_outcomes(passed=1)
    [cassette] = cassettes().values()
    streamed, plain = (one["reprise"] for one in yaml.safe_load(cassette)["interactions"])
    assert streamed["latency_of_body"] - streamed["latency"] >= 0.02
    assert 0 <= plain["latency"] < 60
