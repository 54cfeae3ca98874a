"""`--reprise-openapi`: a run fails if its cassettes do not fit a document."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ..harness.runs import Run, Server, Suite, json_answer

NOT_NEEDED = ("anyio", "base_url")
FORKS = True

SUITE = """
    import pytest

    @pytest.mark.vcr
    def test_it(client):
        client.get("/users/7")

    @pytest.mark.vcr
    def test_other(client):
        client.get("/users/8")
"""


def _write_document(schema: dict[str, object]) -> None:
    content = {"application/json": {"schema": schema}}
    operation = {"responses": {"200": {"description": "", "content": content}, "404": {}}}
    paths = {"/users/{id}": {"get": operation}}
    document = {"openapi": "3.1.0", "info": {"title": "A", "version": "1"}, "paths": paths}
    Path("openapi.json").write_text(json.dumps(document), encoding="utf-8")


def _section(result: pytest.RunResult) -> list[str]:
    lines = result.outlines
    start = next(n for n, line in enumerate(lines) if " reprise openapi " in line)
    return [line for line in lines[start + 1 :] if line and not line.startswith(("=", "reprise:"))]


def test_what_a_run_recorded_and_what_it_replays(suite: Suite, run: Run, server: Server) -> None:
    suite(SUITE)
    server.answers["/users/7"] = json_answer({"id": 7})
    server.answers["/users/8"] = json_answer({"id": "8"})
    _write_document({"properties": {"id": {"type": ["integer", "string"]}}})
    recorded = run("--record-mode=once", "--reprise-openapi=openapi.json")
    assert recorded.ret == 0
    assert _section(recorded) == ["2 interactions in 2 cassettes: all fit openapi.json"]
    _write_document({"properties": {"id": {"type": "integer"}}})
    page = "--reprise-report=report.html"
    replayed = run("--reprise-openapi=openapi.json", page)
    assert replayed.ret == 1
    lines = _section(replayed)
    assert lines[0] == 'GET /users/{id} answer 200 $.id: expected integer, seen "8"'
    assert lines[1].startswith("  cassettes/test_suite/test_other.yaml:")
    assert lines[-1] == "2 interactions in 2 cassettes: 1 disagreement with openapi.json"
    html = Path("report.html").read_text(encoding="utf-8")
    assert "Disagreements with the specification" in html
    assert "Coverage of the API" in html
    assert run("-n2", "-p", "xdist", "--reprise-openapi=openapi.json").ret == 1


def test_a_document_that_cannot_be_used_stops_the_run(suite: Suite, run: Run) -> None:
    suite("def test_plain(): pass")
    result = run("--reprise-openapi=missing.yaml")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["ERROR: missing.yaml: no such file.*"])
    result = run("--reprise-openapi=http://127.0.0.1:1/a.json", "--record-mode=none")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(
        [
            "ERROR: http://127.0.0.1:1/a.json: not fetched, since nothing is sent in this run. "
            "Name a file with the document"
        ]
    )
    _write_document({"type": "strin"})
    result = run("--reprise-openapi=openapi.json")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["ERROR: openapi.json: $.paths*type: expected one of array*"])


def test_no_recorded_test_is_no_disagreement(suite: Suite, run: Run) -> None:
    suite("def test_plain(): pass")
    _write_document({})
    assert run("--reprise-openapi=openapi.json").ret == 0
