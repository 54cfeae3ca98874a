"""Each command, on any file: an exit code, no traceback, and no output that a terminal obeys."""

from __future__ import annotations

import contextlib
import io
import tempfile
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from pytest_reprise.commands.main import main
from pytest_reprise.messages import printable_lines

from ..harness.forms import FORMS
from ..harness.strategies import FUZZ
from .files import contents

_NAMES = st.sampled_from(["a.yaml", "b.yml", "c.json", "\x1b::error::.yaml"])
COMMANDS = (
    ["check"],
    ["show"],
    ["show", "--interaction=1", "--color=no"],
    ["show", "--curl"],
    ["show", "--python"],
    ["show", "--json"],
    ["export", "--har"],
    ["view", "--out=site", "--quiet"],
    ["diff"],
    ["audit"],
    ["audit", "--format=json"],
    ["audit", "--format=sarif"],
    ["audit", "--review"],
    ["migrate", "--check"],
    ["migrate"],
    ["audit", "--fix"],
)
"""The last two write."""


@FUZZ
@given(st.dictionaries(_NAMES, contents, min_size=1, max_size=2))
def test_every_command_ends_with_an_exit_code(files: dict[str, bytes]) -> None:
    with tempfile.TemporaryDirectory() as directory, contextlib.chdir(directory):
        Path("pyproject.toml").touch()
        for name, content in files.items():
            Path(name).write_bytes(content)
        Path("sound.yaml").write_text(FORMS["vcrpy.yaml"], encoding="utf-8")
        for command in COMMANDS:
            paths = [*files, "sound.yaml"][:2] if command == ["diff"] else ["."]
            out, err = io.StringIO(), io.StringIO()
            with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
                code = main([*command, *paths])
            printed = out.getvalue() + err.getvalue()
            assert code in (0, 1, 2)
            assert "raised" not in printed, printed
            assert printable_lines(printed) == printed
            if command == ["show"]:
                assert "sound.yaml\n  1 POST https://api.test/login" in printed
