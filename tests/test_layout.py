"""The layout of the package: which parts may import which, what is public, and how long things are.

Each test gathers all violations, so that one failure shows the whole list.
"""

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

# From the bottom to the top. A part imports only from parts on levels below its own, and of these
# only what its row names.
LEVELS: list[dict[str, str]] = [
    {"exchange": "", "messages": "", "patterns": "", "regular_file": ""},
    {"content_codings": "exchange", "errors": "messages"},
    {"__init__": "errors"},  # it also offers what `blocks` has, which it imports when it is used
    {
        "cassette": "content_codings errors exchange messages patterns regular_file",
        "scrub": "content_codings errors exchange messages patterns regular_file",
    },
    {
        "audit": "__init__ cassette errors exchange messages regular_file scrub",
        "determinism": "exchange scrub",
        "matching": "exchange scrub",
    },
    {"drift": "cassette exchange matching scrub"},
    {
        "openapi": "cassette drift errors exchange matching messages regular_file scrub",
        "tape": "cassette determinism drift errors exchange matching messages regular_file scrub",
    },
    {
        "adapters": "cassette determinism errors exchange matching tape",
        "report": "drift exchange messages openapi tape",
    },
    {"pages": "cassette drift errors exchange messages openapi report scrub tape"},
    {"blocks": "__init__ adapters cassette determinism errors exchange tape"},
    {
        "commands": (
            "__init__ audit cassette drift errors exchange messages openapi pages regular_file "
            "report scrub"
        ),
        "plugin": (
            "__init__ adapters audit blocks cassette determinism drift errors exchange messages "
            "openapi pages report scrub tape"
        ),
    },
]
ALLOWED = {part: set(row.split()) for level in LEVELS for part, row in level.items()}
MOST_ARROWS = 101

# The same within packages that have parts of their own.
INNER: dict[str, list[str]] = {
    "scrub": [
        "content",
        "rules",
        "replace",
        "walk",
        "codings",
        "earlier_recording",
        "scrubber",
        "environment",
    ],
}

# Which parts may import a package that is neither ours nor Python's.
THIRD_PARTY = {
    "pytest": {"plugin"},
    "pytest_recording": {"plugin"},
    "httpx": {"adapters", "plugin/client_fixtures", "openapi/sources"},
    "anyio": {"adapters"},
    "yaml": {"cassette"},
    "time_machine": {"determinism"},
    "vcr": {"adapters"},
    "respx": {"adapters"},
    "jsonschema": {"openapi/schemas"},
    "referencing": {"openapi/schemas"},
    "starlette": {"openapi/sources"},
    "httpcore": {"adapters"},
    "aiohttp": {"adapters"},
    "multidict": {"adapters"},
    "jinja2": {"pages"},
    "markupsafe": {"pages"},
}

# Parts that only compute: they take a path as a value, and never touch the file.
PURE = set("errors exchange matching drift scrub report cassette".split())
EXEMPT = {
    "cassette/file",
    "cassette/locks",
    "regular_file",
    "cassette/replace",
    "cassette/journal",
    "cassette/staging",
    "scrub/config",
    "cassette/yaml/events",
}
"""The modules that read and write files; and one in which `resolve` is a method of PyYAML."""
IMPURE_MODULES = set(
    "asyncio http httpx os select selectors shutil signal socket sqlite3 ssl subprocess sys "
    "tempfile time urllib.request".split()
)
IMPURE_METHODS = set(
    "absolute chmod exists expanduser glob home is_dir is_file iterdir mkdir open read_bytes "
    "read_text rename resolve rglob rmdir stat touch unlink write_bytes write_text".split()
)


def _name(module: Path) -> str:
    return module.relative_to(ROOT).with_suffix("").as_posix()


def _part(module: Path) -> str:
    return _name(module).partition("/")[0]


def _tree(module: Path) -> ast.Module:
    return ast.parse(module.read_text(encoding="utf-8"))


def _own_imports(module: Path) -> Iterator[str]:
    """The modules of ours that a module imports, as `tape/modes`."""
    package = _name(module).split("/")[:-1]
    for node in ast.walk(_tree(module)):
        if isinstance(node, ast.ImportFrom) and node.level:
            base = package[: len(package) - node.level + 1]
            base += node.module.split(".") if node.module else []
            yield from ("/".join([*base, alias.name]) for alias in node.names)


