"""Body files: which bodies have one, what is an error, what an interrupted save leaves."""

from __future__ import annotations

import os
import random
import re
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pytest_reprise.cassette import replace as replace_module
from pytest_reprise.cassette.body_files import (
    BODY_FILE_TAG,
    MIN_BODY_FILE_SIZE,
    BodyFileError,
    BodyFiles,
    check,
    names_in,
)
from pytest_reprise.cassette.file import load, save
from pytest_reprise.cassette.model import Cassette, Header
from pytest_reprise.errors import CassetteError
from pytest_reprise.exchange import Interaction, Request, Response

HEADER = Header(datetime(2026, 1, 31, 12, tzinfo=UTC), "pytest-reprise 0.1.0")
BIG, OTHER = (random.Random(seed).randbytes(MIN_BODY_FILE_SIZE) for seed in (1, 2))


def _cassette(*bodies: bytes, header: Header | None = HEADER) -> Cassette:
    request = Request("GET", "http://api.test/")
    return Cassette(tuple(Interaction(request, Response(200, "OK", (), b)) for b in bodies), header)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "test_download.yaml"
    save(path, _cassette(b"small", BIG))
    return path


def _bodies(path: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in path.parent.glob("*.body")}


def _file(path: Path) -> Path:
    [file] = path.parent.glob("*.body")
    return file


def _refusal(path: Path) -> CassetteError:
    with pytest.raises(CassetteError) as caught:
        load(path)
    assert caught.value.path == path
    assert BODY_FILE_TAG in path.read_text().splitlines()[caught.value.line - 1]
    return caught.value


# --- which bodies have a file -----------------------------------------------------------------


def test_big_binary_body_has_a_file_beside_the_cassette(path: Path) -> None:
    [(name, body)] = _bodies(path).items()
    assert re.fullmatch(r"test_download\.[0-9a-f]{16}\.body", name)
    assert body == BIG
    assert f"      string: {BODY_FILE_TAG} '{name}'\n" in path.read_text()
    assert path.stat().st_size < 1000
    assert load(path) == _cassette(b"small", BIG)


def test_big_request_body_has_a_file_too(path: Path) -> None:
    sent = Interaction(Request("PUT", "http://api.test/", (), OTHER), Response(200, "OK", (), BIG))
    save(path, Cassette((sent,), HEADER))
    assert sorted(_bodies(path).values()) == sorted([BIG, OTHER])
    assert load(path) == Cassette((sent,), HEADER)


@pytest.mark.parametrize(
    "body",
    [
        BIG[:-1],
        b"x" * MIN_BODY_FILE_SIZE,
        "é".encode() * MIN_BODY_FILE_SIZE,
        b"x" + "é".encode() * MIN_BODY_FILE_SIZE,
    ],
    ids=["small", "ASCII", "UTF-8", "UTF-8, cut within a character"],
)
def test_small_body_or_text_stays_in_the_cassette(tmp_path: Path, body: bytes) -> None:
    path = tmp_path / "a.yaml"
    save(path, _cassette(body))
    assert list(tmp_path.iterdir()) == [path]
    assert load(path) == _cassette(body)


def test_body_that_is_binary_only_at_its_end_has_a_file(tmp_path: Path) -> None:
    body = b"x" * MIN_BODY_FILE_SIZE + b"\xff"
    save(tmp_path / "a.yaml", _cassette(body))
    assert list(_bodies(tmp_path / "a.yaml").values()) == [body]


def test_cassette_without_our_header_has_no_body_files(tmp_path: Path) -> None:
    save(tmp_path / "a.yaml", _cassette(BIG, header=None))
    assert _bodies(tmp_path / "a.yaml") == {}
    assert load(tmp_path / "a.yaml") == _cassette(BIG, header=None)


def test_serializer_of_the_suite_gets_the_bytes(tmp_path: Path) -> None:
    save(
        tmp_path / "a.json", _cassette(BIG), serialize=lambda document: str(BIG in _flat(document))
    )
    assert (tmp_path / "a.json").read_text() == "True"
    assert _bodies(tmp_path / "a.json") == {}


