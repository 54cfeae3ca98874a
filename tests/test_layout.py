"""The house itself: who may import whom, what is public, and how long things are."""

from __future__ import annotations

import ast
import inspect
import statistics
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

import pytest_reprise
from pytest_reprise import RepriseError, errors

ROOT = Path(pytest_reprise.__file__).parent
MODULES = sorted(ROOT.rglob("*.py"))

# Which other rooms a room may import; each only from rows above its own.
ROOMS = {
    "errors": "",
    "__init__": "errors",
    "exchange": "",
    "modes": "",
    "naming": "",
    "shown": "",
    "spelling": "",
    "bodies": "",
    "body_files": "bodies",
    "settings": "errors modes spelling",
    "health": "errors",
    "cassette": "exchange",
    "legacy_forms": "",
    "yaml_events": "",
    "safe_yaml": "bodies body_files yaml_events",
    "quick_load": "bodies body_files exchange yaml_events",
    "quick_dump": "bodies body_files safe_yaml",
    "cassette_dump": "bodies body_files cassette exchange quick_dump safe_yaml",
    "cassette_load": "bodies body_files cassette errors exchange legacy_forms safe_yaml quick_load",
    "cassette_file": "body_files cassette cassette_dump cassette_load errors",
    "scrub": "errors exchange",
    "foreign": "bodies body_files exchange",
    "documents": "bodies foreign safe_yaml",
    "configuration": "errors scrub spelling",
    "audit": (
        "__init__ body_files cassette_file configuration documents errors exchange foreign "
        "safe_yaml scrub"
    ),
    "matching": "exchange scrub",
    "times": "",
    "entropy": "",
    "clock": "",
    "rebase": "exchange scrub",
    "take": "exchange",
    "closest": "exchange matching",
    "calls": "exchange matching scrub times",
    "search": "calls exchange matching scrub times",
    "index": "exchange search",
    "drift": "cassette exchange matching",
    "dialect": "calls cassette cassette_file exchange",
    "shelf": "cassette dialect drift exchange",
    "sources": "calls cassette dialect exchange index scrub search shelf",
    "miss": "calls cassette closest errors exchange scrub shown",
    "run": "cassette exchange rebase scrub shelf",
    "recording": "cassette dialect drift exchange modes rebase run scrub take",
    "tape": (
        "cassette clock dialect drift entropy errors exchange miss modes rebase recording run "
        "sources take"
    ),
    "http_connections": "",
    "idle_transports": "",
    "transport": "errors exchange idle_transports take tape",
    "vcrpy_bridge": (
        "calls cassette cassette_file dialect errors exchange http_connections legacy_forms "
        "matching take tape"
    ),
    "report": "cassette drift exchange shown tape",
    "migration": "__init__ audit cassette cassette_file errors exchange foreign scrub",
    "cli": (
        "__init__ audit cassette cassette_file configuration drift errors exchange migration "
        "report scrub"
    ),
    "plugin": (
        "__init__ audit cassette cassette_file clock configuration dialect drift entropy errors "
        "exchange health http_connections matching miss modes naming rebase report run scrub "
        "settings shelf shown tape transport vcrpy_bridge"
    ),
}

# Which modules may import a package that is neither ours nor Python's.
STRANGERS = {
    "pytest": {"plugin"},
    "pytest_recording": {"plugin"},
    "httpx": {"transport", "plugin/fixtures"},
    "anyio": {"transport"},
    "yaml": {"cassette_dump", "safe_yaml", "yaml_events"},
    "time_machine": {"clock"},
    "vcr": {"vcrpy_bridge"},
    "aiohttp": {"vcrpy_bridge"},
    "multidict": {"vcrpy_bridge"},
}

PURE = (
    "errors exchange modes naming bodies body_files settings cassette legacy_forms quick_load "
    "quick_dump cassette_dump cassette_load matching times rebase closest index search drift scrub "
    "report foreign documents"
).split()
IMPURE_MODULES = set(
    "asyncio http httpx os select selectors shutil signal socket sqlite3 ssl subprocess sys "
    "tempfile time urllib.request".split()
)
# Of a Path, a pure room takes the value, and never the file.
IMPURE_METHODS = set(
    "absolute chmod cwd exists expanduser glob home is_dir is_file iterdir mkdir open read_bytes "
    "read_text rename resolve rglob rmdir stat touch unlink write_bytes write_text".split()
)


def _name(module: Path) -> str:
    return module.relative_to(ROOT).with_suffix("").as_posix()


def _room(module: Path) -> str:
    return _name(module).partition("/")[0]


def _tree(module: Path) -> ast.Module:
    return ast.parse(module.read_text(encoding="utf-8"))


def _imports(module: Path) -> Iterator[str]:
    """The dotted names that a module imports; those of ours begin with a dot."""
    package = _name(module).split("/")[:-1]
    for node in ast.walk(_tree(module)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield str(node.module)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1]
            named = [node.module] if node.module else [alias.name for alias in node.names]
            yield from ("." + ".".join([*base, name]) for name in named)


