"""YAML text ↔ Cassette: exact both ways, readable for vcrpy alone, one error for any other text."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from pytest_recording._vcr import load_cassette
from vcr.serialize import deserialize
from vcr.serializers import yamlserializer

from pytest_reprise.cassette.dump import NO_RESPONSE, dump
from pytest_reprise.cassette.json_blocks import indented
from pytest_reprise.cassette.load import parse
from pytest_reprise.cassette.model import Cassette, Header
from pytest_reprise.errors import CassetteError
from pytest_reprise.exchange import Failure, Headers, Interaction, Request, Response

from ..harness.strategies import (
    FEW,
    MANY,
    SOME,
    cassettes,
    header_names,
    header_values,
    signed_cassettes,
)

PATH = Path("cassettes/test_it.yaml")
HEADER = Header(datetime(2026, 1, 31, 12, tzinfo=UTC), "pytest-reprise 0.1.0, httpx 0.28.1")

SAMPLE = """\
version: 1
reprise:
  version: 1
  recorded_at: '2026-01-31T12:00:00+00:00'
  recorded_with: pytest-reprise 0.1.0, httpx 0.28.1
  seed: 7
  scope: '@token'
interactions:
- request:
    method: POST
    uri: http://api.test/users?a=1
    body: |-
      {
        "name": "Ada",
        "tags": [
          "é"
        ]
      }
    headers:
      Content-Type:
      - application/json
  response:
    status:
      code: 201
      message: Created
    headers:
      set-cookie:
      - a=1
      - b=2
    body:
      string: |
        line
        ...
  reprise:
    request_json: compact
    http_version: HTTP/2
    chunks: 5 4
    broken_by:
      error: ReadError
      message: gone
- request:
    method: GET
    uri: http://api.test/avatar
    body: !!binary |
      //79
    headers: {}
  response:
    status:
      code: 599
      message: ConnectTimeout
    headers: {}
    body:
      string: ''
  reprise:
    scope: test_other
    failure:
      error: ConnectTimeout
      message: timed out
