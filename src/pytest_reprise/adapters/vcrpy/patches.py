"""Other HTTP clients on our tape, through vcrpy's own patches.

The patches are applied when a recorded test begins, for the libraries that are imported by then.
They are removed when a test begins that is not recorded.
"""

from __future__ import annotations

import http.client
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from http.client import HTTPMessage
from itertools import chain
from typing import Any
from unittest import mock

import vcr.patch
import vcr.stubs.compat
from vcr.patch import CassettePatcherBuilder
from vcr.record_mode import RecordMode
from vcr.request import Request as VcrRequest
from vcr.stubs import VCRConnection, VCRHTTPConnection, VCRHTTPSConnection

from ...exchange import Request, Response
from ...tape.pending import PendingInteraction
from ...tape.player import Played
from ...tape.tape import Tape
from .. import http_client
from ..pacing import wait_for_end
from ..start import start
from ..supported import SUPPORTED_CLIENTS
from .failures import as_error, failure_of, last_started
from .values import VcrResponse, from_vcr_request, from_vcr_response, to_vcr_response

_UNWANTED = ("HTTPConnectionWithTimeout", "HTTPSConnectionWithTimeout")
"""httplib2 compares its classes with what these names hold, so the names must not be patched. It
takes its connections from a table, which vcrpy patches as well."""

_HTTPConnection = http.client.HTTPConnection
_force_reset = vcr.patch.force_reset
_connect = VCRConnection.connect
_getresponse = VCRConnection.getresponse


@contextmanager
def _real_connections() -> Iterator[None]:
    """Replaces vcrpy's `force_reset`, which removes the patches for all threads.

    What another thread sends meanwhile would be neither recorded nor replayed.
    """
    with http_client.real(), ExitStack() as stack:
        if http.client.HTTPConnection is not _HTTPConnection:
            stack.enter_context(_force_reset())  # inside a cassette of vcrpy's own
        yield


def _connect_for_a_request(connection: Any, *args: Any, **kwargs: Any) -> None:
    """A client may connect before it says what it will send. In some releases of vcrpy that would
    open a real connection, also on replay. The request itself connects when it is sent."""
    if hasattr(connection, "_vcr_request"):
        _connect(connection, *args, **kwargs)


def _getresponse_or_failure(connection: Any, *args: Any, **kwargs: Any) -> Any:
    """Note a failure of the request: vcrpy records answers only."""
    connection._vcr_request._gets_plain_bodies = _gets_plain_bodies(connection)
    try:
        return _getresponse(connection, *args, **kwargs)
    except Exception as error:
        connection.cassette.failed(connection._vcr_request, error)
        raise
    finally:
        played = getattr(connection._vcr_request, "_reprise", None)
        if isinstance(played, Played) and played.pace:
            wait_for_end(played.pace)


def _gets_plain_bodies(connection: Any) -> bool:
    """Whether the responses of a connection decompress their bodies: those of urllib3 2 do.

    vcrpy's stub hands on the body as it is.
    """
    urllib3 = sys.modules.get("urllib3")
    if urllib3 is None or urllib3.__version__.startswith("1."):
        return False
    # The class itself is patched now, so its module tells.
    return any(base.__module__ == "urllib3.connection" for base in connection._baseclass.__mro__)


def _headers_in_order(message: HTTPMessage) -> Iterator[tuple[str, list[str]]]:
    """Replaces vcrpy's function, which returns headers in another order in each process."""
    for name in dict.fromkeys(message.keys()):
        yield name, message.get_all(name, [])


