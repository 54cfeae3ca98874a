"""A second guard against live requests, below the clients: where a socket connects.

The patches of the clients answer requests in a replay. This guard does not depend on them. It also
catches what they cannot see: a request in a thread that outlives its test, at the import of a test
module, or through a transport of the suite's own.
"""

from __future__ import annotations

import socket
import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any, NamedTuple

from ..errors import RequestNotRecorded
from ..messages import display_path

_PACKAGE = Path(__file__).parents[1]
_CLIENTS = frozenset(
    "httpx httpcore httpx2 httpcore2 requests urllib3 aiohttp aiohappyeyeballs httplib2 tornado "
    "botocore".split()
)
_CLIENT_MODULES = frozenset(("http.client", "anyio._core._sockets"))
"""Modules that connect for clients. anyio connects in a task of its own, so that the frames of
httpx are not on the stack."""


class Refusal(NamedTuple):
    """Why no connection may be made now: `when` completes "while …", `advice` says what to do."""

    when: str
    advice: str


class ConnectionGuard:
    """Refuses connections of HTTP clients while `refusal` returns a reason.

    Other connections, as those of database drivers, and Unix sockets are left alone.
    """

    def __init__(self, refusal: Callable[[], Refusal | None]) -> None:
        self._refusal = refusal
        self._replaced: dict[str, object] = {}

    def install(self) -> None:
        """Guard every socket of the process."""
        for name in ("connect", "connect_ex"):
            self._replaced[name] = vars(socket.socket).get(name)
            setattr(socket.socket, name, self._guarded(getattr(socket.socket, name)))

    def uninstall(self) -> None:
        """Put back what was there before."""
        for name, before in self._replaced.items():
            if before is None:
                delattr(socket.socket, name)
            else:
                setattr(socket.socket, name, before)
        self._replaced = {}

    def _guarded(self, original: Callable[..., Any]) -> Callable[..., Any]:
        def connect(sock: socket.socket, address: Any, *args: Any) -> Any:
            __tracebackhide__ = True
            if sock.family in (socket.AF_INET, socket.AF_INET6):
                self._check(address)
            return original(sock, address, *args)

        return connect

    def _check(self, address: Any) -> None:
        __tracebackhide__ = True
        refusal = self._refusal()
        client = _client(sys._getframe(2)) if refusal else None
        if refusal and client:
            raise RequestNotRecorded(
                f"A request of {client} to {address[0]}:{address[1]} was refused: in a replay "
                f"nothing is sent.\n\n"
                f"  from      {_origin(sys._getframe(2))}\n"
                f"  while     {refusal.when}\n\n"
                f"{refusal.advice}"
            )


def _client(frame: FrameType | None) -> str | None:
    """The HTTP client that is connecting, the outermost one; None for anything else."""
    found = None
    while frame:
        module = str(frame.f_globals.get("__name__", ""))
        package = module.partition(".")[0]
        if package in _CLIENTS or module in _CLIENT_MODULES:
            found = package if package in _CLIENTS else module
        frame = frame.f_back
    return found


def _origin(frame: FrameType | None) -> str:
    """Where the suite made the request, as `file:line, in function`."""
    while frame:
        path = Path(frame.f_code.co_filename)
        is_library = "site-packages" in path.parts or path.is_relative_to(sys.base_prefix)
        if path.is_absolute() and not is_library and _PACKAGE not in path.parents:
            return f"{display_path(path)}:{frame.f_lineno}, in {frame.f_code.co_name}"
        frame = frame.f_back
    return "a thread or task of a library"
