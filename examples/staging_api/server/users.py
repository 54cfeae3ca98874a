"""Users: create, read, list, change with optimistic locking, delete."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Header, HTTPException, Query, Response

from examples.staging_api.server.accounts import (
    NewUser,
    Profile,
    ProfileChanges,
    Role,
    User,
    find_user,
    insert_user,
)
from examples.staging_api.server.auth import CurrentUser, admin
from examples.staging_api.server.database import transaction
from examples.staging_api.server.declared import empty
from examples.staging_api.server.paging import Page, PageQuery, Pager, Selection

router = APIRouter(prefix="/users", tags=["users"])

IfMatch = Annotated[str | None, Header()]
IfNoneMatch = Annotated[str | None, Header()]


class UserQuery(PageQuery):
    team: str | None = None
    role: Role | None = None
    name_contains: str | None = None
    sort: Literal["id", "-id", "name", "-name", "email", "-email"] = "id"


@router.post("", status_code=201)
def create(new: NewUser, asking: CurrentUser, response: Response) -> User:
    _forbid_promotion(asking, new.role)
    with transaction() as sql, _unique_email():
        user = find_user(sql, insert_user(sql, new))
    response.headers["Location"] = f"/users/{user.id}"
    response.headers["ETag"] = user.etag
    return user


@router.get("")
def list_users(
    query: Annotated[UserQuery, Query()], _: CurrentUser, pager: Annotated[Pager, Depends()]
) -> Page[User]:
    conditions = {
        "team = ?": query.team,
        "role = ?": query.role,
        "instr(lower(name), lower(?))": query.name_contains,
    }
    with transaction() as sql:
        return pager.page(
            sql, Selection("users", conditions, query.sort), query, User.model_validate
        )


@router.options("", status_code=204)
def options(response: Response) -> None:
    response.headers["Allow"] = "GET, POST, OPTIONS"


@router.head("/{user_id}", response_model=User, responses=empty(304))
@router.get("/{user_id}", response_model=User, responses=empty(304))
def read(
    user_id: int, _: CurrentUser, response: Response, if_none_match: IfNoneMatch = None
) -> User | Response:
    with transaction() as sql:
        user = find_user(sql, user_id)
    if if_none_match == user.etag:
        return Response(status_code=304, headers={"ETag": user.etag})
    response.headers["ETag"] = user.etag
    return user


@router.put("/{user_id}")
def replace(
    user_id: int,
    profile: Profile,
    asking: CurrentUser,
    response: Response,
    if_match: IfMatch = None,
) -> User:
    with transaction() as sql:
        user = _unchanged(sql, user_id, if_match)
        user = _update(sql, user, profile, asking)
    response.headers["ETag"] = user.etag
    return user


@router.patch("/{user_id}")
def change(
    user_id: int,
    changes: ProfileChanges,
    asking: CurrentUser,
    response: Response,
    if_match: IfMatch = None,
) -> User:
    with transaction() as sql:
        user = _unchanged(sql, user_id, if_match)
        user = _update(sql, user, changes.applied_to(user), asking)
    response.headers["ETag"] = user.etag
    return user


@router.delete("/{user_id}", status_code=204, dependencies=[Depends(admin)])
def delete(user_id: int) -> None:
    with transaction() as sql:
        find_user(sql, user_id)
        sql.execute("DELETE FROM users WHERE id = ?", (user_id,))


def _unchanged(sql: sqlite3.Connection, user_id: int, if_match: str | None) -> User:
    user = find_user(sql, user_id)
    if if_match is not None and if_match != user.etag:
        raise HTTPException(412, "The user has been changed since you read it.")
    return user


def _update(sql: sqlite3.Connection, user: User, profile: Profile, asking: User) -> User:
    _forbid_promotion(asking, profile.role)
    with _unique_email():
        sql.execute(
            "UPDATE users SET email = ?, name = ?, role = ?, team = ?, version = version + 1"
            " WHERE id = ?",
            (profile.email, profile.name, profile.role, profile.team, user.id),
        )
    return find_user(sql, user.id)


def _forbid_promotion(asking: User, role: Role) -> None:
    if role == "admin" and asking.role != "admin":
        raise HTTPException(403, "Only an admin may make admins.")


@contextmanager
def _unique_email() -> Iterator[None]:
    try:
        yield
    except sqlite3.IntegrityError as error:
        raise HTTPException(409, "The e-mail address is taken.") from error
