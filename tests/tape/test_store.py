"""The cassettes of a run: staged until its end, merged with what another run wrote meanwhile."""

from __future__ import annotations

import os
import warnings
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest

from pytest_reprise.cassette.file import load
from pytest_reprise.cassette.model import Cassette, Header
from pytest_reprise.cassette.staging import Staging
from pytest_reprise.errors import Unscrubbed
from pytest_reprise.exchange import Interaction, Request, Response
from pytest_reprise.tape.store import CassetteStore

HEADER = Header(datetime(2026, 1, 31, 12, tzinfo=UTC), "pytest-reprise 0.1.0")


def _store(home: Path) -> CassetteStore:
    return CassetteStore(partial(Staging, home, "pytest --record-mode=once"))


def _write(store: CassetteStore, path: Path, scope: str, answer: bytes) -> None:
    request = Request("GET", f"http://api.test/{scope}")
    interaction = Interaction(request, Response(200, "OK", (), answer))
    header = Header(HEADER.recorded_at, HEADER.recorded_with, scope)
    assert store.write(path, header, (interaction,), even_if_equal=False)


def _answers(path: Path) -> dict[str, bytes]:
    cassette = load(path)
    found = cassette.interactions if cassette else ()
    return {
        interaction.request.url.rpartition("/")[2]: interaction.outcome.body
        for interaction in found
        if isinstance(interaction.outcome, Response)
    }


def _same(cassette: Cassette) -> Cassette:
    return cassette


def test_what_is_written_is_visible_after_the_commit_and_never_played(tmp_path: Path) -> None:
    store, path = _store(tmp_path), tmp_path / "cassettes" / "a.yaml"
    for answer in (b"first", b"second"):
        _write(store, path, "", answer)
        assert load(path) is None
        assert store.load(path) is None
    assert store.commit(0, _same)[:2] == ({}, [])
    assert _answers(path) == {"": b"second"}


def test_two_runs_that_record_into_one_cassette_keep_the_tests_of_both(tmp_path: Path) -> None:
    path = tmp_path / "shared.yaml"
    before = _store(tmp_path)
    for scope in ("test_old", "test_a", "test_b"):
        _write(before, path, scope, b"old")
    assert before.commit(0, _same)[:2] == ({}, [])
    first, second = _store(tmp_path), _store(tmp_path)
    for store in (first, second):
        store.load(path)
    _write(first, path, "test_a", b"first")
    _write(second, path, "test_b", b"second")
    _write(second, path, "test_new", b"second")
    assert first.commit(0, _same)[:2] == ({}, [])
    assert second.commit(0, _same)[:2] == ({}, [])
    assert _answers(path) == {
        "test_old": b"old",
        "test_a": b"first",
        "test_b": b"second",
        "test_new": b"second",
    }


def test_a_run_names_the_cassettes_that_another_run_recorded_meanwhile(tmp_path: Path) -> None:
    path, other = tmp_path / "a.yaml", tmp_path / "b.yaml"
    first, second = _store(tmp_path), _store(tmp_path)
    _write(second, path, "", b"second")
    _write(second, other, "", b"second")
    _write(first, path, "", b"first")
    assert first.commit(0, _same)[:2] == ({}, [])
    assert second.commit(0, _same)[:2] == ({}, [path])
    assert _answers(path) == {"": b"second"}


def test_a_cassette_with_a_late_secret_that_cannot_be_replaced_is_not_saved(tmp_path: Path) -> None:
    store, good, bad = _store(tmp_path), tmp_path / "good.yaml", tmp_path / "bad.yaml"
    for path in (good, bad):
        _write(store, path, "", path.name.encode())

    def scrub(cassette: Cassette) -> Cassette:
        outcome = cassette.interactions[0].outcome
        if isinstance(outcome, Response) and outcome.body == b"bad.yaml":
            raise Unscrubbed(1, "GET /", "in the body")
        return cassette

    [(path, error)] = store.commit(1, scrub).failed.items()
    assert (path, type(error)) == (bad, Unscrubbed)
    assert [file.name for file in tmp_path.iterdir()] == ["good.yaml"]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="os.fork of POSIX")
def test_a_forked_child_saves_at_once(tmp_path: Path) -> None:
    """It ends without the end of a session."""
    store = _store(tmp_path)
    _write(store, tmp_path / "parent.yaml", "", b"parent")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # threads of the test runner
        child = os.fork()
    if child == 0:
        _write(store, tmp_path / "child.yaml", "", b"child")
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0
    assert _answers(tmp_path / "child.yaml") == {"": b"child"}
    assert not (tmp_path / "parent.yaml").exists()
    assert store.commit(0, _same)[:2] == ({}, [])
    assert _answers(tmp_path / "parent.yaml") == {"": b"parent"}
