"""The work of a refresh grows with the number of interactions, and not faster."""

from __future__ import annotations

import json
import sys
import uuid
from collections.abc import Callable

from pytest_reprise.drift.correlation import Correlation
from pytest_reprise.drift.noise import Clocks
from pytest_reprise.drift.refresh import Recordings, examine, refresh
from pytest_reprise.exchange import Interaction, Request, Response

_URL = "https://api.example/exports"


def _recorded(count: int) -> list[Interaction]:
    """Return calls that make objects, read each of them, and list all."""
    ids = [str(uuid.uuid4()) for _ in range(count)]
    found = [_call("POST", _URL, {"id": one}) for one in ids]
    found += [_call("GET", f"{_URL}/{one}", {"id": one, "state": "done"}) for one in ids]
    return [*found, _call("GET", _URL, [{"id": one} for one in ids])]


def _call(method: str, url: str, answer: object) -> Interaction:
    return Interaction(
        Request(method, url, (), b""), Response(200, "OK", (), json.dumps(answer).encode())
    )


def _calls_of(work: Callable[[], object]) -> int:
    """Return how many functions are called."""
    count = 0

    def note(_frame: object, event: str, _argument: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    sys.setprofile(note)
    try:
        work()
    finally:
        sys.setprofile(None)
    return count


def _refresh(count: int) -> int:
    recordings = Recordings(_recorded(count), _recorded(count), Clocks(0.0, 0.0))
    known = Correlation()

    def work() -> None:
        found = examine(recordings, known)
        merged = refresh(recordings, known=known, aligned=found.aligned)
        assert merged.interactions == tuple(recordings.old)

    return _calls_of(work)


def test_four_times_the_interactions_are_four_times_the_work() -> None:
    _refresh(5)  # fills caches
    assert _refresh(160) < 4.6 * _refresh(40)