def _absolute_imports(module: Path) -> Iterator[str]:
    for node in ast.walk(_tree(module)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield str(node.module)


def _arrows() -> set[tuple[str, str]]:
    """Each part with each other part that it imports."""
    found = set()
    for module in MODULES:
        for imported in _own_imports(module):
            part = imported.partition("/")[0]
            found.add((_part(module), part if part in ALLOWED else "__init__"))
    return {(source, target) for source, target in found if source not in (target, "__init__")} | {
        ("__init__", "errors")
    }


# --- imports ----------------------------------------------------------------------------------


def test_every_part_has_a_level() -> None:
    assert {_part(module) for module in MODULES} == set(ALLOWED)


def test_imports_point_downward() -> None:
    level_of = {part: number for number, level in enumerate(LEVELS) for part in level}
    upward = [(a, b) for a, b in _arrows() if level_of[a] <= level_of[b]]
    assert upward == []


def test_parts_import_only_what_their_row_names() -> None:
    assert [(a, b) for a, b in _arrows() if b not in ALLOWED[a]] == []
    assert len(_arrows()) <= MOST_ARROWS


def test_no_row_names_what_is_not_imported() -> None:
    rows = {(part, target) for part, targets in ALLOWED.items() for target in targets}
    assert rows - _arrows() == set()


def test_inner_imports_point_downward() -> None:
    upward = [
        (_name(module), imported)
        for module in MODULES
        if (order := INNER.get(_part(module))) and (name := _name(module).split("/")[1]) in order
        for imported in _own_imports(module)
        if imported.split("/")[0] == _part(module)
        and (target := imported.split("/")[1]) in order
        and order.index(target) > order.index(name)
    ]
    assert upward == []


def test_own_modules_are_imported_by_relative_names() -> None:
    absolute = [(_name(m), i) for m in MODULES for i in _absolute_imports(m)]
    assert [(m, i) for m, i in absolute if i.startswith("pytest_reprise")] == []


def test_third_party_packages_are_imported_where_they_belong() -> None:
    wrong = [
        (_name(module), package)
        for module in MODULES
        for package in {name.partition(".")[0] for name in _absolute_imports(module)}
        if package not in sys.stdlib_module_names
        and not {_name(module), _part(module)} & THIRD_PARTY.get(package, set())
    ]
    assert wrong == []


def test_pure_parts_do_no_io() -> None:
    wrong = []
    for module in MODULES:
        if _part(module) not in PURE or _name(module) in EXEMPT:
            continue
        used = {n.attr for n in ast.walk(_tree(module)) if isinstance(n, ast.Attribute)}
        found = IMPURE_MODULES & set(_absolute_imports(module)) | IMPURE_METHODS & used
        wrong += [(_name(module), name) for name in found]
    assert wrong == []


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
    body = _tree(ROOT / "__init__.py").body
    lazy = (node for top in body if isinstance(top, ast.If) for node in top.body)
    for node in (*body, *lazy):
        if isinstance(node, ast.ImportFrom) and node.level:
            bound |= {alias.asname or alias.name for alias in node.names}
        elif isinstance(node, ast.Assign):
            bound |= {target.id for target in node.targets if isinstance(target, ast.Name)}
    assert bound - {"__all__"} == set(pytest_reprise.__all__)
    assert sorted(pytest_reprise.__all__) == pytest_reprise.__all__


def test_public_names_have_docstrings() -> None:
    public = [name for name in pytest_reprise.__all__ if name != "__version__"]
    assert [n for n in public if not vars(getattr(pytest_reprise, n)).get("__doc__")] == []


def test_public_errors_are_ours_alone() -> None:
    """Code that retries or translates network errors must not catch them."""
    classes = [c for _, c in inspect.getmembers(errors, inspect.isclass) if c is not Path]
    public = [c for c in classes if not issubclass(c, Warning)]
    network = (httpx.HTTPError, httpx.StreamError, OSError, ValueError)
    tree = f" {errors.__doc__}".replace("\n", "\n ")
    for error in public:
        assert issubclass(error, RepriseError)
        assert not issubclass(error, network)
        assert error.__name__ in pytest_reprise.__all__
        assert f" {error.__name__}" in tree


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


def test_modules_are_short_and_say_what_they_hold() -> None:
    lines = {_name(m): len(m.read_text(encoding="utf-8").splitlines()) for m in MODULES}
    assert {name: count for name, count in lines.items() if count > 400} == {}
    assert [_name(m) for m in MODULES if not ast.get_docstring(_tree(m))] == []


def test_no_module_for_odds_and_ends() -> None:
    vague = {"utils", "util", "helpers", "helper", "common", "misc", "tools"}
    assert [_name(m) for m in MODULES if m.stem in vague] == []
