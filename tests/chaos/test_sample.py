"""A few trials of the campaign: `make chaos` does hundreds."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.skipif(not hasattr(os, "fork"), reason="os.fork of POSIX")
def test_interrupted_recordings_leave_whole_cassettes_of_one_recording_and_nothing_else() -> None:
    environ = {name: text for name, text in os.environ.items() if not name.startswith("PYTEST_")}
    ran = subprocess.run(
        [sys.executable, "-m", "tests.chaos", "--sample", "--seed=1"],
        cwd=Path(__file__).parents[2],
        env=environ,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
