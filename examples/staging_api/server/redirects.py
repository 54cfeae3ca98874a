"""Redirects of every kind, all with relative locations."""

from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query
from fastapi.responses import RedirectResponse

router = APIRouter(prefix="/redirects", tags=["redirects"])

RedirectStatus = Literal["301", "302", "303", "307", "308"]


@router.post("/{status}")
@router.get("/{status}")
def redirect(
    status: RedirectStatus, to: Annotated[str, Query(pattern="^/")] = "/echo"
) -> RedirectResponse:
    return RedirectResponse(to, int(status))


@router.get("/chain/{hops}")
def chain(hops: Annotated[int, Path(ge=1)]) -> RedirectResponse:
    target = f"/redirects/chain/{hops - 1}" if hops > 1 else "/echo"
    return RedirectResponse(target, 302)
