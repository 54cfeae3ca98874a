"""Patterns that are compiled when they are first used: each of them is valid."""

from __future__ import annotations

import copy
import re
import subprocess
import sys

import pytest

from pytest_reprise.patterns import lazy_regex

COMPILE_ALL = """
import gc, importlib, pathlib, warnings
import pytest_reprise
from pytest_reprise import patterns

warnings.simplefilter("error")
root = pathlib.Path(pytest_reprise.__file__).parent
for module in root.rglob("*.py"):
    name = ".".join(["pytest_reprise", *module.relative_to(root).with_suffix("").parts])
    if name.partition(".")[2].partition(".")[0] in ("cassette", "scrub", "matching"):
        importlib.import_module(name.removesuffix(".__init__"))
made = [one for one in gc.get_objects() if isinstance(one, patterns._LazyPattern)]
for pattern in made:
    pattern.groups
print(len(made))
"""


def test_all_patterns_of_the_package_compile() -> None:
    command = [sys.executable, "-c", COMPILE_ALL]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    assert int(ran.stdout) > 150


def test_it_is_used_as_a_compiled_pattern() -> None:
    lazy, compiled = (
        make(r"(?P<year>\d{4})-(\d\d)", re.ASCII) for make in (lazy_regex, re.compile)
    )
    text = "from 2026-11 to 2027-03"
    assert lazy.pattern == compiled.pattern
    assert lazy.flags == compiled.flags
    assert lazy.groupindex == compiled.groupindex
    assert lazy.findall(text) == compiled.findall(text)
    assert lazy.sub(r"\2/\1", text) == compiled.sub(r"\2/\1", text) == "from 11/2026 to 03/2027"
    assert lazy.search(text).span("year") == (5, 9)  # type: ignore[union-attr]
    assert lazy_regex(rb"\d+").findall(b"1 23") == [b"1", b"23"]


def test_it_is_compiled_once_it_is_needed_and_not_before(monkeypatch: pytest.MonkeyPatch) -> None:
    compiled: list[tuple[str, int]] = []
    original = re.compile

    def noted(source: str, flags: int = 0) -> re.Pattern[str]:
        compiled.append((source, flags))
        return original(source, flags)

    monkeypatch.setattr(re, "compile", noted)
    broken, pattern = lazy_regex("("), lazy_regex("a+")
    assert copy.copy(pattern).pattern == "a+"
    assert compiled == []
    assert [bool(pattern.match("aa")) for _ in range(3)] == [True] * 3
    assert compiled == [("a+", 0)]
    with pytest.raises(re.error, match="missing"):
        broken.search("")
