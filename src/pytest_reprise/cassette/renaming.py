"""The file name of a cassette after its test, class or fixture was renamed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product, zip_longest

from ..patterns import lazy_regex
from .naming import LONGEST, SUFFIX, digest, safe

_PARTS = lazy_regex(r"(?P<name>[^\[~]*)(?P<parameter>\[.*\])?(?:~(?P<digest>[0-9a-f]{8}))?")
_SHORTENED = lazy_regex(r".*\.\.\.[0-9a-f]{32}")
_WRITTEN_AS_HYPHEN = "-<>?%*:|\"'/\\"
_MOST_TRIES = 300_000
"""Names to try for one digest, which takes half a second."""


class NameLostError(Exception):
    """A file name from which the name of its test cannot be found out; the text says why."""


@dataclass(frozen=True, slots=True)
class Rename:
    """The old and the new name of a test, class or fixture: `TestUsers.test_create`.

    A name is that of a cassette, without parameters and suffix. A fixture of the old name is
    renamed, too: in files its name follows an `@`.
    """

    old: str
    new: str

    def of(self, stem: str) -> str | None:
        """Return the new name of a cassette; None if it is of another test or fixture.

        Raises NameLostError.
        """
        parts = _PARTS.fullmatch(stem)
        name = parts["name"] if parts else stem.partition("[")[0]
        made = next(self._renamed(name), None)
        if made is None:
            return None
        if parts is None or _SHORTENED.fullmatch(stem):
            raise NameLostError("its name was too long, and is shortened")
        parameter = parts["parameter"] or ""
        if parts["digest"]:
            # That of a fixture is of what follows its class or plugin.
            (_, own), (place, new) = _split(name), _split(made)
            written = _before_replacing(own + parameter, parts["digest"])
            test = (new + written[len(own) :])[new.rfind(".") + 1 :]
            # Of tests whose names would be equal, the one that is in lower case has no digest.
            is_ambiguous = new.startswith("@") or test != safe(test, False).casefold()
            made = place + safe(new + written[len(own) :], is_ambiguous)
        else:
            made += parameter
        if len(made.encode()) > LONGEST - len(SUFFIX):
            raise NameLostError("its new name is too long for a file")
        return made

    def _renamed(self, name: str) -> Iterator[str]:
        if name == self.old or name.startswith(f"{self.old}."):
            yield self.new + name[len(self.old) :]
        owner, dot, fixture = self.old.rpartition(".")
        found_owner, at, found = name.rpartition("@")
        if at and found == fixture and (not dot or found_owner == f"{owner}."):
            new_owner, new_dot, new_fixture = self.new.rpartition(".")
            yield f"{new_owner + new_dot if dot else found_owner}@{new_fixture}"


def _split(name: str) -> tuple[str, str]:
    """Return what is before the name of a fixture, and the rest; a test has nothing before it."""
    before, at, fixture = name.rpartition("@")
    return before, at + fixture


def _before_replacing(name: str, wanted: str) -> str:
    """Return a name before characters in it were replaced by hyphens, found by its digest."""
    places = name.split("-")
    if len(_WRITTEN_AS_HYPHEN) ** (len(places) - 1) <= _MOST_TRIES:
        for signs in product(_WRITTEN_AS_HYPHEN, repeat=len(places) - 1):
            found = "".join(map("".join, zip_longest(places, signs, fillvalue="")))
            if digest(found) == wanted:
                return found
    raise NameLostError("its name has a digest of what no file name can have")
