"""Compare the server's clock with the client's."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Header, HTTPException
from pydantic import AwareDatetime, BaseModel

router = APIRouter(tags=["clocks"])

SECONDS_TOLERATED = 60


class Comparison(BaseModel):
    now: datetime
    # Seconds between sending and arrival of the request, by the two clocks.
    age: float


@router.get("/clock")
def compare(x_request_time: Annotated[AwareDatetime, Header()]) -> Comparison:
    now = datetime.now(UTC)
    age = (now - x_request_time).total_seconds()
    if abs(age) > SECONDS_TOLERATED:
        raise HTTPException(400, "The clocks of client and server are too far apart.")
    return Comparison(now=now, age=age)
