"""The refresh campaign in short: one part of the suite, and the main lines of the table.

`make refresh-campaign` has all lines, with the whole suite.
"""

from __future__ import annotations

import pytest

from .__main__ import REWRITE, compared
from .moving_api.changes import CHANGES
from .moving_api.server import Options
from .trial import Files, Trial, changed_files

MODULES = ("test_orders.py", "test_accounts.py", "test_lists.py", "test_async.py")
BY_CHANCE = 4
"""Of 53 files, as many may change although the API did not: a value that varies is the same twice,
a code has no digit, a list has no further page, or concurrent requests are mixed up."""


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> tuple[Trial, Files]:
    trial = Trial(tmp_path_factory.mktemp("refresh") / "suite")
    ran = trial.record("--record-mode=once", *MODULES, api=Options(compresses=True))
    assert ran.code == 0, ran.output
    return trial, trial.files


def test_an_unchanged_api_changes_no_file(recorded: tuple[Trial, Files]) -> None:
    trial, old = recorded
    trial.restore(old)
    for first_id in (9, 90_000):
        ran = trial.record(REWRITE, *MODULES, api=Options(first_id=first_id, compresses=True))
        assert ran.code == 0, ran.output
        assert len(changed_files(old, trial.files)) <= BY_CHANCE
        assert len(ran.news) <= BY_CHANCE
    assert trial.replay(*MODULES).red == 0


def test_one_refreshed_test_fits_all_others(recorded: tuple[Trial, Files]) -> None:
    trial, old = recorded
    trial.restore(old)
    # Without compression this time.
    ran = trial.record(REWRITE, "-k", "test_it_is_shipped or test_orders_at_the_same_time")
    assert ran.code == 0, ran.output
    assert trial.replay(*MODULES).red == 0


def test_version_2_changes_what_it_should_and_all_replays(recorded: tuple[Trial, Files]) -> None:
    trial, old = recorded
    trial.restore(old)
    ran = trial.record(REWRITE, *MODULES, api=Options(CHANGES, compresses=True))
    assert ran.failed
    found = compared(old, trial.files, ran)
    assert found.missing == found.failing_changed == 0
    assert found.too_many <= BY_CHANCE
    assert trial.replay(*MODULES).red == 0
