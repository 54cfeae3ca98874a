"""Whole runs with large binary bodies, each kept in a file next to the cassette."""

from __future__ import annotations

from pathlib import Path

import pytest

from ..harness.runs import Cassettes, Run, Server, Suite, json_answer

NOT_NEEDED = ("anyio", "base_url", "xdist", "reverse", "faker")
FORKS = True

OLD, NEW = (bytes([first, *range(128, 256)]) * 12_000 for first in (0, 1))
BINARY = {"Content-Type": "application/octet-stream"}
DOWNLOAD = """
    import hashlib, pytest

    @pytest.mark.vcr
    def test_download(client):
        got = client.get("/image")
        assert got.is_success
        print("printed", hashlib.sha256(got.content).hexdigest())
"""
UPLOAD = """
    import random, pytest

    @pytest.mark.vcr
    def test_upload(client):
        assert client.put("/image", content=random.randbytes(1_500_000)).is_success
"""
SHARED = """
    import pytest

    pytestmark = [pytest.mark.vcr, pytest.mark.default_cassette("shared")]

    @pytest.mark.parametrize("n", [1, 2])
    def test_download(client, n):
        assert client.get(f"/image/{n}").is_success
"""


@pytest.fixture
def downloaded(suite: Suite, run: Run, server: Server) -> pytest.RunResult:
    """Record one response with a large binary body; return the result of the run."""
    server.answers["/image"] = (200, BINARY, OLD)
    suite(DOWNLOAD)
    result = run("--record-mode=once", "-s")
    result.assert_outcomes(passed=1)
    return result


def _files(pytester: pytest.Pytester) -> dict[str, tuple[int, bytes]]:
    """Return time of writing and content of each file below cassettes/, by name."""
    top = pytester.path / "cassettes"
    found = (file for file in top.rglob("*") if file.is_file())
    return {file.name: (file.stat().st_mtime_ns, file.read_bytes()) for file in found}


def _bodies(pytester: pytest.Pytester) -> list[bytes]:
    return [body for name, (_, body) in _files(pytester).items() if name.endswith(".body")]


def _printed(result: pytest.RunResult) -> list[str]:
    return [line.partition("printed ")[2] for line in result.outlines if "printed " in line]


def test_a_binary_body_is_recorded_in_its_own_file_and_replayed(
    downloaded: pytest.RunResult,
    run: Run,
    server: Server,
    cassettes: Cassettes,
    pytester: pytest.Pytester,
) -> None:
    assert _bodies(pytester) == [OLD]
    assert "!!binary" not in cassettes()["test_suite/test_download"]
    server.stop()
    before = _files(pytester)
    replayed = run("-s")
    replayed.assert_outcomes(passed=1)
    assert _printed(replayed) == _printed(downloaded) != []
    assert _files(pytester) == before


@pytest.mark.usefixtures("downloaded")
@pytest.mark.parametrize("mode", ["rewrite", "all"])
def test_recording_the_same_body_again_does_not_write_its_file(
    run: Run, pytester: pytest.Pytester, server: Server, mode: str
) -> None:
    before = _files(pytester)
    run(f"--record-mode={mode}").assert_outcomes(passed=1)
    assert len(server.requests) == 2
    assert _files(pytester) == before


@pytest.mark.usefixtures("downloaded")
def test_a_new_interaction_does_not_write_the_file_of_an_unchanged_body(
    suite: Suite, run: Run, pytester: pytest.Pytester, server: Server
) -> None:
    before = _files(pytester)
    suite(DOWNLOAD + "\n        client.get('/count')\n")
    run("--record-mode=rewrite").assert_outcomes(passed=1)
    assert len(server.requests) == 3
    after = _files(pytester)
    assert {name for name in before if before[name] != after[name]} == {"test_download.yaml"}


@pytest.mark.usefixtures("downloaded")
def test_a_changed_body_replaces_the_old_body_file(
    run: Run, server: Server, pytester: pytest.Pytester
) -> None:
    server.answers["/image"] = (200, BINARY, NEW)
    run("--record-mode=rewrite").assert_outcomes(passed=1)
    assert _bodies(pytester) == [NEW]
    server.stop()
    run().assert_outcomes(passed=1)


