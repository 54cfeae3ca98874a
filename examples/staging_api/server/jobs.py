"""Jobs that are finished at the third poll, whatever the time between the polls."""

import secrets
import sqlite3
from typing import Literal

from fastapi import APIRouter, Depends, HTTPException, Response
from pydantic import BaseModel

from examples.staging_api.server.auth import current_user
from examples.staging_api.server.database import transaction

router = APIRouter(prefix="/jobs", tags=["jobs"], dependencies=[Depends(current_user)])

POLLS_UNTIL_DONE = 3


class NewJob(BaseModel):
    task: str


class Job(BaseModel):
    id: str
    task: str
    status: Literal["pending", "done"]
    result: str | None


@router.post("", status_code=202)
def start(new: NewJob, response: Response) -> Job:
    with transaction() as sql:
        row = sql.execute(
            "INSERT INTO jobs (id, task) VALUES (?, ?) RETURNING *",
            (secrets.token_hex(8), new.task),
        ).fetchone()
    response.headers["Location"] = f"/jobs/{row['id']}"
    return _job(row, response)


@router.get("/{job_id}")
def poll(job_id: str, response: Response) -> Job:
    with transaction() as sql:
        row = sql.execute(
            "UPDATE jobs SET polls = polls + 1 WHERE id = ? RETURNING *", (job_id,)
        ).fetchone()
    if row is None:
        raise HTTPException(404, f"There is no job {job_id}.")
    return _job(row, response)


@router.delete("/{job_id}", status_code=204)
def delete(job_id: str) -> None:
    with transaction() as sql:
        deleted = sql.execute("DELETE FROM jobs WHERE id = ?", (job_id,)).rowcount
    if not deleted:
        raise HTTPException(404, f"There is no job {job_id}.")


def _job(row: sqlite3.Row, response: Response) -> Job:
    if row["polls"] >= POLLS_UNTIL_DONE:
        return Job(id=row["id"], task=row["task"], status="done", result=f"{row['task']} is ready")
    response.headers["Retry-After"] = "0"
    return Job(id=row["id"], task=row["task"], status="pending", result=None)
