"""`reprise coverage`: figures that were counted by hand."""

from __future__ import annotations

import json

import pytest

from ..harness.strategies import Json
from .conftest import Reprise
from .recorded import call, document, write, write_document

USER: Json = {
    "type": "object",
    "properties": {
        "id": {"type": "integer"},
        "role": {"enum": ["admin", "member"]},
        "team": {"$ref": "#/components/schemas/Team"},
    },
}
TEAM: Json = {
    "properties": {
        "name": {"type": "string"},
        "members": {"type": "array", "items": {"$ref": "#/components/schemas/User"}},
    },
}
ONE: Json = {"application/json": {"schema": {"$ref": "#/components/schemas/User"}}}
NEW: Json = {"properties": {"role": {"enum": ["a", "b"]}}}
PATHS: Json = {
    "/users": {
        "get": {
            "parameters": [
                {"name": "sort", "in": "query", "schema": {"enum": ["id", "-id", 1]}},
                {"name": "page", "in": "query", "schema": {"type": "integer"}},
            ],
            "responses": {"200": {"description": "", "content": ONE}, "4XX": {"description": ""}},
        },
        "post": {
            "requestBody": {"content": {"application/json": {"schema": NEW}}},
            "responses": {"201": {"description": ""}, "default": {"description": ""}},
        },
    },
    "/users/{id}": {
        "parameters": [{"name": "id", "in": "path", "required": True, "schema": {}}],
        "delete": {"responses": {"204": {"description": ""}}},
    },
}


def _suite() -> str:
    write(
        "tests/a.yaml",
        call("GET /users?sort=id", {"id": 1, "role": "admin", "team": {"name": "x"}}),
        call("GET /users?sort=1", {"id": 1, "unknown": 2}),
        call("POST /users", status=503, sent={"role": "a"}),
    )
    write("tests/b.yaml", call("GET /users", {"id": 2}), call("GET /nowhere", status=404))
    return write_document(document(PATHS, components={"schemas": {"User": USER, "Team": TEAM}}))


def test_figures_counted_by_hand(reprise: Reprise) -> None:
    """Answers: GET 200 and POST default of 5. Parameters: sort of sort, page and id. Enum values:
    `id` and 1 of 3, `a` of 2, `admin` of 2. Fields of GET 200: id, role, team and team.name of
    these with team.members, in which users are not entered once more."""
    spec = _suite()
    code, output = reprise("coverage", "--openapi", spec, "--format", "json", "tests")
    assert code == 0
    found = json.loads(output)
    assert found["percent"] == 40.0
    assert found["counts"] == {
        "answers": {"seen": 2, "total": 5},
        "parameters": {"seen": 1, "total": 3},
        "enum values": {"seen": 4, "total": 7},
        "fields": {"seen": 4, "total": 5},
        "operations": {"seen": 2, "total": 3},
    }
    get, post, delete = found["operations"]
    assert get == {
        "operation": "GET /users",
        "answers": [
            {"status": "200", "recordings": 3, "cassettes": ["tests/a.yaml", "tests/b.yaml"]},
            {"status": "4XX", "recordings": 0, "cassettes": []},
        ],
        "parameters_never_sent": ["query parameter page"],
        "enum_values_never_seen": [
            {"subject": "query parameter sort", "path": "$", "value": '"-id"'},
            {"subject": "answer 200", "path": "$.role", "value": '"member"'},
        ],
        "fields_never_seen": [{"subject": "answer 200", "path": "$.team.members"}],
    }
    assert post["enum_values_never_seen"] == [
        {"subject": "request body", "path": "$.role", "value": '"b"'}
    ]
    assert delete["answers"] == [{"status": "204", "recordings": 0, "cassettes": []}]


def test_the_table(reprise: Reprise) -> None:
    assert reprise("coverage", "--openapi", _suite(), "tests") == (
        0,
        "GET /users          200      tests/a.yaml and 1 more\n"
        "                    4XX      never seen\n"
        "    never sent: query parameter page\n"
        '    values never seen: query parameter sort "-id"; answer 200 $.role: "member"\n'
        "    fields never seen: answer 200 $.team.members\n"
        "POST /users         201      never seen\n"
        "                    default  tests/a.yaml\n"
        '    values never seen: request body $.role: "b"\n'
        "DELETE /users/{id}  204      never seen\n"
        "\n"
        "answers (operation × status)  2 of 5, 40.0 %\n"
        "parameters                    1 of 3, 33.3 %\n"
        "enum values                   4 of 7, 57.1 %\n"
        "fields of answers             4 of 5, 80.0 %\n"
        "operations                    2 of 3, 66.7 %\n"
        "5 interactions in 2 cassettes against openapi.json\n",
    )


def test_fail_under_and_broken_cassettes(reprise: Reprise) -> None:
    spec = _suite()
    assert reprise("coverage", "--openapi", spec, "--fail-under", "40", "tests")[0] == 0
    assert reprise("coverage", "--openapi", spec, "--fail-under", "40.1", "tests")[0] == 1
    for nonsense in ("nan", "800", "-1", "half"):
        with pytest.raises(SystemExit):
            reprise("coverage", "--openapi", spec, "--fail-under", nonsense, "tests")
    assert reprise("coverage", "--openapi", write_document(document({}), "b.json"), "tests")[0] == 0
    code, output = reprise("coverage", "--openapi", spec, "--format", "md")
    assert "| `GET /users` | `200` | 2 | `tests/a.yaml` |" in output
    write("c.yaml").write_text("interactions: [", encoding="utf-8")
    code, output = reprise("coverage", "--openapi", spec, "c.yaml", "tests")
    assert code == 2
    assert "reprise: c.yaml:" in output
