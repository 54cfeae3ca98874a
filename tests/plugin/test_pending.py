"""`--reprise-pending` and `reprise review`: recordings that wait for a decision."""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
from pathlib import Path

import pytest

from pytest_reprise.commands.main import main

from ..harness.runs import Cassettes, Run, Server, Suite, json_answer

NOT_NEEDED = ("faker", "base_url", "timemachine", "anyio", "xdist")
PENDING = "--reprise-pending"

SOURCE = """
    import pytest

    pytestmark = pytest.mark.vcr

    def test_user(client):
        assert client.get("/users/7").json()["id"] == 7

    def test_order(client):
        assert client.get("/orders/1").json()["id"] == 1

    def test_same(client):
        assert client.get("/status/200").is_success

    def test_image(client):
        assert len(client.get("/image").content) > 1_000_000
"""
NEW_TEST = """
    def test_new(client):
        assert client.get("/users/8").status_code == 404
"""


def image(n: int) -> tuple[int, dict[str, str], bytes]:
    return 200, {"Content-Type": "image/png"}, bytes([n, *range(1, 250)]) * 6_000


@pytest.fixture
def pending(suite: Suite, run: Run, server: Server, cassettes: Cassettes) -> dict[str, str]:
    """The cassettes, beside which a new recording is pending for all but one."""
    suite(SOURCE)
    server.answers |= {
        "/users/7": json_answer({"id": 7, "name": "Ada"}),
        "/orders/1": json_answer({"id": 1}),
        "/image": image(0),
    }
    run("--record-mode=once").assert_outcomes(passed=4)
    before = cassettes()
    server.answers |= {
        "/users/7": json_answer({"id": 7, "title": "Ada"}),
        "/orders/1": json_answer({"id": 1, "total": 5}),
        "/image": image(9),
    }
    suite(SOURCE + NEW_TEST)
    result = run("--record-mode=rewrite", PENDING)
    result.assert_outcomes(passed=5)
    result.stdout.fnmatch_lines(
        [
            "*4 recordings are pending. Accept or reject: reprise review",
            "*0 cassettes written, 4 recordings pending, 1 unchanged*",
        ]
    )
    return before


def names(found: dict[str, str]) -> set[str]:
    return {name.removeprefix("test_suite/test_") for name in found}


def kept(pending: dict[str, str], now: dict[str, str]) -> bool:
    return pending.items() <= now.items()


def test_pending_recordings_are_no_cassettes_until_they_are_accepted(
    pending: dict[str, str],
    run: Run,
    server: Server,
    cassettes: Cassettes,
    capsys: pytest.CaptureFixture[str],
) -> None:
    server.stop()
    waiting = {"user.pending", "order.pending", "image.pending", "new.pending"}
    assert names(cassettes()) - names(pending) == waiting
    assert kept(pending, cassettes())
    assert len(list(Path().rglob("*.body"))) == 2
    missed = run("--reprise-orphans")
    missed.assert_outcomes(passed=4, failed=1)
    missed.stdout.fnmatch_lines(
        ["*pending*test_new.pending.yaml (to accept it: reprise review)", "*: 0 cassettes without*"]
    )
    assert main(["check", "cassettes"]) == 0
    assert capsys.readouterr().out.count("pending. Accept or reject: reprise review") == 4
    assert main(["review"]) == 1
    told = capsys.readouterr().out
    for line in ("GET /users/{id}  name → title", "GET /orders/{id}  total added"):
        assert line in told
    assert "test_new.yaml\n  new, 1 interaction\n    GET http" in told
    assert told.endswith("4 recordings pending\n")
    assert main(["review", "--json"]) == 1
    found = {r["cassette"]: r for r in json.loads(capsys.readouterr().out)["recordings"]}
    user = found["cassettes/test_suite/test_user.yaml"]
    assert [c["kind"] for c in user["changes"]] == ["field-renamed"]
    assert (user["is_new"], user["decision"]) == (False, "pending")
    one = "cassettes/test_suite/test_order.yaml"
    assert main(["review", one, "--reject-all"]) == 0
    assert main(["review", one]) == 2  # no such recording
    assert main(["review", "--accept-all", "--json"]) == 0
    assert '"accepted"' in capsys.readouterr().out
    now = cassettes()
    assert names(now) == names(pending) | {"new"}
    same = {name for name in pending if now[name] == pending[name]}
    assert names(dict.fromkeys(same, "")) == {"order", "same"}
    assert len(list(Path().rglob("*.body"))) == 1
    assert main(["review"]) == 0
    run().assert_outcomes(passed=5)


