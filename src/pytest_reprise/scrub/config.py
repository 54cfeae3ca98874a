"""The one place of configuration that pytest and the command `reprise` both read.

It is the table `[tool.reprise.scrub]` of pyproject.toml, or `[scrub]` of reprise.toml.
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
from .environment import environment_secrets, variables
from .replace.vault import Vault, is_searchable
from .rules.names import split_name
from .rules.ruleset import DEFAULT_RULES, PERSONAL_RULES, Rules
from .scrubber import Hook, Scrubber

Table: TypeAlias = Mapping[str, object]

_LISTS = "off names keep_names keep_values values secrets_from json_paths personal".split()
_WORDS = [*_LISTS, "patterns", "hook"]


@dataclass(frozen=True, slots=True)
class _Source:
    """A table of configuration and where it stands, for messages."""

    file: Path
    table: Table

    def error(self, problem: str) -> ConfigurationError:
        return ConfigurationError(f"{self.file}: {problem}")

    def texts(self, name: str) -> tuple[str, ...]:
        found = self.table.get(name, [])
        if not isinstance(found, list) or not all(isinstance(one, str) and one for one in found):
            raise self.error(f"scrub.{name} is a list of texts, none of them empty")
        return tuple(found)


def make_scrubber(
    root: Path,
    environment: Mapping[str, str],
    from_files: bool = False,
    kept: Iterable[str] = (),
) -> Scrubber:
    """The scrubber of the project that lies in `root`, which knows the secrets of its environment.

    `from_files` is for files that are scrubbed again; `kept` are more values that stay, beside
    those of the configuration. Raises ConfigurationError.
    """
    source = _source(root)
    rules = _rules(source)
    rules = replace(rules, keep_values=rules.keep_values.union(kept))
    named = source.texts("secrets_from")
    found = {**_dotenv(root / ".env"), **environment}
    if not rules.is_enabled("environment"):
        found = {name: found[name] for name in named if name in found}
    known = environment_secrets(found, named, _values(source))
    return Scrubber(Vault(known, rules.keep_values), rules, _hook(source, root), from_files)


def find_root(start: Path) -> Path:
    """The nearest directory, from `start` upwards, that has a configuration; else `start`."""
    found = (p for p in (start, *start.parents) if any((p / name).exists() for name in _FILES))
    return next(found, start)


_FILES = ("reprise.toml", "pyproject.toml")


def _source(root: Path) -> _Source:
    own, shared = (root / name for name in _FILES)
    if own.exists():
        found, place = _Source(own, _read(own)), ""
    else:
        tool = _inner(_Source(shared, _read(shared) if shared.exists() else {}), "tool")
        found, place = _inner(tool, "reprise", "tool."), "tool.reprise."
    _check_words(found, ["scrub"], place)
    scrub = _inner(found, "scrub", place)
    _check_words(scrub, _WORDS, "scrub.")
    return scrub


def _read(file: Path) -> Table:
    import tomllib  # 5 ms, and many projects have no such file

    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ConfigurationError(f"{file}: not valid TOML: {error}") from error
    except OSError as error:
        raise ConfigurationError(f"{file}: cannot be read: {error.strerror}") from error


def _inner(source: _Source, name: str, place: str = "") -> _Source:
    found = source.table.get(name, {})
    if not isinstance(found, dict):
        raise source.error(f"{place}{name} is a table, and stands here as something else")
    return _Source(source.file, found)


def _dotenv(file: Path) -> dict[str, str]:
    """A value in another charset is not known; it keeps none of the others from being."""
    try:
        return variables(file.read_bytes().decode(errors="replace"))
    except OSError:
        return {}


def _check_words(source: _Source, known: Iterable[str], place: str) -> None:
    for name in source.table:
        if name not in known:
            raise source.error(f"unknown key {place}{name}{did_you_mean(name, known)}")


def _values(source: _Source) -> tuple[str, ...]:
    values = source.texts("values")
    for number, value in enumerate(values, 1):
        if not is_searchable(value):
            raise source.error(
                f"scrub.values: number {number} is too short or too common to be replaced "
                "wherever it stands: say where it stands, by names, json_paths or patterns"
            )
    return values


def _rules(source: _Source) -> Rules:
    off, personal = source.texts("off"), source.texts("personal")
    own = _patterns(source)
    _check_known(source, "off", off, {*DEFAULT_RULES, *own, _BY_PATH})
    _check_known(source, "personal", personal, PERSONAL_RULES)
    return Rules(
        frozenset(off),
        _names(source, "names"),
        _names(source, "keep_names"),
        frozenset(source.texts("keep_values")),
        tuple((rule, "secret", pattern) for rule, pattern in own.items()),
        tuple(_json_path(source, path) for path in source.texts("json_paths")),
        frozenset(personal),
    )


_BY_PATH = "json-path"
"""The rule of what `json_paths` find."""


def _check_known(source: _Source, key: str, given: Iterable[str], known: Iterable[str]) -> None:
    for rule in given:
        if rule not in known:
            hint = did_you_mean(rule, known) or ". `reprise rules` lists them all."
            raise source.error(f"scrub.{key} names an unknown rule {rule!r}{hint}")


def _names(source: _Source, key: str) -> frozenset[str]:
    """Names in the form in which rules compare them: lower-case words."""
    return frozenset(" ".join(split_name(name)) for name in source.texts(key))


def _patterns(source: _Source) -> dict[str, re.Pattern[str]]:
    found = source.table.get("patterns", {})
    if not isinstance(found, dict) or not all(isinstance(text, str) for text in found.values()):
        raise source.error("scrub.patterns is a table: a rule's id = 'a regular expression'")
    return {rule: _pattern(source, rule, text) for rule, text in found.items()}


def _pattern(source: _Source, rule: str, text: str) -> re.Pattern[str]:
    if rule in {*DEFAULT_RULES, *PERSONAL_RULES, _BY_PATH}:
        raise source.error(f"scrub.patterns.{rule}: this id is taken by a rule of Reprise")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            pattern = re.compile(text)
    except (re.error, OverflowError, RecursionError, Warning) as error:
        raise source.error(f"scrub.patterns.{rule} is no regular expression: {error}") from error
    if pattern.fullmatch(""):
        raise source.error(f"scrub.patterns.{rule} fits the empty text, and so any text")
    return pattern


_STEP = re.compile(r"(?:(\.\.)|\.(?!\[)|(?=\[))(?:([\w$-]+)|\['([^']+)'\]|(\[\*\])|(\*))")


def _json_path(source: _Source, path: str) -> re.Pattern[str]:
    """A JSONPath (RFC 9535) as a pattern of the paths that the walk of JSON knows."""
    rest, parts = path.removeprefix("$"), [""]
    while rest and path.startswith("$"):
        step = _STEP.match(rest)
        if step is None:
            break
        deep, name, quoted, element, _any = step.groups()
        dot = r"\." if parts[-1] and not element else ""
        parts.append(r"(?:.*\.)?" if deep else dot)
        named = name or quoted
        parts.append(r"\[\]" if element else re.escape(named) if named else r"[^.\[\]]+")
        rest = rest[step.end() :]
    if rest or len(parts) == 1:
        raise source.error(
            f"scrub.json_paths: {path!r} is not served. It is $ with steps .name, ['name'], "
            "[*], .* and ..name, as in $.users[*].note"
        )
    return re.compile("".join(parts))


def _hook(source: _Source, root: Path) -> Hook | None:
    named = source.table.get("hook")
    if named is None:
        return None
    module, _, function = named.partition(":") if isinstance(named, str) else ("", "", "")
    if not (module and function):
        raise source.error(f"scrub.hook is {named!r}: it is 'module:function'")
    try:
        with _importable_from(root):
            found = getattr(importlib.import_module(module), function, None)
    except Exception as error:  # whatever the module does when it is imported
        problem = f"{type(error).__name__}: {error}"
        raise source.error(f"scrub.hook cannot be imported: {problem}") from error
    if not callable(found):
        raise source.error(f"scrub.hook: {module} has no function {function!r}")
    hook: Hook = found  # what it returns is checked where it is called
    return hook


@contextmanager
def _importable_from(root: Path) -> Iterator[None]:
    before = [*sys.path]
    sys.path.insert(0, str(root))
    try:
        yield
    finally:
        sys.path[:] = before
