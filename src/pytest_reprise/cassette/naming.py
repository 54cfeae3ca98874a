"""File names of cassettes: pytest-recording's names, made unique where two would be equal."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from pathlib import Path

from ..patterns import lazy_regex

SUFFIX = ".yaml"
_PENDING = ".pending"
LONGEST = 255
"""Bytes in a file name, the limit of all common file systems."""

_FORBIDDEN = lazy_regex(r"""[<>?%*:|"'/\\]""")
_ONE_PART = lazy_regex(r"[^/\\]*[^/\\.]")
_XUNIT = r"_(?:xunit|unittest)_(set\w*?)_fixture_.*"


def cassette_path(directory: Path, name: str, suffix: str = SUFFIX) -> Path:
    """The file of a cassette. `name` may contain directories, and may already have the suffix."""
    name = name.removesuffix(suffix)
    if _ONE_PART.fullmatch(name):
        return directory / (_fitted(name) + suffix)
    path = directory / name
    return path.with_name(_fitted(path.name) + suffix)


def test_cassette(classes: Iterable[str], test: str, is_ambiguous: bool) -> str:
    """The name of a test's cassette: `Class.test[param]`, without forbidden characters.

    `is_ambiguous` says that another test would have the same name. Then a digest is added.
    """
    return safe(".".join((*classes, test)), is_ambiguous)


def fixture_cassette(owner: str, fixture: str, param: str | None) -> str:
    """The name of a wider fixture's cassette: `@fixture[param]`, after its class or plugin.

    No name of a test begins with `@`, so the two cannot collide.
    """
    xunit = re.fullmatch(_XUNIT, fixture)
    name = f"@{xunit[1] if xunit else fixture}"
    if param is not None:
        name += f"[{param}]"
    return (f"{safe(owner, False)}." if owner else "") + safe(name, _is_unsafe(name))


def ambiguous(names: Iterable[str]) -> set[str]:
    """The names of tests, all made from one function, whose file names would collide.

    Names that differ only in case are included: some file systems do not tell them apart.
    """
    by_file: dict[str, list[str]] = {}
    for name in names:
        by_file.setdefault(safe(name, False).casefold(), []).append(name)
    shared = (
        (file, name) for file, sharing in by_file.items() if len(sharing) > 1 for name in sharing
    )
    return {name for file, name in shared if name != file}


def _is_unsafe(name: str) -> bool:
    return _FORBIDDEN.search(name) is not None


def safe(name: str, is_ambiguous: bool) -> str:
    """The name without forbidden characters, and with a digest if it `is_ambiguous`."""
    written = _FORBIDDEN.sub("-", name)
    return f"{written}~{digest(name)}" if is_ambiguous else written


def digest(name: str) -> str:
    """The digest of a name that is added where file names would be equal."""
    return hashlib.sha256(name.encode()).hexdigest()[:8]


def _fitted(name: str) -> str:
    """The name, shortened as pytest-recording does where it is too long for a file system."""
    limit = LONGEST - len(SUFFIX)
    if len(name.encode()) <= limit:
        return name
    end = hashlib.md5(name.encode(), usedforsecurity=False).hexdigest()
    start = name.encode()[: limit - len(end) - 3].decode(errors="ignore")
    return f"{start}...{end}"


# --- pending recordings: beside their cassettes, until a person has accepted them -------------


def pending_path(path: Path) -> Path:
    """Return the path of the pending recording of a cassette: `NAME.pending.yaml`."""
    return path.with_name(f"{path.stem}{_PENDING}{path.suffix}")


def is_pending(path: Path) -> bool:
    """Whether a file has the name of a pending recording."""
    return path.stem.endswith(_PENDING)


def cassette_of(pending: Path) -> Path:
    """Return the path of the cassette that a pending recording is for."""
    return pending.with_name(pending.stem.removesuffix(_PENDING) + pending.suffix)
