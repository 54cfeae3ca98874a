"""Signed requests: the signature has to be valid and recent."""

import hashlib
import hmac
import secrets
import time
from typing import Annotated

from fastapi import APIRouter, Header, HTTPException, Request
from pydantic import BaseModel

from examples.staging_api.server.keys import shared_secret

router = APIRouter(tags=["seals"])

SECONDS_VALID = 60


class Receipt(BaseModel):
    id: str
    timestamp: int
    size: int


@router.post("/signed")
async def receive(
    request: Request,
    x_timestamp: Annotated[int | None, Header()] = None,
    x_signature: Annotated[str | None, Header()] = None,
    timestamp: int | None = None,
    signature: str | None = None,
) -> Receipt:
    """Check time and signature, which are in headers or in the query."""
    body = await request.body()
    sent_at, seal = x_timestamp or timestamp or 0, x_signature or signature or ""
    if not hmac.compare_digest(seal.encode(), _signature(sent_at, body).encode()):
        raise HTTPException(401, "The signature is wrong.")
    if abs(time.time() - sent_at) > SECONDS_VALID:
        raise HTTPException(401, "The signature is too old.")
    return Receipt(id=secrets.token_hex(8), timestamp=sent_at, size=len(body))


def _signature(timestamp: int, body: bytes) -> str:
    key = shared_secret("STAGING_SIGNING_KEY")
    return hmac.new(key.encode(), str(timestamp).encode() + body, hashlib.sha256).hexdigest()
