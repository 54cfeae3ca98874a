"""Block the network for a test, as pytest-recording does: from its first own fixture to its end."""

from __future__ import annotations

import socket
from collections.abc import Generator
from typing import Any

import pytest
from pytest_recording import network
from pytest_recording.validation import validate_block_network_mark

from ..tape.modes import MODES
from .pytest_internals import fixture_value, not_set_up_on_error
from .resolution import has_settings, settings_of, vcr_marks
from .selection import IS_ACTIVE, is_recorded


class Blocking:
    """Registered only where the option or a mark asks for it."""

    def __init__(self, config: pytest.Config) -> None:
        self._blocks_all = bool(config.getoption("--block-network"))
        self._started: pytest.Item | None = None

    @pytest.hookimpl(wrapper=True)
    def pytest_fixture_setup(
        self, fixturedef: pytest.FixtureDef[Any], request: pytest.FixtureRequest
    ) -> Generator[None, Any, Any]:
        __tracebackhide__ = True
        if fixturedef.scope == "function" and isinstance(request.node, pytest.Function):
            with not_set_up_on_error(fixturedef):
                self._start(request.node)
        return (yield)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Generator[None, Any, Any]:
        __tracebackhide__ = True
        if isinstance(item, pytest.Function):
            self._start(item)
        return (yield)

    def _start(self, item: pytest.Function) -> None:
        """Block for a test, once, when its settings are known. A recording is not blocked."""
        is_ours = item.config.stash[IS_ACTIVE] and is_recorded(item)
        if self._started is item or (is_ours and not has_settings(item)):
            return
        self._started = item
        mark = item.get_closest_marker("block_network")
        if mark is not None:
            validate_block_network_mark(mark)
        if not (mark or self._blocks_all) or (is_ours and _may_record(item)):
            return
        before = socket.socket.connect, socket.socket.connect_ex
        network.block(fixture_value(item, "allowed_hosts"))
        item.addfinalizer(lambda: _unblock(*before))


def _unblock(connect: Any, connect_ex: Any) -> None:
    """`network.unblock` puts back the methods that pytest-recording found when it was imported.
    What replaced them since then must not be lost."""
    network.unblock()
    socket.socket.connect = connect  # type: ignore[method-assign]
    socket.socket.connect_ex = connect_ex  # type: ignore[method-assign]


def _may_record(item: pytest.Function) -> bool:
    return MODES[settings_of(item, vcr_marks(item)).record_mode].may_record
