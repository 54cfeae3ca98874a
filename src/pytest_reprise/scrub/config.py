"""Read the scrubbing configuration of a project, for pytest and for the command `reprise`.

It is the table `[tool.reprise.scrub]` of pyproject.toml, or `[scrub]` of reprise.toml. If both
files exist, only reprise.toml counts.
"""

from __future__ import annotations

import importlib
import re
import sys
import warnings
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeAlias

from ..errors import ConfigurationError
from ..messages import did_you_mean
from ..regular_file import MAX_SETTINGS_SIZE, read_regular_file
from .environment import KnownEnvironment, parse_dotenv
from .replace.vault import Vault, is_searchable
from .rules.json_paths import SUPPORTED, json_path_pattern
from .rules.names import split_name
from .rules.ruleset import DEFAULT_RULES, FORMAT_RULES, PERSONAL_RULES, Rules
from .scrubber import Hook, Scrubber

Table: TypeAlias = Mapping[str, object]

_FILES = ("reprise.toml", "pyproject.toml")
_LIST_KEYS = "off names keep_names keep_values values secrets_from json_paths personal".split()
_KEYS = [*_LIST_KEYS, "patterns", "hook"]
_VOLATILE = "volatile"
_EXPIRY = ("max_age", "on_expiry")
_JSON_PATH_RULE = "json-path"
"""Id of the rule that finds what `json_paths` names."""


@dataclass(frozen=True, slots=True)
class _Source:
    """A table of the configuration and its file, for messages."""

    file: Path
    table: Table

    def error(self, problem: str) -> ConfigurationError:
        return ConfigurationError(f"{self.file}: {problem}")

    def strings(self, key: str) -> tuple[str, ...]:
        found = self.table.get(key, [])
        if not isinstance(found, list) or not all(isinstance(one, str) and one for one in found):
            raise self.error(f"scrub.{key} must be a list of non-empty strings")
        return tuple(found)


def make_scrubber(
    root: Path,
    environment: Mapping[str, str],
    from_files: bool = False,
    keep_values: Iterable[str] = (),
) -> Scrubber:
    """Return the scrubber of the project in `root`, which knows the secrets of the environment.

    `from_files` is for interactions from files, which may be scrubbed already. `keep_values` are
    never replaced, in addition to those of the configuration. Raises ConfigurationError.
    """
    dotenv = read_dotenv(root)
    return _make_scrubber(root, _read_source(root), dotenv, environment, from_files, keep_values)


def make_default_scrubber(environment: Mapping[str, str], dotenv: bytes) -> Scrubber:
    """Return the scrubber of a project without configuration; it reads no file.

    `dotenv` is the content of its .env file, which may be empty.
    """
    return _make_scrubber(Path(), _Source(Path(), {}), dotenv, environment, False, ())


def _make_scrubber(
    root: Path,
    source: _Source,
    dotenv: bytes,
    environment: Mapping[str, str],
    from_files: bool,
    keep_values: Iterable[str],
) -> Scrubber:
    rules = _rules(source)
    rules = replace(rules, keep_values=rules.keep_values.union(keep_values))
    named = source.strings("secrets_from")
    # Bytes that are not UTF-8 affect only their own value.
    variables = {**parse_dotenv(dotenv.decode(errors="replace")), **environment}
    known = KnownEnvironment(named, only_named=not rules.is_enabled("environment"))
    secrets = known.new_secrets(variables) + [("value", value) for value in _values(source)]
    vault = Vault(secrets, rules.keep_values)
    return Scrubber(vault, rules, _hook(source, root), from_files, known.new_secrets)


def find_root(start: Path) -> Path:
    """Return the nearest directory, from `start` upwards, with a configuration file; or `start`."""
    found = (p for p in (start, *start.parents) if any((p / name).exists() for name in _FILES))
    return next(found, start)


# --- files ------------------------------------------------------------------------------------


def read_volatile(root: Path) -> tuple[str, ...]:
    """Return the places that the project calls volatile. Raises ConfigurationError."""
    return _volatile(*_read_tables(root))


def _volatile(reprise: _Source, prefix: str) -> tuple[str, ...]:
    found = reprise.table.get(_VOLATILE, [])
    if not isinstance(found, list) or not all(isinstance(one, str) and one for one in found):
        raise reprise.error(f"{prefix}{_VOLATILE} must be a list of non-empty strings")
    for path in found:
        if path.startswith("$") and json_path_pattern(path) is None:
            raise reprise.error(f"{prefix}{_VOLATILE}: unsupported path {path!r}. {SUPPORTED}")
    return tuple(found)


def read_expiry(root: Path) -> Mapping[str, str]:
    """Return how old a recording may be, and what happens then. Raises ConfigurationError."""
    reprise, prefix = _read_tables(root)
    return _expiry(reprise, prefix)


def _expiry(reprise: _Source, prefix: str) -> Mapping[str, str]:
    found = {key: reprise.table[key] for key in _EXPIRY if key in reprise.table}
    for key, value in found.items():
        if not isinstance(value, str):
            raise reprise.error(f"{prefix}{key} must be a string")
    return {key: str(value) for key, value in found.items()}


def _read_source(root: Path) -> _Source:
    reprise, prefix = _read_tables(root)
    _check_keys(reprise, ["scrub", _VOLATILE, *_EXPIRY], prefix)
    _volatile(reprise, prefix)
    _expiry(reprise, prefix)
    scrub = _subtable(reprise, "scrub", prefix)
    _check_keys(scrub, _KEYS, "scrub.")
    return scrub


