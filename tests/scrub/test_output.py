"""A recording run prints and reports no secret. The tests themselves see the real values."""

from __future__ import annotations

import re

import pytest

from ..harness import chance
from ..harness.expected import placeholder
from ..harness.installed import at_least
from ..harness.runs import Run, Server, Suite, json_answer

NOT_NEEDED = ("anyio", "base_url")

CONFTEST = """
    import logging
    import os
    import httpx
    import pytest

    BASE = os.environ["API_BASE_URL"]
    log = logging.getLogger("suite")


    @pytest.fixture(scope="session")
    def broken_login():
        found = httpx.post(BASE + "/session").json()
        log.warning("the session has %s", found)
        raise RuntimeError("no session with " + found["access_token"])


    @pytest.fixture(scope="session")
    def token():
        sent = {"password": os.environ["WORD"]}
        return httpx.post(BASE + "/token", json=sent).json()["access_token"]


    @pytest.fixture
    def failing_teardown():
        yield
        found = httpx.get(BASE + "/parting").json()["api_key"]
        print("parted with", found)
        assert found == "none"
"""
SUITE = """
    import logging
    import os
    import warnings
    import httpx
    import pytest

    BASE = os.environ["API_BASE_URL"]
    WORD = os.environ["WORD"]
    log = logging.getLogger("suite")
    pytestmark = pytest.mark.vcr


    def log_in():
        return httpx.post(BASE + "/login", json={"password": WORD}, params={"sig": WORD[::-1]})


    def test_shows():
        response = log_in()
        print(response.text)
        log.info("got %s", response.json())
        log.info(response.json()["access_token"])


    def test_sees_all(caplog, capsys):
        caplog.set_level(logging.DEBUG)
        token = log_in().json()["access_token"]
        print("out", token)
        log.info("log %s", token)
        assert token in capsys.readouterr().out
        assert token in caplog.text
        assert WORD[::-1] in caplog.text
        assert "Redacted" not in token


    def test_fails(record_property):
        token = log_in().json()["access_token"]
        record_property("token", token)
        expected = {"access_token": "another", "word": WORD}
        log.error("failing with %s", token)
        assert {"access_token": token, "word": WORD + "?"} == expected


    def test_raises():
        token = log_in().json()["access_token"]
        try:
            raise KeyError(token)
        except KeyError as error:
            raise RuntimeError(f"{WORD} and {token}") from error


    def test_long(record_property):
        claims = httpx.get(BASE + "/long").json()
        assert claims["id_token"] == "short"


    def test_uses(token, failing_teardown):
        print("uses", token)


    def test_has_no_session(broken_login):
        raise AssertionError("not reached")


    @pytest.mark.parametrize("n", [1])
    def test_skips(n):
        pytest.skip("because of " + log_in().json()["access_token"])


    @pytest.mark.xfail
    def test_is_expected_to_fail():
        assert log_in().json()["access_token"] == "short"


    def test_warns():
        warnings.warn("have " + log_in().json()["access_token"])
        with pytest.warns(UserWarning) as caught:
            warnings.warn("have " + log_in().json()["access_token"])
        assert "Redacted" not in str(caught[0].message)
"""
HAS_SUBTESTS = at_least("pytest", "9.0")
PARTS = """

    def test_parts(subtests):
        found = log_in().json()["access_token"]
        with subtests.test(msg="part"):
            print("a part", found)
            assert found == "short"
"""


class Secrets:
    """The secrets that the server gives out, made for one test."""

    def __init__(self, server: Server) -> None:
        self.made: list[str] = []
        self.word = chance.token_urlsafe(18)
        for name, key in (
            ("login", "access_token"),
            ("session", "access_token"),
            ("token", "access_token"),
            ("parting", "api_key"),
        ):
            answers = [self._answer(key, chance.token_urlsafe(18)) for _ in range(9)]
            server.answers[f"/{name}"] = [*answers]
        self.made += [self.word, self.word[::-1]]
        server.answers["/long"] = self._answer("id_token", chance.token_hex(400))

    def _answer(self, key: str, secret: str) -> tuple[int, dict[str, str], bytes]:
        cookie = chance.token_urlsafe(18)
        self.made += [secret, cookie]
        status, headers, body = json_answer({key: secret})
        return status, {**headers, "Set-Cookie": f"sid={cookie}; Path=/"}, body

    def left_in(self, text: str) -> list[str]:
        """Return the secrets of which the text contains at least 12 characters."""
        flat = re.sub(r"\s+", "", text)
        return [made for made in self.made if made[:12] in flat or made[-12:] in flat]


