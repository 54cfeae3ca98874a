"""The example suites run under the same warning filters as the tests."""

from tests.conftest import pytest_configure

__all__ = ["pytest_configure"]
