"""The laws of the record modes, and the table read aloud."""

from __future__ import annotations

import pytest
from vcr.record_mode import RecordMode

from pytest_reprise.tape.modes import DEFAULT_MODE, LIVE, RULES, Rule

ALL_RULES = [*RULES.values(), LIVE]


def test_names_are_those_of_vcrpy_and_pytest_recording() -> None:
    assert set(RULES) - {"rewrite"} <= {mode.value for mode in RecordMode}
    assert DEFAULT_MODE in RULES


@pytest.mark.parametrize(
    ("mode", "sends_with", "sends_without", "replays"),
    [
        ("none", False, False, True),
        ("once", False, True, True),
        ("new_episodes", True, True, True),
        ("all", True, True, False),
        ("rewrite", True, True, False),
    ],
)
def test_who_sends_and_who_replays(
    mode: str, sends_with: bool, sends_without: bool, replays: bool
) -> None:
    rule = RULES[mode]
    assert rule.may_send(cassette_exists=True) == sends_with
    assert rule.may_send(cassette_exists=False) == sends_without
    assert rule.replays == replays


@pytest.mark.parametrize("rule", ALL_RULES)
def test_what_does_not_replay_has_to_send(rule: Rule) -> None:
    assert rule.replays or rule.sends


@pytest.mark.parametrize("rule", ALL_RULES)
def test_what_sends_beside_a_cassette_sends_without_one(rule: Rule) -> None:
    assert rule.sends_without_cassette or not rule.sends


@pytest.mark.parametrize("rule", ALL_RULES)
def test_calls_are_owed_where_nothing_new_may_come(rule: Rule) -> None:
    assert rule.owes == (rule.replays and not rule.sends)


@pytest.mark.parametrize("rule", ALL_RULES)
def test_only_a_rewrite_drops_calls_and_says_so(rule: Rule) -> None:
    assert rule.keeps != (rule is RULES["rewrite"])
    assert rule.reports == (rule is RULES["rewrite"])


def test_a_live_fixture_sends_all_and_writes_nothing() -> None:
    assert LIVE.sends
    assert not LIVE.replays
    assert not LIVE.writes
    assert all(rule.writes for rule in RULES.values())
    assert LIVE not in RULES.values()
