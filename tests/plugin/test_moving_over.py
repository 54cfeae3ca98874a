"""Suites like public ones, recorded by plain pytest-recording: the same outcomes at each step.

The steps are: plain pytest-recording, Reprise on its cassettes, `reprise migrate`, Reprise on the
migrated cassettes, and plain pytest-recording on those.
"""

from __future__ import annotations

import json

import pytest

from pytest_reprise.commands.main import main

from ..harness.runs import Cassettes, Run, Server, Suite, json_answer, outcomes_by_test

NOT_NEEDED = ("anyio", "base_url", "xdist", "Faker")
FORKS = True

CONFTEST = """
    import pytest


    @pytest.fixture(scope="module")
    def vcr_config():
        return {
            "filter_headers": [("authorization", "AUTHORIZATION-XXX"), ("x-api-key", "ntn_...")],
            "filter_query_parameters": ["api_key"],
            "ignore_hosts": ["metrics.test"],
        }
"""
AGENT = '''
    """A client of a language model that retries and reports its use, and an agent with a tool."""
    import json
    import os
    import httpx
    import pytest

    pytestmark = pytest.mark.vcr
    BASE = os.environ["API_BASE_URL"]


    class APIConnectionError(Exception):
        pass


    class Client:
        def __init__(self, base=BASE, key="sk-live-0123456789abcdefghij"):
            self.http = httpx.Client(base_url=base, headers={"Authorization": f"Bearer {key}"})

        def post(self, path, body):
            for attempt in range(3):
                headers = {"x-retry-count": str(attempt)}
                try:
                    answer = self.http.post(path, json=body, headers=headers)
                except Exception as error:
                    failure = error
                    continue
                if answer.status_code < 500:
                    return answer.json()
                failure = RuntimeError(answer.status_code)
            raise APIConnectionError from failure

        def report(self):
            try:
                httpx.post("http://telemetry.invalid/v1/events", json={"sdk": "1.2.3"}, timeout=1)
            except Exception:
                pass


    def chat(client, *messages):
        return client.post("/v1/chat", {"model": "m-1", "messages": list(messages)})


    def test_tool_call():
        client = Client()
        call = chat(client, "log me in")["choices"][0]["message"]["tool_calls"][0]["function"]
        arguments = json.loads(call["arguments"])
        assert set(arguments) == {"user", "password"}
        said = chat(client, "log me in", f"logged in {arguments['user']}")
        assert said["choices"][0]["message"]["content"] == "done"
        client.report()


    def test_retry_after_an_error():
        assert Client().post("/v1/flaky", {"a": 1}) == {"ok": True}


    def test_rate_limits():
        headers = Client().http.post("/v1/limits", json={}).headers
        assert headers["x-ratelimit-reset-tokens"] == "6m12s"
        assert headers["access-control-allow-credentials"] == "true"


    def test_special_tokens():
        assert Client().http.get("/v1/model").json()["eos_token"] == "<|endoftext|>"


    def test_host_that_is_unreachable_on_purpose():
        with pytest.raises(APIConnectionError):
            Client("http://127.0.0.1:9").post("/v1/chat", {})
'''
SHOP = '''
    """Clients of a shop and of a wiki on requests, with forms, uploads and pages."""
    import io
    import os
    import pytest
    import requests

    pytestmark = pytest.mark.vcr
    BASE = os.environ["API_BASE_URL"]


    @pytest.fixture
    def session():
        with requests.Session() as session:
            session.headers["X-Api-Key"] = "ntn_" + "a1B2c3D4e5" * 5
            yield session


    def test_form_with_idempotency_key(session):
        made = session.post(
            BASE + "/v1/charges?api_key=0123456789abcdefghijklmnop",
            data={"amount": 100, "currency": "eur"},
            headers={"Idempotency-Key": "key-of-this-test"},
        )
        assert made.json() == {"id": "ch_1", "client_secret": made.json()["client_secret"]}


    def test_pages(session):
        cursor, found = None, []
        for _ in range(2):
            page = session.post(BASE + "/v1/search", json={"start_cursor": cursor}).json()
            cursor, found = page["next_cursor"], found + page["results"]
        assert found == [1, 2]


    def test_upload(session):
        answer = session.post(BASE + "/echo", files={"file": ("a.txt", io.BytesIO(b"content"))})
        assert "content" in answer.json()["body"]


    def test_login_flow(session):
        token = session.post(BASE + "/login", json={"user": "ada"}).json()["access_token"]
        session.headers["Authorization"] = "Bearer " + token
        assert session.get(BASE + "/me").json() == {"name": "Ada"}


    @pytest.mark.parametrize("name", ["a", "b"])
    def test_parameters(session, name):
        assert session.get(BASE + "/echo-get", params={"name": name}).status_code == 404
'''


