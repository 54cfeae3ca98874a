"""Sources for test_faults.py: a client library, and faults in its calls, for a replay to detect."""

SDK = '''
"""A client of a shop; `variant` may change each call before it is sent."""

import httpx


class Shop:
    def __init__(self, base, password, variant):
        self.client = httpx.Client(base_url=base)
        self.password = password
        self.variant = variant
        self.headers = {"Accept": "application/json"}

    def send(self, name, method, path, **how):
        headers = self.headers | how.pop("headers", {})
        response = None
        for call in self.variant(name, {"method": method, "url": path, "headers": headers, **how}):
            response = self.client.request(**call)
        return response

    def log_in(self):
        form = {"grant_type": "password", "username": "ada", "password": self.password}
        response = self.send("log in", "POST", "/token", data={**form, "scope": "read write"})
        token = response.json()["access_token"] if response else "none"
        self.headers |= {"Authorization": f"Bearer {token}", "X-Request-Id": "r-1"}

    def find(self, **query):
        self.send("find", "GET", "/orders", params=query, headers={"Prefer": "count=exact"})

    def create(self, order):
        headers = {"Idempotency-Key": "key-1", "X-Api-Key": "shop-key-0123456789"}
        response = self.send("create", "POST", "/orders", json=order, headers=headers)
        return response.json() if response else {"id": 7}

    def get(self, order):
        response = self.send("get", "GET", f"/orders/{order['id']}")
        etag = response.headers.get("etag") if response else None
        return {**order, "etag": etag or order.get("etag", '"v0"')}

    def update(self, order, **changes):
        headers = {"If-Match": order.get("etag", '"v0"')}
        self.send("update", "PUT", f"/orders/{order['id']}", json=changes, headers=headers)

    def attach(self, order):
        form = {
            "data": {"kind": "invoice", "pages": "2"},
            "files": {"file": ("invoice.pdf", b"%PDF-1.7 paid", "application/pdf")},
        }
        self.send("attach", "POST", f"/orders/{order['id']}/files", **form)

    def download(self):
        self.send("download", "GET", "/files/3", headers={"Range": "bytes=0-99"})

    def delete(self, order):
        self.send("delete", "DELETE", f"/orders/{order['id']}")
'''

