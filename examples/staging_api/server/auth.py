"""Log in and out with bearer tokens, and find the user of a request."""

import secrets
import time
from typing import Annotated

from fastapi import APIRouter, Depends, Form, HTTPException
from fastapi.security import (
    HTTPAuthorizationCredentials,
    HTTPBasic,
    HTTPBasicCredentials,
    HTTPBearer,
)
from pydantic import BaseModel, Field

from examples.staging_api.server.accounts import User, password_matches
from examples.staging_api.server.database import transaction

router = APIRouter(tags=["auth"])
bearer = HTTPBearer(auto_error=False)
basic = HTTPBasic()


class Credentials(BaseModel):
    email: str
    password: str


class LoginRequest(Credentials):
    # With zero, the token has already expired when it arrives.
    expires_in: int = Field(default=3600, ge=0)


class Token(BaseModel):
    access_token: str
    token_type: str = "bearer"
    expires_in: int


def unauthorized(detail: str) -> HTTPException:
    return HTTPException(401, detail, headers={"WWW-Authenticate": "Bearer"})


def sent_token(
    authorization: Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)],
) -> str:
    if authorization is None:
        raise unauthorized("A bearer token is required.")
    return authorization.credentials


SentToken = Annotated[str, Depends(sent_token)]


def current_user(token: SentToken) -> User:
    with transaction() as sql:
        row = sql.execute(
            "SELECT * FROM tokens JOIN users ON users.id = user_id WHERE token = ?", (token,)
        ).fetchone()
    if row is None:
        raise unauthorized("The token is not valid.")
    if row["expires_at"] <= time.time():
        raise unauthorized("The token has expired.")
    return User.model_validate(dict(row))


CurrentUser = Annotated[User, Depends(current_user)]


def admin(user: CurrentUser) -> User:
    if user.role != "admin":
        raise HTTPException(403, "Only an admin may do this.")
    return user


def authenticate(credentials: Credentials) -> User:
    with transaction() as sql:
        row = sql.execute("SELECT * FROM users WHERE email = ?", (credentials.email,)).fetchone()
    if row is None or not password_matches(credentials.password, row["password_hash"]):
        raise unauthorized("The e-mail address or the password is wrong.")
    return User.model_validate(dict(row))


@router.post("/login/form")
def log_in_by_form(email: Annotated[str, Form()], password: Annotated[str, Form()]) -> Token:
    return log_in(LoginRequest(email=email, password=password))


@router.post("/login")
def log_in(login: LoginRequest) -> Token:
    user = authenticate(login)
    token = secrets.token_urlsafe(32)
    with transaction() as sql:
        sql.execute(
            "INSERT INTO tokens VALUES (?, ?, ?)",
            (token, user.id, time.time() + login.expires_in),
        )
    return Token(access_token=token, expires_in=login.expires_in)


@router.post("/logout", status_code=204)
def log_out(token: SentToken, _: CurrentUser) -> None:
    with transaction() as sql:
        sql.execute("DELETE FROM tokens WHERE token = ?", (token,))


@router.get("/me/basic")
def me_by_password(sent: Annotated[HTTPBasicCredentials, Depends(basic)]) -> User:
    return authenticate(Credentials(email=sent.username, password=sent.password))


@router.get("/me")
def me(user: CurrentUser) -> User:
    return user
