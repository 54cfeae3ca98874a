"""Read YAML 1.2 with its core schema (section 10.3), as documents that are no cassettes use it.

YAML 1.1, which PyYAML reads, takes `no` for false, `2026-01-31` for a date and `1:30` for 90. In an
OpenAPI document these are texts.
"""

from __future__ import annotations

import re
from typing import Any

import yaml

from . import safe
from .libyaml import INVALID_VALUE, Loader, limit_numbers

_TAG = "tag:yaml.org,2002:"
_MAX_DIGITS = 4000
"""Digits of an integer. Python refuses to write more than 4300."""
_RESOLVERS = (
    ("null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
    ("bool", r"true|True|TRUE|false|False|FALSE", list("tTfF")),
    ("int", r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+", list("-+0123456789")),
    (
        "float",
        r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?|[-+]?\.(?:inf|Inf|INF)"
        r"|\.(?:nan|NaN|NAN)",
        list("-+.0123456789"),
    ),
    ("merge", "<<", ["<"]),
)


class _CoreLoader(Loader):
    """The safe loader with the scalars of the core schema."""

    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012  PyYAML's own attribute

    def construct_object(self, node: yaml.Node, deep: bool = False) -> Any:
        try:
            return super().construct_object(node, deep)
        except INVALID_VALUE as error:
            problem = f"a value that cannot be read ({error})"
            raise yaml.MarkedYAMLError(problem=problem, problem_mark=node.start_mark) from error


def _integer(_loader: Any, node: yaml.ScalarNode) -> int:
    if len(node.value) > _MAX_DIGITS:
        raise ValueError("an integer of too many digits")
    return int(node.value, 0 if node.value[:2] in ("0o", "0x") else 10)


limit_numbers(_CoreLoader)
for _name, _pattern, _starts in _RESOLVERS:
    _CoreLoader.add_implicit_resolver(f"{_TAG}{_name}", re.compile(rf"(?:{_pattern})\Z"), _starts)
_CoreLoader.add_constructor(f"{_TAG}int", _integer)


def load(text: str) -> object:
    """Return the one document in `text`. Raises InvalidYamlError, also for one above a limit."""
    safe.check(text)
    with safe.our_error(text):
        return yaml.load(text, Loader=_CoreLoader)
