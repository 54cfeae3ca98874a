"""PyYAML's safe loader and dumper: those that use libyaml, or else those in pure Python."""

from __future__ import annotations

from typing import Any

from yaml import ScalarNode
from yaml.constructor import SafeConstructor

try:
    from yaml import CSafeDumper as Dumper
    from yaml import CSafeLoader as Loader
except ImportError:  # PyYAML was built without libyaml
    from yaml import SafeDumper as Dumper  # type: ignore[assignment]
    from yaml import SafeLoader as Loader  # type: ignore[assignment]

__all__ = ["BINARY", "INVALID_VALUE", "Dumper", "Loader", "limit_numbers"]

BINARY = "tag:yaml.org,2002:binary"
INVALID_VALUE = (ValueError, TypeError, LookupError, AttributeError, ArithmeticError)
"""What PyYAML's constructors raise for a value that does not have the form of its tag."""
_MAX_BITS = 14_000
"""Bits of an integer: some 4200 digits. Python refuses to write more than 4300 digits."""


def limit_numbers(constructor: Any) -> None:
    """Make a constructor raise ValueError for longer integers, before it computes them."""
    constructor.add_constructor("tag:yaml.org,2002:int", _integer)
    constructor.add_constructor("tag:yaml.org,2002:float", _decimal)


def _integer(constructor: SafeConstructor, node: ScalarNode) -> int:
    _refuse_length(node)
    # PyYAML computes numbers of base 60, such as 1:30, in quadratic time.
    number: int = constructor.construct_yaml_int(node)
    if number.bit_length() > _MAX_BITS:
        raise ValueError("an integer of too many digits")
    return number


def _decimal(constructor: SafeConstructor, node: ScalarNode) -> float:
    _refuse_length(node)
    number: float = constructor.construct_yaml_float(node)
    return number


def _refuse_length(node: Any) -> None:
    if len(node.value) > _MAX_BITS:
        raise ValueError("a number of too many digits")
