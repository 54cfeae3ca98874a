"""Staged cassettes: a process may die, and the disk may fail, at any point."""

from __future__ import annotations

import contextlib
import os
import random
import subprocess
import sys
import tempfile
import traceback
import warnings
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_reprise.cassette import body_files
from pytest_reprise.cassette.file import load, save
from pytest_reprise.cassette.model import Cassette, Header
from pytest_reprise.cassette.staging import Interrupted, Staging, recover
from pytest_reprise.exchange import Interaction, Request, Response

from ..harness.strategies import SOME

HEADER = Header(datetime(2026, 1, 31, 12, tzinfo=UTC), "pytest-reprise 0.1.0")
OLD_BODY, NEW_BODY = (random.Random(seed).randbytes(1000) for seed in (1, 2))
NAMES = ("@login.yaml", "test_a/test_download.yaml", "test_a/test_small.yaml")
ADDED = "test_new/test_new.yaml"
ON_POSIX = pytest.mark.skipif(not hasattr(os, "fork"), reason="os.fork of POSIX")


def _cassette(body: bytes) -> Cassette:
    request = Request("GET", "http://api.test/")
    return Cassette((Interaction(request, Response(200, "OK", (), body)),), HEADER)


def _versions(big: bytes, small: bytes) -> dict[str, Cassette]:
    return dict(zip(NAMES, map(_cassette, (small, big, small)), strict=True))


OLD: dict[str, Cassette] = _versions(OLD_BODY, b"old")
NEW = _versions(NEW_BODY, b"new") | {ADDED: _cassette(b"new")}


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(body_files, "MIN_BODY_FILE_SIZE", 1000)
    for name, cassette in OLD.items():
        save(tmp_path / "cassettes" / name, cassette)
    return tmp_path


def _record(root: Path) -> dict[Path, OSError]:
    """Stage a new version of each cassette, and move all to their places."""
    run = Staging(root, "pytest --record-mode=rewrite")
    for name, cassette in NEW.items():
        _stage(run, root / "cassettes" / name, cassette)
    return run.commit()


def _stage(run: Staging, path: Path, cassette: Cassette) -> None:
    save(run.place_for(path), cassette, durable=False)
    run.add(path)


def _found(root: Path) -> dict[str, Cassette]:
    """All cassettes. Raises CassetteError if one is not whole."""
    top = root / "cassettes"
    paths = [path for path in top.rglob("*.yaml") if not path.parent.name.startswith(".reprise-")]
    loaded = {path.relative_to(top).as_posix(): load(path) for path in paths}
    return {name: cassette for name, cassette in loaded.items() if cassette}


def _leftovers(root: Path) -> list[str]:
    """What does not belong to a cassette: hidden files, unused body files, empty directories."""
    files = list(root.rglob("*"))
    named = b"".join(file.read_bytes() for file in files if file.suffix == ".yaml")
    return [
        str(file.relative_to(root))
        for file in files
        if file.name.startswith(".")
        or (file.suffix == ".body" and file.name.encode() not in named)
        or (file.is_dir() and not any(file.iterdir()))
    ]


