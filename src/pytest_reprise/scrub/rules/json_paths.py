"""JSON paths of the configuration, as patterns of the names of places."""

from __future__ import annotations

import re

from ...patterns import lazy_regex

SUPPORTED = (
    "Supported are $ and the steps .name, ['name'], [*], .* and ..name, for example $.users[*].note"
)
_STEP = lazy_regex(r"(?:(\.\.)|\.(?!\[)|(?=\[))(?:([\w$-]+)|\['([^']+)'\]|(\[\*\])|(\*))")


def json_path_pattern(path: str) -> re.Pattern[str] | None:
    """Return a pattern of the names of JSON scalars (`users[].note`) that a JSONPath selects.

    Names, wildcards and descendants of RFC 9535 are supported; None for anything else.
    """
    rest, parts = path.removeprefix("$"), [""]
    while rest and path.startswith("$"):
        step = _STEP.match(rest)
        if step is None:
            break
        descendant, name, quoted, elements, _wildcard = step.groups()
        dot = r"\." if parts[-1] and not elements else ""
        parts.append(r"(?:.*\.)?" if descendant else dot)
        named = name or quoted
        parts.append(r"\[\]" if elements else re.escape(named) if named else r"[^.\[\]]+")
        rest = rest[step.end() :]
    return None if rest or len(parts) == 1 else re.compile("".join(parts))
