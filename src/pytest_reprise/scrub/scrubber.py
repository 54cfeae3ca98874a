"""The scrubber: what may be written of an exchange.

Learn, from names and values, what is secret in any interaction; replace each learned value wherever
it stands; verify that none is left.
"""

from __future__ import annotations

import json
import re
import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import PurePath
from typing import NamedTuple, TypeAlias
from urllib.parse import urlsplit

from ..errors import Unscrubbed
from ..exchange import Failure, Interaction, Request
from .content import compression
from .content.texts import map_request_texts, map_texts, outcome_texts, request_texts, texts
from .earlier_recording import EarlierRecording
from .replace.digests import digest_replacements, replace_digests
from .replace.placeholders import PLACEHOLDER, align_placeholders, is_placeholder
from .replace.vault import Vault
from .rules.checks import is_opaque
from .rules.ruleset import Rules
from .walk.candidates import Candidate, Visitor, Walk
from .walk.interaction import visit_outcome, visit_request
from .walk.log_lines import visit_log_text
from .walk.nested import visit_text

Hook: TypeAlias = Callable[[Interaction, Callable[[str, str], str]], Interaction]
"""A project's own scrubbing: a scrubbed interaction, opened, and a function that gives a value of a
kind its placeholder; it returns what shall be written."""

_MOST_LESSONS = 5
"""How often a hook sees what it saw before, because it taught something new."""
_LOOKS_SECRET = re.compile(r"(?s)(?=.{8})(?=.*[^A-Za-z\s]).*|.{20,}")
_WORDS_OF_SENTENCES = re.compile(
    r"(?i)\b(?:must|should|may|is|be|not|are|field|required|invalid|missing|expired|characters"
    r"|enter|your|please)\b"
)
_MASKED = re.compile(
    r"(?i)[*x•.#-]+|[\[<({]*(?:redacted|filtered|masked|hidden|removed|scrubbed|omitted)[\]>)}]*"
    r"|\$\{?\w+\}?|\{\{.*\}\}|\$\(.*\)|<[\w -]+>|%\(\w+\)s"
)


class FoundSecret(NamedTuple):
    """A secret that a rule found: where, in the place of that name, by which rule."""

    where: str
    name: str
    rule: str
    kind: str
    value: str

    @classmethod
    def of(cls, found: Candidate) -> FoundSecret:
        """Return what is noted of a candidate that has a value."""
        return cls(found.part, found.name, found.rule, found.kind, found.value or "")


