"""The scrubber of a session: made when it is needed, or at once where a mistake has to be told."""

from __future__ import annotations

import functools
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..scrub.scrubber import Scrubber


_TABLE = rb"(?<![\w-])reprise(?![\w-])"


def scrubber_of(root: Path) -> Callable[[], Scrubber]:
    """It knows the environment of now, whenever it is made. Raises ConfigurationError."""
    environment = dict(os.environ)

    @functools.cache
    def make() -> Scrubber:
        from ..scrub.config import make_scrubber

        return make_scrubber(root, environment)

    if _may_be_configured(root):
        make()
    return make


def _may_be_configured(root: Path) -> bool:
    if (root / "reprise.toml").exists():
        return True
    try:
        return re.search(_TABLE, (root / "pyproject.toml").read_bytes()) is not None
    except OSError:
        return False
