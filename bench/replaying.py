"""Whole suites: sessions, a client for each test, suites that are not recorded, start-up."""

from __future__ import annotations

from .measuring import extra_ms
from .peers import FLOOR, RECORDERS
from .results import EXTRA, Row
from .suites import Suite
from .workshop import API, Workshop, cpu_of, write_cassette


def session(shop: Workshop) -> list[Row]:
    return [_suite(shop, "session", "", 1.30, 5)]


def credentials(shop: Workshop) -> list[Row]:
    """The same, with credentials, which are not in the cassette, in each request."""
    return [_suite(shop, "session", "with credentials", None, 3, True)]


def client(shop: Workshop) -> list[Row]:
    return [_suite(shop, "test", "sync", 1.45, 5)]


def asynchronous(shop: Workshop) -> list[Row]:
    return [_suite(shop, "async", "async", 1.45, 5)]


def _suite(
    shop: Workshop, kind: str, case: str, target: float | None, rounds: int, secret: bool = False
) -> Row:
    folders = shop.suite(kind, credentials=secret)
    runs = {peer.name: cpu_of(peer, folder, shop.tests) for peer, folder in folders.items()}
    title = "session" if kind == "session" else "client per test"
    return shop.measure(title, case, runs, rounds, target)


def unrecorded(shop: Workshop) -> list[Row]:
    """The floor's own suite, with a plugin of the others beside it."""
    folder = shop.suite("session", [FLOOR])[FLOOR]
    runs = {peer.name: cpu_of(peer, folder, shop.tests) for peer in shop.installed}
    return [shop.measure("unrecorded", "", runs, 11, 1.03)]


def collect(shop: Workshop) -> list[Row]:
    folders = shop.suite("session")
    runs = {
        peer.name: cpu_of(peer, folder, shop.tests, "--collect-only")
        for peer, folder in folders.items()
    }
    return [shop.measure("collect-only", "", runs, 15, 5, extra_ms, EXTRA)]


def first(shop: Workshop) -> list[Row]:
    """What the first recorded test costs: a suite of one test with one request."""
    runs = {}
    for peer in shop.installed:
        folder = shop.root / "first" / peer.name
        Suite(API, tests=1, requests=1).write(folder, peer)
        if peer in RECORDERS:
            cassette = folder / "cassettes" / "test_users_0" / "test_0.yaml"
            write_cassette(peer, cassette, API, "users", 1)
        runs[peer.name] = cpu_of(peer, folder, 1)
    return [shop.measure("first test", "", runs, 21, 25, extra_ms, EXTRA)]
