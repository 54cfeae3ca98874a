"""Tell which code slept until a time that another clock had shown."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from ..determinism import long_sleep
from ..messages import display_path
from .scope_end import warn_even_if_error

_YEAR = 365.25 * 86400
_TEXT = """\
A sleep of {} passed at once, at {}:{}.

It was computed from a time that another clock had shown: the real one, or that of another
recording. A replay runs at the time of its recording, so such a difference may be years. To replay
on the real clock, set `reprise_clock = real`. See "Determinism" in the documentation."""


def install() -> Callable[[], None]:
    """Let such sleeps pass at once, and warn of each place once. Returns the undo."""
    places = set[tuple[str, int]]()

    def tell(seconds: float, file: str, line: int) -> None:
        if (file, line) not in places:
            places.add((file, line))
            warn_even_if_error(_TEXT.format(_long(seconds), display_path(Path(file)), line), 5)

    return long_sleep.install(tell)


def _long(seconds: float) -> str:
    if seconds >= _YEAR:
        return f"{seconds / _YEAR:.1f} years"
    return f"{seconds / 86400:.1f} days" if seconds >= 2 * 86400 else f"{seconds / 3600:.1f} hours"
