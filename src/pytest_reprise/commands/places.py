"""Where the cassettes of a test module are, as a run of pytest would find them."""

from __future__ import annotations

import configparser
import contextlib
from pathlib import Path
from typing import NamedTuple

from ..errors import ConfigurationError
from ..regular_file import MAX_SETTINGS_SIZE, read_regular_file

_SETTING = "reprise_cassette_dir"
_FILES = {
    "pytest.ini": "pytest",
    ".pytest.ini": "pytest",
    "pyproject.toml": "tool.pytest.ini_options",
    "tox.ini": "pytest",
    "setup.cfg": "tool:pytest",
}
"""Files with ini settings and their sections, in the order in which pytest looks for them."""


class Places(NamedTuple):
    """The root directory of pytest, and the directory that all its cassettes are in, if any."""

    root: Path
    shared: Path | None = None

    def of_module(self, module: Path) -> Path:
        """Return the directory for the cassettes of a test module."""
        if self.shared is None:
            return module.parent / "cassettes" / module.stem
        return self.of_directory(module.parent) / module.stem

    def of_directory(self, directory: Path) -> Path:
        """Return the directory for the cassettes of fixtures that belong to a directory."""
        if self.shared is None:
            return directory / "cassettes"
        return self.shared / directory.relative_to(self.root)


def find_places(start: Path) -> Places:
    """Return the places of cassettes of the nearest configuration of pytest, from `start` upwards.

    Raises ConfigurationError for a file that cannot be read.
    """
    for root in (start, *start.parents):
        for name, section in _FILES.items():
            settings = _settings(root / name, section)
            if settings is not None:
                shared = settings.get(_SETTING)
                return Places(root, root / shared if shared else None)
    return Places(start)


def _settings(file: Path, section: str) -> dict[str, str] | None:
    """Return the settings of pytest in a file; None if it has no section for them."""
    if not file.is_file():
        return None
    try:
        text = read_regular_file(file, MAX_SETTINGS_SIZE).decode()
        if file.suffix == ".toml":
            return _from_toml(text, section)
        parser = configparser.RawConfigParser()
        parser.read_string(text)
    except (OSError, ValueError, configparser.Error) as error:
        raise ConfigurationError(f"{file} cannot be read: {error}") from error
    return dict(parser[section]) if parser.has_section(section) else None


def _from_toml(text: str, section: str) -> dict[str, str] | None:
    import tomllib

    table = tomllib.loads(text)
    for key in section.split("."):
        with contextlib.suppress(AttributeError):
            table = table.get(key, {})
    return {name: str(value) for name, value in table.items()} or None
