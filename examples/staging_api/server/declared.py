"""Answers for the OpenAPI document that FastAPI does not see in the code."""

from http import HTTPStatus
from typing import Any, TypeAlias

Answers: TypeAlias = dict[int | str, dict[str, Any]]

_PROBLEM = {
    "type": "object",
    "required": ["type", "title", "status", "detail", "instance"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "instance": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["field", "message"],
                "properties": {"field": {"type": "string"}, "message": {"type": "string"}},
            },
        },
    },
}


def problem(description: str) -> dict[str, Any]:
    content = {"application/problem+json": {"schema": _PROBLEM}}
    return {"description": description, "content": content}


def raw(*media: str, status: int = 200) -> Answers:
    """Bodies that are bytes or text, and no JSON."""
    content = {name: {"schema": {"type": "string", "format": "binary"}} for name in media}
    return {status: {"description": HTTPStatus(status).phrase, "content": content}}


def empty(*statuses: int) -> Answers:
    """Answers without a body, such as redirects."""
    return {status: {"description": HTTPStatus(status).phrase} for status in statuses}


ERRORS: Answers = {"4XX": problem("The request was refused.")}
