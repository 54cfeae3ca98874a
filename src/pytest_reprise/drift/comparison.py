"""Compare old and new recordings of a whole run, and tell what the API changed.

Recordings are added one by one, and given up. What is kept is what was observed of each operation,
so that one answer of many can be judged: an optional field, a value that varies, a list of others.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from ..exchange import Failure, Interaction, Request, Response, header
from ..matching.key import Key, key
from .api_changes import ApiChange, Finding, merged, shortened
from .body_changes import body_changes
from .body_values import Json, body_of, written
from .header_changes import header_changes
from .noise import Clocks
from .observed import Answer, Bodies, Place
from .operation_facts import (
    Operation,
    compare_bodies,
    header_values,
    outcome_class,
    varying_places,
)
from .operations import Names
from .place_changes import UNCERTAIN, Context, PlaceChange, place_text
from .places import Place as EntityPlace
from .places import singular
from .refresh import Compared, status_text
from .status_changes import detail, required_field, status_kind
from .tokens import are_generated, tokens
from .volatile import Volatile

_READING = ("GET", "HEAD", "OPTIONS", "QUERY")
"""Methods that make nothing."""


class Source(NamedTuple):
    """A recording: its name, its base URL, and when it and the old one began, in seconds."""

    name: str
    clocks: Clocks
    base_url: str = ""
    has_failed: bool = False
    """Whether its test or fixture failed, so that it may have ended early."""


class ApiComparison:
    """Collects recordings; `changes` tells what the API changed.

    With `tells_calls`, operations that only one side has called are told. In a run they are no
    change of the API: the tests decide what they call. What differs at `volatile` places is noise.
    """

    def __init__(self, tells_calls: bool = False, volatile: Volatile | None = None) -> None:
        self._volatile = volatile or Volatile()
        self._operations: defaultdict[str, Operation] = defaultdict(Operation)
        self._tells_calls = tells_calls
        self._echoes: set[tuple[str, str]] = set()
        """Old and new values that the scopes sent at the same place of a request."""
        self._made: tuple[set[str], set[str]] = set(), set()
        """Texts that identify objects which the suite has made, before and now."""
        self._names = Names(self._made)
        self._sent: set[str] = set()
        """What the scopes send now, and did not send before."""
        self._now = 0.0

    def learn(self, old: Iterable[Interaction], new: Iterable[Interaction]) -> None:
        """Learn which objects the suite makes, before any recording is added."""
        for made, interactions in zip(self._made, (old, new), strict=True):
            for interaction in interactions:
                self._names.learn(interaction)
                if interaction.request.method not in _READING:
                    made.update(_made_texts(interaction))

    def add(self, pairs: Iterable[Compared], source: Source) -> None:
        """Add the two recordings of a scope, in which noise has the old values."""
        self._now = source.clocks.old
        is_certain = True
        earlier: dict[tuple[int, Key], Response] = {}
        for old, new, recorded in pairs:
            if old and new and recorded:
                is_certain &= self._note_echoes(old, new, source)
                if not _asks_for_another(old.request, new.request):
                    self._compare(old, new, recorded, source, is_certain)
            for side, interaction in enumerate((old, new)):
                if interaction:
                    self._note(side, interaction, source, earlier)
            if (old is None) != (new is None):
                one = old or new
                assert one
                name = self._names.operation(one.request, source.base_url)
                if not (source.has_failed and old):
                    self._operations[name].only[old is None].add(source.name)

    @property
    def operations(self) -> list[str]:
        """The operations that were compared."""
        return sorted(name for name, found in self._operations.items() if all(found.seen))

    def _note(
        self,
        side: int,
        interaction: Interaction,
        source: Source,
        earlier: dict[tuple[int, Key], Response],
    ) -> None:
        """Note that an operation was called, and which values vary between equal requests."""
        found = self._operations[self._names.operation(interaction.request, source.base_url)]
        found.seen[side] = True
        outcome = interaction.outcome
        if not isinstance(outcome, Response):
            return
        found.succeeded[side] |= outcome.status < 400
        place = side, key(interaction.request)
        before, earlier[place] = earlier.get(place), outcome
        if before and before.body != outcome.body:
            found.varying |= varying_places(before, outcome)

    # --- requests ---------------------------------------------------------------------------

    def _note_echoes(self, old: Interaction, new: Interaction, source: Source) -> bool:
        """Note what the scope sent differently; whether it sent the same."""
        one, other = old.request, new.request
        if key(one) == key(other):
            return True
        bodies = Bodies()
        before, value = body_of(old.request), body_of(new.request)
        bodies.add(before, value, value, Answer(source.name))
        self._sent |= {*_texts(value)} - {*_texts(before)}
        pairs = [pair for facts in bodies.places.values() for pair in facts.differing]
        texts = [(str(was), str(now)) for was, now in pairs]
        texts.append((one.url, other.url))
        for was, now in texts:
            self._echoes.add((was, now))
            self._echoes.update(_differing_tokens(was, now, source.clocks.old))
        return False

    def _is_echo(self, old: str, new: str) -> bool:
        if (old, new) in self._echoes:
            return True
        pairs = list(_differing_tokens(old, new, self._now))
        return bool(pairs) and all(pair in self._echoes for pair in pairs)

    # --- answers ----------------------------------------------------------------------------

    def _compare(
        self,
        old: Interaction,
        new: Interaction,
        recorded: Interaction,
        source: Source,
        is_certain: bool,
    ) -> None:
        found = self._operations[self._names.operation(old.request, source.base_url)]
        before, after = old.outcome, new.outcome
        is_interrupted = source.has_failed and isinstance(after, Failure)
        if is_interrupted:
            return
        if status_text(before) != status_text(after):
            statuses = status_text(before), status_text(after), detail(after)
            found.statuses[statuses].add(source.name)
        if not (isinstance(before, Response) and isinstance(after, Response)):
            return
        if outcome_class(before) != outcome_class(after):
            return
        assert isinstance(recorded.outcome, Response)
        answer = self._answer(old, source, is_certain)
        if before.body and after.body:
            compare_bodies(found, before, after, recorded.outcome, answer)
        headers = header_values(before), header_values(after)
        found.headers.add(*headers, headers[1], answer)

    def _answer(self, old: Interaction, source: Source, is_certain: bool) -> Answer:
        """Return what is known about an answer."""
        is_own = old.request.method not in _READING or not self._made[0].isdisjoint(
            _words_of_url(old.request.url)
        )
        if isinstance(old.outcome, Response) and old.outcome.status >= 400:
            is_own = True  # what an error says does not depend on what others do
        return Answer(source.name, source.clocks.old, is_certain, is_own, self._made)

    # --- changes ----------------------------------------------------------------------------

    def changes(self) -> tuple[list[ApiChange], list[ApiChange]]:
        """Return what the API changed, the gravest first; and values that differ, and may vary
        anyway."""
        findings = list(self._findings())
        uncertain = [f.change for f in findings if f.change.kind == UNCERTAIN]
        return merged(f for f in findings if f.change.kind != UNCERTAIN), uncertain

    def _findings(self) -> Iterator[Finding]:
        for name in sorted(self._operations):
            for finding in self._of(name):
                if not self._volatile.covers(finding.change.place):
                    yield finding

    def _of(self, name: str) -> Iterator[Finding]:
        found = self._operations[name]
        entity = _entity(name)
        for kind, place, text, old, new, sources in self._operation_changes(found):
            yield Finding(ApiChange(kind, (name,), place, text, old, new, sources), entity)
        context = Context(
            self._now, self._is_echo, self._sent.__contains__, frozenset(found.varying)
        )
        for change in body_changes(found.bodies, context):
            yield _finding(change, name, place_text(change.place))
        yield from _error_findings(found, context, name)
        for change in header_changes(found.headers, context):
            yield _finding(change, name, f"header:{change.place[-1]}", "*")

    def _operation_changes(
        self, found: Operation
    ) -> Iterator[tuple[str, str, str, str, str, frozenset[str]]]:
        for (old, new, message), sources in found.statuses.items():
            kind = status_kind(old, new, message, found)
            place = required_field(message) if kind == "field-required" else ""
            told = f' "{shortened(message)}"' if message else ""
            yield kind, place, f"{old} → {new}{told}", old, new, frozenset(sources)
        for (old, new, are_errors), sources in found.media.items():
            if not are_errors:
                place = "header:Content-Type"
                yield "content-type", place, f"{old} → {new}", old, new, frozenset(sources)
        for (old, new), sources in found.texts.items():
            if not self._is_echo(old, new):
                text = f"text {written(shortened(old))} → {written(shortened(new))}"
                yield "text", "", text, shortened(old), shortened(new), frozenset(sources)
        if self._tells_calls:
            yield from _call_changes(found)


def _call_changes(
    found: Operation,
) -> Iterator[tuple[str, str, str, str, str, frozenset[str]]]:
    gone, new = found.only
    if gone and not found.seen[1]:
        yield "endpoint-removed", "", "no longer called", "", "", frozenset(gone)
    if new and not found.seen[0]:
        yield "endpoint-added", "", "new call", "", "", frozenset(new)


def _finding(change: PlaceChange, name: str, place: str, entity: str = "") -> Finding:
    made = ApiChange(
        change.kind, (name,), place, change.text, change.old, change.new, change.sources
    )
    return Finding(made, entity or _entity(name, change.place))


def _error_findings(found: Operation, context: Context, name: str) -> Iterator[Finding]:
    """Tell all changes of fields of errors as one: errors have another form."""
    grave = [
        PlaceChange("error-format", (), f"{old} → {new}", old, new, frozenset(sources))
        for (old, new, are_errors), sources in found.media.items()
        if are_errors
    ]
    for change in body_changes(found.errors, context):
        if change.kind in ("text", "field-added", "key-order"):
            yield _finding(change, name, place_text(change.place), "error")
        elif change.kind not in (
            "value",
            "enum-changed",
            "enum-added",
            "paging",
            "order",
            UNCERTAIN,
        ):
            grave.append(change)
        elif change.kind in ("enum-changed", "value"):
            yield _finding(change, name, place_text(change.place), "error")
    if grave:
        sources = frozenset(s for change in grave for s in change.sources)
        text = "errors: " + ", ".join(change.text for change in grave)
        made = ApiChange("error-format", (name,), "$", text, sources=sources)
        yield Finding(made, "error")


def _entity(name: str, place: Place = ()) -> str:
    """Return what the objects of an operation are, or those around a place in its answers."""
    path = name.partition(" ")[2].replace("{id}", "*")
    if not place:
        return name
    steps = tuple(0 if step in ("[]", "{}") else step for step in place)
    around = EntityPlace("response", "leaf", (*steps[:-1], "id"))
    return singular(around.entity(path))


def _made_texts(interaction: Interaction) -> Iterator[str]:
    """Yield the texts that a request sent to make something, and those of the answer."""
    outcome = interaction.outcome
    yield from _texts(body_of(interaction.request))
    if isinstance(outcome, Response) and outcome.status < 400:
        yield from _texts(body_of(outcome))
        yield from _words_of_url(header(outcome.headers, "location") or "")


def _texts(value: Json) -> Iterator[str]:
    """Yield the scalars in a value that can identify an object, as texts."""
    if isinstance(value, dict):
        for child in value.values():
            yield from _texts(child)
    elif isinstance(value, list):
        for child in value:
            yield from _texts(child)
    elif isinstance(value, (str, int)) and not isinstance(value, bool):
        yield str(value)


def _words_of_url(url: str) -> list[str]:
    """Return the segments of a URL's path, and the values of its query."""
    path, _, query = url.partition("://")[2].partition("?") if "://" in url else url.partition("?")
    values = (pair.partition("=")[2] for pair in query.split("&"))
    return [unquote(word) for word in (*path.split("/")[1:], *values) if word]


def _asks_for_another(old: Request, new: Request) -> bool:
    """Whether a test was edited so that its request names another object, or searches for another
    one: then the answers have nothing in common."""
    if old.url == new.url:
        return False
    before, now = urlsplit(old.url), urlsplit(new.url)
    if before.path != now.path:
        return True
    pairs = zip(before.query.split("&"), now.query.split("&"), strict=False)
    return any(one != other and not are_generated(one, other) for one, other in pairs)


def _differing_tokens(old: str, new: str, now: float) -> Iterator[tuple[str, str]]:
    before, after = tokens(old, now), tokens(new, now)
    if before.marks == after.marks:
        for one, other in zip(before.found, after.found, strict=True):
            if one != other:
                yield one.text, other.text
