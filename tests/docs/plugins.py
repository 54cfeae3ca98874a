"""Plugins of pytest that a run needs; to import all that are installed takes a second."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.metadata import entry_points

_NEEDED = ("pytest-reprise", "pytest-recording", "time-machine")


def without_plugins(named: str) -> Iterator[str]:
    """Options of pytest that leave out all plugins but ours and those whose package is named."""
    yield "-pno:cacheprovider"
    for plugin in entry_points(group="pytest11"):
        package = plugin.dist.name if plugin.dist else ""
        if package not in _NEEDED and package not in named:
            yield f"-pno:{plugin.name}"
