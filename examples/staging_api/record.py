"""Record the committed cassettes again, from API_BASE_URL or from a staging API started here.

Run it with ``make record``. Further arguments are passed to pytest.
"""

import os
import subprocess
import sys

from examples.staging_api.server.keys import DEFAULTS
from examples.staging_api.server.server import REPOSITORY, SUITE, running


def main() -> int:
    if "API_BASE_URL" in os.environ:
        return _record()
    for name, value in DEFAULTS.items():
        os.environ.setdefault(name, value)
    with running() as url:
        os.environ["API_BASE_URL"] = url
        return _record()


def _record() -> int:
    command = [
        sys.executable,
        "-m",
        "pytest",
        SUITE,
        "--record-mode=rewrite",
        "--reprise-prove",
    ]
    return subprocess.run([*command, *sys.argv[1:]], cwd=REPOSITORY).returncode


if __name__ == "__main__":
    sys.exit(main())
