"""Random values from a seed: the same each time; afterwards all is as before."""

import asyncio
import os
import random
import secrets
import threading
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from os import urandom
from uuid import uuid1, uuid4

import numpy as np
import pytest
from faker import Faker

from pytest_reprise.determinism import random_functions
from pytest_reprise.determinism.seed import SeededRandomness

FAKER = Faker()


@pytest.fixture(autouse=True)
def _installed() -> Iterator[None]:
    uninstall = random_functions.install()
    yield
    uninstall()


def drawn(draw: Callable[[], object], seed: int = 1) -> object:
    scope = SeededRandomness(seed, 1_700_000_000.0)
    scope.enter()
    try:
        return draw()
    finally:
        scope.leave()


def in_pool() -> list[str]:
    with ThreadPoolExecutor(4) as pool:
        return list(pool.map(lambda _: uuid4().hex + uuid4().hex, range(20)))


@pytest.mark.parametrize("name", ["stream", "function", "fn", "branch", "args"])
def test_job_may_have_arguments_of_any_name(name: str) -> None:
    def in_pool_by_name() -> object:
        with ThreadPoolExecutor(1) as pool:
            return pool.submit(dict, **{name: 7}).result()

    assert drawn(in_pool_by_name) == {name: 7}


def in_threads() -> list[str]:
    values: dict[int, str] = {}
    threads = [
        threading.Thread(target=lambda n=n: values.update({n: uuid4().hex})) for n in range(8)
    ]
    for thread in reversed(threads):
        thread.start()
    for thread in threads:
        thread.join()
    return [values[n] for n in range(8)]


def in_tasks() -> list[str]:
    async def job(turns: int) -> str:
        first = uuid4().hex
        for _ in range(turns):
            await asyncio.sleep(0)
        return first + uuid4().hex

    async def main() -> list[str]:
        return await asyncio.gather(*(job(n % 3) for n in range(6)))

    return asyncio.run(main())


DRAWS: dict[str, Callable[[], object]] = {
    "uuid4": lambda: uuid.uuid4(),
    "uuid4 imported early": lambda: uuid4(),
    "uuid1": lambda: [uuid.uuid1(), uuid1(), uuid1(node=7, clock_seq=3)],
    "os.urandom": lambda: os.urandom(20),
    "urandom imported early": lambda: urandom(20),
    "secrets": lambda: [secrets.token_hex(), secrets.choice(range(10**9)), secrets.randbits(64)],
    "SystemRandom": lambda: random.SystemRandom().random(),
    "random": lambda: [random.random(), random.randint(0, 10**9), random.sample(range(99), 5)],
    "Random()": lambda: random.Random().random(),
    "seed()": lambda: (random.seed(), random.random()),
    "Faker made before": lambda: FAKER.email(),
    "Faker made inside": lambda: Faker().name(),
    "NumPy": lambda: np.random.rand(),
    "default_rng()": lambda: np.random.default_rng().random(),
    "thread pool": in_pool,
    "threads": in_threads,
    "tasks": in_tasks,
}


@pytest.mark.parametrize("draw", DRAWS.values(), ids=DRAWS)
def test_same_seed_gives_the_same_values(draw: Callable[[], object]) -> None:
    assert drawn(draw) == drawn(draw)


@pytest.mark.parametrize("draw", DRAWS.values(), ids=DRAWS)
def test_other_seed_gives_other_values(draw: Callable[[], object]) -> None:
    assert drawn(draw, 1) != drawn(draw, 2)


@pytest.mark.parametrize("draw", DRAWS.values(), ids=DRAWS)
def test_values_outside_of_a_scope_are_random(draw: Callable[[], object]) -> None:
    drawn(draw)
    assert draw() != draw()


def test_states_of_generators_are_restored() -> None:
    random.seed(5)
    np.random.seed(5)
    expected = random.random(), np.random.rand()
    random.seed(5)
    np.random.seed(5)

    drawn(lambda: [random.random(), np.random.rand(), FAKER.name()])

    assert (random.random(), np.random.rand()) == expected


def test_inner_scope_does_not_change_the_outer_one() -> None:
    def draws() -> list[object]:
        return [random.random(), uuid4(), FAKER.name()]

    def interrupted() -> list[object]:
        before = draws()
        drawn(draws, seed=9)
        return before + draws()

    assert drawn(interrupted) == drawn(lambda: draws() + draws())


def test_scope_goes_on_where_it_was_left() -> None:
    scope = SeededRandomness(3, 0.0)
    scope.enter()
    first = [random.random(), uuid4()]
    scope.leave()
    random.random()
    scope.enter()
    second = [random.random(), uuid4()]
    scope.leave()

    assert first + second == drawn(lambda: [random.random(), uuid4(), random.random(), uuid4()], 3)


@pytest.mark.parametrize(
    ("draw", "was_used"),
    [
        (random.random, True),
        (uuid4, True),
        (FAKER.name, True),
        (np.random.rand, True),
        (int, False),
    ],
)
def test_was_used_says_whether_anything_was_drawn(
    draw: Callable[[], object], was_used: bool
) -> None:
    scope = SeededRandomness(1, 0.0)
    scope.enter()
    draw()
    scope.leave()

    assert scope.was_used is was_used


def test_uuid1_has_version_1_and_the_time_of_the_scope() -> None:
    made = drawn(uuid1)

    assert isinstance(made, uuid.UUID)
    assert made.version == 1
    seconds = (made.time - 0x01B21DD213814000) / 10_000_000
    assert seconds == pytest.approx(1_700_000_000, abs=1)


def test_uninstall_restores_the_functions() -> None:
    uninstall = random_functions.install()
    inner = os.urandom, random.seed, ThreadPoolExecutor.submit, threading.Thread.start
    uninstall()
    assert (os.urandom, random.seed, ThreadPoolExecutor.submit, threading.Thread.start) != inner
