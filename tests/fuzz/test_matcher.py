"""Any recorded requests: each is answered, in recorded order, and no other one is."""

from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st

from pytest_reprise.exchange import Interaction, Request
from pytest_reprise.matching.closest import closest, most_similar
from pytest_reprise.matching.index import Index
from pytest_reprise.matching.key import key
from pytest_reprise.matching.search import Search
from pytest_reprise.scrub.replace.vault import Vault
from pytest_reprise.scrub.scrubber import Scrubber

from ..harness.strategies import FUZZ, interactions, requests

NOW = 1_800_000_000.0


def _index(recorded: tuple[Interaction, ...]) -> Index:
    scrubber = Scrubber(Vault())
    return Index(recorded, lambda: Search(recorded, lambda: scrubber, NOW))


@FUZZ
@given(st.lists(interactions, max_size=4).map(tuple))
def test_recorded_requests_are_answered_and_those_with_equal_keys_in_order(
    recorded: tuple[Interaction, ...],
) -> None:
    index, last = _index(recorded), dict[object, int]()
    for interaction in recorded:
        found = index.take_matching(interaction.request, NOW + interaction.at)
        assert found is not None
        group = key(interaction.request)
        if found in recorded and key(found.request) == group:
            position = next(n for n, one in enumerate(recorded) if one is found)
            assert position >= last.get(group, -1)
            last[group] = position
    assert index.unplayed(len(recorded)) == ()


@FUZZ
@example((), Request("POST", "http://api.test/", (), b'{"Auth": "\\u0080"}'))
@given(st.lists(interactions, max_size=3).map(tuple), requests)
def test_any_request_is_answered_or_compared_without_an_error(
    recorded: tuple[Interaction, ...], request: Request
) -> None:
    index = _index(recorded)
    if index.take_matching(request, NOW) or index.take_by_wildcard(request, NOW):
        return
    candidates = most_similar(request, [i.request for i in recorded], 10)
    assert bool(candidates) == bool(recorded)
    found = closest(request, candidates)
    assert found is None or found.request in candidates
