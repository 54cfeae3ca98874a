"""How a tape and a run end: why a cassette is written, and what became of it."""

from __future__ import annotations

from collections.abc import Callable, Collection
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias

from ..exchange import Interaction

if TYPE_CHECKING:
    from ..drift.versions import Comparison

Action: TypeAlias = Literal["replayed", "written", "unchanged", "kept", "dropped", "untouched"]
"""What became of a cassette: `replayed` from, `written`, `unchanged` (recorded again with the same
content), `kept` as it was (its test failed), `dropped` (its test failed, and there was no cassette
before), or `untouched`."""


class Closing(NamedTuple):
    """The result of a tape: its scope, its cassette, and how many requests it played and sent."""

    scope: str
    path: Path
    action: Action
    played: int
    sent: int
    unplayed: tuple[Interaction, ...] = ()
    unanswered: int = 0
    """How many of the requests that were sent have no answer: the connection failed."""
    missed: tuple[str, ...] = ()
    """The first line of the error of each request that was missed or refused, each once."""


class Usage(NamedTuple):
    """What a scope used besides HTTP."""

    randomness: bool = False
    """It drew random values from its seed."""
    recorded_fixture: bool = False
    """It used a wider fixture that has a recording."""


class Reasons(NamedTuple):
    """Why a cassette has to be written; it is not where all are false."""

    sent: bool
    """Requests were sent."""
    emptied: bool
    """The mode replaces the recording, and the scope made no requests this time."""
    new_values: bool
    """A value was recorded that the cassette does not have."""
    new_seed: bool
    """Other scopes use values that were made from a seed which is not in the cassette."""
    new_blocks: bool
    """Blocks of the test have new cassettes, with values of its seed and on its clock."""
    new_time: bool
    """A test without requests uses a recorded fixture, and so needs the time of its recording."""
    dropped: bool
    """The suite's configuration drops interactions that were not played."""


class Committed(NamedTuple):
    """The end of a run: what it could not save, and what it found changed."""

    failed: dict[Path, Exception]
    """Why a cassette was left as it was."""
    changed_by_others: list[Path]
    """Cassettes that another process wrote while this run recorded them."""
    refreshed: dict[Path, bool]
    """The cassettes that were merged into their old versions, and whether these stay."""
    notices: list[str]
    """What else the user has to know."""
    compared: Comparison | None = None
    """What the API answers differently; None if nothing was compared."""


DropWith: TypeAlias = Callable[[Collection[Path]], None]


StillReplay: TypeAlias = Callable[[Collection[Path]], Collection[Path]]
"""Returns those of some cassettes from whose old versions the tests of today still replay."""


class ToRefresh(NamedTuple):
    """The cassettes that the mode rewrite has recorded again."""

    paths: Collection[Path]
    rewritten: Collection[Path] = ()
    """All cassettes that were recorded again, also those that cannot be merged."""
    unchanged: Collection[Path] = ()
    """Cassettes that were recorded again with the same content."""
    volatile: Collection[str] = ()
    """Places that the configuration calls volatile."""
    fixtures: Collection[Path] = ()
    """The cassettes of wider fixtures, which tests outside of the run may use, too."""
    is_complete: bool = False
    """Whether no other tests use these fixtures, and all have passed."""
    still_replay: StillReplay = lambda _: ()
