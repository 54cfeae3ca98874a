"""PyYAML's safe loader and dumper: those that use libyaml, or else those in pure Python."""

from __future__ import annotations

try:
    from yaml import CSafeDumper as Dumper
    from yaml import CSafeLoader as Loader
except ImportError:  # PyYAML was built without libyaml
    from yaml import SafeDumper as Dumper  # type: ignore[assignment]
    from yaml import SafeLoader as Loader  # type: ignore[assignment]

__all__ = ["MAX_DEPTH", "Dumper", "Loader"]

MAX_DEPTH = 100
"""Levels of nesting that a cassette may have. At about 10 000, libyaml's loader overflows the C
stack and ends the process."""