class OtherClients:
    """Applies and removes the patches. `current_tape` returns the tape of the active scope."""

    def __init__(self, current_tape: Callable[[], Tape | None]) -> None:
        self._cassette = _TapeAsCassette(current_tape)
        self._current_tape = current_tape
        self._patches = ExitStack()
        self._patched: list[str] = []
        builder = CassettePatcherBuilder(self._cassette)
        self._connections = {
            http.client.HTTPConnection: builder._get_cassette_subclass(VCRHTTPConnection),
            http.client.HTTPSConnection: builder._get_cassette_subclass(VCRHTTPSConnection),
        }

    def connection(self, kind: type, *args: Any, **kwargs: Any) -> object:
        """Make a connection of `http.client` that asks the tape."""
        return self._connections[kind](*args, **kwargs)

    def enter(self) -> None:
        """Patch the clients that are imported by now."""
        groups = [client.group for client in SUPPORTED_CLIENTS if client.patched in sys.modules]
        if groups == self._patched:
            return
        self.leave()
        builder = CassettePatcherBuilder(self._cassette)
        # All are built before the first is applied, since vcrpy's stubs derive from the original
        # classes.
        built = [list(getattr(builder, f"_{group}")()) for group in groups]
        for patch in chain.from_iterable(built):
            if getattr(patch, "attribute", "") not in _UNWANTED:
                self._patches.enter_context(patch)
        for place, name, replacement in (
            (vcr.patch, "force_reset", _real_connections),
            (VCRConnection, "connect", _connect_for_a_request),
            (VCRConnection, "getresponse", _getresponse_or_failure),
            (vcr.stubs.compat, "get_headers", _headers_in_order),
        ):
            self._patches.enter_context(mock.patch.object(place, name, replacement))
        if "aiohttp" in groups:
            self._patch_aiohttp()
        self._patched = groups

    def _patch_aiohttp(self) -> None:
        from aiohttp import ClientSession

        from .aiohttp_requests import patched_request

        request = patched_request(self._cassette, self._current_tape)
        self._patches.enter_context(mock.patch.object(ClientSession, "_request", request))

    def leave(self) -> None:
        """Remove all patches."""
        self._patched = []
        self._patches.close()


class _TapeAsCassette:
    """The active tape with the methods of vcrpy's cassette that its stubs call.

    The answer of the tape is stored on the request, since a stub asks more than once.
    """

    record_mode = RecordMode.NEW_EPISODES
    write_protected = False
    _path = ""

    def __init__(self, current_tape: Callable[[], Tape | None]) -> None:
        self._current_tape = current_tape

    def can_play_response_for(self, request: VcrRequest) -> bool:
        return isinstance(self._start(request), Played)

    def _start(self, request: VcrRequest) -> Played | PendingInteraction | None:
        if not hasattr(request, "_reprise"):
            tape = self._current_tape()
            request._reprise = start(tape, from_vcr_request(request)) if tape else None
            last_started.set(request._reprise)  # for aiohttp's stub
        started: Played | PendingInteraction | None = request._reprise
        return started

    def play_response(self, request: VcrRequest) -> VcrResponse:
        played = self._start(request)
        assert isinstance(played, Played)
        outcome = played.outcome
        if isinstance(outcome, Response):
            tape = self._current_tape()
            if tape and getattr(request, "_gets_plain_bodies", False):
                outcome = tape.decoded(outcome)
            return to_vcr_response(outcome)
        raise as_error(outcome)

    def append(self, request: VcrRequest, response: VcrResponse) -> None:
        """Take the answer to a request that was sent."""
        pending = self._pending_of(request)
        if pending:
            answer = from_vcr_response(response)
            pending.answered(answer)
            pending.received(answer.body)
            pending.completed()

    def failed(self, request: VcrRequest, error: BaseException) -> None:
        """Take the failure of a request that was sent."""
        started = getattr(request, "_reprise", None)
        if isinstance(started, PendingInteraction) and (failure := failure_of(error)):
            started.failed(failure)

    def _pending_of(self, request: VcrRequest) -> PendingInteraction | None:
        """The pending interaction of a request. For a redirect that the client followed by itself
        no stub has asked the tape; it is found by method and URL."""
        if hasattr(request, "_reprise"):
            started = request._reprise
            return started if isinstance(started, PendingInteraction) else None
        tape = self._current_tape()
        return tape.unanswered(Request(request.method, request.uri)) if tape else None

    def filter_request(self, request: VcrRequest) -> VcrRequest:
        return request

    def find_requests_with_most_matches(self, request: VcrRequest) -> list[tuple[Any, ...]]:
        """vcrpy asks this for the target of a redirect; the tape matches by its own rules."""
        return [(VcrRequest(request.method, request.uri, None, {}), (), ())]
