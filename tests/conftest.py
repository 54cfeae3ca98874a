"""Plugins for all tests: pytester, and the fixtures of the harness."""

from collections.abc import Iterator
from typing import Any

import pytest

from .harness import chance, strategies
from .harness.installed import at_least

pytest_plugins = [
    "pytester",
    "tests.harness.runs",  # first, since the other two import it
    "tests.harness.record_and_replay",
    "tests.harness.with_or_without",
]


collect_ignore = ["browser"]
"""Tests that need a browser run only when they are named, as `make test-browser` does."""

assert strategies  # which decides what hypothesis tries, also in modules that do not import it


def pytest_report_header() -> list[str]:
    """Print what repeats a run with other random values."""
    return [f"TESTS_SEED={chance.SEED} TESTS_TIMES={chance.TIMES}"] if chance.SEED else []


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    """Each test draws from its own stream."""
    with chance.stream(item.nodeid):
        return (yield)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_fixture_setup(fixturedef: pytest.FixtureDef[Any]) -> Iterator[None]:
    """A fixture that several tests share draws the same for whichever of them is first."""
    if fixturedef.scope == "function":
        return (yield)
    with chance.stream(f"{fixturedef.baseid}::{fixturedef.argname}"):
        return (yield)


def pytest_configure(config: pytest.Config) -> None:
    if not at_least("pytest-asyncio", "1.0"):
        # After each of its tests it sets a new event loop, which is never closed.
        for left in ("event loop", r"<socket\.socket fd=\d+, family=1,"):
            config.addinivalue_line("filterwarnings", f"ignore:unclosed {left}:ResourceWarning")
