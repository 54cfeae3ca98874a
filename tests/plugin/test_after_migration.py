"""Tests of public suites that were red after `reprise migrate`, in small: they stay green.

Each has a cassette of vcrpy, and is green on it by vcrpy's rules and by those of Reprise.
"""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from pytest_reprise.commands.main import main

from ..harness.forms import vcrpy_yaml
from ..harness.runs import Run, Server, Suite, outcomes_by_test

NOT_NEEDED = ("anyio", "base_url", "xdist", "Faker")

SUITE = """
    import httpx
    import pytest

    pytestmark = pytest.mark.vcr
    URL = "http://bedrock.test/model"


    @pytest.fixture(scope="module")
    def vcr_config():
        return {
            "filter_headers": [
                ("authorization", "Bearer made-up-authorization"),
                ("X-Amz-Security-Token", "made-up-session-token"),
            ]
        }


    def invoke(prompt):
        headers = {"Authorization": "AWS4-HMAC-SHA256 Credential=AKIA/aws4_request, Signature=0"}
        return httpx.post(URL, content='{"p":0.9,"prompt":"%s"}' % prompt, headers=headers)


    def test_without_the_session_token_of_the_recording():
        assert invoke("hello").json()["text"] == "hi"


    def test_that_sends_another_prompt():
        assert invoke("good morning").json()["text"] == "hi"
"""
FAIL = {"that_sends_another_prompt"}
PROMPT = '{\n  "prompt": "hello",\n  "p": 0.9\n}'
"""Indented, and in another order: without Content-Type, too, JSON is compared by its meaning."""


def _invocation() -> dict[str, object]:
    headers = {
        "authorization": ["Bearer made-up-authorization"],
        "X-Amz-Security-Token": ["made-up-session-token"],
    }
    request = {"method": "POST", "uri": "http://bedrock.test/model", "body": PROMPT}
    answer = {"headers": {}, "body": {"string": json.dumps({"text": "hi"})}}
    status = {"code": 200, "message": "OK"}
    return {"request": {**request, "headers": headers}, "response": {**answer, "status": status}}


def _write(suite: Suite, top: Path) -> None:
    suite(SUITE)
    directory = top / "cassettes/test_suite"
    directory.mkdir(parents=True)
    for name in ("without_the_session_token_of_the_recording", *FAIL):
        path = directory / f"test_{name}.yaml"
        path.write_text(vcrpy_yaml(_invocation()), encoding="utf-8")


def _failed(result: pytest.RunResult) -> set[str]:
    outcomes = outcomes_by_test(result)
    return {n.removeprefix("test_") for n, o in outcomes.items() if {"FAILED", "ERROR"} & {*o}}


def test_suite_that_is_green_on_its_old_cassettes_fails_only_where_it_sends_something_else(
    suite: Suite, run: Run, pytester: pytest.Pytester, server: Server
) -> None:
    _write(suite, pytester.path)
    assert _failed(run("-v")) == set()
    assert main(["migrate", "cassettes"]) == 0
    result = run("-v")
    assert _failed(result) == FAIL
    result.stdout.fnmatch_lines(["*body.prompt: recorded 'hello', sent 'good morning'"])
    assert _failed(run("-v", "-p", "no:reprise")) == set()
    assert server.requests == []


WITH_A_SERIALIZER = """
    import gzip
    import pytest
    import vcr.serializers.yamlserializer as yaml


    class Decompressing:
        serialize = yaml.serialize

        @staticmethod
        def deserialize(text):
            found = yaml.deserialize(text)
            for interaction in found["interactions"]:
                body = interaction["response"]["body"]
                if isinstance(body["string"], bytes):
                    body["string"] = gzip.decompress(body["string"])
            return found


    def pytest_recording_configure(config, vcr):
        vcr.register_serializer("yaml", Decompressing)


    @pytest.fixture
    def vcr_config():
        return {"serializer": "yaml"}
"""


def test_compressed_bodies_of_an_older_urllib3_are_read_as_before(
    suite: Suite, run: Run, pytester: pytest.Pytester
) -> None:
    """urllib3 1 gave vcrpy the compressed body, and urllib3 2 gives it the plain one. Suites with
    old cassettes decompress them in a serializer, which does not see them after a migration."""
    pytester.makeconftest(WITH_A_SERIALIZER)
    suite("""
        import pytest
        import requests

        pytestmark = pytest.mark.vcr
        URL = "http://archive.test/page"

        def test_page():
            assert requests.get(URL).text == "old page"

        def test_stream():
            with requests.get(URL, stream=True) as response:
                assert b"".join(response.iter_content(3)) == b"old page"
        """)
    headers = {"Content-Encoding": ["gzip"], "Content-Type": ["text/html"]}
    body = {"string": gzip.compress(b"old page", mtime=0)}
    status = {"code": 200, "message": "OK"}
    request: dict[str, object] = {
        "method": "GET",
        "uri": "http://archive.test/page",
        "body": None,
        "headers": {},
    }
    made = {"request": request, "response": {"status": status, "headers": headers, "body": body}}
    for name in ("page", "stream"):
        path = pytester.path / f"cassettes/test_suite/test_{name}.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(vcrpy_yaml(made), encoding="utf-8")
    run().assert_outcomes(passed=2)
    assert main(["migrate", "cassettes"]) == 0
    run().assert_outcomes(passed=2)
    run("-p", "no:reprise").assert_outcomes(passed=2)
