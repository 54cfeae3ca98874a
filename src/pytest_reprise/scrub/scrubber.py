"""The scrubber: replaces the secrets in interactions before they are written.

Steps, for all interactions of a cassette together:

    decompress → reuse placeholders of an earlier recording → replace what rules find, and learn it
    → replace what is known, everywhere → the project's hook → compress → verify

The last step searches for known secrets again. If one is left, or a step fails, nothing is written.
"""

from __future__ import annotations

import json
import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property, partial
from pathlib import PurePath
from typing import NamedTuple, TypeAlias
from urllib.parse import quote, urlsplit

from ..errors import Unscrubbed
from ..exchange import Interaction, Request
from .codings import (
    UnsupportedCoding,
    compressed,
    decompressed,
    decompressed_if_possible,
    unexamined_bodies,
    with_new_digests,
)
from .content.texts import map_request_texts, map_texts, outcome_texts, request_texts, texts
from .earlier_recording import EarlierRecording
from .judgement import holds_secret
from .replace.placeholders import align_placeholders, is_placeholder
from .replace.vault import IsPublic, Vault
from .rules.checks import is_opaque
from .rules.ruleset import Rules
from .walk.candidates import Candidate, Visitor, Walk
from .walk.interaction import visit_outcome, visit_request
from .walk.log_lines import visit_log_text
from .walk.nested import visit_text

Hook: TypeAlias = Callable[[Interaction, Callable[[str, str], str]], Interaction]
"""A project's own scrubbing, called as `hook(interaction, placeholder)`.

The interaction is scrubbed and decompressed. `placeholder(kind, value)` learns a secret and returns
its placeholder. The hook returns the interaction to write.
"""

NewSecrets: TypeAlias = Callable[[Mapping[str, str]], Iterable[tuple[str, str]]]
"""Returns kind and value of the secrets in variables that it has not seen before."""

_MAX_HOOK_ROUNDS = 5
"""How often the hook is called for the same interactions, since it may learn a new secret."""
_MIN_HIDDEN_LENGTH = 12
"""An opaque path segment of so many characters or more is left out of messages."""


class FoundSecret(NamedTuple):
    """A secret that a rule found."""

    where: str
    """Part of the interaction, such as `request header Cookie`."""
    name: str
    """Name of the field, header or parameter, or ""."""
    rule: str
    kind: str
    value: str

    @classmethod
    def of(cls, found: Candidate) -> FoundSecret:
        """Return what is noted of a candidate that has a value."""
        return cls(found.part, found.name, found.rule, found.kind, found.value or "")


