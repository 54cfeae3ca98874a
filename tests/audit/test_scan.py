"""What `reprise audit` finds in cassettes and in other files."""

from __future__ import annotations

import base64
import gzip
import json
import sys
from pathlib import Path

import pytest
import yaml

from ..harness.audits import Audit, Ran, answering, clean, write
from ..harness.forms import (
    CASSETTES,
    FORMS,
    PACKAGES,
    PASSWORD,
    TOKEN,
    URL,
    coded,
)


@pytest.mark.parametrize("name", CASSETTES)
def test_each_form_of_a_cassette_is_scanned(audit: Audit, name: str) -> None:
    write(name, CASSETTES[name])
    ran = audit("--format=json")
    assert ran.code == 1
    locations = {
        ("request body: password", "field"),
        ("request url: api_key", "parameter"),
        ("response body: access_token", "field"),
    }
    assert locations <= set(ran.found)
    assert len(ran.found) == (4 if name == "extra.yaml" else 3)
    assert {f["call"] for f in ran.json["findings"] if f["interaction"]} == {"POST /login"}
    assert ran.json["summary"]["cassettes"] == 1


def test_keys_that_vcrpy_does_not_have_are_scanned_too(audit: Audit) -> None:
    write("extra.yaml", CASSETTES["extra.yaml"])
    assert ("extra data: metadata.password", "field") in audit("--format=json").found


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "zstd"])
def test_compressed_bodies_are_scanned(audit: Audit, coding: str) -> None:
    if coding in PACKAGES:
        pytest.importorskip(PACKAGES[coding])
    write("a.yaml", coded(coding))
    assert ("response body: access_token", "field") in audit("--format=json").found


def test_body_that_is_too_large_when_decompressed_is_named(audit: Audit) -> None:
    write("a.yaml", answering(gzip.compress(bytes(1_000_000)) * 100, content_encoding=["gzip"]))
    ran = audit()
    assert ran.code == 2
    said = "interaction 1: a body was not searched: decompressed it has more than 32 MB"
    assert said in ran.out + ran.err


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "zstd"])
def test_body_that_is_not_compressed_in_spite_of_its_header(audit: Audit, coding: str) -> None:
    if coding in PACKAGES:
        pytest.importorskip(PACKAGES[coding])
    write("a.yaml", answering(json.dumps({"access_token": TOKEN}), content_encoding=[coding]))
    assert audit("--format=json").found == [("response body: access_token", "field")]


def test_body_without_its_package_is_reported_and_fails(
    audit: Audit, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "brotli", None)
    write("a.yaml", answering(b"\x0b\x02\x80abc\x03", content_encoding=["br"]))
    ran = audit()
    assert ran.code == 2
    assert "a.yaml: interaction 1: a body in the coding br needs a package" in ran.out


@pytest.mark.parametrize("name", ["text.yaml", "text.json", "cut.yaml"])
def test_other_files_are_read_as_text(audit: Audit, name: str) -> None:
    write(name, FORMS[name])
    ran = audit("--format=json", name)
    assert ran.code == 1
    assert [finding["interaction"] for finding in ran.json["findings"]] == [None] * len(ran.found)
    assert {rule for _, rule in ran.found} <= {"assignment", "field", "parameter"}
    assert len(ran.found) == 3
    assert (ran.json["summary"]["cassettes"], ran.json["summary"]["other_files"]) == (0, 1)
    assert bool(ran.json["unparsable"]) == (name == "cut.yaml")


def test_line_of_a_finding_in_a_text(audit: Audit) -> None:
    write("text.yaml", FORMS["text.yaml"])
    ran = audit("--format=json", "text.yaml")
    assert [f["line"] for f in ran.json["findings"]] == [2, 3, 4]