def _rooms_imported(module: Path) -> set[str]:
    found = {name[1:].partition(".")[0] for name in _imports(module) if name.startswith(".")}
    return {room if room in ROOMS else "__init__" for room in found} - {_room(module)}


def _strangers_imported(module: Path) -> set[str]:
    found = {name.partition(".")[0] for name in _imports(module) if not name.startswith(".")}
    return found - set(sys.stdlib_module_names) - {"pytest_reprise"}


# --- imports ----------------------------------------------------------------------------------


def test_every_room_has_its_row() -> None:
    assert {_room(module) for module in MODULES} == set(ROOMS)


def test_rooms_import_from_rows_above() -> None:
    rows = list(ROOMS)
    for n, room in enumerate(rows):
        assert set(ROOMS[room].split()) <= set(rows[:n]), room


@pytest.mark.parametrize("module", MODULES, ids=_name)
def test_room_imports_only_what_it_may(module: Path) -> None:
    assert _rooms_imported(module) <= set(ROOMS[_room(module)].split())


@pytest.mark.parametrize("module", MODULES, ids=_name)
def test_our_own_are_imported_by_relative_names(module: Path) -> None:
    assert not [name for name in _imports(module) if name.startswith("pytest_reprise")]


@pytest.mark.parametrize("module", MODULES, ids=_name)
def test_strangers_are_imported_where_they_belong(module: Path) -> None:
    for stranger in _strangers_imported(module):
        assert {_name(module), _room(module)} & STRANGERS.get(stranger, set()), stranger


@pytest.mark.parametrize("module", [m for m in MODULES if _room(m) in PURE], ids=_name)
def test_pure_room_touches_nothing_outside(module: Path) -> None:
    assert not IMPURE_MODULES & set(_imports(module))
    used = {n.attr for n in ast.walk(_tree(module)) if isinstance(n, ast.Attribute)}
    assert not used & IMPURE_METHODS


@pytest.mark.parametrize(
    ("module", "absent"),
    [
        ("pytest_reprise", "httpx httpx2 pytest vcr yaml"),
        ("pytest_reprise.commands.main", "httpx httpx2 pytest vcr"),
        ("pytest_reprise.plugin.hooks", "httpx httpx2 vcr yaml"),
    ],
)
def test_import_brings_no_more_than_it_needs(module: str, absent: str) -> None:
    code = f"import {module}, sys; print(*sorted(set({absent.split()!r}) & set(sys.modules)))"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == ""


# --- public names and errors ------------------------------------------------------------------


def test_all_is_what_the_package_offers() -> None:
    bound: set[str] = set()
    for node in _tree(ROOT / "__init__.py").body:
        if isinstance(node, ast.ImportFrom):
            bound |= {alias.asname or alias.name for alias in node.names}
        elif isinstance(node, ast.Assign):
            bound |= {target.id for target in node.targets if isinstance(target, ast.Name)}
    assert bound - {"__all__"} == set(pytest_reprise.__all__)
    assert sorted(pytest_reprise.__all__) == pytest_reprise.__all__


@pytest.mark.parametrize("name", [n for n in pytest_reprise.__all__ if n != "__version__"])
def test_public_name_has_a_docstring(name: str) -> None:
    assert inspect.cleandoc(vars(getattr(pytest_reprise, name))["__doc__"])


ERRORS = [found for _, found in inspect.getmembers(errors, inspect.isclass) if found is not Path]


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: error.__name__)
def test_error_is_ours_alone(error: type[Exception]) -> None:
    """Code that retries or translates errors of the network must not catch it."""
    assert issubclass(error, RepriseError)
    assert not issubclass(error, (httpx.HTTPError, httpx.StreamError, OSError, ValueError))
    assert error.__name__ in pytest_reprise.__all__
    assert f" {error.__name__}" in f" {errors.__doc__}".replace("\n", "\n ")


@pytest.mark.parametrize("module", MODULES, ids=_name)
def test_only_errors_of_ours_are_defined_in_one_place(module: Path) -> None:
    defined = {n.name for n in ast.walk(_tree(module)) if isinstance(n, ast.ClassDef)}
    suspects = {name for name in defined if name.endswith(("Error", "Exception"))}
    assert not suspects or _room(module) == "errors"


# --- shape ------------------------------------------------------------------------------------


def test_functions_are_short() -> None:
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    lengths = [
        (node.end_lineno or node.lineno) - node.lineno + 1
        for module in MODULES
        for node in ast.walk(_tree(module))
        if isinstance(node, kinds)
    ]
    assert statistics.median(lengths) <= 10


@pytest.mark.parametrize("module", MODULES, ids=_name)
def test_module_is_short_and_says_what_it_holds(module: Path) -> None:
    assert len(module.read_text(encoding="utf-8").splitlines()) <= 400
    assert ast.get_docstring(_tree(module))


@pytest.mark.parametrize("module", MODULES, ids=_name)
def test_no_room_for_odds_and_ends(module: Path) -> None:
    assert module.stem not in {"utils", "util", "helpers", "helper", "common", "misc", "tools"}
