"""File names of cassettes: those of pytest-recording where they are unique, and unique always."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from pathlib import Path

SUFFIX = ".yaml"
LONGEST = 255
"""Bytes in a file name, on all common file systems."""

_FORBIDDEN = re.compile(r"""[<>?%*:|"'/\\]""")
_ONE_PART = re.compile(r"[^/\\]*[^/\\.]")
_XUNIT = r"_(?:xunit|unittest)_(set\w*?)_fixture_.*"


def cassette_path(directory: Path, name: str, suffix: str = SUFFIX) -> Path:
    """The file of a cassette; `name` may hold directories, and may end with the suffix already."""
    name = name.removesuffix(suffix)
    if _ONE_PART.fullmatch(name):
        return directory / (_fitted(name) + suffix)
    path = directory / name
    return path.with_name(_fitted(path.name) + suffix)


def test_cassette(classes: Iterable[str], test: str, is_ambiguous: bool) -> str:
    """The name of a test's cassette: `Class.test[param]`, without what file systems forbid.

    `is_ambiguous` says that another test would get the same name.
    """
    return _safe(".".join((*classes, test)), is_ambiguous)


def fixture_cassette(owner: str, fixture: str, param: str | None) -> str:
    """The name of a wider fixture's cassette: `@fixture[param]`, behind its class or plugin.

    No test begins with an @, so that none can have this name.
    """
    xunit = re.fullmatch(_XUNIT, fixture)
    name = f"@{xunit[1] if xunit else fixture}"
    if param is not None:
        name += f"[{param}]"
    return (f"{_safe(owner, False)}." if owner else "") + _safe(name, _is_unsafe(name))


def ambiguous(names: Iterable[str]) -> set[str]:
    """Those of a function's test names that have to be told apart from another one.

    Names that differ in case only count too, since some file systems do not tell them apart.
    """
    by_file: dict[str, list[str]] = {}
    for name in names:
        by_file.setdefault(_safe(name, False).casefold(), []).append(name)
    shared = (
        (file, name) for file, sharing in by_file.items() if len(sharing) > 1 for name in sharing
    )
    return {name for file, name in shared if name != file}


def _is_unsafe(name: str) -> bool:
    return _FORBIDDEN.search(name) is not None


def _safe(name: str, is_ambiguous: bool) -> str:
    safe = _FORBIDDEN.sub("-", name)
    return f"{safe}~{_digest(name)}" if is_ambiguous else safe


def _digest(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()[:8]


def _fitted(name: str) -> str:
    """The name, cut as pytest-recording cuts it where it is too long for a file system."""
    room = LONGEST - len(SUFFIX)
    if len(name.encode()) <= room:
        return name
    digest = hashlib.md5(name.encode(), usedforsecurity=False).hexdigest()
    start = name.encode()[: room - len(digest) - 3].decode(errors="ignore")
    return f"{start}...{digest}"
