"""What has to hold before a recording may send a request to the real server."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest

from ..determinism.base_url import NO_BASE_URL, has_no_base, has_no_scheme, origin
from ..errors import RecordingRefused, ServerNotReady
from ..exchange import Request
from ..tape.permission import refuse_placeholders


class Gate:
    """Called with each request that is about to be sent. Raises RecordingRefused.

    `base_url` returns the base URL of the running test. Requests that are made inside
    `not_recorded()` belong to no scope; it is used for the health check. `may_record` is False in a
    worker of pytest-xdist if the controller does not wait for recordings.
    """

    def __init__(
        self,
        session: pytest.Session,
        base_url: Callable[[], str | None],
        not_recorded: Callable[[], AbstractContextManager[None]],
        may_record: bool,
    ) -> None:
        self._session = session
        self._base_url = base_url
        self._not_recorded = not_recorded
        self._may_record = may_record
        self._lock = threading.Lock()
        self._path = session.config.getini("reprise_health_path")
        self._timeout = float(session.config.getini("reprise_health_timeout"))
        self._is_healthy = not self._path

    def __call__(self, request: Request) -> None:
        self.refuse_in_worker()
        if has_no_base(request.url):
            self._refuse_without_base(request)
        refuse_placeholders(request)
        with self._lock:
            if not self._is_healthy:
                self._wait_until_healthy(request)

    def _refuse_without_base(self, request: Request) -> None:
        base = self._base_url()
        if not base:
            path = request.url.removeprefix(NO_BASE_URL)
            raise RecordingRefused(_WITHOUT_BASE_URL.format(request.method, path))
        if has_no_scheme(base):
            raise RecordingRefused(_WITHOUT_SCHEME.format(base, request.method, request.url))

    def refuse_in_worker(self) -> None:
        """Stop a worker of pytest-xdist that may not record, and is about to record a request or a
        value."""
        if not self._may_record:
            self._stop_session(RecordingRefused(_IN_WORKER))

    def _wait_until_healthy(self, request: Request) -> None:
        from .health import wait_until_healthy

        base = self._base_url() or origin(request.url)
        try:
            with self._not_recorded():
                wait_until_healthy(base.rstrip("/") + self._path, self._timeout)
        except ServerNotReady as error:
            self._stop_session(error)
        self._is_healthy = True

    def _stop_session(self, error: RecordingRefused) -> None:
        """Fail once and stop the session: every other test would fail in the same way."""
        self._session.shouldfail = str(error).splitlines()[0]
        raise error


_WITHOUT_BASE_URL = """\
This request has no server to go to: the base URL is not set.

  request   {} {}

Set it in the environment, or by a `base_url` fixture:
  API_BASE_URL=https://staging.example.com pytest --record-mode=once"""

_WITHOUT_SCHEME = """\
This request has no server to go to: the base URL {} has no scheme.

  request   {} {}

Begin it with https:// or http://, as in https://staging.example.com."""

_IN_WORKER = """\
Recording in this worker of pytest-xdist is refused. Workers on this machine record if the record \
mode is an option or in the ini file, so that the controller knows it.

Name the mode in the command, or record in one process:
  pytest --record-mode=once
  pytest -n 0 --record-mode=once"""
