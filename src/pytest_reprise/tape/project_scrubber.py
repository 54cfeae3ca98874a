"""The scrubber of a project, with its configuration and its environment."""

from __future__ import annotations

import functools
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from ..regular_file import MAX_SETTINGS_SIZE, read_regular_file

if TYPE_CHECKING:
    from ..scrub.scrubber import Scrubber


_REPRISE_TABLE = rb"(?<![\w-])reprise(?![\w-])"


def scrubber_of(root: Path) -> Callable[[], Scrubber]:
    """Return a function that makes the scrubber of the project in `root`, once.

    The scrubber knows the environment as it is now, whenever it is made. A project with a
    configuration gets it at once, so that a mistake in it is reported before any test runs. Else
    all files are read now: the scrubber may be needed inside an event loop, which must not wait for
    a file. Raises ConfigurationError.
    """
    environment = dict(os.environ)
    if _may_be_configured(root):
        from ..scrub.config import make_scrubber

        made = make_scrubber(root, environment)
        return lambda: made
    try:
        dotenv = read_regular_file(root / ".env", MAX_SETTINGS_SIZE)
    except OSError:
        dotenv = b""

    @functools.cache
    def make() -> Scrubber:
        from ..scrub.config import make_default_scrubber

        return make_default_scrubber(environment, dotenv)

    return make


def _may_be_configured(root: Path) -> bool:
    """Whether there may be a configuration. To parse TOML takes 5 ms, which most runs save."""
    if (root / "reprise.toml").exists():
        return True
    try:
        text = read_regular_file(root / "pyproject.toml", MAX_SETTINGS_SIZE)
        return re.search(_REPRISE_TABLE, text) is not None
    except OSError:
        return False
