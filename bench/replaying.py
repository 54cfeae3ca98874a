"""Whole suites: one client, one client per test, unrecorded tests, and start-up."""

from __future__ import annotations

from .measuring import extra_ms
from .peers import FLOOR
from .results import EXTRA, Row
from .suites import Suite
from .workshop import API, Workshop, cpu_of, write_cassette


def session(shop: Workshop) -> list[Row]:
    return [_suite(shop, "session", "", 1.30, 5)]


def credentials(shop: Workshop) -> list[Row]:
    """Measure the same suite with credentials in each request, which the cassette does not hold."""
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
    title = "suite, one client" if kind == "session" else "suite, one client per test"
    return shop.measure(title, case, runs, rounds, target)


def unrecorded(shop: Workshop) -> list[Row]:
    """Measure unrecorded tests with the plugin of each peer installed."""
    folder = shop.suite("session", [FLOOR])[FLOOR]
    runs = {peer.name: cpu_of(peer, folder, shop.tests) for peer in shop.installed}
    return [shop.measure("suite, unrecorded", "", runs, 11, 1.03)]


def collect(shop: Workshop) -> list[Row]:
    folders = shop.suite("session")
    runs = {
        peer.name: cpu_of(peer, folder, shop.tests, "--collect-only")
        for peer, folder in folders.items()
    }
    return [shop.measure("collect-only", "", runs, 15, 5, extra_ms, EXTRA)]


def first_test(shop: Workshop) -> list[Row]:
    """Measure a suite of one test with one request: the cost of the first recorded test."""
    runs = {}
    for peer in shop.installed:
        folder = shop.root / "first" / peer.name
        Suite(API, tests=1, requests=1).write(folder, peer)
        if peer.records:
            cassette = folder / "cassettes" / "test_users_0" / "test_0.yaml"
            write_cassette(peer, cassette, API, "users", 1)
        runs[peer.name] = cpu_of(peer, folder, 1)
    return [shop.measure("first recorded test", "", runs, 21, 25, extra_ms, EXTRA)]
