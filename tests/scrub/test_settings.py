"""The scrubbing configuration in whole runs: record, read the cassettes, and replay."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from collections.abc import Callable
from textwrap import dedent
from typing import Any, TypeAlias

import pytest
import yaml

from ..harness import chance
from ..harness.asking import HEAD
from ..harness.runs import Cassettes, Run, Server, Suite, json_answer

NOT_NEEDED = ("anyio", "base_url")

Configure: TypeAlias = Callable[[str], None]


@pytest.fixture(name="configure")
def fixture_configure(pytester: pytest.Pytester) -> Configure:
    """Write the table `[scrub]` of reprise.toml."""

    def write(table: str) -> None:
        text = f"[scrub]\n{dedent(table)}\n"
        (pytester.path / "reprise.toml").write_text(text, encoding="utf-8")

    return write


def _text(cassettes: Cassettes) -> str:
    return "\n".join(cassettes().values())


def _answers(cassette: str) -> list[Any]:
    """Return the JSON body of each response in a cassette."""
    found = yaml.safe_load(cassette)["interactions"]
    return [json.loads(each["response"]["body"]["string"]) for each in found]


# --- every key --------------------------------------------------------------------------------

EVERY_KEY = """
    off = ["sentence"]
    names = ["mood"]
    keep_names = ["page_password"]
    keep_values = ["{kept}"]
    values = ["{value}"]
    secrets_from = ["FAVOURITE_COLOUR"]
    json_paths = ["$.users[*].note"]
    [scrub.patterns]
    member = "M-[0-9a-f]{{10}}"
"""
EVERY_KEY_SUITE = HEAD + (
    """
    MOOD = os.environ["MOOD"]
    MEMBER = os.environ["MEMBER"]


    def test_off():
        assert ask("/off")["said"].startswith("the password is")


    def test_names():
        sent = {"params": {"mood": MOOD}, "headers": {"X-Mood": MOOD}, "json": {"mood": MOOD}}
        assert ask("/names", **sent)["mood"]
        with pytest.raises(httpx.HTTPStatusError):
            httpx.post(BASE + "/status/404", data={"mood": MOOD}).raise_for_status()


    def test_keep():
        found = ask("/keep", json={"page_password": "page-password-1"})
        assert found["page_password"] == "page-password-1"


    def test_values():
        assert ask("/values")["said"]
        assert ask("/echo", content=os.environ["FAVOURITE_COLOUR"])["method"] == "POST"


    def test_paths():
        assert [len(user) for user in ask("/paths")["users"]] == [2, 2]


    def test_patterns():
        assert ask("/members/" + MEMBER, json={"of": [MEMBER]})["id"]
    """
)


class SecretAnswers:
    """The secrets of one recording, and the answers of the server with them."""

    def __init__(self, server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
        names = "mood said kept value colour note member".split()
        self.secrets = {name: f"{name}-{chance.token_hex(5)}" for name in names}
        self.secrets["member"] = f"M-{chance.token_hex(5)}"
        set_to = {"MOOD": "mood", "MEMBER": "member", "FAVOURITE_COLOUR": "colour"}
        for variable, name in set_to.items():
            monkeypatch.setenv(variable, self.secrets[name])
        said, kept = self.secrets["said"], self.secrets["kept"]
        users = [{"id": n, "note": f"{self.secrets['note']}-{n}"} for n in (1, 2)]
        answers: dict[str, Any] = {
            "/off": {"said": f"the password is {said}"},
            "/names": {"mood": self.secrets["mood"]},
            "/keep": {"page_password": "page-password-1", "password": kept},
            "/values": {"said": f"it is {self.secrets['value']}", "at": self.secrets["value"]},
            "/paths": {"users": users, "note": "a note of nobody"},
            f"/members/{self.secrets['member']}": {"id": self.secrets["member"]},
        }
        server.answers |= {path: json_answer(value) for path, value in answers.items()}


def test_every_key(
    suite: Suite,
    run: Run,
    server: Server,
    cassettes: Cassettes,
    configure: Configure,
    monkeypatch: pytest.MonkeyPatch,
    pytester: pytest.Pytester,
) -> None:
    """Record, replay with other secrets, and replay without any configuration."""
    answers = SecretAnswers(server, monkeypatch)
    suite(EVERY_KEY_SUITE)
    configure(EVERY_KEY.format(**answers.secrets))
    run("--record-mode=once").assert_outcomes(passed=6)
    text = _text(cassettes)
    left = {name for name, secret in answers.secrets.items() if secret in text}
    assert left == {"said", "kept"}
    assert "page-password-1" in text
    assert "a note of nobody" in text
    server.stop()
    for variable in ("MOOD", "MEMBER", "FAVOURITE_COLOUR"):
        monkeypatch.setenv(variable, f"M-{chance.token_hex(5)}")
    run().assert_outcomes(passed=6)
    (pytester.path / "reprise.toml").unlink()
    run().assert_outcomes(passed=6)


def test_rules_may_be_added_after_recording(
    suite: Suite, run: Run, server: Server, cassettes: Cassettes, configure: Configure
) -> None:
    """Existing cassettes are not changed, and still replay."""
    suite(
        HEAD
        + """
    def test_ask():
        sent = {"json": {"mood": "calm"}, "headers": {"X-Mood": "calm"}}
        assert ask("/echo?mood=calm", **sent)["headers"]
        assert ask("/echo", json={"note": "write to ada@acme.io"})["method"]
    """
    )
    run("--record-mode=once").assert_outcomes(passed=1)
    before = cassettes()
    server.stop()
    configure('names = ["mood"]\npersonal = ["email"]\noff = ["header"]')
    run().assert_outcomes(passed=1)
    assert cassettes() == before


# --- personal data ----------------------------------------------------------------------------

PERSONS = """
    @pytest.mark.parametrize("name", ["one", "two"])
    def test_persons(name):
        for user in ask("/users/" + name):
            assert ask("/find", params={"email": user["email"]})["name"] == user["first_name"]
            assert "@" in user["email"] and user["email"].isascii()
            assert user["phone"].startswith("+") and len(user["phone"]) == 16
            assert [int(part) < 256 for part in user["ip"].split(".")] == [True] * 4
            assert user["first_name"] in user["greeting"]
