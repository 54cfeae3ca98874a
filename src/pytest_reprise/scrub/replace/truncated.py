"""Known secrets that pytest has shortened: it shows `'0f4c5e...92b70a'` for a long value.

Used for output only. A cassette holds no shortened values.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from .encodings import MIN_SEARCH_LENGTH

_ELLIPSIS = "..."


def replace_truncated(text: str, secrets: Iterable[str], replacement: Callable[[str], str]) -> str:
    """Return the text with `replacement(secret)` for each shortened secret.

    The start of a secret is replaced before an ellipsis or the end of a line, the end of a secret
    after an ellipsis. Either must have MIN_SEARCH_LENGTH characters or more.
    """
    for secret in secrets:
        for start in _positions(secret[:MIN_SEARCH_LENGTH], text):
            end = start + _common_length(text[start : start + len(secret)], secret)
            if text.startswith((_ELLIPSIS, "\n"), end) or end == len(text):
                text = text[:start] + replacement(secret) + text[end:]
        for last in _positions(secret[-MIN_SEARCH_LENGTH:], text):
            end = last + MIN_SEARCH_LENGTH
            start = end - _common_length(text[max(0, end - len(secret)) : end][::-1], secret[::-1])
            if text.endswith(_ELLIPSIS, 0, start):
                text = text[:start] + replacement(secret) + text[end:]
    return text


def _positions(part: str, text: str) -> Iterator[int]:
    """Yield where the part is found, from the end, so that replacing one moves no other."""
    position = text.rfind(part)
    while position >= 0:
        yield position
        position = text.rfind(part, 0, position)


def _common_length(one: str, other: str) -> int:
    """Return the length of the common prefix."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((n for n, (a, b) in pairs if a != b), min(len(one), len(other)))
