"""Rows of values that are no secrets, each within a whole answer or request."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ..placements import Answer, Mint, Pairs, Placement, PlannedCall
from .forms import CaseMint, fill
from .rows import JSON

_MARKED = re.compile("‹([^‹›]*)›")
_NONE = str.maketrans("", "", "‹›")


@dataclass(frozen=True, slots=True)
class Kept(Placement):
    """A call that must be recorded as it is. The marks ‹…› in its templates are what counts."""

    source: str = ""


class MarkedMint(CaseMint):
    """The mint of a call that is built with its marks."""


def kept(
    name: str,
    source: str,
    template: str,
    media: str = JSON,
    headers: Pairs = (),
    target: str = "/things",
    sent: str = "",
    sent_headers: Pairs = (),
    environment: Pairs = (),
) -> Kept:
    """Return a call with a benign answer; `sent` is the body of the request."""

    def build(mint: Mint) -> PlannedCall:
        def text(template: str) -> str:
            filled = fill(template, mint)
            return filled if isinstance(mint, MarkedMint) else filled.translate(_NONE)

        def pairs(them: Pairs) -> Pairs:
            return tuple((key, text(value)) for key, value in them)

        answer = Answer(text(template).encode(), (("Content-Type", media), *pairs(headers)))
        named = ((("Content-Type", JSON),) if sent.startswith(("{", "[")) else ()) + pairs(
            sent_headers
        )
        method = "POST" if sent else "GET"
        return PlannedCall(
            method, text(target), named, text(sent).encode(), answer, environment=environment
        )

    return Kept(name, build, source=source)


def marked_values(row: Kept, mint: MarkedMint) -> list[str]:
    """Return what counts in a row."""
    [call] = row.planned_calls(mint)
    answer = call.answer
    texts = [call.target, call.body.decode(), answer.body.decode()]
    texts += [value for _, value in (*call.headers, *answer.headers)]
    return [value for text in texts for value in _MARKED.findall(text)]
