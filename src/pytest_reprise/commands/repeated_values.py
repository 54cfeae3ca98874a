"""Scrubbed values with which code under test may go on: those that a migration warns of.

A test that compares such a value, or computes with it, gets a placeholder after the migration.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import urlsplit

from ..exchange import Interaction, Response
from ..scrub.content.compression import decompress_or_keep
from ..scrub.content.texts import request_texts
from ..scrub.replace.vault import Vault

_ARGUMENTS = frozenset(("arguments", "input", "args", "tool_input"))
"""Keys under which the answer of a language model has the arguments of a tool."""
_REPEATED_PARTS = ("request url", "request body")
"""Not headers: a token that a log-in returned is sent again there, and matches any value."""


def repeated_values(
    old: Sequence[Interaction], new: Sequence[Interaction], vault: Vault
) -> Iterator[str]:
    """Yield where an answer's scrubbed value is a tool's argument, or is repeated by a request.

    `old` are the interactions before scrubbing, `new` the same after it. No value is shown.
    """
    answered = set[str]()
    """Known secrets in the answers so far."""
    for number, (was, now) in enumerate(zip(old, new, strict=True), 1):
        path = urlsplit(now.request.url).path or "/"
        call = f"interaction {number}, {now.request.method} {path}"
        body = decompress_or_keep(was.request.body, was.request.headers)
        for part, text in request_texts(was.request._replace(body=body)):
            if part in _REPEATED_PARTS and answered & vault.secrets_in(text):
                yield f"{call}: the {part} repeats a scrubbed value of an answer"
        if isinstance(was.outcome, Response) and isinstance(now.outcome, Response):
            if was.outcome.body == now.outcome.body:
                continue
            answered |= vault.secrets_in(_text(was.outcome))
            if _arguments(was.outcome) != _arguments(now.outcome):
                yield f"{call}: a scrubbed value is an argument of a tool"


def _text(response: Response) -> str:
    return decompress_or_keep(response.body, response.headers).decode(errors="replace")


def _arguments(response: Response) -> list[Any]:
    """Return the values under _ARGUMENTS in a JSON body."""
    try:
        left = [json.loads(_text(response))]
    except (ValueError, RecursionError):
        return []
    found = []
    while left:
        value = left.pop()
        if isinstance(value, dict):
            found += [inner for key, inner in value.items() if key in _ARGUMENTS]
            left += value.values()
        elif isinstance(value, list):
            left += value
    return found