class Scrubber:
    """Replaces secrets by placeholders, with one vault for the whole run.

    `from_files` says that it works on files, in which a short number that looks like a placeholder
    is one; what a server answers holds none.
    """

    def __init__(
        self,
        vault: Vault,
        rules: Rules | None = None,
        hook: Hook | None = None,
        from_files: bool = False,
    ) -> None:
        self.vault = vault
        self._is_settled = from_files
        self.rules = rules or Rules()
        self._hook = hook

    def scrub(
        self, interactions: Iterable[Interaction], old: Sequence[Interaction | None] = ()
    ) -> tuple[Interaction, ...]:
        """The interactions as they may be written; scrubbing twice is scrubbing once.

        All are learned from before any known value is replaced wherever it stands. `old` are, for
        each of them, the call whose place it takes, and whose placeholders it keeps.
        Raises Unscrubbed.
        """
        recorded = tuple(interactions)
        if self.rules.is_empty and not self.vault.known_count and not self._hook:
            return recorded
        for interaction, was in zip(recorded, old, strict=False):
            if was:
                self._keep_from(was, _opened_or_not(interaction))
        plain = _each(recorded, _opened)
        filled = _each(plain, lambda one: self.visit_candidates(one, self.replace_candidate))
        scrubbed = _closed_all(recorded, plain, self._finished(filled))
        self._verify(recorded, scrubbed)
        return scrubbed

    def learn(self, interaction: Interaction, old: Interaction | None = None) -> None:
        """Learn what is secret in an interaction that is not written yet."""
        opened = _opened_or_not(interaction)
        if old:
            self._keep_from(old, opened)
        self.visit_candidates(opened, self.replace_candidate)

    def earlier_recording(
        self, old: Iterable[Interaction], stays: bool = False
    ) -> EarlierRecording:
        """The calls of an earlier recording, to be found by those that take their places.

        `stays` says that each stays unless the very same is made again.
        """
        return EarlierRecording(map(_opened_or_not, old), self.rules, self.vault, stays)

    def reserve_placeholders(self, interactions: Iterable[Interaction]) -> None:
        """What these hold as placeholders is given to no other value."""
        for interaction in interactions:
            for _, text in texts(_opened_or_not(interaction)):
                self.vault.reserve_placeholders(text)

    def scrub_again(self, interactions: Iterable[Interaction]) -> tuple[Interaction, ...]:
        """Scrubbed interactions without what was learned since."""
        recorded = tuple(interactions)
        plain = _each(recorded, _opened)
        scrubbed = _closed_all(recorded, plain, _each(plain, self._spread_late))
        self._verify(recorded, scrubbed)
        return scrubbed

    def _keep_from(self, old: Interaction, new: Interaction) -> None:
        """Give the secrets of a new recording the placeholders of their places in the old one."""
        before = [seen for seen in self._secrets(old) if is_placeholder(seen.value)]
        for seen in self._secrets(new):
            held = next((s for s in before if s[:2] == seen[:2]), None)
            if held:
                before.remove(held)
                self.vault.learn(seen.kind, seen.value)
                self.vault.reuse_placeholder(seen.value, held.value)
        for (_, was), (_, now) in zip(texts(old), texts(new), strict=False):
            for placeholder, value in align_placeholders(was, now):
                self.vault.reuse_placeholder(value, placeholder)

    def _secrets(self, interaction: Interaction) -> list[FoundSecret]:
        """The secrets of an interaction, opened, that rules find, placeholders among them."""
        found: list[FoundSecret] = []

        def note(candidate: Candidate) -> None:
            if candidate.value and (is_placeholder(candidate.value) or holds_secret(candidate)):
                found.append(FoundSecret.of(candidate))

        self.visit_candidates(interaction, note)
        return found

    def find_secrets(self, interaction: Interaction) -> list[FoundSecret]:
        """The secrets that rules find in an interaction; a placeholder is none."""
        kept = self.rules.keep_values
        secrets = self._secrets(_opened(interaction))
        return [s for s in secrets if not is_placeholder(s.value) and s.value not in kept]

    def scrub_values(self, values: Mapping[str, object]) -> dict[str, object]:
        """Recorded values, scrubbed by their names and by what is known."""
        filled = visit_text(json.dumps(values), Walk(self.rules, self.replace_candidate, "values"))
        scrubbed: dict[str, object] = json.loads(self.vault.redact_text(filled))
        return scrubbed

    def scrub_text(self, text: str) -> str:
        """Free text, as of a message, without the secrets that are known by value."""
        return self.vault.redact_text(text)

    def scrub_log(self, text: str) -> str:
        """A line of a log, in which headers and URLs may stand that nobody has learned from yet."""
        walk = Walk(self.rules, self.replace_candidate, "log")
        return self.vault.redact_text(visit_log_text(text, walk))

    def scrub_report_text(self, text: str) -> str:
        """Text that pytest shows, in which a long value is cut short."""
        return self.vault.redact_truncated(self.vault.redact_text(text))

    def scrub_request(self, request: Request) -> Request:
        """One request as it may be shown in a message."""
        visited = visit_request(request, Walk(self.rules, self.replace_candidate))
        return map_request_texts(visited, self.vault.redact_text, self.vault.redact_binary)

    def visit_candidates(self, interaction: Interaction, visit: Visitor) -> Interaction:
        """An interaction, opened, with all its candidates visited."""
        walk = Walk(self.rules, visit)
        request = visit_request(interaction.request, walk)
        return interaction.with_request_and_outcome(
            request, visit_outcome(interaction.outcome, walk)
        )

    def replace_candidate(self, candidate: Candidate) -> str | None:
        """Return what replaces a candidate in a cassette, or None to keep it."""
        value = candidate.value
        if value is None or not holds_secret(candidate) or value in self.rules.keep_values:
            return None
        if self._is_settled and is_placeholder(value):
            return None
        return self.vault.placeholder_for(candidate.kind, value)

    def _finished(self, filled: tuple[Interaction, ...]) -> tuple[Interaction, ...]:
        """What known values are left goes, and the project's hook has its say.

        What it teaches may stand in what it saw before, which it then sees again.
        """
        for _ in range(_MOST_LESSONS):
            known = self.vault.known_count
            finished = _each(filled, self._finish)
            if self.vault.known_count == known:
                break
        return finished

    def _finish(self, interaction: Interaction) -> Interaction:
        spread = self._spread(interaction)
        return self._hooked(spread, self._hook) if self._hook else spread

    def _spread_late(self, interaction: Interaction) -> Interaction:
        """Nothing was learned that stands here, or the hook sees what it made is no longer so."""
        spread = self._spread(interaction)
        return spread if spread == interaction else self._finish(spread)

    def _hooked(self, interaction: Interaction, hook: Hook) -> Interaction:
        try:
            made = hook(interaction, self.vault.placeholder_for)
        except Exception as error:  # whatever the project's own code raises
            raise _CannotScrub(f"the hook raised {_told(error, frame=1)}") from None
        if not isinstance(made, Interaction):
            raise _CannotScrub(f"the hook returned {type(made).__name__}, and no interaction")
        try:
            return self._spread(made)
        except Exception as error:
            raise _CannotScrub(
                f"what the hook returned cannot be written: {_told(error)}"
            ) from None

    def _spread(self, interaction: Interaction) -> Interaction:
        if not self.vault.known_count:
            return interaction
        return map_texts(interaction, self.vault.redact_text, self.vault.redact_binary)

    def _verify(self, recorded: tuple[Interaction, ...], scrubbed: tuple[Interaction, ...]) -> None:
        """Raise Unscrubbed where a known value is left.

        What came through as it was has been searched just now: a second search cost 45 µs.
        """
        for number, (original, interaction) in enumerate(zip(recorded, scrubbed, strict=True), 1):
            for where, text in _changed_texts(original, interaction):
                if self.vault.secrets_in(text):
                    raise Unscrubbed(number, _call(interaction), f"a secret is left in {where}")


