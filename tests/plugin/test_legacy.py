"""Legacy cassettes in each form that releases of vcrpy have written, and some edited by hand.

They replay as vcrpy replays them: by method and URL, each interaction once, and unplayed
interactions are no failure. The files are in legacy/; the suite below has one test for each file.
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from textwrap import dedent, indent

import pytest

from pytest_reprise.commands.main import main

from ..harness.installed import at_least
from ..harness.runs import Run, Server, Suite

NOT_NEEDED = ("anyio", "base_url", "xdist", "Faker")

FORMS = {
    "version_1": """
        assert send("GET", "/a?y=2&x=1").json() == {"n": 1}
        assert send("GET", "/a?x=1&y=2").json() == {"n": 2}
        """,
    "another_body": """
        answer = send("POST", "/a", json={"sent": 2}, headers={"X-It": "2"})
        assert answer.json() == {"n": 1}
        """,
    "null_bodies": """
        assert [send("GET", path).content for path in ("/a", "/b", "/c")] == [b"", b"", b""]
        """,
    "no_reason": """
        assert send("GET", "/a").status_code == 200
        """,
    "gzip_body": """
        answer = send("GET", "/a")
        assert answer.json() == {"n": 1}
        assert answer.headers["content-encoding"] == "gzip"
        """,
    "binary_bodies": """
        assert send("POST", "/a").content == bytes([0, 255, 254])
        """,
    "body_of_a_file": """
        assert send("POST", "/a", content=b"uploaded").json() == {"n": 1}
        """,
    "body_of_an_iterator": """
        assert send("POST", "/a", content=iter([b"one", b"two"])).json() == {"n": 1}
        """,
    "body_of_values": """
        assert send("POST", "/a", json={"tags": [1, None], "name": "Ada"}).json() == {"n": 1}
        assert send("POST", "/b", json=[1, 2]).json() == {"n": 1}
        """,
    "python_strings": """
        answer = send("GET", "/a")
        assert (answer.json(), answer.reason_phrase) == ({"n": 1}, "OK")
        """,
    "repeated_headers": """
        assert send("GET", "/a").headers.get_list("set-cookie") == ["a=1", "b=2"]
        """,
    "plain_headers": """
        assert send("GET", "/a").json() == {"n": 1}
        """,
    "plain_answer_headers": """
        assert send("GET", "/a").headers["content-type"] == "application/json"
        """,
    "listed_headers": """
        answer = send("GET", "/a")
        assert answer.headers.get_list("x-it") == ["a", "b"]
        assert answer.headers["content-type"] == "application/json"
        """,
    "old_httpx": """
        answer = send("GET", "/a")
        assert (answer.status_code, answer.json()) == (201, {"n": 1})
        """,
    "old_httpx_gzip": """
        assert send("GET", "/a").json() == {"n": 1}  # it was kept as the client had unpacked it
        """,
    "unknown_keys": """
        assert send("GET", "/a").json() == {"n": 1}
        """,
    "metadata": """
        assert send("GET", "/a").json() == {"n": 1}
        """,
    "json_serializer": """
        assert send("GET", "/a").json() == {"n": 1}
        """,
    "parsed_body": """
        assert send("GET", "/a").json() == {"n": 1}
        """,
}
NOT_PLAYED_BY_VCRPY = {"null_bodies", "plain_answer_headers", "listed_headers", "metadata"}
"""Forms that vcrpy plays only to other clients than httpx, or that pytest-recording cannot load."""
if not at_least("vcrpy", "8.4.0"):
    NOT_PLAYED_BY_VCRPY.add("no_reason")  # vcrpy 7 wrote it; neither 7 nor 8.2 could play it
if not at_least("vcrpy", "9.4"):
    NOT_PLAYED_BY_VCRPY.remove("metadata")  # older releases ignore it
SERIALIZERS = {"json_serializer": "json", "parsed_body": "parsed"}

CONFTEST = """
    import json

    import httpx
    import pytest
    import yaml

    class Parsed:
        @staticmethod
        def deserialize(text):
            found = yaml.safe_load(text)
            for interaction in found["interactions"]:
                response = interaction["response"]
                response["body"] = {"string": json.dumps(response.pop("parsed_body"))}
            return found

    def pytest_recording_configure(config, vcr):
        vcr.register_serializer("parsed", Parsed)

    @pytest.fixture
    def send():
        with httpx.Client(base_url="http://api.test") as client:
            yield client.request
