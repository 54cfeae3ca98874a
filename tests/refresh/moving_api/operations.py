"""The operations of version 1, each as a function from a request to an answer."""

from __future__ import annotations

import base64
import secrets
import time
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from .answers import Answer, Asked, Json
from .state import Row, State

PASSWORD = "moving-Vq7Lm2Zt9RkX"
_DOCS = "https://docs.moving.example/v1/orders"
_PRODUCTS = {
    "pen": ("Ballpoint pen", 150, "Writes in blue."),
    "cup": ("Cup", 900, "Holds 300 ml."),
    "bag": ("Bag", 2400, "Made of cotton."),
    "ink": ("Ink", 620, "Black ink, 30 ml."),
    "pad": ("Writing pad", 480, "80 sheets."),
    "jar": ("Jar", 1100, "Glass, with a lid."),
}

Operation = Callable[[State, Asked], Answer]
_TABLE: dict[str, Operation] = {}


def answer(state: State, asked: Asked) -> Answer:
    """Return the answer of version 1. A request without a valid token gets 401."""
    if asked.operation not in _TABLE:
        return _not_found("endpoint")
    token = asked.headers.get("authorization", "").removeprefix("Bearer ")
    if asked.operation != "POST /login" and token not in state.tokens:
        return Answer(401, {"error": "unauthorized", "message": "Log in first."})
    return _TABLE[asked.operation](state, asked)


def _operation(name: str) -> Callable[[Operation], Operation]:
    def add(function: Operation) -> Operation:
        _TABLE[name] = function
        return function

    return add


def _not_found(what: str) -> Answer:
    return Answer(404, {"error": "not_found", "message": f"There is no such {what}."})


def _sent(asked: Asked) -> Row:
    return dict(asked.value) if isinstance(asked.value, dict) else {}


def _read(kind: str) -> Operation:
    def read(state: State, asked: Asked) -> Answer:
        row = state.of(kind).get(asked.ids[0])
        return Answer(200, row) if row else _not_found(kind)

    return read


def _constant(value: Json) -> Operation:
    return lambda _state, _asked: Answer(200, value)


# --- accounts -----------------------------------------------------------------------------------


@_operation("POST /login")
def _log_in(state: State, asked: Asked) -> Answer:
    if _sent(asked).get("password") != PASSWORD:
        return Answer(401, {"error": "unauthorized", "message": "Wrong password."})
    token = secrets.token_urlsafe(24)
    state.tokens.add(token)
    value: Json = {
        "access_token": token,
        "refresh_token": secrets.token_hex(20),
        "token_type": "bearer",
        "expires_in": 3600 - state.random.randint(0, 40),
        "session_id": str(uuid.uuid4()),
    }
    cookie = f"session={secrets.token_hex(16)}; Path=/; HttpOnly"
    return Answer(200, value, {"Set-Cookie": cookie})


@_operation("GET /me")
def _me(state: State, _: Asked) -> Answer:
    value: Json = {
        "email": "tester@moving.example",
        "role": "admin",
        "legacy_role": "superuser",
        "requests": state.requests,
        "last_seen_at": state.now(),
    }
    return Answer(200, value)


@_operation("POST /organisations")
def _make_organisation(state: State, asked: Asked) -> Answer:
    name = str(_sent(asked).get("name"))
    row: Row = {
        "id": str(uuid.uuid4()),
        "name": name,
        "slug": name.lower().replace(" ", "-"),
        "owner": "tester@moving.example",
        "created_at": state.now(),
    }
    state.add("organisations", row)
    return Answer(201, row, {"Location": f"/organisations/{row['id']}"})


_operation("GET /organisations/{id}")(_read("organisations"))


@_operation("POST /organisations/{id}/addresses")
def _make_address(state: State, asked: Asked) -> Answer:
    sent = {name: value for name, value in _sent(asked).items() if name != "id"}
    row: Row = {"id": state.number(), "organisation_id": asked.ids[0], **sent}
    return Answer(201, state.add("addresses", row))


@_operation("GET /organisations/{id}/addresses")
def _addresses(state: State, asked: Asked) -> Answer:
    rows = state.of("addresses").values()
    return Answer(200, [row for row in rows if row["organisation_id"] == asked.ids[0]])