def holds_secret(candidate: Candidate) -> bool:
    """Whether the value of a candidate is a secret, and not empty, an example or a sentence."""
    value = candidate.value or ""
    if not candidate.is_string:
        return candidate.kind in ("code", "card") and value.isdecimal() and len(value) >= 3
    if not candidate.is_named:
        return PLACEHOLDER.fullmatch(value) is None
    rest = PLACEHOLDER.sub("", value).strip()
    if not rest or _MASKED.fullmatch(rest) or _is_sentence(value):
        return False
    return not candidate.has_weak_name or _LOOKS_SECRET.fullmatch(rest) is not None


def _changed_texts(original: Interaction, changed: Interaction) -> Iterator[tuple[str, str]]:
    """The texts of those parts of an exchange that did not come through as they were."""
    plain = changed if changed is original else _opened(changed)
    if changed.request is not original.request:
        yield from request_texts(plain.request)
    if changed.outcome is not original.outcome:
        yield from outcome_texts(plain.outcome)


def _is_sentence(value: str) -> bool:
    return " " in value and _WORDS_OF_SENTENCES.search(value) is not None


def _each(
    interactions: tuple[Interaction, ...],
    step: Callable[..., Interaction],
    *others: tuple[Interaction, ...],
) -> tuple[Interaction, ...]:
    """One step for each; whatever goes wrong in one says where, and never a value."""
    done: list[Interaction] = []
    for number, (interaction, *rest) in enumerate(zip(interactions, *others, strict=True), 1):
        try:
            done.append(step(interaction, *rest))
        except _CannotScrub as error:
            raise Unscrubbed(number, _call(interaction), str(error)) from None
        except Exception as error:  # nothing unscrubbed is written, whatever the reason
            problem = f"scrubbing it raised {_told(error)}"
            raise Unscrubbed(number, _call(interaction), problem) from None
    return tuple(done)


