"""Odd values in a cassette: each replays, or fails its test with an error of Reprise or httpx."""

from __future__ import annotations

import re

import pytest

from ..harness.runs import Run, Suite

CASSETTE = """\
version: 1
reprise:
  version: 1
  recorded_at: '2026-01-31T12:00:00+00:00'
  recorded_with: a test
{header}interactions:
- request:
    method: {method}
    uri: {uri}
    body: {body}
    headers: {{Accept: ['*/*']}}
  response:
    status:
      code: {code}
      message: {message}
    headers: {headers}
    body:
      string: {string}
  reprise:
    at: {at}
{ours}...
"""
ORDINARY = {
    "header": "",
    "method": "GET",
    "uri": "http://api.test/",
    "body": "''",
    "code": "200",
    "message": "OK",
    "headers": "{}",
    "string": "hi",
    "at": "0.5",
    "ours": "",
}
ODD: dict[str, list[str]] = {
    "header": [
        *(f"  base_url: {url}\n" for url in ("'http://['", "'a b'", "'http://a:99999999'", "'//'")),
        *(f"  seed: {seed}\n" for seed in ("-1", "0", "4294967295", "9" * 30)),
        *(f"  values: {values}\n" for values in ("{5: 6}", "{a: !!binary aGk=}", "{null: null}")),
    ],
    "method": ["''", "'GET POST'", '"G\\nT"', "'é'", "get"],
    "uri": [
        *("'http://api.test:99999999/'", "'http://api.test:abc/'", "'/'", "''", "'http:///'"),
        *(
            "'http://a b/'",
            '"http://api.test/\\x1b"',
            "'http://é.test/'",
            "'mailto:x'",
            "'http://['",
        ),
    ],
    "body": [
        "{a: 1}",
        "[1, {b: 2}]",
        "{null: 1, false: 2}",
        "{2: 3}",
        "!!set {a, b}",
        "2026-01-31",
    ],
    "code": ["100", "101", "204", "304", "999", "0", "-5"],
    "message": ["'é€'", '"a\\nb"', "null", "5", "[a]"],
    "headers": [
        *("{a b: [c]}", "{'': [c]}", "{A: ['€']}", '{A: ["x\\ny"]}', "{A: [null]}", "{'é€': [a]}"),
        *("{Content-Length: [abc]}", "{Content-Encoding: [gzip]}", "{Location: ['http://[']}"),
        *("{Content-Type: ['text/plain; charset=klingon']}", "{Set-Cookie: ['=;;;=']}", "{5: [a]}"),
        *("{Date: [nonsense]}", "{Date: ['Fri, 31 Dec 9999 23:59:59 GMT']}"),
    ],
    "string": ["null", "!!binary aGk", '"\\0"', "{a: b}"],
    "at": ["9999999999.0", "0", "1.0e+9", "1.0e+99"],
    "ours": [
        *(
            f"    failure: {{error: {error}}}\n"
            for error in ("Nonsense", "Cancelled", "''", "Client")
        ),
        *(f"    broken_by: {{error: {error}}}\n" for error in ("Nonsense", "ReadError")),
        *(f"    http_version: {version}\n" for version in ("HTTP/9", "é", "''", '"a\\nb"')),
        *(f"    chunks: {sizes}\n" for sizes in ("'0 2'", "2", "'9 9'")),
        "    request_headers: [No]\n    response_headers: [No]\n",
        "    scope: other\n",
    ],
}
"""Values by the place in the cassette above."""
KNOWN = re.compile(
    r"(?:httpx\.\w+|pytest_reprise\.errors\.\w+|Failed|RequestNotRecorded|CallsNotMade)\b"
)


def test_odd_values_replay_or_fail_with_a_documented_error(
    suite: Suite, run: Run, pytester: pytest.Pytester
) -> None:
    tests = "import httpx\nimport pytest\n"
    directory = pytester.path / "cassettes/test_suite"
    directory.mkdir(parents=True)
    odd = [(place, value) for place, values in ODD.items() for value in values]
    for number, (place, value) in enumerate(odd):
        text = CASSETTE.format(**ORDINARY | {place: value})
        (directory / f"test_{number}.yaml").write_text(text, encoding="utf-8")
        tests += (
            f"\n@pytest.mark.vcr\ndef test_{number}():\n"
            "    got = httpx.get('http://api.test/')\n"
            "    repr((got.text, got.reason_phrase, got.http_version, got.headers))\n"
        )
    suite(tests)
    result = run("-q", "--tb=line")
    failed = re.findall(r"^(?:FAILED|ERROR) \S+::test_(\d+) - (.*)", result.stdout.str(), re.M)
    assert result.parseoutcomes()["passed"] > len(odd) / 3
    assert len({number for number, _ in failed}) > 20
    unknown = [(odd[int(number)], error) for number, error in failed if not KNOWN.match(error)]
    assert unknown == []
    assert "INTERNALERROR" not in result.stdout.str() + result.stderr.str()


CONFTEST = """
class Persister:
    @staticmethod
    def load_cassette(path, serializer):
        return [5], [{"status": 200}]

    @staticmethod
    def save_cassette(path, found, serializer):
        raise AssertionError

def pytest_recording_configure(config, vcr):
    vcr.register_persister(Persister)
"""


def test_values_of_a_persister_that_are_no_requests_are_an_error_of_the_cassette(
    suite: Suite, run: Run
) -> None:
    suite(
        """
        import pytest

        @pytest.mark.vcr
        def test_it():
            pass
        """,
        conftest=CONFTEST,
    )
    result = run()
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(
        ["*test_it.yaml:1: the persister cannot load it: AttributeError: *"]
    )
