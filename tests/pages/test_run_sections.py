"""The sections of the page of a run."""

from __future__ import annotations

from pytest_reprise.pages import run_sections


def test_names_of_tests_are_shown_without_their_directories() -> None:
    tests = ("tests/api/test_a.py::test_get[GET /a::b/c]", "fixture products", "tests/test_b.py::b")
    assert run_sections.tests_text(tests[:1]) == "test_a.py::test_get[GET /a::b/c]"
    assert (
        run_sections.tests_text(tests)
        == "test_a.py::test_get[GET /a::b/c], fixture products + 1 more"
    )
