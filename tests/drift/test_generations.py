"""Which cassettes belong together, because values travel between them."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from pytest_reprise.drift.generations import Travel, connected, shared_values

from ..harness.strategies import SOME


@SOME
@given(st.lists(st.frozensets(st.integers(0, 9), max_size=4), max_size=8))
def test_each_member_is_in_one_component_with_all_of_its_groups(
    groups: list[frozenset[int]],
) -> None:
    found = connected(groups)
    members = [member for component in found for member in component]
    assert sorted(members) == sorted(set().union(*groups))
    for group in groups:
        assert sum(not group.isdisjoint(component) for component in found) <= 1
    # No component can be divided without dividing a group.
    for component in found:
        inside = [group for group in groups if group and group <= component]
        assert connected(inside) == [component]


def test_values_connect_who_sends_them_with_who_got_them() -> None:
    pair, other = ("23", "57"), ("a", "b")
    travels = {
        "fixture": Travel({pair}, set()),
        "test": Travel({other}, {pair}),
        "another": Travel(set(), set()),
        "again": Travel(set(), {pair}),
    }
    assert shared_values(travels) == [{"fixture", "test", "again"}]
