"""Visit Secrets of Kubernetes in YAML: each value under `data` and `stringData`."""

from __future__ import annotations

import re

from ...patterns import lazy_regex
from .candidates import Walk

_MARK = "kind: Secret"
_KIND = lazy_regex(r"^kind: Secret[ \t]*\r?$", re.MULTILINE)
_BETWEEN = lazy_regex(r"^---.*$", re.MULTILINE)
_BLOCK = lazy_regex(
    r"^(?:data|stringData):[ \t]*\r?\n((?:[ \t]+[^\r\n]*(?:\r?\n|\Z))+)", re.MULTILINE
)
_VALUE = lazy_regex(
    r"^([ \t]+)[\"']?[\w.-]+[\"']?:[ \t]*"
    r"(?:[|>][+-]?[ \t]*\r?\n(?P<lines>(?:\1[ \t]+[^\r\n]*\r?\n?)+)|(?P<value>[^\s\"'#][^\r\n]*)"
    r"|\"(?P<double>[^\"\r\n]+)\"|'(?P<single>[^'\r\n]+)')",
    re.MULTILINE,
)


def visit_manifest(text: str, walk: Walk) -> str:
    """Return the text with the values of Secrets in it replaced."""
    if _MARK not in text:
        return text
    parts, done = list[str](), 0
    for between in [*_BETWEEN.finditer(text), None]:
        end = between.start() if between else len(text)
        document = text[done:end]
        if _KIND.search(document):
            document = _BLOCK.sub(lambda block: _visit_block(block, walk), document)
        parts += document, between[0] if between else ""
        done = between.end() if between else end
    return "".join(parts)


def _visit_block(block: re.Match[str], walk: Walk) -> str:
    values = _VALUE.sub(lambda found: _visit_value(found, walk), block[1])
    return block[0][: block.start(1) - block.start()] + values


def _visit_value(found: re.Match[str], walk: Walk) -> str:
    group = found.lastgroup or "value"
    value = found[group]
    stripped = value.strip()
    replacement = walk.replace_named("data", "secret", stripped, "kubernetes-secret")
    start = found.start(group) - found.start()
    changed = value.replace(stripped, replacement, 1)
    return found[0][:start] + changed + found[0][start + len(value) :]
