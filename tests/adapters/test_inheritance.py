"""Whatever starts a piece of code, and from wherever: it has the value of what started it."""

from __future__ import annotations

import asyncio
import contextvars
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from multiprocessing.pool import ThreadPool

import anyio
import anyio.to_thread
import pytest
import trio
from anyio.from_thread import start_blocking_portal
from hypothesis import given
from hypothesis import strategies as st

from pytest_reprise.adapters.inheritance import Inheritance

from ..harness.strategies import SOME

_owner: contextvars.ContextVar[str] = contextvars.ContextVar("owner")
INHERITANCE = Inheritance(_owner, "outside")
Job = Callable[[], None]


@pytest.fixture(autouse=True, scope="module")
def installed() -> Iterator[None]:
    INHERITANCE.install()
    INHERITANCE.patch_imported()
    yield
    INHERITANCE.uninstall()


def owner() -> str:
    try:
        return _owner.get()
    except LookupError:
        return INHERITANCE.of_thread("unknown")


# Threads, pools and loops that exist before, as those of a session fixture do.
POOL = ThreadPoolExecutor(8)
OTHER_POOL = ThreadPool(8)


def in_thread(job: Job) -> None:
    thread = threading.Thread(target=job)
    thread.start()
    thread.join()


def in_timer(job: Job) -> None:
    timer = threading.Timer(0, job)
    timer.start()
    timer.join()


def in_pool(job: Job) -> None:
    POOL.submit(job).result()


def in_map(job: Job) -> None:
    list(POOL.map(lambda _: job(), [1]))


def in_other_pool(job: Job) -> None:
    OTHER_POOL.apply(job)


def in_other_map(job: Job) -> None:
    OTHER_POOL.map(lambda _: job(), [1])


def in_asyncio(job: Job) -> None:
    async def main() -> None:
        async def task() -> None:
            await asyncio.to_thread(job)

        await asyncio.create_task(task())

    in_thread(lambda: asyncio.run(main()))


def in_executor(job: Job) -> None:
    async def main() -> None:
        async with asyncio.TaskGroup() as group:
            loop = asyncio.get_running_loop()
            group.create_task(asyncio.wait_for(loop.run_in_executor(None, job), 30))

    in_thread(lambda: asyncio.run(main()))


def in_trio(job: Job) -> None:
    async def main() -> None:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(trio.to_thread.run_sync, job)

    in_thread(lambda: trio.run(main))


def in_anyio(job: Job) -> None:
    async def main() -> None:
        async with anyio.create_task_group() as group:
            group.start_soon(anyio.to_thread.run_sync, job)

    in_thread(lambda: anyio.run(main))


def in_portal(job: Job) -> None:
    with start_blocking_portal() as portal:
        portal.call(anyio.to_thread.run_sync, job)


def in_copied_context(job: Job) -> None:
    contextvars.copy_context().run(job)


WAYS = [
    in_thread,
    in_timer,
    in_pool,
    in_map,
    in_other_pool,
    in_other_map,
    in_asyncio,
    in_executor,
    in_trio,
    in_anyio,
    in_portal,
    in_copied_context,
]


@SOME
@given(st.lists(st.sampled_from(WAYS), min_size=1, max_size=5))
def test_a_chain_of_starts_keeps_its_owner(ways: list[Callable[[Job], None]]) -> None:
    """Also if another test runs by the time that the end of the chain runs."""
    seen: list[str] = []
    gate = threading.Event()
    job: Job = lambda: seen.append(owner())  # noqa: E731
    for way in ways:
        job = _after(way, job)

    def begin() -> None:
        gate.wait(30)
        job()

    _owner.set("first test")
    thread = threading.Thread(target=begin)
    thread.start()
    _owner.set("second test")
    gate.set()
    job()
    thread.join()
    assert sorted(seen) == ["first test", "second test"]


def _after(way: Callable[[Job], None], job: Job) -> Job:
    return lambda: way(job)


def test_a_runner_that_tests_share_has_the_owner_of_its_caller() -> None:
    async def seen() -> str:
        return await asyncio.to_thread(owner)

    _owner.set("fixture")
    with asyncio.Runner() as runner:
        runner.get_loop()
        for name in ("first test", "second test"):
            _owner.set(name)
            assert runner.run(seen()) == name
            assert runner.run(seen(), context=contextvars.copy_context()) == name


def test_threads_that_were_started_before_are_outside() -> None:
    asked, answers = threading.Event(), []
    other = Inheritance(_owner, "outside")

    def work() -> None:
        asked.wait(30)
        answers.append(other.of_thread("unknown"))

    _owner.set("a test")
    thread = threading.Thread(target=work)
    thread.start()
    other.install()
    asked.set()
    thread.join()
    other.uninstall()
    assert answers == ["outside"]


def test_everything_is_put_back() -> None:
    before = threading.Thread.start, ThreadPoolExecutor.submit, ThreadPool.map, asyncio.Runner.run
    other = Inheritance(_owner, "outside")
    other.install()
    other.patch_imported()
    assert before[0] is not threading.Thread.start
    assert before[2] is not ThreadPool.map
    other.uninstall()
    after = threading.Thread.start, ThreadPoolExecutor.submit, ThreadPool.map, asyncio.Runner.run
    assert before == after
