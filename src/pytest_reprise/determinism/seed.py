"""The random values of one scope, which all come from its seed.

While a scope is entered, its random bytes come from its streams, and the generators that libraries
share have the scope's states. When it is left, all is as it was before; entered again, the scope
goes on where it was left.
"""

from __future__ import annotations

from . import generators, random_functions
from .streams import ScopeStreams

SEED_BITS = 32
"""NumPy accepts no larger seed."""


def new_seed() -> int:
    """Return a seed from the system's randomness, whatever scope is active."""
    return int.from_bytes(random_functions.system_bytes(SEED_BITS // 8), "big")


class SeededRandomness:
    """The random values of one scope.

    `started` is the time of its `uuid1` values, in seconds since 1970. Without `watches`,
    `was_used` is not known. A replay does not need it: this and `for_good` of `leave` together save
    2.6 % of a replay (in instructions).
    """

    def __init__(self, seed: int, started: float, watches: bool = True) -> None:
        self.seed = seed
        self._watches = watches
        self._streams = ScopeStreams(seed, started)
        self._first_states: generators.States = {}
        self._states: generators.States | None = None
        """The states at the last `leave`; None until then."""
        self._outer_states: generators.States = {}

    def enter(self) -> None:
        """Make all random values come from this scope, until `leave`. Scopes may be nested."""
        if self._states is None:
            self._outer_states = generators.seed_all(self.seed)
            self._first_states = generators.states() if self._watches else {}
        else:
            self._outer_states = generators.states()
            generators.restore(self._states)
            generators.call_seeders(self.seed)
        random_functions.activate(self._streams)

    def leave(self, for_good: bool = False) -> None:
        """Restore what `enter` found. With `for_good`, the scope will not be entered again."""
        if self._watches or not for_good:
            self._states = generators.states()
        generators.restore(self._outer_states)
        random_functions.deactivate(self._streams)

    @property
    def was_used(self) -> bool:
        """Whether any random value was drawn until the last `leave`."""
        now = {place: (self._states or {}).get(place) for place in self._first_states}
        return self._streams.draws > 0 or not generators.are_equal(now, self._first_states)
