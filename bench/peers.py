"""The measured tools. Each has its own virtual environment with the same pytest and httpx."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
VENVS = HERE / ".venvs"
CONSTRAINTS = HERE / "constraints.txt"


@dataclass(frozen=True)
class Peer:
    name: str
    requirements: tuple[str, ...]
    plugins: tuple[str, ...] = ()
    """Packages whose versions the results name."""
    records: bool = False
    """Whether it records; the others are given the responses by the tests."""
    checkout: Path | None = None
    """For Reprise: the directory of the measured sources."""

    @property
    def python(self) -> Path:
        return VENVS / self.name / "bin" / "python"


FLOOR = Peer("floor", (), ("pytest", "httpx"))
BEFORE = "before"
"""Name of the other checkout of Reprise that `--before` measures."""
_VCRPY = ("pytest-recording", "vcrpy")


def _reprise(name: str, checkout: Path) -> Peer:
    return Peer(name, ("-e", str(checkout)), ("pytest-reprise",), True, checkout)


def before(checkout: Path) -> Peer:
    return _reprise(BEFORE, checkout.resolve())


REPRISE = _reprise("reprise", HERE.parent)
RECORDING = Peer("pytest-recording", _VCRPY, _VCRPY, records=True)
CASSETTER = Peer("cassetter", ("cassetter",), ("cassetter",), records=True)
HTTPX_MOCK = Peer("pytest-httpx", ("pytest-httpx",), ("pytest-httpx",))
RESPX = Peer("respx", ("respx",), ("respx",))

ALL = (FLOOR, REPRISE, RECORDING, CASSETTER, HTTPX_MOCK, RESPX)


def install(peer: Peer) -> None:
    """Create the environment, unless it is up to date. Raises CalledProcessError."""
    venv = VENVS / peer.name
    stamp, wanted = venv / ".ready", _wanted(peer)
    if stamp.exists() and stamp.read_text() == wanted:
        return
    print(f"setting up {venv.relative_to(HERE.parent)} …", flush=True)
    shutil.rmtree(venv, ignore_errors=True)
    for command in _commands(peer, venv):
        subprocess.run(command, check=True, capture_output=True, text=True)
    stamp.write_text(wanted)


def _wanted(peer: Peer) -> str:
    project = (peer.checkout / "pyproject.toml").read_text() if peer.checkout else ""
    parts = [sys.version, *peer.requirements, CONSTRAINTS.read_text(), project]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def _commands(peer: Peer, venv: Path) -> list[list[str]]:
    packages = ["-c", str(CONSTRAINTS), "pytest", "httpx", *peer.requirements]
    if uv := shutil.which("uv"):
        return [
            [uv, "venv", "--quiet", "--python", sys.executable, str(venv)],
            [uv, "pip", "install", "--quiet", "--python", str(peer.python), *packages],
        ]
    quiet = ["--quiet", "--disable-pip-version-check"]
    return [
        [sys.executable, "-m", "venv", str(venv)],
        [str(peer.python), "-m", "pip", "install", *quiet, *packages],
    ]


_ASK = "import sys; from importlib.metadata import version; print(*map(version, sys.argv[1:]))"


def versions(peer: Peer) -> dict[str, str]:
    """Return the versions of the packages of `peer`."""
    command = [str(peer.python), "-c", _ASK, *peer.plugins]
    output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    found = dict(zip(peer.plugins, output.split(), strict=True))
    if peer.checkout:
        found["pytest-reprise"] += f" ({_commit(peer.checkout)})"
    return found


def _commit(checkout: Path) -> str:
    command = ["git", "-C", str(checkout), "describe", "--always", "--dirty"]
    output = subprocess.run(command, check=False, capture_output=True, text=True)
    return output.stdout.strip() or "no commit"
