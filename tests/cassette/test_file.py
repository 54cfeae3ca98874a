"""Cassette files: an unreadable one is an error with its line, and a save is atomic."""

from __future__ import annotations

import os
import tempfile
import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given

from pytest_reprise.cassette.file import load, save
from pytest_reprise.cassette.model import Cassette, Header
from pytest_reprise.errors import CassetteError
from pytest_reprise.exchange import Interaction, Request, Response

from ..harness.strategies import SOME, signed_cassettes

HEADER = Header(datetime(2026, 1, 31, 12, tzinfo=UTC), "pytest-reprise 0.1.0")


def _cassette(*bodies: bytes) -> Cassette:
    request = Request("GET", "http://api.test/")
    return Cassette(tuple(Interaction(request, Response(200, "OK", (), b)) for b in bodies), HEADER)


OLD = _cassette(b"old", '{"name":"Ädä"}'.encode(), b"a\n...\n", b"\xff", b"")
NEW = _cassette(b"new")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "test_it.yaml"
    save(path, OLD)
    return path


def _refusal(path: Path) -> CassetteError:
    with pytest.raises(CassetteError) as caught:
        load(path)
    assert caught.value.path == path
    return caught.value


# --- load -------------------------------------------------------------------------------------


@SOME
@given(signed_cassettes)
def test_saved_cassette_loads_equal(cassette: Cassette) -> None:
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "test_it.yaml"
        save(path, cassette)
        assert load(path) == cassette


@pytest.mark.parametrize("name", ["nothing.yaml", "nowhere/nothing.yaml", "test_it.yaml/a.yaml"])
def test_missing_file_is_none(path: Path, name: str) -> None:
    assert load(path.parent / name) is None


def test_directory_is_an_error(tmp_path: Path) -> None:
    error = _refusal(tmp_path)
    assert error.line == 1
    assert "cannot be read" in error.problem
    assert "move it away" in error.repair


def test_truncated_file_is_always_an_error(path: Path) -> None:
    whole = path.read_bytes()
    for length in range(len(whole) - 1):
        path.write_bytes(whole[:length])
        error = _refusal(path)
        assert 1 <= error.line <= whole.count(b"\n") + 1
        assert error.repair
        assert path.read_bytes() == whole[:length]


@pytest.mark.parametrize(
    ("raw", "line"),
    [
        (b"\xff\xfe", 1),
        (b"version: 1\n# caf\xe9\n", 2),
        ("version: 1\n".encode("utf-16"), 1),
        (b"version: 1\n\n\n# \xc3", 4),
    ],
)
def test_file_that_is_not_utf8(path: Path, raw: bytes, line: int) -> None:
    path.write_bytes(raw)
    error = _refusal(path)
    assert (error.line, error.problem) == (line, "not UTF-8")
    assert "version control" in error.repair


@pytest.mark.parametrize(
    "marker", ["<<<<<<< HEAD", "=======", ">>>>>>> branch", "<<<<<<<", "<<<<<<< HEAD\r"]
)
def test_merge_conflict_names_its_line(path: Path, marker: str) -> None:
    lines = path.read_text(encoding="utf-8").splitlines()
    path.write_text("\n".join([*lines[:3], marker, *lines[3:]]), encoding="utf-8", newline="")
    error = _refusal(path)
    assert (error.line, error.problem) == (4, "an unresolved merge conflict")
    assert f"git checkout --ours {path}" in error.repair


@pytest.mark.parametrize(
    "body", [b"<<<<<<< HEAD\n=======\n>>>>>>> a\n", b"=======", b"text\n=======\n\n"]
)
def test_body_may_hold_conflict_markers(path: Path, body: bytes) -> None:
    save(path, _cassette(body))
    assert load(path) == _cassette(body)


def test_byte_order_mark_is_ignored(path: Path) -> None:
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert load(path) == OLD


# --- save -------------------------------------------------------------------------------------


def test_save_creates_directories(tmp_path: Path) -> None:
    path = tmp_path / "a" / "b" / "test_it.yaml"
    save(path, NEW)
    assert load(path) == NEW


def test_text_is_utf8_with_plain_line_ends(path: Path) -> None:
    raw = path.read_bytes()
    assert b"\r" not in raw
    assert "Ädä" in raw.decode()


