"""How files and tests are named to a person."""

from __future__ import annotations

import shlex
from pathlib import Path


def near(path: Path) -> str:
    """A path as one would type it from here."""
    try:
        return str(path.relative_to(Path.cwd()))
    except ValueError:
        return str(path)


def pytest_command(nodeid: str) -> str:
    """The command that runs one test."""
    return f"pytest {shlex.quote(nodeid)}"
