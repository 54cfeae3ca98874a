"""Explain for one value or place which rule replaces it, or why none does."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import NamedTuple

from ..exchange import Interaction
from ..scrub.content.texts import texts
from ..scrub.judgement import reason_to_keep
from ..scrub.replace.placeholders import is_placeholder
from ..scrub.replace.vault import is_spread
from ..scrub.rules.names import split_name
from ..scrub.rules.ruleset import PERSONAL_RULES, Rules
from ..scrub.scrubber import Scrubber
from ..scrub.walk.bodies import visit_body
from ..scrub.walk.candidates import Candidate, Walk
from ..scrub.walk.interaction import visit_outcome, visit_request
from .decompressed import decompress_interaction
from .files import Source
from .named_values import named_values

_TEXT = "text"
"""The part of what is in a file that is not a cassette."""
_MIN_PART = 6
"""Characters of the shortest text that is looked for at any place of a longer one."""


class Explanation(NamedTuple):
    """What the rules do with one value.

    `number` is the number of the interaction, from 1; 0 outside of interactions. `place` is the
    part of the interaction and the name, such as "response body: user.pin". `change` is the line of
    configuration that changes the decision.
    """

    file: str
    number: int
    place: str
    value: str
    reason: str
    change: str


class _Part(NamedTuple):
    """A text of a file, and the candidates in it with all rules on."""

    name: str
    text: str
    candidates: list[Candidate]


class Explainer:
    """Explains the values in some files, by the rules of a project and the values that they find.

    `sources` are the files: a value that a rule finds in one of them is a secret in all.
    """

    def __init__(self, sources: Iterable[Source], scrubber: Scrubber) -> None:
        self._rules = scrubber.rules
        self._vault = scrubber.vault
        self._sources = [(source.name, list(_parts(source, scrubber.rules))) for source in sources]
        self._found: dict[str, tuple[str, Candidate]] = {}
        """The first place of each value that a rule takes for a secret."""
        for file, parts in self._sources:
            for _, part in parts:
                for one in part.candidates:
                    if one.value and self._reason_to_keep(one) is None:
                        self._vault.learn(one.kind, one.value)
                        self._found.setdefault(one.value, (file, one))

    def explain(self, target: str) -> Iterator[Explanation]:
        """Yield what the rules do where `target` is the value, or a part of it, or the place.

        A place is a name, a JSON path, or what `reprise audit` prints of a finding.
        """
        for file, parts in self._sources:
            for number, part in parts:
                for place, value, reason, change in self._explain_part(part, target):
                    yield Explanation(file, number, place, value, reason, change)

    def _explain_part(self, part: _Part, target: str) -> Iterator[tuple[str, str, str, str]]:
        meant = [
            one
            for one in part.candidates
            if _overlaps(one.value or "", target) or _is_place(part.name, one.name, target)
        ]
        unknown: list[tuple[str, str]] = []
        values = list(named_values(part.name, part.text))
        names = {name.lower() for name, _ in values if name}
        for name, value in values:
            is_value = _overlaps(value, target)
            if not is_value and not _is_place(part.name, name, target):
                continue
            here = [one for one in part.candidates if _is_at(one, name, value, names)]
            if is_value:
                here = [one for one in here if _overlaps(one.value or "", target)]
            meant += here
            if not here:
                unknown.append((name, target if target in value else value))
        for one in dict.fromkeys(meant):
            yield _place(part.name, one.name), one.value or "null", *self._judge(one)
        for name, value in unknown:
            yield _place(part.name, name), value, *self._judge_without_rule(part, name, value)

    def _judge(self, one: Candidate) -> tuple[str, str]:
        """Return what happens to a candidate, and the line of configuration that changes it."""
        by = f"rule {one.rule}" + (f", by the name {_last(one.name)!r}" if one.is_named else "")
        if is_placeholder(one.value or ""):
            return f"replaced: {by}", self._line_to_keep(one)
        reason = self._reason_to_keep(one)
        if reason is None:
            return f"a secret: {by}", self._line_to_keep(one)
        return f"kept: {by}, but {reason}", self._line_to_replace(one)

    def _reason_to_keep(self, one: Candidate) -> str | None:
        rules = self._rules
        if one.is_named and " ".join(split_name(_last(one.name))) in rules.keep_names:
            return "keep_names has the name"
        if not (rules.is_enabled(one.rule) or rules.is_configured_name(one.name)):
            return "that rule is off"
        if one.value in rules.keep_values:
            return "keep_values has the value"
        return reason_to_keep(one)

    def _line_to_keep(self, one: Candidate) -> str:
        if one.is_named and one.rule != "json-path":
            return f'keep_names = ["{" ".join(split_name(_last(one.name)))}"]'
        return f'off = ["{one.rule}"], or keep_values with this value'

    def _line_to_replace(self, one: Candidate) -> str:
        name = " ".join(split_name(_last(one.name)))
        if one.is_named and name in self._rules.keep_names:
            return f'remove "{name}" from keep_names'
        if one.rule in PERSONAL_RULES and one.rule not in self._rules.personal:
            return f'personal = ["{one.rule}"]'
        if not self._rules.is_enabled(one.rule):
            return f'remove "{one.rule}" from off'
        if one.value in self._rules.keep_values:
            return "remove the value from keep_values"
        if one.part.endswith(" body") and one.has_weak_name:
            return f'json_paths = ["{_json_path(one.name)}"], for a body in JSON'
        return _PATTERN_LINE

    def _judge_without_rule(self, part: _Part, name: str, value: str) -> tuple[str, str]:
        """Do the same for a value that no rule finds here."""
        if known := self._vault.secrets_in(value):
            return f"a secret: {self._origin(known)}", "keep_values with this value"
        for secret, (_, one) in self._found.items():
            if secret in value and not is_spread(one.kind, secret):
                where = _place(one.part, one.name)
                return (
                    f"kept: the same value is a secret in {where} (rule {one.rule}), but it is "
                    "short or made of words, so it is replaced only there",
                    _line_for_name(part, name),
                )
        by_name = f"neither by the name {_last(name)!r} nor" if name else "not"
        reason = f"kept: no rule finds a secret here, {by_name} by the form of the value"
        return reason, _line_for_name(part, name)

    def _origin(self, known: set[str]) -> str:
        for value in known:
            if value in self._found:
                file, one = self._found[value]
                place = _place(one.part, one.name)
                return f"rule {one.rule} finds the same value in {file}, {place}"
        return "rule environment, a variable of the environment or of .env, or `values`"


def explain_alone(target: str, rules: Rules) -> Iterator[str]:
    """Yield lines on a text that is in no file: what it means as a name, and as a value."""
    kinds = {
        "a field": rules.field_kind(target),
        "a parameter of a URL": rules.parameter_kind(target),
        "a header": rules.header_kind(target),
    }
    holding = [place for place, kind in kinds.items() if kind]
    yield f"as a name: {', '.join(holding) or 'no field, parameter or header'} of this name " + (
        "holds a secret" if len(holding) < 2 else "hold a secret"
    )
    found = _candidates_in_text(target.encode(errors="replace"), rules)
    finding = sorted({one.rule for one in found if reason_to_keep(one) is None})
    yield f"as a value without a name: {', '.join(finding) or 'no rule'} finds a secret in it"


_PATTERN_LINE = "[scrub.patterns] with a regular expression for such values"


def _line_for_name(part: _Part, name: str) -> str:
    if not name:
        return _PATTERN_LINE
    words = " ".join(split_name(_last(name)))
    path = f', or json_paths = ["{_json_path(name)}"]' if part.text[:1] in ("{", "[") else ""
    return f'names = ["{words}"]{path}'


def _parts(source: Source, rules: Rules) -> Iterator[tuple[int, _Part]]:
    """Yield the texts of a file with the numbers of their interactions."""
    all_on = replace(
        rules, off=frozenset(), keep_names=frozenset(), personal=frozenset(PERSONAL_RULES)
    )
    if source.interactions is None:
        yield 0, _Part(_TEXT, source.text, _candidates_in_text(source.raw, all_on))
    for number, interaction in enumerate(source.interactions or (), 1):
        plain, _ = decompress_interaction(interaction)
        found = _candidates(plain, all_on)
        for name, text in texts(plain):
            yield number, _Part(name, text, [one for one in found if one.part == name])


def _candidates(interaction: Interaction, rules: Rules) -> list[Candidate]:
    found: list[Candidate] = []
    walk = Walk(rules, found.append)
    visit_request(interaction.request, walk)
    visit_outcome(interaction.outcome, walk)
    return found


def _candidates_in_text(text: bytes, rules: Rules) -> list[Candidate]:
    found: list[Candidate] = []
    visit_body(text, "", Walk(rules, found.append, _TEXT))
    return found


def _overlaps(value: str, target: str) -> bool:
    """Whether the user means this value: all of it, some words of it, or a text around it."""
    if len(value) >= _MIN_PART and value in target:
        return True
    if len(target) >= _MIN_PART:
        return target in value
    return bool(target) and bool(re.search(rf"(?<!\w){re.escape(target)}(?!\w)", value))


def _is_place(part: str, name: str, target: str) -> bool:
    """Whether the user means this place; see `Explainer.explain`."""
    wanted = target.removeprefix("$.").replace("[*]", "[]").lower()
    header = part.rpartition(" header ")[2] if " header " in part else ""
    places = {header, name, _last(name), _place(part, name) if name else ""}
    return bool(wanted) and wanted in {one.lower() for one in places}


def _is_at(one: Candidate, name: str, value: str, names: set[str]) -> bool:
    """Whether a candidate is the value of this name, or inside it; `names` are all of the part."""
    own = one.name.lower()
    return own == name.lower() if own in names else (one.value or "") in value


def _place(part: str, name: str) -> str:
    return f"{part}: {name}" if name and not part.lower().endswith(name.lower()) else part


def _last(name: str) -> str:
    """Return the last key of a path."""
    return re.sub(r"(?:\[\])+$", "", name).rpartition(".")[2]


def _json_path(name: str) -> str:
    return "$." + name.replace("[]", "[*]")