def _read_tables(root: Path) -> tuple[_Source, str]:
    """Return the configuration, and how its keys begin in messages."""
    own_file, shared_file = (root / name for name in _FILES)
    if own_file.exists():
        reprise, prefix = _Source(own_file, _read_toml(own_file)), ""
    else:
        shared = _Source(shared_file, _read_toml(shared_file) if shared_file.exists() else {})
        reprise, prefix = _subtable(_subtable(shared, "tool"), "reprise", "tool."), "tool.reprise."
    return reprise, prefix


def _read_toml(file: Path) -> Table:
    import tomllib  # importing it takes 5 ms, and many projects have no such file

    try:
        return tomllib.loads(read_regular_file(file, MAX_SETTINGS_SIZE).decode())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ConfigurationError(f"{file}: not valid TOML: {error}") from error
    except OSError as error:
        raise ConfigurationError(f"{file}: cannot be read: {error.strerror}") from error


def _subtable(source: _Source, key: str, prefix: str = "") -> _Source:
    found = source.table.get(key, {})
    if not isinstance(found, dict):
        raise source.error(f"{prefix}{key} must be a table")
    return _Source(source.file, found)


def _check_keys(source: _Source, known: Iterable[str], prefix: str) -> None:
    for key in source.table:
        if key not in known:
            raise source.error(f"unknown key {prefix}{key}{did_you_mean(key, known)}")


def read_dotenv(root: Path) -> bytes:
    """Return the content of the .env file of a project, or nothing if there is none."""
    try:
        return read_regular_file(root / ".env", MAX_SETTINGS_SIZE)
    except OSError:
        return b""


# --- keys -------------------------------------------------------------------------------------


def _values(source: _Source) -> tuple[str, ...]:
    """Return `values`. An error names only the position: a log is no place for a secret."""
    values = source.strings("values")
    for number, value in enumerate(values, 1):
        if not is_searchable(value):
            raise source.error(
                f"scrub.values: number {number} is too short or too common to be replaced "
                "everywhere. Configure where it occurs, with names, json_paths or patterns"
            )
    return values


def _rules(source: _Source) -> Rules:
    off, personal = source.strings("off"), source.strings("personal")
    own = _patterns(source)
    _check_rules(source, "off", off, {*DEFAULT_RULES, *own, _JSON_PATH_RULE})
    _check_rules(source, "personal", personal, PERSONAL_RULES)
    return Rules(
        off=frozenset(off),
        names=_names(source, "names"),
        keep_names=_names(source, "keep_names"),
        keep_values=frozenset(source.strings("keep_values")),
        patterns=tuple((rule, "secret", pattern) for rule, pattern in own.items()),
        json_paths=tuple(_json_path(source, path) for path in source.strings("json_paths")),
        personal=frozenset(personal),
    )


def _check_rules(source: _Source, key: str, given: Iterable[str], known: Iterable[str]) -> None:
    for rule in given:
        if rule not in known:
            hint = did_you_mean(rule, known) or ". `reprise rules` lists them all."
            raise source.error(f"scrub.{key}: unknown rule {rule!r}{hint}")


def _names(source: _Source, key: str) -> frozenset[str]:
    """Return names in the form in which rules compare them: lower-case words."""
    return frozenset(" ".join(split_name(name)) for name in source.strings(key))


def _patterns(source: _Source) -> dict[str, re.Pattern[str]]:
    found = source.table.get("patterns", {})
    if not isinstance(found, dict) or not all(isinstance(text, str) for text in found.values()):
        raise source.error("scrub.patterns must be a table of rule-id = 'regular expression'")
    return {rule: _pattern(source, rule, text) for rule, text in found.items()}


def _pattern(source: _Source, rule: str, text: str) -> re.Pattern[str]:
    if rule in {*DEFAULT_RULES, *PERSONAL_RULES, _JSON_PATH_RULE} - FORMAT_RULES:
        raise source.error(f"scrub.patterns.{rule}: a built-in rule has this id")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            pattern = re.compile(text)
    except (re.error, OverflowError, RecursionError, Warning) as error:
        raise source.error(f"scrub.patterns.{rule}: invalid regular expression: {error}") from error
    if pattern.fullmatch(""):
        raise source.error(f"scrub.patterns.{rule}: matches the empty string, and so any text")
    return pattern


def _json_path(source: _Source, path: str) -> re.Pattern[str]:
    found = json_path_pattern(path)
    if found is None:
        raise source.error(f"scrub.json_paths: unsupported path {path!r}. {SUPPORTED}")
    return found


def _hook(source: _Source, root: Path) -> Hook | None:
    named = source.table.get("hook")
    if named is None:
        return None
    module, _, function = named.partition(":") if isinstance(named, str) else ("", "", "")
    if not (module and function):
        raise source.error(f"scrub.hook: invalid value {named!r}: expected 'module:function'")
    try:
        with _importable_from(root):
            found = getattr(importlib.import_module(module), function, None)
    except Exception as error:  # a module may raise anything while it is imported
        problem = f"{type(error).__name__}: {error}"
        raise source.error(f"scrub.hook cannot be imported: {problem}") from error
    if not callable(found):
        raise source.error(f"scrub.hook: {module} has no function {function!r}")
    hook: Hook = found  # the scrubber checks what it returns
    return hook


@contextmanager
def _importable_from(root: Path) -> Iterator[None]:
    before = [*sys.path]
    sys.path.insert(0, str(root))
    try:
        yield
    finally:
        sys.path[:] = before
