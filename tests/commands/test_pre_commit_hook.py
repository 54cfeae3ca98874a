"""The hook for pre-commit, which runs `reprise audit` on cassettes."""

from __future__ import annotations

import re
from pathlib import Path

import yaml


def test_hook_for_pre_commit() -> None:
    root = Path(__file__).parents[2]
    (hook,) = yaml.safe_load((root / ".pre-commit-hooks.yaml").read_text())
    assert (hook["id"], hook["entry"]) == ("reprise-audit", "reprise audit")
    wanted = re.compile(hook["files"])
    for name in ("cassettes/a.yaml", "tests/cassettes/x/a.yml", "a/cassettes/b.json"):
        assert wanted.search(name)
    for name in ("a.yaml", "cassettes/a.py", "mycassettes/a.yaml", "cassettes.yaml"):
        assert not wanted.search(name)
