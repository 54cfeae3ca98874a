"""`use_cassette` in a run of pytest: nested, in threads and tasks, in recorded and other tests."""

from __future__ import annotations

import pytest

from ..harness.runs import Cassettes, Run, Server, Suite, recorded

NONE = ("--record-mode=none", "--block-network")

SUITE = """
    import asyncio
    import os
    import random
    import threading
    import time
    from concurrent.futures import ThreadPoolExecutor

    import httpx
    import pytest

    from pytest_reprise import Cassettes, use_cassette

    URL = os.environ["API_BASE_URL"]
    SHARED = Cassettes(cassette_library_dir="shared", match_on=["method", "path"])


    def count():
        return httpx.get(URL + "/count").json()["n"]


    def echo(text):
        return httpx.post(URL + "/echo", json={"text": text}).json()


    def test_not_recorded():
        with use_cassette("cassettes/plain.yaml") as cassette:
            first = count()
            assert cassette.played + cassette.sent == 1
            assert cassette.is_replay == bool(cassette.played)
            assert cassette.interactions[-1].request.method == "GET"
        assert cassette.path.name == "plain.yaml"
        with use_cassette("cassettes/plain.yaml"):
            assert count() > first


    @pytest.mark.vcr
    def test_nested(cassette):
        with use_cassette("cassettes/outer.yaml"):
            httpx.get(URL + "/status/201")
            with use_cassette("cassettes/inner.yaml"), use_cassette("cassettes/innermost.yaml"):
                httpx.get(URL + "/status/202")
            httpx.get(URL + "/status/203")
        httpx.get(URL + "/status/204")
        assert cassette.played + cassette.sent == 1


    @pytest.mark.vcr
    def test_made_up_data_and_clock():
        with use_cassette("cassettes/made-up.yaml"):
            echo(f"{random.random()} {time.time():.0f}")
        with use_cassette("cassettes/made-up-too.yaml"):
            echo(random.random())


    @pytest.mark.vcr
    def test_threads():
        def work(name):
            with use_cassette(f"cassettes/{name}.yaml"):
                barrier.wait(30)
                with ThreadPoolExecutor(1) as pool:
                    pool.submit(echo, name).result()
                return echo(name)

        barrier = threading.Barrier(2)
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(work, ["thread-a", "thread-b"]))


    @use_cassette("cassettes/tasks.yaml")
    async def ask(client, path):
        return (await client.get(URL + path)).status_code


    def test_tasks():
        async def work(client, name, path):
            async with SHARED.use_cassette(name):
                await asyncio.sleep(0)
                await client.get(URL + path)

        async def main():
            async with httpx.AsyncClient() as client:
                await asyncio.gather(
                    work(client, "task-a.yaml", "/status/200"),
                    work(client, "task-b.yaml", "/status/404"),
                    ask(client, "/status/418"),
                )

        asyncio.run(main())


    @pytest.fixture
    @use_cassette("cassettes/fixture.yaml")
    def ordered():
        yield count()
        httpx.delete(URL + "/orders/1")


    def test_fixture(ordered):
        assert ordered == ordered
        httpx.get(URL + "/status/200")


    @pytest.fixture(scope="module")
    def shop():
        with use_cassette("cassettes/shop.yaml"):
            yield count()


    def test_in_wider_fixture(shop):
        httpx.get(URL + "/status/205")


    def test_in_wider_fixture_again(shop):
        with use_cassette("cassettes/beside-shop.yaml"):
            httpx.get(URL + "/status/207")
        httpx.get(URL + "/status/206")
"""


def test_every_kind_of_block_records_and_replays(
    suite: Suite, run: Run, cassettes: Cassettes, server: Server
) -> None:
    suite(SUITE)
    run("--record-mode=once").assert_outcomes(passed=8)
    calls = {name: recorded(text) for name, text in cassettes().items()}
    assert calls == {
        "plain": ["GET /count", "GET /count"],
        "outer": ["GET /status/201", "GET /status/203"],
        "innermost": ["GET /status/202"],
        "test_suite/test_nested": ["GET /status/204"],
        "test_suite/test_made_up_data_and_clock": [],
        "made-up": ["POST /echo"],
        "made-up-too": ["POST /echo"],
        "thread-a": ["POST /echo", "POST /echo"],
        "thread-b": ["POST /echo", "POST /echo"],
        "test_suite/test_threads": [],
        "tasks": ["GET /status/418"],
        "fixture": ["GET /count", "GET /status/200", "DELETE /orders/1"],
        "shop": ["GET /count", "GET /status/205", "GET /status/206"],
        "beside-shop": ["GET /status/207"],
    }
    server.stop()
    run(*NONE).assert_outcomes(passed=8)
    run(*NONE, "-k", "made_up").assert_outcomes(passed=1, deselected=7)
    server.start()
    run("--record-mode=rewrite").assert_outcomes(passed=8)
    server.stop()
    run(*NONE, "--reverse").assert_outcomes(passed=8)


