"""Parameters in each style, bodies of each kind, and paths below servers."""

from __future__ import annotations

from pytest_reprise.exchange import Interaction, Request, Response

from ..harness.strategies import Json
from .conftest import Reprise
from .recorded import answering, call, document, write, write_document

INTEGER: Json = {"type": "integer"}
INTEGERS: Json = {"type": "array", "items": INTEGER}
POINT: Json = {
    "type": "object",
    "required": ["x", "y"],
    "properties": {"x": INTEGER, "y": INTEGER},
}

# a parameter, a request that fits, and one that does not
STYLES: tuple[tuple[dict[str, Json], str, str], ...] = (
    ({"in": "path", "schema": INTEGER}, "GET /7", "GET /x"),
    ({"in": "path", "schema": INTEGERS}, "GET /1,2", "GET /1,x"),
    ({"in": "path", "schema": POINT}, "GET /x,1,y,2", "GET /x,1,y,b"),
    ({"in": "path", "schema": POINT, "explode": True}, "GET /x=1,y=2", "GET /x=1"),
    ({"in": "path", "schema": INTEGERS, "style": "label"}, "GET /.1,2", "GET /.1,x"),
    ({"in": "path", "schema": INTEGERS, "style": "label", "explode": True}, "GET /.1.2", "GET /.x"),
    ({"in": "path", "schema": INTEGER, "style": "matrix"}, "GET /;p=7", "GET /;p=x"),
    ({"in": "path", "schema": INTEGERS, "style": "matrix"}, "GET /;p=1,2", "GET /;p=1,x"),
    (
        {"in": "path", "schema": INTEGERS, "style": "matrix", "explode": True},
        "GET /;p=1;p=2",
        "GET /;p=1;p=x",
    ),
    (
        {"in": "path", "schema": POINT, "style": "matrix", "explode": True},
        "GET /;x=1;y=2",
        "GET /;x=1;y=b",
    ),
    ({"in": "path", "schema": {"enum": ["a/b c"]}}, "GET /a%2Fb%20c", "GET /a%2Fb"),
    ({"in": "query", "schema": INTEGER, "required": True}, "GET /a?p=7", "GET /a"),
    ({"in": "query", "schema": {"type": "boolean"}}, "GET /a?p=true", "GET /a?p=1"),
    ({"in": "query", "schema": {"type": "number"}}, "GET /a?p=-1.5e3", "GET /a?p=1,5"),
    ({"in": "query", "schema": {"type": "string", "maxLength": 1}}, "GET /a?p=7", "GET /a?p=77"),
    ({"in": "query", "schema": {"anyOf": [INTEGER, {"type": "null"}]}}, "GET /a?p=", "GET /a?p=x"),
    ({"in": "query", "schema": {"enum": [1, 2]}}, "GET /a?p=2", "GET /a?p=3"),
    ({"in": "query", "schema": {"const": "a b"}}, "GET /a?p=a+b", "GET /a?p=a"),
    ({"in": "query", "schema": INTEGERS}, "GET /a?p=1&p=2", "GET /a?p=1&p=x"),
    ({"in": "query", "schema": INTEGERS, "explode": False}, "GET /a?p=1,2", "GET /a?p=1,x"),
    (
        {"in": "query", "schema": INTEGERS, "style": "spaceDelimited", "explode": False},
        "GET /a?p=1%202",
        "GET /a?p=1%20x",
    ),
    (
        {"in": "query", "schema": INTEGERS, "style": "pipeDelimited", "explode": False},
        "GET /a?p=1|2",
        "GET /a?p=1%7Cx",
    ),
    (
        {"in": "query", "schema": POINT, "style": "deepObject"},
        "GET /a?p[x]=1&p%5By%5D=2",
        "GET /a?p[x]=1&p[y]=b",
    ),
    ({"in": "query", "schema": POINT}, "GET /a?x=1&y=2", "GET /a?x=1"),
    ({"in": "query", "schema": POINT, "explode": False}, "GET /a?p=x,1,y,2", "GET /a?p=x,1"),
    (
        {"in": "query", "content": {"application/json": {"schema": POINT}}},
        "GET /a?p=%7B%22x%22:1,%22y%22:2%7D",
        "GET /a?p=%7B%22x%22:1%7D",
    ),
    (
        {"in": "query", "schema": {"type": "string", "pattern": "^a"}},
        "GET /a?p=Redacted-token-1",
        "GET /a?p=b",
    ),
)


