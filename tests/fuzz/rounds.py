"""How many inputs a fuzz target tries in one round."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

EXAMPLES = "FUZZ_EXAMPLES"
"""The variable with the number of inputs. `make fuzz` sets it; an ordinary test run does not."""

FUZZ = settings(
    max_examples=int(os.environ.get(EXAMPLES, "60")),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
