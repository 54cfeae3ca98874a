"""What all tests share: pytester, with which tests/plugin drives whole pytest runs."""

import pytest

from .harness.installed import at_least

pytest_plugins = ["pytester", "tests.harness.runs"]


def pytest_configure(config: pytest.Config) -> None:
    if not at_least("pytest-asyncio", "1.0"):
        # After each of its tests it sets a fresh loop, which nobody closes.
        for left in ("event loop", r"<socket\.socket fd=\d+, family=1,"):
            config.addinivalue_line("filterwarnings", f"ignore:unclosed {left}:ResourceWarning")
