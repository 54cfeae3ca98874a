"""Run all fuzz targets for some minutes: `python -m tests.fuzz --minutes 10`."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time

from .rounds import EXAMPLES


def main() -> int:
    """Return 0 if no target failed, else the exit code of the run in which one failed."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--minutes", type=float, default=5.0, help="default: 5")
    parser.add_argument("--examples", type=int, default=500, help="inputs in a round; default: 500")
    options = parser.parse_args()
    environment = {**os.environ, EXAMPLES: str(options.examples)}
    end = time.monotonic() + 60 * options.minutes
    count = 0
    while not count or time.monotonic() < end:
        count += 1
        print(f"round {count}", flush=True)
        command = [sys.executable, "-m", "pytest", "-q", "-x", "--no-header", "tests/fuzz"]
        if code := subprocess.run(command, env=environment, check=False).returncode:
            return code
    return 0


if __name__ == "__main__":
    sys.exit(main())
