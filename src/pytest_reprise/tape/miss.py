"""Messages for misses, for recorded calls that were not made, and for refused recordings.

Each has a headline, the evidence, and one command that helps. No message holds a secret.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

from ..cassette.model import CassetteUse
from ..cassette.naming import pending_path
from ..determinism.base_url import NO_BASE_URL
from ..errors import CallsNotMade, RequestNotRecorded, Unscrubbed
from ..exchange import Interaction, Request
from ..matching.closest import Difference, closest, most_similar
from ..matching.index import Answers
from ..matching.request_parts import Matching, without_secrets
from ..messages import counted, display_path, ordinal, printable, pytest_command
from ..scrub.scrubber import Scrubber

_MOST_DIFFERENCES = 12
_MOST_LISTED = 8
_MAX_SEARCHED_BODY = 100_000
"""Bytes of a body in which secrets are searched that the URL may repeat."""
_MAX_COMPARED = 1_000_000
"""Bytes of all recorded bodies that are compared with the body of a missed request."""


class Miss(NamedTuple):
    """A request without a recorded answer, and what it was compared with."""

    request: Request
    compared: Request
    """The request as the suite's filters leave it, with the base URL of the recording."""
    recorded: tuple[Interaction, ...] | None
    """None where there is no cassette."""
    answers: Callable[[], Answers]
    """Returns how many answers to this request were recorded, and played before."""
    matching: Matching
    own_size: int | None
    """How many interactions the scope's own cassette has; None if it does not exist."""
    further: tuple[tuple[Path, int | None], ...] = ()
    """The same for cassettes that the vcr mark names, which are played from and never written."""


class Missed(NamedTuple):
    """A missed request as reports show it, without secrets."""

    headline: str
    request: Request
    closest: Request | None
    """The recorded request that is most similar; None where no one is, or where all were played."""
    differences: tuple[tuple[str, str, str], ...]
    """Where the two differ, what was recorded, and what was sent."""


class Renamed(NamedTuple):
    """A cassette that no test uses any more, and that answers a missed request."""

    path: Path
    is_whole: bool
    """Whether no test uses those of its test with other parameters either."""


def not_recorded(
    miss: Miss,
    use: CassetteUse,
    get_scrubber: Callable[[], Scrubber],
    find_renamed: Callable[[], Renamed | None],
) -> RequestNotRecorded:
    """Return the error for a miss, whose message is made when it is read.

    `find_renamed` returns a cassette that no test uses and that answers the request, or None.
    """

    def headline() -> str:
        return _first_line(_shown(miss.request, get_scrubber()), miss, miss.answers())

    error = RequestNotRecorded(
        lambda: _message(miss, use, get_scrubber(), find_renamed()), headline
    )
    error.details = lambda: _missed(miss, headline(), get_scrubber())
    return error


def _missed(miss: Miss, headline: str, scrubber: Scrubber) -> Missed:
    shown = _shown(miss.request, scrubber)
    if not miss.recorded or miss.answers().recorded:
        return Missed(headline, shown, None, ())
    found = _find_closest(miss, miss.recorded, scrubber)
    if found is None:
        return Missed(headline, shown, None, ())
    request, differences = found
    texts = (tuple(map(scrubber.scrub_text, difference)) for difference in differences)
    return Missed(headline, shown, request, tuple((a, b, c) for a, b, c in texts))


def _message(miss: Miss, use: CassetteUse, scrubber: Scrubber, renamed: Renamed | None) -> str:
    recorded, answers = miss.recorded, miss.answers()
    is_played_out = answers.recorded > 0
    shown = _shown(miss.request, scrubber)
    lines = [
        _first_line(shown, miss, answers),
        "",
        f"  request   {_call(shown)}",
        *_cassettes(miss, use),
    ]
    if recorded and not is_played_out:
        lines += _closest(miss, recorded, scrubber)
    if renamed:
        unused = display_path(renamed.path)
        lines.append(f"  unused    {unused} answers it, and no test here uses that")
    lines.append("")
    if is_played_out:
        lines += [_IF_IT_VARIES, f"  {_repeats(use)}"]
    if renamed:
        lines += ["If the test was renamed, rename its cassette:", f"  {_move(renamed, use.path)}"]
    if miss.own_size is None and recorded is not None:
        lines += [_INTO_ITS_OWN, f"  {_in_mode(use, 'new_episodes')}"]
    else:
        lines += [_advice(recorded), f"  {_command(use, recorded is not None)}"]
    return "\n".join(lines)


