"""The file and the options of a block."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from ..tape.overrides import NO_OVERRIDES, Overrides
from ..tape.settings import Settings


def path_of(path: Path, settings: Settings, root: Path) -> Path:
    """The file of a cassette: relative to `cassette_library_dir` if that is set, else to `root`."""
    directory = settings.vcrpy.get("cassette_library_dir")
    return root / str(directory or "") / path.expanduser()


def overrides_of(
    settings: Settings, directory: Path, configure: Callable[[object], None] | None = None
) -> Overrides:
    """What vcrpy's options change. `configure` may change vcrpy's object. Raises
    ConfigurationError."""
    if not settings.vcrpy.keys() - {"cassette_library_dir"} and configure is None:
        return NO_OVERRIDES  # vcrpy takes half a second to import
    from ..adapters.vcrpy.options import make_overrides

    overrides, _ = make_overrides(settings.vcrpy, (), directory, configure)
    return overrides
