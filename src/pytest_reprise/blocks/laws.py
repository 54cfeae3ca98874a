"""What a block has to have done when it ends, as a recorded test has to."""

from __future__ import annotations

import warnings
from collections.abc import Iterator

from ..errors import RepriseError, RepriseWarning
from ..tape.settings import Settings, Severity
from ..tape.tape import Tape


def check_end(tape: Tape, settings: Settings) -> None:
    """Raise the first thing that is wrong, or warn, as the settings say.

    Code may have caught the error of a miss. Raises RequestNotRecorded, RecordingRefused or
    CallsNotMade.
    """
    for error, severity in _problems(tape, settings):
        if severity == "fail":
            raise error
        if severity == "warn":
            warnings.warn(RepriseWarning(str(error)), stacklevel=4)


def _problems(tape: Tape, settings: Settings) -> Iterator[tuple[RepriseError, Severity]]:
    lenient: Severity = "warn" if tape.is_in_legacy_suite else "fail"
    for missed in dict.fromkeys(tape.missed):
        yield missed, settings.missed or lenient
    if not tape.missed and (not_made := tape.not_made()):
        yield not_made, settings.unplayed
    if refused := tape.still_open() or tape.not_recordable():
        yield refused, "fail"
