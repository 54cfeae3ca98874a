"""The server of the campaign, as a process that can be killed: `python -m tests.chaos.server`."""

from __future__ import annotations

import os
import sys

from ..harness.runs import Answer, Received, Server


class _BlobServer(Server):
    """GET /blob returns another binary body each time, which has a body file."""

    def _own_answer(self, received: Received, path: str) -> Answer:
        if path == "/blob":
            return 200, {"Content-Type": "application/octet-stream"}, os.urandom(1_000_001)
        return super()._own_answer(received, path)


if __name__ == "__main__":
    server = _BlobServer()
    print(server.url, flush=True)
    sys.stdin.read()