def _named(parameter: dict[str, Json]) -> Json:
    return {"name": "p", **parameter}


def test_styles(reprise: Reprise) -> None:
    for parameter, fitting, wrong in STYLES:
        path = "/{p}" if parameter["in"] == "path" else "/a"
        operation: Json = {"parameters": [_named(parameter)], "responses": {"200": {}}}
        spec = write_document(document({path: {"get": operation}}))
        write("a.yaml", call(fitting))
        write("b.yaml", call(wrong))
        assert reprise("check", "--openapi", spec, "a.yaml")[0] == 0, (parameter, fitting)
        code, output = reprise("check", "--openapi", spec, "b.yaml")
        assert code == 1, (parameter, wrong)
        assert output.startswith(f"GET {path} {parameter['in']} parameter p"), output


def test_headers_and_cookies(reprise: Reprise) -> None:
    found: Json = [
        {"in": "header", "name": "X-Page", "schema": INTEGER},
        {"in": "header", "name": "X-Ids", "schema": INTEGERS},
        {"in": "header", "name": "Authorization", "schema": {"const": "no effect"}},
        {"in": "cookie", "name": "theme", "schema": {"enum": ["dark"]}, "required": True},
    ]
    answer: Json = {"description": "", "headers": {"X-Left": {"required": True, "schema": INTEGER}}}
    operation: Json = {"parameters": found, "responses": {"200": answer}}
    spec = write_document(document({"/a": {"get": operation}}))
    left = Response(200, "", (("X-Left", "3"),))
    fitting = {"x-page": "1", "X-IDS": "1, 2", "Cookie": "a=b; theme=dark", "authorization": "x"}
    write("a.yaml", call("GET /a", headers=fitting)._replace(outcome=left))
    assert reprise("check", "--openapi", spec, "a.yaml")[0] == 0
    write("a.yaml", call("GET /a", headers={"x-page": "a", "x-ids": "1,b"}))
    _, output = reprise("check", "--openapi", spec, "a.yaml")
    assert [line for line in output.splitlines() if line[:4] == "GET "] == [
        'GET /a header parameter X-Page: expected integer, seen "a"',
        'GET /a header parameter X-Ids $[]: expected integer, seen "b"',
        "GET /a cookie parameter theme: expected a value (required), seen nothing",
        "GET /a answer 200 header X-Left: expected a value (required), seen nothing",
    ]


def _sent(media: str, body: bytes) -> Interaction:
    request = Request("POST", "https://api.test/a", (("content-type", media),), body)
    return Interaction(request, Response(200))


_PART = b"--b\r\nContent-Disposition: form-data; name="
MULTIPART = (
    _PART
    + b'"x"\r\n\r\n%s\r\n'
    + _PART
    + b'"y"\r\nContent-Type: application/json\r\n\r\n2\r\n'
    + _PART
    + b'"file"; filename="a.bin"\r\n\r\n\xff\x00\r\n--b--\r\n'
)


