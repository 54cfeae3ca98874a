"""What is left of a known value that pytest cut short: it shows `'0f4c5e...92b70a'` of a long one.

Only for what is shown: a cassette holds nothing that was cut.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from .encodings import MIN_SEARCH_LENGTH

_MARK = "..."


def replace_truncated(text: str, values: Iterable[str], put: Callable[[str], str]) -> str:
    """`text` with `put(value)` for each part of a value, from its start or to its end, that is long
    enough to be told, and that a mark or the end of a line cuts short."""
    for value in values:
        for at in _places(value[:MIN_SEARCH_LENGTH], text):
            end = at + _alike(text[at : at + len(value)], value)
            if text.startswith((_MARK, "\n"), end) or end == len(text):
                text = text[:at] + put(value) + text[end:]
        for at in _places(value[-MIN_SEARCH_LENGTH:], text):
            end = at + MIN_SEARCH_LENGTH
            start = end - _alike(text[max(0, end - len(value)) : end][::-1], value[::-1])
            if text.endswith(_MARK, 0, start):
                text = text[:start] + put(value) + text[end:]
    return text


def _places(part: str, text: str) -> Iterator[int]:
    """Where the part stands, last first, so that what is replaced there moves none of them."""
    at = text.rfind(part)
    while at >= 0:
        yield at
        at = text.rfind(part, 0, at)


def _alike(one: str, other: str) -> int:
    """How many characters the two begin with alike."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((n for n, (a, b) in pairs if a != b), min(len(one), len(other)))
