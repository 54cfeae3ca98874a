"""How a client asks the tape what is to be done with a request."""

from __future__ import annotations

import sys

from ..errors import RequestNotRecorded
from ..exchange import Request
from ..tape.pending import PendingInteraction
from ..tape.player import Played
from ..tape.tape import Tape


def start(tape: Tape, request: Request) -> Played | PendingInteraction | None:
    """Return what `Tape.start` returns.

    Where vcrpy is imported, the error of a miss is vcrpy's error as well: suites expect it.
    """
    __tracebackhide__ = True
    try:
        return tape.start(request)
    except RequestNotRecorded as error:
        if "vcr.errors" in sys.modules:
            from .vcrpy.errors import make_vcrpy_error

            make_vcrpy_error(error, tape, request)
        raise