class _PowerCut(BaseException):
    """An exception that `except Exception` does not catch, like a KeyboardInterrupt."""


@pytest.mark.parametrize("call", ["fsync", "replace", "chmod"])
@pytest.mark.parametrize("error", [OSError("no space left"), _PowerCut()], ids=["OSError", "cut"])
def test_failed_save_changes_nothing(
    path: Path, monkeypatch: pytest.MonkeyPatch, call: str, error: BaseException
) -> None:
    before = path.read_bytes()

    def fail(*_args: object, **_options: object) -> None:
        raise error

    monkeypatch.setattr(os, call, fail)
    with pytest.raises(type(error)):
        save(path, NEW)
    assert path.read_bytes() == before
    assert os.listdir(path.parent) == [path.name]  # noqa: PTH208 - what is really on disk


def test_temporary_file_is_in_the_same_directory(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A rename is atomic only within one file system."""
    places: list[Path] = []
    real = os.replace

    def noted(source: str, target: str) -> None:
        places.append(Path(source).parent)
        real(source, target)

    monkeypatch.setattr(os, "replace", noted)
    save(path, NEW)
    assert places == [path.parent]


def test_content_is_flushed_to_disk_before_the_rename(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[str] = []
    for name in ("fsync", "replace"):
        real = getattr(os, name)

        def noted(*args: object, name: str = name, real: object = real) -> object:
            calls.append(name)
            assert callable(real)
            return real(*args)

        monkeypatch.setattr(os, name, noted)
    save(path, NEW)
    assert calls == ["fsync", "replace"]


def test_cassette_that_cannot_be_written_changes_nothing(path: Path) -> None:
    before = path.read_bytes()
    unwritable = Cassette((Interaction(Request("GET", "\udc80"), Response(200)),), HEADER)
    with pytest.raises(UnicodeEncodeError):
        save(path, unwritable)
    assert path.read_bytes() == before
    assert [p.name for p in path.parent.iterdir()] == [path.name]


@pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write everywhere"
)
def test_directory_without_write_permission(path: Path) -> None:
    path.parent.chmod(0o500)
    try:
        with pytest.raises(PermissionError):
            save(path, NEW)
        assert load(path) == OLD
    finally:
        path.parent.chmod(0o700)


def test_file_in_place_of_the_directory(path: Path) -> None:
    with pytest.raises(OSError, match=path.name):
        save(path / "test_that.yaml", NEW)
    assert load(path) == OLD


@pytest.mark.skipif(os.name != "posix", reason="permissions of POSIX")
class TestPermissions:
    @pytest.mark.parametrize("mode", [0o600, 0o640, 0o664])
    def test_are_kept(self, path: Path, mode: int) -> None:
        path.chmod(mode)
        save(path, NEW)
        assert path.stat().st_mode & 0o777 == mode

    @pytest.mark.parametrize("mask", [0o022, 0o027, 0o077])
    def test_of_a_new_file_follow_the_umask(self, tmp_path: Path, mask: int) -> None:
        before = os.umask(mask)
        try:
            save(tmp_path / "new.yaml", NEW)
            (tmp_path / "other").write_text("")
            assert os.umask(mask) == mask
        finally:
            os.umask(before)
        modes = {p.stat().st_mode for p in tmp_path.iterdir()}
        assert len(modes) == 1


def test_concurrent_saves_leave_one_whole_file(path: Path) -> None:
    cassettes = [_cassette(*[f"text {n}\n".encode() * 50] * (n + 1)) for n in range(6)]
    ready = threading.Barrier(len(cassettes) + 1)
    errors: list[BaseException] = []

    def save_often(cassette: Cassette) -> None:
        try:
            ready.wait()
            for _ in range(5):
                save(path, cassette)
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=save_often, args=(c,)) for c in cassettes]
    for thread in threads:
        thread.start()
    ready.wait()
    found = [load(path) for _ in range(10)]
    for thread in threads:
        thread.join()
    assert not errors
    assert load(path) in cassettes
    assert all(cassette in [OLD, *cassettes] for cassette in found)
    assert [p.name for p in path.parent.iterdir()] == [path.name]
