"""The examples of a documentation page, as steps that a test can take.

Three marks in a page make an example, and readers see only the first of them:

- a code block with a title, as in ```` ```python title="test_users.py" ````, is a file;
- `<!-- run -->` on the line before a console block: its commands are run, and have to succeed;
- `<!-- run: fails -->` likewise, where the last of them has to fail.

Lines of a console block without a `$` are what the command before them prints, in this order, with
anything between them; `…` stands for any text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

DOCS = Path(__file__).parents[2] / "docs"
README = DOCS.parent / "README.md"

_FENCE = re.compile(r"^```(?P<language>\w+)(?: title=\"(?P<title>[^\"]+)\")?\s*$")
_RUN = re.compile(r"^<!-- run(?P<fails>: fails)? -->$")


@dataclass(frozen=True)
class Block:
    """A fenced code block, and the line before it."""

    before: str
    language: str
    title: str | None
    lines: list[str]


@dataclass(frozen=True)
class File:
    """A file that the reader is asked to write."""

    name: str
    text: str


@dataclass(frozen=True)
class Command:
    """A command, and the lines that it prints among others."""

    line: str
    prints: tuple[str, ...]
    fails: bool


Step: TypeAlias = File | Command


def blocks(page: Path) -> Iterator[Block]:
    """The code blocks of a page, in their order."""
    before, opened = "", None
    for line in page.read_text(encoding="utf-8").splitlines():
        if opened is None and (fence := _FENCE.match(line)):
            opened = Block(before, fence["language"], fence["title"], [])
        elif opened is not None and line == "```":
            yield opened
            before, opened = "", None
        elif opened is not None:
            opened.lines.append(line)
        else:
            before = line
    assert opened is None, f"{page.name}: a code block has no end"


def steps(page: Path) -> list[Step]:
    """What a reader of the page does."""
    return [step for block in blocks(page) for step in _steps(block)]


def _steps(block: Block) -> Iterator[Step]:
    if block.title:
        yield File(block.title, "\n".join([*block.lines, ""]))
    elif run := _RUN.match(block.before):
        yield from _commands(block.lines, fails=run["fails"] is not None)


def _commands(lines: list[str], fails: bool) -> Iterator[Command]:
    starts = [number for number, line in enumerate(lines) if line.startswith("$ ")]
    for start, end in zip(starts, [*starts[1:], len(lines)], strict=True):
        prints = tuple(filter(None, lines[start + 1 : end]))
        yield Command(lines[start].removeprefix("$ "), prints, fails and end == len(lines))
