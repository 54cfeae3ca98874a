"""Run one process and measure its CPU time and memory."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
REPORT = "BENCH_REPORT"
"""Environment variable with the path for what a test itself measured."""
_KEPT = ("PATH", "HOME", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "SSL_CERT_FILE", "TZ", "SYSTEMROOT")


class Failed(Exception):
    """A process failed. The message is the end of its output."""

    def __str__(self) -> str:
        return str(self.args[0]).strip()[-3000:]

    @property
    def reason(self) -> str:
        """The last line of the output that names an error."""
        lines = reversed(str(self).splitlines())
        return next((line.strip()[-200:] for line in lines if "Error" in line), "see its output")


@dataclass(frozen=True)
class Spent:
    cpu: float
    """Seconds of user and system time, including child processes."""
    peak: float
    """Peak memory in MB."""
    output: str
    report: tuple[dict[str, Any], ...] = ()
    """Measurements that its tests wrote, in order."""

    def reported(self, name: str) -> float:
        return float(sum(line[name] for line in self.report))


def run(command: list[str], folder: Path) -> Spent:
    """Run a command in `folder`. Raises Failed."""
    with tempfile.TemporaryDirectory(prefix="bench-") as apart:
        report, output = Path(apart, "report"), Path(apart, "output")
        with output.open("wb") as stream:
            process = subprocess.Popen(
                command,
                cwd=folder,
                env=_environment(report),
                stdin=subprocess.DEVNULL,
                stdout=stream,
                stderr=subprocess.STDOUT,
            )
            _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        text = output.read_text(errors="replace")
        if process.returncode:
            raise Failed(f"{' '.join(command)}\n{text}")
        lines = report.read_text().splitlines() if report.exists() else []
    cpu = usage.ru_utime + usage.ru_stime
    return Spent(cpu, usage.ru_maxrss / 1024, text, tuple(map(json.loads, lines)))


def _environment(report: Path) -> dict[str, str]:
    """Return an environment without variables that change the measurement.

    Proxies, options for pytest and PYTHONDONTWRITEBYTECODE are left out.
    """
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    return {**kept, "PYTHONHASHSEED": "0", REPORT: str(report)}


class Server:
    """The API over loopback, while the block lasts."""

    def __enter__(self) -> str:
        command = [sys.executable, "-m", "bench.inside.server"]
        self._process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        return f"http://127.0.0.1:{int(self._process.stdout.readline())}"

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()
        if self._process.stdout:
            self._process.stdout.close()
