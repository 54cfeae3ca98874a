"""The scrubber: what may be written of an exchange."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from ..exchange import (
    Headers,
    Interaction,
    Outcome,
    Request,
    Response,
    map_outcome,
    map_request,
)
from .compression import compress, decompress
from .placeholders import Vault
from .slots import Slot, rewrite_request, rewrite_response

_LOOKS_SECRET = re.compile(r"(?s)(?=.{8})(?=.*[^A-Za-z\s]).*|.{20,}")
_SENTENCE = re.compile(
    r"(?i)\s.*\b(must|should|may|is|be|not|are|field|required|invalid|missing|expired|characters)\b"
    r"|\b(must|should|field|required|invalid|missing)\b.*\s"
)


class Scrubber:
    """Replaces secrets by placeholders, with one vault for the whole run."""

    def __init__(self, vault: Vault) -> None:
        self.vault = vault

    def scrub(self, interactions: Iterable[Interaction]) -> tuple[Interaction, ...]:
        """The interactions as they may be written; scrubbing twice is scrubbing once.

        All are learned from before any known value is replaced wherever it stands.
        """
        recorded = tuple(interactions)
        opened = [_opened(interaction) for interaction in recorded]
        learned = [self._fill_slots(interaction) for interaction in opened]
        return tuple(
            _closed(original, plain, self._spread(filled))
            for original, plain, filled in zip(recorded, opened, learned, strict=True)
        )

    def text(self, text: str) -> str:
        """Free text, as of a message, without the secrets that are known by value."""
        return self.vault.spread(text)

    def request(self, request: Request) -> Request:
        """One request as it may be shown in a message."""
        return map_request(rewrite_request(request, self._visit), self.vault.spread)

    def _visit(self, slot: Slot) -> str | None:
        if slot.value is None or not slot.is_text or not _holds_secret(slot, slot.value):
            return None
        return self.vault.placeholder(slot.kind, slot.value)

    def _fill_slots(self, interaction: Interaction) -> Interaction:
        request = rewrite_request(interaction.request, self._visit)
        outcome = interaction.outcome
        if isinstance(outcome, Response):
            outcome = rewrite_response(outcome, self._visit)
        return replace(interaction, request=request, outcome=outcome)

    def _spread(self, interaction: Interaction) -> Interaction:
        request = map_request(interaction.request, self.vault.spread)
        outcome = map_outcome(interaction.outcome, self.vault.spread)
        return replace(interaction, request=request, outcome=outcome)


def _holds_secret(slot: Slot, value: str) -> bool:
    """Whether the value in a slot is a secret, and not empty, an example or a sentence."""
    if not value or _SENTENCE.search(value):
        return False
    return not slot.is_weak or _LOOKS_SECRET.fullmatch(value) is not None


def _opened(interaction: Interaction) -> Interaction:
    """The interaction with its response body decompressed, where that is possible."""
    outcome = interaction.outcome
    if not isinstance(outcome, Response):
        return interaction
    plain = decompress(outcome.body, outcome.headers)
    if plain is None or plain is outcome.body:
        return interaction
    return replace(interaction, outcome=replace(outcome, body=plain))


def _closed(original: Interaction, opened: Interaction, scrubbed: Interaction) -> Interaction:
    """The scrubbed interaction with bodies as they went over the wire, lengths mended."""
    request = scrubbed.request
    if request.body != original.request.body:
        request = replace(request, headers=_with_length(request.headers, len(request.body)))
    return replace(
        scrubbed,
        request=request,
        outcome=_closed_outcome(original.outcome, opened.outcome, scrubbed.outcome),
    )


def _closed_outcome(original: Outcome, opened: Outcome, scrubbed: Outcome) -> Outcome:
    if not (
        isinstance(original, Response)
        and isinstance(opened, Response)
        and isinstance(scrubbed, Response)
    ):
        return scrubbed
    if scrubbed.body == opened.body:
        return replace(scrubbed, body=original.body)
    was_opened = opened.body is not original.body
    body = compress(scrubbed.body, scrubbed.headers) if was_opened else scrubbed.body
    chunks = scrubbed.chunks if sum(scrubbed.chunks) == len(body) else ()
    headers = _with_length(scrubbed.headers, len(body))
    return replace(scrubbed, body=body, chunks=chunks, headers=headers)


def _with_length(headers: Headers, length: int) -> Headers:
    return tuple(
        (name, str(length) if name.lower() == "content-length" else value)
        for name, value in headers
    )