@pytest.mark.skipif(os.name != "posix", reason="a terminal of POSIX")
def test_decisions_in_a_terminal_take_effect_together(
    pending: dict[str, str], cassettes: Cassettes
) -> None:
    before = cassettes()
    assert "1 of 4: cassettes/test_suite/test_image.yaml" in _typed("\x03")
    assert cassettes() == before
    assert "4 recordings pending" in _typed("q\n")
    assert "3 recordings pending" in _typed("s\nwhat\nr\nq\n")
    assert names(cassettes()) == names(pending) | {"image.pending", "order.pending", "user.pending"}
    assert "1 accepted, 2 recordings pending" in _typed("a\n\x04")
    assert "2 accepted, 0 recordings pending" in _typed("A\n")
    assert cassettes().keys() == pending.keys()


def _typed(text: str) -> str:
    """Return what `reprise review` prints in a terminal in which somebody types."""
    import pty  # not on Windows

    primary, secondary = pty.openpty()
    code = "from pytest_reprise.commands.main import main; main(['review'])"
    process = subprocess.Popen(
        [sys.executable, "-c", code],
        stdin=secondary,
        stdout=secondary,
        stderr=secondary,
        start_new_session=True,
        preexec_fn=_take_terminal,
    )
    os.close(secondary)
    shown = os.read(primary, 4096)
    while b"quit: " not in shown:  # keys that are typed before are lost
        shown += os.read(primary, 4096)
    os.write(primary, text.encode())
    try:
        while piece := _read(primary, text.encode()):
            shown += piece
    except OSError:  # the terminal was closed
        pass
    os.close(primary)
    assert process.wait() in (0, 1)
    return shown.decode().replace("\r\n", "\n")


def _read(terminal: int, typed: bytes) -> bytes:
    # A Ctrl-C between the prompt and the reading of a line is noticed with the next one.
    while typed == b"\x03" and not select.select([terminal], [], [], 1)[0]:
        os.write(terminal, typed)
    return os.read(terminal, 4096)


def _take_terminal() -> None:
    import fcntl
    import signal
    import termios

    signal.signal(signal.SIGINT, signal.SIG_DFL)  # a run in the background ignores it
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


KILL = """
import os, sys
from pytest_reprise.cassette import staging
from pytest_reprise.commands import decisions
from pytest_reprise.commands.main import main
left = int(sys.argv[1])
def counting(function):
    def call(*args):
        global left
        left -= 1
        if left < 0:
            os._exit(9)
        return function(*args)
    return call
staging.move_into_place = counting(staging.move_into_place)
decisions.remove_cassette = counting(decisions.remove_cassette)
decisions.shutil.copyfile = counting(decisions.shutil.copyfile)
sys.exit(main(["review", "--accept-all"]))
"""


def test_a_review_that_is_killed_has_accepted_all_or_none(
    pending: dict[str, str], cassettes: Cassettes
) -> None:
    """The copies of four cassettes and a body, four moves, four deletions."""
    Path("pyproject.toml").touch()
    before = {p: p.read_bytes() for p in Path("cassettes").rglob("*.*")}
    waiting = {name for name in cassettes() if name.endswith(".pending")}
    accepted = {name.removesuffix(".pending"): cassettes()[name] for name in waiting}
    for moment in (0, 4, 6, 10):
        ran = subprocess.run([sys.executable, "-c", KILL, str(moment)], check=False)
        assert ran.returncode == 9
        if moment < 5:
            assert {p: p.read_bytes() for p in before} == before
        main(["review"])
        now = cassettes()
        is_accepted = accepted.items() <= now.items()
        assert is_accepted or kept(pending, now)
        assert is_accepted == (moment >= 5), moment
        assert not list(Path().rglob(".reprise-*"))
        for path in Path("cassettes").rglob("*.*"):
            path.unlink()
        for path, content in before.items():
            path.write_bytes(content)


def test_nonsense_is_refused_and_a_broken_recording_stays(
    pending: dict[str, str],
    run: Run,
    cassettes: Cassettes,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for option in ("--reprise-drift", "--record-mode=none", "--reprise-strict"):
        result = run(PENDING, option)
        assert result.ret == pytest.ExitCode.USAGE_ERROR
        result.stderr.fnmatch_lines([f"*--reprise-pending records: leave out {option}*"])
    # Recorded again, and proven: the pending recordings are replaced.
    run("--record-mode=rewrite", PENDING, "--reprise-prove").assert_outcomes(passed=5)
    assert kept(pending, cassettes())
    with pytest.raises(SystemExit):
        main(["review", "--accept-all", "--reject-all"])
    assert main(["review", "none"]) == 2
    broken = Path("cassettes/test_suite/test_user.pending.yaml")
    broken.write_text(broken.read_text(encoding="utf-8")[:-40], encoding="utf-8")
    assert main(["review", "--accept-all"]) == 2
    assert "test_user.pending.yaml:" in capsys.readouterr().err
    assert broken.exists()
    assert cassettes()["test_suite/test_user"] == pending["test_suite/test_user"]
