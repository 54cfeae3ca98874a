"""Interactions as the rules want to see them: with compressed bodies opened."""

from __future__ import annotations

from dataclasses import replace

from ..exchange import Failure, Headers, Interaction, Request, Response
from ..scrub.content import compression
from ..scrub.content.charsets import is_binary


def opened(interaction: Interaction) -> tuple[Interaction, list[str]]:
    """The interaction as the rules want to see it, and what could not be opened in it.

    It says no more that it is compressed, so that nobody opens it a second time.
    """
    request, outcome = interaction.request, interaction.outcome
    if not any(_is_coded(m.headers) for m in (request, outcome) if not isinstance(m, Failure)):
        return interaction, []
    problems = [problem for m in (request, outcome) if (problem := _closed(m))]
    if isinstance(outcome, Response):
        body = _plain(outcome.body, outcome.headers)
        outcome = replace(outcome, body=body, headers=_uncoded(outcome.headers))
    body = _plain(request.body, request.headers)
    request = replace(request, body=body, headers=_uncoded(request.headers))
    return replace(interaction, request=request, outcome=outcome), problems


def _plain(body: bytes, headers: Headers) -> bytes:
    """The body, opened; one that is text in spite of its header is taken for what it is.

    Serializers of projects' own open bodies and leave the header, and bare deflate makes something
    of almost any text.
    """
    plain = compression.decompress(body, headers)
    is_broken = compression.decompress_or_keep(body, headers) is body
    is_text = is_broken and not is_binary(body.decode("latin-1"))
    return body if plain is None or is_text else plain


def _closed(message: Request | Response | Failure) -> str:
    if isinstance(message, Failure) or not (
        coding := compression.coding_without_package(message.body, message.headers)
    ):
        return ""
    return f"a body is in {coding}, which cannot be opened: pip install 'pytest-reprise[codings]'"


def _is_coded(headers: Headers) -> bool:
    return any(name.lower() == "content-encoding" for name, _ in headers)


def _uncoded(headers: Headers) -> Headers:
    return tuple(pair for pair in headers if pair[0].lower() != "content-encoding")
