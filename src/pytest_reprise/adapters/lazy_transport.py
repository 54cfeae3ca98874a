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
        for name, idle in (
            ("__enter__", _itself),
            ("__exit__", self._forget),
            ("close", self._forget),
            ("__aenter__", _awaited(_itself)),
            ("__aexit__", _awaited(self._forget)),
            ("aclose", _awaited(self._forget)),
        ):
            if original := vars(transport).get(name):
                yield name, _unless_idle(original, idle)

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

    def _forget(self, transport: object) -> None:
        """It is closed, and will not be set up at the end."""
        self._idle.pop(id(transport), None)


def _itself(transport: object) -> object:
    return transport


def _awaited(idle: Callable[[object], object]) -> Callable[[object], object]:
    async def answer(transport: object) -> object:
        return idle(transport)

    return answer


def _unless_idle(original: Callable[..., Any], idle: Callable[[object], Any]) -> Callable[..., Any]:
    """A method that has nothing to enter or to close while its transport waits."""

    @functools.wraps(original)
    def method(transport: Any, *error: Any) -> Any:
        return idle(transport) if _SET_UP in vars(transport) else original(transport, *error)

    return method
