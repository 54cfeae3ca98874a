"""The numbers of a run. Workers of pytest-xdist send theirs to the controller."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..messages import display_path
from ..tape.closing import Closing

_CASSETTES = ("written", "unchanged", "kept")
"""Fields with cassettes: that of a wider fixture is written by several workers."""


class Tally:
    """What a run replayed and recorded. The attributes are the keys of the JSON report."""

    def __init__(self) -> None:
        self.replayed = 0
        """Tests that were answered from a cassette."""
        self.recorded = 0
        """Tests whose requests were sent to the real server."""
        self.interactions = 0
        """Requests that were answered, from a cassette or by the real server."""
        self.live = 0
        """Requests that were sent to the real server."""
        self.secrets = 0
        """Different secrets that were replaced by placeholders."""
        self.unexamined: list[str] = []
        """Recorded bodies that were not searched for secrets, with the reason."""
        self.written: list[str] = []
        """Cassettes that were written."""
        self.pending: list[str] = []
        """Cassettes beside which a recording was put, to be reviewed."""
        self.unchanged: list[str] = []
        """Cassettes that were recorded again and have the same content as before."""
        self.kept: list[str] = []
        """Cassettes that were not replaced, because their test or fixture failed."""
        self.dropped: dict[str, str] = {}
        """Tests and fixtures whose recording was not written, each with the reason."""
        self.unanswered = 0
        """Live requests without an answer: the connection failed."""
        self.missed: list[str] = []
        """Requests that were missed or refused, as `cassette: what is wrong`."""
        self.unplayed: list[str] = []
        """Recorded calls that were not made, as `cassette: METHOD URL`."""
        self.expired: dict[str, str] = {}
        """Cassettes that were played and are older than `max_age`, each with its age."""
        self.failed_expiry: list[str] = []
        """Those of `expired` because of which the run fails."""
        self.late: list[str] = []
        """Refused requests of threads and tasks whose test or fixture had ended."""
        self.rebased = ""
        """The base URLs of recording and replay, as a sentence, where they differ."""

    def add(self, closing: Closing, scope: str, is_test: bool, problem: str) -> None:
        """Count what one tape did.

        `scope` names its test or fixture; `is_test` is False for a wider fixture. `problem` is why
        its recording was dropped, where it was.
        """
        self.interactions += closing.played + closing.sent
        self.live += closing.sent
        self.unanswered += closing.unanswered
        if closing.action in ("kept", "dropped"):
            self.dropped[scope] = problem
        if is_test:
            self.recorded += closing.action in ("written", "unchanged")
            self.replayed += bool(closing.played and not closing.sent)
        changed_nothing = closing.action in ("replayed", "untouched")
        if changed_nothing and not (closing.unplayed or closing.missed):
            return
        name = display_path(closing.path)
        listed = {"written": self.written, "unchanged": self.unchanged, "kept": self.kept}
        if closing.action in listed and name not in listed[closing.action]:
            listed[closing.action].append(name)
        if name in self.written and name in self.unchanged:  # several tests share it
            self.unchanged.remove(name)
        if closing.action in ("written", "unchanged"):
            self._passed_at_last(scope, name)
        self.unplayed += (f"{name}: {i.request.method} {i.request.url}" for i in closing.unplayed)
        self.missed += (f"{name}: {headline}" for headline in closing.missed)

    def _passed_at_last(self, scope: str, name: str) -> None:
        """Forget that a test failed which has run again."""
        self.expired.pop(name, None)
        for lines in (self.missed, self.unplayed):
            lines[:] = [line for line in lines if not line.startswith(f"{name}: ")]
        if self.dropped.pop(scope, None) is not None and name in self.kept:
            self.kept.remove(name)

    def expire(self, path: Path, text: str, fails: bool) -> None:
        """Note that a cassette was played which is too old."""
        name = display_path(path)
        self.expired[name] = text
        if fails and name not in self.failed_expiry:
            self.failed_expiry.append(name)

    def was_not_saved(self, path: Path, scope: str, problem: str, is_new: bool) -> None:
        """Correct what `add` counted for a scope: its cassette could not be saved later."""
        name = display_path(path)
        self.dropped[scope] = problem
        if name in self.written:
            self.written.remove(name)
            self.kept += [] if is_new else [name]

    def keep_pending(self) -> None:
        """Correct what `add` counted: what was recorded is beside its cassette."""
        self.pending += self.written
        self.written.clear()

    def stays(self, path: Path) -> None:
        """Correct what `add` counted for a cassette whose old version has the same meaning."""
        name = display_path(path)
        if name in self.written:  # else it was dropped after that
            self.written.remove(name)
            self.unchanged.append(name)

    def merge(self, sent: Mapping[str, Any]) -> None:
        """Add a tally that `to_json` made."""
        for name, value in sent.items():
            mine = getattr(self, name)
            if isinstance(mine, dict):
                mine.update(value)
            elif name in _CASSETTES:
                mine += [cassette for cassette in value if cassette not in mine]
            elif isinstance(mine, str):
                setattr(self, name, value or mine)
            else:
                setattr(self, name, mine + value)
        written = {*self.written}
        self.unchanged = [name for name in self.unchanged if name not in written]

    def to_json(self) -> dict[str, Any]:
        """Return the tally as plain values."""
        return dict(vars(self))
