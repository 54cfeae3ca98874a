"""What the `vcr` fixture gives: a tape as vcrpy's cassette, for tests that look at it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import TYPE_CHECKING

from ...errors import RecordingRefused
from ...exchange import Interaction, Response
from ...tape.tape import Tape

if TYPE_CHECKING:
    from vcr.record_mode import RecordMode
    from vcr.request import Request as TheirRequest

    from .values import TheirResponse


class CassetteView:
    """The names and meanings are those of `vcr.cassette.Cassette`.

    It shows the cassette of whoever talks when it is asked; vcrpy is imported when it is asked for
    vcrpy's own objects.
    """

    def __init__(self, current_tape: Callable[[], Tape | None]) -> None:
        self._current_tape = current_tape

    @property
    def _tape(self) -> Tape:
        tape = self._current_tape()
        if tape is None:
            raise RecordingRefused("the `vcr` fixture is used where nothing is recorded")
        return tape

    def __len__(self) -> int:
        return len(self._tape.interactions())

    def __repr__(self) -> str:
        return f"<Cassette containing {len(self)} recorded response(s)>"

    @property
    def data(self) -> list[tuple[TheirRequest, TheirResponse]]:
        """Each request and response: what was loaded, then what was recorded."""
        from .values import their_request

        return [(their_request(i.request), _response(i)) for i in self._tape.interactions()]

    @property
    def requests(self) -> list[TheirRequest]:
        return [request for request, _ in self.data]

    @property
    def responses(self) -> list[TheirResponse]:
        return [response for _, response in self.data]

    @property
    def play_counts(self) -> Counter[int]:
        """How often each was played, by its position."""
        return self._tape.play_counts

    @property
    def play_count(self) -> int:
        return self.play_counts.total()

    @property
    def all_played(self) -> bool:
        return len(self.play_counts) == len(self)

    @property
    def dirty(self) -> bool:
        """Whether something was recorded."""
        return self._tape.has_sent

    @property
    def record_mode(self) -> RecordMode:
        from vcr.record_mode import RecordMode

        mode = self._tape.label.mode
        return RecordMode("new_episodes" if mode == "rewrite" else mode)

    @property
    def write_protected(self) -> bool:
        return not self._tape.may_send

    @property
    def path(self) -> str:
        return str(self._tape.label.path)

    @property
    def _path(self) -> str:
        return self.path

    def __contains__(self, request: TheirRequest) -> bool:
        """Whether there is an answer that was not played yet."""
        from .values import our_request

        return any(is_left for _, is_left in self._tape.alike(our_request(request)))

    def responses_of(self, request: TheirRequest) -> list[TheirResponse]:
        """All answers to a request, played or not. Raises vcrpy's error where there is none."""
        from vcr.errors import UnhandledHTTPRequestError

        from .values import our_request

        found = [_response(i) for i, _ in self._tape.alike(our_request(request))]
        if found:
            return found
        raise UnhandledHTTPRequestError(f"The cassette ({self.path!r}) doesn't contain {request!r}")

    def rewind(self) -> None:
        """Let everything be played again."""
        self._tape.rewind()


def _response(interaction: Interaction) -> TheirResponse:
    from .values import their_response

    outcome = interaction.outcome
    if isinstance(outcome, Response):
        return their_response(outcome)
    return {
        "status": {"code": 599, "message": outcome.error},
        "headers": {},
        "body": {"string": b""},
    }
