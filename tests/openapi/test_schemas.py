"""Values against schemas in the dialects of OpenAPI 3.0 and 3.1; placeholders fit any text."""

from __future__ import annotations

import json

import pytest

from ..harness.strategies import Json
from .conftest import Reprise
from .recorded import answering, call, write, write_document

CAT: Json = {
    "type": "object",
    "required": ["kind", "lives"],
    "properties": {"kind": {}, "lives": {"type": "integer"}},
}
DOG: Json = {
    "type": "object",
    "required": ["kind", "breed"],
    "properties": {"kind": {}, "breed": {"type": "string"}},
}
TREE: Json = {
    "type": "object",
    "required": ["name"],
    "properties": {
        "name": {"type": "string"},
        "below": {"type": "array", "items": {"$ref": "#/components/schemas/Tree"}},
    },
}
COMPONENTS: Json = {"schemas": {"Cat": CAT, "Dog": DOG, "Tree": TREE}}
PET: Json = {
    "oneOf": [{"$ref": "#/components/schemas/Cat"}, {"$ref": "#/components/schemas/Dog"}],
    "discriminator": {"propertyName": "kind", "mapping": {"dog": "#/components/schemas/Dog"}},
}
UUID = "facade00-0000-4000-8000-000000000001"

# version, schema, value, and the finding ("" for none)
CASES: tuple[tuple[str, Json, Json, str], ...] = (
    ("3.0", {"type": "string", "nullable": True}, [None], ""),
    ("3.0", {"type": "string"}, [None], "$[]: expected string, seen null"),
    (
        "3.0",
        {"type": "string", "nullable": True, "enum": ["a"]},
        [None],
        '$[]: expected one of "a", seen null',
    ),
    (
        "3.0",
        {"type": "integer", "minimum": 0, "exclusiveMinimum": True},
        [0],
        "$[]: expected at least 0, seen 0",
    ),
    ("3.0", {"type": "integer", "minimum": 0, "exclusiveMinimum": False}, [0], ""),
    ("3.0", {"type": "number"}, [1, 1.5], ""),
    ("3.0", {"type": "integer"}, [1.0], ""),
    (
        "3.0",
        {"$ref": "#/components/schemas/Cat", "type": "string"},
        [{"kind": "c", "lives": 9}],
        "",
    ),
    ("3.0", {"properties": {"id": {"type": "integer"}}}, [{"id": "x"}], "$[].id: expected integer"),
    ("3.1", {"type": ["string", "null"]}, [None, "a"], ""),
    ("3.1", {"type": ["string", "null"]}, [1], "$[]: expected string or null, seen 1"),
    ("3.1", {"type": "integer", "exclusiveMinimum": 0}, [0], "$[]: expected more than 0, seen 0"),
    ("3.1", {"const": "a"}, ["b"], '$[]: expected "a", seen "b"'),
    (
        "3.1",
        {"$ref": "#/components/schemas/Cat", "minProperties": 3},
        [{"kind": "c", "lives": 9}],
        "at least 3 fields",
    ),
    ("3.1", {"prefixItems": [{"type": "integer"}], "items": False}, [[1, 2]], "$[]"),
    (
        "3.1",
        {"additionalProperties": False, "properties": {"a": {}}, "patternProperties": {"^x": {}}},
        [{"a": 1, "x1": 1}],
        "",
    ),
    (
        "3.1",
        {"additionalProperties": False, "properties": {"a": {}}},
        [{"a": 1, "b": 2}],
        "$[].b: expected no such field, seen 2",
    ),
    (
        "3.1",
        {"additionalProperties": {"type": "integer"}},
        [{"a": "1"}],
        '$[].a: expected integer, seen "1"',
    ),
    (
        "3.1",
        {"allOf": [{"$ref": "#/components/schemas/Cat"}], "unevaluatedProperties": False},
        [{"kind": "c", "lives": 9, "z": 1}],
        "no other fields",
    ),
    ("3.1", {"anyOf": [{"type": "integer"}, {"type": "null"}]}, ["a"], "$[]: expected "),
    ("3.1", PET, [{"kind": "dog", "breed": "Pug"}, {"kind": "Cat", "lives": 9}], ""),
    (
        "3.1",
        PET,
        [{"kind": "dog", "lives": "9"}],
        "$[].breed: expected a value (required), seen nothing",
    ),
    (
        "3.1",
        PET,
        [{"kind": "cow", "lives": "9"}],
        '$[].kind: expected the name of a schema (discriminator), seen "cow"',
    ),
    ("3.0", PET, [{"kind": "dog", "breed": 7}], "$[].breed: expected string, seen 7"),
    (
        "3.1",
        {"$ref": "#/components/schemas/Tree"},
        [{"name": "a", "below": [{"name": "b", "below": []}]}],
        "",
    ),
    (
        "3.1",
        {"$ref": "#/components/schemas/Tree"},
        [{"name": "a", "below": [{}]}],
        "$[].below[].name: expected a value",
    ),
    (
        "3.1",
        {"type": "object", "required": ["a", "b"], "properties": {"a": {"writeOnly": True}}},
        [{"b": 1}],
        "",
    ),
    (
        "3.1",
        {"properties": {"a": {"writeOnly": True}}},
        [{"a": 1}],
        "$[].a: expected nothing: it is only for requests",
    ),
    ("3.1", {"pattern": r"^\p{L}+$"}, ["1"], ""),  # only JavaScript knows it
    ("3.1", {"pattern": "^a"}, ["b"], '$[]: expected a text that matches "^a", seen "b"'),
    # formats
    ("3.1", {"format": "date-time"}, ["2026-01-31T10:00:00Z", "2026-01-31t10:00:60.5+01:00"], ""),
    ("3.1", {"format": "date-time"}, ["2026-02-31T10:00:00Z"], "$[]: expected the format"),
    ("3.1", {"format": "date-time"}, ["2026-01-31T10:00:00"], "$[]: expected the format"),
    ("3.1", {"format": "date"}, ["2026-1-31"], "$[]: expected the format"),
    ("3.1", {"format": "uuid"}, ["7"], "$[]: expected the format"),
    ("3.1", {"format": "email"}, ["ada"], "$[]: expected the format"),
    ("3.1", {"format": "uri"}, ["/users"], "$[]: expected the format"),
    ("3.1", {"format": "ipv4"}, ["1.2.3"], "$[]: expected the format"),
    ("3.1", {"format": "duration"}, ["P1DT2H"], ""),
    ("3.1", {"format": "duration"}, ["P"], "$[]: expected the format"),
    ("3.1", {"format": "int32"}, [2**31], "$[]: expected the format"),
    ("3.1", {"format": "int32"}, [1.5, -(2**31)], ""),
    ("3.0", {"format": "byte"}, ["a"], "$[]: expected the format"),
    ("3.1", {"format": "something", "type": "string"}, ["a"], ""),
    # placeholders
    (
        "3.1",
        {"pattern": "^sk_", "maxLength": 3, "enum": ["a"], "format": "uuid"},
        ["Redacted-token-1"],
        "",
    ),
    ("3.1", {"format": "uuid", "const": "a"}, [UUID], ""),
    ("3.1", {"type": "integer"}, ["Redacted-token-1"], "$[]: expected integer"),
    ("3.1", {"oneOf": [{"pattern": "^a"}, {"pattern": "^b"}]}, ["Redacted-token-1"], ""),
    ("3.1", {"not": {"pattern": "^a"}}, ["Redacted-token-1"], ""),
    ("3.1", {"pattern": "^https://a/"}, ["https://b/?token=Redacted-token-1"], ""),
    ("3.1", {"enum": ["a"]}, ["REDACTED"], '$[]: expected one of "a", seen "REDACTED"'),
)


