"""`reprise mv`: cassettes follow a test, class, module or fixture that was renamed or moved."""

from __future__ import annotations

import argparse
from pathlib import Path

from ..errors import ConfigurationError
from ..messages import counted, display_path
from .arguments import Subparsers, add_command
from .moves import NotMovedError, Plan, plan_moves

_DETAILS = """\
OLD and NEW are test ids (test_users.py::test_old), modules (test_users.py), fixtures
(conftest.py::login), or paths of cassettes and of directories with cassettes. All cassettes of
a test are moved: those of all its parameters, with their body files. A test that is named in a
cassette which several tests share is renamed there. Nothing is overwritten.
"""


def add_parser(subparsers: Subparsers) -> None:
    parser = add_command(
        subparsers,
        "mv",
        run,
        summary="rename the cassettes of a renamed test, class, module or fixture",
        details=_DETAILS,
        example="reprise mv tests/test_users.py::test_old tests/test_users.py::test_new",
        exit_codes=(
            "0; 1 some cassettes were left as they are;\n"
            "2 nothing was moved: no such cassette, or the new one exists"
        ),
    )
    parser.add_argument("old", metavar="OLD", help="what it was called when it was recorded")
    parser.add_argument("new", metavar="NEW", help="what it is called now, of the same kind")


def run(options: argparse.Namespace) -> int:
    plan = plan_moves(options.old, options.new, Path.cwd())
    if not (plan.moves or plan.left):
        raise ConfigurationError(_nothing(plan, options.old))
    _refuse_to_overwrite(plan)
    made = []
    for move in plan.moves:
        try:
            move.make()
        except NotMovedError as error:
            plan.left.append((move.old, str(error)))
        else:
            made.append(move)
            print(str(move))
    for path, reason in plan.left:
        print(f"{display_path(path)}: left as it is: {reason}")
    _remove_empty(plan)
    left = f", {len(plan.left)} left" if plan.left else ""
    print(f"{counted(sum(move.is_moved for move in made), 'cassette')} moved{left}")
    return 1 if plan.left else 0


def _nothing(plan: Plan, old: str) -> str:
    looked = ", ".join(map(display_path, plan.searched)) or "no directory of cassettes exists"
    return f"no cassette of {old}. Searched: {looked}"


def _refuse_to_overwrite(plan: Plan) -> None:
    existing = [move.new for move in plan.moves if move.is_blocked]
    if existing:
        more = f" and {len(existing) - 1} more" if len(existing) > 1 else ""
        raise ConfigurationError(
            f"nothing was moved: {display_path(existing[0])}{more} exists already. "
            "Delete what is not needed, and try again"
        )


def _remove_empty(plan: Plan) -> None:
    for directory in sorted({move.old.parent for move in plan.moves}, reverse=True):
        if not any(directory.iterdir()):
            directory.rmdir()
