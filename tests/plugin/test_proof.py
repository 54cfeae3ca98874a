"""`--reprise-prove`: what was recorded has to replay in a new process, offline."""

from __future__ import annotations

from pathlib import Path

import pytest

from ..harness.moving_api import CONFTEST, MovingApi
from ..harness.runs import Cassettes, Run, Server, Suite, json_answer, outcomes_by_test

NOT_NEEDED = ("faker", "base_url", "xdist")

SUITE = """
    import hashlib
    import os
    import subprocess
    import sys
    from datetime import date
    from pathlib import Path

    import pytest

    pytestmark = pytest.mark.vcr
    TODAY = str(date.today())

    def send(client, value):
        assert client.post("/echo", json={"value": value}).json()["method"] == "POST"

    def test_good(client, tmp_path):
        send(client, "always")

    def test_secret(client):
        send(client, hashlib.sha256(os.environ.get("QA_PASSWORD", "").encode()).hexdigest()[:4])

    def test_base_url(client):
        send(client, len(os.environ.get("API_BASE_URL", "")))

    def test_clock(client):
        send(client, TODAY[:4])

    def test_random(client):
        send(client, hash("text"))

    def test_process(client):
        code = "import pathlib; print(pathlib.Path('marker').exists())"
        answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
        Path("marker").touch()
        send(client, answer.stdout)
"""
REASONS = {
    "test_secret": "it depends on the value of a secret: QA_PASSWORD",
    "test_base_url": "it depends on the base URL: API_BASE_URL",
    "test_clock": "it depends on the real clock: two years later it fails",
    "test_random": "it depends on a random value that no seed reaches: *, and then *",
    "test_process": "it starts another process (python*), which is not recorded",
}


def test_what_does_not_replay_is_named_with_the_reason_and_not_written(
    suite: Suite, run: Run, server: Server, cassettes: Cassettes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("QA_PASSWORD", "correct-horse-battery")
    suite(SUITE)
    result = run("--record-mode=once", "--reprise-prove", "-v", "-x", "--junitxml=report.xml")
    assert result.ret == 1
    result.assert_outcomes(passed=6, errors=5)
    for name, reason in REASONS.items():
        result.stdout.fnmatch_lines([f"*ERROR at teardown of {name}*", f"*reason    {reason}"])
    result.stdout.fnmatch_lines(["reprise: proof: 5 of 6 tests did not replay offline, in * s"])
    assert "correct-horse" not in result.stdout.str()
    assert list(cassettes()) == ["test_suite/test_good"]
    assert 'errors="5"' in Path("report.xml").read_text(encoding="utf-8")
    server.stop()
    assert outcomes_by_test(run("-v"))["test_good"] == ["PASSED"]


def test_a_proof_replays_what_is_about_to_be_written(
    suite: Suite, run: Run, server: Server, cassettes: Cassettes
) -> None:
    """An old cassette stays if the new one does not replay; others, and fixtures, are replaced."""
    api = MovingApi(server)
    source = """
        import os
        import pytest

        pytestmark = pytest.mark.vcr

        def test_org(api, auth, org):
            assert api.get(f"/orgs/{org['id']}", headers=auth).json() == org

        def test_changing(api, auth, org):
            assert api.get(f"/orgs/{org['id']}?n=HERE", headers=auth).json() == org
    """
    suite(source.replace("HERE", "1"), CONFTEST, ini="reprise_prove = true")
    result = run("--record-mode=once")
    result.assert_outcomes(passed=2)
    result.stdout.fnmatch_lines(["reprise: proof: 2 tests replayed offline in * s"])
    before = cassettes()
    api.extra = {"plan": "free"}
    suite(source.replace("HERE", "{hash('text')}"), CONFTEST, ini="reprise_prove = true")
    result = run("--record-mode=rewrite")
    result.assert_outcomes(passed=2, errors=1)
    result.stdout.fnmatch_lines(["reprise: proof: 1 of 2 tests did not replay offline, in * s"])
    after = cassettes()
    assert after["test_suite/test_changing"] == before["test_suite/test_changing"]
    suite(source.replace("HERE", "1"), CONFTEST, ini="reprise_prove = true")
    server.stop()
    result = run("--record-mode=none")
    result.assert_outcomes(passed=2)
    assert "reprise: proof" not in result.stdout.str()


def test_a_replay_and_a_failed_recording_prove_nothing(
    suite: Suite, run: Run, server: Server
) -> None:
    server.answers["/count"] = json_answer({"n": 1})
    suite(
        """
        import pytest

        @pytest.mark.vcr
        def test_it(client):
            assert client.get("/count").json() == {"n": 2}
        """
    )
    result = run("--record-mode=once", "--reprise-prove")
    result.assert_outcomes(failed=1)
    assert "reprise: proof" not in result.stdout.str()
