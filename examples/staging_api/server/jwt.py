"""Log in with JSON Web Tokens (RFC 7519), which contain their expiry time."""

import base64
import hashlib
import hmac
import json
import secrets
import time
from typing import Any

from fastapi import APIRouter
from pydantic import Field

from examples.staging_api.server.accounts import User, find_user
from examples.staging_api.server.auth import (
    Credentials,
    SentToken,
    Token,
    authenticate,
    unauthorized,
)
from examples.staging_api.server.database import transaction

router = APIRouter(tags=["jwt"])

LIFETIME = 300
ISSUER = "staging-api"

_HEADER = {"alg": "HS256", "typ": "JWT"}
_KEY = secrets.token_bytes(32)


class JwtRequest(Credentials):
    expires_in: int = Field(default=LIFETIME, ge=0)


@router.post("/login/jwt")
def log_in(login: JwtRequest) -> Token:
    user, now = authenticate(login), int(time.time())
    claims = {"sub": str(user.id), "iss": ISSUER, "iat": now, "exp": now + login.expires_in}
    return Token(access_token=_encoded(claims), expires_in=login.expires_in)


@router.get("/me/jwt")
def me(token: SentToken) -> User:
    claims = _verified(token)
    if claims["exp"] <= time.time():
        raise unauthorized("The token has expired.")
    with transaction() as sql:
        return find_user(sql, int(claims["sub"]))


def _encoded(claims: dict[str, Any]) -> str:
    signed = f"{_base64(json.dumps(_HEADER).encode())}.{_base64(json.dumps(claims).encode())}"
    return f"{signed}.{_signature(signed)}"


def _verified(token: str) -> dict[str, Any]:
    signed, _, signature = token.rpartition(".")
    if not hmac.compare_digest(signature.encode(), _signature(signed).encode()):
        raise unauthorized("The token is not valid.")
    claims: dict[str, Any] = json.loads(base64.urlsafe_b64decode(signed.partition(".")[2] + "=="))
    return claims


def _signature(signed: str) -> str:
    return _base64(hmac.digest(_KEY, signed.encode(), hashlib.sha256))


def _base64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")
