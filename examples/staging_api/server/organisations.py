"""Organisations and their members. Names and addresses are unique and can never be deleted."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, HTTPException, Query, Response
from pydantic import BaseModel, ConfigDict

from examples.staging_api.server.accounts import Email, Name
from examples.staging_api.server.auth import current_user
from examples.staging_api.server.database import transaction
from examples.staging_api.server.paging import Page, PageQuery, Pager, Selection

router = APIRouter(
    prefix="/organisations", tags=["organisations"], dependencies=[Depends(current_user)]
)


class NewOrganisation(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: Name


class Organisation(BaseModel):
    id: int
    name: str
    created_at: datetime


class NewMember(BaseModel):
    model_config = ConfigDict(extra="forbid")

    email: Email
    name: Name
    # The client's own identifier of the member.
    reference: str = ""


class Member(BaseModel):
    id: int
    organisation_id: int
    email: str
    name: str
    reference: str
    created_at: datetime


class MemberQuery(PageQuery):
    since: datetime | None = None
    reference: str | None = None
    sort: Literal["id", "-id", "name", "-name"] = "id"


@router.post("", status_code=201)
def create(new: NewOrganisation, response: Response) -> Organisation:
    with transaction() as sql, _unique(f"There is an organisation {new.name} already."):
        row = sql.execute(
            "INSERT INTO organisations (name) VALUES (?) RETURNING *", (new.name,)
        ).fetchone()
    response.headers["Location"] = f"/organisations/{row['id']}"
    return Organisation.model_validate(dict(row))


@router.get("/{organisation_id}")
def read(organisation_id: int) -> Organisation:
    with transaction() as sql:
        return _find(sql, organisation_id)


@router.post("/{organisation_id}/members", status_code=201)
def join(organisation_id: int, new: NewMember) -> Member:
    with transaction() as sql, _unique(f"{new.email} is a member already."):
        _find(sql, organisation_id)
        row = sql.execute(
            "INSERT INTO members (organisation_id, email, name, reference)"
            " VALUES (?, ?, ?, ?) RETURNING *",
            (organisation_id, new.email, new.name, new.reference),
        ).fetchone()
    return Member.model_validate(dict(row))


@router.get("/{organisation_id}/members")
def list_members(
    organisation_id: int, query: Annotated[MemberQuery, Query()], pager: Annotated[Pager, Depends()]
) -> Page[Member]:
    conditions = {
        "organisation_id = ?": organisation_id,
        "julianday(created_at) >= julianday(?)": query.since and query.since.isoformat(),
        "reference = ?": query.reference,
    }
    with transaction() as sql:
        _find(sql, organisation_id)
        selection = Selection("members", conditions, query.sort)
        return pager.page(sql, selection, query, Member.model_validate)


def _find(sql: sqlite3.Connection, organisation_id: int) -> Organisation:
    row = sql.execute("SELECT * FROM organisations WHERE id = ?", (organisation_id,)).fetchone()
    if row is None:
        raise HTTPException(404, f"There is no organisation {organisation_id}.")
    return Organisation.model_validate(dict(row))


@contextmanager
def _unique(otherwise: str) -> Iterator[None]:
    try:
        yield
    except sqlite3.IntegrityError as error:
        raise HTTPException(409, otherwise) from error
