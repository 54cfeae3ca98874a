"""Places that the configuration calls volatile."""

from __future__ import annotations

import pytest

from pytest_reprise.drift.places import Place
from pytest_reprise.drift.volatile import Volatile

VOLATILE = Volatile(["$.meta.trace", "$.items[*].seen", "$..hash", "header:X-Trace", "ETag"])


@pytest.mark.parametrize(
    ("place", "shown", "is_volatile"),
    [
        (Place("response", "leaf", ("meta", "trace")), "$.meta.trace", True),
        (Place("response", "leaf", ("meta", "trace", "id")), "$.meta.trace.id", True),
        (Place("response", "leaf", ("meta", "traces")), "$.meta.traces", False),
        (Place("response", "leaf", ("trace",)), "$.trace", False),
        (Place("response", "leaf", ("items", 3, "seen")), "$.items[].seen", True),
        (Place("response", "leaf", ("items", 3, "id")), "$.items[].id", False),
        (Place("response", "leaf", ("a", "b", "hash")), "$.a.b.hash", True),
        (Place("request", "leaf", ("a", "eTag")), "$.a.eTag", True),
        (Place("request", "query", ("etag",)), "", True),
        (Place("response", "header", ("etag",)), "header:ETag", True),
        (Place("response", "header", ("x-trace",)), "header:X-Trace", True),
        (Place("response", "header", ("x-traces",)), "header:X-Traces", False),
        (Place("response", "leaf", ("X-Trace",)), "$.X-Trace", False),
        (Place("request", "segment", (1,)), "", False),
        (Place("response", "text"), "$", False),
        (Place("response", "leaf", ()), "$", False),
    ],
)
def test_named_places_are_volatile(place: Place, shown: str, is_volatile: bool) -> None:
    assert VOLATILE.holds(place) == is_volatile
    assert VOLATILE.covers(shown) == (is_volatile and shown != "")
    assert not Volatile().holds(place)