def _flat(value: object) -> list[object]:
    if isinstance(value, dict):
        return [leaf for inner in value.values() for leaf in _flat(inner)]
    return (
        [leaf for inner in value for leaf in _flat(inner)] if isinstance(value, list) else [value]
    )


@pytest.mark.parametrize(
    "stem",
    [
        "@fixture[a-b]",
        "a.b",
        "ünï",
        "x" * 250,
        "é" * 125,
        "two words",
        " a",
        "a  b ",
        "#a",
        "漢字",
        "\u0301",
    ],
)
def test_body_file_for_various_names_of_cassettes(tmp_path: Path, stem: str) -> None:
    path = tmp_path / f"{stem}.yaml"
    save(path, _cassette(BIG))
    assert len(_bodies(path)) == 1
    assert load(path) == _cassette(BIG)
    save(path, _cassette(b"small"))
    assert _bodies(path) == {}


@pytest.mark.skipif(
    os.name != "posix",
    reason="Windows forbids a colon, a backslash and control characters in names",
)
@pytest.mark.parametrize(
    "stem", ["a:b", "it's", "a\\b", "a\nb", "a\x85b", "a\u2028b", "a\ufeff", "😀"]
)
def test_no_body_file_for_a_name_that_some_system_forbids_or_yaml_escapes(
    tmp_path: Path, stem: str
) -> None:
    path = tmp_path / f"{stem}.yaml"
    save(path, _cassette(BIG))
    assert _bodies(path) == {}
    assert load(path) == _cassette(BIG)


# --- errors -----------------------------------------------------------------------------------


def test_missing_body_file(path: Path) -> None:
    name = _file(path).name
    _file(path).unlink()
    error = _refusal(path)
    assert error.problem == f"the body file {name} is missing"
    assert "version control" in error.repair


def test_directory_in_place_of_a_body_file(path: Path) -> None:
    file = _file(path)
    file.unlink()
    file.mkdir()
    assert "cannot be read: " in _refusal(path).problem


def test_pointer_of_git_lfs(path: Path) -> None:
    pointer = b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1000000\n"
    _file(path).write_bytes(pointer)
    error = _refusal(path)
    assert "is a pointer of Git LFS" in error.problem
    assert error.repair == "Fetch the body: git lfs pull"


@pytest.mark.parametrize(
    "other",
    [
        OTHER,
        BIG[:-1],
        BIG + b"\0",
        b"",
        b"\0" * MIN_BODY_FILE_SIZE,
        BIG[:-1] + b"\0",
        b"\0" + BIG[1:],
    ],
    ids=["of the same size", "cut", "longer", "empty", "zeros", "last byte", "first byte"],
)
def test_body_file_with_other_content(path: Path, other: bytes) -> None:
    _file(path).write_bytes(other)
    assert f"holds {len(other)} bytes that are not the recorded ones" in _refusal(path).problem


@pytest.mark.parametrize("seed", range(12))
def test_one_flipped_byte_anywhere_is_an_error(path: Path, seed: int) -> None:
    position = random.Random(seed).randrange(MIN_BODY_FILE_SIZE)
    damaged = bytearray(BIG)
    damaged[position] ^= 1
    _file(path).write_bytes(damaged)
    assert "are not the recorded ones" in _refusal(path).problem


def test_zeros_anywhere_in_a_body_are_an_error() -> None:
    [name] = _put(BIG)
    for start in range(0, MIN_BODY_FILE_SIZE, 131_072):
        with pytest.raises(BodyFileError, match="not the recorded ones"):
            check(name, BIG[:start] + bytes(131_072) + BIG[start + 131_072 :])


def test_other_size_is_an_error_even_if_all_bytes_are_equal() -> None:
    [name] = _put(b"\xff" * MIN_BODY_FILE_SIZE)
    check(name, b"\xff" * MIN_BODY_FILE_SIZE)
    with pytest.raises(BodyFileError, match="not the recorded ones"):
        check(name, b"\xff" * (MIN_BODY_FILE_SIZE + 1))


