"""The command line as a whole: help, errors and exit codes of `reprise`."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from pytest_reprise.commands.main import COMMANDS, main

from ..harness.forms import FORMS

NAMES = [command.__name__.rpartition(".")[2].removesuffix("_har") for command in COMMANDS]


def test_without_a_command_the_help_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert all(f"    {name} " in printed.err for name in NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_help_of_each_command_has_an_example(capsys: pytest.CaptureFixture[str], name: str) -> None:
    with pytest.raises(SystemExit) as ended:
        main([name, "--help"])
    assert ended.value.code == 0
    text = capsys.readouterr().out
    assert f"\nexample: reprise {name}" in text
    assert "\nexit code: 0" in text


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["show", "nowhere"], "no such file or directory: nowhere"),
        (["check", "nowhere"], "no such file or directory: nowhere"),
        (["diff", "nowhere", "nowhere"], "no such cassette: nowhere"),
        (["audit", "nowhere"], "no such file or directory: nowhere"),
        (["migrate", "nowhere"], "no such file or directory: nowhere"),
    ],
)
def test_wrong_path_is_one_line(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    message: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(arguments) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err == f"reprise: {message}\n"


def test_error_of_the_system_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["audit", "--write-baseline=nowhere/b.json", "."]) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith("reprise: nowhere")
    assert printed.err.endswith(": No such file or directory\n")


def test_check_names_what_cannot_be_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("ours.yaml", "vcrpy.yaml", "cut.yaml"):
        (tmp_path / name).write_text(FORMS[name], encoding="utf-8")
    assert main(["check", str(tmp_path)]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert "cut.yaml" in lines[0]
    assert lines[-1] == "3 cassettes, 1 broken"
    assert main(["check", str(tmp_path / "ours.yaml")]) == 0


def test_show_has_a_line_for_each_interaction(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "ours.yaml"
    file.write_text(FORMS["ours.yaml"], encoding="utf-8")
    assert main(["show", str(file)]) == 0
    first, line = capsys.readouterr().out.splitlines()
    assert first == str(file)
    assert line.startswith("  1 POST https://")
    assert line.endswith(" bytes")


def test_diff_of_a_cassette_with_itself_is_empty(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "ours.yaml"
    file.write_text(FORMS["ours.yaml"], encoding="utf-8")
    assert main(["diff", str(file), str(file)]) == 0
    assert capsys.readouterr().out == ""


def test_commands_need_no_package_of_an_extra(tmp_path: Path) -> None:
    """`reprise migrate` must not ask for the packages that only `reprise openapi` needs."""
    program = """
        import sys

        for name in "brotli jinja2 jsonschema markupsafe zstandard".split():
            sys.modules[name] = None  # an import of it fails, as if it were not installed
        import pytest_reprise.plugin.recording_hooks
        from pytest_reprise.commands.main import COMMANDS, main

        assert len(COMMANDS) > 8
        for command in ("check", "show", "audit", "migrate", "export --har"):
            main([*command.split(), "."])
        main(["rules"])
    """
    run = [sys.executable, "-c", textwrap.dedent(program)]
    done = subprocess.run(run, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
