"""Places that the configuration calls volatile: what differs there is noise."""

from __future__ import annotations

import re
from collections.abc import Iterable

from ..scrub.rules.json_paths import json_path_pattern
from .places import Place

_HEADER = "header:"


class Volatile:
    """The places that `entries` name: `header:X-Trace`, `$.meta.trace`, or the name of a field,
    header or query parameter anywhere. A place in an object that is named is volatile, too."""

    def __init__(self, entries: Iterable[str] = ()) -> None:
        entries = [*entries]
        headers = [e[len(_HEADER) :] for e in entries if e.lower().startswith(_HEADER)]
        self._headers = {name.strip().lower() for name in headers}
        self._paths = [p for e in entries if e.startswith("$") and (p := json_path_pattern(e))]
        others = (e for e in entries if not e.startswith("$") and not e.lower().startswith(_HEADER))
        self._names = {name.lower() for name in others}

    def __bool__(self) -> bool:
        return bool(self._headers or self._paths or self._names)

    def holds(self, place: Place) -> bool:
        """Whether a text at this place is volatile."""
        steps = ["[]" if isinstance(step, int) else step for step in place.path]
        if place.part == "header":
            return self._is_header(steps[0]) if steps else False
        return place.part in ("leaf", "query") and self._is_below(steps)

    def covers(self, place: str) -> bool:
        """Whether a change at this place (see `ApiChange`) is noise."""
        if place.startswith(_HEADER):
            return self._is_header(place[len(_HEADER) :].lower())
        return place.startswith("$") and self._is_below(re.findall(r"\[\]|[^.\[\]]+", place[1:]))

    def _is_header(self, name: str) -> bool:
        return name in self._headers or name in self._names

    def _is_below(self, steps: list[str]) -> bool:
        if not self._names.isdisjoint(map(str.lower, steps)):
            return True
        shown = ""
        for step in steps:
            shown += step if step == "[]" or not shown else f".{step}"
            if any(pattern.fullmatch(shown) for pattern in self._paths):
                return True
        return False
