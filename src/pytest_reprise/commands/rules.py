"""`reprise rules`: list the rules that find secrets."""

from __future__ import annotations

import argparse
from pathlib import Path

from ..messages import printable
from ..scrub.config import find_root, make_scrubber
from ..scrub.rules.ruleset import DEFAULT_RULES, PERSONAL_RULES, Rules
from .arguments import Subparsers, add_command


def add_parser(subparsers: Subparsers) -> None:
    add_command(
        subparsers,
        "rules",
        run,
        summary="list the rules that find secrets, and which of them are off",
        details="The configuration is that of the nearest directory above that has one.",
        example="reprise rules",
        exit_codes="0; 2 for an invalid configuration",
    )


def run(_options: argparse.Namespace) -> int:
    rules = load_rules()
    descriptions = describe_rules(rules)
    width = max(map(len, descriptions))
    for rule, description in descriptions.items():
        print(printable(f"{rule:{width}}  {description}{_state(rule, rules)}"))
    return 0


def load_rules() -> Rules:
    """Return the rules that the configuration sets. Raises ConfigurationError."""
    return make_scrubber(find_root(Path.cwd()), {}).rules


def describe_rules(rules: Rules) -> dict[str, str]:
    """Return a description for each rule, also for those of the project, by rule id."""
    patterns = {rule: "a pattern of this project" for rule, _, _ in rules.patterns}
    json_paths = {"json-path": "a JSON path of this project"} if rules.json_paths else {}
    return {**DEFAULT_RULES, **PERSONAL_RULES, **patterns, **json_paths}


def _state(rule: str, rules: Rules) -> str:
    if rule in PERSONAL_RULES:
        return " (personal)" if rules.is_enabled(rule) else " (personal, off)"
    return "" if rules.is_enabled(rule) else " (off)"
