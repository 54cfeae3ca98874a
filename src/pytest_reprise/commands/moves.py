"""Which cassettes follow a renamed test, class, module or fixture, and how each is moved."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple, TypeAlias

from ..cassette.body_files import BodyFiles
from ..cassette.dump import dump
from ..cassette.file import load, save
from ..cassette.model import Cassette
from ..cassette.naming import cassette_of, is_pending, safe
from ..cassette.renaming import NameLostError, Rename
from ..cassette.replace import body_files_of, remove_cassette
from ..errors import CassetteError, ConfigurationError
from ..messages import display_path
from .places import Places, find_places

_SUFFIXES = (".yaml", ".yml", ".json")
_CONFTEST = "conftest.py"

NewName: TypeAlias = Callable[[str], str | None]
"""Returns the new name of a cassette for the old one, both without suffix, or None."""
NewScope: TypeAlias = Callable[[str], str]
"""Returns the scope in place of one, in a cassette that several tests share."""


def _same_scope(scope: str) -> str:
    return scope


class NotMovedError(Exception):
    """A cassette that stays as it is; the text says why."""


@dataclass(frozen=True, slots=True)
class Move:
    """A cassette with its old and new path, which are equal if only scopes in it are renamed."""

    old: Path
    new: Path
    new_scope: NewScope = _same_scope

    @property
    def is_moved(self) -> bool:
        return self.old != self.new

    @property
    def is_blocked(self) -> bool:
        """Whether another file is in the new place. In a file system that ignores case, it may be
        the same one."""
        return self.is_moved and self.new.exists() and not self.new.samefile(self.old)

    def __str__(self) -> str:
        old = display_path(self.old)
        return f"{old} → {display_path(self.new)}" if self.is_moved else f"{old}: scope renamed"

    def make(self) -> None:
        """Move the cassette and its body files. Raises OSError and NotMovedError."""
        changed = self._changed()
        if changed:
            save(self.new, changed)
            if self.is_moved and not self.new.samefile(self.old):
                remove_cassette(self.old)
        elif self.is_moved:
            self.new.parent.mkdir(parents=True, exist_ok=True)
            self.old.rename(self.new)

    def _changed(self) -> Cassette | None:
        """Return the cassette to write; None for one whose text stays, as that of most does."""
        cassette = _load(self.old)
        if cassette is None:
            return None
        changed = _with_scopes(cassette, self.new_scope)
        has_bodies = self.is_moved and body_files_of(self.old)
        if changed == cassette and not has_bodies:
            return None
        text = self.old.read_text(encoding="utf-8")
        if dump(cassette, BodyFiles(self.old.stem).put) != text:
            raise NotMovedError("it was edited by hand, and names the test or its body files")
        return changed

    @property
    def renames_scope(self) -> bool:
        """Whether the cassette names a renamed test as one of those that share it."""
        if self.new_scope is _same_scope or b"scope: " not in self.old.read_bytes():
            return False
        cassette = _load(self.old)
        return cassette is not None and _with_scopes(cassette, self.new_scope) != cassette


def _load(path: Path) -> Cassette | None:
    """Return a cassette in YAML; None for another file, which is moved as it is."""
    try:
        return load(path) if path.suffix in _SUFFIXES[:2] else None
    except CassetteError:
        return None


def _with_scopes(cassette: Cassette, new_scope: NewScope) -> Cassette:
    header = cassette.header
    interactions = tuple(
        i._replace(scope=new_scope(i.scope)) if i.scope else i for i in cassette.interactions
    )
    if header and header.scope:
        header = header._replace(scope=new_scope(header.scope))
    return Cassette(interactions, header)


class _Source(NamedTuple):
    """A directory with cassettes, and where those go that have a new name."""

    directory: Path
    target: Path
    new_name: NewName
    new_scope: NewScope = _same_scope
    is_deep: bool = False
    """Whether cassettes at any depth are renamed. Names below a directory of tests are given by
    marks, and name no test."""


@dataclass
class Plan:
    """What is to be done: the moves, what stays with the reason, and where was searched."""

    moves: list[Move] = field(default_factory=list)
    left: list[tuple[Path, str]] = field(default_factory=list)
    searched: list[Path] = field(default_factory=list)

    def add(self, source: _Source) -> None:
        """Add the cassettes of a directory."""
        if not source.directory.is_dir():
            return
        self.searched.append(source.directory)
        for path in sorted(source.directory.rglob("*")):
            if path.is_file() and path.suffix in _SUFFIXES:
                self._add(path, source)

    def _add(self, path: Path, source: _Source) -> None:
        below = path.relative_to(source.directory)
        stem, suffix = _split(path.name)
        try:
            name = source.new_name(stem) if source.is_deep or below == Path(path.name) else None
        except NameLostError as error:
            self.left.append((path, str(error)))
            return
        move = Move(path, path, source.new_scope)
        if name is not None:
            move = Move(path, source.target / below.with_name(name + suffix), source.new_scope)
        if move.is_moved or move.renames_scope:
            self.moves.append(move)


def _split(name: str) -> tuple[str, str]:
    """Return the name of a cassette, and its suffix, with the mark of a pending recording."""
    path = Path(name)
    if is_pending(path):
        suffix = name.removeprefix(cassette_of(path).stem)
        return name.removesuffix(suffix), suffix
    return path.stem, path.suffix


def plan_moves(old: str, new: str, start: Path) -> Plan:
    """Return what is to be moved. Relative paths count from `start`.

    Raises ConfigurationError if the two are not of the same kind.
    """
    plan = Plan()
    for source in _sources(old, new, start):
        plan.add(source)
    return plan


def _sources(old: str, new: str, start: Path) -> Iterator[_Source]:
    (file, sign, name), (new_file, new_sign, new_name) = (t.partition("::") for t in (old, new))
    modules = tuple(Path(f).suffix == ".py" for f in (file, new_file))
    if (
        not (old and new)
        or sign != new_sign
        or modules[0] != modules[1]
        or (sign and not (modules[0] and name and new_name))
    ):
        raise ConfigurationError(f"{old} and {new} are not of the same kind. {_KINDS}")
    if not modules[0]:
        return _of_paths(Path(old), Path(new))
    before, after = Path(file), Path(new_file)
    places = find_places(start)
    if not sign:
        return _of_modules(start / before, start / after, places)
    if before.name == _CONFTEST:
        return _of_conftest(start / before, start / after, Rename(name, new_name), places)
    return _of_tests((start / before, name), (start / after, new_name), places)


_KINDS = """\
Give two of the same:
  test ids     test_users.py::test_old test_users.py::test_new   (also of classes and fixtures)
  modules      test_old.py test_new.py
  paths        cassettes/test_users/test_old.yaml cassettes/test_users/test_new.yaml"""


def _of_paths(old: Path, new: Path) -> Iterator[_Source]:
    """A directory, a cassette, or the path of a cassette without suffix and parameters."""
    if old.is_dir():
        yield _Source(old, new, _same_name, is_deep=True)
    elif old.suffix in _SUFFIXES:
        if old.suffix != new.suffix:
            raise ConfigurationError(f"{old} and {new} are not of the same kind. {_KINDS}")
        yield _Source(old.parent, new.parent, _exactly(_split(old.name)[0], _split(new.name)[0]))
    else:
        yield _Source(old.parent, new.parent, Rename(old.name, new.name).of)


def _same_name(stem: str) -> str:
    return stem


def _exactly(old: str, new: str) -> NewName:
    return lambda stem: new if stem == old else None


def _of_modules(old: Path, new: Path, places: Places) -> Iterator[_Source]:
    yield _Source(places.of_module(old), places.of_module(new), _same_name, is_deep=True)
    # Fixtures of session and package scope that the module defines.
    yield _beside(old, new, places, lambda stem: _with_start(stem, f"{old.stem}.@", new.stem))


def _beside(old: Path, new: Path, places: Places, new_name: NewName) -> _Source:
    """The cassettes of fixtures that belong to the directory of a module."""
    return _Source(places.of_directory(old.parent), places.of_directory(new.parent), new_name)


def _with_start(stem: str, start: str, module: str) -> str | None:
    return f"{module}.@{stem.removeprefix(start)}" if stem.startswith(start) else None


def _of_tests(old: tuple[Path, str], new: tuple[Path, str], places: Places) -> Iterator[_Source]:
    """A test, class or fixture of a module. With parameters it is one test."""
    (file, name), (new_file, new_name) = old, new
    before, after = (".".join(n.split("::")) for n in (name, new_name))
    rename: NewName = Rename(before, after).of
    if "[" in before + after:
        rename = _exactly(safe(before, False), safe(after, False))
    target = places.of_module(new_file)
    new_scope = _scope_of(name, new_name) if file == new_file else _same_scope
    yield _Source(places.of_module(file), target, rename, new_scope)
    fixture = Rename(f"{file.stem}.{before}", f"{new_file.stem}.{after}")
    yield _beside(file, new_file, places, lambda stem: fixture.of(stem) if "@" in stem else None)


def _scope_of(old: str, new: str) -> NewScope:
    def new_scope(scope: str) -> str:
        is_renamed = scope == old or scope.startswith((f"{old}::", f"{old}["))
        return new + scope[len(old) :] if is_renamed else scope

    return new_scope


def _of_conftest(old: Path, new: Path, rename: Rename, places: Places) -> Iterator[_Source]:
    """A fixture of a conftest.py: beside that, and in the directories of modules below."""
    if old.parent != new.parent:
        raise ConfigurationError("a fixture of a conftest.py is renamed in one directory only")
    tops = [places.of_directory(old.parent)]
    if places.shared is None:
        others = (top for top in old.parent.glob("**/cassettes") if top not in tops)
        # Those of modules only: a fixture of another conftest.py may have the same name.
        tops += sorted(d for top in others for d in top.iterdir() if d.is_dir())
    for top in tops:
        yield _Source(top, top, lambda stem: rename.of(stem) if "@" in stem else None, is_deep=True)