def _put(*bodies: bytes) -> list[str]:
    files = BodyFiles("a")
    for body in bodies:
        files.put(body)
    return list(files.contents)


def test_name_depends_on_every_byte() -> None:
    changed = [
        BIG[:n] + bytes([BIG[n] ^ 1]) + BIG[n + 1 :] for n in (0, 20_000, MIN_BODY_FILE_SIZE - 1)
    ]
    assert len(set(_put(BIG, *changed))) == 4


@pytest.mark.parametrize(
    "name",
    ["../{}", "/etc/{}", "a/{}", "a\\\\{}", "C:{}", "..", "passwd", "a.body", "", "{}\\0", "{}.x"],
)
@pytest.mark.parametrize("quote", ["'", '"', ""])
def test_path_in_place_of_a_name(path: Path, name: str, quote: str) -> None:
    old = f"'{_file(path).name}'"
    new = quote + name.format(_file(path).name) + quote
    path.write_text(path.read_text().replace(old, new))
    assert "is not the name of a body file" in _refusal(path).problem


@pytest.mark.parametrize("quote", ['"', ""])
def test_name_in_other_quotes(path: Path, quote: str) -> None:
    name = _file(path).name
    path.write_text(path.read_text().replace(f"'{name}'", quote + name + quote))
    assert load(path) == _cassette(b"small", BIG)
    save(path, _cassette(b"small"))
    assert _bodies(path) == {}


ELSEWHERE: dict[str, Callable[[str, str], str]] = {
    "no header": lambda text, _: re.sub(r"reprise:\n(  .*\n)+", "", text),
    "no header in it": lambda text, _: re.sub(r"reprise:\n(  .*\n)+", "reprise:\n", text),
    "a URL": lambda text, tagged: text.replace("uri: http://api.test/", f"uri: {tagged}", 1),
    "a header": lambda text, tagged: text.replace("headers: {}", f"headers: {{a: [{tagged}]}}", 1),
    "the body's mapping": lambda text, tagged: text.replace(
        f"\n      string: {tagged}", f" {tagged}"
    ),
    "another tag": lambda text, _: text.replace(BODY_FILE_TAG, BODY_FILE_TAG + "-x"),
    "in our own": lambda text, tagged: text.replace(
        "recorded_with: ", f"x: {tagged}\n  recorded_with: "
    ),
}


@pytest.mark.parametrize("place", ELSEWHERE)
def test_tag_is_unknown_in_any_other_place(path: Path, place: str) -> None:
    tagged = f"{BODY_FILE_TAG} '{_file(path).name}'"
    text = path.read_text()
    changed = ELSEWHERE[place](text, tagged)
    assert changed != text
    path.write_text(changed)
    error = _refusal(path)
    assert "could not determine a constructor for the tag" in error.problem


def test_list_in_place_of_a_name(path: Path) -> None:
    path.write_text(path.read_text().replace(f"'{_file(path).name}'", "[a]"))
    assert "determine a constructor" in _refusal(path).problem


# --- saving -----------------------------------------------------------------------------------


def test_unchanged_body_is_not_written_again(path: Path) -> None:
    os.utime(_file(path), (1, 1))
    save(path, _cassette(b"changed", BIG))
    assert _file(path).stat().st_mtime == 1
    assert load(path) == _cassette(b"changed", BIG)


def test_file_of_a_changed_body_replaces_the_old_one(path: Path) -> None:
    save(path, _cassette(b"small", OTHER))
    assert list(_bodies(path).values()) == [OTHER]
    assert load(path) == _cassette(b"small", OTHER)


def test_file_of_a_removed_body_is_deleted(path: Path) -> None:
    save(path, _cassette(b"small"))
    assert list(path.parent.iterdir()) == [path]


def test_recording_again_repairs_a_damaged_body_file(path: Path) -> None:
    _file(path).write_bytes(b"x")
    save(path, _cassette(b"small", BIG))
    assert load(path) == _cassette(b"small", BIG)


