"""`--reprise-pending`: what is recorded is put beside the cassettes, for `reprise review`."""

from __future__ import annotations

import pytest

from ..messages import counted
from ..report.tally import Tally
from .summary import add_notice


def check_pending(config: pytest.Config) -> None:
    """Raise UsageError for options with which nothing is recorded."""
    given = [o for o in ("--reprise-drift", "--reprise-strict") if config.getoption(o)]
    if config.getoption("--record-mode") == "none":
        given.append("--record-mode=none")
    if given:
        raise pytest.UsageError(f"--reprise-pending records: leave out {given[0]}")


def note_pending(config: pytest.Config, tally: Tally) -> None:
    """Tell how many recordings are to be reviewed."""
    tally.keep_pending()
    number = len(tally.pending)
    verb = "is" if number == 1 else "are"
    text = f"{counted(number, 'recording')} {verb} pending. Accept or reject: reprise review"
    add_notice(config, text if number else "no recording is pending: nothing new was recorded")
