"""Requests of threads, jobs and tasks belong to the test or fixture that started them.

Each suite is recorded as a whole. Then it is replayed as a whole, in reverse order, and in part: a
request in the cassette of the wrong test would be missing there.
"""

from __future__ import annotations

from typing import Protocol

import pytest

from ..harness.runs import LOOP_SCOPE, Cassettes, Run, Server, Suite, recorded

NONE = ("--record-mode=none", "--block-network")

HEAD = """
    import os
    import queue
    import threading
    import uuid
    from concurrent.futures import ThreadPoolExecutor
    from multiprocessing.pool import ThreadPool

    import httpx
    import pytest

    pytestmark = pytest.mark.vcr
    URL = os.environ["API_BASE_URL"]


    def get(path):
        return httpx.get(URL + path).text


    class Worker:
        '''A thread that sends what it is asked for.'''

        def __init__(self):
            self.orders, self.answers = queue.Queue(), queue.Queue()
            threading.Thread(target=self.work, daemon=True).start()

        def work(self):
            for path in iter(self.orders.get, None):
                try:
                    uuid.uuid4()
                    self.answers.put(get(path))
                except Exception as error:
                    self.answers.put(error)

        def ask(self, path):
            self.orders.put(path)
            answer = self.answers.get(timeout=30)
            if isinstance(answer, Exception):
                raise answer
            return answer
"""

THREADS = """
    LEFT = []


    @pytest.fixture(scope="session")
    def poller():
        worker = Worker()
        yield worker
        worker.ask("/last")


    @pytest.fixture(scope="session")
    def shared_client():
        with httpx.Client(base_url=URL) as client:
            yield client


    def test_a(poller, shared_client):
        poller.ask("/poll")
        assert shared_client.get("/a").is_success


    def test_b(poller, shared_client):
        poller.ask("/poll")
        assert shared_client.get("/b").is_success
        poller.ask("/poll")


    def test_leaves_a_thread():
        LEFT.append(Worker())
        LEFT[0].ask("/thread")


    def test_later():
        for worker in LEFT:
            with pytest.raises(Exception, match="test_leaves_a_thread"):
                worker.ask("/late")
        get(f"/later?id={uuid.uuid4()}")


    POOL, OTHER_POOL = ThreadPoolExecutor(1), ThreadPool(1)


    @pytest.mark.parametrize("number", [1, 2])
    def test_pools(number):
        POOL.submit(get, f"/pool/{number}").result()
        OTHER_POOL.apply_async(get, (f"/other-pool/{number}",)).get()
        OTHER_POOL.map(get, [f"/map/{number}"])
"""


FIXTURE_SCOPE = ", ".join(f"{name}='session'" for name in dict.fromkeys((LOOP_SCOPE, "scope")))
TASKS = """
    import asyncio
    import anyio
    import pytest_asyncio
    import trio

    LEFT = []


    async def aget(path):
        async with httpx.AsyncClient(base_url=URL) as client:
            return (await client.get(path)).text


    class Task:
        '''A task that sends what it is asked for.'''

        def __init__(self):
            self.orders, self.answers = asyncio.Queue(), asyncio.Queue()
            self.task = asyncio.create_task(self.work())

        async def work(self):
            while True:
                try:
                    answer = await aget(await self.orders.get())
                except Exception as error:
                    answer = error
                await self.answers.put(answer)

        async def ask(self, path):
            await self.orders.put(path)
            answer = await asyncio.wait_for(self.answers.get(), 30)
            if isinstance(answer, Exception):
                raise answer
            return answer


    in_one_loop = pytest.mark.asyncio(LOOP_SCOPE="session")


    @pytest_asyncio.fixture(FIXTURE_SCOPE)
    async def poller():
        task = Task()
        await aget("/set-up")
        yield task
        await task.ask("/last")


    @in_one_loop
    async def test_a(poller):
        await poller.ask("/poll")
        await asyncio.gather(aget("/a"), asyncio.to_thread(get, "/a-thread"))


    @in_one_loop
    async def test_leaves_a_task(poller):
        await poller.ask("/poll")
        LEFT.append(Task())
        await LEFT[0].ask("/task")


    @in_one_loop
    async def test_later(poller):
        await poller.ask("/poll")
        for task in LEFT:
            with pytest.raises(Exception, match="test_leaves_a_task"):
                await task.ask("/late")
        await aget("/later")


    @pytest.fixture(scope="session")
    def runner():
        with asyncio.Runner() as runner:
            runner.run(aget("/runner"))
            yield runner


    @pytest.mark.parametrize("number", [1, 2])
    def test_runner(runner, number):
        runner.run(aget(f"/in-runner/{number}"))


    @pytest.fixture(scope="session")
    def loop_in_thread():
        loop = asyncio.new_event_loop()
        thread = threading.Thread(target=loop.run_forever)
        thread.start()
        yield loop
        loop.call_soon_threadsafe(loop.stop)
        thread.join()


    @pytest.mark.parametrize("number", [1, 2])
    def test_loop_in_thread(loop_in_thread, number):
        coro = aget(f"/in-loop/{number}")
        asyncio.run_coroutine_threadsafe(coro, loop_in_thread).result(30)


    @pytest.mark.parametrize("run", [anyio.run, trio.run])
    def test_nursery(run):
        async def both():
            async with anyio.create_task_group() as group:
                group.start_soon(aget, "/one")
                group.start_soon(aget, "/two")

        run(both)
""".replace("LOOP_SCOPE", LOOP_SCOPE).replace("FIXTURE_SCOPE", FIXTURE_SCOPE)

