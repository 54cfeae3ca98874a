"""Method and path templates: ids and names are masked, and what is static stays."""

from __future__ import annotations

import pytest

from pytest_reprise.drift.operations import Names, link_form
from pytest_reprise.exchange import Interaction, Request, Response

BASE = "https://api.test/v2"
PEN = Interaction(Request("GET", f"{BASE}/products/pen"), Response(200, body=b'{"sku": "pen"}'))


@pytest.mark.parametrize(
    ("path", "template"),
    [
        ("", "/v2"),
        ("/", "/v2/"),
        ("/users", "/v2/users"),
        ("/users/7", "/v2/users/{id}"),
        ("/users/me", "/v2/users/me"),
        ("/users/7/notes/a1?b=1", "/v2/users/{id}/notes/{id}"),
        ("/oauth2/token", "/v2/oauth2/token"),
        ("/users/sPKjjbEEvqZKJ", "/v2/users/{id}"),
        ("/users/cus_aKjjb", "/v2/users/{id}"),
        ("/getUserById", "/v2/getUserById"),
        ("/products/pen", "/v2/products/{id}"),
        ("/products/new", "/v2/products/new"),
        ("/orders/pen", "/v2/orders/pen"),
        ("//users", "/v2//users"),
    ],
)
def test_ids_and_names_are_masked(path: str, template: str) -> None:
    names = Names([{"", "cus_aKjjb", "orders", "users"}])
    names.learn(PEN)
    assert names.operation(Request("GET", BASE + path), BASE) == f"GET {template}"


def test_another_host_is_named() -> None:
    request = Request("POST", "https://files.test/upload/1")
    assert Names().operation(request, BASE) == "POST //files.test/upload/{id}"
    assert Names().operation(request) == "POST /upload/{id}"


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("/files/1.pdf?signature=a&expires=1", "/files/{id}?expires&signature"),
        ("https://a.test/b", "a.test/b?"),
        ("a b", ""),
        ("/a b", ""),
        ("", ""),
    ],
)
def test_links_are_the_same_if_they_lead_to_the_same_operation(text: str, form: str) -> None:
    assert link_form(text) == form
