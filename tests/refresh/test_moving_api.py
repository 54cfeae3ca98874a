"""The API of the refresh campaign: nothing repeats, and version 2 has all listed changes."""

from __future__ import annotations

from typing import get_args

import pytest

from .moving_api.answers import OPERATIONS, Answer, Asked, Json
from .moving_api.applying import changed, refusal
from .moving_api.changes import CHANGES, Change, Kind, Severity, operations_of
from .moving_api.operations import PASSWORD, answer
from .moving_api.state import Row, State

PREPARED: dict[str, Json] = {
    "POST /organisations/{id}/addresses": {"street": "Main Street"},
    "POST /orders": {"lines": [{"sku": "pen", "qty": 1}]},
}


def _log_in(state: State) -> dict[str, str]:
    made = answer(state, Asked("POST /login", value={"password": PASSWORD}))
    assert isinstance(made.value, dict)
    return {"authorization": f"Bearer {made.value['access_token']}"}


def _with_rows() -> State:
    """Return a state with a row of each kind, with the id 7."""
    state = State()
    every: Row = {"id": "7", "phone": "1", "owner": "me", "total": 1, "docs": "v1", "pdf_url": "/x"}
    every |= {"customer_id": "c", "tags": ["new"], "due_on": "2027-03-31", "order_id": 7}
    every |= {"parcel": {"weight": 1}, "lines": [{"qty": 1}], "format": "csv"}
    for kind in ("customers", "organisations", "orders", "invoices", "shipments", "exports"):
        state.add(kind, dict(every))
    state.add("notes", dict(every))
    state.of("polls")["7"] = {"left": 0}
    return state


def _ask(operation: str, is_unknown: bool) -> tuple[Asked, Answer]:
    """Return a request and its answer by version 1; for an unknown id, or no e-mail if asked."""
    state = _with_rows()
    is_product = operation.partition("{")[2].partition("}")[0] in ("sku", "symbol")
    ids = ("pen",) if is_product else ("8",) if is_unknown else ("7",)
    value = PREPARED.get(operation, {} if is_unknown else {"email": "a@b.example"})
    query = {"customer_id": "c", "limit": "1"}
    asked = Asked(operation, ids, query, _log_in(state), value)
    return asked, answer(state, asked)


@pytest.mark.parametrize("change", CHANGES, ids=lambda c: f"{c.operations} {c.kind}")
def test_each_change_changes_the_answers_of_its_operations(change: Change) -> None:
    for operation in operations_of(change):
        assert operation in OPERATIONS
        asked, found = _ask(operation, is_unknown=change.status > 0)
        assert found.status == (change.status or found.status)
        refused = refusal([change], asked)
        after = refused or changed([change], operation, found)
        assert repr(after) != repr(found)
        assert changed([change], "GET /status", found) is found


def test_there_are_changes_of_all_kinds() -> None:
    assert len(CHANGES) >= 25
    assert {change.kind for change in CHANGES} == {*get_args(Kind)}
    assert {change.severity for change in CHANGES} == {*get_args(Severity)}


def test_ids_do_not_repeat_with_the_same_seed() -> None:
    one, other = State(seed=1), State(seed=1, first_id=10**9)
    for state in (one, other):
        for _ in range(20):
            state.let_others_write()
    assert not one.of("customers").keys() & other.of("customers").keys()
    assert not one.of("events").keys() & other.of("events").keys()
