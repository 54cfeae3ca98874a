"""The same suite with Reprise and with plain pytest-recording, to show what the one adds."""

from __future__ import annotations

from typing import NamedTuple, TypeVar

import pytest

from .runs import Run

T = TypeVar("T")


class Field(NamedTuple):
    """One of the two tools."""

    has_reprise: bool
    run_pytest: Run

    def run(self, *args: str) -> pytest.RunResult:
        return self.run_pytest(*(() if self.has_reprise else ("-p", "no:reprise")), *args)

    def record(self, mode: str = "once") -> pytest.RunResult:
        return self.run(f"--record-mode={mode}")

    def either(self, *, reprise: T, plain: T) -> T:
        """What is expected of this one."""
        return reprise if self.has_reprise else plain


@pytest.fixture(name="field", params=[True, False], ids=["reprise", "plain"])
def fixture_field(request: pytest.FixtureRequest, run: Run) -> Field:
    return Field(request.param, run)
