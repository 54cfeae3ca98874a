"""A tape in each record mode: what it plays, sends, misses, requires and writes."""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pytest_reprise.cassette.file import load, save
from pytest_reprise.cassette.model import Cassette, CassetteUse, Header
from pytest_reprise.determinism.base_url import BaseUrls
from pytest_reprise.errors import CassetteError, RecordingRefused, RequestNotRecorded
from pytest_reprise.exchange import CANCELLED, Failure, Interaction, Outcome, Request, Response
from pytest_reprise.scrub.replace.vault import Vault
from pytest_reprise.scrub.scrubber import Scrubber
from pytest_reprise.tape.modes import LIVE_FIXTURE, MODES
from pytest_reprise.tape.pending import PendingInteraction
from pytest_reprise.tape.player import Played
from pytest_reprise.tape.run import Run
from pytest_reprise.tape.store import CassetteStore
from pytest_reprise.tape.tape import Tape

A, B, C = (Request("GET", f"http://api.test/{name}") for name in "abc")
OLD, NEW = Response(200, "OK", (), b"old"), Response(201, "Created", (), b"new")
HEADER = Header(datetime(2026, 1, 31, 12, tzinfo=UTC), "pytest-reprise 0.0.1")
SECRET = "hunter2-hunter2"

NAMES = tuple(MODES)


def _permit_all(_request: Request) -> None:
    return None


def _run(permit: Callable[[Request], None] = _permit_all) -> Run:
    bases = BaseUrls(lambda: None, hides=False)
    with_what = "pytest-reprise 0.1.0, httpx 0.28.1"
    return Run(CassetteStore(), functools.partial(Scrubber, Vault()), bases, with_what, permit)


def _tape(path: Path, mode: str, run: Run | None = None, scope: str = "") -> Tape:
    record_mode = LIVE_FIXTURE if mode == "live" else MODES[mode]
    use = CassetteUse(scope, path, mode, "tests/test_it.py::test_it")
    return Tape(use, record_mode, run or _run())


def _send(tape: Tape, request: Request, answer: Outcome = NEW) -> str:
    """Send a request as a transport does; return "played", "sent" or "missed"."""
    try:
        started = tape.start(request)
    except RequestNotRecorded:
        return "missed"
    if not isinstance(started, PendingInteraction):
        return "played"
    _finish(started, answer)
    return "sent"


def _played(tape: Tape, request: Request) -> Outcome | None:
    """The recorded outcome of a request; None for one that is sent."""
    started = tape.start(request)
    return started.outcome if isinstance(started, Played) else None


def _finish(pending: PendingInteraction, answer: Outcome) -> None:
    if isinstance(answer, Failure):
        return pending.failed(answer)
    pending.answered(Response(answer.status, answer.reason, answer.headers))
    for piece in filter(None, answer.pieces()):
        pending.received(piece)
    if answer.broken_by:
        pending.failed(answer.broken_by)
    return None


def _recorded_in(path: Path) -> list[tuple[Request, Outcome]]:
    cassette = load(path)
    assert cassette is not None
    return [(i.request, i.outcome) for i in cassette.interactions]


