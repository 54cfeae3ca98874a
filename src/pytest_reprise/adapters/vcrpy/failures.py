"""Failures of clients other than httpx, and the errors that are raised again on replay.

A failure is noted where vcrpy's stub sends the request, and raised there again. So the client
handles both in the same way: it retries, or raises an error of its own.
"""

from __future__ import annotations

import http.client
import re
import sys
from contextvars import ContextVar
from types import ModuleType

from ...exchange import CANCELLED, Failure
from ...tape.pending import PendingInteraction
from ...tape.player import Played

_MODULES = frozenset(
    "builtins socket ssl http.client urllib3.exceptions aiohttp.client_exceptions "
    "httplib2.error".split()
)
"""The modules whose errors are recorded. A cassette can name no other."""
_MEMORY_ADDRESS = re.compile(r" at 0x[0-9a-fA-F]+")
_WITH_NUMBER = re.compile(r"\[Errno (-?\d+)\] (.*)", re.DOTALL)


last_started: ContextVar[Played | PendingInteraction | None] = ContextVar("reprise_started")
"""What the tape returned for the last request of the running task. aiohttp's stub has no other
place for it."""


class WasCancelled(Exception):
    """The recorded request was cancelled by its own task, so that it never had an outcome."""


def failure_of(error: BaseException) -> Failure | None:
    """Return an error as a recordable failure; None for one that cannot be raised again."""
    kind = type(error)
    if kind.__module__ not in _MODULES or not isinstance(error, _recorded_kinds()):
        return None
    return Failure(f"{kind.__module__}.{kind.__name__}", _MEMORY_ADDRESS.sub("", str(error)))


def _recorded_kinds() -> tuple[type[Exception], ...]:
    """The base classes of errors of the network, of libraries that are imported."""
    bases = (
        ("urllib3.exceptions", "HTTPError"),
        ("aiohttp.client_exceptions", "ClientError"),
        ("httplib2.error", "HttpLib2Error"),
    )
    found = (getattr(sys.modules[m], name) for m, name in bases if m in sys.modules)
    return (OSError, http.client.HTTPException, *found)


def as_error(failure: Failure) -> Exception:
    """Return the error to raise for a recorded failure.

    That of another client becomes the nearest error of Python's own.
    """
    if failure.error == CANCELLED:
        return WasCancelled()
    module, _, name = failure.error.rpartition(".")
    kind = getattr(_imported(module), name, None)
    if isinstance(kind, type) and issubclass(kind, _recorded_kinds()):
        return _made(kind, failure.message)
    return _made(TimeoutError if "Timeout" in name else ConnectionError, failure.message)


def _imported(module: str) -> ModuleType | None:
    return sys.modules.get(module) if module in _MODULES else None


def _made(kind: type[Exception], message: str) -> Exception:
    """Make an error without `__init__`, whose arguments differ from class to class."""
    number = _WITH_NUMBER.fullmatch(message)
    if number and issubclass(kind, OSError) and kind.__module__ in ("builtins", "socket"):
        return kind(int(number[1]), number[2])
    error = kind.__new__(kind, message)
    error.args = (message,)
    if _text(error) == message:
        return error
    named = {"__str__": lambda _: message, "__module__": kind.__module__}
    derived: type[Exception] = type(kind.__name__, (kind,), named)
    error = derived.__new__(derived, message)
    error.args = (message,)
    return error


def _text(error: Exception) -> str | None:
    try:
        return str(error)
    except Exception:  # an attribute that only `__init__` sets
        return None
