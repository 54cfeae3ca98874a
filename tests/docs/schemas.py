"""The JSON Schemas of the package, and YAML as an editor that uses them reads it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from importlib.resources import files
from typing import Any

import yaml
from jsonschema import Draft202012Validator

_SCHEMAS = files("pytest_reprise") / "schemas"


def schema(name: str) -> dict[str, Any]:
    """The schema `cassette` or `configuration`."""
    found: dict[str, Any] = json.loads((_SCHEMAS / f"{name}.json").read_text(encoding="utf-8"))
    return found


def problems(name: str, document: object) -> list[str]:
    """What is wrong with a document, by the schema of this name."""
    errors = Draft202012Validator(schema(name)).iter_errors(document)
    return [f"{error.json_path}: {error.message[:200]}" for error in errors]


class _Loader(yaml.SafeLoader):
    """Knows only the types of JSON: dates, bytes and what else has a tag are strings."""


def _string(loader: _Loader, node: yaml.Node) -> object:
    return loader.construct_scalar(node) if isinstance(node, yaml.ScalarNode) else str(node.tag)


for _tag in ("tag:yaml.org,2002:timestamp", "tag:yaml.org,2002:binary", None):
    _Loader.add_constructor(_tag, _string)


def read_yaml(text: str) -> Any:
    """A YAML file as plain values."""
    return yaml.load(text, _Loader)


def keys(value: object) -> Iterator[str]:
    """All keys of an object and of what it contains."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield key
            yield from keys(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from keys(inner)
