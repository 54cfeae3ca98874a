"""Pending recordings are put into their places, or deleted."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from pathlib import Path

from ..cassette.naming import cassette_of
from ..cassette.replace import body_files_of, remove_cassette
from ..cassette.staging import Staging


def accept(files: Iterable[Path], root: Path) -> dict[Path, OSError]:
    """Put pending recordings into their places, all together.

    They are copied, and deleted when the copies are in place: a process that is killed has accepted
    all of them, or none. Returns the errors of those that stay pending.
    """
    staging = Staging(root, "reprise review --accept-all")
    pending = {cassette_of(file).absolute(): file for file in files}
    failed: dict[Path, OSError] = {}
    for path, file in pending.items():
        try:
            place = staging.place_for(path)
            for name in (file.name, *body_files_of(file)):
                copy = place if name == file.name else place.with_name(name)
                shutil.copyfile(file.with_name(name), copy)
            staging.add(path)
        except OSError as error:
            failed[file] = error
    failed |= {pending[path]: error for path, error in staging.commit().items()}
    return failed | reject(file for file in pending.values() if file not in failed)


def reject(files: Iterable[Path]) -> dict[Path, OSError]:
    """Delete pending recordings, and body files that only they have. Returns the errors."""
    failed: dict[Path, OSError] = {}
    for file in files:
        try:
            remove_cassette(file)
        except OSError as error:
            failed[file] = error
    return failed


def is_decided(file: Path) -> bool:
    """Whether a recording is in its place already: the review was killed before it ended. Then its
    file is deleted."""
    path = cassette_of(file)
    if not path.exists() or path.read_bytes() != file.read_bytes():
        return False
    remove_cassette(file)
    return True