def test_request_bodies(reprise: Reprise) -> None:
    names = ("application/json", "application/x-www-form-urlencoded", "multipart/form-data")
    content: dict[str, Json] = {name: {"schema": POINT} for name in names}
    content |= {"text/*": {"schema": {"enum": ["hi"]}}, "image/png": {}}
    operation: Json = {
        "requestBody": {"required": True, "content": content},
        "responses": {"2XX": {"description": ""}},
    }
    spec = write_document(document({"/a": {"post": operation}}))
    multipart = "multipart/form-data; boundary=b"
    write(
        "a.yaml",
        _sent("application/json; charset=utf-8", b'{"x": 1, "y": 2}'),
        _sent("application/x-www-form-urlencoded", b"x=1&y=2"),
        _sent(multipart, MULTIPART % b"1"),
        _sent("text/plain", b"hi"),
        _sent("image/png", b"\x89PNG"),
    )
    assert reprise("check", "--openapi", spec, "a.yaml")[0] == 0
    write(
        "a.yaml",
        _sent("application/json", b"{"),
        _sent("application/x-www-form-urlencoded", b"x=1&y=b"),
        _sent(multipart, MULTIPART % b"a"),
        _sent("text/plain", b"ho"),
        _sent("image/gif", b"GIF"),
        call("POST /a"),
    )
    _, output = reprise("check", "--openapi", spec, "a.yaml")
    assert [line for line in output.splitlines() if line[:5] == "POST "] == [
        'POST /a request body application/json: expected JSON, seen "{"',
        'POST /a request body application/x-www-form-urlencoded $.y: expected integer, seen "b"',
        'POST /a request body multipart/form-data $.x: expected integer, seen "a"',
        'POST /a request body text/plain $: expected one of "hi", seen "ho"',
        f"POST /a request body image/gif: undocumented media type: expected {', '.join(names)}, "
        "text/*, image/png, seen image/gif",
        "POST /a request body: expected a body (required), seen nothing",
    ]


def test_paths_below_servers(reprise: Reprise) -> None:
    servers: Json = [
        {
            "url": "{scheme}://{region}.api.test/v2/",
            "variables": {"scheme": {"default": "https"}, "region": {"default": "eu"}},
        },
        {"url": "/v1"},
    ]
    spec = write_document(answering(INTEGER, servers=servers))
    fine = (
        call("GET https://eu.api.test/v2/users/7", 1),
        call("GET https://api.test/base/users/7", 1),  # the base URL of the recording
        call("GET https://api.test/v1/users/7", 1),
        call("HEAD https://api.test/users/7"),
    )
    write("a.yaml", *fine, base="https://api.test/base")
    code, output = reprise("check", "--openapi", spec, "a.yaml")
    assert (code, "4 interactions in 1 cassette: all fit" in output) == (0, True), output
    write(
        "a.yaml", call("GET https://eu.api.test/users/7", 1), call("GET https://us.api.test/v2/x")
    )
    code, output = reprise("check", "--openapi", spec, "a.yaml")
    assert output.startswith("GET /users/{id}: unknown path")
    assert "not compared: 1 request to us.api.test" in output


def test_a_fixed_path_comes_before_a_template(reprise: Reprise) -> None:
    both: dict[str, Json] = {}
    schemas = {"/users/{id}": "integer", "/users/me": "string", "/users/{id}.{ending}": "null"}
    for path, name in schemas.items():
        paths = answering({"type": name}, path)["paths"]
        assert isinstance(paths, dict)
        both |= paths
    spec = write_document(document(both))
    write("a.yaml", call("GET /users/me", "Ada"), call("GET /users/7", 7))
    assert reprise("check", "--openapi", spec, "a.yaml")[0] == 0


def test_answers_by_range_and_default(reprise: Reprise) -> None:
    answers: Json = {
        status: {"description": "", "content": {name: {"schema": {"const": status}}}}
        for status, name in (("200", "application/*"), ("4xx", "*/*"), ("default", "text/plain"))
    }
    spec = write_document(document({"/a": {"get": {"responses": answers}}}))
    text = Response(503, "", (("Content-Type", "Text/Plain"),), b"default")
    last = call("GET /a")._replace(outcome=text)
    write("a.yaml", call("GET /a", "200"), call("GET /a", "4xx", 404), last)
    code, output = reprise("check", "--openapi", spec, "a.yaml")
    assert (code, output) == (0, "3 interactions in 1 cassette: all fit openapi.json\n")
