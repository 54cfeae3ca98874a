"""The report of a run as values: what all its formats are made of."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from ..cassette.model import Cassette
from ..errors import CassetteError
from ..exchange import Interaction
from ..messages import display_path
from ..report.drift import DriftReport
from ..report.run_log import EndedScope, RunLog
from ..report.tally import Tally
from ..tape.miss import Missed
from .bodies import Body, shown
from .endpoints import Endpoint, Endpoints
from .secrets import Placeholders
from .sections import Section
from .views import InteractionView, ScopeView, Space, State, date_text, place_bars, recorded_seconds
from .views import view as view_of

_MOST_CHARACTERS = 6_000_000
"""Characters of bodies on one page, which has about 15 MB then."""
LoadCassette = Callable[[Path], Cassette | None]
"""Returns the cassette of a file, or None if there is no file. Raises CassetteError."""


@dataclass(frozen=True, slots=True)
class MissedView:
    """A missed request, with the test or fixture that sent it."""

    scope: str
    cassette: str
    missed: Missed
    body: Body
    closest_body: Body


@dataclass(frozen=True, slots=True)
class UnplayedView:
    """A recorded call that was not made."""

    scope: str
    cassette: str
    call: str


@dataclass(slots=True)
class RunReport:
    """Everything that a report of a run shows; times are in seconds."""

    made_at: datetime
    tally: Tally
    drift: DriftReport | None
    results: Counter[str] = field(default_factory=Counter)
    """How many tests passed, failed or were skipped, recorded or not."""
    seconds: float = 0.0
    """How long the recorded tests took in this run."""
    recorded_seconds: float = 0.0
    """How long they took when they were recorded."""
    secrets: dict[str, int] = field(default_factory=dict)
    """How many secrets were replaced in the cassettes, by kind."""
    oldest: datetime | None = None
    newest: datetime | None = None
    cassettes: int = 0
    undated: int = 0
    """Cassettes without a date: vcrpy wrote them."""
    endpoints: tuple[Endpoint, ...] = ()
    missed: list[MissedView] = field(default_factory=list)
    unplayed: list[UnplayedView] = field(default_factory=list)
    scopes: list[ScopeView] = field(default_factory=list)
    further: tuple[Section, ...] = ()
    """Sections of other parts of the project, such as a check against a specification."""


def run_report(
    log: RunLog,
    tally: Tally,
    drift: DriftReport | None,
    load: LoadCassette,
    made_at: datetime,
    with_bodies: bool,
    further: tuple[Section, ...] = (),
) -> RunReport:
    """Return the report of a run. The cassettes are read one after another; of their bodies only
    what is shown is kept, and nothing unless `with_bodies`."""
    report = RunReport(made_at, tally, drift, further=further)
    report.results.update(result.result for result in log.results.values())
    builder = _Builder(report, log, load, Space(_MOST_CHARACTERS if with_bodies else 0))
    for ended in _failed_first(log):
        builder.add(ended)
    report.endpoints = builder.endpoints.table()
    report.secrets = builder.placeholders.by_kind()
    return report


def _failed_first(log: RunLog) -> Iterator[EndedScope]:
    """Yield the scopes of failed tests first: they get the space for bodies."""

    def rank(ended: EndedScope) -> bool:
        result = log.results.get(ended.test)
        return not (result and result.result == "failed") and not ended.missed

    yield from sorted(log.scopes.values(), key=rank)


class _Builder:
    def __init__(self, report: RunReport, log: RunLog, load: LoadCassette, space: Space) -> None:
        self.endpoints = Endpoints()
        self.placeholders = Placeholders()
        self._report = report
        self._log = log
        self._load = load
        self._space = space
        self._has_bodies = space.left > 0
        self._seen: set[Path] = set()

    def add(self, ended: EndedScope) -> None:
        """Add a scope with the interactions of its cassette."""
        cassette, problem = self._loaded(ended.path)
        if ended.kind == "fixture" and not (problem or ended.missed or cassette):
            return
        report, name = self._report, display_path(ended.path)
        view = ScopeView(f"s{len(report.scopes)}", ended.name, ended.kind, name)
        report.scopes.append(view)
        report.missed += (_missed_view(ended.name, name, missed) for missed in ended.missed)
        view.missed = len(ended.missed)
        view.note = problem or _note(ended)
        if ended.kind == "test":
            self._add_result(ended, view)
        if cassette:
            self._add_cassette(ended, view, cassette)

    def _loaded(self, path: Path) -> tuple[Cassette | None, str]:
        """Return a cassette, and what is wrong with its file."""
        try:
            return self._load(path), ""
        except CassetteError as error:
            return None, str(error)

    def _add_result(self, ended: EndedScope, view: ScopeView) -> None:
        if result := self._log.results.get(ended.test):
            view.result, view.text, view.seconds = result.result, result.text, result.seconds
            self._report.seconds += result.seconds

    def _add_cassette(self, ended: EndedScope, view: ScopeView, cassette: Cassette) -> None:
        report = self._report
        if ended.path not in self._seen:
            self._seen.add(ended.path)
            self._add_date(cassette)
            self.placeholders.add(cassette.interactions)
        own = cassette.interactions_of(ended.scope)
        base_url = cassette.header.base_url if cassette.header else ""
        self.endpoints.add(own, base_url, ended.name)
        view.recorded_at = date_text(cassette)
        view.recorded_seconds = recorded_seconds(own)
        report.recorded_seconds += view.recorded_seconds
        states = [_state(ended, position) for position in range(len(own))]
        if not ended.problem:
            unplayed = (i for i, state in zip(own, states, strict=True) if state == "unplayed")
            report.unplayed += (
                UnplayedView(ended.name, view.cassette, f"{i.request.method} {i.request.url}")
                for i in unplayed
            )
        if self._has_bodies:
            view.interactions = self._views(own, states, view)

    def _views(
        self, own: tuple[Interaction, ...], states: list[State], view: ScopeView
    ) -> list[InteractionView]:
        views = [
            view_of(one, f"{view.anchor}-{number}", self._space, state)
            for number, (one, state) in enumerate(zip(own, states, strict=True))
        ]
        return place_bars(views, view.recorded_seconds)

    def _add_date(self, cassette: Cassette) -> None:
        report, header = self._report, cassette.header
        report.cassettes += 1
        if header is None:
            report.undated += 1
            return
        date = header.recorded_at
        report.oldest = min(report.oldest or date, date)
        report.newest = max(report.newest or date, date)


def _missed_view(scope: str, cassette: str, missed: Missed) -> MissedView:
    request, closest = missed.request, missed.closest
    return MissedView(
        scope,
        cassette,
        missed,
        shown(request.body, request.headers),
        shown(closest.body, closest.headers) if closest else Body(),
    )


def _state(ended: EndedScope, position: int) -> State:
    if position in ended.played:
        return "played"
    if ended.action in ("written", "unchanged"):
        return "live"
    return "" if ended.action in ("kept", "dropped") or ended.live else "unplayed"


def _note(ended: EndedScope) -> str:
    if ended.action == "kept":
        return f"The new recording was dropped, the cassette is an earlier one: {ended.problem}"
    if ended.action == "dropped":
        return f"The recording was dropped: {ended.problem}"
    return {
        "written": "The cassette was written in this run.",
        "unchanged": "Recorded again in this run, with the same content.",
    }.get(ended.action, "")
