"""Interactions with decompressed bodies, in which the rules look for secrets."""

from __future__ import annotations

from ..exchange import Headers, Interaction, Request, Response
from ..scrub.content import compression
from ..scrub.content.charsets import is_binary


def decompress_interaction(interaction: Interaction) -> tuple[Interaction, list[str]]:
    """Return the interaction with decompressed bodies, and the bodies for which that failed.

    The result has no Content-Encoding, so that it is not decompressed a second time.
    """
    request, outcome = interaction.request, interaction.outcome
    messages: list[Request | Response] = [request]
    if isinstance(outcome, Response):
        messages.append(outcome)
    if not any(_has_coding(message.headers) for message in messages):
        return interaction, []
    problems = [problem for message in messages if (problem := _problem(message))]
    if isinstance(outcome, Response):
        body = _plain_body(outcome.body, outcome.headers)
        outcome = outcome._replace(body=body, headers=_without_coding(outcome.headers))
    body = _plain_body(request.body, request.headers)
    request = request._replace(body=body, headers=_without_coding(request.headers))
    return interaction._replace(request=request, outcome=outcome), problems


def _plain_body(body: bytes, headers: Headers) -> bytes:
    """Return the decompressed body, or the body itself if it is text.

    Some serializers decompress a body and leave the header. Such a text must not be decompressed,
    because deflate without a header accepts almost any text.
    """
    # `decompress` also returns the readable start of a broken body; the other function does not.
    plain = compression.decompress(body, headers)
    is_broken = compression.decompress_or_keep(body, headers) is body
    is_text = is_broken and not is_binary(body.decode("latin-1"))
    return body if plain is None or is_text else plain


def _problem(message: Request | Response) -> str:
    coding = compression.coding_without_package(message.body, message.headers)
    if coding is None:
        if not compression.is_too_large(message.body, message.headers):
            return ""
        size = compression.max_size(message.body) // 1_000_000
        return f"a body was not searched: decompressed it has more than {size} MB"
    return f"a body in the coding {coding} needs a package: pip install 'pytest-reprise[codings]'"


def _has_coding(headers: Headers) -> bool:
    return any(name.lower() == "content-encoding" for name, _ in headers)


def _without_coding(headers: Headers) -> Headers:
    return tuple(pair for pair in headers if pair[0].lower() != "content-encoding")
