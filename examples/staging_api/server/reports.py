"""Daily reports, which require the API key: in a header, in the query, or in a cookie."""

import secrets
from datetime import UTC, date, datetime, time
from email.utils import format_datetime, parsedate_to_datetime
from typing import Annotated

from fastapi import APIRouter, Cookie, Depends, Header, HTTPException, Query, Response
from pydantic import BaseModel

from examples.staging_api.server.declared import empty
from examples.staging_api.server.keys import shared_secret


def require_key(
    in_header: Annotated[str | None, Header(alias="X-Api-Key")] = None,
    in_query: Annotated[str | None, Query(alias="api_key")] = None,
    in_cookie: Annotated[str | None, Cookie(alias="api_key")] = None,
) -> None:
    sent = in_header or in_query or in_cookie or ""
    if not secrets.compare_digest(sent.encode(), shared_secret("STAGING_API_KEY").encode()):
        raise HTTPException(401, "A valid API key is required.")


router = APIRouter(prefix="/reports", tags=["reports"], dependencies=[Depends(require_key)])


class Report(BaseModel):
    day: date
    title: str


@router.get("")
def read_latest() -> Report:
    return _report(datetime.now(UTC).date())


@router.get("/{year}/{month}/{day}", response_model=Report, responses=empty(304))
def read(
    year: int,
    month: int,
    day: int,
    response: Response,
    if_modified_since: Annotated[str | None, Header()] = None,
) -> Report | Response:
    wanted = _date(year, month, day)
    midnight = datetime.combine(wanted, time(), UTC)
    headers = {"Last-Modified": format_datetime(midnight, usegmt=True)}
    if if_modified_since and midnight <= parsedate_to_datetime(if_modified_since):
        return Response(status_code=304, headers=headers)
    response.headers.update(headers)
    return _report(wanted)


def _date(year: int, month: int, day: int) -> date:
    try:
        wanted = date(year, month, day)
    except ValueError as error:
        raise HTTPException(422, f"There is no such day: {error}.") from error
    if wanted > datetime.now(UTC).date():
        raise HTTPException(404, f"There is no report on {wanted} yet.")
    return wanted


def _report(day: date) -> Report:
    return Report(day=day, title=f"What happened on {day:%A}")
