"""`reprise audit --why`: explain what the rules do with a value or a place."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from ..audit.files import Source, read_source
from ..audit.findings import excerpt
from ..audit.why import Explainer, Explanation, explain_alone
from ..errors import RepriseError
from ..messages import counted, printable, printable_json
from ..scrub.replace.placeholders import is_placeholder
from ..scrub.scrubber import Scrubber

_NOT_TOGETHER = ("fix", "baseline", "write_baseline", "review", "external_scanner")


def run(options: argparse.Namespace, paths: Sequence[Path], scrubber: Scrubber) -> int:
    """Print the explanations.

    Returns 0; 1 if the files do not hold the value or place; 2 if a file cannot be read.
    """
    refused = [name for name in _NOT_TOGETHER if getattr(options, name)]
    if refused or options.format == "sarif":
        other = refused[0].replace("_", "-") if refused else "format=sarif"
        raise RepriseError(f"--why only explains, so it cannot be combined with --{other}")
    named = [path for path in options.paths if not path.is_dir()]
    sources, problems = _read(paths, named)
    found = list(Explainer(sources, scrubber).explain(options.why))
    if options.format == "json":
        print(printable_json({"explanations": list(map(_to_object, found))}))
    else:
        lines = _lines(found) if found else _lines_alone(options.why, len(sources), scrubber)
        for line in lines:
            print(printable(line))
    for problem in problems:
        print(printable(problem), file=sys.stderr)
    return 2 if problems else 0 if found else 1


def _read(paths: Sequence[Path], named: Sequence[Path]) -> tuple[list[Source], list[str]]:
    """Return the recordings and the files that are named, and a line for each unreadable file."""
    sources: list[Source] = []
    problems: list[str] = []
    for path in paths:
        try:
            source = read_source(path)
        except OSError as error:
            problems.append(f"{path.as_posix()}: cannot be read: {error.strerror}")
            continue
        if source.is_recording or path in named:
            sources.append(source)
    return sources, problems


def _lines(found: Sequence[Explanation]) -> Iterator[str]:
    """Yield three lines for each different explanation, and where it holds."""
    holding: dict[tuple[str, ...], list[Explanation]] = {}
    for one in found:
        shown = one.place, _shown(one.value), one.reason, one.change
        holding.setdefault(shown, []).append(one)
    for (place, value, reason, change), places in holding.items():
        first, others = places[0], len(places) - 1
        where = f"{first.file}, interaction {first.number}" if first.number else first.file
        yield f"{place}: {value}"
        yield f"  {reason}"
        yield f"  to change that: {change}"
        yield f"  in {where}" + (f", and {counted(others, 'more place')}" if others else "")


def _lines_alone(target: str, files: int, scrubber: Scrubber) -> Iterator[str]:
    yield f"{counted(files, 'file')} searched: no such value or place"
    yield from explain_alone(target, scrubber.rules)


def _to_object(one: Explanation) -> dict[str, object]:
    shown = {**one._asdict(), "interaction": one.number or None, "value": _shown(one.value)}
    del shown["number"]
    return shown


def _shown(value: str) -> str:
    return value if is_placeholder(value) else excerpt(value)
