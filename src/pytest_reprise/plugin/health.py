"""Wait until the server to record against is up, so that sixty tests do not fail one by one."""

from __future__ import annotations

import http.client
import time
import urllib.error
import urllib.request

from ..errors import ServerNotReady

_PAUSE = 0.2
"""Seconds between two attempts."""


def wait_until_healthy(url: str, timeout: float) -> None:
    """Return once a GET of `url` answers with a status below 400.

    Raises ServerNotReady after `timeout` seconds.
    """
    deadline = time.monotonic() + timeout
    while (problem := _problem(url, deadline)) is not None:
        if time.monotonic() >= deadline:
            raise ServerNotReady(
                f"The server to record against is not ready.\n\n"
                f"  health    GET {url}\n"
                f"  answer    {problem} (waited {timeout:g} s)\n\n"
                f"Start it, or set the right address: API_BASE_URL=https://…"
            )
        time.sleep(_PAUSE)


def _problem(url: str, deadline: float) -> str | None:
    """What is wrong with the answer of the server, or None."""
    patience = max(1.0, deadline - time.monotonic())
    try:
        with urllib.request.urlopen(url, timeout=patience):
            return None
    except urllib.error.HTTPError as error:
        return f"{error.code} {error.reason}"
    except (OSError, ValueError, http.client.HTTPException) as error:
        return str(getattr(error, "reason", None) or error)
