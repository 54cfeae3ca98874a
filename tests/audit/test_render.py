"""The text of a report, which shows no value."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_reprise.audit.findings import excerpt

from ..harness.audits import Audit, answering, clean, write
from ..harness.forms import (
    CASSETTES,
    PASSWORD,
)

TEXT = """\
These values look like secrets. Each is shown shortened.

vcrpy.yaml
  line 2: interaction 1, POST /login, request body: password [field] cor…-9 (23 characters)
  line 2: interaction 1, POST /login, request url: api_key [parameter] 9f8…e4 (24 characters)
  line 2: interaction 1, POST /login, response body: access_token [field] tok…Yb (22 characters)

b.yaml: not readable as a cassette: interaction 1 cannot be read (TypeError)
3 findings in 1 of 2 cassettes (1 file that is not a cassette; 1 file left alone: not cassettes)
To fix: reprise audit --fix .
"""


def test_the_whole_text(audit: Audit) -> None:
    write("vcrpy.yaml", CASSETTES["vcrpy.yaml"])
    write("a.yaml", clean())
    write("b.yaml", "interactions: [5]")
    write("conf.yml", "")
    assert audit().out == TEXT


def test_command_that_fixes_can_be_pasted(audit: Audit) -> None:
    write("two words/it's.yaml", CASSETTES["vcrpy.yaml"])
    line = audit("two words/it's.yaml").lines[-1]
    assert line == """To fix: reprise audit --fix 'two words/it'"'"'s.yaml'"""


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("", "… (shorter than 8)"),
        ("1234567", "… (shorter than 8)"),
        ("12345678", "12… (8 characters)"),
        ("123456789012", "12…2 (12 characters)"),
        ("12345678901234567890", "123…90 (20 characters)"),
        ("1" * 999 + "2", "111…12 (1000 characters)"),
        ("\x1b[31m5678\n", "·[… (10 characters)"),
    ],
)
def test_excerpt(value: str, shown: str) -> None:
    assert excerpt(value) == shown


@given(st.text(max_size=60))
def test_excerpt_shows_a_quarter_at_most(value: str) -> None:
    shown = excerpt(value).partition(" (")[0].replace("…", "", 1)
    assert len(shown) <= len(value) / 4
    assert len(shown) <= 5


def test_secret_in_a_path_or_a_name_is_not_shown(audit: Audit) -> None:
    write("a.yaml", answering(json.dumps({"password": PASSWORD}), path=f"/of/{PASSWORD}/x"))
    write("b.yaml", answering(json.dumps({"sessions": {PASSWORD: {"otp": "7391"}}})))
    write("c.yaml", answering(json.dumps({"otp": "7391"}), path="/verify/7391"))
    ran = audit("--format=json")
    calls = {finding["call"] for finding in ran.json["findings"]}
    assert calls == {"POST /of/…/x", "POST /things", "POST /verify/…"}
    assert ("response body: sessions.….otp", "field") in ran.found
    assert "7391" not in ran.out
