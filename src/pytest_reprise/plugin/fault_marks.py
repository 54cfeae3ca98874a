"""The mark and the fixture `fault`: what goes wrong on purpose in one test."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

import pytest

if TYPE_CHECKING:
    from ..tape.faults import FaultKind, Faults
    from ..tape.tape import Tape

MARK = (
    "fault(call, *kinds, nth=1, retry_after=None): replace recorded answers of a call, such as "
    "'GET /orders/*', by errors, statuses or broken bodies."
)


class AddFault(Protocol):
    """The type of the `fault` fixture."""

    def __call__(
        self, call: str, *kinds: FaultKind, nth: int = 1, retry_after: float | None = None
    ) -> None: ...


def faults_of_marks(marks: Sequence[pytest.Mark]) -> Faults | None:
    """Return the faults of these marks of a test, or None. Raises ConfigurationError."""
    if not marks:
        return None
    from ..errors import ConfigurationError
    from ..tape.faults import Fault, Faults

    faults = Faults()
    for mark in marks:
        call, *kinds = mark.args or ("",)
        try:
            faults.add(Fault(call, tuple(kinds), **mark.kwargs))
        except TypeError as error:
            raise ConfigurationError(f"invalid mark fault: {error}. It is {MARK}") from None
    return faults


def adding_to(tape: Tape | None) -> AddFault:
    """Return what the `fault` fixture gives in a test with this tape."""

    def add(call: str, *kinds: FaultKind, nth: int = 1, retry_after: float | None = None) -> None:
        from ..errors import ConfigurationError
        from ..tape.faults import Fault, Faults

        if tape is None:
            raise ConfigurationError("The fixture fault needs a recorded test: add the mark vcr.")
        tape.faults = tape.faults or Faults()
        tape.faults.add(Fault(call, kinds, nth, retry_after))

    return add
