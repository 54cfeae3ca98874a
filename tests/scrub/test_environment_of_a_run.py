"""Secrets of the environment in a whole run: set by a fixture, and shown by a failing replay."""

from __future__ import annotations

import pytest

from ..harness import chance
from ..harness.runs import Cassettes, Run, Server, Suite, json_answer

NOT_NEEDED = ("anyio", "base_url")

CONFTEST = """
    import logging
    import os
    import pytest


    @pytest.fixture(scope="session", autouse=True)
    def settings():
        with open("word.txt") as file:
            os.environ["SHOP_PASSWORD"] = file.read()
"""
SUITE = """
    import logging
    import os
    import httpx
    import pytest

    pytestmark = pytest.mark.vcr


    def ask(path):
        return httpx.get(os.environ["API_BASE_URL"] + path)


    def test_echo():
        assert ask("/echo").json()["note"]


    def test_logs():
        response = ask("/reason")
        logging.getLogger("suite").debug("%s %s", response.reason_phrase, response.headers)
        assert response.json()["access_token"]


    def test_fails_if_told():
        word = os.environ["SHOP_PASSWORD"]
        answer = ask("/note").json()
        print("a fixture has", word)
        assert answer["note"] == "x" or not os.environ.get("FAIL"), word
"""


def _parts(secret: str) -> tuple[str, str]:
    return secret[:12], secret[-12:]


def test_variables_of_fixtures_and_outputs(
    suite: Suite,
    run: Run,
    server: Server,
    cassettes: Cassettes,
    pytester: pytest.Pytester,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    suite(SUITE, CONFTEST)
    word, token = chance.token_urlsafe(18), chance.token_urlsafe(18)
    (pytester.path / "word.txt").write_text(word, encoding="utf-8")
    server.answers["/echo"] = [json_answer({"note": f"got {word}!"})]
    server.answers["/reason"] = [json_answer({"access_token": token}, ETag=f'"{token}"')]
    server.answers["/note"] = [json_answer({"note": "y"})]
    run("--record-mode=once", "--log-file=run.log", "--log-file-level=DEBUG").assert_outcomes(
        passed=3
    )
    log = (pytester.path / "run.log").read_text(encoding="utf-8")
    files = "".join(cassettes().values())
    assert [part for part in _parts(word) + _parts(token) if part in log + files] == []
    monkeypatch.setenv("FAIL", "1")
    result = run("--record-mode=none", "-l", "-rA", "--junit-xml=junit.xml")
    result.assert_outcomes(passed=2, failed=1)
    junit = (pytester.path / "junit.xml").read_text(encoding="utf-8")
    shown = result.stdout.str() + result.stderr.str() + junit
    assert [part for part in _parts(word) if part in shown] == []
    assert "Redacted-password-" in shown
