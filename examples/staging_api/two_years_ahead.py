"""A plugin for pytest that sets the clock two years ahead.

Use it with ``-p examples.staging_api.two_years_ahead``.
"""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

TWO_YEARS = timedelta(days=730)


def pytest_configure(config: pytest.Config) -> None:
    traveller = time_machine.travel(datetime.now(UTC) + TWO_YEARS, tick=True)
    traveller.start()
    config.add_cleanup(traveller.stop)
