"""The numbers of a run agree with what its tapes did, whatever that was."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

from hypothesis import given
from hypothesis import strategies as st

from pytest_reprise.report.tally import Tally
from pytest_reprise.report.terminal import detail_lines, dropped_lines, summary_line
from pytest_reprise.tape.closing import Action, Closing

from ..harness.strategies import SOME, texts

REASONS = ("AssertionError: no", "ConnectError: refused", "the run was interrupted")


@st.composite
def _closings(draw: st.DrawFn) -> Closing:
    scope = f"test_it.py::test_{draw(st.integers(0, 9))}"
    sent = draw(st.integers(0, 3))
    return Closing(
        scope,
        Path(f"/cassettes/{scope.rpartition(':')[2]}.yaml"),
        draw(st.sampled_from(get_args(Action))),
        played=draw(st.integers(0, 3)),
        sent=sent,
        unanswered=draw(st.integers(0, sent)),
        missed=tuple(draw(st.lists(texts, max_size=2, unique=True))),
    )


def _tally(closings: list[Closing]) -> Tally:
    tally = Tally()
    for number, closing in enumerate(closings):
        tally.add(closing, closing.scope, True, REASONS[number % len(REASONS)])
    return tally


def _number(line: str, noun: str) -> int:
    found = re.search(rf"(\d+) {noun}", line)
    return int(found[1]) if found else 0


@SOME
@given(st.lists(_closings(), max_size=30, unique_by=lambda closing: closing.scope))
def test_the_summary_says_what_happened(closings: list[Closing]) -> None:
    tally = _tally(closings)
    line = summary_line(tally)
    done = [closing.action for closing in closings]
    assert _number(line, "kept") == done.count("kept")
    assert _number(line, "recordings? dropped") == done.count("kept") + done.count("dropped")
    assert _number(line, "tests? recorded") == done.count("written") + done.count("unchanged")
    assert _number(line, "cassettes? written") == done.count("written")
    assert _number(line, "live requests?") == sum(closing.sent for closing in closings)
    assert _number(line, "without an answer") == sum(closing.unanswered for closing in closings)
    assert _number(line, "missed") == sum(len(closing.missed) for closing in closings)
    listed = [text.strip() for text in dropped_lines(tally, shows_all=True)]
    for closing in closings:
        assert (closing.scope in listed) == (closing.action in ("kept", "dropped"))
    assert not any("\x1b" in text or "\n" in text for text in [*listed, *detail_lines(tally)])


@SOME
@given(st.lists(_closings(), max_size=12, unique_by=lambda c: c.scope), st.integers(0, 12))
def test_the_tallies_of_workers_add_up(closings: list[Closing], cut: int) -> None:
    controller = Tally()
    for part in (closings[:cut], closings[cut:]):
        controller.merge(_tally(part).to_json())
    whole = _tally(closings)
    assert summary_line(controller) == summary_line(whole)
    assert sorted(controller.dropped) == sorted(whole.dropped)


@SOME
@given(st.lists(_closings(), max_size=12))
def test_a_test_that_was_run_again_counts_by_its_last_run(closings: list[Closing]) -> None:
    """As pytest-rerunfailures does it."""
    last = {closing.scope: closing.action for closing in closings if closing.action in _WRITING}
    dropped = {scope for scope, action in last.items() if action in ("kept", "dropped")}
    tally = _tally(closings)
    assert set(tally.dropped) == dropped
    assert len(tally.kept) <= len(dropped)


_WRITING = ("kept", "dropped", "written", "unchanged")
