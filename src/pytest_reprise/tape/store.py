"""The cassettes of one run: what was on disk when it began, and what it recorded.

What a run records is staged, becomes visible at the end of the run, and is never played in it.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from ..cassette.model import Cassette, Header
from ..errors import RecordingRefused
from ..exchange import Interaction
from ..messages import display_path
from .closing import Committed, DropWith, ToRefresh
from .overrides import FILE_STORAGE, Storage

if TYPE_CHECKING:
    from datetime import datetime

    from ..cassette.staging import Staging
    from ..drift.versions import Versions
    from .failed_recordings import FailedRecordings
    from .scratch import Scratch

_MOST_IN_MEMORY = 16
"""Loaded cassettes to remember. With a thousand of them, Python's garbage collector looks at each
object again and again, which takes a tenth of the time of a replay."""


class CassetteStore:
    """Safe to use from several threads.

    `make_staging` is called when the first cassette is staged. Without it, each cassette is saved
    at once, as it also is in a forked child, and where code of the suite saves it. `migrate` is
    applied to each legacy cassette that is loaded. `reads_staged` is the name of the directories in
    which another process has staged cassettes, which are played in place of the old ones. With
    `is_dry` nothing is saved in the place of a cassette, so that `make_staging` returns a Scratch.
    With `is_pending` cassettes are saved beside those that they are to replace.
    """

    def __init__(
        self,
        make_staging: Callable[[], Staging | Scratch] | None = None,
        migrate: Callable[[Path, Cassette], Cassette] | None = None,
        reads_staged: str = "",
        is_dry: bool = False,
        is_pending: bool = False,
        make_aside: Callable[[], Scratch] | None = None,
    ) -> None:
        self._make_aside = make_aside
        self._is_pending = is_pending
        self._reads_staged = reads_staged
        self._is_dry = is_dry
        self._migrate = migrate
        self._lock = threading.RLock()
        self._make_staging = make_staging
        self._staging: Staging | Scratch | None = None
        self._began = time.time()
        self._loaded: dict[Path, Cassette | None] = {}
        """The last cassettes that were loaded. Others can be loaded again."""
        self._before_write: dict[Path, Cassette | None] = {}
        """What was in the place of each cassette that was saved at once."""
        self._new: set[Path] = set()
        self.failed: FailedRecordings | None = None
        """Recordings of scopes that failed."""
        self._storages: dict[Path, Storage] = {}
        self._known_secrets: dict[Path, int] = {}
        """How many secrets were known when each cassette was written."""
        self.confirmed: dict[Path, dict[str, datetime]] = {}
        """When scopes recorded the same again into cassettes that are too old."""
        self.periods: dict[Path, list[int]] = {}
        """Which of the requests in a new version were in flight at the same time, where some were:
        numbers that are equal for these."""
        self._scopes: dict[Path, set[str]] = {}
        """The scopes whose recording each staged cassette has."""

    @property
    def is_strict(self) -> bool:
        """Whether legacy cassettes are replayed by the rules of Reprise."""
        return self._migrate is not None

    def load(self, path: Path, storage: Storage = FILE_STORAGE) -> Cassette | None:
        """Return the cassette as it was before this run, or None where there was none.

        The storage of the first call for a path is used for all later ones. Raises CassetteError.
        """
        with self._lock:
            for known in (self._before_write, self._loaded):
                if path in known:
                    return known[path]
            used = self._storages.setdefault(path, storage)
            found = used.load(self._place(path))
            # What a persister of the suite loads has no header, also after a migration.
            if found and found.is_legacy and self._migrate and used.is_staged:
                found = self._migrate(path, found)
            self._loaded[path] = found
            if len(self._loaded) > _MOST_IN_MEMORY:
                del self._loaded[next(iter(self._loaded))]
            return found

    def _place(self, path: Path) -> Path:
        if not self._reads_staged:
            return path
        staged = path.parent / self._reads_staged / path.name
        return staged if staged.exists() else path

    def write(
        self,
        path: Path,
        header: Header,
        interactions: tuple[Interaction, ...],
        even_if_equal: bool,
        known_secrets: int = 0,
    ) -> bool:
        """Replace what `header.scope` had recorded in a cassette by `interactions`.

        What other scopes recorded stays. Returns False and leaves the file alone where its content
        would be the same, unless `even_if_equal`. `known_secrets` is how many are known by now.
        Raises OSError.
        """
        with self._lock:
            now = self._newest(path)
            new = (now or Cassette()).with_recording(header, interactions)
            if now and not even_if_equal:
                from ..drift.changes import is_equivalent

                if is_equivalent(now, new):
                    return False
            if now is None:
                self._new.add(path)
            self._save(path, new)
            self._known_secrets[path] = known_secrets
            self._scopes.setdefault(path, set()).add(header.scope)
            return True

    def set_aside(self, path: Path, header: Header, interactions: tuple[Interaction, ...]) -> None:
        """Keep the recording of a scope that failed until the end of the run, to be compared."""
        with self._lock:
            if self.failed is None:
                from .failed_recordings import FailedRecordings
                from .scratch import Scratch

                self.failed = FailedRecordings((self._make_aside or Scratch)())
            self.failed.add(path, header, interactions)

    @property
    def has_written(self) -> bool:
        """Whether there is something to commit or to compare."""
        return bool(self._known_secrets or self._staging or self.failed or self.confirmed)

    def note_periods(self, path: Path, periods: list[int]) -> None:
        """Note which requests of a scope were in flight at the same time."""
        if len({*periods}) < len(periods):
            self.periods[path] = periods

    def confirm(self, path: Path, scope: str, moment: datetime) -> None:
        """Let the recording of a scope in a cassette count as one of this moment, since the API
        still answers so."""
        self.confirmed.setdefault(path, {})[scope] = moment

    def is_new(self, path: Path) -> bool:
        """Whether there was no cassette before this run in the place of one that it wrote."""
        return path in self._new

    @property
    def staged_in(self) -> str:
        """The name of the directories with staged cassettes; "" where nothing is staged."""
        return self._staging.name if self._staging else ""

    def has_staged(self, path: Path) -> bool:
        """Whether a new version of the cassette will become visible."""
        return self.staged(path) is not None

    def staged(self, path: Path) -> Path | None:
        """Where the new version of the cassette is until it becomes visible; None without one."""
        return self._staging.staged(path) if self._staging else None

    # --- the end of the run -----------------------------------------------------------------

    def drop(self, path: Path) -> bool:
        """Leave the cassette as it was before this run. Returns False if it is not staged."""
        if not (self._staging and self._staging.staged(path)):
            return False
        self._staging.drop(path)
        self.confirmed.pop(path, None)
        return True

    def commit(
        self,
        known_secrets: int,
        scrub: Callable[[Cassette], Cassette],
        to_refresh: ToRefresh | None = None,
        drop_with: DropWith = lambda _: None,
        prove: Callable[[Collection[Path]], None] = lambda _: None,
    ) -> Committed:
        """Let what was staged become visible.

        Cassettes that were written when fewer secrets were known are scrubbed again before. Those
        of `to_refresh` are merged into their old versions. `drop_with` is called before the files
        are moved, with the cassettes that could not be written, and may drop others. `prove` is
        called before that, with the cassettes that stay as they were; it may drop others, too.
        """
        with self._lock:
            result = Committed({}, [], {}, [])
            for path, known in self._known_secrets.items():
                if known < known_secrets:
                    self._change(path, partial(self._scrub_again, path, scrub), result)
            if to_refresh:
                result = self._refresh(to_refresh, result, scrub)
            for path, moments in self.confirmed.items():
                self._change(path, partial(self._write_confirmed, path, moments), result)
            prove([path for path, is_same in result.refreshed.items() if is_same])
            if self._staging:
                prepare = partial(self._merge_all, result)
                failed = self._staging.commit(
                    prepare, lambda paths: drop_with({*paths, *result.failed})
                )
                result.failed.update(failed)
            return result

    def _refresh(
        self,
        to_refresh: ToRefresh,
        result: Committed,
        scrub: Callable[[Cassette], Cassette],
    ) -> Committed:
        """Merge cassettes into their old versions, and write all others in the recorded ids.
        Compare all of them, and the recordings that were set aside."""
        from ..drift.versions import compare_versions
        from ..drift.volatile import Volatile
        from .fitting import ALL_NEW, that_do_not_fit
        from .refreshing import Refreshing

        written = [path for path in self._known_secrets if self.has_staged(path)]
        paths = [path for path in written if path in to_refresh.paths]
        volatile = Volatile(to_refresh.volatile)
        refreshing = Refreshing(
            self._versions, self.periods, paths, written, volatile, to_refresh.still_replay
        )
        found, refused = None, set[Path]()
        try:
            merged = list(refreshing.merged())
            if not self._is_dry:
                refused = that_do_not_fit(refreshing, merged, written, to_refresh)
        except Exception as error:  # what was recorded is complete without it
            result.notices.append(f"cassettes were not compared: {type(error).__name__}")
            self._forget_failed()
            return result
        if refused and to_refresh.is_complete:
            merged, refused = [], set()  # all of them are of one recording
            result.notices.append(ALL_NEW)
        try:
            same = [path for path, cassette in merged if cassette is None]
            unchanged = self._cassettes({*to_refresh.unchanged, *same})
            paths = [*{*to_refresh.rewritten} - {*same}]
            versions = partial(self._compared_versions, paths, scrub)
            found = compare_versions(versions, unchanged, refreshing.known)
        except Exception as error:  # the cassettes are complete without it
            result.notices.append(f"changes of the API are not told: {type(error).__name__}")
        self._forget_failed()
        if refused:
            self._refuse(written, refused, result)
            return result._replace(compared=found)
        for path, cassette in merged:
            self._change(path, partial(self._write_merged, path, cassette, scrub), result)
            if path in to_refresh.paths:
                result.refreshed[path] = not self.has_staged(path)
        return result._replace(compared=found)

    def _write_merged(
        self, path: Path, merged: Cassette | None, scrub: Callable[[Cassette], Cassette]
    ) -> None:
        """Write a merged cassette. None: the old version stays, unless it shows what is known as a
        secret by now."""
        kept = merged or self._storages[path].load(path)
        scrubbed = scrub(kept) if kept else None
        if scrubbed and (merged or scrubbed != kept):
            self._save(path, scrubbed)
        elif self._staging:
            self._staging.drop(path)

    def _write_confirmed(self, path: Path, moments: Mapping[str, datetime]) -> None:
        """Write the time of the confirmation, if all scopes of a cassette have one."""
        cassette = self._newest(path)
        if not (cassette and cassette.header):
            return
        header, moment = cassette.header, min(moments.values())
        scopes = {header.scope, *(i.scope for i in cassette.interactions if i.scope)}
        if scopes <= moments.keys() and header.recorded_at < moment:
            self._save(path, cassette._replace(header=header._replace(confirmed_at=moment)))

    def _forget_failed(self) -> None:
        if self.failed:
            self.failed.forget()
            self.failed = None

    def _refuse(self, written: list[Path], refused: Collection[Path], result: Committed) -> None:
        """Keep all old cassettes: new ones would not fit those that were not recorded again."""
        from .fitting import DOES_NOT_FIT

        shown = display_path(min(refused))
        for path in written:
            self.drop(path)
            result.failed[path] = RecordingRefused(DOES_NOT_FIT.format(shown))

    def _cassettes(self, paths: Iterable[Path]) -> Iterator[tuple[str, Cassette]]:
        """Yield cassettes as they were before this run."""
        for path in sorted(paths):
            if cassette := self._storages[path].load(path):
                yield str(path), cassette

    def _compared_versions(
        self, paths: Iterable[Path], scrub: Callable[[Cassette], Cassette]
    ) -> Iterator[Versions]:
        """Yield the two versions of cassettes, and of what was set aside."""
        from ..drift.versions import Versions

        for path in sorted(paths):
            old, new = self._versions(path)
            if old and new:
                yield Versions(str(path), old, new, periods=self.periods.get(path, ()))
        for path, new in self.failed.all() if self.failed else ():
            if old := self.load(path):
                periods = self.periods.get(path, ())
                yield Versions(str(path), old, scrub(new), has_failed=True, periods=periods)

    def _versions(self, path: Path) -> tuple[Cassette | None, Cassette | None]:
        """The cassette as it was before the run, and as it is staged; None where it is neither."""
        if not self.has_staged(path):
            return None, None
        return self._storages[path].load(path), self._newest(path)

    def _change(self, path: Path, change: Callable[[], None], result: Committed) -> None:
        """Change what was written; if that fails, the cassette stays as it was before the run."""
        try:
            change()
        except Exception as error:  # a serializer of the suite may raise anything
            result.failed[path] = error
            self.drop(path)

    def _scrub_again(self, path: Path, scrub: Callable[[Cassette], Cassette]) -> None:
        written = self._newest(path)
        if written and (scrubbed := scrub(written)) != written:
            self._save(path, scrubbed)

    def _merge_all(self, result: Committed) -> None:
        """Add what another process wrote meanwhile to cassettes that several tests share."""
        for path, scopes in self._scopes.items():
            staged = self._staging.staged(path) if self._staging else None
            if staged and _is_newer(path, self._began):
                if scopes == {""}:
                    result.changed_by_others.append(path)
                else:
                    self._change(path, partial(self._merge, path, staged, scopes), result)

    def _merge(self, path: Path, staged: Path, scopes: set[str]) -> None:
        theirs, mine = (self._storages[path].load(p) or Cassette() for p in (path, staged))
        for scope in scopes:
            if mine.header:
                header = mine.header._replace(scope=scope)
                theirs = theirs.with_recording(header, mine.interactions_of(scope))
        self._save(path, theirs)

    # --- where a cassette is ----------------------------------------------------------------

    def _newest(self, path: Path) -> Cassette | None:
        """The cassette as this run wrote it last; else as it was before."""
        staged = self._staging.staged(path) if self._staging else None
        if staged or path in self._before_write:
            return self._storages[path].load(staged or path)
        return self.load(path)

    def _save(self, path: Path, cassette: Cassette) -> None:
        storage = self._storages[path]
        if self._staging is None and self._make_staging and storage.is_staged:
            self._staging = self._make_staging()
        if self._staging and self._staging.is_usable and storage.is_staged:
            # Flushed to disk at the end of the run, all together.
            storage.save(self._staging.place_for(path), cassette, False)
            self._staging.add(path)
            self._loaded.pop(path, None)
        elif not self._is_dry:
            self._before_write.setdefault(path, self.load(path))
            if self._is_pending:
                path = storage.pending(path)
            storage.save(path, cassette, True)


def _is_newer(path: Path, moment: float) -> bool:
    try:
        status = path.stat()
        return max(status.st_mtime, status.st_ctime) > moment  # a rename changes the second one
    except OSError:
        return False
