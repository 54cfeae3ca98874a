"""The workflow to copy: its commands exist, and do in a repository what the page says."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sysconfig
from pathlib import Path
from typing import Any

import pytest
import yaml

from ..harness.runs import Server, Suite, json_answer
from .pages import DOCS, File, steps
from .plugins import without_plugins

FILE = DOCS.parent / ".github/workflows-to-copy/refresh-cassettes.yml"
SCRIPTS = sysconfig.get_path("scripts")
SUITE = """
    import pytest

    @pytest.mark.vcr
    def test_user(client):
        assert client.get("/users/7").json()["id"] == 7
"""
GH = """#!/bin/sh
echo "$@" >> "$RUNNER_TEMP/gh.log"
case "$*" in "pr create"*) exit $GH_FAILS ;; esac
"""


def workflow() -> dict[Any, Any]:
    found: dict[Any, Any] = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    return found


def run_steps() -> list[dict[str, Any]]:
    """The steps that run commands, but for the installation."""
    [job] = workflow()["jobs"].values()
    return [step for step in job["steps"] if "pip install" not in step.get("run", "pip install")]


def test_the_page_shows_the_file() -> None:
    shown = [step for step in steps(DOCS / "how-to/ci.md") if isinstance(step, File)]
    [text] = (file.text for file in shown if file.name.endswith("refresh-cassettes.yml"))
    assert text.strip() == FILE.read_text(encoding="utf-8").strip()
    assert set(workflow()) >= {"name", "jobs", "permissions"}


def test_its_commands_and_options_exist() -> None:
    known: dict[str, set[str]] = {}
    checked = set()
    for step in run_steps():
        for line in step["run"].splitlines():
            words = shlex.split(line, comments=True)
            if not words or words[0] not in ("pytest", "reprise"):
                continue
            command = tuple(words[:2] if words[0] == "reprise" else words[:1])
            if command[-1] not in known:
                asked = [f"{SCRIPTS}/{command[0]}", *command[1:], "--help"]
                ran = subprocess.run(asked, capture_output=True, text=True, check=True)
                known[command[-1]] = set(re.findall(r"--[a-z-]+", ran.stdout))
            for word in words[len(command) :]:
                if option := re.match("--[a-z-]+", word):
                    assert option[0] in known[command[-1]], line
                    checked.add(option[0])
    assert {"pytest", "check", "audit"} == known.keys()
    assert {"--record-mode", "--reprise-prove", "--reprise-report"} <= checked


@pytest.mark.skipif(os.name != "posix", reason="the steps are for bash")
def test_its_steps_open_a_pull_request_with_the_report(
    suite: Suite,
    server: Server,
    pytester: pytest.Pytester,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in [name for name in os.environ if name.startswith("PYTEST_")]:
        monkeypatch.delenv(name)
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/gh").write_text(GH, encoding="utf-8")
    (tmp_path / "bin/gh").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:{SCRIPTS}:{os.environ['PATH']}")
    monkeypatch.setenv("PYTEST_ADDOPTS", " ".join(without_plugins("")))
    monkeypatch.setenv("RUNNER_TEMP", str(tmp_path))
    monkeypatch.setenv("CI", "true")
    monkeypatch.setenv("GH_FAILS", "0")
    server.answers["/users/7"] = json_answer({"id": 7, "name": "Ada"})
    suite(tests__test_users=SUITE)
    (pytester.path / ".gitignore").write_text("__pycache__/\n.pytest_cache/\n", encoding="utf-8")

    def run(command: str, **env: str) -> int:
        return subprocess.run(
            ["bash", "-e", "-c", command], env={**os.environ, **env}, check=False
        ).returncode

    base = {"API_BASE_URL": server.url}
    git = "git -c user.name=a -c user.email=a@example.com"
    assert run("pytest --record-mode=once", **base) == 0
    remote = tmp_path / "remote.git"
    assert run(f"git init -qb main && git init -q --bare {remote} && git add --all") == 0
    assert run(f"{git} commit -qm first && git remote add origin {remote}") == 0

    def run_workflow() -> list[str]:
        (tmp_path / "gh.log").write_text("", encoding="utf-8")
        [job] = workflow()["jobs"].values()
        for step in run_steps()[:-1]:
            own = base if "API_BASE_URL" in step.get("env", {}) else {}
            assert run(step["run"], **job["env"], **own) == 0, step["name"]
        return (tmp_path / "gh.log").read_text(encoding="utf-8").splitlines()

    assert run_workflow() == []  # nothing changed
    server.answers["/users/7"] = json_answer({"id": 7, "title": "Ada"})
    [created] = run_workflow()
    report = tmp_path / "drift.md"
    assert created.startswith("pr create ")
    assert f"--body-file {report}" in created
    assert "name → title" in report.read_text(encoding="utf-8")
    changed = "git diff --name-only main origin/refresh-cassettes"
    shown = subprocess.run(changed.split(), capture_output=True, text=True, check=True).stdout
    assert shown.split() == ["tests/cassettes/test_users/test_user.yaml"]
    # The next night, with the pull request still open.
    assert run("git checkout -q main && git branch -qD refresh-cassettes") == 0
    monkeypatch.setenv("GH_FAILS", "1")
    assert [line.split()[1] for line in run_workflow()] == ["create", "edit"]
