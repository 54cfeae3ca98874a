"""Baselines: findings that a project accepts."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from ..harness.audits import Audit, Ran, clean, write
from ..harness.forms import (
    CASSETTES,
    KEY,
    PASSWORD,
    TOKEN,
)


def test_accepted_findings_do_not_count(audit: Audit) -> None:
    write("tapes/a.yaml", CASSETTES["vcrpy.yaml"])
    assert audit("--write-baseline=accepted.json", "tapes").code == 0
    ran = audit("--baseline=accepted.json", "tapes")
    assert ran == Ran(0, "0 findings in 0 of 1 cassette (3 accepted by the baseline)\n", "")
    write("tapes/b.yaml", CASSETTES["vcrpy.yaml"])
    ran = audit("--format=json", "--baseline=accepted.json", "tapes")
    assert ran.code == 1
    assert {finding["file"] for finding in ran.json["findings"]} == {"tapes/b.yaml"}


def test_the_whole_baseline(audit: Audit) -> None:
    write("tapes/a.yaml", CASSETTES["vcrpy.yaml"])
    Path("ci").mkdir()
    audit("--write-baseline=ci/accepted.json", "tapes")
    text = Path("ci/accepted.json").read_text(encoding="utf-8")
    entry = '    {"file": "../tapes/a.yaml", "call": "POST /login", "location": "'
    assert text == (
        '{\n  "version": 1,\n  "accepted": [\n'
        f'{entry}request body: password", "rule": "field", "excerpt": "cor…-9 (23 characters)"}},\n'
        f'{entry}request url: api_key", "rule": "parameter", "excerpt": "9f8…e4 (24 characters)"}},'
        f'\n{entry}response body: access_token", "rule": "field", '
        '"excerpt": "tok…Yb (22 characters)"}\n'
        "  ]\n}\n"
    )


def test_empty_baseline(audit: Audit) -> None:
    write("a.yaml", clean())
    audit("--write-baseline=b.json", "a.yaml")
    assert json.loads(Path("b.json").read_text()) == {"version": 1, "accepted": []}
    assert audit("--baseline=b.json", "a.yaml").code == 0


def test_baseline_holds_when_interactions_move(audit: Audit) -> None:
    document = yaml.safe_load(CASSETTES["vcrpy.yaml"])
    path = write("a.yaml", yaml.safe_dump(document))
    audit("--write-baseline=b.json", "a.yaml")
    document["interactions"].insert(0, yaml.safe_load(clean())["interactions"][0])
    path.write_text(yaml.safe_dump(document, sort_keys=False))
    assert audit("--baseline=b.json", "a.yaml").code == 0


def test_baseline_holds_from_another_directory(
    audit: Audit, monkeypatch: pytest.MonkeyPatch
) -> None:
    write("tapes/a.yaml", CASSETTES["vcrpy.yaml"])
    audit("--write-baseline=b.json", "tapes")
    monkeypatch.chdir("tapes")
    assert audit("--baseline=../b.json", ".").code == 0


def test_stale_entries_are_reported(audit: Audit) -> None:
    write("a.yaml", CASSETTES["vcrpy.yaml"])
    write("b.yaml", CASSETTES["vcrpy.yaml"])
    audit("--write-baseline=base.json", "a.yaml", "b.yaml")
    write("a.yaml", clean())
    ran = audit("--baseline=base.json", "a.yaml")
    assert ran.code == 0
    assert len(ran.lines) == 4
    assert ran.lines[0].startswith("a.yaml: stale baseline entry: POST /login")
    Path("b.yaml").unlink()
    assert len(audit("--baseline=base.json", "a.yaml").lines) == 7


def test_fix_keeps_accepted_values(audit: Audit) -> None:
    path = write("a.yaml", CASSETTES["vcrpy.yaml"])
    audit("--write-baseline=b.json", "a.yaml")
    baseline = json.loads(Path("b.json").read_text())
    del baseline["accepted"][0]
    write("b.json", json.dumps(baseline))
    assert audit("--fix", "--baseline=b.json", "a.yaml").code == 0
    text = path.read_text()
    assert [secret in text for secret in (PASSWORD, TOKEN, KEY)] == [False, True, True]


@pytest.mark.parametrize(
    ("text", "line", "problem"),
    [
        ('{\n  "version": 1,\n  accepted', 3, "Expecting property name"),
        ("[]", 1, "version"),
        ('{"version": 2, "accepted": []}', 1, "version"),
        ('{"version": 1, "accepted": {}}', 1, "not a list"),
        ('{"version": 1, "accepted": [\n5]}', 2, "an entry needs the texts"),
        ('{"version": 1, "accepted": [\n\n{"file": "a"}]}', 3, "an entry needs the texts"),
        (b'{"version": \xff}', 1, "UTF-8"),
        ("[" * 100_000, 1, "JSON"),
    ],
)
def test_broken_baseline(audit: Audit, text: str | bytes, line: int, problem: str) -> None:
    write("b.json", text)
    ran = audit("--baseline=b.json", ".")
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith(f"reprise: b.json:{line}: not a baseline: ")
    assert problem in ran.err


def test_missing_baseline(audit: Audit) -> None:
    ran = audit("--baseline=b.json", ".")
    assert ran.code == 2
    assert "write it with --write-baseline b.json" in ran.err