@pytest.fixture
def new_path(tmp_path: Path) -> Path:
    return tmp_path / "cassettes" / "new.yaml"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Path of a cassette with the interactions A and B."""
    path = tmp_path / "test_it.yaml"
    save(path, Cassette((Interaction(A, OLD), Interaction(B, OLD)), HEADER))
    return path


# --- the record modes ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("mode", "known", "unknown", "held", "action"),
    [
        ("none", "played", "missed", [(A, OLD), (B, OLD)], "replayed"),
        ("once", "played", "missed", [(A, OLD), (B, OLD)], "replayed"),
        ("new_episodes", "played", "sent", [(A, OLD), (B, OLD), (C, NEW)], "written"),
        ("all", "sent", "sent", [(A, NEW), (C, NEW), (B, OLD)], "written"),
        ("rewrite", "sent", "sent", [(A, NEW), (C, NEW)], "written"),
        ("live", "sent", "sent", [(A, OLD), (B, OLD), (C, NEW)], "written"),
    ],
)
def test_requests_and_result_with_a_cassette(
    path: Path, mode: str, known: str, unknown: str, held: list[object], action: str
) -> None:
    tape = _tape(path, mode)
    assert (_send(tape, A), _send(tape, C)) == (known, unknown)
    closing = tape.close(keep_old=False)
    assert _recorded_in(path) == held
    assert closing.action == action
    assert closing.played == [known, unknown].count("played")
    assert closing.sent == [known, unknown].count("sent")
    assert (tape.sent > 0) == ("sent" in (known, unknown))


@pytest.mark.parametrize(
    ("mode", "call", "action"),
    [
        ("none", "missed", "untouched"),
        ("once", "sent", "written"),
        ("new_episodes", "sent", "written"),
        ("all", "sent", "written"),
        ("rewrite", "sent", "written"),
        ("live", "sent", "untouched"),
    ],
)
def test_requests_and_result_without_a_cassette(
    new_path: Path, mode: str, call: str, action: str
) -> None:
    tape = _tape(new_path, mode)
    assert [_send(tape, request) for request in (A, A, C)] == [call] * 3
    assert tape.close(keep_old=False).action == action
    assert new_path.exists() == (action == "written")
    if new_path.exists():
        assert _recorded_in(new_path) == [(A, NEW), (A, NEW), (C, NEW)]


@pytest.mark.parametrize("mode", [*NAMES, "live"])
@pytest.mark.parametrize("call", [A, C])
def test_a_failed_test_keeps_the_old_cassette(path: Path, mode: str, call: Request) -> None:
    before = path.read_bytes()
    tape = _tape(path, mode)
    sent = _send(tape, call) == "sent"
    closing = tape.close(keep_old=True)
    assert (closing.action == "kept") == (sent and mode != "live")
    assert path.read_bytes() == before


@pytest.mark.parametrize("mode", NAMES)
def test_a_failed_test_writes_no_new_cassette(new_path: Path, mode: str) -> None:
    tape = _tape(new_path, mode)
    sent = _send(tape, A) == "sent"
    assert (tape.close(keep_old=True).action == "dropped") == sent
    assert not new_path.exists()


@pytest.mark.parametrize("mode", NAMES)
@pytest.mark.parametrize("which", ["path", "new_path"])
def test_interactions_recorded_in_the_same_run_are_not_replayed(
    request: pytest.FixtureRequest, mode: str, which: str
) -> None:
    path: Path = request.getfixturevalue(which)
    run = _run()
    first = _tape(path, mode, run)
    sent = _send(first, C)
    assert _send(first, C) == sent
    first.close(keep_old=False)
    assert _send(_tape(path, mode, run), C) == sent


@pytest.mark.parametrize("mode", ["once", "new_episodes", "none"])
def test_the_next_run_replays_in_recorded_order(new_path: Path, mode: str) -> None:
    tape = _tape(new_path, "once")
    _send(tape, A)
    _send(tape, A, OLD)
    tape.close(keep_old=False)
    again = _tape(new_path, mode)
    assert [_played(again, A), _played(again, A)] == [NEW, OLD]
    assert again.close(keep_old=False).action == "replayed"


@pytest.mark.parametrize("mode", ["all", "rewrite"])
def test_an_equivalent_recording_does_not_write_the_file(path: Path, mode: str) -> None:
    before = path.stat()
    tape = _tape(path, mode)
    dated = Response(200, "OK", (("date", "Sat, 31 Jan 2026"),), b"old")
    for request in (A, B):
        _send(tape, request, dated)
    assert tape.close(keep_old=False).action == "unchanged"
    assert (path.stat().st_ino, path.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


@pytest.mark.parametrize(
    ("mode", "action", "count"),
    [
        ("none", "untouched", 2),
        ("once", "untouched", 2),
        ("new_episodes", "untouched", 2),
        ("all", "untouched", 2),
        ("rewrite", "written", 0),
    ],
)
def test_result_for_a_scope_without_requests(
    path: Path, mode: str, action: str, count: int
) -> None:
    assert _tape(path, mode).close(keep_old=False).action == action
    assert len(_recorded_in(path)) == count


@pytest.mark.parametrize("mode", NAMES)
def test_a_scope_without_requests_writes_no_new_cassette(new_path: Path, mode: str) -> None:
    closing = _tape(new_path, mode).close(keep_old=False)
    assert (closing.action, closing.played, closing.sent) == ("untouched", 0, 0)
    assert not new_path.exists()


# --- what is recorded ----------------------------------------------------------------------------


def _recorded(path: Path, outcome: Outcome) -> Outcome:
    tape = _tape(path, "once")
    _send(tape, A, outcome)
    tape.close(keep_old=False)
    again = _played(_tape(path, "none"), A)
    assert again is not None
    return again


@pytest.mark.parametrize(
    "outcome",
    [
        Response(204),
        Response(200, "OK", (("Set-Cookie", "a=b"), ("Set-Cookie", "c=d")), b"\xff\x00"),
        Response(200, body=b"one two", chunks=(4, 3)),
        Response(200, body=b"half", broken_by=Failure("ReadError", "gone")),
        Failure("ConnectTimeout", "timed out"),
        Failure(CANCELLED, ""),
    ],
)
def test_an_outcome_is_loaded_as_it_was_recorded(new_path: Path, outcome: Outcome) -> None:
    assert _recorded(new_path, outcome) == outcome


def test_interactions_are_recorded_in_the_order_of_their_start(new_path: Path) -> None:
    tape = _tape(new_path, "once")
    started = [tape.start(request) for request in (A, B, C)]
    for pending in reversed(started):
        assert isinstance(pending, PendingInteraction)
        _finish(pending, NEW)
    tape.close(keep_old=False)
    assert [request for request, _ in _recorded_in(new_path)] == [A, B, C]


def test_a_request_without_an_outcome_is_not_recorded(new_path: Path) -> None:
    """For example when the test was interrupted before the response came."""
    tape = _tape(new_path, "once")
    assert isinstance(tape.start(A), PendingInteraction)
    _send(tape, B)
    tape.close(keep_old=False)
    assert _recorded_in(new_path) == [(B, NEW)]


def test_the_header_names_time_and_versions(new_path: Path) -> None:
    _recorded(new_path, NEW)
    cassette = load(new_path)
    assert cassette is not None
    assert cassette.header is not None
    assert cassette.header.recorded_with == "pytest-reprise 0.1.0, httpx 0.28.1"
    assert cassette.header.recorded_at.tzinfo is not None


def test_secrets_are_not_written_and_not_needed_in_a_replay(new_path: Path) -> None:
    def log_in(password: str, token: str) -> tuple[Request, Request]:
        headers = (("Content-Type", "application/json"),)
        body = f'{{"password":"{password}"}}'.encode()
        return (
            Request("POST", "http://api.test/login", headers, body),
            Request("GET", "http://api.test/me", (("Authorization", f"Bearer {token}"),)),
        )

    tape = _tape(new_path, "once")
    answer = Response(200, "OK", (), f"Your password is {SECRET}".encode())
    for request in log_in(SECRET, "t0ken-of-ada"):
        _send(tape, request, answer)
    tape.close(keep_old=False)
    text = new_path.read_text(encoding="utf-8")
    assert SECRET not in text
    assert "t0ken-of-ada" not in text
    again = _tape(new_path, "none")
    assert [_send(again, request) for request in log_in("", "None")] == ["played", "played"]
    assert again.not_made() is None


# --- one cassette, several scopes ----------------------------------------------------------------


def _record_for_two_scopes(path: Path) -> None:
    """Record request A for two scopes, with different responses."""
    for scope, answer in (("test_one", OLD), ("test_two", NEW)):
        tape = _tape(path, "all", scope=scope)
        _send(tape, A, answer)
        tape.close(keep_old=False)


def test_two_scopes_can_share_a_cassette(new_path: Path) -> None:
    _record_for_two_scopes(new_path)
    assert _recorded_in(new_path) == [(A, OLD), (A, NEW)]
    assert _played(_tape(new_path, "none", scope="test_two"), A) == NEW
    assert _played(_tape(new_path, "none", scope="test_one"), A) == OLD


def test_a_scope_requires_only_its_own_interactions(new_path: Path) -> None:
    _record_for_two_scopes(new_path)
    tape = _tape(new_path, "none", scope="test_two")
    tape.start(A)
    assert tape.not_made() is None
    assert tape.close(keep_old=False).unplayed == ()


def test_a_scope_rewrites_only_its_own_interactions(new_path: Path) -> None:
    _record_for_two_scopes(new_path)
    tape = _tape(new_path, "rewrite", scope="test_one")
    _send(tape, B, NEW)
    tape.close(keep_old=False)
    assert _recorded_in(new_path) == [(B, NEW), (A, NEW)]
    _tape(new_path, "rewrite", scope="test_two").close(keep_old=False)
    assert _recorded_in(new_path) == [(B, NEW)]


def test_scopes_of_one_run_keep_each_others_interactions(new_path: Path) -> None:
    run = _run()
    for scope in ("test_one", "test_two", "test_three"):
        tape = _tape(new_path, "rewrite", run, scope)
        _send(tape, A)
        tape.close(keep_old=False)
    assert len(_recorded_in(new_path)) == 3


# --- misses and required interactions-----------------------------------------------------------


@pytest.mark.parametrize("mode", ["none", "once"])
def test_a_miss_is_remembered_after_its_error_was_caught(path: Path, mode: str) -> None:
    tape = _tape(path, mode)
    with pytest.raises(RequestNotRecorded) as caught:
        tape.start(C)
    assert tape.missed == [caught.value]
    assert tape.close(keep_old=False).sent == 0


@pytest.mark.parametrize(
    ("request_", "expected_texts"),
    [
        (
            Request("GET", "http://api.test/a?page=2"),
            [
                "no interaction in the cassette matches it",
                "request   GET http://api.test/a?page=2",
                "(2 interactions; record mode none)",
                "closest   GET http://api.test/a",
                "query.page: recorded nothing, sent '2'",
                "pytest tests/test_it.py::test_it --record-mode=rewrite",
            ],
        ),
        (Request("PUT", "http://api.test/z"), ["no interaction in the cassette matches it"]),
    ],
)
def test_a_miss_shows_the_closest_interaction(
    path: Path, request_: Request, expected_texts: list[str]
) -> None:
    with pytest.raises(RequestNotRecorded) as caught:
        _tape(path, "none").start(request_)
    for text in expected_texts:
        assert text in str(caught.value)
    assert ("\n  closest " in str(caught.value)) == (len(expected_texts) > 1)


def test_a_miss_says_that_a_request_was_sent_too_often(path: Path) -> None:
    tape = _tape(path, "none")
    tape.start(A)
    with pytest.raises(RequestNotRecorded, match="more often than it was recorded"):
        tape.start(A)


def test_a_miss_without_a_cassette_names_the_option_to_record(new_path: Path) -> None:
    with pytest.raises(RequestNotRecorded, match="no cassette yet") as caught:
        _tape(new_path, "none").start(A)
    assert "--record-mode=once" in str(caught.value)


def test_a_miss_shows_no_secret(path: Path) -> None:
    headers = (("Authorization", f"Bearer {SECRET}"), ("Content-Type", "application/json"))
    body = f'{{"password":"{SECRET}p","note":"{SECRET}"}}'.encode()
    url = f"http://api.test/a?api_key={SECRET}k&q={SECRET}"
    with pytest.raises(RequestNotRecorded) as caught:
        _tape(path, "none").start(Request("GET", url, headers, body))
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize("mode", NAMES)
def test_only_modes_none_and_once_require_all_interactions(path: Path, mode: str) -> None:
    tape = _tape(path, mode)
    error = tape.not_made()
    assert bool(error) == (mode in ("none", "once"))
    if error:
        assert str(error).startswith("2 recorded calls were not made")
        assert "GET http://api.test/a" in str(error)
        assert "--record-mode=rewrite" in str(error)


def test_unplayed_interactions_are_those_not_requested(path: Path) -> None:
    tape = _tape(path, "none")
    tape.start(B)
    error = tape.not_made()
    assert str(error).startswith("A recorded call was not made")
    assert [i.request for i in tape.close(keep_old=False).unplayed] == [A]
    tape = _tape(path, "none")
    for request in (B, A):
        tape.start(request)
    assert tape.not_made() is None
    assert tape.close(keep_old=False).unplayed == ()


def test_a_legacy_cassette_does_not_require_all_interactions(path: Path) -> None:
    save(path, Cassette((Interaction(A, OLD),)))
    assert _tape(path, "none").not_made() is None


def test_a_cancelled_request_is_not_required(path: Path) -> None:
    save(path, Cassette((Interaction(A, Failure(CANCELLED, "")),), HEADER))
    tape = _tape(path, "none")
    assert tape.not_made() is None
    assert tape.close(keep_old=False).unplayed == ()


@pytest.mark.parametrize("mode", ["once", "new_episodes", "all", "rewrite"])
def test_a_refused_recording_is_a_miss_and_writes_nothing(new_path: Path, mode: str) -> None:
    def refuse(_request: Request) -> None:
        raise RecordingRefused("the server is not ready")

    tape = _tape(new_path, mode, _run(refuse))
    with pytest.raises(RecordingRefused):
        tape.start(A)
    assert [str(error) for error in tape.missed] == ["the server is not ready"]
    assert not tape.sent > 0
    tape.close(keep_old=False)
    assert not new_path.exists()


@pytest.mark.parametrize("mode", ["none", "once"])
def test_permission_to_send_is_asked_only_before_sending(path: Path, mode: str) -> None:
    asked: list[Request] = []
    tape = _tape(path, mode, _run(asked.append))
    assert [_send(tape, request) for request in (A, C)] == ["played", "missed"]
    assert asked == []


@pytest.mark.parametrize("mode", NAMES)
def test_a_broken_cassette_raises_and_is_kept(path: Path, mode: str) -> None:
    path.write_bytes(path.read_bytes()[:-10])
    before = path.read_bytes()
    with pytest.raises(CassetteError):
        _tape(path, mode)
    assert path.read_bytes() == before


# --- threads -------------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", ["none", "all"])
def test_each_request_of_many_threads_is_counted_once(path: Path, mode: str) -> None:
    answers = [Response(200, body=str(n).encode()) for n in range(40)]
    save(path, Cassette(tuple(Interaction(A, answer) for answer in answers), HEADER))
    tape = _tape(path, mode)
    ready = threading.Barrier(8)
    found: list[Played | PendingInteraction | None] = []

    def call() -> None:
        ready.wait()
        for _ in range(5):
            found.append(started := tape.start(A))
            if isinstance(started, PendingInteraction):
                _finish(started, NEW)

    threads = [threading.Thread(target=call) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    closing = tape.close(keep_old=False)
    assert closing.played + closing.sent == len(found) == 40
    if mode == "none":
        played = [one.outcome for one in found if isinstance(one, Played)]
        assert sorted(map(repr, played)) == sorted(map(repr, answers))
    else:
        assert _recorded_in(path) == [(A, NEW)] * 40


def test_two_threads_can_replay_two_cassettes(tmp_path: Path) -> None:
    run, ready = _run(), threading.Barrier(2)
    found: dict[str, list[object]] = {}
    for name in ("left", "right"):
        answers = [Response(200, body=f"{name} {n}".encode()) for n in range(500)]
        calls = tuple(Interaction(A, answer) for answer in answers)
        save(tmp_path / f"{name}.yaml", Cassette(calls, HEADER))

    def play(name: str) -> None:
        ready.wait()
        tape = _tape(tmp_path / f"{name}.yaml", "none", run)
        found[name] = [getattr(_played(tape, A), "body", None) for _ in range(500)]

    threads = [threading.Thread(target=play, args=(name,)) for name in ("left", "right")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == {name: [f"{name} {n}".encode() for n in range(500)] for name in found}
    assert len(found) == 2
