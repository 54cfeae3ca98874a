"""What can go wrong, as one short tree:

RepriseError
├── ConfigurationError     an option, a mark or an ini value that cannot be meant
├── CassetteError          a cassette file that cannot be read: file, line, repair
├── RequestNotRecorded     a request that replay has no answer for (a "miss")
├── CallsNotMade           recorded calls that the test no longer makes
└── RecordingRefused       recording now would write something wrong
    ├── ServerNotReady     the health path did not answer in time
    └── Unscrubbed         what was recorded cannot be written without a secret

None of them is an httpx error: code under test that retries or translates httpx errors must
not take a hole in the recording for a bad network.
"""

from __future__ import annotations

from pathlib import Path


class RepriseError(Exception):
    """The root of all errors that Reprise raises on its own account."""


class ConfigurationError(RepriseError):
    """An option, a mark or an ini value that cannot be meant."""


class CassetteError(RepriseError):
    """A cassette file that cannot be read. Nothing was overwritten.

    `path` is the file, `line` counts from 1, `problem` says what is wrong and `repair` what to do.
    """

    def __init__(self, path: Path, line: int, problem: str, repair: str) -> None:
        super().__init__(f"{path}:{line}: {problem}\n  {repair}")
        self.path = path
        self.line = line
        self.problem = problem
        self.repair = repair


class RequestNotRecorded(RepriseError):
    """A request that replay has no answer for; the message holds no secret."""


class CallsNotMade(RepriseError):
    """The cassette holds calls that the test, which otherwise passed, did not make."""


class RecordingRefused(RepriseError):
    """Recording now would write something wrong; the message says what to do."""


class ServerNotReady(RecordingRefused):
    """The health path of the base URL did not answer within the time allowed."""


class Unscrubbed(RecordingRefused):
    """What was recorded cannot be written without a secret. Nothing was written.

    `number` counts interactions from 1, `call` is method and path, `problem` names the place and
    never the value.
    """

    def __init__(self, number: int, call: str, problem: str) -> None:
        super().__init__(f"interaction {number}, {call}: {problem}")
        self.number = number
        self.call = call
        self.problem = problem


class RepriseWarning(UserWarning):
    """A miss, or recorded calls that were not made, where a setting says `warn`."""
