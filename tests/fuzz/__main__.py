"""Run tests with other random values each time: `python -m tests.fuzz --minutes 10`.

Each round has a new seed, which is printed. `--seed N` repeats one round.
"""

from __future__ import annotations

import argparse
import os
import random
import subprocess
import sys
import time

TARGETS = ("tests/fuzz",)
CASES = (
    *(f"tests/scrub/test_{name}.py" for name in ("cases", "placements", "sessions", "tokens")),
    *(f"tests/scrub/test_{name}.py" for name in ("forms", "structures", "properties", "names")),
    *(f"tests/{name}" for name in ("audit", "cassette", "drift", "matching", "report", "tape")),
    "tests/plugin/test_programs.py",
)
"""What draws secrets or has properties, and takes minutes with many examples."""


def main() -> int:
    """Return 0 if no round failed, else the exit code of the one that did."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--minutes", type=float, default=5.0, help="default: 5; at least one round")
    parser.add_argument("--times", type=int, default=8, help="times as many examples; default: 8")
    parser.add_argument("--seed", type=int, help="do one round, with this seed")
    parser.add_argument("--cases", action="store_true", help="case sets and properties instead")
    options = parser.parse_args()
    end = time.monotonic() + 60 * options.minutes
    while True:
        seed = options.seed or random.SystemRandom().randrange(1, 2**32)
        if code := _round(CASES if options.cases else TARGETS, seed, options.times):
            again = f" --times {options.times}" + " --cases" * options.cases
            print(f"To repeat this round: python -m tests.fuzz --seed {seed}{again}")
            return code
        if options.seed or time.monotonic() > end:
            return 0


def _round(targets: tuple[str, ...], seed: int, times: int) -> int:
    print(f"seed {seed}", flush=True)
    environment = {**os.environ, "TESTS_SEED": str(seed), "TESTS_TIMES": str(times)}
    command = [sys.executable, "-m", "pytest", "-q", "-n", "2", f"--hypothesis-seed={seed}"]
    return subprocess.run([*command, *targets], env=environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