ANYIO = """
    import anyio
    from anyio.from_thread import start_blocking_portal


    async def aget(path):
        async with httpx.AsyncClient(base_url=URL) as client:
            return (await client.get(path)).text


    async def work(orders, answers):
        async for path in orders:
            try:
                answer = await aget(path)
            except Exception as error:
                answer = error
            await answers.send(answer)


    class Task:
        def __init__(self, group):
            self.send, orders = anyio.create_memory_object_stream(1)
            answers, self.receive = anyio.create_memory_object_stream(1)
            group.start_soon(work, orders, answers)

        async def ask(self, path):
            await self.send.send(path)
            with anyio.fail_after(30):
                answer = await self.receive.receive()
            if isinstance(answer, Exception):
                raise answer
            return answer


    @pytest.fixture(scope="module", params=["asyncio", "trio"])
    def anyio_backend(request):
        return request.param


    @pytest.fixture(scope="module")
    async def group(anyio_backend):
        async with anyio.create_task_group() as group:
            yield group
            await aget("/group")
            group.cancel_scope.cancel()


    @pytest.fixture(scope="module")
    async def poller(group):
        task = Task(group)
        await aget("/set-up")
        return task


    LEFT = {}


    @pytest.fixture
    async def of_test(anyio_backend):
        await aget("/before")
        yield
        await aget("/after")


    @pytest.mark.anyio
    async def test_a(poller, of_test):
        await poller.ask("/poll")
        await aget("/a")
        await anyio.to_thread.run_sync(get, "/a-thread")


    @pytest.mark.anyio
    async def test_leaves_a_task(poller, group, anyio_backend):
        LEFT[anyio_backend] = task = Task(group)
        await poller.ask("/poll")
        await task.ask("/task")


    @pytest.mark.anyio
    async def test_later(poller, anyio_backend):
        if task := LEFT.get(anyio_backend):
            with pytest.raises(Exception, match="test_leaves_a_task"):
                await task.ask("/late")
        await aget("/later")


    @pytest.fixture(scope="session", params=["asyncio", "trio"])
    def portal(request):
        with start_blocking_portal(request.param) as portal:
            portal.call(aget, "/portal")
            yield portal


    @pytest.mark.parametrize("number", [1, 2])
    def test_portal(portal, number):
        portal.call(aget, f"/in-portal/{number}")
        portal.start_task_soon(aget, f"/soon/{number}").result(30)

"""


class Replay(Protocol):
    def __call__(self, *parts: str) -> None: ...


@pytest.fixture
def assert_replays(run: Run, server: Server) -> Replay:
    """Replay all, in reverse order, and each of the parts alone; nothing is sent."""

    def replay(*parts: str) -> None:
        sent = len(server.requests)
        for args in [("--reverse",), *(("-k", part) for part in parts)]:
            result = run(*NONE, *args)
            assert result.ret == 0, args
        assert len(server.requests) == sent

    return replay


def test_threads_and_jobs(
    suite: Suite, run: Run, server: Server, cassettes: Cassettes, assert_replays: Replay
) -> None:
    """A poller of a session fixture, a thread that a test left behind, and shared pools."""
    for path in ("poll", "last", "a", "b", "thread"):
        server.answers[f"/{path}"] = 200, {}, b"ok"
    suite(HEAD + THREADS)
    result = run("--record-mode=once")
    result.assert_outcomes(passed=6)
    result.stdout.fnmatch_lines(["reprise: *1 late request refused*"])
    assert "GET /late" not in server.calls
    assert {name: recorded(text) for name, text in cassettes().items()} == {
        "test_suite.@poller": ["GET /poll"] * 3 + ["GET /last"],
        "test_suite/test_a": ["GET /a"],
        "test_suite/test_b": ["GET /b"],
        "test_suite/test_later": ["GET /later"],
        "test_suite/test_leaves_a_thread": ["GET /thread"],
        "test_suite/test_pools[1]": ["GET /pool/1", "GET /other-pool/1", "GET /map/1"],
        "test_suite/test_pools[2]": ["GET /pool/2", "GET /other-pool/2", "GET /map/2"],
    }
    assert_replays("test_b or later", "pools and 2")


