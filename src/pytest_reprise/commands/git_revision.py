"""Files of a git revision, read from the repository without a checkout."""

from __future__ import annotations

import subprocess
from collections.abc import Iterable
from pathlib import Path, PurePosixPath

from ..errors import ConfigurationError

_REGULAR = ("100644", "100755")
"""The modes of regular files. A link may lead anywhere."""


def write_files_of(revision: str, paths: Iterable[Path], target: Path) -> dict[Path, Path]:
    """Write the files that a revision has at or below `paths` to the directory `target`.

    Returns where each file is now, by its path in the working tree. Raises ConfigurationError for
    an unknown revision, and outside of a repository.
    """
    written: dict[Path, Path] = {}
    for number, path in enumerate(paths):
        place = path if path.is_dir() else path.parent
        found = _files(revision, place, path)
        for name, blob in found.items():
            copy = target / str(number) / PurePosixPath(name)
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes(_git(place, "cat-file", "blob", blob))
            written[place / name] = copy
    return written


def _files(revision: str, place: Path, path: Path) -> dict[str, str]:
    """Return the ids of files by their path relative to the directory `place`. For a file, all that
    are beside it: a body may be one of them."""
    commit = _git(
        place, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}"
    )
    if not commit:
        raise ConfigurationError(f"git knows no revision {revision!r}")
    depth = ["-r"] if path.is_dir() else []
    listed = _git(place, "ls-tree", "-z", *depth, commit.decode().strip())
    found = {}
    for line in listed.decode(errors="surrogateescape").split("\0"):
        about, _, name = line.partition("\t")
        mode, _, blob = about.partition(" blob ")
        if mode in _REGULAR:
            found[name] = blob
    return found


def _git(place: Path, *arguments: str) -> bytes:
    try:
        ran = subprocess.run(["git", *arguments], cwd=place, capture_output=True, check=False)
    except FileNotFoundError as error:
        if error.filename == "git":
            raise ConfigurationError("--against needs git, which is not installed") from None
        raise
    if ran.returncode and arguments[0] != "rev-parse":
        raise ConfigurationError(f"git: {ran.stderr.decode(errors='replace').strip()}")
    if ran.returncode > 1 or b"not a git repository" in ran.stderr:
        raise ConfigurationError(f"{place} is in no git repository")
    return ran.stdout