"""
LEGACY = Path(__file__).parent / "legacy"


def as_test(name: str, body: str) -> str:
    serializer = SERIALIZERS.get(name)
    option = f'serializer="{serializer}"' if serializer else ""
    lines = indent(dedent(body).strip(), "    ")
    return f"@pytest.mark.vcr({option})\ndef test_{name}(send):\n{lines}\n\n"


def write_suite(suite: Suite, top: Path) -> None:
    suite("import pytest\n\n" + "".join(map(as_test, FORMS, FORMS.values())), conftest=CONFTEST)
    (top / "cassettes/test_suite").mkdir(parents=True)
    for path in LEGACY.iterdir():
        shutil.copy(path, top / "cassettes/test_suite" / f"test_{path.name}")


def test_there_is_a_file_for_each_form() -> None:
    assert {path.stem for path in LEGACY.iterdir()} == set(FORMS)


def test_every_legacy_form_is_replayed_and_left_unchanged(
    suite: Suite, run: Run, pytester: pytest.Pytester, server: Server
) -> None:
    write_suite(suite, pytester.path)
    before = {path.name: path.read_bytes() for path in pytester.path.rglob("test_suite/*")}
    run().assert_outcomes(passed=len(FORMS))
    assert server.requests == []
    after = {path.name: path.read_bytes() for path in pytester.path.rglob("test_suite/*")}
    assert after == before


def test_plain_pytest_recording_can_replay_the_same_files(
    suite: Suite, run: Run, pytester: pytest.Pytester
) -> None:
    """This shows that the files have forms that vcrpy really uses."""
    write_suite(suite, pytester.path)
    result = run("-p", "no:reprise")
    assert _failed(result) == NOT_PLAYED_BY_VCRPY
    assert result.parseoutcomes()["passed"] == len(FORMS) - len(NOT_PLAYED_BY_VCRPY)


STRICTER_AFTER_MIGRATION = {"another_body", "binary_bodies", "body_of_values", "version_1"}
"""Tests that send another body or Content-Type than recorded; the last makes fewer calls."""


def test_every_form_replays_the_same_after_migration(
    suite: Suite, run: Run, pytester: pytest.Pytester, capsys: pytest.CaptureFixture[str]
) -> None:
    """With Reprise and with plain pytest-recording, which then can even play more forms."""
    write_suite(suite, pytester.path)
    assert main(["migrate", str(pytester.path / "cassettes")]) == 0
    assert "not migrated:" not in capsys.readouterr().out
    assert _failed(run()) == STRICTER_AFTER_MIGRATION
    # The test of gzip_body expects the header Content-Encoding; vcrpy has the plain text now.
    assert _failed(run("-p", "no:reprise")) - {"metadata"} == {"gzip_body"}


def _failed(result: pytest.RunResult) -> set[str]:
    found = re.findall(r"^(?:FAILED|ERROR) test_suite.py::test_(\w+)", result.stdout.str(), re.M)
    return set(found)


UNSAFE = {
    "a call": "!!python/object/apply:os.getcwd []",
    "an object": "!!python/object:pathlib.Path {}",
    "a new object": "!!python/object/new:pathlib.Path [a]",
    "a name": "!!python/name:os.system ''",
    "a module": "!!python/module:os ''",
    "another call": "!!python/object/apply:builtins.eval ['1']",
    "an unknown tag": "!ours 1",
}


def test_unsafe_yaml_tags_are_refused(suite: Suite, run: Run, pytester: pytest.Pytester) -> None:
    good = (LEGACY / "version_1.yaml").read_text(encoding="utf-8")
    names = [name.replace(" ", "_") for name in UNSAFE]
    # The tag is put on the status, a part that no test reads.
    for name, tag in zip(names, UNSAFE.values(), strict=True):
        path = pytester.path / f"cassettes/test_suite/test_{name}.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(good.replace("message: OK", f"message: {tag}", 1), encoding="utf-8")
    tests = (f"@pytest.mark.vcr\ndef test_{name}():\n    pass\n\n" for name in names)
    suite("import pytest\n\n" + "".join(tests))
    result = run()
    result.assert_outcomes(errors=len(UNSAFE))
    line = good[: good.index("message: OK")].count("\n") + 1
    failed = rf"^\S+/test_(\w+)\.yaml:{line}: an unsafe YAML tag: "
    assert re.findall(failed, result.stdout.str(), re.M) == names
