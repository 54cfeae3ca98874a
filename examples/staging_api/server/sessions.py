"""Sessions in an HttpOnly cookie, for clients without a bearer token."""

import secrets
from typing import Annotated

from fastapi import APIRouter, Cookie, HTTPException, Response

from examples.staging_api.server.accounts import User
from examples.staging_api.server.auth import Credentials, authenticate
from examples.staging_api.server.database import transaction

router = APIRouter(prefix="/session", tags=["sessions"])

COOKIE = "session_id"

SessionId = Annotated[str | None, Cookie(alias=COOKIE)]


@router.post("", status_code=201)
def start(credentials: Credentials, response: Response) -> User:
    user = authenticate(credentials)
    session_id = secrets.token_urlsafe(24)
    with transaction() as sql:
        sql.execute("INSERT INTO sessions VALUES (?, ?)", (session_id, user.id))
    response.set_cookie(COOKIE, session_id, httponly=True, samesite="lax")
    return user


@router.get("")
def read(session_id: SessionId = None) -> User:
    with transaction() as sql:
        row = sql.execute(
            "SELECT users.* FROM sessions JOIN users ON users.id = user_id WHERE sessions.id = ?",
            (session_id,),
        ).fetchone()
    if row is None:
        raise HTTPException(401, "There is no such session.")
    return User.model_validate(dict(row))


@router.delete("", status_code=204)
def end(response: Response, session_id: SessionId = None) -> None:
    with transaction() as sql:
        sql.execute("DELETE FROM sessions WHERE id = ?", (session_id,))
    response.delete_cookie(COOKIE, httponly=True, samesite="lax")
