"""Serving the staging API: in this process, or in one of its own."""

import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import uvicorn

REPOSITORY = Path(__file__).parents[3]
SUITE = "examples/staging_api/tests"
"""The tests that are recorded against this API, from the repository."""
SUITE = "examples/staging_api/tests"
"""The tests that are recorded against this API, from the repository."""
ANNOUNCEMENT = "staging API at "


def serve(host: str, port: int) -> None:
    """Serve until interrupted, having announced the address on standard output."""
    # Imported late: who only wants running() need not build an application.
    from examples.staging_api.server.app import create_app

    # No grace: a test that timed out on /slow has left a request behind.
    config = uvicorn.Config(create_app(), log_level="critical", timeout_graceful_shutdown=0)
    with socket.create_server((host, port)) as listener, suppress(KeyboardInterrupt):
        # Connections inherit it. Without, every answer waits 40 ms for an acknowledgement.
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        # The listener queues connections from here on, even before uvicorn takes them.
        print(f"{ANNOUNCEMENT}http://{host}:{listener.getsockname()[1]}", flush=True)
        uvicorn.Server(config).run(sockets=[listener])


@contextmanager
def running() -> Iterator[str]:
    """The base URL of a staging API that lives in a process of its own."""
    command = [sys.executable, "-m", "examples.staging_api.server", "--port", "0"]
    with subprocess.Popen(command, cwd=REPOSITORY, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield _announced_url(process)
        finally:
            process.terminate()


def _announced_url(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    line = process.stdout.readline()
    if not line.startswith(ANNOUNCEMENT):
        raise RuntimeError(f"the staging API did not start: {line!r}")
    return line.removeprefix(ANNOUNCEMENT).strip()
