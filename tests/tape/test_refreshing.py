"""What the end of a test makes of a new recording, before all are compared."""

from __future__ import annotations

import json
import random
import uuid
from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import product

from pytest_reprise.cassette.model import Header
from pytest_reprise.drift.correlation import Correlation
from pytest_reprise.drift.noise import Clocks
from pytest_reprise.drift.refresh import Recordings, examine, refresh
from pytest_reprise.exchange import Interaction, Request, Response
from pytest_reprise.tape.refreshing import merged_alone

URL = "http://api.test/exports"
HEADER = Header(datetime(2026, 1, 31, tzinfo=UTC), "")
NOW = HEADER.recorded_at.timestamp()


def _call(method: str, url: str, sent: str, **answer: object) -> Interaction:
    outcome = Response(200, "OK", (), json.dumps(answer).encode())
    return Interaction(Request(method, url, (), sent.encode()), outcome)


def _two_polls(counts: Sequence[int], chance: random.Random) -> tuple[Interaction, ...]:
    """Two exports, which are polled one after the other until they are done."""
    ids = [str(uuid.UUID(int=chance.getrandbits(128), version=4)) for _ in counts]
    made = [_call("POST", URL, form, id=one) for form, one in zip(("csv", "txt"), ids, strict=True)]
    for one, count in zip(ids, counts, strict=True):
        for progress in (*chance.sample(range(5, 95), count), 100):
            status = "done" if progress == 100 else "running"
            made.append(_call("GET", f"{URL}/{one}", "", id=one, status=status, progress=progress))
    return tuple(made)


def test_two_polls_of_any_lengths_leave_the_recording_as_it_was() -> None:
    chance = random.Random(7)
    for counts in product(range(4), repeat=4):
        old, now = _two_polls(counts[:2], chance), _two_polls(counts[2:], chance)
        periods = [*range(len(now))]
        (_, staged), _ = merged_alone((HEADER, old), (HEADER, now), periods, is_alone=False)
        recordings, known = Recordings(old, staged, Clocks(NOW, NOW)), Correlation()
        found = examine(recordings, known)
        merged = refresh(recordings, known=known, aligned=found.aligned)
        assert merged.interactions == old, counts
