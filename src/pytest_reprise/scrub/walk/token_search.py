"""Find out which token formats a text may have, by the fixed texts that each of them contains.

Most texts have none. A search for a fixed text takes 0.4 ms for each MB, and there are three
hundred of them; so most are searched for together, or only in the parts where a token can be.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache

from ...patterns import lazy_regex
from ..replace.readings import Reading, readings_without_escapes
from .anchors import literals_in
from .candidates import Detector
from .tokens import TOKENS

_MIN_RUN = 15
"""Characters of the shortest match of a detector with `is_run`."""
_SEPARATORS = " \t\r\n\"'<>(){}[],:!*$@^|`/"
"""Characters that no such match contains, in any encoding; control characters are separators too.
A question mark is none, since each character that is not ASCII becomes one."""
_IN_RUN = bytes(32 < n < 127 and chr(n) not in _SEPARATORS for n in range(256))
_BEFORE_MARK = lazy_regex(r"[-_.:][A-Za-z0-9]{1,12}+(?![A-Za-z0-9])")
"""A separator and the word before it, in a text from its end to its start."""


def _key_of(prefix: str) -> str:
    """Return what _BEFORE_MARK finds for a word with this prefix, or "" if that is open."""
    word = re.match(r"[A-Za-z0-9]{1,10}[-_.:]", prefix)
    return word[0][::-1] if word else ""


_SHARED = (
    *("hook", ".com", "/p", "$", "Private-", "ss://", "earer", "sntry", "deploy", "/", "_"),
    *("AK", "AT", "EA"),
)
"""Parts of several literals. To search for these first saves a third of the searches."""


def _by_shared_part(literals: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Return the literals by a part that they contain, which may be the whole literal."""
    found: dict[str, tuple[str, ...]] = {}
    for literal in dict.fromkeys(literals):
        part = next((part for part in _SHARED if part in literal), literal)
        found[part] = (*found.get(part, ()), literal)
    return found


_OTHER_LITERALS = _by_shared_part(one for d in TOKENS if not d.is_run for one in d.literals)
_RUN_LITERALS = _by_shared_part(
    one for d in TOKENS for one in d.literals if d.is_run and not (d.has_prefix and _key_of(one))
)
_PREFIXES: dict[str, tuple[str, ...]] = {}
"""The other literals of detectors with `is_run`, by the first word and the separator behind it."""
for _literal in (one for d in TOKENS if d.is_run and d.has_prefix for one in d.literals):
    if _key := _key_of(_literal):
        _PREFIXES[_key] = (*_PREFIXES.get(_key, ()), _literal)
_CHARACTERS = frozenset("".join(one for d in TOKENS for one in d.literals))
_WIDTH = 48
"""Characters of the longest literal, and of a run that is long enough for a token."""


def detectors_for(text: str, binary: str = "") -> tuple[Detector, ...]:
    """Return those of TOKENS that can match in the text, in any encoding, or in a binary body.

    `binary` is the body with one character for each byte.
    """
    found = {*_literals_of(text), *_literals_of(binary)}
    for reading in readings_without_escapes(text, _WIDTH):
        found.update(_decoded_literals(reading))
    return _detectors_with(frozenset(found))


def _literals_of(text: str) -> Iterator[str]:
    """Yield the literals of TOKENS in the text."""
    yield from _those_in(text, _OTHER_LITERALS)
    for runs in _chunks(_long_runs(text)):
        yield from _those_in(runs, _RUN_LITERALS)
        yield from literals_in(runs, _starting_literals(runs))


def _decoded_literals(reading: Reading) -> Iterator[str]:
    """Yield the literals of TOKENS that a text has only without its escapes."""
    yield from _those_in(reading.text, _literals_with(reading.characters & _CHARACTERS))
    yield from literals_in(reading.text, _starting_literals(reading.text))


def _those_in(text: str, literals: Mapping[str, Iterable[str]]) -> Iterator[str]:
    """Yield the literals in the text; they are given by a part of each."""
    for part in literals_in(text, literals):
        yield from literals_in(text, literals[part])


@lru_cache(maxsize=256)
def _literals_with(characters: frozenset[str]) -> dict[str, tuple[str, ...]]:
    """Return the literals that contain one of the characters, by a part of each."""
    groups = (*_OTHER_LITERALS.values(), *_RUN_LITERALS.values())
    return _by_shared_part(one for g in groups for one in g if not characters.isdisjoint(one))


def _starting_literals(text: str) -> Iterator[str]:
    """Yield the literals with which a word in the text may begin."""
    words = set(_BEFORE_MARK.findall(text[::-1]))
    if "%" in text or "\\" in text:  # an escape may stand before the word
        words.update([word[:-n] for word in words for n in (1, 2)])
    for word in words.intersection(_PREFIXES):
        yield from _PREFIXES[word]


def _chunks(texts: Iterable[str]) -> Iterator[str]:
    """Yield the texts joined by blanks, as many at once as bound the memory."""
    parts, size = list[str](), 0
    for text in texts:
        parts.append(text)
        size += len(text)
        if size > _CHUNK:
            yield " ".join(parts)
            parts, size = [], 0
    if parts:
        yield " ".join(parts)


_CHUNK = 1 << 16
"""Characters."""


@lru_cache(maxsize=256)
def _detectors_with(literals: frozenset[str]) -> tuple[Detector, ...]:
    return tuple(d for d in TOKENS if not literals.isdisjoint(d.literals))


def _long_runs(text: str) -> Iterator[str]:
    """Yield the runs that are long enough for a token; most texts have none.

    The check of the bytes saves 1.5 % of a recording, and 0.1 s for each MB: it is faster than the
    search for two hundred literals.
    """
    mask = text.encode("ascii", "replace").translate(_IN_RUN)
    at = mask.find(b"\1" * _MIN_RUN)
    while at >= 0:
        end = mask.find(b"\0", at)
        end = len(text) if end < 0 else end
        yield text[at:end]
        at = mask.find(b"\1" * _MIN_RUN, end)
