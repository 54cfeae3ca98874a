"""The example suite runs with the same warning filters as the tests."""

from tests.conftest import pytest_configure

__all__ = ["pytest_configure"]
