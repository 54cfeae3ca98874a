"""Recordings that are older than `max_age`: what is told about them, and what is done."""

from __future__ import annotations

import time
from datetime import timedelta
from functools import cached_property

import pytest

from ..report.tally import Tally
from ..tape.ages import shown_age
from ..tape.closing import Closing
from ..tape.modes import RecordMode
from ..tape.settings import Settings
from . import second_pass
from .prediction import AnyFixture, Prediction, fixtures_of
from .resolution import command_id
from .scope import Scope
from .selection import STAGED


class Expiry:
    """Knows how old what each scope played was; the oldest interaction counts."""

    def __init__(self, config: pytest.Config, tally: Tally, prediction: Prediction) -> None:
        self._config = config
        self._tally = tally
        self._prediction = prediction
        self._is_watching = not (STAGED in config.stash or config.getoption("--reprise-drift"))
        """Not in a proof, whose clock is ahead, nor where nothing is written."""

    def note(self, scope: Scope, closing: Closing) -> str:
        """Note how a scope with a limit ended. Returns `Ended.confirmed_at`."""
        if not (self._is_watching and scope.tape):
            return ""
        if closing.played and (age := _too_old(scope.settings, scope.tape.oldest_played())):
            self._note_expired(scope, closing, age)
        is_kept = closing.action in ("written", "unchanged")
        is_again = is_kept and bool(closing.sent) and scope.tape.mode.reports_changes
        if is_again and _too_old(scope.settings, scope.tape.oldest_recorded()):
            return scope.tape.started_at.isoformat()
        return ""

    def _note_expired(self, scope: Scope, closing: Closing, age: timedelta) -> None:
        assert scope.tape
        on_expiry, text = scope.settings.on_expiry, f"recorded {shown_age(age)} ago"
        if on_expiry == "rerecord":
            if refusal := self._refusal(scope.tape.mode):
                text += f"; {refusal}"
            else:
                owner = scope.fixture or scope.tape.use.nodeid
                users = (item for item in self._ids if self._is_user(item, owner))
                second_pass.SecondPass.of(self._config).add(users)
        self._tally.expire(closing.path, text, fails=on_expiry == "fail")

    def _refusal(self, mode: RecordMode) -> str:
        if not mode.may_record:
            return "mode none records nothing"
        return second_pass.refusal(self._config)

    def _is_user(self, item: pytest.Function, owner: str | AnyFixture) -> bool:
        """Whether a test is the one of this id, or uses the wider fixture."""
        if isinstance(owner, str):
            return self._ids[item] == owner
        return owner in fixtures_of(item)

    @cached_property
    def _ids(self) -> dict[pytest.Function, str]:
        return {item: command_id(item) for item in self._prediction.tests}


def _too_old(settings: Settings, recorded_at: float | None) -> timedelta | None:
    """Return the age of what was recorded at this time, if it is too old."""
    if settings.max_age is None or recorded_at is None:
        return None
    age = timedelta(seconds=time.time() - recorded_at)
    return age if age > settings.max_age else None
