"""A second guard against live requests, below the clients: where a socket connects.

The patches of the clients answer requests in a replay. This guard does not depend on them. It also
catches what they cannot see: a request in a thread that outlives its test, at the import of a test
module, or through a transport of the suite's own.
"""

from __future__ import annotations

import functools
import socket
import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any, NamedTuple, TypeAlias

_PACKAGE = Path(__file__).parents[1]
_CLIENTS = frozenset(
    "httpx httpcore httpx2 httpcore2 requests urllib3 aiohttp aiohappyeyeballs httplib2 tornado "
    "botocore".split()
)
_CLIENT_MODULES = frozenset(("http.client", "anyio._core._sockets"))
"""Modules that connect for clients. anyio connects in a task of its own, so that the frames of
httpx are not on the stack."""


class Connection(NamedTuple):
    """A connection that an HTTP client is about to make."""

    client: str
    """The client, as `httpx`."""
    address: str
    """Host and port."""
    path: Path | None
    """The file of the suite's code that made the request; None where there is none on the stack, as
    in a thread of a library."""
    line: int = 0
    function: str = ""


FindConnection: TypeAlias = Callable[[], "Connection | None"]
"""Looks for the client on the stack; None for a connection of anything else, as a database."""


class ConnectionGuard:
    """Calls `check` before a socket connects; what it raises prevents the connection.

    Unix sockets are left alone.
    """

    def __init__(self, check: Callable[[FindConnection], None]) -> None:
        self._check = check
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
                self._check(functools.partial(_connection, sys._getframe(1), address))
            return original(sock, address, *args)

        return connect


def _connection(frame: FrameType, address: tuple[Any, ...]) -> Connection | None:
    client = _client(frame)
    host, port = address[:2]
    return Connection(client, f"{host}:{port}", *_origin(frame)) if client else None


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


def _origin(frame: FrameType | None) -> tuple[Path | None, int, str]:
    """File, line and function of the suite's code that made the request."""
    while frame:
        path = Path(frame.f_code.co_filename)
        is_library = "site-packages" in path.parts or path.is_relative_to(sys.base_prefix)
        if path.is_absolute() and not is_library and _PACKAGE not in path.parents:
            return path, frame.f_lineno, frame.f_code.co_name
        frame = frame.f_back
    return None, 0, ""