"""
ADA = {
    "first_name": "Adalgisa",
    "email": "ada@acme.io",
    "phone": "+44 20 7946 0958",
    "ip": "203.0.114.7",
    "greeting": "Hello Adalgisa!",
}
BOB = {
    "first_name": "Bobbert-Jan",
    "email": "bob@acme.io",
    "phone": "+44 20 7946 0123",
    "ip": "203.0.114.8",
    "greeting": "Hello Bobbert-Jan!",
}


def test_personal_data(
    suite: Suite, run: Run, server: Server, cassettes: Cassettes, configure: Configure
) -> None:
    """A person has the same placeholders in all cassettes. By default personal data stays."""
    server.answers = {
        "/users/one": json_answer([ADA, BOB]),
        "/users/two": json_answer([BOB, ADA]),
        "/find": [json_answer({"name": u["first_name"]}) for u in (ADA, BOB, BOB, ADA) * 2],
    }
    suite(HEAD + PERSONS)
    run("--record-mode=once").assert_outcomes(passed=2)
    assert all(value in _text(cassettes) for value in ADA.values())
    configure('personal = ["email", "phone", "ip", "person"]')
    run("--record-mode=rewrite").assert_outcomes(passed=2)
    text = _text(cassettes)
    values = [value for user in (ADA, BOB) for value in user.values()]
    assert [value for value in values if value in text] == []
    (ada, bob), (bob_too, ada_too) = (_answers(cassette)[0] for cassette in cassettes().values())
    assert (ada, bob) == (ada_too, bob_too)
    assert all(ada[name] != bob[name] for name in ADA)
    server.stop()
    run().assert_outcomes(passed=2)


# --- a hook -----------------------------------------------------------------------------------

SIGNED = """
    import hashlib
    import hmac

    def test_signed():
        response = httpx.get(BASE + "/signed")
        key = os.environ["SEAL_WITH"].encode()
        signature = hmac.new(key, response.content, hashlib.sha256).hexdigest()
        assert response.headers["X-Seal-Signature"] == signature
        assert response.json()["access_token"]
"""
SIGNING_HOOK = """
import hashlib
import hmac

def sign(interaction, learn):
    outcome = interaction.outcome
    signature = hmac.new(b"dummy", outcome.body, hashlib.sha256).hexdigest()
    headers = tuple(
        (name, signature if name == "X-Seal-Signature" else value)
        for name, value in outcome.headers
    )
    return interaction._replace(outcome=outcome._replace(headers=headers))