# --- customers ----------------------------------------------------------------------------------


def _etag(state: State) -> str:
    return f'W/"{state.random.randint(1, 9)}-{secrets.token_hex(6)}"'


@_operation("POST /customers")
def _make_customer(state: State, asked: Asked) -> Answer:
    sent = _sent(asked)
    if "@" not in str(sent.get("email")):
        value: Json = {"error": "invalid", "message": "email is invalid", "field": "email"}
        return Answer(422, value)
    row: Row = {
        "id": state.opaque("cus"),
        "name": sent.get("name"),
        "email": sent["email"],
        "phone": sent.get("phone", "+44 20 7946 0000"),
        "organisation_id": sent.get("organisation_id"),
        "tags": state.shuffled(["new", "trial", "web", "eu"]),
        "created_at": state.now(),
    }
    state.add("customers", row)
    state.of("etags")[str(row["id"])] = {"etag": _etag(state)}
    headers = {"Location": f"/customers/{row['id']}", "ETag": _etag_of(state, str(row["id"]))}
    return Answer(201, row, headers)


def _etag_of(state: State, identity: str) -> str:
    return str(state.of("etags").setdefault(identity, {"etag": _etag(state)})["etag"])


@_operation("GET /customers/{id}")
def _customer(state: State, asked: Asked) -> Answer:
    row = state.of("customers").get(asked.ids[0])
    if row is None:
        return _not_found("customer")
    headers = {"ETag": _etag_of(state, asked.ids[0])}
    if asked.headers.get("if-none-match") == headers["ETag"]:
        return Answer(304, None, headers)
    tags = [str(tag) for tag in row["tags"]] if isinstance(row["tags"], list) else []
    return Answer(200, {**row, "tags": state.shuffled(tags)}, headers)


@_operation("PATCH /customers/{id}")
def _change_customer(state: State, asked: Asked) -> Answer:
    row = state.of("customers").get(asked.ids[0])
    if row is None:
        return _not_found("customer")
    if asked.headers.get("if-match") != _etag_of(state, asked.ids[0]):
        return Answer(412, {"error": "changed", "message": "Read the customer again."})
    row.update(_sent(asked))
    state.of("etags")[asked.ids[0]] = {"etag": _etag(state)}
    return Answer(200, row, {"ETag": _etag_of(state, asked.ids[0])})


@_operation("DELETE /customers/{id}")
def _delete_customer(state: State, asked: Asked) -> Answer:
    found = state.of("customers").pop(asked.ids[0], None)
    return Answer(204) if found else _not_found("customer")


@_operation("GET /customers")
def _customers(state: State, asked: Asked) -> Answer:
    """Return the newest customers first, those of other clients too."""
    rows = [*reversed(state.of("customers").values())]
    limit = int(asked.query.get("limit", "5"))
    start = 0
    if cursor := asked.query.get("cursor"):
        after = base64.urlsafe_b64decode(cursor).decode().split(":")[1]
        start = 1 + [row["id"] for row in rows].index(after)
    page = rows[start : start + limit]
    is_last = start + limit >= len(rows)
    cursor_text = f"{secrets.token_hex(4)}:{page[-1]['id']}" if page else ""
    cursor = None if is_last else base64.urlsafe_b64encode(cursor_text.encode()).decode()
    return Answer(200, {"items": [*page], "next_cursor": cursor, "total": len(rows)})


# --- orders -------------------------------------------------------------------------------------


@_operation("POST /orders")
def _make_order(state: State, asked: Asked) -> Answer:
    sent = _sent(asked)
    lines = sent.get("lines")
    rows = [line for line in lines if isinstance(line, dict)] if isinstance(lines, list) else []
    total = sum(_PRODUCTS[str(row["sku"])][1] * int(str(row["qty"])) for row in rows)
    row: Row = {
        "id": state.number(),
        "customer_id": sent.get("customer_id"),
        "status": "pending",
        "total": total,
        "currency": "EUR",
        "lines": [*rows],
        "reference": sent.get("reference"),
        "docs": _DOCS,
        "created_at": state.now(),
    }
    state.add("orders", row)
    return Answer(201, row, {"Location": f"/orders/{row['id']}"})


