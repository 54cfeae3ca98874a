"""What a run recorded again, to tell at its end what the API changed."""

from __future__ import annotations

from pathlib import Path

from ..drift.versions import Comparison
from ..messages import display_path
from ..report.drift import DriftReport, reported
from ..tape.closing import Action


class RecordedAgain:
    """Notes for each cassette who recorded it again, and how that ended."""

    def __init__(self) -> None:
        self._tests: dict[str, list[str]] = {}
        """Tests and wider fixtures, by the path of their cassette."""
        self._failed: set[str] = set()
        self.rewritten: set[Path] = set()
        self.unchanged: set[Path] = set()
        self._kept: set[Path] = set()
        self._missing: set[Path] = set()

    @property
    def has_compared(self) -> bool:
        """Whether any of the cassettes existed before."""
        return bool(self.rewritten or self.unchanged or self._kept)

    def note(self, name: str, path: Path, action: Action, is_new: bool) -> None:
        """Note how the test or wider fixture of this name ended; `is_new` says that it had no
        cassette before."""
        tests = self._tests.setdefault(str(path), [])
        if name not in tests:
            tests.append(name)
        if action in ("kept", "dropped"):
            self._failed.add(name)
        if is_new:
            self._missing.add(path)
        elif action == "written":
            self.rewritten.add(path)
        elif action == "unchanged":
            self.unchanged.add(path)
        elif action == "kept":
            self._kept.add(path)

    def report(
        self, compared: Comparison | None, refreshed: dict[Path, bool], is_dry: bool
    ) -> DriftReport:
        """Return the report. `refreshed` says of merged cassettes whether they stay as they are."""
        compared = compared or Comparison()
        # Of tests that share a cassette, one may have changed it.
        same = self.unchanged - self.rewritten
        same |= {path for path, is_same in refreshed.items() if is_same}
        names = {source: display_path(Path(source)) for source in self._tests}
        changes = reported(compared.changes, self._tests, frozenset(self._failed), names)
        return DriftReport(
            changes,
            compared.operations,
            rewritten=_shown(self.rewritten - same),
            same=_shown(same),
            kept=_shown(self._kept),
            missing=_shown(self._missing),
            uncertain=compared.uncertain,
            is_dry=is_dry,
        )


def _shown(paths: set[Path]) -> tuple[str, ...]:
    return tuple(sorted(map(display_path, paths)))
