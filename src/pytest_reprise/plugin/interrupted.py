"""What a recording has left that was killed, and what the summary says about it."""

from __future__ import annotations

import pytest

from ..cassette.staging import Interrupted
from ..cassette.staging import recover as recover_in
from ..messages import counted, display_path
from .summary import add_notice


def recover(config: pytest.Config) -> None:
    """Complete or delete interrupted recordings, and add a line to the summary for each."""
    for interrupted in recover_in(config.rootpath):
        if interrupted.older:
            add_notice(config, _older(interrupted))
        else:
            add_notice(config, f"the last recording was interrupted{_outcome(interrupted)}")


def _older(interrupted: Interrupted) -> str:
    first, *others = interrupted.older
    more = f" and {len(others)} more" if others else ""
    return (
        f"{display_path(first)}{more} could not be written by the last recording, and may not fit "
        f"the cassettes that were. Record again: {interrupted.command}"
    )


def _outcome(interrupted: Interrupted) -> str:
    cassettes = counted(interrupted.cassettes, "cassette")
    if interrupted.was_complete and not interrupted.failed:
        return f" while it was saved, and is complete now ({cassettes} saved)"
    again = f"Record again: {interrupted.command or 'pytest'}"
    if interrupted.failed:
        return (
            f": {cassettes} could not be saved or deleted ({'; '.join(interrupted.failed)}), so "
            f"that cassettes may be of two generations. {again}"
        )
    return f", and dropped ({cassettes}). Older cassettes were not changed. {again}"
