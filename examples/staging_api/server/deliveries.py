"""Uploads by other services: to a webhook with a secret path, or as a form with a secret token."""

import secrets
from typing import Annotated

from fastapi import APIRouter, Form, HTTPException, Request, UploadFile
from pydantic import BaseModel

from examples.staging_api.server.keys import shared_secret

router = APIRouter(tags=["deliveries"])


class Delivery(BaseModel):
    id: str
    size: int


@router.post("/hooks/{token}", status_code=202)
@router.post("/hooks/{token}/{event}", status_code=202)
async def call_hook(token: str, request: Request) -> Delivery:
    if not _matches(token, "STAGING_HOOK_TOKEN"):
        raise HTTPException(404, "There is no such hook.")
    return _delivery(await request.body())


@router.post("/imports", status_code=202)
def import_file(file: UploadFile, upload_token: Annotated[str, Form()]) -> Delivery:
    if not _matches(upload_token, "STAGING_UPLOAD_TOKEN"):
        raise HTTPException(401, "The upload token is not valid.")
    return _delivery(file.file.read())


def _matches(sent: str, name: str) -> bool:
    return secrets.compare_digest(sent.encode(), shared_secret(name).encode())


def _delivery(content: bytes) -> Delivery:
    return Delivery(id=secrets.token_hex(8), size=len(content))
