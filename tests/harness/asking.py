"""The head of suites whose tests ask for JSON: `ask(path)` posts, and returns the answer."""

from __future__ import annotations

HEAD = """
    import os
    import httpx
    import pytest

    BASE = os.environ["API_BASE_URL"]
    pytestmark = pytest.mark.vcr


    def ask(path, **how):
        response = httpx.post(BASE + path, **how)
        assert response.status_code == 200
        return response.json()
"""