LAWS = """
    import os

    import httpx
    import pytest

    from pytest_reprise import use_cassette

    URL = os.environ["API_BASE_URL"]
    FAILS = bool(os.environ.get("FAILS"))


    def get(path):
        return httpx.get(URL + path)


    def test_more_than_recorded():
        with use_cassette("cassettes/more.yaml"):
            get("/count")
            if FAILS:
                try:
                    get("/health")
                except Exception:
                    pass


    def test_less_than_recorded():
        with use_cassette("cassettes/less.yaml"):
            if not FAILS:
                get("/count")


    def test_fails_after_the_block():
        with use_cassette("cassettes/kept.yaml"):
            get("/count")
        assert not FAILS


    def test_fails_in_a_block_as_expected():
        with pytest.raises(httpx.HTTPStatusError), use_cassette("cassettes/error.yaml"):
            get("/status/500").raise_for_status()
"""


def test_a_block_has_the_laws_of_a_recorded_test(
    suite: Suite, run: Run, cassettes: Cassettes, monkeypatch: pytest.MonkeyPatch
) -> None:
    suite(LAWS)
    run("--record-mode=once").assert_outcomes(passed=4)
    before = cassettes()
    assert recorded(before["error"]) == ["GET /status/500"]

    monkeypatch.setenv("FAILS", "1")
    result = run(*NONE)
    result.assert_outcomes(passed=2, failed=2, errors=1)
    result.stdout.fnmatch_lines_random(
        ["*GET /health is not recorded*", "*less.yaml*", "*pytest test_suite.py::test_more*"]
    )
    result = run("--record-mode=rewrite", "-k", "test_fails_after")
    result.stdout.fnmatch_lines(["*recording dropped, since assert not True"])
    assert cassettes()["kept"] == before["kept"]


def test_a_cassette_that_only_blocks_use_needs_no_mark_and_no_mode_but_that_of_the_run(
    suite: Suite, run: Run, server: Server
) -> None:
    suite(LAWS)
    result = run("-k", "less")
    result.assert_outcomes(failed=1, deselected=3)
    result.stdout.fnmatch_lines(
        ["*GET /count is not recorded*", "*pytest test_suite.py::test_less* --record-mode=once"]
    )
    assert server.calls == []
    run("--disable-recording", "-k", "less").assert_outcomes(passed=1, deselected=3)
    assert server.calls == ["GET /count"]


WRONG = """
    import pytest

    from pytest_reprise import ConfigurationError, use_cassette


    @pytest.mark.parametrize(
        ("options", "problem"),
        [
            ({"record_mod": "once"}, "unknown option 'record_mod' in use_cassette"),
            ({"record_mode": "never"}, "invalid value record_mode='never' in use_cassette"),
            ({"clock": "real"}, "'clock' in use_cassette has no effect"),
        ],
    )
    def test_options(options, problem):
        with pytest.raises(ConfigurationError, match=problem), use_cassette("a.yaml", **options):
            raise AssertionError("the block has begun")


    def test_path():
        with pytest.raises(ConfigurationError, match="takes the path of a cassette, not function"):
            use_cassette(test_options)


    def test_two_kinds_of_options():
        with use_cassette("b.yaml"):
            pass
        with pytest.raises(ConfigurationError, match="is used twice in one test"):
            use_cassette("b.yaml", match_on=["method"]).__enter__()
"""


def test_wrong_use_is_an_error_that_names_it(suite: Suite, run: Run) -> None:
    suite(
        WRONG,
        too_early="""
        from pytest_reprise import use_cassette

        with use_cassette("c.yaml"):
            pass
        """,
    )
    run("test_suite.py").assert_outcomes(passed=5)
    result = run("too_early.py")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(['*use_cassette("c.yaml") was used before the first test*'])


HOOK = """
    def pytest_recording_configure(config, vcr):
        vcr.before_record_request = lambda request: None if "metrics" in request.path else request
"""
HOOKED = """
    import os

    import httpx

    from pytest_reprise import use_cassette

    URL = os.environ["API_BASE_URL"]


    def test_it():
        with use_cassette("cassettes/hooked.yaml"):
            httpx.get(URL + "/status/200")
            httpx.get(URL + "/metrics")
"""


def test_the_hook_of_the_suite_applies_to_blocks(
    suite: Suite, run: Run, cassettes: Cassettes
) -> None:
    suite(HOOKED, conftest=HOOK)
    run("--record-mode=once").assert_outcomes(passed=1)
    assert recorded(cassettes()["hooked"]) == ["GET /status/200"]