@pytest.mark.usefixtures("downloaded")
def test_a_body_file_is_deleted_when_no_interaction_uses_it(
    run: Run, server: Server, pytester: pytest.Pytester
) -> None:
    server.answers["/image"] = json_answer({"size": 0})
    run("--record-mode=rewrite").assert_outcomes(passed=1)
    assert list(_files(pytester)) == ["test_download.yaml"]


@pytest.mark.usefixtures("downloaded")
def test_a_failing_test_keeps_the_old_body_file(
    suite: Suite, run: Run, server: Server, pytester: pytest.Pytester
) -> None:
    before = _files(pytester)
    server.answers["/image"] = (200, BINARY, NEW)
    suite(DOWNLOAD + "\n        assert False\n")
    run("--record-mode=rewrite").assert_outcomes(failed=1)
    assert _files(pytester) == before


def test_a_binary_request_body_is_matched(
    suite: Suite, run: Run, server: Server, pytester: pytest.Pytester
) -> None:
    server.answers["/image"] = json_answer({})
    suite(UPLOAD)
    run("--record-mode=once").assert_outcomes(passed=1)
    assert _bodies(pytester) == [server.requests[0].body]
    server.stop()
    run().assert_outcomes(passed=1)
    suite(UPLOAD.replace("randbytes(1_500_000)", "randbytes(1_500_000)[::-1]"))
    run().assert_outcomes(failed=1)


def test_rewriting_one_test_keeps_body_files_of_others_in_a_shared_cassette(
    suite: Suite, run: Run, server: Server, pytester: pytest.Pytester
) -> None:
    server.answers |= {"/image/1": (200, BINARY, OLD), "/image/2": (200, BINARY, OLD[::-1])}
    suite(SHARED)
    run("--record-mode=once").assert_outcomes(passed=2)
    assert sorted(_bodies(pytester)) == sorted([OLD, OLD[::-1]])
    server.answers["/image/2"] = (200, BINARY, NEW)
    run("--record-mode=rewrite", "-k", "2").assert_outcomes(passed=1, deselected=1)
    assert sorted(_bodies(pytester)) == sorted([OLD, NEW])
    server.stop()
    run().assert_outcomes(passed=2)


@pytest.mark.usefixtures("downloaded")
def test_a_missing_body_file_is_reported_with_how_to_restore_it(
    run: Run, pytester: pytest.Pytester
) -> None:
    [body] = pytester.path.rglob("*.body")
    body.unlink()
    result = run()
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(
        [f"*test_download.yaml:*the body file {body.name} is missing", "*version control*"]
    )


@pytest.mark.usefixtures("downloaded")
def test_pytest_does_not_try_to_collect_body_files(suite: Suite, run: Run) -> None:
    suite(
        DOWNLOAD, conftest="def pytest_collect_file(file_path): print('collecting', file_path.name)"
    )
    collected = [line for line in run("-s").outlines if "collecting" in line]
    assert any("test_suite.py" in line for line in collected)
    assert not any("test_download" in line for line in collected)


@pytest.mark.usefixtures("downloaded")
def test_the_audit_at_the_end_of_a_run_reads_body_files(
    run: Run, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("--reprise-audit").assert_outcomes(passed=1)
    monkeypatch.setenv("SHOP_PASSWORD", "correct-horse-battery")
    _insert_into_body_file(b"correct-horse-battery")
    server.stop()
    result = run("--reprise-audit")
    assert result.ret == 1
    result.stdout.fnmatch_lines(["*interaction 1, GET /image, response body*environment*"])


def _insert_into_body_file(secret: bytes) -> None:
    """Insert a secret into the recorded body, as if it had not been known while recording."""
    from pytest_reprise.cassette.body_files import BodyFiles

    [file] = Path().rglob("*.body")
    files = BodyFiles("test_download")
    files.put(OLD + secret)
    [name] = files.contents
    cassette = file.with_name("test_download.yaml")
    cassette.write_bytes(cassette.read_bytes().replace(file.name.encode(), name.encode()))
    file.with_name(name).write_bytes(files.contents[name])
    file.unlink()
