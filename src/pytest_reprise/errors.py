"""The errors that Reprise raises, as one tree:

RepriseError
├── ConfigurationError     an option, a mark or an ini value that is not valid
├── CassetteError          a cassette file that cannot be read: file, line, repair
├── RequestNotRecorded     a request without a recorded interaction (a "miss")
├── CallsNotMade           recorded interactions that the test did not ask for
└── RecordingRefused       a recording that would be wrong
    ├── ServerNotReady     the health path did not answer in time
    └── Unscrubbed         a recording that cannot be written without a secret in it

None of them is an httpx error. Code under test may retry httpx errors or translate them; it must
not take a missing recording for a network problem.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


class RepriseError(Exception):
    """The base class of all errors that Reprise raises."""


class ConfigurationError(RepriseError):
    """An option, a mark or an ini value that is not valid."""


class CassetteError(RepriseError):
    """A cassette file that cannot be read. Nothing was overwritten.

    `path` is the file, `line` counts from 1, `problem` says what is wrong and `repair` what to do.
    The message is safe to print; these attributes may hold control characters.
    """

    def __init__(self, path: Path, line: int, problem: str, repair: str) -> None:
        from .messages import printable  # needed for broken cassettes only

        super().__init__(f"{printable(f'{path}:{line}: {problem}')}\n  {printable(repair)}")
        self.path = path
        self.line = line
        self.problem = problem
        self.repair = repair


class RequestNotRecorded(RepriseError):
    """A request, or a value of the fixture `recorded`, that is not recorded.

    The message contains no secret. For a request it is made when it is first read, since that may
    take a while, and code under test may catch the error and go on. `headline` makes its first
    line alone.
    """

    def __init__(
        self, message: str | Callable[[], str], headline: Callable[[], str] | None = None
    ) -> None:
        super().__init__()
        self._message = message
        self._headline = headline
        self.details: Callable[[], object] = lambda: None
        """Returns what a report shows of a missed request, without secrets; None for a value."""

    @property
    def headline(self) -> str:
        """The first line of the message."""
        return self._headline() if self._headline else str(self).partition("\n")[0]

    def __str__(self) -> str:
        if not isinstance(self._message, str):
            self._message, self._headline = self._message(), None
        return self._message

    @property
    def args(self) -> tuple[str, ...]:
        return (str(self),)

    @args.setter
    def args(self, args: tuple[str, ...]) -> None:
        self._message, self._headline = args[0], None

    def __reduce__(self) -> tuple[type[RequestNotRecorded], tuple[str]]:
        return RequestNotRecorded, (str(self),)


class CallsNotMade(RepriseError):
    """The test passed, but did not make all the calls that its cassette holds."""


class RecordingRefused(RepriseError):
    """A recording that would be wrong, and was not made. The message says what to do."""


class ServerNotReady(RecordingRefused):
    """The health path of the base URL did not answer within the time allowed."""


class Unscrubbed(RecordingRefused):
    """A recording that cannot be written without a secret in it. Nothing was written.

    `number` is that of the interaction, from 1; `call` is its method and path; `problem` names the
    place, and never the secret.
    """

    def __init__(self, number: int, call: str, problem: str) -> None:
        super().__init__(f"interaction {number}, {call}: {problem}")
        self.number = number
        self.call = call
        self.problem = problem


class RepriseWarning(UserWarning):
    """A miss, or recorded calls that were not made, where a setting says `warn`.

    Also a miss of a legacy cassette whose error was caught, unless a setting says otherwise.
    """