def _shown(request: Request, scrubber: Scrubber) -> Request:
    """Return the request without secrets; a big body, which is not shown, is not searched."""
    if len(request.body) > _MAX_SEARCHED_BODY:
        request = request._replace(body=b"")
    return scrubber.scrub_request(request)


def _first_line(shown: Request, miss: Miss, answers: Answers) -> str:
    what = printable(f"{shown.method} {urlsplit(shown.url).path or '/'}")
    return f"{what} {_headline(miss.recorded, answers)}"


def _cassettes(miss: Miss, use: CassetteUse) -> Iterator[str]:
    """Yield a line for each cassette that was looked into, the first one with the record mode."""
    own = f"{display_path(use.path)} ({_size(miss.own_size)}; record mode {use.mode})"
    yield f"  cassette  {own}"
    if pending_path(use.path).exists():
        yield f"  pending   {display_path(pending_path(use.path))} (to accept it: reprise review)"
    for path, size in miss.further:
        yield f"  and       {display_path(path)} ({_size(size)}; the vcr mark names it)"


_INTO_ITS_OWN = """\
If the test is meant to send this, record it into a cassette of its own. What the vcr mark names is
never written:"""
_IF_IT_VARIES = "If the number of calls varies, as of polling, let the last answer repeat:"


def _repeats(use: CassetteUse) -> str:
    """Where to allow it: a wider fixture has no mark."""
    if use.is_of_block:
        return f'use_cassette("{printable(use.path.name)}", repeat_last=True)'
    if use.shares_values:
        return 'return {"repeat_last": True} from the fixture vcr_config'
    return "@pytest.mark.vcr(repeat_last=True)"


def _move(renamed: Renamed, path: Path) -> str:
    """Return the command that moves all cassettes of a test; of a module if that was renamed.

    The two directories are those of the modules then.
    """
    old = renamed.path
    if old.parent != path.parent and not path.parent.exists():
        old, path = old.parent, path.parent
    elif renamed.is_whole and _parameter_of(old) == _parameter_of(path):
        # Without suffix and parameters: all cassettes of the test.
        old, path = (p.with_name(p.stem.partition("[")[0]) for p in (old, path))
    return shlex.join(["reprise", "mv", display_path(old), display_path(path)])


def _parameter_of(path: Path) -> str:
    return path.stem.partition("[")[2]


def value_not_recorded(name: str, use: CassetteUse, is_recorded: bool) -> RequestNotRecorded:
    """Return the error for a value of the `recorded` fixture that is not in the cassette."""
    lines = [
        f"The value {name!r} is not recorded.",
        "",
        f"  cassette  {display_path(use.path)} (record mode {use.mode})",
        "",
        _advice(() if is_recorded else None),
        f"  {_command(use, is_recorded)}",
    ]
    return RequestNotRecorded("\n".join(lines))


def not_made(unplayed: tuple[Interaction, ...], use: CassetteUse) -> CallsNotMade:
    """Return the error for recorded calls that a test no longer makes."""
    count = "A recorded call was" if len(unplayed) == 1 else f"{len(unplayed)} recorded calls were"
    calls = [f"  not made  {_call(i.request)}" for i in unplayed[:_MOST_LISTED]]
    if len(unplayed) > _MOST_LISTED:
        calls.append(f"            … and {len(unplayed) - _MOST_LISTED} more")
    lines = [
        f"{count} not made: the test makes fewer calls than when it was recorded.",
        "",
        *calls,
        f"  cassette  {display_path(use.path)} (record mode {use.mode})",
        "",
        "If the number of calls varies, allow that:",
        f"  {_ignoring_unplayed(use)}",
        "If the test is meant to make fewer calls, record it again:",
        f"  {_command(use, True)}",
    ]
    return CallsNotMade("\n".join(lines))


