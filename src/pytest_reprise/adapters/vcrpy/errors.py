"""A miss as vcrpy's error, for suites and code under test that expect vcrpy's."""

from __future__ import annotations

from functools import cached_property

from vcr.errors import CannotOverwriteExistingCassetteException
from vcr.request import Request as VcrRequest

from ...errors import RequestNotRecorded
from ...exchange import Request
from ...tape.tape import Tape
from ..cassette_view import CassetteView
from .values import to_vcr_request


class _Miss(RequestNotRecorded, CannotOverwriteExistingCassetteException):  # type: ignore[misc]
    """Both errors. The attributes are those of vcrpy's; they are computed when they are read."""

    tape: Tape
    request: Request

    @cached_property
    def cassette(self) -> CassetteView:
        return CassetteView(lambda: self.tape)

    @cached_property
    def failed_request(self) -> VcrRequest:
        return to_vcr_request(self.request)

    @cached_property
    def similar_requests(self) -> list[object]:
        """Always empty: the message names the closest request."""
        return []

    @cached_property
    def reason(self) -> str:
        if not self.tape.interactions():
            return "cassette_not_found"
        return "already_played" if any(self.tape.answers_to(self.request)) else "no_match"


# Tracebacks name the error in one way, whether vcrpy is loaded or not.
_Miss.__name__ = _Miss.__qualname__ = RequestNotRecorded.__name__
_Miss.__module__ = RequestNotRecorded.__module__


def make_vcrpy_error(error: RequestNotRecorded, tape: Tape, request: Request) -> None:
    """Turn the error of a miss into vcrpy's as well. It stays the same object, which the tape has
    among its misses."""
    error.__class__ = _Miss
    assert isinstance(error, _Miss)
    error.tape, error.request = tape, request
