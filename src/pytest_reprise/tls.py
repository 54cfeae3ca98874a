"""The TLS context of clients that replay: made when one of them connects after all."""

from __future__ import annotations

import functools
import ssl
from collections.abc import Callable
from typing import Any


class DeferredContext(ssl.SSLContext):
    """Stands for the context that `make` gives.

    To load the authorities that a default context trusts takes 15 ms for each client.
    """

    _make: Callable[[], ssl.SSLContext]

    @functools.cached_property
    def _real(self) -> ssl.SSLContext:
        return self._make()

    def set_alpn_protocols(self, alpn_protocols: Any) -> None:
        self._real.set_alpn_protocols(alpn_protocols)

    def wrap_socket(self, *args: Any, **kwargs: Any) -> ssl.SSLSocket:
        return self._real.wrap_socket(*args, **kwargs)

    def wrap_bio(self, *args: Any, **kwargs: Any) -> ssl.SSLObject:
        return self._real.wrap_bio(*args, **kwargs)


def deferred(make: Callable[[], ssl.SSLContext]) -> ssl.SSLContext:
    context = DeferredContext(ssl.PROTOCOL_TLS_CLIENT)
    context._make = make
    return context