def test_tasks(
    suite: Suite, run: Run, server: Server, cassettes: Cassettes, assert_replays: Replay
) -> None:
    """A task of a session fixture, one that a test left behind, and loops that tests share."""
    suite(HEAD + TASKS)
    result = run("--record-mode=once")
    result.assert_outcomes(passed=9)
    assert "GET /late" not in server.calls
    assert _sorted_calls(cassettes()) == {
        "test_suite.@poller": ["GET /last", *["GET /poll"] * 3, "GET /set-up"],
        "test_suite/test_a": ["GET /a", "GET /a-thread"],
        "test_suite/test_later": ["GET /later"],
        "test_suite/test_leaves_a_task": ["GET /task"],
        "test_suite.@runner": ["GET /runner"],
        "test_suite/test_runner[1]": ["GET /in-runner/1"],
        "test_suite/test_runner[2]": ["GET /in-runner/2"],
        "test_suite/test_loop_in_thread[1]": ["GET /in-loop/1"],
        "test_suite/test_loop_in_thread[2]": ["GET /in-loop/2"],
        "test_suite/test_nursery[run0]": ["GET /one", "GET /two"],
        "test_suite/test_nursery[run1]": ["GET /one", "GET /two"],
    }
    assert_replays("later or runner and 2")


def test_anyio_and_trio(
    suite: Suite, run: Run, server: Server, cassettes: Cassettes, assert_replays: Replay
) -> None:
    """anyio's pytest plugin runs all tests and fixtures of a module in one task."""
    suite(HEAD + ANYIO)
    result = run("--record-mode=once")
    result.assert_outcomes(passed=10)
    assert "GET /late" not in server.calls
    calls = _sorted_calls(cassettes())
    for backend in ("asyncio", "trio"):
        of_backend = {name: c for name, c in calls.items() if backend in name}
        assert of_backend == {
            f"test_suite/@poller[{backend}]": ["GET /poll", "GET /poll", "GET /set-up"],
            f"test_suite/@group[{backend}]": ["GET /group"],
            f"test_suite/test_a[{backend}]": [
                "GET /a",
                "GET /a-thread",
                "GET /after",
                "GET /before",
            ],
            f"test_suite/test_leaves_a_task[{backend}]": ["GET /task"],
            f"test_suite/test_later[{backend}]": ["GET /later"],
            f"test_suite.@portal[{backend}]": ["GET /portal"],
            f"test_suite/test_portal[{backend}-1]": ["GET /in-portal/1", "GET /soon/1"],
            f"test_suite/test_portal[{backend}-2]": ["GET /in-portal/2", "GET /soon/2"],
        }
    assert_replays("later", "test_portal")


def _sorted_calls(texts: dict[str, str]) -> dict[str, list[str]]:
    return {name: sorted(recorded(text)) for name, text in texts.items()}


def test_a_request_that_is_still_open_at_the_end(
    suite: Suite, run: Run, server: Server, cassettes: Cassettes
) -> None:
    """It is neither half written nor in the next cassette; the test that left it open fails."""
    server.answers["/slow"] = 200, {}, b"x" * 100_000
    suite(
        HEAD
        + """
    import asyncio

    started, ends = threading.Event(), threading.Event()
    STREAMS = []


    def read_slowly():
        with httpx.stream("GET", URL + "/slow") as response:
            pieces = response.iter_raw(1)
            next(pieces)
            started.set()
            ends.wait(30)
            list(pieces)


    def test_open_in_a_thread(request):
        get("/first")
        request.config.reading = threading.Thread(target=read_slowly)
        request.config.reading.start()
        started.wait(30)


    def test_next(request):
        get("/next")
        ends.set()
        request.config.reading.join()


    class TestFixture:
        @pytest.fixture(scope="class")
        def poller(self):
            get("/fixture")
            started.clear()
            ends.clear()
            thread = threading.Thread(target=read_slowly)
            thread.start()
            started.wait(30)
            yield

        def test_open_in_a_fixture(self, poller):
            get("/of-test")


    def test_read_a_little_later():
        started.clear()
        ends.clear()
        threading.Thread(target=read_slowly).start()
        started.wait(30)
        threading.Timer(0.05, ends.set).start()


    def test_unread_in_its_own_thread():
        client = httpx.Client()
        STREAMS.append(client.send(client.build_request("GET", URL + "/slow"), stream=True))


    def test_end():
        ends.set()
"""
    )
    result = run("--record-mode=once")
    result.assert_outcomes(passed=6, errors=1)
    result.stdout.fnmatch_lines(
        [
            "A thread or task was still waiting for an answer when what started it ended.",
            "  request   GET http://127.0.0.1:*/slow",
            "  made by   test_suite.py::test_open_in_a_thread",
            "*RepriseWarning: A thread or task was still waiting for an answer *",
            "*  request   GET http://127.0.0.1:*/slow",
            "*  made by   fixture poller, set up for *::test_open_in_a_fixture",
        ]
    )
    assert {name: recorded(text) for name, text in cassettes().items()} == {
        "test_suite/test_next": ["GET /next"],
        "test_suite/TestFixture.@poller": ["GET /fixture"],
        "test_suite/TestFixture.test_open_in_a_fixture": ["GET /of-test"],
        "test_suite/test_read_a_little_later": ["GET /slow"],
        "test_suite/test_unread_in_its_own_thread": ["GET /slow"],
    }


