"""`reprise check --openapi`: recordings against documents, and which of both is likely wrong."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest

from pytest_reprise.cassette.file import load, save
from pytest_reprise.exchange import Interaction, Request, Response
from pytest_reprise.openapi.document import read

from ..harness.runs import Server, json_answer
from ..harness.strategies import Json
from .conftest import Reprise
from .recorded import DAY, JSON_TYPE, answering, call, document, write, write_document

ROOT = Path(__file__).parents[2]
CREATED = ROOT / (
    "cassettes/examples/staging_api/tests/test_users/"
    "TestAddresses.test_address_can_be_taken_once.yaml"
)
USER: Json = {
    "type": "object",
    "required": ["id", "name"],
    "properties": {"id": {"type": "integer"}, "name": {"type": "string"}},
}


# --- the example ------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def staging(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The document of the staging API. Its application can be made once in a process."""
    values = read("examples.staging_api.server.app:create_app", ROOT).root.value
    path = tmp_path_factory.mktemp("staging") / "openapi.json"
    path.write_text(json.dumps(values), encoding="utf-8")
    return str(path)


def test_all_committed_cassettes_fit_the_document_of_the_staging_api(
    reprise: Reprise, staging: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    code, output = reprise("check", "--openapi", staging, "cassettes")
    assert "all fit" in output
    assert code == 0


def changed(created: Interaction, number: int) -> Interaction:
    """Return the creation of a user, with the violation of a number."""
    request, response = created.request, created.outcome
    assert isinstance(response, Response)
    sent, answer = json.loads(request.body), json.loads(response.body)
    status, method, path, media = 201, "POST", "/users", "application/json"
    if number == 1:
        answer["id"] = str(answer["id"])
    elif number == 2:
        del answer["email"]
    elif number == 3:
        answer["role"] = "owner"
    elif number == 4:
        answer["created_at"] = "yesterday"
    elif number == 5:
        status = 202
    elif number == 6:
        media = "text/html"
    elif number == 7:
        path = "/accounts"
    elif number == 8:
        method = "PUT"
    elif number == 9:
        sent["nickname"] = "Ada"
    elif number == 10:
        method, path, status = "GET", "/users?size=1000", 200
        answer = {"items": [], "page": 1, "size": 1000, "total": 0, "pages": 1}
    url = request.url.replace("/users", path)
    headers = (("content-type", media),)
    body = json.dumps(answer).encode()
    changed = Request(method, url, request.headers, json.dumps(sent).encode())
    return Interaction(changed, Response(status, "", headers, body))


VIOLATIONS = (
    'POST /users answer 201 $.id: expected integer, seen "',
    "POST /users answer 201 $.email: expected a value (required), seen nothing",
    "POST /users answer 201 $.role: expected one of ",
    'POST /users answer 201 $.created_at: expected the format "date-time"',
    "POST /users status 202: undocumented status: expected 201, 4XX, seen 202",
    "POST /users answer 201: undocumented media type: expected application/json, seen text/html",
    "POST /accounts: unknown path: expected a documented path",
    "PUT /users: unknown method: expected one of ",
    "POST /users request body application/json $.nickname: expected no such field",
    "GET /users query parameter size: expected at most 100, seen 1000",
)


def test_ten_planted_violations_are_all_named(
    reprise: Reprise, directory: Path, staging: str
) -> None:
    original = load(CREATED)
    assert original
    created = original.interactions[0]
    for number in range(1, 11):
        planted = (changed(created, number),)
        save(directory / f"{number}.yaml", original._replace(interactions=planted), durable=False)
    code, output = reprise("check", "--openapi", staging, str(directory))
    lines = output.splitlines()
    assert code == 1, output
    assert [v for v in VIOLATIONS if not any(line.startswith(v) for line in lines)] == []
    assert "10 interactions in 10 cassettes: 10 disagreements" in lines[-1]


# --- what is told -----------------------------------------------------------------------------


def test_a_finding_has_path_expected_seen_line_and_the_place_in_the_document(
    reprise: Reprise,
) -> None:
    spec = write_document(
        answering({"$ref": "#/components/schemas/User"}, components={"schemas": {"User": USER}})
    )
    path = write("a.yaml", call(answer={"id": 7, "name": "Ada"}), call(answer={"id": 7, "name": 7}))
    code, output = reprise("check", "--openapi", spec, "a.yaml")
    line = path.read_text(encoding="utf-8").splitlines().index('          "name": 7') + 1
    assert code == 1
    assert output.splitlines() == [
        "GET /users/{id} answer 200 $.name: expected string, seen 7",
        f"  a.yaml:{line}: interaction 2",
        "  specification: $.components.schemas.User.properties.name",
        "  answers differ at the same time, in 1 of 1 cassette. Likely the specification is too "
        "narrow",
        "2 interactions in 1 cassette: 1 disagreement with openapi.json",
    ]


def _verdict(reprise: Reprise) -> str:
    code, output = reprise("check", "--openapi", "openapi.json", "--format", "json", ".")
    assert code == 1
    [found] = json.loads(output[: output.rindex("}") + 1])["disagreements"]
    return f"{found['likely_wrong']}: {found['reason']}"


def test_a_stale_recording_and_a_wrong_specification_are_told_apart(
    reprise: Reprise, directory: Path
) -> None:
    write_document(answering({"type": "object", "properties": {"id": {"type": "integer"}}}))
    wrong, right = call(answer={"id": "7"}), call(answer={"id": 7})
    write("a.yaml", wrong)
    assert _verdict(reprise).startswith("unclear: only one cassette, of 2026-01-31, shows this")
    write("b.yaml", wrong, at=DAY + timedelta(1))
    assert _verdict(reprise) == (
        "specification: likely the specification: all 2 cassettes with this disagree in the same "
        "way, the newest of 2026-02-01"
    )
    write("c.yaml", right, at=DAY + timedelta(1, minutes=5))  # in the same run
    assert _verdict(reprise).startswith("varying: answers differ at the same time, in 2 of 3 ")
    write("c.yaml", right, at=DAY + timedelta(9))
    assert _verdict(reprise) == (
        "recordings: likely stale recordings: those until 2026-02-01 disagree, those from "
        "2026-02-09 on agree. Record them again"
    )
    write("d.yaml", right, at=DAY)
    assert _verdict(reprise).startswith("varying: answers differ at the same time, in 2 of 4 ")
    (directory / "a.yaml").unlink()
    (directory / "c.yaml").unlink()
    assert _verdict(reprise) == (
        "specification: likely the specification is behind: recordings from 2026-02-01 on "
        "disagree, those until 2026-01-31 agree"
    )


def test_a_recording_without_the_place_is_no_evidence_for_it(reprise: Reprise) -> None:
    write_document(answering({"properties": {"items": {"items": USER}}}))
    write("a.yaml", call(answer={"items": [{"id": 1}]}))
    write("b.yaml", call(answer={"items": []}), at=DAY + timedelta(9))
    assert _verdict(reprise).startswith("unclear: ")


def test_what_the_api_refused_is_no_disagreement(reprise: Reprise) -> None:
    body: Json = {"required": True, "content": {"application/json": {"schema": USER}}}
    responses: Json = {"200": {"description": ""}, "4XX": {"description": ""}}
    spec = write_document(
        document({"/users": {"post": {"requestBody": body, "responses": responses}}})
    )
    refused = call("POST /users", status=422, sent={"id": "x"})
    write("a.yaml", refused, call("GET /nowhere", status=404), call("PUT /users", status=405))
    code, output = reprise("check", "--openapi", spec, "a.yaml")
    assert code == 0
    assert "2 requests to what the specification does not have, which the API refused" in output
    write("b.yaml", refused._replace(outcome=Response(200)))
    assert reprise("check", "--openapi", spec, "b.yaml")[0] == 1


def test_another_host_is_not_the_api(reprise: Reprise) -> None:
    spec = write_document(answering(USER))
    write("a.yaml", call("GET https://login.test/token"), call(answer={"id": 7, "name": "A"}))
    code, output = reprise("check", "--openapi", spec, "a.yaml")
    assert code == 0
    assert "not compared: 1 request to login.test, which is another API" in output


def test_a_document_by_url_by_file_and_by_application(reprise: Reprise, directory: Path) -> None:
    write("a.yaml", call(answer={"id": 7, "name": "A"}))
    application = "from fastapi import FastAPI\napp = FastAPI()\nnot_one = 7\ndef bad(): 1 / 0\n"
    (directory / "shop_application.py").write_text(application, encoding="utf-8")
    code, output = reprise("check", "--openapi", "shop_application:app", "a.yaml")
    assert "GET /users/{id}: unknown path" in output
    for name, problem in (
        ("shop_application:not_one", "no application of FastAPI or Starlette"),
        ("shop_application:bad", "ZeroDivisionError: division by zero"),
        ("shop_application:missing", "AttributeError: "),
        ("no_such_module:app", "ModuleNotFoundError: "),
        ("missing.yaml", "no such file. An OpenAPI document is a file, a URL, or module:app"),
        ("http://127.0.0.1:1/openapi.json", "cannot be fetched: "),
    ):
        code, output = reprise("check", "--openapi", name, "a.yaml")
        assert code == 2
        assert problem in output


def test_formats(reprise: Reprise) -> None:
    spec = write_document(answering(USER))
    write(
        "a.yaml", call(answer={"id": 7, "name": "`<b>`"}), call(answer={"id": "<b>", "name": "x"})
    )
    code, output = reprise("check", "--openapi", spec, "--format", "md", "a.yaml")
    assert code == 1
    assert '- `GET /users/{id} answer 200 $.id: expected integer, seen "<b>"`' in output


def test_a_stream_that_was_not_read_is_not_compared(reprise: Reprise) -> None:
    spec = write_document(answering(USER))
    headers = (*JSON_TYPE, ("content-length", "90"))
    unread = call()._replace(outcome=Response(200, "", headers))
    write("a.yaml", unread)
    assert reprise("check", "--openapi", spec, "a.yaml")[0] == 0
    write("a.yaml", unread._replace(outcome=Response(200, "", JSON_TYPE)))
    code, output = reprise("check", "--openapi", spec, "a.yaml")
    assert code == 1
    assert "expected a body, seen nothing" in output


def test_a_document_by_url(reprise: Reprise, server: Server) -> None:
    write("a.yaml", call(answer={"id": 7, "name": "A"}), call(answer={"id": "7", "name": "A"}))
    server.answers["/openapi.json"] = json_answer(answering(USER))
    secret = server.url.replace("://", "://ada:a-password@") + "/openapi.json?token=a-token"
    code, output = reprise("check", "--openapi", secret, "a.yaml")
    assert code == 1
    assert output.startswith('GET /users/{id} answer 200 $.id: expected integer, seen "7"')
    assert output.endswith(f"1 disagreement with {server.url}/openapi.json\n")
    server.answers["/openapi.json"] = json_answer({}, 503)
    code, output = reprise("check", "--openapi", secret, "a.yaml")
    assert code == 2
    assert f"{server.url}/openapi.json: the server answered 503" in output
    assert "a-password" not in output
    assert "a-token" not in output


STARLETTE = '''
from starlette.applications import Starlette
from starlette.routing import Route

async def read(request):
    """
    responses:
      200:
        description: A user
        content: {application/json: {schema: {required: [name]}}}
    """

app = Starlette(routes=[Route("/users/{id}", read)])
'''


def test_an_application_of_starlette(reprise: Reprise, directory: Path) -> None:
    (directory / "starlette_shop.py").write_text(STARLETTE, encoding="utf-8")
    write("a.yaml", call(answer={"id": 7, "name": "A"}), call(answer={"id": 8}))
    code, output = reprise("check", "--openapi", "starlette_shop:app", "a.yaml")
    assert code == 1
    assert output.startswith("GET /users/{id} answer 200 $.name: expected a value (required)")
