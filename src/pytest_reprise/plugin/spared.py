"""Errors of ours about a fixture that pytest has not begun to set up."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest


@contextmanager
def spared(fixturedef: pytest.FixtureDef[Any]) -> Iterator[None]:
    """Let the fixture be as if nobody had asked for it, where this raises.

    A finalizer that stays behind makes pytest fail every later test that asks for the fixture.
    """
    try:
        yield
    except BaseException:
        fixturedef._finalizers.clear()
        raise
