"""Placeholders in texts: recognise, replace, align and fit them. All derives from forms.FORMS."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from .forms import FORMS, Envelope, Form

PLACEHOLDER = re.compile("|".join(form.pattern for form in FORMS))
"""Every placeholder that can be recognised in any text; for short numbers see is_placeholder."""
_LITERALS = tuple(dict.fromkeys(literal for form in FORMS for literal in form.literals))
"""At least one of them is in every placeholder. To search for them first saves 7.8 % of a
recording: the pattern is slower, and most texts contain none of them."""
_CUT_STARTS = tuple(
    dict.fromkeys(start for form in FORMS if form.keeps_start_if_cut for start in form.literals)
)
_ENVELOPES = tuple(form.envelope for form in FORMS if form.envelope)
_MAX_ALIGNED_LENGTH = 20_000
"""Characters. A longer text is not aligned, since that may take quadratic time."""


def form_of(value: str) -> Form:
    """Return the form of a secret, which its placeholder has too."""
    return next((form for form in FORMS if form.matches(value)), FORMS[-1])


def is_placeholder(value: str) -> bool:
    """Whether a value is a placeholder, given that a rule takes it for a secret."""
    if PLACEHOLDER.fullmatch(value):
        return True
    return any(form.matches_candidate(value) for form in FORMS if form.matches_candidate)


def identities_in(text: str) -> Iterator[str]:
    """Yield the identity of each placeholder in a text.

    The pattern is tried around the literals only, which takes a twentieth of the time.
    """
    starts = sorted({at for literal in _LITERALS for at in _positions(literal, text)})
    done = 0
    for start in starts:
        if start < done:
            continue
        end = start + _AROUND
        for found in PLACEHOLDER.finditer(text, max(done, start - _AROUND), end):
            whole = PLACEHOLDER.match(text, found.start()) if found.end() == end else found
            if whole:
                yield identity_of(whole[0])
                done = whole.end()


_AROUND = 64
"""Characters around a literal in which its placeholder begins, without the envelope."""


def _positions(literal: str, text: str) -> Iterator[int]:
    at = text.find(literal)
    while at >= 0:
        yield at
        at = text.find(literal, at + (_AROUND // 2 if literal == "000" else 1))


def replace_placeholders(text: str, replacement: Callable[[str], str]) -> str:
    """Return the text with `replacement(placeholder)` in the place of each placeholder."""
    if not any(literal in text for literal in _LITERALS):
        return text
    return PLACEHOLDER.sub(lambda found: replacement(found[0]), text)


def align_placeholders(old: str, new: str) -> Iterator[tuple[str, str]]:
    """Yield each placeholder in the old text with the value in its place in the new text.

    Yields nothing unless the two texts are equal but for the placeholders.
    """
    if len(old) > _MAX_ALIGNED_LENGTH or not PLACEHOLDER.search(old):
        return
    placeholders = [found[0] for found in PLACEHOLDER.finditer(old)]
    between = (re.escape(text) for text in PLACEHOLDER.split(old))
    if found := re.fullmatch('([^"&\\s]*?)'.join(between), new):
        yield from zip(placeholders, found.groups(), strict=True)


def fit_to_size(placeholder: str, size: int) -> bytes:
    """Return the placeholder cut or filled to exactly `size` bytes, for use in a binary body."""
    return placeholder.encode()[:size].ljust(size, b"0")


def may_be_cut_placeholder(value: str) -> bool:
    """Whether a value in a binary body starts like a placeholder that was cut to fit."""
    return value.startswith(_CUT_STARTS)


def identity_of(placeholder: str) -> str:
    """Return the part of a placeholder by which it differs from all others."""
    envelope = envelope_of(placeholder)
    return envelope.unwrap(placeholder) if envelope else placeholder


def envelope_of(placeholder: str) -> Envelope | None:
    """Return the envelope that a placeholder is in, or None."""
    return next((e for e in _ENVELOPES if placeholder.startswith(e.start)), None)