class Scrubber:
    """Replaces secrets by placeholders, with one vault for the whole run.

    `from_files` says that the interactions come from files, which may be scrubbed already. Only
    there a short number where a secret belongs, such as 001, is taken for a placeholder.
    """

    def __init__(
        self,
        vault: Vault,
        rules: Rules | None = None,
        hook: Hook | None = None,
        from_files: bool = False,
        new_secrets: NewSecrets = lambda _: (),
    ) -> None:
        self.vault = vault
        self.rules = rules or Rules()
        self._hook = hook
        self._from_files = from_files
        self._new_secrets = new_secrets
        self.unexamined: list[str] = []
        """A line for each body that was scrubbed without decompressing it."""

    def scrub(
        self, interactions: Iterable[Interaction], old: Sequence[Interaction | None] = ()
    ) -> tuple[Interaction, ...]:
        """Return the interactions as they may be written. To scrub twice changes nothing more.

        `old` are the interactions of an earlier recording that these replace, in the same order,
        with None for a new one; their placeholders are used again. Raises Unscrubbed.
        """
        recorded = tuple(interactions)
        if self.rules.is_empty and not self.vault.known_count and not self._hook:
            return recorded
        for interaction, predecessor in zip(recorded, old, strict=False):
            if predecessor:
                self._reuse_placeholders(predecessor, decompressed_if_possible(interaction))
        plain = _map_each(decompressed, recorded)
        for interaction, decoded in zip(recorded, plain, strict=True):
            for problem in unexamined_bodies(interaction, decoded):
                self.unexamined.append(f"{_describe_request(interaction)}: {problem}")
        # Learn from all before searching any: a later one may reveal a secret of an earlier one.
        visit = partial(self.replace_candidate, is_public=_Recorded(plain).has)
        filled = _map_each(lambda i: self.visit_candidates(i, visit), plain)
        return self._checked(recorded, plain, self._replace_known(filled))

    def scrub_again(self, interactions: Iterable[Interaction]) -> tuple[Interaction, ...]:
        """Return scrubbed interactions without the secrets that were learned since.

        Raises Unscrubbed.
        """
        recorded = tuple(interactions)
        plain = _map_each(decompressed, recorded)
        return self._checked(recorded, plain, _map_each(self._replace_late, plain))

    def learn_environment(self, environment: Mapping[str, str]) -> None:
        """Learn the secrets in variables that were set since the scrubber was made."""
        for kind, value in self._new_secrets(environment):
            self.vault.learn(kind, value)

    def learn(self, interaction: Interaction, old: Interaction | None = None) -> None:
        """Learn the secrets of an interaction that is not written yet; `old` as for `scrub`."""
        plain = decompressed_if_possible(interaction)
        if old:
            self._reuse_placeholders(old, plain)
        self.visit_candidates(plain, self.replace_candidate)

    def earlier_recording(
        self, old: Iterable[Interaction], keeps_unpaired: bool = False
    ) -> EarlierRecording:
        """Return interactions of an earlier recording, ready to be paired with new ones.

        `keeps_unpaired` says that those which are not recorded again stay in the cassette.
        """
        plain = map(decompressed_if_possible, old)
        return EarlierRecording(plain, self.rules, self.vault, keeps_unpaired)

    def reserve_placeholders(self, interactions: Iterable[Interaction]) -> None:
        """Give none of the placeholders in these interactions to a new secret."""
        for interaction in interactions:
            for _, text in texts(decompressed_if_possible(interaction)):
                self.vault.reserve_placeholders(text)

    def find_secrets(self, interaction: Interaction) -> list[FoundSecret]:
        """Return the secrets that rules find in an interaction, placeholders left out."""
        keep = self.rules.keep_values
        secrets = self._secrets_and_placeholders(decompressed(interaction))
        return [s for s in secrets if not is_placeholder(s.value) and s.value not in keep]

    def scrub_values(self, values: Mapping[str, object]) -> dict[str, object]:
        """Return recorded values (JSON) without secrets, by their names and by known values."""
        filled = visit_text(json.dumps(values), Walk(self.rules, self.replace_candidate, "values"))
        scrubbed: dict[str, object] = json.loads(self.vault.redact_text(filled))
        return scrubbed

    def scrub_text(self, text: str) -> str:
        """Return text, such as a message, without known secrets."""
        return self.vault.redact_text(text)

    def scrub_log(self, text: str) -> str:
        """Return a log record without secrets; its headers and URLs may hold new ones."""
        walk = Walk(self.rules, self.replace_candidate, "log")
        return self.vault.redact_text(visit_log_text(text, walk))

    def scrub_report_text(self, text: str) -> str:
        """Return text of a test report without known secrets, which pytest may have shortened."""
        return self.vault.redact_truncated(self.vault.redact_text(text))

    def scrub_request(self, request: Request) -> Request:
        """Return a request without secrets, for messages."""
        visited = visit_request(request, Walk(self.rules, self.replace_candidate))
        return map_request_texts(visited, self.vault.redact_text, self.vault.redact_binary)

    def visit_candidates(self, interaction: Interaction, visit: Visitor) -> Interaction:
        """Return the interaction, decompressed before, with each candidate visited."""
        walk = Walk(self.rules, visit)
        request = visit_request(interaction.request, walk)
        return interaction.with_request_and_outcome(
            request, visit_outcome(interaction.outcome, walk)
        )

    def replace_candidate(
        self, candidate: Candidate, is_public: IsPublic | None = None
    ) -> str | None:
        """Return the placeholder for a candidate, or None where its value stays.

        `is_public` is as for `Vault.placeholder_for`.
        """
        value = candidate.value
        if value is None or not holds_secret(candidate) or value in self.rules.keep_values:
            return None
        if self._from_files and is_placeholder(value):
            return None
        is_answer = candidate.part.startswith("response")
        return self.vault.placeholder_for(candidate.kind, value, is_answer, is_public)

    def _reuse_placeholders(self, old: Interaction, new: Interaction) -> None:
        """Give the secrets of a new interaction the placeholders of the old one.

        A secret is paired with the placeholder at the same place, or at the same position of a text
        that is otherwise equal.
        """
        placeholders = [s for s in self._secrets_and_placeholders(old) if is_placeholder(s.value)]
        for secret in self._secrets_and_placeholders(new):
            place = secret.where, secret.name
            same = next((p for p in placeholders if (p.where, p.name) == place), None)
            if same:
                placeholders.remove(same)
                self.vault.learn(secret.kind, secret.value)
                self.vault.reuse_placeholder(secret.value, same.value)
        for (_, before), (_, now) in zip(texts(old), texts(new), strict=False):
            for placeholder, value in align_placeholders(before, now):
                self.vault.reuse_placeholder(value, placeholder)

    def _secrets_and_placeholders(self, interaction: Interaction) -> list[FoundSecret]:
        found: list[FoundSecret] = []

        def note(candidate: Candidate) -> None:
            if candidate.value and (is_placeholder(candidate.value) or holds_secret(candidate)):
                found.append(FoundSecret.of(candidate))

        self.visit_candidates(interaction, note)
        return found

    def _replace_known(self, filled: tuple[Interaction, ...]) -> tuple[Interaction, ...]:
        """Replace known secrets and call the hook, again as long as the hook learns new ones."""
        for _ in range(_MAX_HOOK_ROUNDS):
            known = self.vault.known_count
            finished = _map_each(self._finish, filled)
            if self.vault.known_count == known:
                break
        return finished

    def _finish(self, interaction: Interaction) -> Interaction:
        redacted = self._redact(interaction)
        return self._call_hook(redacted, self._hook) if self._hook else redacted

    def _replace_late(self, interaction: Interaction) -> Interaction:
        """Do the same, but only where a late secret is replaced: the hook has seen the rest."""
        redacted = self._redact(interaction)
        return redacted if redacted == interaction else self._finish(redacted)

    def _call_hook(self, interaction: Interaction, hook: Hook) -> Interaction:
        try:
            made = hook(interaction, self.vault.placeholder_for)
        except Exception as error:  # the project's code may raise anything
            raise _HookFailed(f"the hook raised {_describe_error(error, frame=1)}") from None
        if not isinstance(made, Interaction):
            raise _HookFailed(f"the hook returned {type(made).__name__}, not an Interaction")
        try:
            return self._redact(made)
        except Exception as error:
            described = _describe_error(error)
            raise _HookFailed(f"what the hook returned cannot be written: {described}") from None

    def _redact(self, interaction: Interaction) -> Interaction:
        if not self.vault.known_count:
            return interaction
        return map_texts(interaction, self.vault.redact_text, self.vault.redact_binary)

    def _checked(
        self,
        recorded: tuple[Interaction, ...],
        plain: tuple[Interaction, ...],
        scrubbed: tuple[Interaction, ...],
    ) -> tuple[Interaction, ...]:
        """Return the scrubbed interactions, compressed; raise Unscrubbed if a secret is left."""
        written = _map_each(compressed, recorded, plain, scrubbed)
        changes = [*zip(plain, scrubbed, strict=True), *zip(recorded, written, strict=True)]
        written = with_new_digests(written, changes)
        for number, (original, interaction) in enumerate(zip(recorded, written, strict=True), 1):
            for place, text in _changed_texts(original, interaction):
                if self.vault.secrets_in(text):
                    problem = f"a secret is left in {place}"
                    raise Unscrubbed(number, _describe_request(interaction), problem)
        return written


