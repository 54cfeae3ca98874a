"""Messages: text from cassettes reaches a terminal without effect."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_reprise.commands.main import main
from pytest_reprise.messages import printable, printable_lines

HOSTILE = "\x1b[2J\x07\n::error::pwned\r\u202etxt"


@given(st.text())
def test_printable_text_is_one_line_without_control_characters(text: str) -> None:
    shown = printable(text)
    assert len(shown.splitlines()) <= 1
    assert not any(ord(char) < 32 or 127 <= ord(char) < 160 for char in shown)
    assert not shown.lstrip().startswith("::")


@pytest.mark.parametrize("text", ["GET http://api.test/a?b=%20c", "naïve ☃ 😀", "a::b", ""])
def test_ordinary_text_stays(text: str) -> None:
    assert printable(text) == text
    assert printable_lines(f"{text}\n  {text}") == f"{text}\n  {text}"


@pytest.mark.parametrize("command", ["show", "check", "diff"])
def test_commands_print_hostile_cassettes_safely(
    command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    hostile = HOSTILE.encode("unicode_escape").decode()
    cassette = f"""\
interactions:
- request: {{body: null, headers: {{}}, method: "GET{hostile}", uri: "http://a/{hostile}"}}
  response: {{body: {{string: ""}}, headers: {{}}, status: {{code: 200, message: "{hostile}"}}}}
version: 1
"""
    one, other = tmp_path / "a.yaml", tmp_path / "b.yaml"
    one.write_text(cassette, encoding="utf-8")
    other.write_text("interactions: []\nversion: 1\n", encoding="utf-8")
    main([command, str(one), *([str(other)] if command == "diff" else [])])
    shown = "".join(capsys.readouterr())
    assert "\x1b" not in shown
    assert "\x07" not in shown
    assert not [line for line in shown.splitlines() if line.lstrip().startswith("::")]