def _prepare(server: Server) -> None:
    arguments = json.dumps({"user": "ada", "password": "correct-horse-battery-9"})
    call = {"message": {"tool_calls": [{"function": {"arguments": arguments}}]}}
    said = {"message": {"content": "done"}}
    limits = {"X-Ratelimit-Reset-Tokens": "6m12s", "Access-Control-Allow-Credentials": "true"}
    server.answers = {
        "/v1/chat": [json_answer({"choices": [call]}), json_answer({"choices": [said]})],
        "/v1/flaky": [json_answer({"error": "busy"}, 503), json_answer({"ok": True})],
        "/v1/limits": (200, limits, b"{}"),
        "/v1/model": json_answer({"eos_token": "<|endoftext|>", "bos_token": "<s>"}),
        "/v1/charges": json_answer({"id": "ch_1", "client_secret": "ch_1_secret_a1B2c3D4e5F6g7"}),
        "/v1/search": [
            json_answer({"results": [1], "next_cursor": "c-2"}),
            json_answer({"results": [2], "next_cursor": None}),
        ],
    }


def test_outcomes_are_the_same_at_each_step(
    suite: Suite,
    run: Run,
    server: Server,
    cassettes: Cassettes,
    capsys: pytest.CaptureFixture[str],
) -> None:
    _prepare(server)
    suite(conftest=CONFTEST, test_agent=AGENT, test_shop=SHOP)
    plain = ("-v", "-p", "no:reprise", "--block-network")
    run(*plain[:3], "--record-mode=once").assert_outcomes(passed=11)
    server.stop()
    expected = outcomes_by_test(run(*plain))
    assert {outcome for found in expected.values() for outcome in found} == {"PASSED"}
    assert outcomes_by_test(run("-v", "--block-network")) == expected
    assert main(["migrate", "cassettes"]) == 0
    assert "10 migrated, 0 in the current format" in capsys.readouterr().out
    after = cassettes()
    assert "6m12s" in after["test_agent/test_rate_limits"]
    assert "AUTHORIZATION-XXX" in after["test_agent/test_tool_call"]
    assert "ntn_..." in after["test_shop/test_pages"]
    assert "correct-horse" not in after["test_agent/test_tool_call"]
    assert outcomes_by_test(run(*plain)) == expected
    # Telemetry and the unreachable host are caught misses, which fail by the rules of Reprise.
    assert outcomes_by_test(run("-v", "-o", "reprise_missed=warn")) == expected


WITHOUT_BODY = """
    import os

    import httpx
    import pytest
    import requests

    @pytest.fixture(scope="module")
    def vcr_config():
        return {"match_on": ["method", "path", "query", "body"]}

    @pytest.mark.vcr
    @pytest.mark.parametrize("send", [requests.request, httpx.request])
    def test_it(send):
        url = os.environ["API_BASE_URL"]
        assert send("GET", url + "/count").json()["n"]
        assert send("POST", url + "/echo").json()["body"] == ""
        assert send("POST", url + "/echo", json={"a": 1}).json()["path"] == "/echo"
        assert send("DELETE", url + "/count").status_code == 204
"""


@pytest.mark.parametrize("recorder", ["vcrpy", "reprise"])
def test_plain_vcrpy_finds_requests_without_a_body_by_their_body(
    suite: Suite, run: Run, server: Server, pytester: pytest.Pytester, recorder: str
) -> None:
    """vcrpy writes `null` for some clients, and an empty text for others."""
    suite(WITHOUT_BODY)
    plain = ("-p", "no:reprise")
    recording = plain if recorder == "vcrpy" else ()
    run("--record-mode=once", *recording).assert_outcomes(passed=2)
    server.stop()
    if recorder == "vcrpy":
        assert main(["migrate", str(pytester.path / "cassettes")]) == 0
    for options in ((), plain):
        run("--record-mode=none", *options).assert_outcomes(passed=2)
