"""Errors as application/problem+json (RFC 9457)."""

from collections.abc import Mapping
from http import HTTPStatus

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException


class ProblemResponse(JSONResponse):
    media_type = "application/problem+json"


def install(app: FastAPI) -> None:
    app.exception_handler(HTTPException)(_http_problem)
    app.exception_handler(RequestValidationError)(_validation_problem)


def _http_problem(request: Request, error: HTTPException) -> ProblemResponse:
    return _problem(request, error.status_code, error.detail, headers=error.headers)


def _validation_problem(request: Request, error: RequestValidationError) -> ProblemResponse:
    errors = [
        {"field": ".".join(str(part) for part in entry["loc"][1:]), "message": entry["msg"]}
        for entry in error.errors()
    ]
    return _problem(request, 422, "The request is not valid.", errors=errors)


def _problem(
    request: Request,
    status: int,
    detail: str,
    headers: Mapping[str, str] | None = None,
    **members: object,
) -> ProblemResponse:
    body = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "instance": request.url.path,
        **members,
    }
    return ProblemResponse(body, status_code=status, headers=headers)