@_operation("GET /orders")
def _orders(state: State, asked: Asked) -> Answer:
    wanted = asked.query.get("customer_id")
    rows = [row for row in state.of("orders").values() if row["customer_id"] == wanted]
    return Answer(200, {"items": [*rows], "docs": _DOCS})


_operation("GET /orders/{id}")(_read("orders"))


@_operation("POST /orders/{id}/cancel")
def _cancel(state: State, asked: Asked) -> Answer:
    row = state.of("orders").get(asked.ids[0])
    if row is None:
        return _not_found("order")
    row["status"] = "cancelled"
    return Answer(200, {"id": row["id"], "status": "cancelled", "cancelled_at": state.now()})


@_operation("POST /orders/{id}/notes")
def _make_note(state: State, asked: Asked) -> Answer:
    text = _sent(asked).get("text")
    row: Row = {"id": state.number(), "order_id": int(asked.ids[0]), "text": text}
    return Answer(201, state.add("notes", row))


@_operation("GET /orders/{id}/notes")
def _notes(state: State, asked: Asked) -> Answer:
    rows = state.of("notes").values()
    return Answer(200, [row for row in rows if str(row["order_id"]) == asked.ids[0]])


@_operation("POST /orders/{id}/shipments")
def _make_shipment(state: State, asked: Asked) -> Answer:
    row: Row = {
        "id": state.number(),
        "order_id": int(asked.ids[0]),
        "parcel": {"weight": 1200, "code": state.coupon()},
        "carrier": "Post",
    }
    return Answer(201, state.add("shipments", row))


_operation("GET /shipments/{id}")(_read("shipments"))


@_operation("POST /invoices")
def _make_invoice(state: State, asked: Asked) -> Answer:
    identity = state.opaque("inv", 18)
    row: Row = {
        "id": identity,
        "number": f"R-{state.number()}",
        "order_id": _sent(asked).get("order_id"),
        "due_on": (datetime.now(UTC) + timedelta(days=14)).date().isoformat(),
        "pdf_url": _signed(f"{asked.base_url}/files/{identity}.pdf"),
    }
    return Answer(201, state.add("invoices", row))


def _signed(url: str) -> str:
    return f"{url}?expires={int(time.time()) + 900}&signature={secrets.token_hex(32)}"


@_operation("GET /invoices/{id}")
def _invoice(state: State, asked: Asked) -> Answer:
    row = state.of("invoices").get(asked.ids[0])
    if row is None:
        return _not_found("invoice")
    return Answer(200, {**row, "pdf_url": _signed(str(row["pdf_url"]).partition("?")[0])})


@_operation("GET /files/{name}")
def _file(_: State, asked: Asked) -> Answer:
    """Return a small binary file, with the id and some random bytes in it."""
    if not asked.query.get("signature"):
        return Answer(403, {"error": "forbidden", "message": "The link is not signed."})
    content = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n" + asked.ids[0].encode() + secrets.token_bytes(40)
    return Answer(200, content, {"Content-Type": "application/pdf"})


# --- products -----------------------------------------------------------------------------------


@_operation("GET /products")
def _products(_: State, __: Asked) -> Answer:
    rows: list[Json] = [
        {"sku": sku, "name": row[0], "price": row[1]} for sku, row in _PRODUCTS.items()
    ]
    return Answer(200, {"items": rows}, {"X-Total-Count": str(len(rows))})


@_operation("GET /products/{sku}")
def _product(state: State, asked: Asked) -> Answer:
    sku = asked.ids[0]
    if sku not in _PRODUCTS:
        return _not_found("product")
    name, price, description = _PRODUCTS[sku]
    others = sorted({*_PRODUCTS} - {sku})
    value: Json = {
        "sku": sku,
        "name": name,
        "price": price,
        "description": description,
        "colours": state.shuffled(["red", "green", "blue"]),
        "related": [*state.random.sample(others, 3)],
    }
    return Answer(200, value)


