"""The report as SARIF."""

from __future__ import annotations

from ..harness.audits import Audit, write
from ..harness.forms import (
    CASSETTES,
)


def test_sarif(audit: Audit) -> None:
    write("a dir/test_it[x].yaml", CASSETTES["vcrpy.yaml"])
    ran = audit("--format=sarif")
    assert ran.code == 1
    assert ran.json["version"] == "2.1.0"
    assert ran.json["$schema"].endswith("sarif-2.1.0.json")
    (one,) = ran.json["runs"]
    driver = one["tool"]["driver"]
    assert driver["name"] == "reprise audit"
    assert [rule["id"] for rule in driver["rules"]] == ["field", "parameter"]
    assert all(rule["shortDescription"]["text"] for rule in driver["rules"])
    assert len(one["results"]) == 3
    result = one["results"][0]
    assert (result["ruleId"], result["level"]) == ("field", "error")
    assert (
        result["message"]["text"] == "POST /login, request body: password: cor…-9 (23 characters)"
    )
    place = result["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "a%20dir/test_it%5Bx%5D.yaml"
    assert place["region"]["startLine"] == 2
    prints = [r["partialFingerprints"]["place/v1"] for r in one["results"]]
    assert len(set(prints)) == 3


def test_fingerprint_stays_where_lines_move(audit: Audit) -> None:
    def prints() -> list[str]:
        results = audit("--format=sarif").json["runs"][0]["results"]
        return [result["partialFingerprints"]["place/v1"] for result in results]

    text = CASSETTES["vcrpy.yaml"]
    write("a.yaml", text)
    before = prints()
    write("a.yaml", "\n\n" + text)
    assert prints() == before
