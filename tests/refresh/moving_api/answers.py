"""Requests and answers as values, before they become bytes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple, TypeAlias

Json: TypeAlias = dict[str, "Json"] | list["Json"] | str | int | float | bool | None


class Asked(NamedTuple):
    """A request. `ids` are the generated parts of its path, in order."""

    operation: str
    ids: tuple[str, ...] = ()
    query: Mapping[str, str] = {}
    headers: Mapping[str, str] = {}
    value: Json = None
    base_url: str = ""


class Answer(NamedTuple):
    """An answer. A `value` of bytes is sent as it is, other values as JSON."""

    status: int
    value: Json | bytes = None
    headers: Mapping[str, str] = {}


OPERATIONS = (
    "POST /login",
    "GET /me",
    "POST /organisations",
    "GET /organisations/{id}",
    "POST /organisations/{id}/addresses",
    "GET /organisations/{id}/addresses",
    "POST /customers",
    "GET /customers",
    "GET /customers/{id}",
    "PATCH /customers/{id}",
    "DELETE /customers/{id}",
    "POST /orders",
    "GET /orders",
    "GET /orders/{id}",
    "POST /orders/{id}/cancel",
    "POST /orders/{id}/notes",
    "GET /orders/{id}/notes",
    "POST /orders/{id}/shipments",
    "GET /shipments/{id}",
    "POST /invoices",
    "GET /invoices/{id}",
    "GET /files/{name}",
    "GET /products",
    "GET /products/{sku}",
    "GET /products/{sku}/price",
    "POST /exports",
    "GET /exports/{id}",
    "POST /coupons",
    "GET /coupons/{code}",
    "GET /quotes/{symbol}",
    "POST /echo",
    "GET /activity",
    "GET /statistics",
    "GET /settings",
    "GET /limits",
    "GET /plans",
    "GET /reports/daily",
    "GET /legacy/customers",
    "GET /ping",
    "GET /status",
    "GET /reviews",
    "GET /",
)
_PATTERNS = {
    operation: re.compile(re.sub(r"\{\w+\}", "([^/?]+)", operation)) for operation in OPERATIONS
}


def operation_of(method: str, path: str) -> tuple[str, tuple[str, ...]]:
    """Return the operation of a request and the generated parts of its path; "" for none."""
    for operation, pattern in _PATTERNS.items():
        if found := pattern.fullmatch(f"{method} {path}"):
            return operation, found.groups()
    return "", ()
