"""Orders: created at most once per idempotency key, then changed from one status to the next."""

import json
import sqlite3
from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Header, HTTPException, Query, Response
from pydantic import BaseModel, ConfigDict, Field, computed_field

from examples.staging_api.server.accounts import User, find_user
from examples.staging_api.server.auth import CurrentUser
from examples.staging_api.server.database import transaction
from examples.staging_api.server.paging import Page, PageQuery, Pager, Row, Selection

router = APIRouter(tags=["orders"])

Status = Literal["pending", "paid", "shipped", "delivered", "cancelled"]

NEXT_STATUSES: dict[Status, set[Status]] = {
    "pending": {"paid", "cancelled"},
    "paid": {"shipped", "cancelled"},
    "shipped": {"delivered"},
    "delivered": set(),
    "cancelled": set(),
}


class Item(BaseModel):
    model_config = ConfigDict(extra="forbid")

    sku: str = Field(min_length=1)
    quantity: int = Field(default=1, ge=1)
    # In cents.
    price: int = Field(ge=0)


class NewOrder(BaseModel):
    model_config = ConfigDict(extra="forbid")

    items: list[Item] = Field(min_length=1)
    note: str = ""


class StatusChange(BaseModel):
    status: Status


class Order(BaseModel):
    id: int
    user_id: int
    status: Status
    items: list[Item]
    note: str
    created_at: datetime

    @computed_field  # type: ignore[prop-decorator]
    @property
    def total(self) -> int:
        return sum(item.quantity * item.price for item in self.items)


class OrderQuery(PageQuery):
    status: Status | None = None
    sort: Literal["id", "-id"] = "id"


IdempotencyKey = Annotated[str | None, Header(max_length=255)]


@router.post("/orders", status_code=201)
def place(
    new: NewOrder, user: CurrentUser, response: Response, idempotency_key: IdempotencyKey = None
) -> Order:
    with transaction() as sql:
        row = _placed_before(sql, user, idempotency_key)
        if row is None:
            order = _insert(sql, new, user, idempotency_key)
        else:
            order = _same_order(row, new)
            response.headers["Idempotent-Replayed"] = "true"
    response.headers["Location"] = f"/orders/{order.id}"
    return order


@router.get("/orders")
def list_own(
    query: Annotated[OrderQuery, Query()], user: CurrentUser, pager: Annotated[Pager, Depends()]
) -> Page[Order]:
    return list_of_user(user.id, query, user, pager)


@router.get("/users/{user_id}/orders")
def list_of_user(
    user_id: int,
    query: Annotated[OrderQuery, Query()],
    asking: CurrentUser,
    pager: Annotated[Pager, Depends()],
) -> Page[Order]:
    _require_owner(asking, user_id)
    conditions = {"user_id = ?": user_id, "status = ?": query.status}
    with transaction() as sql:
        find_user(sql, user_id)
        return pager.page(sql, Selection("orders", conditions, query.sort), query, _order)


@router.get("/orders/{order_id}")
def read(order_id: int, asking: CurrentUser) -> Order:
    with transaction() as sql:
        return _find(sql, order_id, asking)


@router.patch("/orders/{order_id}")
def move(order_id: int, change: StatusChange, asking: CurrentUser) -> Order:
    with transaction() as sql:
        order = _find(sql, order_id, asking)
        if change.status not in NEXT_STATUSES[order.status]:
            raise HTTPException(409, f"{order.status} cannot become {change.status}.")
        sql.execute("UPDATE orders SET status = ? WHERE id = ?", (change.status, order_id))
        return _find(sql, order_id, asking)


@router.delete("/orders/{order_id}", status_code=204)
def delete(order_id: int, asking: CurrentUser) -> None:
    with transaction() as sql:
        _find(sql, order_id, asking)
        sql.execute("DELETE FROM orders WHERE id = ?", (order_id,))


def _placed_before(sql: sqlite3.Connection, user: User, key: str | None) -> sqlite3.Row | None:
    query = "SELECT * FROM orders WHERE user_id = ? AND idempotency_key = ?"
    row: sqlite3.Row | None = sql.execute(query, (user.id, key)).fetchone()
    return row


def _same_order(row: sqlite3.Row, new: NewOrder) -> Order:
    if row["body"] != new.model_dump_json():
        raise HTTPException(422, "The idempotency key belongs to another order.")
    return _order(dict(row))


def _insert(sql: sqlite3.Connection, new: NewOrder, user: User, key: str | None) -> Order:
    row = sql.execute(
        "INSERT INTO orders (user_id, body, idempotency_key) VALUES (?, ?, ?) RETURNING *",
        (user.id, new.model_dump_json(), key),
    ).fetchone()
    return _order(dict(row))


def _find(sql: sqlite3.Connection, order_id: int, asking: User) -> Order:
    row = sql.execute("SELECT * FROM orders WHERE id = ?", (order_id,)).fetchone()
    if row is None:
        raise HTTPException(404, f"There is no order {order_id}.")
    _require_owner(asking, row["user_id"])
    return _order(dict(row))


def _order(row: Row) -> Order:
    return Order.model_validate({**row, **json.loads(row["body"])})


def _require_owner(asking: User, user_id: int) -> None:
    if asking.id != user_id and asking.role != "admin":
        raise HTTPException(403, "These are another user's orders.")