def _ignoring_unplayed(use: CassetteUse) -> str:
    if use.is_of_block:
        return f'use_cassette("{printable(use.path.name)}", unplayed="ignore")'
    return '@pytest.mark.vcr(unplayed="ignore")'


def unscrubbed(error: Unscrubbed, use: CassetteUse) -> str:
    """Return why a cassette was not written: it would have held a secret."""
    lines = [
        "Nothing was written: a secret in the recording could not be replaced.",
        "",
        f"  interaction {error.number:<3}{error.call}",
        f"  problem        {error.problem}",
        f"  cassette       {display_path(use.path)} (record mode {use.mode})",
        "",
        "Name the place under [tool.reprise.scrub] in pyproject.toml (names, patterns, json_paths",
        "or a hook), and record again:",
        f"  {_command(use, True)}",
    ]
    return "\n".join(lines)


def not_written(error: OSError, use: CassetteUse) -> str:
    """Return why the system did not let us write a cassette."""
    file = Path(error.filename or use.path)
    lines = [
        f"The cassette could not be written: {error.strerror or error}.",
        "",
        f"  cassette   {display_path(use.path)} (record mode {use.mode})",
        *([f"  file       {display_path(file)}"] if file.name != use.path.name else []),
        "",
        "Nothing was changed. Free the disk or change the permissions, and record again:",
        f"  {_command(use, True)}",
    ]
    return "\n".join(lines)


def _headline(recorded: tuple[Interaction, ...] | None, answers: Answers) -> str:
    if recorded is None:
        return "is not recorded: there is no cassette yet."
    if answers.recorded and answers.played < answers.recorded:  # for other secrets or times
        return "is sent more often than it was recorded."
    if answers.recorded:
        count = counted(answers.recorded, "answer")
        return (
            f"is sent more often than it was recorded: the recording has {count} to this call, "
            f"this is the {ordinal(answers.recorded + 1)}."
        )
    return "is not recorded: no interaction in the cassette matches it."


def _size(count: int | None) -> str:
    return "does not exist" if count is None else counted(count, "interaction")


def _closest(miss: Miss, recorded: tuple[Interaction, ...], scrubber: Scrubber) -> Iterator[str]:
    found = _find_closest(miss, recorded, scrubber)
    if found is None:
        return
    request, differences = found
    yield f"  closest   {_call(request)}"
    for difference in differences[:_MOST_DIFFERENCES]:
        yield f"            {printable(scrubber.scrub_text(str(difference)))}"
    if len(differences) > _MOST_DIFFERENCES:
        yield f"            … and {len(differences) - _MOST_DIFFERENCES} more differences"


def _find_closest(
    miss: Miss, recorded: tuple[Interaction, ...], scrubber: Scrubber
) -> tuple[Request, tuple[Difference, ...]] | None:
    """Return the recorded request that is most similar, and how it differs; None if no one is."""
    sent = without_secrets(miss.compared, scrubber, miss.matching)
    candidates = most_similar(miss.compared, [i.request for i in recorded], _MAX_COMPARED)
    without = {without_secrets(one, scrubber, miss.matching): one for one in candidates}
    found = closest(sent, without, miss.matching)
    return (without[found.request], found.differences) if found else None


def _advice(recorded: tuple[Interaction, ...] | None) -> str:
    if recorded is None:
        return "Record it once against the real server:"
    return "If the test is meant to send this, record it again:"


def _command(use: CassetteUse, is_recorded: bool) -> str:
    return _in_mode(use, "rewrite" if is_recorded else "once")


def _in_mode(use: CassetteUse, mode: str) -> str:
    """What records in another mode: a command, or outside pytest an argument."""
    if not use.nodeid:
        return f'use_cassette("{printable(use.path.name)}", record_mode="{mode}")'
    return f"{pytest_command(use.nodeid)} --record-mode={mode}"


def _call(request: Request) -> str:
    return printable(f"{request.method} {request.url.removeprefix(NO_BASE_URL)}")
