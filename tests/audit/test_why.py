"""`reprise audit --why` explains which rule replaces a value, or why none does."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from ..harness.audits import Audit, answering, write
from ..harness.forms import PASSWORD, TOKEN

BODY = {
    "access_token": TOKEN,
    "season": "winter",
    "secret": "winter",
    "token": "abc",
    "note": f"see {TOKEN}",
    "phase": "hello",
    "mail": "ada@lovelace-machines.com",
    "users": [{"pin": "none"}],
}


@pytest.fixture(autouse=True)
def _cassette() -> None:
    write("a.yaml", answering(json.dumps(BODY), x_trace=["r4nd0m"]))


def _explain(audit: Audit, target: str) -> list[dict[str, Any]]:
    explanations: list[dict[str, Any]] = audit("--format=json", f"--why={target}").json[
        "explanations"
    ]
    return explanations


@pytest.mark.parametrize(
    ("target", "places"),
    [
        (TOKEN, ["response body: access_token", "response body: note"]),
        ("access_token", ["response body: access_token"]),
        ("$.access_token", ["response body: access_token"]),
        ("response body: access_token", ["response body: access_token"]),
        ("$.users[*].pin", ["response body: users[].pin"]),
        ("pin", ["response body: users[].pin"]),
        ("winter", ["response body: secret", "response body: season"]),
        ("x-trace", ["response header X-Trace"]),
        ("r4nd0m", ["response header X-Trace"]),
    ],
)
def test_what_is_explained(audit: Audit, target: str, places: list[str]) -> None:
    assert [one["place"] for one in _explain(audit, target)] == places


@pytest.mark.parametrize(
    ("configuration", "place", "before", "after"),
    [
        ("", "access_token", "a secret: rule field", "kept: rule field"),
        ("", "phase", "kept: no rule", "a secret: rule field"),
        ("", "season", "kept: the same value is a secret in", "a secret: rule field"),
        ("", "mail", "kept: rule email", "a secret: rule email"),
        ("", "token", "kept: rule field", "a secret: rule json-path"),
        ('off = ["field"]', "access_token", "kept: rule field", "a secret: rule field"),
        ('keep_names = ["access token"]', "access_token", "kept: rule", "a secret: rule field"),
    ],
)
def test_the_named_change_changes_the_decision(
    audit: Audit, configuration: str, place: str, before: str, after: str
) -> None:
    write("reprise.toml", f"[scrub]\n{configuration}\n")
    [found] = _explain(audit, place)
    assert found["reason"].startswith(before)
    change = found["change"].partition(", ")[0]
    removes = change.startswith("remove ")
    write("reprise.toml", "[scrub]\n" + ("" if removes else change))
    [changed] = _explain(audit, place)
    assert changed["reason"].startswith(after)


def test_a_value_of_the_environment(audit: Audit, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOP_PASSWORD", "x9-blue-Orbit-77")
    write("a.yaml", answering(json.dumps({"note": "x9-blue-Orbit-77"})))
    [found] = _explain(audit, "note")
    assert found["reason"].startswith("a secret: rule environment")


def test_what_replaced_a_placeholder(audit: Audit) -> None:
    audit("--fix", "a.yaml")
    [found] = _explain(audit, "access_token")
    assert found["reason"] == "replaced: rule field, by the name 'access_token'"
    assert "Redacted" in found["value"]


def test_equal_explanations_are_one(audit: Audit) -> None:
    write("b.yaml", answering(json.dumps(BODY)))
    ran = audit("--why=access_token")
    assert ran.code == 0
    assert ran.lines[1:] == [
        "  a secret: rule field, by the name 'access_token'",
        '  to change that: keep_names = ["access token"]',
        "  in a.yaml, interaction 1, and 1 more place",
    ]


def test_what_is_in_no_file_is_explained_by_itself(audit: Audit) -> None:
    ran = audit("--why=client_secret")
    assert ran.code == 1
    assert ran.lines == [
        "1 file searched: no such value or place",
        "as a name: a field, a parameter of a URL, a header of this name hold a secret",
        "as a value without a name: no rule finds a secret in it",
    ]
    assert "as a value without a name: github finds" in audit(f"--why=ghp_{'a1B2' * 9}").out


@pytest.mark.parametrize("option", ["--fix", "--review", "--format=sarif", "--baseline=b.json"])
def test_it_only_explains(audit: Audit, option: str) -> None:
    before = Path("a.yaml").read_bytes()
    ran = audit("--why=token", option)
    assert ran.code == 2
    assert "--why only explains, so it cannot be combined with --" in ran.err
    assert Path("a.yaml").read_bytes() == before


def test_an_unreadable_file_does_not_stop_the_others(audit: Audit) -> None:
    os.mkfifo("b.yaml")
    ran = audit("--why=access_token")
    assert ran.code == 2
    assert "response body: access_token" in ran.out
    assert "b.yaml: cannot be read" in ran.err


def test_no_value_is_shown_whole(audit: Audit) -> None:
    write("a.yaml", answering(json.dumps({"password": PASSWORD, "note": PASSWORD})))
    assert audit("--why=password").code == 0
    assert audit(f"--why={PASSWORD}").code == 0
