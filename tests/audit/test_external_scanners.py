"""`reprise audit --external-scanner` also runs gitleaks or kingfisher."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from ..harness.audits import NOISE, Audit, body_in_file, clean, write
from ..harness.forms import (
    TOKEN,
)

SCANNER = """\
#!{python}
import json, sys
json.dump(sys.argv[1:], open({log!r}, "w"))
option = "--report-path" if "--report-path" in sys.argv else "--output"
with open(sys.argv[sys.argv.index(option) + 1], "w") as report:
    report.write({report!r})
sys.exit({code})
"""


@pytest.fixture
def scanner(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Path]:
    """Puts a program with a name on the PATH. Returns the file to which it writes its arguments."""
    directory = tmp_path.with_name(f"{tmp_path.name}-bin")
    directory.mkdir()
    monkeypatch.setenv("PATH", str(directory))

    def put(name: str, report: str, code: int = 0) -> Path:
        log = directory / "arguments.json"
        program = directory / name
        program.write_text(
            SCANNER.format(python=sys.executable, log=str(log), report=report, code=code)
        )
        program.chmod(0o755)
        return log

    return put


def _leak(file: Path, line: int) -> dict[str, object]:
    """Return a finding in the format of gitleaks."""
    return {
        "RuleID": "generic-api-key",
        "Description": "Detected a Generic API Key",
        "StartLine": line,
        "EndLine": line,
        "Match": f"key={TOKEN}",
        "Secret": TOKEN,
        "File": str(file),
        "Fingerprint": f"{file}:generic-api-key:{line}",
    }


def test_gitleaks_is_run(audit: Audit, scanner: Callable[..., Path]) -> None:
    path = write("a.yaml", "\n" + clean()).resolve()
    write("b.txt", clean())
    leaks = [_leak(path, 5), _leak(path, 1), _leak(path.with_name("b.txt"), 3)]
    log = scanner("gitleaks", json.dumps(leaks))
    ran = audit("--format=json", "--external-scanner", ".")
    assert ran.code == 1
    assert ran.found == [("file", "gitleaks:generic-api-key")] * 2
    lines = [(f["line"], f["interaction"], f["call"]) for f in ran.json["findings"]]
    assert lines == [(1, None, None), (5, 1, "POST /pages")]
    assert TOKEN[:3] not in ran.out
    arguments = json.loads(log.read_text())
    assert arguments[0] == "dir"
    assert "--redact" in arguments
    assert arguments[-1] == str(path.parent)


def test_kingfisher_is_run_and_sends_nothing(audit: Audit, scanner: Callable[..., Path]) -> None:
    path = write("a.yaml", clean()).resolve()
    finding = {"path": str(path), "line": 7, "snippet": TOKEN, "fingerprint": "1"}
    record = {"rule": {"name": "API key", "id": "kingfisher.api.1"}, "finding": finding}
    log = scanner("kingfisher", json.dumps({"findings": [record]}) + '\n{"findings": []}\n', 200)
    ran = audit("--format=json", "--external-scanner", ".")
    assert ran.found == [("file", "kingfisher:kingfisher.api.1")]
    assert TOKEN[:3] not in ran.out
    assert {"scan", "--no-validate", "--redact", "--no-update-check"} <= set(
        json.loads(log.read_text())
    )


def test_finding_in_a_body_file_is_reported_at_its_interaction(
    audit: Audit, scanner: Callable[..., Path]
) -> None:
    file = body_in_file(NOISE).resolve()
    scanner("gitleaks", json.dumps([_leak(file, 1)]))
    [finding] = audit("--format=json", "--external-scanner", ".").json["findings"]
    assert (finding["file"], finding["interaction"]) == ("a.yaml", 2)
    assert file.name in Path("a.yaml").read_text().splitlines()[finding["line"] - 1]


@pytest.mark.parametrize("report", ["", "no JSON", "{}", '[{"File": "a"}]', "[5]"])
def test_scanner_that_fails(audit: Audit, scanner: Callable[..., Path], report: str) -> None:
    write("a.yaml", clean())
    scanner("gitleaks", report or "[", 1)
    ran = audit("--external-scanner", ".")
    assert ran.code == 2
    assert ran.err.startswith("reprise: gitleaks on ")
    assert "exit code 1 without a readable report" in ran.err


@pytest.mark.usefixtures("scanner")
def test_no_scanner(audit: Audit) -> None:
    write("a.yaml", clean())
    ran = audit("--external-scanner", ".")
    assert (ran.code, ran.out) == (2, "")
    assert "needs gitleaks or kingfisher" in ran.err
