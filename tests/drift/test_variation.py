"""Which places vary anyway, and which have changed."""

from __future__ import annotations

import pytest

from pytest_reprise.drift.variation import ValueKind, Variation, operation_of


def _variation(pairs: str) -> Variation:
    """Return the variation of one place. The pairs are of one request each; `=` repeats one."""
    variation = Variation()
    request = 0
    for number, pair in enumerate(pairs.split()):
        request += not pair.startswith("=")
        old, _, new = pair.removeprefix("=").partition(">")
        variation.add("place", old, new, request, number)
    return variation


@pytest.mark.parametrize(
    ("pairs", "kind"),
    [
        ("3600>3594 3588>3587", "value"),
        ("8>5 8>7", "value"),
        ("10.5>99.1 =20.5>11.3", "value"),
        ("calm>bull =bull>calm =calm>calm", "value"),
        ("Ada>Eve Ada>Ida", "sent"),
        ('["a","b"]>["b","a"] ["b","a"]>["b","a"]', "list"),
    ],
)
def test_a_place_that_varies_in_a_recording_varies(pairs: str, kind: ValueKind) -> None:
    old, _, new = pairs.split()[0].partition(">")
    assert _variation(pairs).varies("place", old, new, kind)


@pytest.mark.parametrize(
    "pairs",
    [
        "300>350",
        "300>350 300>350",
        "300>350 =300>350",
        "150>150 300>350 900>900 450>475",  # some were changed
        "155>1.55 905>9.05",  # another form
        "pending>open pending>open",
        "red>green blue>black",  # texts that were changed one by one
        "running>running =done>finished",
        '["EUR"]>["EUR","CHF"] ["EUR"]>["EUR","CHF"]',
    ],
)
def test_a_value_that_changed_is_a_change(pairs: str) -> None:
    variation = _variation(pairs)
    for pair in pairs.split():
        old, _, new = pair.removeprefix("=").partition(">")
        if old != new:
            assert not variation.varies("place", old, new)


def test_what_comes_after_a_plural_is_one_of_many() -> None:
    assert operation_of("GET", "quotes/USD") == operation_of("GET", "quotes/EUR")
    assert operation_of("GET", "orders/*/notes") == "GET orders/*/notes"
    assert operation_of("GET", "me") == "GET me"
