"""`reprise rules`: list the rules for secrets, for noise, and for changes of the API."""

from __future__ import annotations

import argparse
from pathlib import Path

from ..drift.noise_rules import NOISE_RULES
from ..drift.severity import RULES
from ..messages import printable
from ..scrub.config import find_root, make_scrubber, read_volatile
from ..scrub.rules.ruleset import DEFAULT_RULES, PERSONAL_RULES, Rules
from .arguments import Subparsers, add_command


def add_parser(subparsers: Subparsers) -> None:
    parser = add_command(
        subparsers,
        "rules",
        run,
        summary="list the rules: what is a secret, what is noise, how grave a change is",
        details="The configuration is that of the nearest directory above that has one.",
        example="reprise rules secrets",
        exit_codes="0; 2 for an invalid configuration",
    )
    parser.add_argument(
        "topic",
        nargs="?",
        choices=tuple(_TOPICS),
        help="list only these: secrets (also says which are off), noise, or changes",
    )


def run(options: argparse.Namespace) -> int:
    topics = [options.topic] if options.topic else [*_TOPICS]
    for number, topic in enumerate(topics):
        if not options.topic:
            print(f"{chr(10) if number else ''}{topic}:")
        descriptions = _TOPICS[topic]()
        width = max(map(len, descriptions))
        for rule, description in descriptions.items():
            print(printable(f"{rule:{width}}  {description}"))
    return 0


def _secrets() -> dict[str, str]:
    rules = load_rules()
    return {rule: text + _state(rule, rules) for rule, text in describe_rules(rules).items()}


def _noise() -> dict[str, str]:
    volatile = ", ".join(read_volatile(find_root(Path.cwd())))
    named = f" ({volatile})" if volatile else ""
    return {**NOISE_RULES, "volatile": NOISE_RULES["volatile"] + named}


def _changes() -> dict[str, str]:
    return {kind: f"{rule.severity}: {rule.meaning}" for kind, rule in RULES.items()}


_TOPICS = {"secrets": _secrets, "noise": _noise, "changes": _changes}


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
