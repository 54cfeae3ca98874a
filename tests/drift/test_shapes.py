"""Shapes: a call about an object is paired with the call about the same object."""

from __future__ import annotations

import json
import random
import uuid
from collections.abc import Callable, Sequence

from hypothesis import given
from hypothesis import strategies as st

from pytest_reprise.drift.noise import Clocks
from pytest_reprise.drift.refresh import Recordings, aligned
from pytest_reprise.exchange import Interaction, Request, Response

from ..harness.strategies import SOME

_URL = "https://api.example/exports"
Script = Sequence[tuple[str, int]]
"""Methods with the number of the object that each call is about."""
scripts = st.lists(st.tuples(st.sampled_from(("GET", "DELETE")), st.integers(0, 3)), max_size=8)
forms = st.sampled_from(
    (
        lambda _: str(uuid.uuid4()),
        lambda n: str(n + random.randint(1000, 9000) * 10),
        lambda _: "exp_" + "".join(random.choices("abcdefABCDEF0123456789", k=14)),
        lambda n: f"{random.randint(10, 99)}-{n}",
    )
)


def _recorded(script: Script, make_id: Callable[[int], str]) -> list[Interaction]:
    """Return calls that make four objects, and then those of the script."""
    ids = [make_id(n) for n in range(4)]
    found = [_call("POST", _URL, {"state": "new", "id": one}, {"format": "csv"}) for one in ids]
    for method, number in script:
        answer = {"id": ids[number], "colour": random.choice(("red", "green"))}
        found.append(_call(method, f"{_URL}/{ids[number]}", answer))
    return found


def _call(method: str, url: str, answer: object, sent: object = None) -> Interaction:
    body = json.dumps(sent).encode() if sent else b""
    return Interaction(
        Request(method, url, (), body), Response(200, "OK", (), json.dumps(answer).encode())
    )


@SOME
@given(scripts, forms)
def test_calls_are_paired_by_what_made_their_objects(
    script: Script, make_id: Callable[[int], str]
) -> None:
    old, new = _recorded(script, make_id), _recorded(script, make_id)
    # Polls may have another number of answers, so only calls that change something are compared.
    expected = [(one, other) for one, other in zip(old, new, strict=True)]
    found = [*aligned(Recordings(old, new, Clocks(0.0, 0.0)))]
    objects = {_object(one): _object(other) for one, other in expected}
    for before, now in found:
        assert before.request.method == now.request.method
        assert objects[_object(before)] == _object(now)


def _object(interaction: Interaction) -> str:
    assert isinstance(interaction.outcome, Response)
    return str(json.loads(interaction.outcome.body)["id"])