...
"""
SAMPLE_CASSETTE = Cassette(
    (
        Interaction(
            Request(
                "POST",
                "http://api.test/users?a=1",
                (("Content-Type", "application/json"),),
                '{"name":"Ada","tags":["é"]}'.encode(),
            ),
            Response(
                201,
                "Created",
                (("set-cookie", "a=1"), ("set-cookie", "b=2")),
                b"line\n...\n",
                "HTTP/2",
                (5, 4),
                Failure("ReadError", "gone"),
            ),
        ),
        Interaction(
            Request("GET", "http://api.test/avatar", (), b"\xff\xfe\xfd"),
            Failure("ConnectTimeout", "timed out"),
            "test_other",
        ),
    ),
    Header(
        datetime(2026, 1, 31, 12, tzinfo=UTC), "pytest-reprise 0.1.0, httpx 0.28.1", "@token", 7
    ),
)


# --- both ways --------------------------------------------------------------------------------


def test_text_of_the_sample() -> None:
    assert dump(SAMPLE_CASSETTE) == SAMPLE


def test_cassette_of_the_sample() -> None:
    assert parse(SAMPLE, PATH) == SAMPLE_CASSETTE


@pytest.mark.parametrize(
    ("body", "written"),
    [
        (b"", "''"),
        (b"hello", "hello"),
        (b"12", "'12'"),
        ("h\u00e9llo".encode(), "h\u00e9llo"),
        (b"one\ntwo", "|-\n        one\n        two"),
        (b"one\n", "|\n        one"),
        (b'{"a": 1}', '|-\n        {\n          "a": 1\n        }'),
        (b'{"a" :1}', "'{\"a\" :1}'"),
        (b"\xff", "!!binary |\n        /w=="),
        (b"nu\x00l", '"nu\\0l"'),
    ],
)
def test_body_is_written_readably(body: bytes, written: str) -> None:
    response = Response(200, "OK", (), body)
    text = dump(Cassette((Interaction(Request("GET", "/"), response),)))
    assert f"      string: {written}\n" in text


@MANY
@given(cassettes)
def test_text_gives_the_cassette_back(cassette: Cassette) -> None:
    text = dump(cassette)
    assert parse(text, PATH) == cassette
    assert dump(parse(text, PATH)) == text


@SOME
@given(signed_cassettes)
def test_text_with_crlf_gives_the_cassette_back(cassette: Cassette) -> None:
    """As git checks out on Windows with core.autocrlf."""
    checked_out = dump(cassette).encode().replace(b"\n", b"\r\n")
    assert parse(checked_out.decode(), PATH) == cassette


@SOME
@given(st.lists(st.tuples(header_names, header_values), max_size=8).map(tuple))
def test_headers_of_the_same_name_keep_their_order(headers: Headers) -> None:
    """vcrpy groups them by name. The order of names is not significant (RFC 9110, 5.3)."""
    cassette = Cassette((Interaction(Request("GET", "/", headers), Failure("E", "")),), HEADER)
    found = parse(dump(cassette), PATH).interactions[0].request.headers
    assert sorted(found) == sorted(headers)
    for name, _ in headers:
        assert [h for h in found if h[0] == name] == [h for h in headers if h[0] == name]


def test_edited_body_has_one_chunk() -> None:
    edited = SAMPLE.replace("        line\n", "        another line\n")
    outcome = parse(edited, PATH).interactions[0].outcome
    assert isinstance(outcome, Response)
    assert (outcome.body, outcome.chunks) == (b"another line\n...\n", ())


# --- vcrpy and pytest-recording ---------------------------------------------------------------


def _meaning(body: bytes) -> object:
    """What a reader without Reprise must find: equal JSON, or equal bytes."""
    if indented(body) is None:
        return body
    return json.dumps(json.loads(body), sort_keys=True)


def _their_meaning(recorded: bytes, theirs: bytes) -> object:
    if indented(recorded) is None:
        return theirs
    return json.dumps(json.loads(theirs), sort_keys=True)


def _assert_same_request(ours: Request, theirs: Any) -> None:
    assert (theirs.method, theirs.uri) == (ours.method, ours.url)
    assert _their_meaning(ours.body, theirs.body) == _meaning(ours.body)
    # vcrpy keeps the first of repeated request headers.
    first = dict(reversed(ours.headers))
    assert dict(theirs.headers.items()) == first


def _assert_same_response(ours: Response | Failure, theirs: dict[str, Any]) -> None:
    if isinstance(ours, Failure):
        assert theirs["status"] == {"code": NO_RESPONSE, "message": ours.error}
        assert theirs["body"] == {"string": b""}
        return
    assert theirs["status"] == {"code": ours.status, "message": ours.reason}
    assert _their_meaning(ours.body, theirs["body"]["string"]) == _meaning(ours.body)
    flat = [(name, value) for name, values in theirs["headers"].items() for value in values]
    assert tuple(flat) == ours.headers


def _assert_same(cassette: Cassette, requests: list[Any], responses: list[Any]) -> None:
    assert len(requests) == len(responses) == len(cassette.interactions)
    for ours, request, response in zip(cassette.interactions, requests, responses, strict=True):
        _assert_same_request(ours.request, request)
        _assert_same_response(ours.outcome, response)


@MANY
@given(cassettes)
def test_plain_vcrpy_reads_the_same(cassette: Cassette) -> None:
    requests, responses = deserialize(dump(cassette), yamlserializer)
    _assert_same(cassette, requests, responses)


@FEW
@given(signed_cassettes)
def test_plain_pytest_recording_reads_the_same(cassette: Cassette) -> None:
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "test_it.yaml"
        path.write_text(dump(cassette), encoding="utf-8", newline="\n")
        requests, responses = load_cassette(str(path), yamlserializer)
    _assert_same(cassette, requests, responses)


# --- legacy forms -----------------------------------------------------------------------------


def _legacy(request: str, response: str = "{status: {code: 200, message: OK}}") -> Interaction:
    return _legacy_cassette(request, response).interactions[0]


def _legacy_cassette(request: str, response: str) -> Cassette:
    text = f"interactions:\n- request: {request}\n  response: {response}\nversion: 1\n"
    return parse(text, PATH)


def _body_of(body: object) -> bytes:
    """Return the request body in a cassette by the unsafe dumper of earlier versions of vcrpy."""
    request = {"method": "POST", "uri": "http://a/", "body": body}
    interaction = {"request": request, "response": {"status": {"code": 200}}}
    text = yaml.dump({"interactions": [interaction], "version": 1}, Dumper=yaml.Dumper)
    return parse(text, PATH).interactions[0].request.body


def test_legacy_cassette_has_no_header() -> None:
    assert _legacy_cassette("{method: GET, uri: 'http://a/'}", "{status: {code: 204}}").is_legacy


@pytest.mark.parametrize(
    ("body", "read"),
    [
        (b"bin\xff", b"bin\xff"),
        ("text é", "text é".encode()),
        (None, b""),
        (BytesIO(b"hello\xff"), b"hello\xff"),
        (BytesIO(b""), b""),
        (iter([b"one", b"two"]), b"onetwo"),
        (iter(["one", "two"]), b"onetwo"),
        (iter([]), b""),
        ({"a": [1]}, b'{"a": [1]}'),
        ([1, None], b"[1, null]"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_bodies_that_vcrpy_wrote(body: object, read: bytes) -> None:
    assert _body_of(body) == read


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("!!python/str 'a'", b"a"),
        ("!!python/unicode 'é'", "é".encode()),
        ('"\\xE9"', "é".encode()),
        ("!!binary aGk=", b"hi"),
        ("''", b""),
        ("null", b""),
        ('!!python/object/new:_io.BytesIO {state: !!python/tuple ["hi", 0, null]}', b"hi"),
    ],
)
def test_tags_that_vcrpy_wrote(written: str, read: bytes) -> None:
    assert _legacy(f"{{method: POST, uri: 'http://a/', body: {written}}}").request.body == read


@pytest.mark.parametrize(
    ("response", "read"),
    [
        (
            "{status_code: 201, http_version: HTTP/1.1, headers: {A: [b]}, content: hello}",
            Response(201, "", (("A", "b"),), b"hello"),
        ),
        ("{status_code: 200, content: !!binary /w==}", Response(200, body=b"\xff")),
        ("{status_code: 204, content: ''}", Response(204)),
        ("{status: {code: 200, message: null}, body: {string: a}}", Response(200, body=b"a")),
        ("{status: {code: 200}, body: {}}", Response(200)),
        ("{status: {code: 200}, body: null, headers: null}", Response(200)),
        ("{status: {code: 200}, body: {string: null}}", Response(200)),
        ("{status: {code: 200}, headers: {A: b}}", Response(200, headers=(("A", "b"),))),
        (
            "{status: {code: 200}, headers: {A: [b, c], D: [e]}}",
            Response(200, headers=(("A", "b"), ("A", "c"), ("D", "e"))),
        ),
        (
            "{status: {code: 200}, headers: {A: !!python/tuple [b]}}",
            Response(200, headers=(("A", "b"),)),
        ),
        ("{status: {code: 200}, url: http://a/, protocol: x}", Response(200)),
    ],
)
def test_responses_that_vcrpy_wrote(response: str, read: Response) -> None:
    assert _legacy("{method: GET, uri: 'http://a/'}", response).outcome == read


def test_header_value_in_binary_is_latin1() -> None:
    """vcrpy writes a value like this if it received bytes that are not ASCII."""
    found = _legacy("{method: GET, uri: 'http://a/', headers: {A: [!!binary 6Q==]}}")
    assert found.request.headers == (("A", "é"),)


def test_anchors_and_merge_keys_mean_what_yaml_says() -> None:
    text = """\
