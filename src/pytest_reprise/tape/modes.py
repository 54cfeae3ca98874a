"""The record modes as one table; nothing else decides by mode.

The names are those of vcrpy and pytest-recording. Whatever the mode, a request is never answered
from what the same run recorded, and a cassette is replaced only by a recording whose test passed.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rule:
    """What a tape does: with a cassette at hand, without one, and at its close."""

    replays: bool
    """Answers from the cassette where it can."""
    sends: bool
    """Sends what the cassette does not answer, where a cassette exists."""
    sends_without_cassette: bool
    """Sends where no cassette exists yet."""
    keeps: bool
    """Recorded calls that were not made again stay in the cassette."""
    owes: bool
    """The test has to make every recorded call."""
    reports: bool
    """The summary names what changed in the cassette."""
    writes: bool = True
    """What was recorded is saved."""

    def may_send(self, cassette_exists: bool) -> bool:
        return self.sends if cassette_exists else self.sends_without_cassette


RULES: dict[str, Rule] = {
    #                        replays sends  without keeps  owes   reports
    "none":             Rule(True,   False, False,  True,  True,  False),
    "once":             Rule(True,   False, True,   True,  True,  False),
    "new_episodes":     Rule(True,   True,  True,   True,  False, False),
    "all":              Rule(False,  True,  True,   True,  False, False),
    "rewrite":          Rule(False,  True,  True,   False, False, True),
}  # fmt: skip

LIVE = Rule(False, True, True, True, False, False, writes=False)
"""Not a mode of the command line: a wider fixture with a cassette, in `once`, whose value a test
without one is about to send to the real server. Its requests are sent, its cassette stays."""

DEFAULT_MODE = "none"
