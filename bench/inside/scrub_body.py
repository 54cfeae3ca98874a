"""Scrub and save one body; print the CPU seconds, and the peak memory that this took in bytes.

Arguments: the file with the body, its media type, and the file to write.
"""

from __future__ import annotations

import re
import resource
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from pytest_reprise.cassette.file import save
from pytest_reprise.cassette.model import Cassette, Header
from pytest_reprise.exchange import Interaction, Request, Response
from pytest_reprise.scrub.replace.vault import Vault
from pytest_reprise.scrub.scrubber import Scrubber

KNOWN = "S3cr3t-known-value"


def _peak() -> int:
    """Return the peak of this process in bytes.

    On Linux `ru_maxrss` begins with the size of the process that started this one.
    """
    if _STATUS.exists():
        return 1024 * int(_PEAK.findall(_STATUS.read_text())[0])
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


_STATUS = Path("/proc/self/status")
_PEAK = re.compile(r"VmHWM:\s+(\d+) kB")


def _record(body: bytes, media: str, path: Path) -> float:
    """Return the CPU seconds for scrubbing."""
    answer = Response(200, "OK", (("Content-Type", media),), body)
    scrubber = Scrubber(Vault([("token", KNOWN)]))
    start = time.process_time()
    scrubbed = scrubber.scrub([Interaction(Request("GET", "http://api.test/"), answer)])
    took = time.process_time() - start
    save(path, Cassette(scrubbed, Header(datetime.now(UTC), "bench")))
    return took


def main() -> None:
    file, media, target = sys.argv[1:]
    _record(b"small", media, Path(target))  # imports what is needed
    before = _peak()
    body = Path(file).read_bytes()
    took = _record(body, media, Path(target))
    print(took, _peak() - before)


if __name__ == "__main__":
    main()