version: 1
interactions:
- request: &first {method: GET, uri: http://a/1, headers: {A: [b]}}
  response: &ok {status: {code: 200, message: OK}}
- request: {<<: *first, uri: http://a/2}
  response: *ok
"""
    headers = (("A", "b"),)
    assert parse(text, PATH).interactions == (
        Interaction(Request("GET", "http://a/1", headers), Response(200, "OK")),
        Interaction(Request("GET", "http://a/2", headers), Response(200, "OK")),
    )


# --- texts that are not cassettes -------------------------------------------------------------

VALID = """\
version: 1
interactions:
- request:
    method: GET
    uri: http://a/
    body: ''
    headers:
      A:
      - b
  response:
    status:
      code: 200
      message: OK
    headers: {}
    body:
      string: hi
  reprise:
    http_version: HTTP/1.1
"""
SIGNED = """\
version: 1
reprise:
  version: 1
  recorded_at: '2026-01-31T12:00:00Z'
  recorded_with: b
interactions: []
...
"""
RESTORE = "Restore the file from version control, or delete it and record again."
UPGRADE = "Upgrade pytest-reprise"
VCRPY = "version 1"


def _refusal(text: str) -> CassetteError:
    with pytest.raises(CassetteError) as caught:
        parse(text, PATH)
    return caught.value


def test_samples_are_valid() -> None:
    assert parse(VALID, PATH).interactions
    assert parse(SIGNED, PATH).header


@pytest.mark.parametrize(
    ("text", "line", "problem", "repair"),
    [
        pytest.param("", 1, "empty", RESTORE, id="empty"),
        pytest.param("\n\n", 1, "empty", RESTORE, id="blank lines"),
        pytest.param("# nothing\n", 1, "empty", RESTORE, id="comment"),
        pytest.param("---\n...\n", 1, "empty", RESTORE, id="empty document"),
        pytest.param("[]\n", 1, "not a list", RESTORE, id="list"),
        pytest.param("hello\n", 1, "not a str", RESTORE, id="text"),
        pytest.param(
            SIGNED.replace("version: 1\n", "", 1), 1, "no `version`", VCRPY, id="no version"
        ),
        pytest.param(
            "interactions: []\n\nversion: 2\n", 3, "`version: 2`", VCRPY, id="another version"
        ),
        pytest.param("version: one\ninteractions: []\n", 1, "version", VCRPY, id="version as text"),
        pytest.param("version: 1\n", 1, "`interactions`", RESTORE, id="no interactions"),
        pytest.param("version: 1\ninteractions:\n", 2, "`interactions`", RESTORE, id="null"),
        pytest.param("version: 1\ninteractions: a\n", 2, "not a list", RESTORE, id="text for list"),
        pytest.param("version: 1\n\ninteractions: {}\n", 3, "not a list", RESTORE, id="mapping"),
        pytest.param(VALID + "- oops\n", 19, "interaction 2 is a str", RESTORE, id="no mapping"),
        pytest.param(VALID + "-\n", 19, "interaction 2 is missing", RESTORE, id="null item"),
        pytest.param("version: 1\na: 'b\n", 3, "not valid YAML", RESTORE, id="open quote"),
        pytest.param("version: 1\na: {b: c\n", 3, "not valid YAML", RESTORE, id="open brace"),
        pytest.param("version: 1\n\ta: b\n", 2, "not valid YAML", RESTORE, id="tab"),
        pytest.param("version: 1\na: b: c\n", 2, "not valid YAML", RESTORE, id="two colons"),
        pytest.param("version: 1\na: *b\n", 2, "not valid YAML", RESTORE, id="unknown alias"),
        pytest.param("version: 1\n? [a]\n: b\n", 2, "YAML", "", id="list for a key"),
        pytest.param("version: 1\n<<: 5\n", 2, "YAML", "", id="merge of a number"),
        pytest.param(VALID + "---\nb: 1\n", 19, "document", RESTORE, id="second document"),
        pytest.param("version: 1\na: \x07\n", 2, "not valid YAML", RESTORE, id="control character"),
    ],
)
def test_error_names_line_and_repair(text: str, line: int, problem: str, repair: str) -> None:
    error = _refusal(text)
    assert (error.path, error.line) == (PATH, line)
    assert problem in error.problem
    assert repair in error.repair
    assert str(error).startswith(f"{PATH}:{line}: {error.problem}")


@pytest.mark.parametrize(
    ("old", "new", "line", "problem"),
    [
        ("  request:\n", "  requests:\n", 3, "Did you mean 'request'?"),
        ("- request:", "- request: null\n  was:", 3, "interaction 1, request is missing"),
        ("- request:", "- request: GET\n  was:", 3, "interaction 1, request is a str"),
        ("- request:", "- request: [GET]\n  was:", 3, "interaction 1, request is a list"),
        ("    method: GET\n", "", 4, "interaction 1, request, method is missing"),
        ("method: GET", "method: 5", 4, "interaction 1, request, method is a int"),
        ("method: GET", "method: null", 4, "interaction 1, request, method is missing"),
        ("    uri: http://a/\n", "", 4, "interaction 1, request, uri is missing"),
        ("uri: http://a/", "uri: [a]", 5, "interaction 1, request, uri is a list"),
        ("body: ''", "body: 5", 6, "the body is a int"),
        ("body: ''", "body: true", 6, "the body is a bool"),
        ("body: ''", "body: 2020-01-31", 6, "the body is a date"),
        ("      A:\n      - b\n", "      text\n", 8, "headers is a str"),
        ("      - b\n", "      - {c: d}\n", 9, "header"),
        ("  response:", "  answer:", 10, "unknown key 'answer' in interaction 1"),
        ("  response:", "  response: hi\n  answer:", 10, "interaction 1, response is a str"),
        ("    status:", "    state:", 11, "unknown key 'state' in interaction 1, response"),
        ("    status:", "    status: 200\n    state:", 11, "status is a int"),
        ("      code: 200\n", "", 12, "the status code is None"),
        ("code: 200", "code: '200'", 12, "the status code is '200'"),
        ("code: 200", "code: true", 12, "the status code is True"),
        ("    headers: {}", "    headers: [a]", 14, "headers is a list"),
        ("    body:\n      string: hi", "    body: hi", 15, "body is a str"),
        ("string: hi", "string: 5", 16, "the body is a int"),
        ("    http_version: HTTP/1.1", "    - a", 18, "interaction 1, reprise is a list"),
        ("http_version: HTTP/1.1", "failure: gone", 18, "failure is a str"),
        ("http_version: HTTP/1.1", "failure: {message: a}", 18, "error is missing"),
        ("http_version: HTTP/1.1", "failure: {error: 5}", 18, "error is a int"),
        ("http_version: HTTP/1.1", "broken_by: gone", 18, "broken_by is a str"),
        ("http_version: HTTP/1.1", "chunks: 1 b", 18, "sizes in bytes"),
        ("http_version: HTTP/1.1", "chunks: -1 3", 18, "sizes in bytes"),
        ("http_version: HTTP/1.1", "chunks: [1, 1]", 18, "sizes in bytes"),
        ("http_version: HTTP/1.1", "request_json: curly", 6, "unknown JSON style 'curly'"),
        ("http_version: HTTP/1.1", "response_json: curly", 16, "unknown JSON style 'curly'"),
        ("http_version: HTTP/1.1", "response_json: compact", 16, "not valid JSON"),
    ],
)
def test_error_names_the_wrong_value_in_an_interaction(
    old: str, new: str, line: int, problem: str
) -> None:
    text = VALID.replace("- request:", "-\n  request:") if old.startswith("  request") else VALID
    text = text.replace(old, new, 1)
    error = _refusal(text)
    assert problem in error.problem
    assert error.line == line + (old.startswith("  request"))
    assert error.repair


@pytest.mark.parametrize(
    ("old", "new", "line", "problem", "repair"),
    [
        ("  version: 1\n", "  version: 2\n", 3, "newer Reprise", UPGRADE),
        ("  version: 1\n", "", 3, "format", UPGRADE),
        (
            "  recorded_at: '2026-01-31T12:00:00Z'\n",
            "",
            3,
            "reprise.recorded_at is missing",
            RESTORE,
        ),
        (
            "recorded_at: '2026-01-31T12:00:00Z'",
            "recorded_at: 5",
            4,
            "reprise.recorded_at is a int",
            RESTORE,
        ),
        ("recorded_with: b", "recorded_with: []", 5, "reprise.recorded_with is a list", RESTORE),
        ("recorded_with: b", "recorded_with: b\n  seed: a", 6, "seed", RESTORE),
        ("recorded_with: b", "recorded_with: b\n  seed: true", 6, "seed", RESTORE),
        ("...\n", "", 7, "truncated", RESTORE),
        ("...\n", "..\n", 8, "not valid YAML", RESTORE),
    ],
)
def test_error_names_the_wrong_value_in_the_header(
    old: str, new: str, line: int, problem: str, repair: str
) -> None:
    error = _refusal(SIGNED.replace(old, new, 1))
    assert problem in error.problem
    assert repair in error.repair
    assert error.line == line


def test_last_line_break_may_be_missing() -> None:
    assert parse(SAMPLE[:-1], PATH) == SAMPLE_CASSETTE


# --- tags -------------------------------------------------------------------------------------

UNSAFE_TAGS = (
    "!!python/object/apply:os.mkdir [canary]",
    '!!python/object/apply:builtins.eval [\'open("canary", "w")\']',
    "!!python/object/new:subprocess.Popen [[touch, canary]]",
    "!!python/object:pathlib.Path {}",
    "!!python/name:os.system",
    "!!python/module:os",
    "!unknown a",
    "!<tag:example.com,2000:a> {b: c}",
    "!!python/object/apply:builtins.iter 5",
    "!!python/object/new:_io.BytesIO [a]",
)


@pytest.mark.parametrize("tagged", UNSAFE_TAGS)
def test_unsafe_tag_builds_no_object(
    tagged: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    error = _refusal(VALID.replace("body: ''", f"body: {tagged}"))
    assert error.line == 6
    assert "tag" in error.problem
    assert "builds no objects" in error.repair
    assert not list(tmp_path.iterdir())


def test_a_list_as_a_key_is_no_tag() -> None:
    error = _refusal(VALID.replace("body: ''", "? [body]\n    : ''"))
    assert "tag" not in error.problem
    assert "unhashable key" in error.problem


BAD_VALUES = (
    "!!python/object/new:_io.BytesIO {state: 5}",
    "!!python/object/new:_io.BytesIO {state: [5]}",
    "!!python/object/new:_io.BytesIO {state: {a: 1}}",
    "!!python/object/apply:builtins.iter {args: 5}",
    "!!python/object/apply:builtins.iter {args: [[5]]}",
    "!!int a",
    "!!float a",
    "!!bool a",
    "!!timestamp a",
    "!!binary é",
    "2020-99-99",
    "2020-01-01T99:00:00Z",
    "0x_",
    pytest.param("9" * 5000, id="9999…"),
)


@pytest.mark.parametrize("value", BAD_VALUES)
def test_value_that_cannot_be_built_is_our_error(value: str) -> None:
    error = _refusal(VALID.replace("body: ''", f"body: {value}"))
    assert error.repair


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("version: 1\ninteractions: []\ninteractions: [5]\n", id="key twice"),
        pytest.param(
            VALID.replace("http_version: HTTP/1.1", f"chunks: '{'9' * 5000}'"), id="huge chunk"
        ),
        pytest.param(
            VALID.replace("string: hi", f"string: '{'[' * 5000 + ']' * 5000}'").replace(
                "http_version: HTTP/1.1", "response_json: compact"
            ),
            id="deep JSON",
        ),
    ],
)
def test_odd_cassette_is_a_cassette_or_our_error(text: str) -> None:
    _assert_cassette_or_our_error(text)


def test_deeply_nested_yaml_does_not_end_the_process() -> None:
    code = (
        "from pathlib import Path; from pytest_reprise.cassette.load import parse\n"
        "from pytest_reprise.errors import CassetteError\n"
        "try: parse('[' * 100_000, Path('a'))\n"
        "except CassetteError: print('refused')\n"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stdout) == (0, "refused\n"), ran.stderr[-500:]


# --- no other exception -----------------------------------------------------------------------

_TOKENS = st.sampled_from(
    "version interactions request response status code headers body string reprise scope seed "
    "failure error chunks broken_by request_json compact method uri GET null true 1 200 -1 0x_ "
    "2020-99-99 1:2 .nan ~ - : ? , [ ] { } & &a *a << ! !!binary !!int !!set !!omap !!pairs !!str "
    "!!timestamp !!bool !!float !!python/tuple !!python/object/new:_io.BytesIO | > |- ' \" # % @ "
    "--- ... = ` {a: [*a]}".split()
) | st.sampled_from(("\n", "\n  ", "\n- ", "\n    ", ": ", "\n...\n", "\t", "\r", "\x85", "\ufeff"))
_yamlish = st.lists(_TOKENS | st.text(max_size=2), max_size=25).map(" ".join)


def _assert_cassette_or_our_error(text: str) -> None:
    result = _outcome(text)
    if isinstance(result, CassetteError):
        assert result.path == PATH
        assert 1 <= result.line <= len(text.splitlines()) + 2
        assert result.problem
        assert result.repair


def _outcome(text: str) -> Cassette | CassetteError:
    try:
        return parse(text, PATH)
    except CassetteError as error:
        return error


@MANY
@given(_yamlish)
def test_any_text_is_a_cassette_or_our_error(text: str) -> None:
    _assert_cassette_or_our_error(text)


@st.composite
def _mutated(draw: st.DrawFn) -> str:
    text = draw(st.sampled_from((SAMPLE, VALID, SIGNED)))
    for _ in range(draw(st.integers(1, 3))):
        start = draw(st.integers(0, len(text)))
        end = min(len(text), start + draw(st.integers(0, 30)))
        kept = draw(st.sampled_from((text[start:end] * 2, "", draw(_yamlish))))
        text = text[:start] + kept + text[end:]
    return text


@MANY
@given(_mutated())
def test_damaged_cassette_is_a_cassette_or_our_error(text: str) -> None:
    _assert_cassette_or_our_error(text)


@st.composite
def _with_other_value(draw: st.DrawFn) -> str:
    """Return a valid cassette with one value of another kind."""
    document = yaml.safe_load(draw(st.sampled_from((SAMPLE, VALID))))
    node = document
    while True:
        step = draw(st.sampled_from(sorted(node) if isinstance(node, dict) else range(len(node))))
        if not isinstance(node[step], (dict, list)) or not node[step] or draw(st.booleans()):
            break
        node = node[step]
    node[step] = draw(
        st.sampled_from((None, True, -1, 2.5, "", "a", b"\xff", [], [None], {}, {"a": []}, {5: 5}))
    )
    return yaml.safe_dump(document, sort_keys=False, explicit_end=True)


@MANY
@given(_with_other_value())
def test_value_of_another_kind_is_a_cassette_or_our_error(text: str) -> None:
    _assert_cassette_or_our_error(text)


# --- found by the fuzz targets ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "line", "problem"),
    [
        pytest.param(
            VALID.replace("body: ''", "body: {null: 1, false: 2}"), 6, "as JSON", id="keys of JSON"
        ),
        pytest.param(
            SIGNED.replace("recorded_with", "9" * 2000), 5, "not valid YAML", id="long key"
        ),
        pytest.param(
            VALID.replace("string: hi", 'string: "\\ud800"'), 16, "not valid YAML", id="surrogate"
        ),
    ],
)
def test_odd_value_is_an_error_with_its_line(text: str, line: int, problem: str) -> None:
    error = _refusal(text)
    assert error.line == line
    assert problem in error.problem


def test_surrogates_of_json_are_an_error() -> None:
    text = '{"version": 1, "interactions": [], "metadata": {"a": "\\ud800"}}'
    with pytest.raises(CassetteError, match=r"surrogates not allowed|cannot be written in UTF-8"):
        parse(text, PATH, json.loads)
