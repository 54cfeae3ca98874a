"""Who opens the cassettes of blocks: the run of pytest, or the process itself outside pytest."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from ..tape.tape import Tape


class Block(Protocol):
    """A block of code that uses a cassette, from its begin to its end."""

    @property
    def tape(self) -> Tape | None:
        """None where nothing is recorded or replayed."""

    def is_current(self) -> bool:
        """Whether the running code belongs to this block."""

    def end(self, error: BaseException | None) -> None:
        """End the block, which `error` has left. Raises what it did wrong, if nothing else did."""


class Host(Protocol):
    """Begins blocks."""

    def begin(self, path: Path, options: Mapping[str, object]) -> Block:
        """Begin a block in the running code. Raises ConfigurationError and CassetteError."""


hosts: list[Callable[[], Host]] = []
"""One for each session of pytest that runs in this process, the innermost last."""


def current_host() -> Host:
    """The host of the running session of pytest; else the one of the process."""
    if hosts:
        return hosts[-1]()
    from .standalone import HOST

    return HOST
