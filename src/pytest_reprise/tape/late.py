"""Messages for requests of threads and tasks that outlive the test or fixture that started them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from urllib.parse import urlsplit

from ..cassette.model import CassetteUse
from ..errors import RecordingRefused, RepriseError, RequestNotRecorded
from ..exchange import Request
from ..messages import display_path, printable

HOW_TO_END = "Wait for the thread or task before its test or fixture ends, or end it there."
_MOST_LISTED = 8


def call(request: Request) -> str:
    """Return method and path of a request without secrets."""
    return printable(f"{request.method} {urlsplit(request.url).path or '/'}")


def refused(request: Request, owner: str, may_send: bool) -> RepriseError:
    """Return the error for a request that was made after its scope had ended."""
    error = RecordingRefused if may_send else RequestNotRecorded
    lines = [
        f"{call(request)} was refused: what started its thread or task has ended.",
        "",
        f"  request     {printable(f'{request.method} {request.url}')}",
        f"  started by  {printable(owner)}",
        "",
        HOW_TO_END,
    ]
    return error("\n".join(lines))


def without_outcome(requests: Sequence[Request], owner: str, use: CassetteUse) -> RecordingRefused:
    """Return the error for requests that were sent and whose outcome could not be recorded."""
    lines = [
        "A request failed in a way that cannot be recorded, so the test would not replay.",
        "",
        *_listed(requests),
        f"  made by   {printable(owner)}",
        f"  cassette  {display_path(use.path)} (stays as it was)",
        "",
        "Record the test again when the request succeeds, or leave the test out of recording.",
    ]
    return RecordingRefused("\n".join(lines))


def _listed(requests: Sequence[Request]) -> Iterator[str]:
    for request in requests[:_MOST_LISTED]:
        yield f"  request   {printable(f'{request.method} {request.url}')}"
    if len(requests) > _MOST_LISTED:
        yield f"            … and {len(requests) - _MOST_LISTED} more"


def still_open(requests: Sequence[Request], owner: str, use: CassetteUse) -> RecordingRefused:
    """Return the error for requests without a complete answer when their scope ended."""
    lines = [
        "A thread or task was still waiting for an answer when what started it ended.",
        "",
        *_listed(requests),
        f"  made by   {printable(owner)}",
        f"  cassette  {display_path(use.path)} (does not hold this request)",
        "",
        HOW_TO_END,
    ]
    return RecordingRefused("\n".join(lines))
