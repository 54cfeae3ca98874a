"""Properties of the record modes."""

from __future__ import annotations

import pytest
from vcr.record_mode import RecordMode as VcrRecordMode

from pytest_reprise.tape.modes import DEFAULT_MODE, LIVE_FIXTURE, MODES, RecordMode

ALL_MODES = [*MODES.values(), LIVE_FIXTURE]


def test_modes_have_the_names_of_vcrpy_and_pytest_recording() -> None:
    assert set(MODES) - {"rewrite"} <= {mode.value for mode in VcrRecordMode}
    assert DEFAULT_MODE in MODES


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
def test_which_modes_send_and_which_replay(
    mode: str, sends_with: bool, sends_without: bool, replays: bool
) -> None:
    found = MODES[mode]
    assert found.may_send(has_cassette=True) == sends_with
    assert found.may_send(has_cassette=False) == sends_without
    assert found.replays == replays


@pytest.mark.parametrize("mode", ALL_MODES)
def test_a_mode_that_does_not_replay_sends_requests(mode: RecordMode) -> None:
    assert mode.replays or mode.sends


@pytest.mark.parametrize("mode", ALL_MODES)
def test_a_mode_that_sends_with_a_cassette_sends_without_one_too(mode: RecordMode) -> None:
    assert mode.sends_without_cassette or not mode.sends


@pytest.mark.parametrize("mode", ALL_MODES)
def test_modes_that_record_nothing_new_require_all_calls(mode: RecordMode) -> None:
    assert mode.requires_all_calls == (mode.replays and not mode.sends)


@pytest.mark.parametrize("mode", ALL_MODES)
def test_only_rewrite_drops_interactions_and_reports_changes(mode: RecordMode) -> None:
    assert mode.keeps_unplayed != (mode is MODES["rewrite"])
    assert mode.reports_changes == (mode is MODES["rewrite"])


def test_a_live_fixture_sends_all_requests_and_keeps_its_cassette() -> None:
    assert LIVE_FIXTURE.sends
    assert not LIVE_FIXTURE.replays
    assert LIVE_FIXTURE.is_live_fixture
    assert all(mode.writes for mode in MODES.values())
    assert LIVE_FIXTURE not in MODES.values()


@pytest.mark.parametrize("mode", ALL_MODES)
def test_each_mode_has_a_name_in_vcrpy(mode: RecordMode) -> None:
    assert VcrRecordMode(mode.vcrpy_name)
