"""Placeholders in texts: recognise, replace, align and fit them. All derives from forms.FORMS."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator

from ...patterns import lazy_regex
from ..rules.jwt import REDACTED_JWT_START
from .forms import FORMS, PATTERN, Form
from .tokens import is_token_placeholder

PLACEHOLDER = lazy_regex(PATTERN)
"""Every placeholder that can be recognised in any text; for short ones see is_placeholder."""
_LITERALS = tuple(dict.fromkeys(literal for form in FORMS for literal in form.literals))
"""At least one of them is in every placeholder. To search for them first saves 7.8 % of a
recording: the pattern is slower, and most texts contain none of them."""
_CUT_STARTS = tuple(dict.fromkeys(start for form in FORMS for start in form.starts_if_cut))
_MAX_ALIGNED_LENGTH = 20_000
"""Characters. A longer text is not aligned, since that may take quadratic time."""
_SHORT = 200
"""Characters of a text that is searched as a whole."""
_BEFORE, _AFTER = 128, 64
"""Characters around a literal in which its placeholder begins."""
_CLOSE = 24
"""Characters between literals of which the first one's search has reached the second one's word."""


def form_of(value: str) -> Form:
    """Return the form of a secret, which its placeholder has too."""
    return next((form for form in FORMS if form.matches(value)), FORMS[-1])


def is_placeholder(value: str) -> bool:
    """Whether a value is a placeholder, given that a rule takes it for a secret."""
    if is_whole_placeholder(value):
        return True
    return any(form.matches_candidate(value) for form in FORMS if form.matches_candidate)


def is_whole_placeholder(value: str) -> bool:
    """Whether a value is a placeholder, or a structure in which every secret is one."""
    if may_hold_placeholder(value) and (
        PLACEHOLDER.fullmatch(value) or is_token_placeholder(value)
    ):
        return True
    return _is_structure_of_placeholders(value)


def _is_structure_of_placeholders(value: str) -> bool:
    # A replay without such values does not need the module.
    from .structures import structure_of

    structure = structure_of(value)
    return structure is not None and all(is_whole_placeholder(v) for _, v in structure.leaves)


def may_hold_placeholder(text: str) -> bool:
    """Whether a placeholder can be in a text: it has one of the literals."""
    return any(map(text.__contains__, _LITERALS))


def placeholders_in(text: str) -> Iterator[re.Match[str]]:
    """Yield the placeholders in a text, in order.

    In a long text the pattern is tried around the literals only, which takes a twentieth of the
    time.
    """
    if len(text) < _SHORT:
        if may_hold_placeholder(text):
            yield from PLACEHOLDER.finditer(text)
        return
    done, last = 0, -_BEFORE
    for start in sorted({at for literal in _LITERALS for at in _positions(literal, text)}):
        if start < done:
            continue
        # Around a literal just before, placeholders that begin up to it were searched already.
        begin = max(done, last + 1) if start - last < _CLOSE else done
        last = start
        for found in _around(start, begin, text):
            yield found
            done = found.end()


def _around(literal: int, done: int, text: str) -> Iterator[re.Match[str]]:
    """Yield the placeholders that begin before or at a literal."""
    if text.startswith(REDACTED_JWT_START, literal):  # its parts may be long
        whole = PLACEHOLDER.match(text, literal)
        if whole:
            yield whole
        return
    end = literal + _AFTER
    if literal - done < _CLOSE:  # few places to begin at: no search behind the literal
        tries = (PLACEHOLDER.match(text, at) for at in range(done, literal + 1))
        yield from itertools.islice(filter(None, tries), 1)
        return
    for found in PLACEHOLDER.finditer(text, max(done, literal - _BEFORE), end):
        if found.start() > literal:
            return
        whole = PLACEHOLDER.match(text, found.start()) if found.end() == end else found
        if whole:
            yield whole


def _positions(literal: str, text: str) -> Iterator[int]:
    at = text.find(literal)
    while at >= 0:
        yield at
        at = text.find(literal, at + (_AFTER // 2 if literal == "000" else 1))


def replace_placeholders(text: str, replacement: Callable[[str], str]) -> str:
    """Return the text with `replacement(placeholder)` in the place of each placeholder."""
    if not may_hold_placeholder(text):
        return text
    parts: list[str] = []
    done = 0
    for found in placeholders_in(text):
        parts += text[done : found.start()], replacement(found[0])
        done = found.end()
    return "".join([*parts, text[done:]])


def align_placeholders(old: str, new: str) -> Iterator[tuple[str, str]]:
    """Yield each placeholder in the old text with the value in its place in the new text.

    Yields nothing unless the two texts are equal but for the placeholders.
    """
    if len(old) > _MAX_ALIGNED_LENGTH:
        return
    found = list(placeholders_in(old))
    if not found:
        return
    ends = [0, *(one.end() for one in found)]
    starts = [*(one.start() for one in found), len(old)]
    between = (re.escape(old[end:start]) for end, start in zip(ends, starts, strict=True))
    if values := re.fullmatch('([^"&\\s]*?)'.join(between), new):
        yield from zip([one[0] for one in found], values.groups(), strict=True)


def fit_to_size(placeholder: str, size: int) -> bytes:
    """Return the placeholder cut or filled to exactly `size` bytes, for use in a binary body."""
    return placeholder.encode()[:size].ljust(size, b"0")


def may_be_cut_placeholder(value: str) -> bool:
    """Whether a value in a binary body starts like a placeholder that was cut to fit."""
    return value.startswith(_CUT_STARTS)


def identity_of(placeholder: str) -> str:
    """Return the part of a placeholder by which it differs from all others.

    That of a JWT is its signature: a token that is recorded again has new times in its claims.
    """
    return placeholder.rpartition(".")[2] if is_token_with_claims(placeholder) else placeholder


_ORDINAL = lazy_regex(r"redacted[-_]?([a-z]+?)[-_]?([0-9]+|x[b-z]+)(?![b-z])")


def ordinal_of(placeholder: str) -> str:
    """Return kind and number in a placeholder, whatever its form is; else the placeholder."""
    found = _ORDINAL.search(placeholder.lower())
    return f"{found[1]} {found[2]}" if found else placeholder


def is_token_with_claims(placeholder: str) -> bool:
    """Whether a placeholder is a JWT."""
    return placeholder.startswith(REDACTED_JWT_START)
