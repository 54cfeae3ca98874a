"""Locks between processes. The system releases them when a process ends, however it ends.

Nothing here depends on process ids, which are used again, and which mean nothing on another host.
"""

from __future__ import annotations

import hashlib
import os
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

LONGEST_WAIT = 60.0
"""Seconds to wait for another process that writes into the same directory."""
_POLL = 0.005
_held = threading.local()

if sys.platform == "win32":
    import msvcrt

    _BEYOND_THE_END = 1 << 30
    """Other processes cannot read a locked byte, so one is locked where the file has none."""

    def lock_file(descriptor: int) -> bool:
        """Lock an open file for this process. Returns False if another process has locked it."""
        position = os.lseek(descriptor, 0, os.SEEK_CUR)
        try:
            os.lseek(descriptor, _BEYOND_THE_END, os.SEEK_SET)
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        finally:
            os.lseek(descriptor, position, os.SEEK_SET)
        return True

    def _try_lock(descriptor: int) -> bool:
        return lock_file(descriptor)

    def _unlock(descriptor: int) -> None:
        os.close(descriptor)

    def _open_lock(directory: Path) -> int:
        return _open_temporary(directory)

else:
    import fcntl

    def lock_file(descriptor: int) -> bool:
        """Lock an open file for this process. Returns False if another process has locked it.

        A forked child does not inherit the lock: a server that a test run started and that survives
        the run does not keep it.
        """
        try:
            fcntl.lockf(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        return True

    def _try_lock(descriptor: int) -> bool:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def _unlock(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_UN)  # also where a forked child still has the file open
        os.close(descriptor)

    def _open_lock(directory: Path) -> int:
        """Open what is locked: the directory itself, so that no lock file is left in it."""
        descriptor = os.open(directory, os.O_RDONLY)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
            fcntl.flock(descriptor, fcntl.LOCK_UN)
        except BlockingIOError:
            pass  # another process has locked it, so it can be locked
        except OSError:  # a network file system that locks only files which are open for writing
            os.close(descriptor)
            return _open_temporary(directory)
        return descriptor


def _open_temporary(directory: Path) -> int:
    """Open the lock file of a directory, among the system's temporary files."""
    name = hashlib.sha256(str(directory.resolve()).encode(errors="replace")).hexdigest()[:16]
    file = Path(tempfile.gettempdir()) / f"reprise-{name}.lock"
    return os.open(file, os.O_RDWR | os.O_CREAT, 0o666)


@contextmanager
def exclusive(directory: Path) -> Iterator[None]:
    """Let only one thread of one process write into a directory. The block may be nested.

    Raises OSError, also when another process does not end its writing for LONGEST_WAIT seconds.
    """
    status = directory.stat()
    key = status.st_dev, status.st_ino
    held: set[tuple[int, int]] = vars(_held).setdefault("directories", set())
    if key in held:
        yield
        return
    descriptor = _open_lock(directory)
    try:
        _wait_for(descriptor, directory)
        held.add(key)
        yield
    finally:
        held.discard(key)
        _unlock(descriptor)


def _wait_for(descriptor: int, directory: Path) -> None:
    deadline = time.monotonic() + LONGEST_WAIT
    while not _try_lock(descriptor):
        if time.monotonic() > deadline:
            raise TimeoutError(0, "another process is writing into it", str(directory))
        time.sleep(_POLL)
