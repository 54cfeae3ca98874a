"""What a person reads when replay has no answer, or has answers that nobody asked for.

Headline, evidence, one command. No secret stands in a message.
"""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

from ..cassette.model import CassetteUse
from ..errors import CallsNotMade, RequestNotRecorded, Unscrubbed
from ..exchange import Interaction, Request
from ..matching.closest import closest
from ..matching.request_parts import without_secrets
from ..messages import display_path, pytest_command
from ..scrub.scrubber import Scrubber

_MOST_DIFFERENCES = 12
_MOST_CALLS = 8


def not_recorded(
    request: Request,
    compared: Request,
    recorded: tuple[Interaction, ...] | None,
    is_played_out: bool,
    label: CassetteUse,
    scrubber: Scrubber,
) -> RequestNotRecorded:
    """The error for a request that has no recording; `recorded` is None without a cassette.

    `compared` is the request as it would have been made under the base URL of the recording.
    """
    shown = scrubber.scrub_request(request)
    what = f"{shown.method} {urlsplit(shown.url).path or '/'}"
    lines = [
        f"{what} {_headline(recorded, is_played_out)}",
        "",
        f"  request   {_call(shown)}",
        f"  cassette  {display_path(label.path)} ({_holds(recorded)}; record mode {label.mode})",
    ]
    if recorded and not is_played_out:
        lines += _closest(compared, recorded, scrubber)
    lines += ["", _repair(recorded), f"  {_command(label, recorded is not None)}"]
    return RequestNotRecorded("\n".join(lines))


def value_not_recorded(name: str, label: CassetteUse, is_recorded: bool) -> RequestNotRecorded:
    """The error for a value that a test asks to be recorded, and that is in no cassette."""
    lines = [
        f"The value {name!r} is not recorded.",
        "",
        f"  cassette  {display_path(label.path)} (record mode {label.mode})",
        "",
        _repair(() if is_recorded else None),
        f"  {_command(label, is_recorded)}",
    ]
    return RequestNotRecorded("\n".join(lines))


def not_made(unplayed: tuple[Interaction, ...], label: CassetteUse) -> CallsNotMade:
    """The error for recorded calls that a test no longer makes."""
    count = "A recorded call was" if len(unplayed) == 1 else f"{len(unplayed)} recorded calls were"
    calls = [f"  not made  {_call(i.request)}" for i in unplayed[:_MOST_CALLS]]
    if len(unplayed) > _MOST_CALLS:
        calls.append(f"            … and {len(unplayed) - _MOST_CALLS} more")
    lines = [
        f"{count} not made: the test does less than when it was recorded.",
        "",
        *calls,
        f"  cassette  {display_path(label.path)} (record mode {label.mode})",
        "",
        "If the test is meant to make fewer calls, record it again:",
        f"  {_command(label, True)}",
    ]
    return CallsNotMade("\n".join(lines))


def unscrubbed(error: Unscrubbed, label: CassetteUse) -> str:
    """Why a cassette was not written: a secret would have been in it."""
    lines = [
        "Nothing was written: what was recorded cannot be freed from its secrets.",
        "",
        f"  interaction {error.number:<3}{error.call}",
        f"  problem        {error.problem}",
        f"  cassette       {display_path(label.path)} (record mode {label.mode})",
        "",
        "Say more about the place under [tool.reprise.scrub] in pyproject.toml (names, patterns,",
        "json_paths or a hook), and record it again:",
        f"  {_command(label, True)}",
    ]
    return "\n".join(lines)


def _headline(recorded: tuple[Interaction, ...] | None, is_played_out: bool) -> str:
    if recorded is None:
        return "is not recorded: there is no cassette yet."
    if is_played_out:
        return "is made more often than it was recorded."
    return "is not recorded: no call in the cassette matches it."


def _holds(recorded: tuple[Interaction, ...] | None) -> str:
    if recorded is None:
        return "not there"
    return "1 call" if len(recorded) == 1 else f"{len(recorded)} calls"


def _closest(
    request: Request, recorded: tuple[Interaction, ...], scrubber: Scrubber
) -> Iterator[str]:
    sent = without_secrets(request, scrubber)
    emptied = {without_secrets(i.request, scrubber): i.request for i in recorded}
    found = closest(sent, emptied)
    if found is None:
        return
    yield f"  closest   {_call(emptied[found.request])}"
    for difference in found.differences[:_MOST_DIFFERENCES]:
        yield f"            {scrubber.scrub_text(str(difference))}"
    if len(found.differences) > _MOST_DIFFERENCES:
        yield f"            … and {len(found.differences) - _MOST_DIFFERENCES} more differences"


def _repair(recorded: tuple[Interaction, ...] | None) -> str:
    if recorded is None:
        return "Record it once against the real server:"
    return "If the test is meant to send this, record it again:"


def _command(label: CassetteUse, is_recorded: bool) -> str:
    return f"{pytest_command(label.nodeid)} --record-mode={'rewrite' if is_recorded else 'once'}"


def _call(request: Request) -> str:
    return f"{request.method} {request.url}"