@pytest.fixture(name="secret")
def fixture_secret(server: Server, monkeypatch: pytest.MonkeyPatch) -> Secrets:
    made = Secrets(server)
    monkeypatch.setenv("WORD", made.word)
    return made


EVERY_OUTPUT = (
    "--log-file=run.log",
    "--log-file-level=DEBUG",
    "--junit-xml=junit.xml",
    "-o",
    "junit_logging=all",
    "-rA",
    "--showlocals",
)


@pytest.mark.parametrize("more", ["-vv", "--log-cli-level=DEBUG"], ids=["verbose", "live"])
def test_recording_shows_no_secret(
    suite: Suite, run: Run, secret: Secrets, pytester: pytest.Pytester, more: str
) -> None:
    suite(SUITE + PARTS if HAS_SUBTESTS else SUITE, CONFTEST)
    result = run("--record-mode=rewrite", *EVERY_OUTPUT, more)
    shown = {
        "stdout": result.stdout.str(),
        "stderr": result.stderr.str(),
        "log": (pytester.path / "run.log").read_text(encoding="utf-8"),
        "junit": (pytester.path / "junit.xml").read_text(encoding="utf-8"),
    }
    leaking = [
        line for text in shown.values() for line in text.splitlines() if secret.left_in(line)
    ]
    assert leaking == []
    failed = 5 if HAS_SUBTESTS else 3
    result.assert_outcomes(passed=4, failed=failed, errors=2, skipped=1, xfailed=1)
    assert all("RedactedToken" in text for text in (shown["stdout"], shown["log"], shown["junit"]))


PLAIN = """
    import logging
    import os
    import httpx
    import pytest

    BASE = os.environ["API_BASE_URL"]
    log = logging.getLogger("suite")


    def say(who):
        line = f"{who}: password={os.environ['WORD']}"
        print(line)
        log.warning(line)


    @pytest.mark.vcr
    def test_recorded():
        token = httpx.post(BASE + "/login").json()["access_token"]
        say("recorded")
        log.info("have %s", token)


    def test_not_recorded():
        say("not recorded")
        assert os.environ["WORD"] == "short"
"""
LATE = """
    import logging

    def pytest_sessionfinish(session):
        token = open("token.txt").read() if session.testsfailed else "none"
        logging.getLogger("suite").warning("the last was %s", token)
"""


def test_what_is_not_recorded_is_shown_as_it_is(
    suite: Suite, run: Run, secret: Secrets, server: Server, pytester: pytest.Pytester
) -> None:
    """Output of a test that only replays, or is not recorded, is not scrubbed."""
    suite(PLAIN, LATE)
    (pytester.path / "token.txt").write_text(secret.made[0], encoding="utf-8")

    def lines_shown(*args: str) -> list[set[str]]:
        result = run("-rA", "--log-file=run.log", "--log-file-level=INFO", *args)
        result.assert_outcomes(passed=1, failed=1)
        log = (pytester.path / "run.log").read_text(encoding="utf-8")
        kinds = "(?:not )?recorded: password=.*", "the last was .*", "have .*"
        return [
            {line for kind in kinds for line in re.findall(kind, text)}
            for text in (result.stdout.str(), log)
        ]

    plain = {f"{who}: password={secret.word}" for who in ("recorded", "not recorded")}
    last = f"the last was {secret.made[0]}"
    have = f"have {placeholder('token', 1, secret.made[0])}"
    hidden = {"recorded: password=Redacted-password-1", f"not recorded: password={secret.word}"}
    assert lines_shown("--record-mode=once") == [
        {*hidden, have},
        {*hidden, have, have.replace("have", "the last was")},
    ]
    server.stop()
    replayed = {*plain, have}
    assert lines_shown() == [replayed, {*replayed, last}]
