"""Documents that are wrong, or hostile: one clear error, in bounded time."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ..harness.strategies import Json
from .conftest import Reprise
from .recorded import answering, call, document, write, write_document

A = "$.paths['/users/{id}'].get.responses['200'].content['application/json'].schema"


def _doubling(levels: int) -> dict[str, Json]:
    schemas: dict[str, Json] = {
        f"S{n}": {"allOf": [{"$ref": f"#/components/schemas/S{n + 1}"}] * 2} for n in range(levels)
    }
    return schemas | {f"S{levels}": {"type": "object"}}


BAD: dict[str, tuple[str, str]] = {
    "empty.yaml": ("", "$: an OpenAPI document is an object"),
    "broken.yaml": ("openapi: [3", "broken.yaml:2: did not find expected"),
    "broken.json": ('{\n"openapi": }', "broken.json:2: not valid JSON"),
    "swagger.yaml": ("swagger: '2.0'\n", "$: it is Swagger 2.0: convert it to OpenAPI 3"),
    "version.yaml": ("openapi: 3.2.0\n", "$: expected `openapi` 3.0.x or 3.1.x, seen 3.2.0"),
    "bomb.yaml": (
        "openapi: 3.1.0\na0: &a0 [x, x, x, x, x, x, x, x, x]\n"
        + "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 9)),
        "its aliases make it too large",
    ),
    "circular.yaml": ("openapi: 3.1.0\npaths: &a\n  /a: *a\n", "an alias inside of its own anchor"),
    "deep.json": (
        '{"openapi": "3.1.0", "x": ' + "[" * 5000 + "]" * 5000 + "}",
        "nested too deeply",
    ),
    "path.yaml": ("openapi: 3.1.0\npaths: {users: {}}\n", "$.paths.users: a path begins with /"),
    "server.yaml": (
        "openapi: 3.1.0\nservers: [{url: 'http://[x'}]\n",
        "$.servers[0].url: http://[x is no URL",
    ),
    "list.yaml": ("openapi: 3.1.0\npaths: []\n", "$.paths: expected an object"),
    "parameter.yaml": (
        "openapi: 3.1.0\npaths: {/a: {get: {parameters: [{name: x}]}}}\n",
        "$.paths['/a'].get.parameters[0]: a parameter needs `in`, a text",
    ),
}

BAD_SCHEMAS: tuple[tuple[Json, str], ...] = (
    ({"type": "strin"}, f"{A}.type: expected one of array, boolean, "),
    ({"required": "id"}, f"{A}.required: expected a list of texts"),
    ({"properties": {"a": 7}}, f"{A}.properties.a: a schema is an object"),
    ({"exclusiveMinimum": "0"}, f"{A}.exclusiveMinimum: expected "),
    ({"multipleOf": 0}, f"{A}.multipleOf: expected a number above 0"),
    ({"minLength": "3"}, f"{A}.minLength: expected a number from 0"),
    (
        {"$ref": "#/components/schemas/None"},
        f"{A}: $ref '#/components/schemas/None' does not exist",
    ),
    ({"$ref": "http://127.0.0.1:1/a.yaml"}, "only files beside a local document are followed"),
    ({"$ref": "/etc/passwd"}, "a $ref to a file that is no .yaml, .yml or .json"),
    ({"$ref": "missing.yaml#/A"}, "missing.yaml: no such file"),
    ({"$ref": "#/components/schemas/Loop"}, "a schema that contains itself: a circular $ref"),
    ({"$ref": "#/components/schemas/Self"}, "a schema that contains itself: a circular $ref"),
    ({"$ref": "#/components/schemas/S0"}, "more than 100000 alternatives"),
)


def test_what_is_wrong_is_named(reprise: Reprise) -> None:
    write("a.yaml", call(answer={}))
    for name, (text, problem) in BAD.items():
        Path(name).write_text(text, encoding="utf-8")
        code, output = reprise("check", "--openapi", name, "a.yaml")
        assert (name, code, problem in output, output.count("\n")) == (name, 2, True, 1), output
    Path("bytes.yaml").write_bytes(b"openapi: \xff")
    assert "bytes.yaml:1: not UTF-8" in reprise("check", "--openapi", "bytes.yaml", "a.yaml")[1]


@pytest.mark.parametrize("version", ["3.0.3", "3.1.0"])
def test_schemas_that_are_wrong(reprise: Reprise, version: str) -> None:
    loops: dict[str, Json] = {
        "Loop": {"allOf": [{"anyOf": [{"$ref": "#/components/schemas/Loop"}]}]},
        "Self": {"$ref": "#/components/schemas/Self"},
    }
    components: Json = {"schemas": _doubling(20) | loops}
    write("a.yaml", call(answer={}))
    for schema, problem in BAD_SCHEMAS:
        spec = write_document(answering(schema, version=version, components=components))
        code, output = reprise("check", "--openapi", spec, "a.yaml")
        assert (code, problem in output) == (2, True), output
        assert output.startswith("reprise: openapi.json: $")


def test_references_that_multiply_with_the_value_are_bounded(reprise: Reprise) -> None:
    twice: Json = {"allOf": [{"properties": {"a": {"$ref": "#/components/schemas/T"}}}] * 2}
    spec = write_document(
        answering({"$ref": "#/components/schemas/T"}, components={"schemas": {"T": twice}})
    )
    value: Json = {}
    for _ in range(90):
        value = {"a": value}
    write("a.yaml", call(answer=value))
    code, output = reprise("check", "--openapi", spec, "a.yaml")
    assert code == 2
    assert "its references take too many steps for a recorded value" in output


def test_references_to_other_files(reprise: Reprise, directory: Path) -> None:
    (directory / "common" / "deep").mkdir(parents=True)
    (directory / "common" / "users.yaml").write_text(
        "User:\n  properties:\n    id: {$ref: 'deep/ids.json#/~1Id'}\n"
        "get:\n  responses:\n    200:\n      content:\n        application/json:\n"
        "          schema: {$ref: '#/User'}\n",
        encoding="utf-8",
    )
    ids: Json = {"/Id": {"type": "integer"}}
    (directory / "common" / "deep" / "ids.json").write_text(json.dumps(ids), encoding="utf-8")
    spec = write_document(document({"/users/{id}": {"$ref": "common/users.yaml"}}))
    write("a.yaml", call(answer={"id": 7}), call(answer={"id": "7"}))
    code, output = reprise("check", "--openapi", spec, "a.yaml")
    assert code == 1
    assert output.startswith('GET /users/{id} answer 200 $.id: expected integer, seen "7"\n')
    assert "  specification: ids.json $['/Id']\n" in output


def test_yaml_is_that_of_version_1_2(reprise: Reprise) -> None:
    Path("openapi.yaml").write_text(
        "openapi: 3.1.0\npaths:\n  /users/{id}:\n    get:\n      responses:\n        200:\n"
        "          content:\n            application/json:\n              schema:\n"
        "                properties:\n                  country:\n"
        "                    enum: [no, on, 1:30, 2026-01-31]\n"
        "                  on: {const: 010}\n",
        encoding="utf-8",
    )
    values = ("no", "on", "1:30", "2026-01-31")
    write("a.yaml", *(call(answer={"country": value, "on": 10}) for value in values))
    assert reprise("check", "--openapi", "openapi.yaml", "a.yaml")[0] == 0
    write("b.yaml", call(answer={"country": False}))
    code, output = reprise("check", "--openapi", "openapi.yaml", "b.yaml")
    assert code == 1
    assert 'expected one of "no", "on", "1:30", "2026-01-31", seen false' in output
