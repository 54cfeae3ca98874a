"""What version 2 of the API changes, as data: the server, the tests and the campaign share it.

To add a change, add a row. A new kind also needs a function in `applying`.
"""

from __future__ import annotations

from typing import Literal, NamedTuple, TypeAlias

Severity: TypeAlias = Literal["breaking", "compatible", "cosmetic"]
Kind: TypeAlias = Literal[
    "field renamed",
    "field removed",
    "field added",
    "type",
    "format",
    "null",
    "required",
    "enum added",
    "enum changed",
    "status",
    "header added",
    "header removed",
    "header renamed",
    "paging",
    "order",
    "error format",
    "content type",
    "wrapping",
    "endpoint added",
    "endpoint removed",
    "endpoint renamed",
    "text",
    "key order",
    "constant",
]


class Change(NamedTuple):
    """One row of the table."""

    operations: str
    """Methods and paths, as "GET /customers/{id}, DELETE /customers/{id}"."""
    kind: Kind
    severity: Severity
    place: str
    """A field as `$.items[].qty`, a header as `header Sunset`, or "status", "body", "path"."""
    text: str
    """What a report of this change should show."""
    then: str = ""
    """What is at the place in version 2: a name, a value, or the name of a conversion."""
    status: int = 0
    """Only answers with this status are changed; 0 for those of success."""


CHANGES = (
    Change(
        "GET /customers/{id}",
        "field renamed",
        "breaking",
        "$.phone",
        "phone → phone_number",
        "phone_number",
    ),
    Change("GET /me", "field removed", "breaking", "$.legacy_role", "legacy_role removed"),
    Change("GET /me", "header added", "compatible", "header Sunset", "Sunset added", "soon"),
    Change(
        "GET /organisations/{id}", "field added", "compatible", "$.plan", "plan added", "business"
    ),
    Change(
        "GET /organisations/{id}",
        "type",
        "breaking",
        "$.owner",
        "owner string → object",
        "object",
    ),
    Change(
        "POST /organisations", "field added", "compatible", "$.region", "region added", "eu-west"
    ),
    Change("GET /orders/{id}", "type", "breaking", "$.total", "total number → string", "text"),
    Change(
        "GET /invoices/{id}",
        "format",
        "breaking",
        "$.due_on",
        "due_on 2027-03-31 → 31.03.2027",
        "day.month.year",
    ),
    Change(
        "GET /products/{sku}",
        "null",
        "breaking",
        "$.description",
        "description is null",
    ),
    Change(
        "POST /organisations/{id}/addresses",
        "required",
        "breaking",
        "$.country",
        "201 → 422 country is required",
        "country is required",
    ),
    Change(
        "GET /settings", "enum added", "compatible", "$.currencies", "currencies CHF added", "CHF"
    ),
    Change(
        "POST /orders/{id}/cancel",
        "enum changed",
        "breaking",
        "$.status",
        "cancelled → voided",
        "voided",
    ),
    Change("DELETE /customers/{id}", "status", "breaking", "status", "204 → 200", "200"),
    Change("POST /exports", "status", "breaking", "status", "202 → 200", "200"),
    Change(
        "GET /products",
        "header removed",
        "breaking",
        "header X-Total-Count",
        "X-Total-Count removed",
    ),
    Change(
        "GET /exports/{id}",
        "header renamed",
        "breaking",
        "header X-Progress",
        "X-Progress → Progress",
        "Progress",
    ),
    Change(
        "GET /customers",
        "paging",
        "breaking",
        "$.next_cursor",
        "next_cursor → paging.next_cursor",
        "paging",
    ),
    Change("GET /products", "order", "breaking", "$.items", "items in another order", "price"),
    Change(
        "GET /orders/{id}",
        "error format",
        "breaking",
        "body",
        "error → title, detail",
        "application/problem+json",
        404,
    ),
    Change(
        "GET /reports/daily",
        "content type",
        "breaking",
        "header Content-Type",
        "text/csv → text/plain",
        "text/plain",
    ),
    Change("GET /limits", "wrapping", "breaking", "$", "wrapped in data", "data"),
    Change("GET /orders/{id}/notes", "wrapping", "breaking", "$", "wrapped in items", "items"),
    Change("GET /", "endpoint added", "compatible", "$.endpoints", "GET /reviews", "/reviews"),
    Change("GET /legacy/customers", "endpoint removed", "breaking", "path", "200 → 404"),
    Change("GET /ping", "endpoint renamed", "breaking", "path", "200 → 308 /status", "/status"),
    Change(
        "POST /customers",
        "text",
        "cosmetic",
        "$.message",
        "another text",
        "This is not an e-mail address.",
        422,
    ),
    Change("GET /plans", "key order", "cosmetic", "$", "keys in another order"),
    Change(
        "POST /orders, GET /orders, GET /orders/{id}",
        "constant",
        "cosmetic",
        "$.docs",
        "…/v1 → …/v2",
        "https://docs.moving.example/v2/orders",
    ),
    Change(
        "GET /orders",
        "field renamed",
        "breaking",
        "$.items[].lines[].qty",
        "qty → quantity",
        "quantity",
    ),
    Change(
        "GET /shipments/{id}",
        "field removed",
        "breaking",
        "$.parcel.weight",
        "weight removed",
    ),
    Change(
        "GET /products/{sku}/price",
        "type",
        "breaking",
        "$.amount",
        "amount integer → number",
        "hundredth",
    ),
    Change(
        "POST /orders/{id}/shipments",
        "field added",
        "compatible",
        "$.tracking",
        "tracking added",
        "generated",
    ),
    Change("GET /settings", "type", "breaking", "$.beta", "beta boolean → string", "text"),
)


def operations_of(change: Change) -> tuple[str, ...]:
    """Return the methods and paths to which a change belongs."""
    return tuple(change.operations.split(", "))
