"""Secrets that are learned late in a run, and cassettes that are recorded in several runs."""

from __future__ import annotations

import difflib
import json
import re

import pytest

from ..harness import chance
from ..harness.asking import HEAD
from ..harness.expected import placeholder
from ..harness.runs import Answer, Cassettes, Run, Server, Suite, json_answer

NOT_NEEDED = ("anyio", "base_url")


def _secret() -> str:
    return chance.token_urlsafe(18)


# --- learned late -----------------------------------------------------------------------------

LATE = (
    HEAD
    + """
    @pytest.fixture(scope="session")
    def account():
        yield ask("/account")
        ask("/closed")


    def test_early(account):
        assert ask("/early", json={"again": ask("/early")["said"]})["said"]


    def test_reports():
        raise AssertionError("a test that fails keeps what it had")


    def test_later(account):
        assert ask("/later")["access_token"]


    def test_last(account):
        assert ask("/last")["said"]
        if os.environ.get("STOP"):
            raise KeyboardInterrupt
        assert not os.environ.get("FAIL")


    def test_not_reached(account):
        assert ask("/last")["said"]
"""
)


@pytest.mark.parametrize("end", ["", "STOP", "FAIL"], ids=["whole", "interrupted", "stopped"])
def test_late_secret_is_replaced_in_earlier_cassettes(
    suite: Suite,
    run: Run,
    server: Server,
    cassettes: Cassettes,
    monkeypatch: pytest.MonkeyPatch,
    pytester: pytest.Pytester,
    end: str,
) -> None:
    """One is learned in a later test, one in the teardown of a session fixture.

    A cassette that the run did not write is not changed.
    """
    later, closed = _secret(), _secret()
    said = {"said": f"of {later} and {closed}"}
    answers = {
        "/account": {"id": 7, "note": closed},
        "/early": said,
        "/later": {"access_token": later},
        "/last": said,
        "/closed": {"api_key": closed},
    }
    server.answers |= {path: json_answer(answer) for path, answer in answers.items()}
    suite(LATE)
    kept = pytester.path / "cassettes" / "test_suite" / "test_reports.yaml"
    kept.parent.mkdir(parents=True)
    text = f"version: 1\ninteractions: []\n# {later} {closed}\n"
    kept.write_text(text, encoding="utf-8")
    if end:
        monkeypatch.setenv(end, "1")
    run("--record-mode=rewrite", *(["--maxfail=2"] if end == "FAIL" else []))
    assert kept.read_text(encoding="utf-8") == text
    kept.unlink()
    written = cassettes()
    names = {"test_suite.@account", "test_suite/test_early", "test_suite/test_later"}
    last = {"test_suite/test_last", "test_suite/test_not_reached"}
    assert set(written) == names | (set() if end else last)
    assert {name for name, text in written.items() if later in text or closed in text} == set()
    assert (
        f"of {placeholder('token', 1, later)} and {placeholder('key', 1, closed)}"
        in written["test_suite/test_early"]
    )
    server.stop()
    monkeypatch.delenv(end, raising=False)
    replayed = run("-k", "early or later")
    replayed.assert_outcomes(passed=2, deselected=3)


# --- recorded in parts ------------------------------------------------------------------------

USERS = (
    HEAD
    + """
    TOKEN = os.environ["SHOP_TOKEN"]


    def log_in(name):
        found = ask("/login", json={"name": name, "password": f"{name} the secret 1"})
        return {"Authorization": "Bearer " + found["access_token"]}


    def test_one():
        ada, bob = log_in("ada"), log_in("bob")
        assert ask("/mine", headers=bob)["name"] == "bob"
        assert ask("/mine", headers=ada)["name"] == "ada"
        assert ask(f"/shops/{TOKEN}/open")["at"]
        if os.environ.get("MORE"):
            assert ask("/mine", headers=log_in("eve"))["name"] == "eve"


    def test_two():
        bob = log_in("bob")
        print(bob)
        assert ask("/mine", headers=bob)["name"] == "bob"
        assert ask(f"/shops/{TOKEN}/open", json={"for": TOKEN, "by": "https://x/" + TOKEN})["at"]
"""
)


class Users:
    """Gives each user a new token at log-in, and answers with the user of a token."""

    def __init__(self, server: Server) -> None:
        self.given: dict[str, str] = {}
        self.opens = "10:00"
        answer = server.answer

        def answered(received: object) -> Answer:
            given = answer(received)  # type: ignore[arg-type]
            return self._answer() or given

        self._server = server
        server.answer = answered  # type: ignore[method-assign]

    def _answer(self) -> Answer | None:
        received = self._server.requests[-1]
        if received.path == "/login":
            token = _secret()
            self.given[token] = json.loads(received.body)["name"]
            return json_answer({"access_token": token, "id": len(self.given) > 0})
        if received.path == "/mine":
            token = received.headers["authorization"].removeprefix("Bearer ")
            return json_answer({"name": self.given[token], "token": token})
        return json_answer({"at": self.opens, "by": received.path})


def _changed(before: str, after: str) -> list[str]:
    """Return the lines that differ, without times."""
    lines = difflib.ndiff(before.splitlines(), after.splitlines())
    changed = [line for line in lines if line[0] in "+-"]
    return [line for line in changed if not re.match(r"[+-]\s+(at|recorded_at): ", line)]


def test_recorded_in_parts(
    suite: Suite,
    run: Run,
    server: Server,
    cassettes: Cassettes,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """An unchanged secret place keeps its placeholder, though the secret changes in each run."""
    users = Users(server)
    monkeypatch.setenv("SHOP_TOKEN", _secret())
    suite(USERS)
    run("--record-mode=once").assert_outcomes(passed=2)
    first = cassettes()
    assert re.search(r"/shops/\S*Redacted", first["test_suite/test_one"])

    monkeypatch.setenv("SHOP_TOKEN", _secret())
    run("--record-mode=rewrite", "-k", "one").assert_outcomes(passed=1, deselected=1)
    assert cassettes() == first

    users.opens = "11:30"
    monkeypatch.setenv("SHOP_TOKEN", _secret())
    run("--record-mode=rewrite", "-k", "two").assert_outcomes(passed=1, deselected=1)
    second = cassettes()
    assert second["test_suite/test_one"] == first["test_suite/test_one"]
    one, other = (text["test_suite/test_two"] for text in (first, second))
    assert [line[0] + line[1:].strip() for line in _changed(one, other)] == [
        '-"at": "10:00",',
        '+"at": "11:30",',
    ]

    monkeypatch.setenv("MORE", "1")
    run("--record-mode=new_episodes", "-k", "one").assert_outcomes(passed=1, deselected=1)
    third = cassettes()["test_suite/test_one"]
    assert third.startswith(second["test_suite/test_one"].partition("interactions:")[0])
    added = [line for line in _changed(second["test_suite/test_one"], third) if line[0] == "-"]
    assert added == []
    tokens = set(re.findall(r"Bearer (\S*Redacted\S+)", third))
    assert len(tokens) == 3
    written = "\n".join(cassettes().values())
    assert [token for token in users.given if token in written] == []

    server.stop()
    monkeypatch.setenv("SHOP_TOKEN", "none at all")
    run().assert_outcomes(passed=2)
