"""Content codings: decompress bodies for scrubbing, and compress them again as they were.

Content-Length and digests are updated where a body has changed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from ..exchange import Failure, Interaction
from .content import compression
from .replace.digests import digest_replacements, replace_digests


class UnsupportedCoding(Exception):
    """A body has a content coding whose package is not installed."""


def decompressed(interaction: Interaction) -> Interaction:
    """Return the interaction with its bodies decompressed; raise UnsupportedCoding."""
    request, outcome = interaction.request, interaction.outcome
    for message in (request, outcome):
        if isinstance(message, Failure):
            continue
        if coding := compression.coding_without_package(message.body, message.headers):
            raise UnsupportedCoding(
                f"cannot decompress its body, which is in {coding}: "
                "pip install 'pytest-reprise[codings]'"
            )
    body = compression.decompress(request.body, request.headers)
    if body is not None and body is not request.body:
        request = request._replace(body=body)
    return interaction.with_request_and_outcome(request, compression.decompress_outcome(outcome))


def unexamined_bodies(original: Interaction, plain: Interaction) -> Iterator[str]:
    """Yield a line for each body that stays compressed because it would be too large.

    `plain` is the original, decompressed.
    """
    pairs = (
        ("request", original.request, plain.request),
        ("response", original.outcome, plain.outcome),
    )
    for name, message, decoded in pairs:
        if isinstance(message, Failure) or message is not decoded:
            continue
        if compression.is_too_large(message.body, message.headers):
            size = compression.max_size(message.body) // 1_000_000
            yield f"the {name} body was not searched: decompressed it has more than {size} MB"


def decompressed_if_possible(interaction: Interaction) -> Interaction:
    """Return the same, or the interaction itself where a package is missing."""
    try:
        return decompressed(interaction)
    except UnsupportedCoding:
        return interaction


def compressed(original: Interaction, plain: Interaction, scrubbed: Interaction) -> Interaction:
    """Return the scrubbed interaction with its bodies compressed as in the original.

    `plain` is the original, decompressed. An unchanged body keeps its original bytes.
    """
    if scrubbed is plain:
        return original
    request, sent = scrubbed.request, original.request
    body = compression.compress_body(sent.body, plain.request.body, request.body, sent.headers)
    if body != sent.body:
        request = request._replace(
            headers=compression.with_content_length(request.headers, len(body))
        )
    outcome = compression.compress_outcome(original.outcome, plain.outcome, scrubbed.outcome)
    if body is not request.body:
        request = request._replace(body=body)
    return scrubbed.with_request_and_outcome(request, outcome)


def with_new_digests(
    interactions: tuple[Interaction, ...], changes: Iterable[tuple[Interaction, Interaction]]
) -> tuple[Interaction, ...]:
    """Return the interactions with the digests of changed bodies replaced in all headers.

    `changes` are pairs of interactions before and after. A digest is replaced in every interaction,
    since a later request may send an ETag back in If-None-Match.
    """
    digests: dict[str, str] = {}
    for old, new in changes:
        digests |= _changed_digests(old, new)
    return tuple(_with_digests(i, digests) for i in interactions) if digests else interactions


def _changed_digests(old: Interaction, new: Interaction) -> dict[str, str]:
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
        outcome = outcome._replace(headers=replace_digests(outcome.headers, digests))
    request = request._replace(headers=replace_digests(request.headers, digests))
    return interaction._replace(request=request, outcome=outcome)
