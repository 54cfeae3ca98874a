"""The scrubber: what may be written of an exchange."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import replace

from ..exchange import (
    Interaction,
    Request,
    Response,
    map_outcome,
    map_request,
)
from .compression import closed, opened, with_length
from .placeholders import PLACEHOLDER, Vault
from .slots import Slot, rewrite_body, rewrite_request, rewrite_response

_LOOKS_SECRET = re.compile(r"(?s)(?=.{8})(?=.*[^A-Za-z\s]).*|.{20,}")
_WORDS_OF_SENTENCES = re.compile(
    r"(?i)\b(?:must|should|may|is|be|not|are|field|required|invalid|missing|expired|characters)\b"
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
        plain = [_opened(interaction) for interaction in recorded]
        learned = [self._fill_slots(interaction) for interaction in plain]
        return tuple(
            _closed(original, unscrubbed, self._spread(filled))
            for original, unscrubbed, filled in zip(recorded, plain, learned, strict=True)
        )

    def values(self, values: Mapping[str, object]) -> dict[str, object]:
        """Recorded values, scrubbed by their names and by what is known."""
        filled = rewrite_body(json.dumps(values).encode(), "application/json", self._visit)
        scrubbed: dict[str, object] = json.loads(self.vault.spread(filled.decode()))
        return scrubbed

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
    rest = PLACEHOLDER.sub("", value)
    if not rest or (" " in value and _WORDS_OF_SENTENCES.search(value)):
        return False
    return not slot.is_weak or _LOOKS_SECRET.fullmatch(rest) is not None


def _opened(interaction: Interaction) -> Interaction:
    return replace(interaction, outcome=opened(interaction.outcome))


def _closed(original: Interaction, plain: Interaction, scrubbed: Interaction) -> Interaction:
    """The scrubbed interaction with bodies as they went over the wire, lengths mended."""
    request = scrubbed.request
    if request.body != original.request.body:
        request = replace(request, headers=with_length(request.headers, len(request.body)))
    outcome = closed(original.outcome, plain.outcome, scrubbed.outcome)
    return replace(scrubbed, request=request, outcome=outcome)
