"""Two processes that save the same cassettes with body files at once: no body gets lost."""

from __future__ import annotations

import random
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pytest_reprise.cassette.body_files import MIN_BODY_FILE_SIZE
from pytest_reprise.cassette.file import load, save
from pytest_reprise.cassette.model import Cassette, Header
from pytest_reprise.cassette.staging import Staging
from pytest_reprise.exchange import Interaction, Request, Response

HEADER = Header(datetime(2026, 1, 31, 12, tzinfo=UTC), "pytest-reprise 0.1.0")
ROUNDS = 25


def _cassette(*numbers: int) -> Cassette:
    """A cassette with a body file for each number; equal numbers have equal bodies."""
    request = Request("GET", "http://api.test/")
    bodies = (random.Random(number).randbytes(MIN_BODY_FILE_SIZE) for number in numbers)
    return Cassette(tuple(Interaction(request, Response(200, "OK", (), b)) for b in bodies), HEADER)


def write(way: str, directory: Path, own: int) -> None:
    """Save cassettes after each line of the input, and answer with a line."""
    versions = [_cassette(own, 0), _cassette(0), _cassette(own), _cassette(own, own + 1)]
    path = directory / "test_a.yaml"
    print("ready", flush=True)
    for number, _ in enumerate(sys.stdin):
        cassette = versions[(number * own) % 4]
        if way == "save":
            save(path, cassette, durable=False)
        else:
            run = Staging(directory, "")
            save(run.place_for(path), cassette, durable=False)
            run.add(path)
            assert run.commit() == {}
        print("saved", flush=True)


@pytest.mark.parametrize("ways", [("save", "save"), ("run", "run"), ("run", "save")], ids=str)
def test_all_bodies_of_the_last_writer_are_there(tmp_path: Path, ways: tuple[str, str]) -> None:
    code = "import sys; from tests.cassette.test_two_writers import write, Path; "
    writers = [
        subprocess.Popen(
            [sys.executable, "-c", f"{code}write({way!r}, Path(sys.argv[1]), {own})", tmp_path],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=Path(__file__).parents[2],
        )
        for own, way in zip((1, 3), ways, strict=True)
    ]
    for writer in writers:
        assert writer.stdout
        assert writer.stdout.readline() == b"ready\n"
    for _ in range(ROUNDS):
        for writer in writers:
            assert writer.stdin
            writer.stdin.write(b"\n")
            writer.stdin.flush()
        assert [writer.stdout and writer.stdout.readline() for writer in writers] == [
            b"saved\n"
        ] * 2
        cassette = load(tmp_path / "test_a.yaml")
        assert cassette
        assert len(list(tmp_path.iterdir())) == 1 + len(cassette.interactions)
    assert [writer.communicate()[0] for writer in writers] == [b"", b""]
