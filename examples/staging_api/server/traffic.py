"""Endpoints that limit the rate, fail or are slow. The client chooses a bucket or key for each."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, HTTPException, Query, Response

from examples.staging_api.server.database import transaction
from examples.staging_api.server.declared import problem

router = APIRouter(tags=["traffic"])


@router.head("/health")
@router.get("/health")
def health() -> dict[str, str]:
    return {"status": "ok"}


@router.get("/rate-limit")
def rate_limit(bucket: str, response: Response, limit: int = 3) -> dict[str, int]:
    calls = _count_call("rate-limit", bucket)
    if calls > limit:
        headers = {"Retry-After": "1", "RateLimit-Remaining": "0"}
        raise HTTPException(429, f"Only {limit} calls are allowed.", headers)
    response.headers["RateLimit-Remaining"] = str(limit - calls)
    return {"calls": calls, "limit": limit}


@router.delete("/rate-limit/{bucket}", status_code=204)
def reset_rate_limit(bucket: str) -> None:
    _forget_calls("rate-limit", bucket)


@router.get("/flaky", responses={503: problem("The first call with a key fails.")})
def flaky(key: str) -> dict[str, int]:
    """Fail only the first request with a key."""
    calls = _count_call("flaky", key)
    if calls == 1:
        raise HTTPException(503, "Try again.", {"Retry-After": "0"})
    return {"attempt": calls}


@router.delete("/flaky/{key}", status_code=204)
def reset_flaky(key: str) -> None:
    _forget_calls("flaky", key)


@router.get("/slow")
async def slow(seconds: Annotated[float, Query(ge=0, le=60)] = 5) -> dict[str, float]:
    await asyncio.sleep(seconds)
    return {"slept": seconds}


def _count_call(endpoint: str, name: str) -> int:
    with transaction() as sql:
        row = sql.execute(
            "INSERT INTO calls (endpoint, name) VALUES (?, ?)"
            " ON CONFLICT DO UPDATE SET count = count + 1 RETURNING count",
            (endpoint, name),
        ).fetchone()
    return int(row["count"])


def _forget_calls(endpoint: str, name: str) -> None:
    with transaction() as sql:
        sql.execute("DELETE FROM calls WHERE endpoint = ? AND name = ?", (endpoint, name))
