"""What the parsers of all commands have in common."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

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
) -> argparse.ArgumentParser:
    """Add a command. Its help shows the summary, details, an example and the exit codes."""
    parser = subparsers.add_parser(
        name,
        help=summary,
        description=f"{summary[0].upper()}{summary[1:]}.\n{details}",
        epilog=f"example: {example}\n\nexit code: {exit_codes}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.set_defaults(run=run)
    return parser


def add_paths(parser: argparse.ArgumentParser, suffixes: str) -> None:
    """Add the argument `paths`; `suffixes` says which files of a directory are read."""
    parser.add_argument(
        "paths",
        nargs="+",
        type=Path,
        metavar="PATH",
        help=f"a file, or a directory with {suffixes} files at any depth",
    )