def test_body_files_of_other_cassettes_stay(path: Path) -> None:
    others = [
        "test_download.a.0123456789abcdef.body",
        "test_downloads.0123456789abcdef.body",
        "x.body",
    ]
    for name in others:
        path.with_name(name).touch()
    save(path, _cassette(b"small"))
    assert sorted(_bodies(path)) == sorted(others)


@pytest.mark.parametrize("name", ["test_copy.yaml", "test_download.yml"])
def test_body_file_stays_while_a_copy_of_the_cassette_names_it(path: Path, name: str) -> None:
    copy = path.with_name(name)
    copy.write_bytes(path.read_bytes())
    save(path, _cassette(OTHER))
    assert load(copy) == _cassette(b"small", BIG)
    save(copy, _cassette(b"small"))
    assert list(_bodies(path).values()) == [OTHER]


def test_renamed_cassette_loads_and_its_old_body_files_are_deleted(path: Path) -> None:
    renamed = path.rename(path.with_name("test_new.yaml"))
    assert load(renamed) == _cassette(b"small", BIG)
    save(renamed, _cassette(OTHER))
    assert list(_bodies(path).values()) == [OTHER]


# --- interrupted and failed saves -------------------------------------------------------------


class Killed(BaseException):
    """An exception that our code does not handle, like a kill by the system."""


@pytest.mark.parametrize("steps", range(3))
def test_save_killed_at_any_point_leaves_one_version_whole(
    path: Path, monkeypatch: pytest.MonkeyPatch, steps: int
) -> None:
    """Before the new body, before the new cassette, before the old body is deleted."""
    old, new = _cassette(b"small", BIG), _cassette(b"new", OTHER)
    _kill_after(monkeypatch, steps)
    with pytest.raises(Killed):
        save(path, new)
    monkeypatch.undo()
    assert load(path) == (old if steps < 2 else new)
    save(path, new)
    assert list(_bodies(path).values()) == [OTHER]


def _kill_after(monkeypatch: pytest.MonkeyPatch, steps: int) -> None:
    """Raise Killed after `steps` files were replaced, and at every attempt to delete one."""

    def unlink(*_: object, **__: object) -> None:
        raise Killed

    monkeypatch.setattr(Path, "unlink", unlink)
    left = iter([False] * steps)
    replace_file = replace_module.replace_file

    def replace(path: Path, content: bytes, durable: bool) -> None:
        if next(left, True):
            raise Killed
        replace_file(path, content, durable)

    monkeypatch.setattr(replace_module, "replace_file", replace)


@pytest.mark.parametrize("fails", ["first body", "second body", "cassette"])
def test_failed_write_changes_nothing(
    path: Path, monkeypatch: pytest.MonkeyPatch, fails: str
) -> None:
    before = {file.name: file.read_bytes() for file in path.parent.iterdir()}
    left = iter([False] * ["first body", "second body", "cassette"].index(fails))
    replace_file = replace_module.replace_file

    def replace(path: Path, content: bytes, durable: bool) -> None:
        if next(left, True):
            raise OSError(28, "No space left on device")
        replace_file(path, content, durable)

    monkeypatch.setattr(replace_module, "replace_file", replace)
    with pytest.raises(OSError, match="No space"):
        save(path, _cassette(OTHER, OTHER[::-1], BIG))
    assert {file.name: file.read_bytes() for file in path.parent.iterdir()} == before


def test_body_file_that_cannot_be_deleted_is_not_an_error(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "unlink", refuse)
    save(path, _cassette(b"small"))
    monkeypatch.undo()
    assert load(path) == _cassette(b"small")
    save(path, _cassette(OTHER))
    assert list(_bodies(path).values()) == [OTHER]


def test_names_are_searched_in_linear_time() -> None:
    """A file of 1 MB that repeats the tag took minutes."""
    text = f"{BODY_FILE_TAG} ".encode() * 30_000
    started = time.process_time()
    assert names_in(text) == set()
    assert time.process_time() - started < 20