class _Recorded:
    """The texts of all interactions that are written together, read when first needed."""

    def __init__(self, interactions: tuple[Interaction, ...]) -> None:
        self._interactions = interactions

    @cached_property
    def _texts(self) -> str:
        return "\n".join(text for i in self._interactions for _, text in texts(i))

    def has(self, value: str) -> bool:
        """Whether a value is in a text, as it is or escaped for JSON or a URL."""
        written = {value, json.dumps(value)[1:-1], quote(value, safe=""), quote(value)}
        return any(each in self._texts for each in written)


def _changed_texts(original: Interaction, changed: Interaction) -> Iterator[tuple[str, str]]:
    """Yield place and text of the changed messages only: the others were searched before.

    This saves 1 % of a recording.
    """
    plain = changed if changed is original else decompressed(changed)
    if changed.request is not original.request:
        yield from request_texts(plain.request)
    if changed.outcome is not original.outcome:
        yield from outcome_texts(plain.outcome)


def _map_each(
    step: Callable[..., Interaction],
    interactions: tuple[Interaction, ...],
    *others: tuple[Interaction, ...],
) -> tuple[Interaction, ...]:
    """Apply a step to each interaction; a failure becomes Unscrubbed, which shows no value."""
    done: list[Interaction] = []
    for number, (interaction, *rest) in enumerate(zip(interactions, *others, strict=True), 1):
        try:
            done.append(step(interaction, *rest))
        except (UnsupportedCoding, _HookFailed) as error:
            raise Unscrubbed(number, _describe_request(interaction), str(error)) from None
        except Exception as error:  # nothing is written, whatever went wrong
            problem = f"scrubbing it raised {_describe_error(error)}"
            raise Unscrubbed(number, _describe_request(interaction), problem) from None
    return tuple(done)


def _describe_error(error: Exception, frame: int = -1) -> str:
    """Return type, file and line of an error, at this stack frame. Its text may hold a secret."""
    frames = traceback.extract_tb(error.__traceback__)
    place = frames[min(frame, len(frames) - 1)]
    return f"{type(error).__name__} in {PurePath(place.filename).name}, line {place.lineno}"


def _describe_request(interaction: Interaction) -> str:
    """Return method and path for a message. An opaque path segment may be a secret."""
    request = interaction.request
    segments = (urlsplit(request.url).path or "/").split("/")
    shown = ("…" if is_opaque(segment, _MIN_HIDDEN_LENGTH) else segment for segment in segments)
    return f"{request.method} {'/'.join(shown)}"


class _HookFailed(Exception):
    """The project's hook failed; the message holds no value."""
