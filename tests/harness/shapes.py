"""Shapes of interactions that a test gives."""

from __future__ import annotations

from collections.abc import Hashable
from typing import NamedTuple


class GivenShape(NamedTuple):
    """What is compared of an interaction; see `drift.alignment.Shape`."""

    forms: tuple[Hashable, ...]
    meaning: Hashable
    loose_meaning: Hashable

    @property
    def rounds(self) -> int:
        return len(self.forms)

    def form(self, number: int) -> Hashable:
        return self.forms[number]
