"""The value of the `vcr` fixture: the active tape with the attributes of vcrpy's cassette."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import TYPE_CHECKING

from ..errors import RecordingRefused
from ..exchange import Interaction, Response
from ..tape.tape import Tape

if TYPE_CHECKING:
    from vcr.record_mode import RecordMode
    from vcr.request import Request as VcrRequest

    from .vcrpy.values import VcrResponse


class CassetteView:
    """The names and meanings are those of `vcr.cassette.Cassette`.

    Each attribute shows the tape that is active when it is read. vcrpy is imported only when an
    attribute returns vcrpy's own objects.
    """

    def __init__(self, current_tape: Callable[[], Tape | None]) -> None:
        self._current_tape = current_tape

    @property
    def _tape(self) -> Tape:
        tape = self._current_tape()
        if tape is None:
            raise RecordingRefused("the `vcr` fixture was used outside a recorded test")
        return tape

    def __len__(self) -> int:
        return len(self._tape.interactions())

    def __repr__(self) -> str:
        return f"<Cassette containing {len(self)} recorded response(s)>"

    @property
    def data(self) -> list[tuple[VcrRequest, VcrResponse]]:
        """Requests and responses: first those that were loaded, then those recorded now."""
        from .vcrpy.values import to_vcr_request

        return [(to_vcr_request(i.request), _response(i)) for i in self._tape.interactions()]

    @property
    def requests(self) -> list[VcrRequest]:
        return [request for request, _ in self.data]

    @property
    def responses(self) -> list[VcrResponse]:
        return [response for _, response in self.data]

    @property
    def play_counts(self) -> Counter[int]:
        """How often each interaction was played, by its position."""
        return self._tape.player.play_counts

    @property
    def play_count(self) -> int:
        return self.play_counts.total()

    @property
    def all_played(self) -> bool:
        return len(self.play_counts) == len(self)

    @property
    def dirty(self) -> bool:
        """Whether something was recorded."""
        return self._tape.sent > 0

    @property
    def record_mode(self) -> RecordMode:
        from vcr.record_mode import RecordMode

        return RecordMode(self._tape.mode.vcrpy_name)

    @property
    def write_protected(self) -> bool:
        return not self._tape.may_send

    @property
    def path(self) -> str:
        return str(self._tape.use.path)

    @property
    def _path(self) -> str:
        return self.path

    def __contains__(self, request: VcrRequest) -> bool:
        """Whether there is an answer that can still be played."""
        from .vcrpy.values import from_vcr_request

        return any(can_play for _, can_play in self._tape.answers_to(from_vcr_request(request)))

    def responses_of(self, request: VcrRequest) -> list[VcrResponse]:
        """All answers to a request, played or not. Raises vcrpy's error where there is none."""
        from vcr.errors import UnhandledHTTPRequestError

        from .vcrpy.values import from_vcr_request

        found = [_response(i) for i, _ in self._tape.answers_to(from_vcr_request(request))]
        if found:
            return found
        raise UnhandledHTTPRequestError(f"The cassette ({self.path!r}) doesn't contain {request!r}")

    def rewind(self) -> None:
        """Let everything be played again."""
        self._tape.rewind()


def _response(interaction: Interaction) -> VcrResponse:
    from .vcrpy.values import to_vcr_response

    outcome = interaction.outcome
    if isinstance(outcome, Response):
        return to_vcr_response(outcome)
    return {
        "status": {"code": 599, "message": outcome.error},
        "headers": {},
        "body": {"string": b""},
    }
