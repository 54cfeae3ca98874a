"""The record modes, as one table. Nothing else decides by the name of a mode.

The names are those of vcrpy and pytest-recording. In every mode, a request is never answered from
what the same run recorded, and a cassette is replaced only by a recording whose test passed.
"""

from __future__ import annotations

from typing import NamedTuple


class RecordMode(NamedTuple):
    """What a tape does in one mode: with a cassette, without one, and when it is closed."""

    name: str
    replays: bool
    """Requests are answered from the cassette where it has an answer."""
    sends: bool
    """Requests without an answer are sent, also where a cassette exists."""
    sends_without_cassette: bool
    """Requests are sent where no cassette exists yet."""
    keeps_unplayed: bool
    """Recorded interactions that were not made again stay in the cassette."""
    requires_all_calls: bool
    """The test has to make every recorded call."""
    reports_changes: bool
    """The summary names what changed in the cassette."""
    writes: bool = True
    """What was recorded is saved."""
    is_live_fixture: bool = False
    """The cassette stays: what is sent gives a new test its live values."""

    def may_send(self, has_cassette: bool) -> bool:
        """Whether a request without an answer is sent to the real server."""
        return self.sends if has_cassette else self.sends_without_cassette

    @property
    def may_record(self) -> bool:
        """Whether any request can be sent in this mode."""
        return self.sends or self.sends_without_cassette

    @property
    def records_only_new_scopes(self) -> bool:
        """Whether requests are sent only by scopes that have no cassette yet."""
        return self.sends_without_cassette and not self.sends

    @property
    def vcrpy_name(self) -> str:
        """The mode that vcrpy has for this one: it knows no mode that replaces a cassette."""
        return self.name if self.replays or self.keeps_unplayed else "new_episodes"


# In the order of the columns: replays, sends, sends_without_cassette, keeps_unplayed,
# requires_all_calls, reports_changes.
MODES: dict[str, RecordMode] = {
    mode.name: mode
    for mode in (
        RecordMode("none",         True,  False, False, True,  True,  False),
        RecordMode("once",         True,  False, True,  True,  True,  False),
        RecordMode("new_episodes", True,  True,  True,  True,  False, False),
        RecordMode("all",          False, True,  True,  True,  False, False),
        RecordMode("rewrite",      False, True,  True,  False, False, True),
    )
}  # fmt: skip

LIVE_FIXTURE = RecordMode("once", False, True, True, True, False, False, is_live_fixture=True)
"""A wider fixture that has a cassette, in a run that records a new test which uses the fixture.

The new test sends the fixture's value to the real server, which does not know a recorded value. So
the fixture's requests are sent. Its cassette stays as it is; only requests that it does not have
are added."""

DEFAULT_MODE = "none"
