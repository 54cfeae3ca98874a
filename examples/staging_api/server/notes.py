"""Notes with absolute links, which begin with the base URL that the client has used."""

import sqlite3
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Query, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from pydantic import BaseModel, ConfigDict, Field

from examples.staging_api.server.auth import current_user
from examples.staging_api.server.database import transaction
from examples.staging_api.server.paging import Row

router = APIRouter(prefix="/notes", tags=["notes"], dependencies=[Depends(current_user)])


class NewNote(BaseModel):
    model_config = ConfigDict(extra="forbid")

    topic: str = Field(min_length=1)
    text: str


class NoteLinks(BaseModel):
    self: str
    topic: str


class Note(NewNote):
    id: int
    created_at: datetime
    links: NoteLinks


class NoteQuery(BaseModel):
    model_config = ConfigDict(extra="forbid")

    topic: str
    after: int = 0
    size: int = Field(default=20, ge=1, le=100)


class NoteListLinks(BaseModel):
    self: str
    next: str | None


class NoteList(BaseModel):
    items: list[Note]
    links: NoteListLinks


@router.post("", status_code=201)
def write(new: NewNote, request: Request, response: Response) -> Note:
    with transaction() as sql:
        row = sql.execute(
            "INSERT INTO notes (topic, text) VALUES (?, ?) RETURNING *", (new.topic, new.text)
        ).fetchone()
    note = _note(dict(row), request)
    response.headers["Location"] = note.links.self
    return note


@router.get("", name="list_notes")
def list_topic(
    query: Annotated[NoteQuery, Query()], request: Request, response: Response
) -> NoteList:
    with transaction() as sql:
        rows = sql.execute(
            "SELECT * FROM notes WHERE topic = ? AND id > ? ORDER BY id LIMIT ?",
            (query.topic, query.after, query.size + 1),
        ).fetchall()
    items = [_note(dict(row), request) for row in rows[: query.size]]
    following = None
    if len(rows) > query.size:
        following = str(request.url.include_query_params(after=items[-1].id))
        response.headers["Link"] = f'<{following}>; rel="next"'
    return NoteList(items=items, links=NoteListLinks(self=str(request.url), next=following))


@router.get("/latest", status_code=303, response_class=RedirectResponse)
def latest(topic: str, request: Request) -> RedirectResponse:
    with transaction() as sql:
        row = sql.execute(
            "SELECT max(id) AS id FROM notes WHERE topic = ? HAVING id", (topic,)
        ).fetchone()
    if row is None:
        raise HTTPException(404, f"There is no note on {topic}.")
    return RedirectResponse(request.url_for("read_note", note_id=row["id"]), 303)


@router.get("/{note_id}", name="read_note")
def read(note_id: int, request: Request) -> Note:
    with transaction() as sql:
        return _note(_find(sql, note_id), request)


@router.get("/{note_id}/page", response_class=HTMLResponse)
def page(note_id: int, request: Request) -> HTMLResponse:
    with transaction() as sql:
        note = _note(_find(sql, note_id), request)
    return HTMLResponse(f'<p>{note.text}</p>\n<a href="{note.links.self}">as JSON</a>\n')


@router.delete("/{note_id}", status_code=204)
def delete(note_id: int) -> None:
    with transaction() as sql:
        _find(sql, note_id)
        sql.execute("DELETE FROM notes WHERE id = ?", (note_id,))


def _find(sql: sqlite3.Connection, note_id: int) -> Row:
    row = sql.execute("SELECT * FROM notes WHERE id = ?", (note_id,)).fetchone()
    if row is None:
        raise HTTPException(404, f"There is no note {note_id}.")
    return dict(row)


def _note(row: Row, request: Request) -> Note:
    links = NoteLinks(
        self=str(request.url_for("read_note", note_id=row["id"])),
        topic=str(request.url_for("list_notes").include_query_params(topic=row["topic"])),
    )
    return Note.model_validate({**row, "links": links})
