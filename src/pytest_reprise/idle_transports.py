"""Transports of clients that replay: set up when one of them sends after all.

To set one up takes 15 ms for the authorities that TLS trusts, 14 ms once for httpcore, and 30 µs.
"""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable, Iterator
from typing import Any
from weakref import WeakValueDictionary

_SET_UP = "_reprise_set_up"


class IdleTransports:
    """Those whose `__init__` waits until an attribute of theirs is missing."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._idle: WeakValueDictionary[int, Any] = WeakValueDictionary()

    def defer(self, transport: object, set_up: Callable[[object], None]) -> None:
        """Wait with `set_up`; but not where a class of the suite's own looks for attributes."""
        if getattr(type(transport), "__getattr__", None) is not self._get:
            set_up(transport)
            return
        vars(transport)[_SET_UP] = set_up
        self._idle[id(transport)] = transport

    def stop(self) -> None:
        """Set up those that somebody still holds and has not closed."""
        for transport in list(self._idle.values()):
            self._set_up(transport)

    def methods(self, transport: type) -> Iterator[tuple[str, Callable[..., Any]]]:
        """What a class of transports gets, by name, so that its instances can wait."""
        yield "__getattr__", self._get
        for name, served in (
            ("__enter__", self._entering),
            ("__exit__", self._closing),
            ("close", self._closing),
            ("__aenter__", self._entering_async),
            ("__aexit__", self._closing_async),
            ("aclose", self._closing_async),
        ):
            if original := vars(transport).get(name):
                yield name, functools.wraps(original)(served(original))

    @functools.cached_property
    def _get(self) -> Callable[[Any, str], Any]:
        def get(transport: Any, name: str) -> Any:
            self._set_up(transport)
            return object.__getattribute__(transport, name)

        return get

    def _set_up(self, transport: Any) -> None:
        with self._lock:
            own = dict(vars(transport))
            if set_up := own.pop(_SET_UP, None):
                set_up(transport)
                vars(transport).update(own)  # what a subclass has set since would have come last
                del vars(transport)[_SET_UP]
                self._idle.pop(id(transport), None)

    def _ends(self, transport: object) -> bool:
        """Whether there is nothing to close."""
        self._idle.pop(id(transport), None)
        return _SET_UP in vars(transport)

    def _entering(self, original: Callable[[Any], Any]) -> Callable[[Any], Any]:
        return lambda transport: transport if _SET_UP in vars(transport) else original(transport)

    def _closing(self, original: Callable[..., None]) -> Callable[..., None]:
        def close(transport: Any, *error: Any) -> None:
            if not self._ends(transport):
                original(transport, *error)

        return close

    def _entering_async(self, original: Callable[[Any], Any]) -> Callable[[Any], Any]:
        async def enter(transport: Any) -> Any:
            return transport if _SET_UP in vars(transport) else await original(transport)

        return enter

    def _closing_async(self, original: Callable[..., Any]) -> Callable[..., Any]:
        async def close(transport: Any, *error: Any) -> None:
            if not self._ends(transport):
                await original(transport, *error)

        return close
