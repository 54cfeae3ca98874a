"""Record the example suite against a real server and replay it offline.

Run it with ``make demo``. It works in ``.demo`` and does not change the committed cassettes.
"""

import json
import os
import secrets
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, NamedTuple

from examples.staging_api.server.keys import DEFAULTS
from examples.staging_api.server.server import REPOSITORY, SUITE, running

SCRATCH = REPOSITORY / ".demo"
CASSETTES = SCRATCH / "cassettes"


class Outcome(NamedTuple):
    """The report of one run of pytest, and its duration in seconds."""

    seconds: float
    report: dict[str, Any]


def main() -> None:
    _copy_suite()
    shared = {name: f"demo-{secrets.token_urlsafe(15)}" for name in DEFAULTS}
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("PYTEST_", "STAGING_"))}
    os.environ.update(shared)  # the server reads them too
    print(f"Recording {SUITE} against a staging API on this machine …", flush=True)
    with running() as url:
        recorded = _pytest(environment | shared | {"API_BASE_URL": url}, "--record-mode=once")
    print("The staging API is down. Replaying: network blocked, no secrets, no URL …", flush=True)
    replayed = _pytest(environment, "--block-network")
    _print_summary(recorded, replayed, list(shared.values()))


def _copy_suite() -> None:
    shutil.rmtree(SCRATCH, ignore_errors=True)
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(REPOSITORY / SUITE, SCRATCH / SUITE, ignore=ignored)
    for package in list(Path(SUITE).parents)[:-1]:
        (SCRATCH / package / "__init__.py").touch()
    shutil.copy(REPOSITORY / "pyproject.toml", SCRATCH)


def _pytest(environment: dict[str, str], *options: str) -> Outcome:
    report = SCRATCH / "report.json"
    command = [
        sys.executable,
        "-m",
        "pytest",
        SUITE,
        "-q",
        f"--reprise-report={report}",
    ]
    start = time.perf_counter()
    done = subprocess.run(
        [*command, *options], cwd=SCRATCH, env=environment, capture_output=True, text=True
    )
    seconds = time.perf_counter() - start
    if done.returncode:
        sys.exit(done.stdout + done.stderr)
    return Outcome(seconds, json.loads(report.read_text()))


def _print_summary(recorded: Outcome, replayed: Outcome, shared: list[str]) -> None:
    files = sorted(CASSETTES.rglob("*.yaml"))
    texts = [file.read_bytes() for file in [*files, *CASSETTES.rglob("*.body")]]
    leaks = sum(any(secret.encode() in text for secret in shared) for text in texts)
    shown = min((f for f in files if "test_users" in f.parts), key=lambda f: f.stat().st_size)
    made, played = recorded.report, replayed.report
    taken = [f"in {outcome.seconds:.1f} s" for outcome in (recorded, replayed)]
    print(f"""
  recorded   {made["recorded"]} tests, {made["interactions"]} interactions, {taken[0]}
  replayed   {played["replayed"]} tests, {played["interactions"]} interactions, {taken[1]}
  network    {made["live"]} live requests when recording, {played["live"]} when replaying
  secrets    {made["secrets"]} scrubbed; {leaks} of {len(files)} cassettes hold one
  shared     {_count_fixture_cassettes()} fixtures of wider scope have cassettes of their own
  look at    {shown.relative_to(REPOSITORY)}
             {(CASSETTES / SUITE / "@admin_token.yaml").relative_to(REPOSITORY)}

The same with the committed cassettes:
  make record        # starts the API, and records them again
  pytest examples    # replays them, offline""")


def _count_fixture_cassettes() -> int:
    return len([*CASSETTES.rglob("@*.yaml"), *CASSETTES.rglob("*.@*.yaml")])


if __name__ == "__main__":
    main()
