"""Transports of httpx that are set up only when one of them has to send a request.

A client that only replays saves the TLS context: 195 million instructions for each client, 27 times
a whole replayed test; and the first one saves the import of httpcore.
"""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable, Iterator
from typing import Any, TypeAlias
from weakref import WeakValueDictionary

_Method: TypeAlias = Callable[..., Any]

_SET_UP = "_reprise_set_up"
"""The attribute of a transport that is not set up yet: the function that sets it up."""


class LazyTransports:
    """Transports whose `__init__` is deferred until one of their attributes is used."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._deferred: WeakValueDictionary[int, Any] = WeakValueDictionary()

    def defer(self, transport: object, set_up: Callable[[object], None]) -> None:
        """Call `set_up` later; but now where a class of the suite has its own `__getattr__`."""
        if getattr(type(transport), "__getattr__", None) is not self._getattr:
            set_up(transport)
            return
        vars(transport)[_SET_UP] = set_up
        self._deferred[id(transport)] = transport

    def set_up_all(self) -> None:
        """Set up all transports that are still in use: patching ends now."""
        for transport in list(self._deferred.values()):
            self._set_up(transport)

    def methods(self, transport: type) -> Iterator[tuple[str, Callable[..., Any]]]:
        """The methods that a class of transports needs, by name.

        To enter or to close a transport that is not set up does nothing.
        """
        yield "__getattr__", self._getattr
        for name, instead in (
            ("__enter__", _itself),
            ("__exit__", self._forget),
            ("close", self._forget),
            ("__aenter__", _async(_itself)),
            ("__aexit__", _async(self._forget)),
            ("aclose", _async(self._forget)),
        ):
            if original := vars(transport).get(name):
                yield name, _if_set_up(original, instead)

    @functools.cached_property
    def _getattr(self) -> Callable[[Any, str], Any]:
        """Python calls this for an attribute that is missing, as all are before the set-up."""

        def getattr_after_set_up(transport: Any, name: str) -> Any:
            self._set_up(transport)
            return object.__getattribute__(transport, name)

        return getattr_after_set_up

    def _set_up(self, transport: Any) -> None:
        with self._lock:
            own = dict(vars(transport))
            if set_up := own.pop(_SET_UP, None):
                set_up(transport)
                # What a subclass has set meanwhile wins, as if the set-up had come first.
                vars(transport).update(own)
                del vars(transport)[_SET_UP]
                self._deferred.pop(id(transport), None)

    def _forget(self, transport: object) -> None:
        """A closed transport need not be set up when patching ends."""
        self._deferred.pop(id(transport), None)


def _itself(transport: object) -> object:
    return transport


def _async(function: Callable[[object], object]) -> Callable[[object], object]:
    async def answer(transport: object) -> object:
        return function(transport)

    return answer


def _if_set_up(
    original: Callable[..., Any], instead: Callable[[object], Any]
) -> Callable[..., Any]:
    """A method that calls the original one where the transport is set up."""

    @functools.wraps(original)
    def method(transport: Any, *error: Any) -> Any:
        return instead(transport) if _SET_UP in vars(transport) else original(transport, *error)

    return method