"""


def test_hook_signs_scrubbed_answer(
    suite: Suite,
    run: Run,
    server: Server,
    cassettes: Cassettes,
    configure: Configure,
    monkeypatch: pytest.MonkeyPatch,
    pytester: pytest.Pytester,
) -> None:
    """A client that verifies a signature passes in a replay, with a dummy key."""
    key, token = chance.token_hex(16), chance.token_urlsafe(16)
    status, headers, body = json_answer({"access_token": token})
    signature = hmac.new(key.encode(), body, hashlib.sha256).hexdigest()
    server.answers["/signed"] = status, {**headers, "X-Seal-Signature": signature}, body
    suite(HEAD + SIGNED)
    pytester.makepyfile(signing=SIGNING_HOOK)
    configure('hook = "signing:sign"')
    monkeypatch.setenv("SEAL_WITH", key)
    run("--record-mode=once").assert_outcomes(passed=1)
    assert not {key, token, signature} & set(re.findall(r"[\w-]+", _text(cassettes)))
    server.stop()
    monkeypatch.setenv("SEAL_WITH", "dummy")
    run().assert_outcomes(passed=1)


FAILING = {
    "raises": ("raise ValueError(interaction.request.url)", "the hook raised ValueError"),
    "raises_elsewhere": ("int(interaction.request.url)", "the hook raised ValueError"),
    "returns_nothing": ("return None", "the hook returned NoneType, not an Interaction"),
    "returns_text": ("return interaction.request.url", "the hook returned str, not an Interaction"),
    "returns_half": (
        "return interaction._replace(request=None)",
        "what the hook returned cannot be written: AttributeError in ",
    ),
}


def test_hook_that_fails(
    suite: Suite,
    run: Run,
    server: Server,
    cassettes: Cassettes,
    configure: Configure,
    pytester: pytest.Pytester,
) -> None:
    """Nothing is written, and the message names the place and not the value."""
    suite(
        HEAD
        + f"""
    @pytest.mark.parametrize("name", {sorted(FAILING)})
    def test_ask(name):
        assert ask("/login")["access_token"]
        httpx.get(BASE + "/" + name, params={{"n": "mind-the-gap"}})
    """
    )
    run("--record-mode=once").assert_outcomes(passed=len(FAILING))
    before = cassettes()
    lines = ["def scrub(interaction, learn):"]
    for name, (body, _) in FAILING.items():
        lines += [f"    if '{name}?' in interaction.request.url:", f"        {body}"]
    source = "\n".join([*lines, "    return interaction"])
    (pytester.path / "failing.py").write_text(source, encoding="utf-8")
    configure('hook = "failing:scrub"')
    result = run("--record-mode=rewrite", "-rA")
    result.assert_outcomes(passed=len(FAILING), errors=len(FAILING))
    output = result.stdout.str()
    for number, (name, (_, problem)) in enumerate(FAILING.items()):
        where = f" in failing.py, line {3 + 2 * number}" if "raised" in problem else ""
        assert f"interaction 2  GET /{name}\n  problem        {problem}{where}" in output
    assert "mind-the-gap" not in output
    assert [token for token in server.tokens if token in output] == []
    assert cassettes() == before


def test_hook_learns_a_value(
    suite: Suite,
    run: Run,
    server: Server,
    cassettes: Cassettes,
    configure: Configure,
    pytester: pytest.Pytester,
) -> None:
    """It is replaced in earlier interactions and in cassettes that were written before."""
    value = f"of-the-house-{chance.token_hex(4)}"
    server.answers["/said"] = json_answer({"said": f"this is {value}"})
    server.answers["/house"] = json_answer({"house": value})
    suite(
        HEAD
        + """
    def test_one():
        assert ask("/said")["said"]


    def test_two():
        assert ask("/said")["said"]
        assert ask("/house")["house"]
        assert ask("/said")["said"]
    """
    )
    pytester.makepyfile(
        teaching="""
        import json

        def scrub(interaction, learn):
            if interaction.request.url.endswith("/house"):
                learn("house", json.loads(interaction.outcome.body)["house"])
            return interaction
        """
    )
    configure('hook = "teaching:scrub"')
    run("--record-mode=once").assert_outcomes(passed=2)
    assert value not in _text(cassettes)
    assert _text(cassettes).count("this is redacted") == 3


# --- invalid configuration --------------------------------------------------------------------


@pytest.mark.parametrize("workers", [(), ("-n", "2")], ids=["alone", "workers"])
def test_invalid_configuration_stops_the_run(
    suite: Suite, run: Run, server: Server, configure: Configure, workers: tuple[str, ...]
) -> None:
    suite(HEAD + '\n    def test_ask():\n        ask("/echo")\n')
    configure('keep_name = ["x"]')
    result = run(*workers)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    output = result.stdout.str() + result.stderr.str()
    assert "reprise.toml: unknown key scrub.keep_name. Did you mean 'keep_names'?" in output
    assert "Traceback" not in output
    assert "INTERNALERROR" not in output
    assert not server.requests
