"""Placeholders on which the workers of a recording agree: equal secrets get equal placeholders.

They are in one file, each with a keyed digest of its secret. The key is a random one of this run,
and never on disk: nobody can find out by trial which secret a placeholder stands for.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable, Set
from pathlib import Path

from ..cassette.locks import exclusive


class SharedPlaceholders:
    """The placeholders of all processes that have the same directory and the same key."""

    def __init__(self, directory: Path, key: bytes) -> None:
        self._directory = directory
        self._file = directory / "placeholders"
        self._key = key
        self._position = 0
        """Bytes of the file that were read."""
        self._known: dict[str, str] = {}
        self._taken: set[str] = set()

    def agree(self, secret: str, make: Callable[[Set[str]], str]) -> str:
        """Return the placeholder of a secret. If it has none yet, it gets the one that `make`
        returns for the placeholders that are taken."""
        text = secret.encode("utf-8", "surrogatepass")
        digest = hmac.new(self._key, text, hashlib.sha256).hexdigest()
        with exclusive(self._directory):
            self._read()
            if digest not in self._known:
                line = json.dumps([digest, make(self._taken)]) + "\n"
                with self._file.open("a", encoding="ascii") as file:
                    file.write(line)
                self._read()
        return self._known[digest]

    def _read(self) -> None:
        """Read what was added since the last call."""
        if not self._file.exists():
            return
        with self._file.open("rb") as file:
            file.seek(self._position)
            added = file.read()
        self._position += len(added)
        for digest, placeholder in map(json.loads, added.splitlines()):
            self._known[digest] = placeholder
            self._taken.add(placeholder)