def _in_child(action: Callable[[], object]) -> int:
    """Run a function in a forked process, and return the exit code of that."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # threads of the test runner
        child = os.fork()
    if child == 0:
        try:
            action()
        except BaseException:
            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def _before_disk_call(number: int, act: Callable[[], None]) -> None:
    """Do something before the given one of the calls that open, rename or delete a file."""
    left = [None] * number

    def hook(event: str, _args: object) -> None:
        if event in ("open", "os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.chmod"):
            left.pop() if left else act()

    sys.addaudithook(hook)


KILLED, TOO_FEW_CALLS = 9, 0


@ON_POSIX
def test_process_killed_at_any_point_leaves_one_version_of_all_cassettes(root: Path) -> None:
    seen: list[str] = []
    for number in range(1000):

        def record_until_killed(number: int = number) -> None:
            _before_disk_call(number, lambda: os._exit(KILLED))
            _record(root)

        code = _in_child(record_until_killed)
        recover(root)
        found = _found(root)
        assert found in (OLD, NEW), number
        assert _leftovers(root) == [], number
        seen.append("old" if found == OLD else "new")
        if code == TOO_FEW_CALLS:
            break
        assert code == KILLED
        if found == NEW:
            (root / "cassettes" / ADDED).unlink()
            (root / "cassettes" / ADDED).parent.rmdir()
            for name, cassette in OLD.items():
                save(root / "cassettes" / name, cassette)
    assert seen == sorted(seen, reverse=True)  # "old" up to one point, then "new"
    assert min(seen.count("old"), seen.count("new")) > 10


@ON_POSIX
def test_disk_that_fails_at_any_point_leaves_each_cassette_whole(root: Path) -> None:
    """One call fails. What is reported as failed is old; all else is new."""
    named: set[Path] = set()
    for number in range(1000):

        def fail() -> None:
            raise OSError(28, "No space left on device")

        def record_with_failure(number: int = number) -> None:
            once = iter([fail])
            _before_disk_call(number, lambda: next(once, lambda: None)())
            try:
                failed = {path.name for path in _record(root)}
            except OSError:  # while staging: the run goes on without this cassette
                failed = {Path(name).name for name in NEW}
            is_over = next(once, None) is not None
            for name, cassette in _found(root).items():
                is_old = cassette == OLD.get(name)
                assert is_old == (Path(name).name in failed), (number, name, failed)
            os._exit(TOO_FEW_CALLS if is_over else KILLED)

        code = _in_child(record_with_failure)
        # Cassettes that could not be moved are named by each recovery, until they were written.
        older = [path for found in recover(root) for path in found.older]
        assert older == [path for found in recover(root) for path in found.older]
        named |= {*older}
        for path in older:
            assert load(path) == OLD[path.relative_to(root / "cassettes").as_posix()]
            os.utime(path)
        recover(root)
        # A body file that could not be deleted is deleted by the next save.
        assert [name for name in _leftovers(root) if not name.endswith(".body")] == [], number
        assert code in (KILLED, TOO_FEW_CALLS), number
        (root / "cassettes" / ADDED).unlink(missing_ok=True)
        with contextlib.suppress(OSError):
            (root / "cassettes" / ADDED).parent.rmdir()
        for name, cassette in OLD.items():
            save(root / "cassettes" / name, cassette)
        if code == TOO_FEW_CALLS:
            break
    assert number > 30
    assert named


def test_nothing_is_visible_before_the_end(root: Path) -> None:
    run = Staging(root, "")
    _stage(run, root / "cassettes" / ADDED, _cassette(b"new"))
    _stage(run, root / "cassettes" / NAMES[0], _cassette(b"first"))
    _stage(run, root / "cassettes" / NAMES[0], _cassette(b"second"))
    assert _found(root) == OLD
    assert run.commit() == {}
    changed = {ADDED: _cassette(b"new"), NAMES[0]: _cassette(b"second")}
    assert _found(root) == OLD | changed
    assert _leftovers(root) == []


def test_dropped_cassette_stays_as_it_was(root: Path) -> None:
    run = Staging(root, "")
    for name in (ADDED, *NAMES):
        _stage(run, root / "cassettes" / name, NEW[name])
    for name in (ADDED, NAMES[1]):
        run.drop(root / "cassettes" / name)
    assert run.commit() == {}
    assert _found(root) == {**OLD, NAMES[0]: NEW[NAMES[0]], NAMES[2]: NEW[NAMES[2]]}
    assert _leftovers(root) == []


_RECORDS = """
import sys
from pathlib import Path
from tests.cassette.test_staging import NEW, _stage
from pytest_reprise.cassette.staging import Staging

root = Path(sys.argv[1])
run = Staging(root, "pytest --record-mode=all")
for name, cassette in NEW.items():
    _stage(run, root / "cassettes" / name, cassette)