def _told(error: Exception, frame: int = -1) -> str:
    """What an error is and where it was raised, by file and line; its text may hold a secret."""
    frames = traceback.extract_tb(error.__traceback__)
    place = frames[min(frame, len(frames) - 1)]
    return f"{type(error).__name__} in {PurePath(place.filename).name}, line {place.lineno}"


def _call(interaction: Interaction) -> str:
    """Method and path, for messages: what is opaque in the path may be a secret."""
    request = interaction.request
    segments = (urlsplit(request.url).path or "/").split("/")
    shown = ("…" if is_opaque(segment, _OPAQUE) else segment for segment in segments)
    return f"{request.method} {'/'.join(shown)}"


_OPAQUE = 12
"""Characters of a segment of a path that is not shown where it may be a secret."""


class _CannotScrub(Exception):
    """Why one interaction cannot be written, without its values."""


def _opened_or_not(interaction: Interaction) -> Interaction:
    """The same for what is only looked at."""
    try:
        return _opened(interaction)
    except _CannotScrub:
        return interaction


def _opened(interaction: Interaction) -> Interaction:
    request, outcome = interaction.request, interaction.outcome
    for message in (request, outcome):
        if isinstance(message, Failure):
            continue
        if c := compression.coding_without_package(message.body, message.headers):
            raise _CannotScrub(
                f"its body is in {c}, which cannot be opened: pip install 'pytest-reprise[codings]'"
            )
    body = compression.decompress(request.body, request.headers)
    if body is not None and body is not request.body:
        request = replace(request, body=body)
    return interaction.with_request_and_outcome(request, compression.decompress_outcome(outcome))


def _closed_all(
    recorded: tuple[Interaction, ...],
    plain: tuple[Interaction, ...],
    scrubbed: tuple[Interaction, ...],
) -> tuple[Interaction, ...]:
    """The scrubbed interactions with bodies as they went over the wire, lengths and digests mended.

    A digest is mended in all of them: an ETag comes back in If-None-Match.
    """
    together = list(zip(recorded, plain, scrubbed, strict=True))
    done = _each(recorded, _closed, plain, scrubbed)
    digests: dict[str, str] = {}
    for (original, opened_one, scrubbed_one), closed_one in zip(together, done, strict=True):
        digests |= _digests(opened_one, scrubbed_one) | _digests(original, closed_one)
    return tuple(_with_digests(i, digests) for i in done) if digests else done


def _closed(original: Interaction, plain: Interaction, scrubbed: Interaction) -> Interaction:
    if scrubbed is plain:
        return original
    request, was = scrubbed.request, original.request
    body = compression.compress_body(was.body, plain.request.body, request.body, was.headers)
    if body != was.body:
        request = replace(
            request, headers=compression.with_content_length(request.headers, len(body))
        )
    outcome = compression.compress_outcome(original.outcome, plain.outcome, scrubbed.outcome)
    if body is not request.body:
        request = replace(request, body=body)
    return scrubbed.with_request_and_outcome(request, outcome)


def _digests(old: Interaction, new: Interaction) -> dict[str, str]:
    found: dict[str, str] = {}
    if new is old:
        return found
    for before, after in ((old.request, new.request), (old.outcome, new.outcome)):
        if isinstance(before, Failure) or isinstance(after, Failure):
            continue
        if before.body != after.body:
            found |= digest_replacements(before.body, after.body)
    return found


def _with_digests(interaction: Interaction, digests: Mapping[str, str]) -> Interaction:
    request, outcome = interaction.request, interaction.outcome
    if not isinstance(outcome, Failure):
        outcome = replace(outcome, headers=replace_digests(outcome.headers, digests))
    request = replace(request, headers=replace_digests(request.headers, digests))
    return replace(interaction, request=request, outcome=outcome)