SETTINGS = """
    import os
    import httpx, pytest

    def get(path):
        return httpx.get(os.environ["API_BASE_URL"] + path)

    @pytest.fixture(scope="SCOPE")
    def token():
        return get("/token").text

    @pytest.fixture(scope="SCOPE")
    def FIXTURE(token):
        return {}

    @pytest.mark.vcr
    def test_a():
        get("/a")

    @pytest.mark.vcr
    def test_b(token):
        get("/b")
"""


@pytest.mark.parametrize("scope", ["function", "session"])
def test_a_fixture_that_gives_settings_sends_nothing(
    suite: Suite, run: Run, server: Server, scope: str
) -> None:
    """The settings come before the cassette, so nothing could answer the request on replay."""
    suite(SETTINGS.replace("SCOPE", scope).replace("FIXTURE", "vcr_config"))
    for args in (["--record-mode=once"], ["--record-mode=none"], []):
        result = run(*args)
        result.assert_outcomes(errors=2)
        result.stdout.fnmatch_lines(
            [
                "*A request of httpx to 127.0.0.1:* was refused*",
                "*  from      test_suite.py:*, in get",
                "*  while     the fixtures that give the settings of a recorded test were set up",
            ]
        )
    assert server.calls == []


SERVER = """
    import http.server, os, threading
    import httpx, pytest

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            try:
                body = httpx.get(os.environ["API_BASE_URL"] + self.path).content
            except Exception as error:
                body = repr(error).encode()
            self.send_response(200)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    class Server(http.server.ThreadingHTTPServer):
        daemon_threads = True

    def start():
        server = Server(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        return server

    AT_IMPORT = start()

    @pytest.fixture(scope="session")
    def in_session():
        server = start()
        yield server
        server.shutdown()

    def ask(server, path):
        with socket.create_connection(server.server_address) as sock:
            sock.sendall(f"GET {path} HTTP/1.0\\r\\n\\r\\n".encode())
            return sock.makefile("rb").read().rpartition(b"\\r\\n\\r\\n")[2].decode()

    import socket

    @pytest.mark.vcr
    @pytest.mark.parametrize("name", ["one", "two"])
    def test_server(in_session, name):
        assert ask(in_session, f"/{name}") == ANSWER

    @pytest.mark.vcr
    def test_import():
        assert ask(AT_IMPORT, "/three") == ANSWER
"""


def test_a_server_in_a_thread_can_work_for_the_running_test(
    suite: Suite, run: Run, server: Server, cassettes: Cassettes
) -> None:
    for path in ("one", "two", "three"):
        server.answers[f"/{path}"] = 200, {}, b"ok"
    suite(SERVER.replace("ANSWER", "'ok'"), ini="reprise_background = test")
    run("--record-mode=once").assert_outcomes(passed=3)
    assert {name: recorded(text) for name, text in cassettes().items()} == {
        "test_suite/test_server[one]": ["GET /one"],
        "test_suite/test_server[two]": ["GET /two"],
        "test_suite/test_import": ["GET /three"],
    }
    sent = len(server.requests)
    run(*NONE[:1]).assert_outcomes(passed=3)
    suite(SERVER.replace("ANSWER", "'ok'"))
    result = run("--record-mode=none")
    result.assert_outcomes(failed=3, errors=1)
    result.stdout.fnmatch_lines(["GET /one is not recorded*", "*@in_session.yaml*"])
    assert len(server.requests) == sent


def test_a_cassette_of_vcrpy_serves_all_threads(
    suite: Suite, run: Run, server: Server, cassettes: Cassettes
) -> None:
    """vcrpy records what any thread sends in the cassette of the running test."""
    for path in ("one", "two", "three"):
        server.answers[f"/{path}"] = 200, {}, b"ok"
    suite(SERVER.replace("ANSWER", "'ok'"))
    run("-p", "no:reprise", "--record-mode=once").assert_outcomes(passed=3)
    assert len(cassettes()) == 3
    sent = len(server.requests)
    run("--record-mode=none").assert_outcomes(passed=3)
    assert len(server.requests) == sent