@_operation("GET /products/{sku}/price")
def _price(_: State, asked: Asked) -> Answer:
    if asked.ids[0] not in _PRODUCTS:
        return _not_found("product")
    value: Json = {"sku": asked.ids[0], "amount": _PRODUCTS[asked.ids[0]][1] + 5, "currency": "EUR"}
    return Answer(200, value)


# --- exports, coupons, quotes -------------------------------------------------------------------


@_operation("POST /exports")
def _make_export(state: State, asked: Asked) -> Answer:
    """Begin an export, which is done after one to four polls."""
    identity = str(uuid.uuid4())
    row: Row = {"id": identity, "format": _sent(asked).get("format"), "polls": 0}
    state.add("exports", row)
    state.of("polls")[identity] = {"left": state.random.randint(0, 3)}
    return Answer(202, {"id": identity, "status": "queued", "href": f"/exports/{identity}"})


@_operation("GET /exports/{id}")
def _export(state: State, asked: Asked) -> Answer:
    row = state.of("exports").get(asked.ids[0])
    if row is None:
        return _not_found("export")
    polls = state.of("polls")[asked.ids[0]]
    left = int(str(polls["left"]))
    value: Row = {"id": row["id"], "format": row["format"]}
    if left:
        polls["left"] = left - 1
        progress = state.random.randint(5, 95)
        headers = {"Retry-After": str(state.random.randint(1, 4)), "X-Progress": str(progress)}
        return Answer(200, {**value, "status": "running", "progress": progress}, headers)
    result = _signed(f"{asked.base_url}/files/{asked.ids[0]}.zip")
    done = {**value, "status": "done", "progress": 100, "result": result}
    return Answer(200, done, {"X-Progress": "100"})


@_operation("POST /coupons")
def _make_coupon(state: State, asked: Asked) -> Answer:
    code = state.coupon()
    return Answer(201, state.add("coupons", {"id": code, "percent": _sent(asked).get("percent")}))


_operation("GET /coupons/{code}")(_read("coupons"))


@_operation("GET /quotes/{symbol}")
def _quote(state: State, asked: Asked) -> Answer:
    price = round(state.random.uniform(10, 99), 2)
    value: Json = {
        "symbol": asked.ids[0],
        "price": price,
        "volume": state.random.randint(1000, 90000),
        "mood": state.random.choice(["calm", "nervous", "bullish"]),
        "at": state.now(),
    }
    return Answer(200, value)


@_operation("POST /echo")
def _echo(_: State, asked: Asked) -> Answer:
    return Answer(200, {"echo": asked.value})


# --- others, and what hardly ever changes -------------------------------------------------------


@_operation("GET /activity")
def _activity(state: State, asked: Asked) -> Answer:
    rows = [*reversed(state.of("events").values())]
    return Answer(200, {"items": [*rows[: int(asked.query.get("limit", "5"))]]})


@_operation("GET /statistics")
def _statistics(state: State, _: Asked) -> Answer:
    value: Json = {
        "customers": len(state.of("customers")),
        "queue": state.random.randint(0, 40),
        "uptime": round(time.time() - state.began, 3),
        "host": f"node-{state.random.randint(1, 9)}",
    }
    return Answer(200, value)


@_operation("GET /reports/daily")
def _report(_: State, __: Asked) -> Answer:
    return Answer(200, b"sku,sold\npen,12\ncup,3\n", {"Content-Type": "text/csv"})


_operation("GET /legacy/customers")(_constant({"items": [], "legacy": True}))
_operation("GET /ping")(_constant({"status": "ok"}))
_operation("GET /status")(_constant({"status": "ok"}))
_operation("GET /reviews")(_constant({"items": [{"stars": 5, "text": "Good."}]}))
_operation("GET /limits")(_constant({"requests": 5000, "window": 60, "burst": 20}))
_operation("GET /")(_constant({"name": "Moving API", "endpoints": ["/plans", "/limits"]}))
_operation("GET /settings")(
    _constant({"currencies": ["EUR", "GBP"], "beta": True, "theme": {"dark": False}})
)
_operation("GET /plans")(
    _constant({"items": [{"code": "free", "seats": 1}, {"code": "team", "seats": 20}]})
)
