"""Pipes, devices and huge files in the place of cassettes and body files are refused at once."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pytest_reprise import regular_file
from pytest_reprise.cassette import file
from pytest_reprise.cassette.body_files import MIN_BODY_FILE_SIZE
from pytest_reprise.cassette.file import load, save
from pytest_reprise.cassette.model import Cassette, Header
from pytest_reprise.errors import CassetteError
from pytest_reprise.exchange import Interaction, Request, Response
from pytest_reprise.regular_file import read_regular_file

from ..harness.runs import Run, Suite

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="uses /dev, /proc and pipes")

HEADER = Header(datetime(2026, 1, 31, tzinfo=UTC), "a test")
BODY = bytes([0, 255]) * (MIN_BODY_FILE_SIZE // 2)
SECONDS = 60
"""After which a command counts as blocked."""


def _make_pipe(path: Path) -> None:
    os.mkfifo(path)


def _link_to_pipe(path: Path) -> None:
    os.mkfifo(path.parent / f"hidden {path.name[:4]}")
    path.symlink_to(f"hidden {path.name[:4]}")


def _link_to_device(path: Path) -> None:
    path.symlink_to("/dev/zero")


def _sparse(path: Path) -> None:
    with path.open("wb") as made:
        made.truncate(4 * 10**9)


HOSTILE: dict[str, tuple[Callable[[Path], None], str]] = {
    "pipe": (_make_pipe, "not a regular file"),
    "link to a pipe": (_link_to_pipe, "not a regular file"),
    "link to a device": (_link_to_device, "not a regular file"),
    "sparse file": (_sparse, "too large: 4000000000 bytes"),
}


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """A directory with each hostile file as a cassette, and as the body file of another one."""
    directory = tmp_path / "cassettes"
    for name, (make, _) in HOSTILE.items():
        place = directory / name
        place.mkdir(parents=True)
        save(place / "body.yaml", _cassette())
        [body] = place.glob("*.body")
        body.unlink()
        make(body)
        make(place / "cassette.yaml")
    save(directory / "sound.yaml", Cassette((), HEADER))
    return directory


def _cassette() -> Cassette:
    answered = Response(200, "OK", (("Content-Type", "image/png"),), BODY)
    return Cassette((Interaction(Request("GET", "http://api.test/"), answered),), HEADER)


@pytest.mark.parametrize(
    ("command", "code"), [("check", 1), ("show", 2), ("audit", 2), ("migrate", 1)]
)
def test_command_names_each_hostile_file_and_reads_the_others(
    command: str, code: int, files: Path
) -> None:
    program = (
        "import resource, sys; from pytest_reprise.commands.main import main\n"
        f"code = main([{command!r}, sys.argv[1]])\n"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024); sys.exit(code)"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program, str(files)],
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    printed = ran.stdout + ran.stderr
    assert ran.returncode == code, printed
    assert int(ran.stdout.splitlines()[-1]) < 1000  # megabytes, of a file of 4 GB
    for name, (_, problem) in HOSTILE.items():
        assert f"{name}/cassette.yaml" in printed
        assert problem in printed
    assert "Traceback" not in printed


def test_replay_does_not_wait_for_a_pipe(
    suite: Suite, run: Run, pytester: pytest.Pytester, files: Path
) -> None:
    names = {f"{n}_{kind}": name for n, name in enumerate(HOSTILE) for kind in ("body", "cassette")}
    tests = "".join(f"@pytest.mark.vcr\ndef test_{key}():\n    pass\n\n" for key in names)
    suite(f"import pytest\n\n{tests}")
    directory = pytester.path / "cassettes/test_suite"
    directory.mkdir(parents=True)
    for key, name in names.items():
        source = files / name
        (directory / f"test_{key}.yaml").symlink_to(source / f"{key.partition('_')[2]}.yaml")
    result = run()
    result.assert_outcomes(errors=len(names))
    printed = result.stdout.str()
    assert printed.count("not a regular file") == 6
    assert printed.count("too large: 4000000000 bytes") == 2


def test_a_link_to_a_missing_file_is_no_missing_cassette(tmp_path: Path) -> None:
    path = tmp_path / "test_it.yaml"
    path.symlink_to("annex/key")
    with pytest.raises(CassetteError, match="a link to a file that does not exist: annex/key"):
        load(path)
    path.unlink()
    assert load(path) is None


def test_a_file_in_proc_is_read_to_its_end_or_refused() -> None:
    """They are regular files of size 0; some would block, and some are endless."""
    assert b"Linux" in read_regular_file(Path("/proc/version"), 1000)
    with pytest.raises(OSError, match="too large"):
        read_regular_file(Path("/proc/version"), 5)
    with pytest.raises(OSError):  # noqa: PT011 - EAGAIN or EPERM, by the rights of the user
        read_regular_file(Path("/proc/self/mem"), 1000)


@pytest.mark.parametrize("limit", ["MAX_CASSETTE_SIZE", "MAX_BODY_FILE_SIZE"])
def test_what_would_be_too_large_to_read_is_not_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: str
) -> None:
    path = tmp_path / "a.yaml"
    monkeypatch.setattr(file, limit, 100)
    with pytest.raises(OSError, match="too large"):
        save(path, _cassette())
    assert list(tmp_path.iterdir()) == []


def test_systems_without_the_flags_of_posix_read_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Windows lacks O_NONBLOCK."""
    path = tmp_path / "a.yaml"
    path.write_bytes(b"a\r\nb")
    monkeypatch.setattr(regular_file, "_FLAGS", os.O_RDONLY)
    assert read_regular_file(path, 10) == b"a\r\nb"


AUDIT = """
import os, sys
from pytest_reprise.commands.main import main
for directory in sys.argv[2:]:
    os.chdir(directory)
    baseline = ["--baseline", sys.argv[1]] if "baseline" in sys.argv[1] else []
    print(main(["audit", "cassettes", *baseline]))
"""


@pytest.mark.parametrize("file", ["reprise.toml", "pyproject.toml", "baseline.json", ".env"])
def test_hostile_files_of_settings_do_not_block(tmp_path: Path, file: str) -> None:
    directories = [tmp_path / name for name in HOSTILE]
    for directory, (make, _) in zip(directories, HOSTILE.values(), strict=True):
        save(directory / "cassettes/a.yaml", Cassette((), HEADER))
        make(directory / file)
    command = [sys.executable, "-c", AUDIT, file, *map(str, directories)]
    ran = subprocess.run(command, timeout=SECONDS, capture_output=True, text=True, check=False)
    codes = [line for line in ran.stdout.splitlines() if line.isdecimal()]
    if file == ".env":  # it is optional
        assert codes == ["0"] * len(HOSTILE)
        return
    assert codes == ["2"] * len(HOSTILE)
    for line, (_, problem) in zip(ran.stderr.splitlines(), HOSTILE.values(), strict=True):
        assert f"{file}: " in line
        assert problem in line
