"""Redirects of every kind, all with relative locations."""

from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query
from fastapi.responses import RedirectResponse

from examples.staging_api.server.declared import empty

router = APIRouter(prefix="/redirects", tags=["redirects"])

RedirectStatus = Literal["301", "302", "303", "307", "308"]


_EVERY_KIND = empty(301, 302, 303, 307, 308)


@router.post("/{status}", response_class=RedirectResponse, responses=_EVERY_KIND)
@router.get("/{status}", response_class=RedirectResponse, responses=_EVERY_KIND)
def redirect(
    status: RedirectStatus, to: Annotated[str, Query(pattern="^/")] = "/echo"
) -> RedirectResponse:
    return RedirectResponse(to, int(status))


@router.get("/chain/{hops}", status_code=302, response_class=RedirectResponse)
def chain(hops: Annotated[int, Path(ge=1)]) -> RedirectResponse:
    target = f"/redirects/chain/{hops - 1}" if hops > 1 else "/echo"
    return RedirectResponse(target, 302)
