"""Which places of an API have values that vary anyway, as counters, samples and prices do.

A place varies if that is seen in a recording, and not only between the two: a value that changed
once, from one constant to another, is a change of the API.
"""

from __future__ import annotations

import re
from collections.abc import Hashable
from typing import Literal, TypeAlias

_MOST_SAMPLES = 200
"""Values to remember for each place, so that memory does not grow with the suite."""
_MIN_TELLING = 6
"""Characters, with the quotes of a text in JSON."""
_MOST_PLACES = 10
_CODE = re.compile(r'"?[A-Z0-9-]{6,}"?')
"""A short code, such as that of a coupon."""
_MEASURED = re.compile(r"-?\d+\.\d{5,}(?:[eE][+-]?\d+)?|-?\d(?:\.\d+)?[eE]-\d+")
"""A number that nobody writes by hand: a duration, a sample, a score."""
_WORD = re.compile(r"[^\W_]+")
_DIGITS = re.compile(r"\d")
_NUMBER = re.compile(r"-?\d+(\.\d+)?([eE][+-]?\d+)?")


ValueKind: TypeAlias = Literal["value", "list", "sent"]
"""A scalar that the API returned, a list of such, or a value that a scope with a seed sent."""


class _Seen:
    """The values at one place. `alternates` and `is_inconsistent` say that they vary."""

    __slots__ = (
        "alternates",
        "by_request",
        "counts",
        "differing",
        "equal",
        "is_inconsistent",
        "new_forms",
        "new_of",
        "old_forms",
    )

    def __init__(self) -> None:
        self.new_of: dict[str, tuple[str, int]] = {}
        """The new value of each old one, and in which interaction it was found."""
        self.by_request: dict[Hashable, tuple[list[str], list[str]]] = {}
        """The different values in the answers to each request, in their order."""
        self.old_forms: set[str] = set()
        self.new_forms: set[str] = set()
        self.equal = self.differing = 0
        self.is_inconsistent = False
        """Whether an old value has several new ones."""
        self.counts = False
        """Whether a request had several answers with other digits."""
        self.alternates = False
        """Whether a request had an answer, another one, and the first one again. A state that
        changes, as that of a poll, does not do this. Or concurrent requests had the same values,
        distributed in another way."""

    def add(self, old: str, new: str, request: Hashable, interaction: int) -> None:
        self.old_forms.add(value_form(old))
        self.new_forms.add(value_form(new))
        known, where = self.new_of.setdefault(old, (new, interaction))
        self.is_inconsistent |= known != new and where != interaction
        olds, news = self.by_request.setdefault(request, ([], []))
        for values, value in ((olds, old), (news, new)):
            if not values or values[-1] != value:
                self.alternates |= value in values
                values.append(value)
        self.counts |= has_digit(old + new) and max(len(olds), len(news)) > 1

    @property
    def mostly_differs(self) -> bool:
        """Whether hardly one value is the same in both recordings."""
        return self.equal * 3 <= self.differing

    @property
    def has_several(self) -> bool:
        """Whether one of the recordings has several values."""
        return len({new for new, _ in self.new_of.values()}) > 1 or len(self.new_of) > 1

    @property
    def are_all_different(self) -> bool:
        """Whether both recordings have several values, each with a partner of its own."""
        return min(len(self.new_of), len({new for new, _ in self.new_of.values()})) > 1


class Variation:
    """The values at each place of all recordings that are compared together."""

    def __init__(self) -> None:
        self._places: dict[Hashable, _Seen] = {}
        self._places_of: dict[tuple[str, str], list[Hashable]] = {}
        """Where each pair of values was found that is hardly found by chance."""

    def add(self, place: Hashable, old: str, new: str, request: Hashable, interaction: int) -> None:
        """Note the values at a place in the answers to the same request.

        `interaction` is the number of the interaction. Within one, each object of a list may have
        changed in its own way.
        """
        seen = self._places.setdefault(place, _Seen())
        seen.equal += old == new
        seen.differing += old != new
        if len(seen.new_of) < _MOST_SAMPLES:
            seen.add(old, new, request, interaction)
        if old != new and is_telling(old, new):
            self._places_of.setdefault((old, new), []).append(place)

    def exchange(self, place: Hashable) -> None:
        """Note that requests which were in flight at the same time had each other's values."""
        self._places[place].alternates = True

    def varies(self, place: Hashable, old: str, new: str, kind: ValueKind = "value") -> bool:
        """Whether a difference at a place is only one of its variations, in the same form."""
        seen = self._places.get(place)
        if seen is None:
            return False
        if value_form(old) not in seen.new_forms and value_form(new) not in seen.old_forms:
            return False
        if seen.alternates or seen.counts:
            return True
        if not seen.equal and _MEASURED.fullmatch(old) and _MEASURED.fullmatch(new):
            return True
        if kind == "value" and not has_digit(old + new):
            return False  # texts are changed one by one
        if kind == "list" and sorted(old) == sorted(new) and seen.has_several:
            return True
        has_evidence = seen.is_inconsistent or seen.are_all_different
        return has_evidence and (kind == "sent" or seen.mostly_differs)

    def varies_elsewhere(self, old: str, new: str) -> bool:
        """Whether two values correspond, as they were found at a place whose values vary, or as the
        API returned them as a code at several places."""
        places = self._places_of.get((old, new), ())
        if _CODE.fullmatch(old) and _CODE.fullmatch(new) and len({*places}) > 1:
            return True
        return any(self.varies(place, old, new) for place in places[:_MOST_PLACES])


def has_digit(text: str) -> bool:
    return _DIGITS.search(text) is not None


def is_telling(old: str, new: str) -> bool:
    """Whether texts are so long and mixed that they are hardly found twice by chance."""
    return min(len(old), len(new)) >= _MIN_TELLING and has_digit(old + new)


def operation_of(method: str, endpoint: str) -> str:
    """Return what requests of the same kind have in common, for a path with ids masked.

    What comes after a plural is one of many: `/quotes/USD` and `/quotes/EUR` are of the same kind.
    """
    segments = endpoint.split("/")
    above = ["", *segments]
    masked = ("*" if up.endswith("s") else one for up, one in zip(above, segments, strict=False))
    return f"{method} {'/'.join(masked)}"


def value_form(text: str) -> str:
    """Return the form of a value: of a number whether it is whole, of a text its signs."""
    if number := _NUMBER.fullmatch(text):
        return "fraction" if number[1] or number[2] else "number"
    return _WORD.sub(lambda word: "9" if _DIGITS.search(word[0]) else "a", text)[:100]
