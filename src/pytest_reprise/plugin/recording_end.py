"""The end of a session: what it recorded becomes visible, all at once."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Hashable, Iterable, Mapping, Sequence, Set
from datetime import datetime
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest

from ..cassette.model import CassetteUse
from ..messages import counted, display_path
from ..report.tally import Tally
from ..tape.closing import Committed, ToRefresh
from ..tape.run import Run
from .options import session_mode
from .recorded_tests import Ended, RecordedTest
from .selection import SECOND_PASS, selects_all
from .summary import DRIFT, add_notice
from .unsaved import refusal, why_not_written

if TYPE_CHECKING:
    from ..drift.places import Place
    from .recorded_again import RecordedAgain


class _Cause(NamedTuple):
    """Why new cassettes are not saved: for the notice, if there is one, and for each of them."""

    notice: str
    problem: str


_STOPPED = _Cause(
    "the recording stopped early",
    "the run stopped before all tests that belong together were recorded",
)
_UNPROVEN = _Cause("", "it does not replay offline")
_UNWRITTEN = _Cause(
    "a cassette could not be written",
    "another cassette of the same recording could not be written",
)


_NO_REPLAY = (
    "whether the tests of {} were edited is not known, since they could not replay ({}): the new "
    "recording is taken. To leave out this replay: reprise_replay_doubtful = false in the ini file"
)
_MOST_USERS = 3
"""Tests of a wider fixture that show whether it replays."""


class RecordingEnd:
    """Knows what each test and wider fixture recorded, and saves it when the session ends."""

    def __init__(
        self,
        config: pytest.Config,
        run: Run,
        tally: Tally,
        list_tests: Callable[[], Sequence[RecordedTest]],
    ) -> None:
        self._config = config
        self._run = run
        self._tally = tally
        self._list_tests = list_tests
        self._uses: dict[Path, dict[str, CassetteUse]] = {}
        """The uses of each cassette that was written, by the name of the scope."""
        self._fixtures: dict[Hashable, set[Path]] = {}
        """The cassettes that wider fixtures have replaced. Others may have the same names."""
        self._tests: dict[str, Path] = {}
        """The cassettes that tests have written, by the id of the use."""
        self._is_dry: bool = config.getoption("--reprise-drift")
        """Whether nothing is to be written."""
        self._is_pending: bool = config.getoption("--reprise-pending")
        self._again: RecordedAgain | None = None
        self._refreshable: set[Path] = set()
        """The cassettes that can be merged into their old versions."""
        self._of_fixture: dict[Hashable, set[Path]] = {}
        """All cassettes that wider fixtures have written."""
        self._ended: set[str] = set()
        self._passed: set[str] = set()
        """The recorded tests that have passed, by the id of the use."""
        self._began = time.monotonic()
        self._unwritten: set[Hashable] = set()
        """The tests, by the id of the use, and the wider fixtures that keep an old cassette, since
        the new one could not be written."""

    @cached_property
    def _recorded(self) -> Sequence[RecordedTest]:
        """The recorded tests of the session, listed when they are first needed."""
        return self._list_tests()

    def note(self, ended: Ended, _scope: object = None, /) -> None:
        """Note how a scope ended, and what it wrote."""
        use, path, is_test = ended.use, ended.use.path, ended.is_test
        owner = use.nodeid if is_test else ended.fixture
        if owner is not None and ended.is_unwritten:
            self._unwritten.add(owner)
        if ended.is_compared:
            self._note_again(ended)
        if ended.confirmed_at:
            self._run.store.confirm(path, use.scope, datetime.fromisoformat(ended.confirmed_at))
        if is_test:
            self._ended.add(use.nodeid)
            self._passed.discard(use.nodeid)  # it may have run before
        if is_test and ended.action not in ("kept", "dropped"):
            self._passed.add(use.nodeid)
        if ended.action != "written":
            return
        self._uses.setdefault(path, {})[ended.name] = use
        if ended.can_be_refreshed:
            self._refreshable.add(path)
        else:
            self._refreshable.discard(path)
        if is_test:
            self._tests[use.nodeid] = path
        if owner is None or is_test:
            return
        self._of_fixture.setdefault(owner, set()).add(path)
        if ended.replaces and not self._run.store.is_new(path):
            self._fixtures.setdefault(owner, set()).add(path)

    def _note_again(self, ended: Ended) -> None:
        """Note who recorded a cassette again. A replay imports nothing of this."""
        from .recorded_again import RecordedAgain

        self._again = self._again or RecordedAgain()
        name = ended.name if ended.fixture is None else f"fixture {ended.fixture_name}"
        is_new = self._run.store.is_new(ended.use.path)
        self._again.note(name, ended.use.path, ended.action, is_new)

    def save(self, stopped_early: bool) -> None:
        """Save what was recorded. Each cassette that cannot be saved fails its test or fixture."""
        if not self._is_dry:
            self._drop(self._that_do_not_fit(self._unwritten), _UNWRITTEN)
        if stopped_early and not self._is_dry:
            self._drop_incomplete()
        proves = not (stopped_early or self._is_dry) and self._proves
        prove = self._prove if proves else lambda _: None
        has_changed = self._run.store.has_written
        to_refresh = self._to_refresh()
        if to_refresh and not stopped_early and self._config.getini("reprise_replay_doubtful"):
            to_refresh = to_refresh._replace(still_replay=self._that_still_replay)
        result = self._run.commit(to_refresh, self._drop_with, prove)
        if self._again and not (stopped_early or result.failed):
            self._forget_older()
        for path, is_same in result.refreshed.items():
            if is_same:
                self._tally.stays(path)
        self._report_drift(result, has_changed)
        for notice in result.notices:
            add_notice(self._config, notice)
        for path, error in result.failed.items():
            self._was_not_saved(path, why_not_written(error))
            for use in self._uses.get(path, {}).values():
                self.report(use, refusal(self._run, use, error))
        changed = [path for path in result.changed_by_others if path not in result.failed]
        if changed:
            self._notice(
                f"another process recorded {_named(changed)} at the same time. Tests that were "
                f"recorded with the other version may miss requests. Record in one process"
            )
        if self._run.live and (doubtful := self._run.live.doubtful):
            add_notice(self._config, doubtful_values(self._run, doubtful))
        self._uses.clear()
        if self._is_pending:
            from .pending import note_pending

            note_pending(self._config, self._tally)

    def _forget_older(self) -> None:
        """Forget which cassettes an earlier recording could not write, if all were recorded."""
        if self._records_all and not (self._is_dry or self._is_pending):
            from ..cassette.staging import forget_older

            forget_older(self._config.rootpath)

    def _report_drift(self, result: Committed, has_changed: bool) -> None:
        """Keep the drift report for the summary. Without changed cassettes nothing was compared."""
        if self._is_dry:
            self._tally.written.clear()
        if self._again is None or not self._again.has_compared:
            return
        if result.compared or not has_changed:
            writes_none = self._is_dry or self._is_pending
            report = self._again.report(result.compared, result.refreshed, writes_none)
            self._config.stash[DRIFT] = report

    def _to_refresh(self) -> ToRefresh | None:
        """The cassettes to merge into their old versions, if there are any."""
        if self._again is None:
            return None
        from ..scrub.config import read_volatile

        rewritten = self._again.rewritten
        volatile = read_volatile(self._config.rootpath)
        fixtures = {path for paths in self._of_fixture.values() for path in paths}
        passed = (test.id in self._passed for test in self._recorded)
        return ToRefresh(
            self._refreshable,
            rewritten,
            self._again.unchanged - rewritten,
            volatile,
            fixtures,
            is_complete=self._records_all and all(passed),
        )

    @property
    def _records_all(self) -> bool:
        config = self._config
        has_second_pass = SECOND_PASS in config.stash and config.stash[SECOND_PASS].has_begun
        return selects_all(config) and not has_second_pass

    def _that_still_replay(self, paths: Collection[Path]) -> set[Path]:
        """Return those of the cassettes from whose old versions all their tests replay, and some of
        the tests that use their fixture."""
        from .replay_process import still_replaying

        tests_of = {path: self._tests_of(path) for path in paths}
        fixtures = {path for paths in self._of_fixture.values() for path in paths}
        seconds = time.monotonic() - self._began
        found, why_none = still_replaying(self._config, tests_of, fixtures, seconds)
        if why_none:
            problem = self._run.get_scrubber().scrub_report_text(why_none)
            add_notice(self._config, _NO_REPLAY.format(counted(len(paths), "cassette"), problem))
        return found

    def _tests_of(self, path: Path) -> list[str]:
        """Return node ids of tests that passed and have this cassette, or use its fixture."""
        passed = [test for test in self._recorded if test.id in self._passed]
        own = [test.nodeid for test in passed if self._tests.get(test.id) == path]
        fixtures = {fixture for fixture, paths in self._of_fixture.items() if path in paths}
        users = (test.nodeid for test in passed if not fixtures.isdisjoint(test.fixtures))
        return own or list(islice(users, _MOST_USERS))

    def _was_not_saved(self, path: Path, problem: str) -> None:
        for scope in self._uses.get(path, ()):
            self._tally.was_not_saved(path, scope, problem, self._run.store.is_new(path))

    def report(self, use: CassetteUse, error: BaseException) -> None:
        """Report an error as one of the teardown of a test, which has ended."""
        text = str(error) or type(error).__name__
        tests = self._recorded
        test = next((test for test in tests if test.id == use.nodeid), tests[-1])
        test.report(text)

    # --- proof ------------------------------------------------------------------------------

    @property
    def _proves(self) -> bool:
        config = self._config
        return bool(config.getoption("--reprise-prove") or config.getini("reprise_prove"))

    def _prove(self, same: Collection[Path]) -> None:
        """Replay the tests whose cassettes are to become visible, and drop those that fail."""
        from .proof import Proof, summary, text_of

        run = self._run
        tests = {test.nodeid: test for test in self._recorded if self._is_staged(test)}
        if not tests:
            return
        config = self._config
        proof = Proof(config, run.get_scrubber(), run.store.staged_in, run.bases.live_host)
        found = proof.unproven(tests)
        for unproven in found:
            tests[unproven.nodeid].report(text_of(unproven))
        add_notice(config, summary(len(tests) - len(found), len(found), proof.seconds))
        self._drop_unproven([tests[unproven.nodeid].id for unproven in found], same)

    def _is_staged(self, test: RecordedTest) -> bool:
        """Whether a test that passed has a new cassette, or uses a fixture that has one."""
        own = self._tests.get(test.id)
        of_fixtures = (p for f in test.fixtures for p in self._of_fixture.get(f, ()))
        paths = (*([own] if own else []), *of_fixtures)
        return test.id in self._passed and any(map(self._run.store.has_staged, paths))

    def _drop_unproven(self, ids: list[str], same: Collection[Path]) -> None:
        """Keep the old cassettes of these tests, and of all that belong together with them.

        A fixture whose cassette stays fits old cassettes, too.
        """
        fit = {f for f, paths in self._fixtures.items() if paths <= {*same}}
        paths = [self._tests[nodeid] for nodeid in ids if nodeid in self._tests]
        paths += self._that_do_not_fit(ids, fit)
        self._drop(dict.fromkeys(paths), _UNPROVEN)

    # --- one recording ----------------------------------------------------------------------

    def _drop_incomplete(self) -> None:
        """Keep the old recording of tests and wider fixtures that belong together, if some of these
        tests were not recorded again."""
        stay = {t.id for t in self._recorded if t.id not in self._passed and t.has_cassette()}
        if self._drop(self._that_do_not_fit(stay), _STOPPED):
            return
        not_run = len(self._recorded) - len(self._ended)
        if self._uses and not_run:
            self._notice(
                f"the recording stopped early: {counted(not_run, 'test')} did not run. Record again"
            )

    def _drop_with(self, failed: Collection[Path]) -> None:
        """Keep the old version of what belongs together with cassettes that cannot be replaced."""
        stay = {path for path in failed if not self._run.store.is_new(path)}
        fixtures = {f for f, paths in self._fixtures.items() if not stay.isdisjoint(paths)}
        tests = {nodeid for nodeid, path in self._tests.items() if path in stay}
        paths = self._that_do_not_fit(fixtures | tests)
        self._drop([path for path in paths if path not in failed], _UNWRITTEN)

    def _drop(self, paths: Iterable[Path], cause: _Cause) -> bool:
        """Leave cassettes as they were, and say so. Returns whether there were any."""
        staged = [path for path in paths if self._run.store.drop(path)]
        for path in staged:
            self._was_not_saved(path, cause.problem)
        if staged and cause.notice:
            were = "was" if len(staged) == 1 else "were"
            self._notice(
                f"{cause.notice}: {counted(len(staged), 'new cassette')} {were} not saved, so that "
                f"all cassettes stay of one recording. Record again"
            )
        return bool(staged)

    def _that_do_not_fit(
        self, stay: Collection[Hashable], fit: Set[Hashable] = frozenset()
    ) -> list[Path]:
        """The replaced cassettes that do not fit the old ones of these tests and fixtures.

        A replaced fixture does not fit the old cassette of a test that uses it, and a replaced test
        not that of its fixture. The fixtures `fit` do.
        """
        if not stay:
            return []
        affected = self._replaced_by(test for test in self._recorded if test.id in stay) - fit
        affected |= {owner for owner in stay if not isinstance(owner, str)}
        while True:
            hit = [
                test
                for test in self._recorded
                if test.id in self._tests and not affected.isdisjoint(test.fixtures)
            ]
            grown = affected | (self._replaced_by(hit) - fit)
            if grown == affected:
                break
            affected = grown
        paths = [path for fixture in affected for path in self._fixtures.get(fixture, ())]
        return paths + [self._tests[test.id] for test in hit]

    def _replaced_by(self, tests: Iterable[RecordedTest]) -> set[Hashable]:
        """The wider fixtures with a replaced cassette that these tests use."""
        return {f for test in tests for f in test.fixtures if f in self._fixtures}

    def _notice(self, text: str) -> None:
        mode = session_mode(self._config)
        add_notice(self._config, f"{text}: pytest --record-mode={mode}")


def doubtful_values(
    run: Run,
    doubtful: Mapping[str, Place],
    remedy: str = "Record again: pytest --record-mode=rewrite",
) -> str:
    """Return the notice that names new tests which sent a value that their fixtures will not have
    in a replay."""
    owner, place = next(iter(doubtful.items()))
    more = f" and {len(doubtful) - 1} more" if len(doubtful) > 1 else ""
    where = {"segment": "the path", "query": f"query.{place.name}"}.get(
        place.part, f"body.{place.name}"
    )
    text = (
        f"{owner}{more} sent a value that a fixture got in this run, and that its cassette "
        f"has not ({where}). A replay may miss the request. {remedy}"
    )
    return run.get_scrubber().scrub_report_text(text)


def _named(paths: list[Path]) -> str:
    more = f" and {len(paths) - 1} more" if len(paths) > 1 else ""
    return display_path(paths[0]) + more
