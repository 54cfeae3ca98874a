"""Polls: how often a call was repeated is no change; another number of other calls is one."""

from __future__ import annotations

import pytest

from pytest_reprise.drift.polls import Call, align_polls

from ..harness.shapes import GivenShape


def _calls(text: str) -> list[Call]:
    """Return calls such as "export:running"; one of an upper-case letter is a POST."""
    found = []
    for call in text.split():
        name, _, meaning = call.partition(":")
        found.append(Call(GivenShape((name, name), meaning, meaning), name.islower()))
    return found


@pytest.mark.parametrize(
    ("old", "new", "stay"),
    [
        ("A x:running x:running x:done", "A x:running x:done", []),
        ("A x:running x:done", "A x:done", [1]),
        ("A x:done", "A x:queued x:running x:running x:done", []),
        ("x:running y:running x:done y:done", "y:done x:done", [0, 1]),
        ("a:1 x:running x:done b:1", "a:1 x:done b:1", [1]),
    ],
)
def test_a_poll_of_another_length_is_complete(old: str, new: str, stay: list[int]) -> None:
    aligned = align_polls(_calls(old), _calls(new))
    assert aligned.is_complete
    assert sorted(aligned.stay) == stay
    olds = [pair.old for pair in aligned.pairs]
    assert olds == [*range(len(old.split()))]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("me:1 me:1", "me:1 me:1 me:1"),
        ("x:running x:done", "x:running"),
        ("x:running", "x:running x:done"),
        ("x:old A x:new", "x:new"),
        ("x:done", "y:done"),
    ],
)
def test_another_number_of_other_calls_is_a_change(old: str, new: str) -> None:
    assert not align_polls(_calls(old), _calls(new)).is_complete