print("staged", flush=True)
sys.stdin.readline()
assert run.commit() == {}
"""


def test_run_that_is_alive_is_left_alone_and_a_dead_one_is_not(root: Path) -> None:
    def start() -> subprocess.Popen[bytes]:
        process = subprocess.Popen(
            [sys.executable, "-c", _RECORDS, root],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=Path(__file__).parents[2],
        )
        assert process.stdout
        assert process.stdout.readline() == b"staged\n"
        return process

    dead, alive = start(), start()
    dead.kill()
    dead.communicate()
    assert recover(root) == [Interrupted("pytest --record-mode=all", 4, False)]
    assert recover(root) == []
    assert _found(root) == OLD
    alive.communicate(b"\n")
    assert alive.returncode == 0
    assert _found(root) == NEW
    assert _leftovers(root) == []


def test_own_run_is_left_alone(root: Path) -> None:
    run = Staging(root, "")
    _stage(run, root / "cassettes" / ADDED, NEW[ADDED])
    assert recover(root) == []
    assert run.commit() == {}
    assert _found(root) == OLD | {ADDED: NEW[ADDED]}


@ON_POSIX
def test_home_that_cannot_be_written_is_replaced_by_the_directory_of_the_cassettes(
    root: Path,
) -> None:
    def record(commits: bool) -> None:
        run = Staging(root / "missing", "")
        _stage(run, root / "cassettes" / ADDED, NEW[ADDED])
        assert list((root / "cassettes").glob(".reprise-*.journal"))
        assert not commits or run.commit() == {}

    assert _in_child(lambda: record(commits=False)) == 0
    assert _leftovers(root)
    assert _in_child(lambda: record(commits=True)) == 0
    assert _leftovers(root) == []
    assert _found(root) == OLD | {ADDED: NEW[ADDED]}


# --- journals of others -----------------------------------------------------------------------

_ENTRIES = st.lists(
    st.one_of(
        st.binary(max_size=20),
        st.sampled_from(
            [
                b'{"reprise": 1, "command": "x"}',
                b'{"reprise": 2}',
                b'{"commit": 3}',
                b'{"commit": []}',
                b'{"directories": ["cassettes/.reprise-evil", "cassettes"]}',
                b'{"directories": ["../../..", "/", "", ".", "..", "cassettes/../.."]}',
                b'{"directories": ["link", "link/.reprise-evil", ".reprise-evil"]}',
                b'{"directories": [1, null, "\\u0000", "a\\ud800b", {}]}',
                b'{"directories": "cassettes"}',
                b"[" * 3000,
                b"9" * 5000,
            ]
        ),
    ),
    max_size=8,
)


@SOME
@given(_ENTRIES)
def test_journal_of_any_content_harms_nothing(entries: list[bytes]) -> None:
    with tempfile.TemporaryDirectory() as directory:
        outside, root = Path(directory, "outside"), Path(directory, "root")
        for place in (outside, root / "cassettes"):
            place.mkdir(parents=True)
            place.joinpath("test_a.yaml").write_text("kept")
            place.joinpath("a.body").write_text("kept")
        root.joinpath(".reprise-evil").symlink_to(outside)
        root.joinpath("link").symlink_to(outside)
        root.joinpath(".reprise-evil.journal").write_bytes(b"\n".join(entries))
        recover(root)
        for place in (outside, root / "cassettes"):
            assert {file.read_text() for file in place.iterdir()} == {"kept"}
            assert len(list(place.iterdir())) == 2


@ON_POSIX
def test_what_cannot_be_saved_after_a_kill_is_saved_by_a_later_run(root: Path) -> None:
    blocked = root / "cassettes" / ADDED

    def record_until_killed() -> None:
        blocked.mkdir(parents=True)
        _record_until_commit(root)

    assert _in_child(record_until_killed) == KILLED
    [interrupted] = recover(root)
    assert interrupted.failed == (f"{blocked}: Is a directory",)
    blocked.rmdir()
    assert recover(root) == [Interrupted("pytest --record-mode=rewrite", 1, was_complete=True)]
    assert _found(root) == NEW
    assert _leftovers(root) == []


def _record_until_commit(root: Path) -> None:
    run = Staging(root, "pytest --record-mode=rewrite")
    for name, cassette in NEW.items():
        _stage(run, root / "cassettes" / name, cassette)
    sys.addaudithook(lambda event, _: os._exit(KILLED) if event == "os.rename" else None)
    run.commit()


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="pipes of POSIX")
def test_journal_that_is_a_pipe_is_left_alone(root: Path) -> None:
    os.mkfifo(root / ".reprise-evil.journal")
    assert recover(root) == []
