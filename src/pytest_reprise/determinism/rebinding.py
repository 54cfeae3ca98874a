"""Replace functions, also where a module has imported one by name."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable, Mapping
from typing import Any

Undo = list[Callable[[], None]]
"""Functions that put back what was replaced."""


def rebind(replacements: Mapping[Callable[..., Any], object], but_in: str) -> Undo:
    """Replace functions under every name that any module has for them, but in the module `but_in`,
    which calls the originals."""
    by_id = {id(original): replacement for original, replacement in replacements.items()}
    return [
        restore
        for module in list(sys.modules.values())
        if isinstance(getattr(module, "__dict__", None), dict)
        for name, value in list(module.__dict__.items())
        if id(value) in by_id and module.__name__ != but_in
        for restore in replace(module, name, by_id[id(value)])
    ]


def replace(place: Any, name: str, replacement: Any) -> Undo:
    """Replace one attribute."""
    original = place.__dict__[name]
    setattr(place, name, replacement)
    return [functools.partial(setattr, place, name, original)]
