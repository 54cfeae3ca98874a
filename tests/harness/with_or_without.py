"""A fixture that runs a test twice: with Reprise, and with plain pytest-recording."""

from __future__ import annotations

from typing import NamedTuple, TypeVar

import pytest

from .runs import Run

T = TypeVar("T")


class Tool(NamedTuple):
    """pytest with Reprise, or pytest with plain pytest-recording."""

    has_reprise: bool
    run_pytest: Run

    def run(self, *args: str) -> pytest.RunResult:
        return self.run_pytest(*(() if self.has_reprise else ("-p", "no:reprise")), *args)

    def record(self, mode: str = "once") -> pytest.RunResult:
        return self.run(f"--record-mode={mode}")

    def expected(self, *, reprise: T, plain: T) -> T:
        """Return the expected value for this tool."""
        return reprise if self.has_reprise else plain


@pytest.fixture(name="tool", params=[True, False], ids=["reprise", "plain"])
def fixture_tool(request: pytest.FixtureRequest, run: Run) -> Tool:
    return Tool(request.param, run)
