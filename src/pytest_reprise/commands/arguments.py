"""What the parsers of all commands have in common."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

CASSETTES = "cassettes (*.yaml, *.yml, *.json)"
FILES = "*.yaml, *.yml and *.json files"
Subparsers: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"


def add_command(
    subparsers: Subparsers,
    name: str,
    run: Callable[[argparse.Namespace], int],
    *,
    summary: str,
    details: str = "",
    example: str,
    exit_codes: str,
    reads: str = "",
    is_path_optional: bool = False,
) -> argparse.ArgumentParser:
    """Add a command. Its help shows the summary, details, an example and the exit codes.

    With `reads` it has the argument `paths`: `reads` says which files of a directory are read.
    `is_path_optional` makes the current directory its default.
    """
    parser = subparsers.add_parser(
        name,
        help=summary,
        description=f"{summary[0].upper()}{summary[1:]}.\n{details}",
        epilog=f"example: {example}\n\nexit code: {exit_codes}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.set_defaults(run=run)
    if reads:
        found = f"a file, a directory with {reads} at any depth, or a pattern such as '**/*.yaml'"
        parser.add_argument(
            "paths",
            nargs="*" if is_path_optional else "+",
            default=[Path()],
            type=Path,
            metavar="PATH",
            help=f"{found} (default: this directory)" if is_path_optional else found,
        )
    return parser


def add_quiet(parser: argparse.ArgumentParser) -> None:
    """Add `--quiet` to a command that shows its progress on a terminal."""
    parser.add_argument("--quiet", action="store_true", help="show no progress")
