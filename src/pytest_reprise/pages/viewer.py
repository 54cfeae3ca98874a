"""The pages of the viewer: the index of all cassettes, and one page for each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from ..cassette.model import Cassette
from ..errors import CassetteError
from ..exchange import Failure, Headers
from ..report.drift import DriftReport
from .bodies import Body
from .html import markup, render
from .library import Library, json_for_page
from .run_sections import drift_section
from .side_by_side import Pair
from .units import seconds_text
from .views import InteractionView, Space, date_text, place_bars, recorded_seconds, view

_MOST_CHARACTERS = 2_000_000
"""Characters of bodies on the page of a cassette."""
_MOST_OPEN = 2
"""Interactions of a cassette that are open at first, if it has no more."""
LinkToBody = Callable[[int, str], str]
"""Returns the address of a whole body, by the position of its interaction, and its side."""


def index_page(
    library: Library, links: list[str], drift: DriftReport | None, on_server: bool
) -> str:
    """Return the list of all interactions, which is filtered in the browser. `links` are the
    addresses of the pages of the cassettes."""
    index = {**library.index(), "links": links, "search": "search" if on_server else ""}
    cut = library.searched_characters
    values = {
        "title": "Recorded requests",
        "index": markup(json_for_page(index)),
        "cassettes": len(library.cassettes),
        "broken": [one for one in library.cassettes if one.problem],
        "searched": cut,
        "sections": (drift_section(drift),) if drift else (),
    }
    return render("index.html", values, connects=on_server)


def cassette_page(
    name: str,
    cassette: Cassette,
    home: str,
    link: LinkToBody,
    pairs: tuple[Pair, ...] | None = None,
    against: str = "",
) -> str:
    """Return the page of a cassette. `pairs` compare it with an earlier recording."""
    space = Space(_MOST_CHARACTERS)
    total = recorded_seconds(cassette.interactions)
    views = [
        _with_links(view(one, f"i{number}", space), number, link)
        for number, one in enumerate(cassette.interactions)
    ]
    values = {
        "title": name,
        "home": home,
        "facts": _facts(cassette, total),
        "interactions": place_bars(views, total),
        "opens": len(views) <= _MOST_OPEN and pairs is None,
        "pairs": pairs,
        "against": against,
    }
    return render("cassette.html", values)


def broken_page(name: str, error: CassetteError, home: str) -> str:
    """Return the page of a cassette that cannot be read."""
    return render("broken.html", {"title": name, "home": home, "problem": str(error)})


def _with_links(shown: InteractionView, number: int, link: LinkToBody) -> InteractionView:
    request = replace(shown.request, body=_linked(shown.request.body, link, number, "request"))
    response = shown.response
    if response:
        response = replace(response, body=_linked(response.body, link, number, "response"))
    return replace(shown, request=request, response=response)


def _linked(body: Body, link: LinkToBody, number: int, side: str) -> Body:
    return replace(body, link=link(number, side)) if body.left_out else body


def _facts(cassette: Cassette, total: float) -> list[tuple[str, str]]:
    header = cassette.header
    scopes = {one.scope for one in cassette.interactions} - {""}
    found = [
        ("Interactions", str(len(cassette.interactions))),
        ("Recorded", date_text(cassette) or "date unknown, recorded by vcrpy"),
        ("With", header.recorded_with if header else ""),
        ("Duration", seconds_text(total) if total else ""),
        ("Base URL", header.base_url if header else ""),
        ("Shared by", ", ".join(sorted(scopes))),
    ]
    return [(name, value) for name, value in found if value]


def whole_body(cassette: Cassette, position: int, side: str) -> tuple[bytes, Headers]:
    """Return a body and the headers of its message. Raises LookupError where there is none."""
    interaction = cassette.interactions[position]
    if side == "request":
        return interaction.request.body, interaction.request.headers
    outcome = interaction.outcome
    if side != "response" or isinstance(outcome, Failure):
        raise LookupError(side)
    return outcome.body, outcome.headers
