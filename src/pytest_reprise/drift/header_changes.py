"""Changes of the headers of an operation, which were observed as an object."""

from __future__ import annotations

from collections.abc import Iterator

from .body_changes import body_changes
from .observed import Bodies
from .place_changes import UNCERTAIN, Context, PlaceChange
from .places import VOLATILE_HEADERS

_VARYING_HEADERS = VOLATILE_HEADERS | frozenset(
    "content-length etag last-modified retry-after content-md5 digest content-digest repr-digest "
    "x-request-time x-served-by x-timer x-cache x-cache-hits".split()
)
_HOP_BY_HOP = frozenset(
    "connection keep-alive transfer-encoding te trailer upgrade content-encoding content-length "
    "date server via content-type alt-svc accept-ranges proxy-connection".split()
)
"""Headers of the connection and of servers in between, which say nothing about the API."""


def header_changes(headers: Bodies, context: Context) -> Iterator[PlaceChange]:
    """Yield the changes of the headers of an operation, which were observed as an object."""
    for found in body_changes(headers, context):
        name = found.place[-1] if found.place else ""
        if name and name not in _HOP_BY_HOP:
            for change in _header_change(found, name):
                yield change._replace(place=(_title(name),))


def _header_change(found: PlaceChange, name: str) -> Iterator[PlaceChange]:
    if name == "link":
        yield found._replace(kind="paging", text=f"header Link: {found.text}")
        return
    if found.kind in ("field-removed", "field-added", "field-renamed"):
        kind = found.kind.replace("field", "header")
        title = _title(name)
        if kind == "header-renamed":
            new = _title(found.new)
            yield found._replace(kind=kind, text=f"header {title} → {new}", old=title, new=new)
        else:
            yield found._replace(kind=kind, text=f"header {title} {kind.partition('-')[2]}")
    elif name in _VARYING_HEADERS or _is_countdown(name) or found.kind == "key-order":
        return
    elif found.kind == UNCERTAIN:
        yield found._replace(text=f"header {found.text}")
    else:
        text = f"header {_title(name)} {found.old} → {found.new}"
        yield found._replace(kind="header-changed", text=text)


def _is_countdown(name: str) -> bool:
    return "ratelimit" in name.replace("-", "") and not name.endswith(("limit", "policy"))


def _title(name: str) -> str:
    cookie, is_cookie, rest = name.partition(": ")
    title = "-".join(part.capitalize() for part in cookie.split("-"))
    return f"{title}: {rest}" if is_cookie else title
