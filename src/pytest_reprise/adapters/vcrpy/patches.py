"""Other HTTP clients on our tape, by vcrpy's own patches.

They are put in when a recorded test begins, for the libraries that the process has imported by
then, and stay until a test comes that is not recorded.
"""

from __future__ import annotations

import http.client
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from itertools import chain
from typing import Any
from unittest import mock

import vcr.patch
from vcr.patch import CassettePatcherBuilder
from vcr.record_mode import RecordMode
from vcr.request import Request as TheirRequest
from vcr.stubs import VCRConnection, VCRHTTPConnection, VCRHTTPSConnection

from ...exchange import Failure, Outcome, Request, Response
from ...tape.pending import Take
from ...tape.tape import Tape
from .. import http_client
from .values import TheirResponse, our_request, our_response, their_response

_GROUPS = {
    "requests": "requests",
    "botocore.awsrequest": "boto3",
    "urllib3": "urllib3",
    "httplib2": "httplib2",
    "tornado.simple_httpclient": "tornado",
    "aiohttp": "aiohttp",
}
"""What has to be imported for a group of vcrpy's patches to be put in, in its order."""
_HINDERING = ("HTTPConnectionWithTimeout", "HTTPSConnectionWithTimeout")
"""httplib2 looks its own classes up by these names, and finds the connections in a table."""

_HTTPConnection = http.client.HTTPConnection
_force_reset = vcr.patch.force_reset
_connect = VCRConnection.connect


@contextmanager
def _real_connections() -> Iterator[None]:
    """In the place of vcrpy's `force_reset`, which takes the patches out for all threads at once:
    what one of them sends meanwhile would be neither recorded nor replayed."""
    with http_client.real(), ExitStack() as stack:
        if http.client.HTTPConnection is not _HTTPConnection:
            stack.enter_context(_force_reset())  # within a cassette of vcrpy's own
        yield


def _connect_for_a_request(connection: Any, *args: Any, **kwargs: Any) -> None:
    """A client may connect before it says what it will send, and not every vcrpy waits for that.
    What is sent then connects by itself, as it does with any connection of http.client."""
    if hasattr(connection, "_vcr_request"):
        _connect(connection, *args, **kwargs)


class OtherClients:
    """`current_tape` tells who talks, as for httpx."""

    def __init__(self, current_tape: Callable[[], Tape | None]) -> None:
        self._cassette = _Cassette(current_tape)
        self._current_tape = current_tape
        self._patches = ExitStack()
        self._patched: list[str] = []
        builder = CassettePatcherBuilder(self._cassette)
        self._connections = {
            http.client.HTTPConnection: builder._get_cassette_subclass(VCRHTTPConnection),
            http.client.HTTPSConnection: builder._get_cassette_subclass(VCRHTTPSConnection),
        }

    def connection(self, kind: type, *args: Any, **kwargs: Any) -> object:
        """A connection of http.client, on the tape."""
        return self._connections[kind](*args, **kwargs)

    def enter(self) -> None:
        """Patch what is imported by now."""
        groups = [group for name, group in _GROUPS.items() if name in sys.modules]
        if groups == self._patched:
            return
        self.leave()
        builder = CassettePatcherBuilder(self._cassette)
        # All are built before one is put in, since the stubs derive from the unpatched classes.
        built = [list(getattr(builder, f"_{group}")()) for group in groups]
        for patch in chain.from_iterable(built):
            if getattr(patch, "attribute", "") not in _HINDERING:
                self._patches.enter_context(patch)
        for place, name, ours in (
            (vcr.patch, "force_reset", _real_connections),
            (VCRConnection, "connect", _connect_for_a_request),
        ):
            self._patches.enter_context(mock.patch.object(place, name, ours))
        if "aiohttp" in groups:
            self._patch_aiohttp()
        self._patched = groups

    def _patch_aiohttp(self) -> None:
        from aiohttp import ClientSession

        from .aiohttp_requests import as_sent

        request = as_sent(self._cassette, self._current_tape)
        self._patches.enter_context(mock.patch.object(ClientSession, "_request", request))

    def leave(self) -> None:
        """Take all patches out."""
        self._patched = []
        self._patches.close()


class _Cassette:
    """What vcrpy's stubs ask of a cassette. What the tape said of a request is kept with it, since
    a stub asks more than once."""

    record_mode = RecordMode.NEW_EPISODES
    write_protected = False
    _path = ""

    def __init__(self, current_tape: Callable[[], Tape | None]) -> None:
        self._current_tape = current_tape

    def can_play_response_for(self, request: TheirRequest) -> bool:
        return isinstance(self._started(request), (Response, Failure))

    def _started(self, request: TheirRequest) -> Outcome | Take | None:
        if not hasattr(request, "_reprise"):
            tape = self._current_tape()
            request._reprise = tape.start(our_request(request)) if tape else None
        started: Outcome | Take | None = request._reprise
        return started

    def play_response(self, request: TheirRequest) -> TheirResponse:
        outcome = self._started(request)
        if isinstance(outcome, Response):
            return their_response(outcome)
        raise ConnectionError(f"recorded: {outcome}")

    def append(self, request: TheirRequest, response: TheirResponse) -> None:
        """A call was answered."""
        take = self._take_of(request)
        if take:
            answer = our_response(response)
            take.answered(answer)
            take.received(answer.body)

    def _take_of(self, request: TheirRequest) -> Take | None:
        """Of calls that a client made on its own, to follow a redirect, nobody asked before: the
        first is the one that was asked for, and others are known by method and URL."""
        if hasattr(request, "_reprise"):
            return request._reprise if isinstance(request._reprise, Take) else None
        tape = self._current_tape()
        return tape.recording.unanswered(_bare(request)) if tape else None

    def filter_request(self, request: TheirRequest) -> TheirRequest:
        return request

    def find_requests_with_most_matches(self, request: TheirRequest) -> list[tuple[Any, ...]]:
        """Where a redirect leads: the request itself, which the tape matches its own way."""
        return [(TheirRequest(request.method, request.uri, None, {}), (), ())]


def _bare(request: TheirRequest) -> Request:
    return Request(request.method, request.uri)
