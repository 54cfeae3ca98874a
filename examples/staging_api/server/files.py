"""Files: multipart upload, download of a file or a range, and digests of raw bodies."""

import hashlib
import re
import sqlite3
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Depends, Form, Header, HTTPException, Request, Response, UploadFile
from pydantic import BaseModel

from examples.staging_api.server.auth import current_user
from examples.staging_api.server.database import transaction
from examples.staging_api.server.declared import raw

router = APIRouter(tags=["files"], dependencies=[Depends(current_user)])


class StoredFile(BaseModel):
    id: int
    name: str
    content_type: str
    description: str
    size: int
    sha256: str


class Digest(BaseModel):
    size: int
    sha256: str


@router.post("/files", status_code=201)
def upload(
    file: UploadFile, response: Response, description: Annotated[str, Form()] = ""
) -> StoredFile:
    content_type = file.content_type or "application/octet-stream"
    values = (file.filename, content_type, description, file.file.read())
    with transaction() as sql:
        row = sql.execute(
            "INSERT INTO files (name, content_type, description, content)"
            " VALUES (?, ?, ?, ?) RETURNING *",
            values,
        ).fetchone()
    response.headers["Location"] = f"/files/{row['id']}"
    digest = hashlib.sha256(row["content"]).hexdigest()
    return StoredFile.model_validate({**row, "size": len(row["content"]), "sha256": digest})


_CONTENT = raw("*/*") | raw("*/*", status=206)


@router.head("/files/{file_id}", response_class=Response, responses=_CONTENT)
@router.get("/files/{file_id}", response_class=Response, responses=_CONTENT)
def download(
    file_id: int, requested: Annotated[str | None, Header(alias="Range")] = None
) -> Response:
    with transaction() as sql:
        row = _find(sql, file_id)
    headers = {
        "Accept-Ranges": "bytes",
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(row['name'])}",
    }
    whole: bytes = row["content"]
    if requested is None:
        return Response(whole, headers=headers, media_type=row["content_type"])
    part = _range(requested, len(whole))
    headers["Content-Range"] = f"bytes {part.start}-{part.stop - 1}/{len(whole)}"
    return Response(whole[part.start : part.stop], 206, headers, row["content_type"])


@router.delete("/files/{file_id}", status_code=204)
def delete(file_id: int) -> None:
    with transaction() as sql:
        _find(sql, file_id)
        sql.execute("DELETE FROM files WHERE id = ?", (file_id,))


@router.post("/digests")
async def digest(request: Request) -> Digest:
    """Read the raw body as a stream, without storing it."""
    sha256, size = hashlib.sha256(), 0
    async for chunk in request.stream():
        sha256.update(chunk)
        size += len(chunk)
    return Digest(size=size, sha256=sha256.hexdigest())


def _find(sql: sqlite3.Connection, file_id: int) -> sqlite3.Row:
    row: sqlite3.Row | None = sql.execute("SELECT * FROM files WHERE id = ?", (file_id,)).fetchone()
    if row is None:
        raise HTTPException(404, f"There is no file {file_id}.")
    return row


def _range(requested: str, size: int) -> range:
    match = re.fullmatch(r"bytes=(\d*)-(\d*)", requested)
    first, last = match.groups() if match else ("", "")
    if first:
        part = range(int(first), min(int(last) + 1, size) if last else size)
    else:
        part = range(max(0, size - int(last or 0)), size)
    if not part:
        raise HTTPException(
            416, "The range is not in the file.", {"Content-Range": f"bytes */{size}"}
        )
    return part
