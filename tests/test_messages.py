"""Messages: text from cassettes reaches a terminal without effect."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_reprise.commands.main import main
from pytest_reprise.messages import ordinal, printable, printable_json, printable_lines

from .harness.runs import Run, Suite

HOSTILE = "\x1b[2J\x07\n::error::pwned\r\u202etxt##[error]x##vso[task.setvariable]\x9b2J"


@given(st.text())
def test_printable_text_is_one_line_without_control_characters(text: str) -> None:
    shown = printable(text)
    assert len(shown.splitlines()) <= 1
    assert not any(ord(char) < 32 or 127 <= ord(char) < 160 for char in shown)
    assert not shown.lstrip().startswith("::")


def test_ordinals() -> None:
    shown = " ".join(map(ordinal, (1, 2, 3, 4, 11, 12, 13, 21, 22, 101, 111)))
    assert shown == "1st 2nd 3rd 4th 11th 12th 13th 21st 22nd 101st 111th"


@pytest.mark.parametrize("text", ["GET http://api.test/a?b=%20c", "naïve ☃ 😀", "a::b", ""])
def test_ordinary_text_stays(text: str) -> None:
    assert printable(text) == text
    assert printable_lines(f"{text}\n  {text}") == f"{text}\n  {text}"


@given(st.text() | st.text("#[]vsoteamcity:"))
def test_printable_text_is_no_command_of_a_ci_system(text: str) -> None:
    shown = printable(text).lower()
    assert not any(f"##{command}[" in shown for command in ("", "vso", "teamcity"))


@given(st.text(), st.lists(st.text()))
def test_printable_json_holds_the_same_value(key: str, values: list[str]) -> None:
    shown = printable_json({key: values})
    assert json.loads(shown) == {key: values}
    assert printable_lines(shown) == shown


def _is_harmless(shown: str) -> bool:
    return not any(
        sign in shown for sign in ("\x1b", "\x07", "\x9b", "\u202e", "##[", "##vso[")
    ) and (not any(line.lstrip().startswith("::") for line in shown.splitlines()))


HOSTILE_JSON = json.dumps(HOSTILE)
CASSETTE = f"""\
interactions:
- request: {{body: null, headers: {{}}, method: {HOSTILE_JSON}, uri: "http://a/?token=s3cret-Value-1"}}
  response: {{body: {{string: ""}}, headers: {{}}, status: {{code: 200, message: {HOSTILE_JSON}}}}}
version: 1
"""
BROKEN = {
    "key": CASSETTE.replace("body: null", f"{HOSTILE_JSON}: null"),
    "value": CASSETTE.replace("code: 200", f"code: {HOSTILE_JSON}"),
    "url": CASSETTE.replace("http://a/", "http://[" + HOSTILE_JSON[1:-1]),
    "style": CASSETTE.replace("version: 1", f"version: {HOSTILE_JSON}"),
    "tag": CASSETTE.replace("null", "!<tag:\u202e::error::%1b%07> a"),
    "body file": CASSETTE.replace(
        "body: null", f"body: !in-a-file-that-vcrpy-cannot-read {HOSTILE_JSON}"
    ),
    "yaml": CASSETTE + HOSTILE,
}


@pytest.mark.parametrize("command", ["show", "check", "diff", "audit", "migrate"])
def test_commands_print_hostile_cassettes_safely(
    command: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    one, other = Path("a.yaml"), Path("b.yaml")
    one.write_text(CASSETTE, encoding="utf-8")
    other.write_text("interactions: []\nversion: 1\n", encoding="utf-8")
    for name, text in BROKEN.items():
        Path(f"{name}.yaml").write_text(text, encoding="utf-8")
    if os.name == "posix":
        for name in (HOSTILE.replace("/", ""), "::error::x", "\udcff"):
            Path(f"{name}.yaml").write_text(CASSETTE, encoding="utf-8")
    for arguments in ([str(one), str(other)],) if command == "diff" else (["."], [str(one)]):
        main([command, *arguments])
        shown = "".join(capsys.readouterr())
        assert shown
        assert _is_harmless(shown), shown
    if command == "audit":
        for form in ("json", "sarif"):
            main([command, f"--format={form}", "."])
            assert _is_harmless(capsys.readouterr().out)


def test_errors_of_cassettes_are_printed_safely_by_pytest(
    suite: Suite, run: Run, pytester: pytest.Pytester
) -> None:
    tests = "import pytest\n\n"
    directory = pytester.path / "cassettes/test_suite"
    directory.mkdir(parents=True)
    for number, text in enumerate(BROKEN.values()):
        tests += f"@pytest.mark.vcr\ndef test_{number}():\n    pass\n\n"
        (directory / f"test_{number}.yaml").write_text(text, encoding="utf-8")
    suite(tests)
    result = run()
    result.assert_outcomes(errors=len(BROKEN))
    assert _is_harmless(result.stdout.str())
