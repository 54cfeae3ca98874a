"""The README: its links lead to pages and headings that exist, on GitHub and on PyPI."""

from __future__ import annotations

import re
import tomllib

from .pages import DOCS, README

PROJECT = tomllib.loads((README.parent / "pyproject.toml").read_text(encoding="utf-8"))["project"]
SITE = PROJECT["urls"]["Documentation"].rstrip("/") + "/"


def _links() -> list[str]:
    """Where the links lead: those in the text, and those that are defined at the end."""
    text = README.read_text(encoding="utf-8")
    defined = dict(re.findall(r"^\[([^\]]+)\]: (\S+)$", text, re.MULTILINE))
    used = re.findall(r"\]\[([^\]]+)\]", text)
    assert set(used) == set(defined)
    return [*re.findall(r"\]\(([^)]+)\)", text), *defined.values()]


def _headings(text: str) -> set[str]:
    """The anchors of a page, as the builder of the documentation makes them."""
    titles = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w]+", "-", title.lower()).strip("-") for title in titles}


def test_links_are_absolute_since_pypi_shows_the_readme_without_the_repository() -> None:
    assert [link for link in _links() if not link.startswith(("https://", "#"))] == []


def test_links_to_the_documentation_lead_to_pages_and_headings() -> None:
    found = [link.removeprefix(SITE) for link in _links() if link.startswith(SITE)]
    assert found
    for link in found:
        page, _, heading = link.partition("#")
        name = page.rstrip("/")
        files = (DOCS / name, DOCS / f"{name}.md", DOCS / name / "index.md")
        file = next((file for file in files if file.is_file()), None)
        assert file, link
        assert not heading or heading in _headings(file.read_text(encoding="utf-8")), link


def test_questions_are_answered_before_the_figures() -> None:
    text = README.read_text(encoding="utf-8")
    assert text.index("## Short answers") < text.index("## Speed")
    assert text.count("![") == 1
    assert len(re.findall(r"^\| .*$", text.partition("## Speed")[2], re.MULTILINE)) <= 6
