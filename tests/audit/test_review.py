"""`reprise audit --review` lists opaque values."""

from __future__ import annotations

import json

import pytest

from ..harness.audits import Audit, answering, write

OPAQUE = "Zk3Qp9Xv7Lm2Rt8Wy4Bn6Hc1"


def test_opaque_values_are_for_review(audit: Audit) -> None:
    write("a.yaml", answering(json.dumps({"blob": OPAQUE}), path=f"/x?next={OPAQUE[::-1]}"))
    assert audit("--format=json", ".").found == []
    ran = audit("--format=json", "--review", ".")
    assert ran.code == 0
    assert ran.found == [("request url: next", "review"), ("response body: blob", "review")]
    assert {finding["level"] for finding in ran.json["findings"]} == {"note"}
    assert "(2 to review)" in audit("--review", ".").out
    levels = audit("--review", "--format=sarif", ".").json["runs"][0]["results"]
    assert [result["level"] for result in levels] == ["note", "note"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("blob", "0b5c1f5e-6f0e-4d39-9d8a-5f0f7f3a8d11"),
        ("etag", OPAQUE),
        ("commit_sha", "f3b2c1d4e5a697887766554433221100aabbccdd"),
        ("request_id", OPAQUE),
        ("blob", OPAQUE[:23]),
        ("blob", "the-quick-brown-fox-jumps-over-13-dogs"),
        ("blob", "Redacted-token-1"),
        ("blob", "facade" + "0" * 30 + "12"),
        ("blob", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"),
        ("mail", f"{OPAQUE}@example.com"),
    ],
)
def test_public_values_are_not_for_review(audit: Audit, name: str, value: str) -> None:
    write("a.yaml", answering(json.dumps({name: value})))
    assert audit("--format=json", "--review", ".").found == []


def test_boundary_of_multipart_is_not_for_review(audit: Audit) -> None:
    body = f"--{OPAQUE}\r\nContent-Disposition: form-data; name=a\r\n\r\n1\r\n--{OPAQUE}--\r\n"
    write("a.yaml", answering(body, content_type=["multipart/form-data"]))
    assert audit("--format=json", "--review", ".").found == []


def test_finding_is_not_for_review_too(audit: Audit) -> None:
    write("a.yaml", answering(json.dumps({"access_token": OPAQUE})))
    assert audit("--format=json", "--review", ".").found == [
        ("response body: access_token", "field")
    ]


def test_reviewed_values_can_be_accepted(audit: Audit) -> None:
    write("a.yaml", answering(json.dumps({"blob": OPAQUE})))
    audit("--review", "--write-baseline=b.json", "a.yaml")
    assert audit("--review", "--format=json", "--baseline=b.json", "a.yaml").found == []
    assert (
        len(audit("--baseline=b.json", "a.yaml").lines) == 1
    )  # not stale, because --review is off
