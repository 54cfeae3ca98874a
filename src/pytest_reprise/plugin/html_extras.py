"""The interactions of a failed test, for its section in the page of pytest-html."""

from __future__ import annotations

from collections.abc import Generator

import pytest

from ..errors import Unscrubbed
from ..exchange import Interaction
from ..tape.tape import Tape
from .run_report import missed_of
from .scope import SCOPE

_MOST_CHARACTERS = 200_000
"""Characters of bodies in the section of a test."""


class HtmlExtras:
    """Registered where pytest-html writes a page."""

    def __init__(self) -> None:
        self._done: object = None
        """The last scope that was shown: a test may fail in several phases."""

    @pytest.hookimpl(wrapper=True)  # within the hooks that take secrets out of reports
    def pytest_runtest_makereport(
        self, item: pytest.Item
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        report = yield
        scope = item.stash.get(SCOPE, None)
        if report.failed and scope and scope.tape and scope is not self._done:
            self._done = scope
            extra = {"name": "Recorded requests", "format_type": "html", "extension": "html"}
            extra |= {"content": _section(scope.tape), "mime_type": "text/html"}
            report.extras = [*getattr(report, "extras", []), extra]  # type: ignore[attr-defined]
        return report


def _section(tape: Tape) -> str:
    from ..pages.html import fragment
    from ..pages.views import Space, view

    space = Space(_MOST_CHARACTERS)
    played = tape.player.play_counts
    loaded = enumerate(tape.player.interactions if tape.mode.replays else ())
    shown = [view(one, "", space, "played" if played[n] else "unplayed") for n, one in loaded]
    live, problem = _live(tape)
    shown += [view(one, "", space, "live") for one in live]
    values = {"interactions": shown, "missed": missed_of(tape), "problem": problem}
    return fragment("parts/extra.html", values)


def _live(tape: Tape) -> tuple[tuple[Interaction, ...], str]:
    """Return what was recorded so far without secrets, and why that is not possible."""
    try:
        return (tape.recording.scrubbed() if tape.recording else ()), ""
    except Unscrubbed as error:
        return (), f"What was recorded is not shown: {error}"
