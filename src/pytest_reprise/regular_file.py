"""Read a file whose kind and size are not known, such as one in a pull request.

Only a regular file is read, up to a stated size. A pipe would block, and a device or a sparse file
of 4 GB would fill the memory.
"""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

MAX_CASSETTE_SIZE = 100_000_000
"""Bytes. The largest cassettes of public suites have 5 MB."""
MAX_BODY_FILE_SIZE = 250_000_000
"""Bytes."""
MAX_SETTINGS_SIZE = 10_000_000
"""Bytes of a configuration, a `.env` file, or a baseline."""
_FLAGS = (
    os.O_RDONLY
    # Some systems lack these: Windows has no pipes in directories, but changes line ends.
    | getattr(os, "O_NONBLOCK", 0)
    | getattr(os, "O_NOCTTY", 0)
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_BINARY", 0)
)
_PIECE = 1_000_000


def read_regular_file(path: Path, max_size: int) -> bytes:
    """Return the content of a regular file, or of one that `path` links to.

    Raises OSError, also for any other kind of file and for one of more than `max_size` bytes.
    """
    _check(path, path.stat(), max_size)  # before it is opened: for some devices this has effects
    descriptor = os.open(path, _FLAGS)
    try:
        found = os.fstat(descriptor)
        _check(path, found, max_size)
        return _read(path, descriptor, found.st_size, max_size)
    finally:
        os.close(descriptor)


def check_size(path: Path, content: bytes, max_size: int) -> None:
    """Raise OSError for content that is too large to be read back from `path`."""
    if len(content) > max_size:
        raise too_large(path, len(content), max_size)


def too_large(path: Path, size: int, max_size: int) -> OSError:
    """Return the error for a file of `size` bytes."""
    reason = f"too large: {size} bytes, where {max_size} are the limit"
    return OSError(errno.EFBIG, reason, str(path))


def _check(path: Path, found: os.stat_result, max_size: int) -> None:
    if stat.S_ISDIR(found.st_mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    if not stat.S_ISREG(found.st_mode):
        raise OSError(errno.EINVAL, "not a regular file", str(path))
    if found.st_size > max_size:
        raise too_large(path, found.st_size, max_size)


def _read(path: Path, descriptor: int, size: int, max_size: int) -> bytes:
    """Return all bytes of an open file. Its size may change, and is 0 for files in /proc."""
    pieces = [os.read(descriptor, size + 1)]
    length = len(pieces[0])
    while length <= max_size and (piece := os.read(descriptor, _PIECE)):
        pieces.append(piece)
        length += len(piece)
    if length > max_size:
        raise too_large(path, length, max_size)
    return b"".join(pieces)
