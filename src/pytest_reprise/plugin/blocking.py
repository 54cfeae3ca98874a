"""Block the network for a test, as pytest-recording does: from its first own fixture to its end."""

from __future__ import annotations

import re
import socket
from collections.abc import Generator
from typing import Any

import pytest
from pytest_recording import network
from pytest_recording.validation import validate_block_network_mark

from ..tape.modes import MODES
from .pytest_internals import fixture_value, not_set_up_on_error
from .resolution import has_settings, marks_of, settings_of, with_dependencies
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
                self._start(request.node, fixturedef.argname)
        return (yield)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Generator[None, Any, Any]:
        __tracebackhide__ = True
        if isinstance(item, pytest.Function):
            self._start(item)
        return (yield)

    def _start(self, item: pytest.Function, fixture: str = "") -> None:
        """Block for a test, once, when its settings are known. A recording is not blocked.

        `fixture` is about to be set up. If the allowed hosts depend on it, they cannot be known.
        """
        is_ours = item.config.stash[IS_ACTIVE] and is_recorded(item)
        if self._started is item or (is_ours and not has_settings(item)):
            return
        if fixture and fixture in with_dependencies(("allowed_hosts", "vcr_config"), item):
            return
        self._started = item
        mark = item.get_closest_marker("block_network")
        if mark is not None:
            validate_block_network_mark(mark)
        if not (mark or self._blocks_all) or (is_ours and _may_record(item)):
            return
        before = socket.socket.connect, socket.socket.connect_ex
        hosts = fixture_value(item, "allowed_hosts")
        network.block(_with_addresses(item, hosts) if hosts else hosts)
        item.addfinalizer(lambda: _unblock(*before))


def _with_addresses(item: pytest.Function, hosts: list[str]) -> list[str]:
    """The allowed hosts and, as they are looked up, their addresses, until the test ends.

    pytest-recording compares the address of a connection, so that `localhost` would be refused.
    """
    allowed = list(hosts)
    look_up = socket.getaddrinfo
    if network.is_host_in_allowed_hosts("localhost", hosts):
        allowed += map(_exactly, ("127.0.0.1", "::1"))

    def getaddrinfo(host: Any, *args: Any, **kwargs: Any) -> Any:
        found = look_up(host, *args, **kwargs)
        if host and network.is_host_in_allowed_hosts(host, hosts):
            allowed.extend(_exactly(str(address[0])) for *_, address in found)
        return found

    socket.getaddrinfo = getaddrinfo
    item.addfinalizer(lambda: setattr(socket, "getaddrinfo", look_up))
    return allowed


def _exactly(address: str) -> str:
    return f"{re.escape(address)}$"


def _unblock(connect: Any, connect_ex: Any) -> None:
    """`network.unblock` puts back the methods that pytest-recording found when it was imported.
    What replaced them since then must not be lost."""
    network.unblock()
    socket.socket.connect = connect  # type: ignore[method-assign]
    socket.socket.connect_ex = connect_ex  # type: ignore[method-assign]


def _may_record(item: pytest.Function) -> bool:
    return MODES[settings_of(item, marks_of(item)).record_mode].may_record