VARIANTS = '''
"""Each variant is the name of a call (* for all), and the change to it."""

import copy
import json
from urllib.parse import urlencode


def _at(call, path):
    *way, last = path
    for step in way:
        call = call[step]
    return call, last


def put(value, *path):
    def change(call):
        call = copy.deepcopy(call)
        place, last = _at(call, path)
        place[last] = value(place[last]) if callable(value) else value
        return [call]

    return change


def drop(*path):
    def change(call):
        call = copy.deepcopy(call)
        place, last = _at(call, path)
        del place[last]
        return [call]

    return change


def rename(new, *path):
    def change(call):
        call = copy.deepcopy(call)
        place, last = _at(call, path)
        place[new] = place.pop(last)
        return [call]

    return change


def left_out(call):
    return []


def twice(call):
    return [call, call]


def header(name, value):
    return put(value, "headers", name)


def without(name):
    return drop("headers", name)


def written(write, media="application/json"):
    """The JSON body, written in another way."""

    def change(call):
        call = copy.deepcopy(call)
        call["content"] = write(call.pop("json"))
        if media:
            call["headers"]["Content-Type"] = media
        return [call]

    return change


def as_form(call):
    call = dict(call)
    return [{**call, "data": {"order": json.dumps(call.pop("json"))}}]


def plain_json(value):
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def backwards(value):
    if isinstance(value, dict):
        return {key: backwards(value[key]) for key in reversed(value)}
    return [backwards(each) for each in value] if isinstance(value, list) else value


def in_url(call):
    """The query in other order and spelling, as part of the URL."""
    call = dict(call)
    pairs = [(k, v) for k, v in reversed(call.pop("params").items())]
    query = urlencode(pairs, doseq=True).replace("open", "%6fpen")
    return [{**call, "url": f"{call['url']}?{query}"}]


def with_boundary(call):
    media = "multipart/form-data; boundary=another-boundary"
    return header("Content-Type", media)(call)


def upper_case(call):
    return [{**call, "headers": {name.upper(): v for name, v in call["headers"].items()}}]


FILE = ("files", "file")
ONE_LINE = [{"sku": "B-1", "quantity": 2}]
FAULTS = {
    "field dropped": ("create", drop("json", "currency")),
    "nested field dropped": ("create", drop("json", "customer", "vip")),
    "null field dropped": ("create", drop("json", "note")),
    "field changed": ("create", put("USD", "json", "currency")),
    "case changed": ("create", put("eur", "json", "currency")),
    "nested field changed": ("create", put(13, "json", "customer", "id")),
    "field in list changed": ("create", put(3, "json", "lines", 0, "quantity")),
    "space added": ("create", put("B-1 ", "json", "lines", 0, "sku")),
    "letter changed": ("create", put("Lodz", "json", "customer", "city")),
    "letter decomposed": ("create", put("Łódz\\u0301", "json", "customer", "city")),
    "field added": ("create", put(True, "json", "gift")),
    "nested field added": ("create", put(0, "json", "lines", 1, "discount")),
    "field renamed": ("create", rename("currencyCode", "json", "currency")),
    "number as text": ("create", put("12", "json", "customer", "id")),
    "number as float": ("create", put(12.0, "json", "customer", "id")),
    "bool as number": ("create", put(1, "json", "customer", "vip")),
    "null as text": ("create", put("", "json", "note")),
    "object as list": ("create", put([12], "json", "customer")),
    "list reversed": ("create", put(lambda lines: lines[::-1], "json", "lines")),
    "element dropped": ("create", put(lambda lines: lines[:1], "json", "lines")),
    "element doubled": ("create", put(lambda lines: lines * 2, "json", "lines")),
    "list emptied": ("create", put([], "json", "lines")),
    "json as form": ("create", as_form),
    "body dropped": ("create", drop("json")),
    "float rounded": ("update", put(20, "json", "total")),
    "update emptied": ("update", put({}, "json")),
    "PUT as PATCH": ("update", put("PATCH", "method")),
    "PUT as POST": ("update", put("POST", "method")),
    "GET as HEAD": ("get", put("HEAD", "method")),
    "DELETE as POST": ("delete", put("POST", "method")),
    "verb in a header": ("delete", header("X-HTTP-Method-Override", "PATCH")),
    "other id": ("get", put("/orders/8", "url")),
    "other version": ("get", put("/v2/orders/7", "url")),
    "slash added": ("get", put("/orders/7/", "url")),
    "path in other case": ("find", put("/Orders", "url")),
    "host": ("find", put("http://other.example/orders", "url")),
    "query dropped": ("find", drop("params", "status")),
    "query changed": ("find", put(3, "params", "page")),
    "query emptied": ("find", put("", "params", "status")),
    "query added": ("find", put("lines", "params", "expand")),
    "query renamed": ("find", rename("state", "params", "status")),
    "one of a list dropped": ("find", put(["new"], "params", "tag")),
    "list in the query reversed": ("find", put(["paid", "new"], "params", "tag")),
    "all query dropped": ("find", drop("params")),
    "no Authorization": ("get", without("Authorization")),
    "other scheme": ("get", header("Authorization", "Basic YWRhOnNlY3JldC1wYXNz")),
    "no API key": ("create", without("X-Api-Key")),
    "no Accept": ("get", without("Accept")),
    "other Accept": ("get", header("Accept", "text/csv")),
    "no If-Match": ("update", without("If-Match")),
    "other If-Match": ("update", header("If-Match", "*")),
    "If-None-Match added": ("get", header("If-None-Match", '"v1"')),
    "no Idempotency-Key": ("create", without("Idempotency-Key")),
    "other Idempotency-Key": ("create", header("Idempotency-Key", "key-2")),
    "no Range": ("download", without("Range")),
    "other Range": ("download", header("Range", "bytes=0-9")),
    "no Prefer": ("find", without("Prefer")),
    "no Content-Type": ("create", written(plain_json, media=None)),
    "other Content-Type": ("create", written(plain_json, media="application/vnd.api+json")),
    "form field dropped": ("log in", drop("data", "grant_type")),
    "form field changed": ("log in", put("read", "data", "scope")),
    "form field added": ("log in", put("1", "data", "remember")),
    "other user": ("log in", put("eve", "data", "username")),
    "no password": ("log in", drop("data", "password")),
    "file changed": ("attach", put(("invoice.pdf", b"%PDF-1.7 due", "application/pdf"), *FILE)),
    "file renamed": ("attach", put(("bill.pdf", b"%PDF-1.7 paid", "application/pdf"), *FILE)),
    "file of other type": ("attach", put(("invoice.pdf", b"%PDF-1.7 paid", "text/plain"), *FILE)),
    "file dropped": ("attach", drop("files")),
    "part changed": ("attach", put("3", "data", "pages")),
    "part dropped": ("attach", drop("data", "kind")),
    "find left out": ("find", left_out),
    "get left out": ("get", left_out),
    "update left out": ("update", left_out),
    "attach left out": ("attach", left_out),
    "delete left out": ("delete", left_out),
    "log in twice": ("log in", twice),
    "find twice": ("find", twice),
    "create twice": ("create", twice),
    "update twice": ("update", twice),
    "delete twice": ("delete", twice),
}
FLOWS = {
    "update before get": "log_in find create update get attach download delete".split(),
    "find before log in": "find log_in create get update attach download delete".split(),
    "delete before attach": "log_in find create get update delete attach download".split(),
}
HARMLESS = {
    "keys in other order": ("create", put(backwards, "json")),
    "keys of a form in other order": ("log in", put(backwards, "data")),
    "query in other order": ("find", in_url),
    "json indented": ("create", written(lambda order: json.dumps(order, indent=4).encode())),
    "json in ascii": ("create", written(lambda order: json.dumps(order).encode())),
    "charset named": ("create", written(plain_json, "application/json; charset=utf-8")),
    "other User-Agent": ("*", header("User-Agent", "shop-sdk/9.9")),
    "other Accept-Encoding": ("*", header("Accept-Encoding", "br")),
    "other request id": ("*", header("X-Request-Id", "r-2")),
    "correlation id": ("*", header("X-Correlation-Id", "c-1")),
    "traceparent": ("*", header("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad-01")),
    "other connection": ("*", header("Connection", "close")),
    "boundary": ("attach", with_boundary),
    "header names in capitals": ("*", upper_case),
    "other token": ("get", header("Authorization", "Bearer another-token-42")),
    "other API key": ("create", header("X-Api-Key", "another-key-9876543210")),
    "other password": ("", None),
    "default port named": ("", None),
}
'''
