"""Run the staging API in this process or in another one."""

import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import uvicorn

REPOSITORY = Path(__file__).parents[3]
SUITE = "examples/staging_api/tests"
"""Path of the example tests, relative to the repository."""
ANNOUNCEMENT = "staging API at "


def serve(host: str, port: int) -> None:
    """Print the address on standard output and serve until interrupted."""
    # Imported here, because running() does not need the application.
    from examples.staging_api.server.app import create_app

    # Do not wait for open requests: a test with a timeout on /slow leaves one.
    config = uvicorn.Config(create_app(), log_level="critical", timeout_graceful_shutdown=0)
    with socket.create_server((host, port)) as listener, suppress(KeyboardInterrupt):
        # Connections inherit the option. Without it each response waits 40 ms for a TCP ACK.
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        # From here on the listener queues connections, even before uvicorn accepts them.
        print(f"{ANNOUNCEMENT}http://{host}:{listener.getsockname()[1]}", flush=True)
        uvicorn.Server(config).run(sockets=[listener])


@contextmanager
def running() -> Iterator[str]:
    """Start the staging API in another process and yield its base URL."""
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
