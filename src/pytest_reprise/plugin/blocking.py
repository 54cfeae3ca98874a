"""Block the network for a test, as pytest-recording does: from its own fixtures to their end."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import pytest
from pytest_recording import network
from pytest_recording.validation import validate_block_network_mark

from .hooks import RECORDING, is_recorded
from .resolution import has_settings, settings_of, vcr_marks
from .spared import spared


class Blocking:
    """Registered only where the option or a mark asks for it."""

    def __init__(self, config: pytest.Config) -> None:
        self._all = bool(config.getoption("--block-network"))
        self._begun: pytest.Item | None = None

    @pytest.hookimpl(wrapper=True)
    def pytest_fixture_setup(
        self, fixturedef: pytest.FixtureDef[Any], request: pytest.FixtureRequest
    ) -> Generator[None, Any, Any]:
        if fixturedef.scope == "function" and isinstance(request.node, pytest.Function):
            with spared(fixturedef):
                self._begin(request.node)
        return (yield)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Generator[None, Any, Any]:
        if isinstance(item, pytest.Function):
            self._begin(item)
        return (yield)

    def _begin(self, item: pytest.Function) -> None:
        is_ours = item.config.stash[RECORDING] and is_recorded(item)
        if self._begun is item or (is_ours and not has_settings(item)):
            return
        self._begun = item
        mark = item.get_closest_marker("block_network")
        if mark is not None:
            validate_block_network_mark(mark)
        records = is_ours and settings_of(item, vcr_marks(item)).record_mode != "none"
        if (mark or self._all) and not records:
            network.block(item._request.getfixturevalue("allowed_hosts"))
            item.addfinalizer(network.unblock)