@pytest.mark.parametrize("version", ["3.0", "3.1"])
def test_values_and_schemas(reprise: Reprise, version: str) -> None:
    cases = [case for case in CASES if case[0] == version]
    paths: dict[str, Json] = {}
    for number, (_, schema, _, _) in enumerate(cases):
        added = answering({"type": "array", "items": schema}, f"/{number}")["paths"]
        assert isinstance(added, dict)
        paths |= added
    whole = answering({}, "/", f"{version}.0", components=COMPONENTS)
    spec = write_document(whole | {"paths": paths})
    write("a.yaml", *(call(f"GET /{n}", values) for n, (_, _, values, _) in enumerate(cases)))
    _, output = reprise("check", "--openapi", spec, "--format", "json", "a.yaml")
    found: dict[str, list[str]] = {}
    for one in json.loads(output)["disagreements"]:
        text = f"{one['path']}: expected {one['expected']}, seen {one['recordings'][0]['seen']}"
        found.setdefault(one["operation"], []).append(text)
    wrong = []
    for number, (_, schema, values, expected) in enumerate(cases):
        texts = found.get(f"GET /{number}", [])
        if not (any(expected in text for text in texts) if expected else not texts):
            wrong.append((schema, values, expected, texts))
    assert wrong == []


def test_read_only_fields_in_requests(reprise: Reprise) -> None:
    schema: Json = {
        "type": "object",
        "required": ["id", "secret"],
        "properties": {
            "id": {"type": "integer", "readOnly": True},
            "secret": {"type": "string", "writeOnly": True},
        },
    }
    content: dict[str, Json] = {"content": {"application/json": {"schema": schema}}}
    operation: Json = {
        "requestBody": content,
        "responses": {"200": {"description": "", **content}},
    }
    spec = write_document({"openapi": "3.1.0", "paths": {"/a": {"post": operation}}})
    fine = call("POST /a", {"id": 7}, sent={"secret": "s"})
    write("a.yaml", fine, call("POST /a", {"id": 7, "secret": "s"}, sent={"id": 7}))
    _, output = reprise("check", "--openapi", spec, "a.yaml")
    found = [line.partition(", seen")[0] for line in output.splitlines() if line[:4] == "POST"]
    assert found == [
        "POST /a request body application/json $.secret: expected a value (required)",
        "POST /a request body application/json $.id: expected nothing: it is only for answers "
        "(readOnly)",
        "POST /a answer 200 $.secret: expected nothing: it is only for requests (writeOnly)",
    ]


def test_masks_in_cassettes_of_vcrpy_fit_any_text(reprise: Reprise) -> None:
    spec = write_document(answering({"properties": {"token": {"pattern": "^sk_"}}}))
    write("a.yaml", call(answer={"token": "REDACTED"}), at=None)
    assert reprise("check", "--openapi", spec, "a.yaml")[0] == 0
    write("b.yaml", call(answer={"token": "REDACTED"}))
    assert reprise("check", "--openapi", spec, "b.yaml")[0] == 1
