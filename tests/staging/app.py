"""The application: every router, and one way to report what went wrong."""

import os

from fastapi import FastAPI

from tests.staging import (
    auth,
    catalogues,
    content,
    files,
    jobs,
    orders,
    problems,
    redirects,
    sessions,
    streams,
    traffic,
    users,
)
from tests.staging.accounts import ADMIN_EMAIL, DEFAULT_ADMIN_PASSWORD, NewUser, insert_user
from tests.staging.database import transaction

PARTS = (
    auth,
    users,
    orders,
    catalogues,
    files,
    jobs,
    sessions,
    traffic,
    redirects,
    content,
    streams,
)


def create_app() -> FastAPI:
    app = FastAPI(title="Staging API")
    problems.install(app)
    for part in PARTS:
        app.include_router(part.router)
    _seed_admin(os.environ.get("STAGING_ADMIN_PASSWORD") or DEFAULT_ADMIN_PASSWORD)
    return app


def _seed_admin(password: str) -> None:
    admin = NewUser(email=ADMIN_EMAIL, name="Admin", role="admin", password=password)
    with transaction() as sql:
        insert_user(sql, admin)
