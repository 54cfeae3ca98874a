"""Plugins for all tests: pytester, and the fixtures of the harness."""

import pytest

from .harness.installed import at_least

pytest_plugins = [
    "pytester",
    "tests.harness.runs",  # first, since the other two import it
    "tests.harness.record_and_replay",
    "tests.harness.with_or_without",
]


def pytest_configure(config: pytest.Config) -> None:
    if not at_least("pytest-asyncio", "1.0"):
        # After each of its tests it sets a new event loop, which is never closed.
        for left in ("event loop", r"<socket\.socket fd=\d+, family=1,"):
            config.addinivalue_line("filterwarnings", f"ignore:unclosed {left}:ResourceWarning")