def test_line_is_where_the_interaction_begins(audit: Audit) -> None:
    document = yaml.safe_load(clean())
    document["interactions"] *= 2
    document["interactions"] += yaml.safe_load(CASSETTES["vcrpy.yaml"])["interactions"]
    write("a.yaml", yaml.safe_dump(json.loads(json.dumps(document))))
    write("b.json", json.dumps(document, indent=2))
    findings = audit("--format=json").json["findings"]
    assert {finding["file"] for finding in findings} == {"a.yaml", "b.json"}
    for finding in findings:
        assert finding["interaction"] == 3
        lines = Path(finding["file"]).read_text().splitlines()
        above, below = lines[: finding["line"] - 1], lines[finding["line"] - 1 :]
        assert "\n".join(above).count("page=2") == 2
        assert below[0] in ("- request:", "    {")
        assert URL in "\n".join(below)


@pytest.mark.parametrize(
    "written",
    [
        PASSWORD,
        base64.b64encode(f"ada:{PASSWORD}!".encode()).decode(),
        PASSWORD.encode().hex(),
        PASSWORD.replace("-", "%2D"),
    ],
)
@pytest.mark.parametrize("place", ["body", "path", "comment", "text"])
def test_secret_of_the_environment_is_found_by_its_value(
    audit: Audit, monkeypatch: pytest.MonkeyPatch, written: str, place: str
) -> None:
    texts = {
        "body": answering(f'{{"note": "see {written}"}}'),
        "path": answering("", path=f"/see/{written}/there"),
        "comment": f"# {written}\n{clean()}",
        "text": f"- see {written}\n",
    }
    write("a.yaml", texts[place])
    assert audit("--format=json", "a.yaml").found == []
    monkeypatch.setenv("SHOP_PASSWORD", PASSWORD)
    ran = audit("--format=json", "a.yaml")
    locations = {"body": "response body", "path": "request url", "comment": "file", "text": "file"}
    assert ran.found == [(locations[place], "environment")]
    assert ran.code == 1


def test_secret_of_dotenv_is_found_by_its_value(audit: Audit) -> None:
    write(".env", f"SHOP_PASSWORD={PASSWORD}\n")
    write("a.yaml", answering(f'{{"note": "see {PASSWORD}"}}'))
    assert audit("--format=json").found == [("response body", "environment")]


def test_each_secret_is_reported_once(audit: Audit, monkeypatch: pytest.MonkeyPatch) -> None:
    """By its name, and not a second time by its form or by its known value."""
    token = "ghp_" + "a1B2c3D4e5F6" * 3
    monkeypatch.setenv("GITHUB_TOKEN", token)
    write("a.yaml", answering(json.dumps({"access_token": token})))
    assert audit("--format=json").found == [("response body: access_token", "field")]


def test_configuration_is_that_of_the_directory(
    audit: Audit, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep = f'keep_values = ["{TOKEN}"]\nnames = ["colour"]\noff = ["parameter"]\n'
    write("reprise.toml", f"[scrub]\n{keep}")
    write("a.yaml", CASSETTES["vcrpy.yaml"])
    write("b.yaml", answering('{"colour": "mauve-and-teal"}'))
    locations = ["request body: password", "response body: colour"]
    assert [location for location, _ in audit("--format=json").found] == locations
    Path("below").mkdir()
    monkeypatch.chdir("below")
    assert [location for location, _ in audit("--format=json", "..").found] == locations


def test_no_finding_is_reported_and_passes(audit: Audit) -> None:
    write("a.yaml", clean())
    assert audit() == Ran(0, "0 findings in 0 of 1 cassette\n", "")


@pytest.mark.parametrize("form", ["cassette", "text", "rest"])
def test_placeholders_are_not_findings(audit: Audit, form: str) -> None:
    numbers = {"otp": "000001", "cvv": 901, "card_number": "4200000000000018"}
    held = {"password": "Redacted-password-1", "api_key": f"facade{'0' * 18}", **numbers}
    texts = {
        "cassette": answering(json.dumps(held)),
        "text": json.dumps(held),
        "rest": json.dumps({"interactions": [], "metadata": held}),
    }
    write("a.json", texts[form])
    assert audit() == Ran(0, audit().out, "")
